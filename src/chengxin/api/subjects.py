"""Subjects by API: the public search and the public profile (R-080, R-102, S-11)."""

from __future__ import annotations

from typing import Annotated, Any

from django.urls import reverse
from ninja import Path, Query, Router

from chengxin.api.cursors import cursor as cursor_of
from chengxin.api.cursors import place
from chengxin.api.door import Asked, operation, public
from chengxin.api.errors import Problem
from chengxin.api.public_shapes import HitPage, SubjectOut
from chengxin.api.shapes import Cursor, Limit
from chengxin.registry.profile import public_profile
from chengxin.registry.search import search

router = Router(tags=["subjects"])
DEEPEST = 1000
"""Every page costs all the pages before it; whoever needs more needs a better question."""


@operation(
    router, "GET", "/subjects", public("everybody may look organisations up; natural persons are never found"),
    response={200: HitPage, 304: None}, errors=(400, 422),
)  # fmt: skip
def search_subjects(
    request: Asked,
    q: Annotated[str, Query(min_length=2, max_length=100, description="A code, or two characters of a name or more.")],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Organisations and individual businesses by code, name, former name or abbreviation."""
    start = place(cursor, last=DEEPEST) or 0
    found = search(q, limit=limit + 1, offset=start)
    after = start + limit
    hits = [
        {
            "code": h.code,
            "name": h.current_name,
            "region": h.region,
            "status": h.status,
            "provisional": h.provisional,
            "url": reverse("api:get_subject", kwargs={"code": h.code}),
        }
        for h in found[:limit]
    ]
    return {"subjects": hits, "next": cursor_of(after) if len(found) > limit and after <= DEEPEST else None}


@operation(
    router, "GET", "/subjects/{code}", public("what everybody may see of an organisation; disclosure decides"),
    response={200: SubjectOut, 304: None}, errors=(404,),
)  # fmt: skip
def get_subject(
    request: Asked,
    code: Annotated[str, Path(description="Unified social credit code, or a former identifier of the subject.")],
) -> Any:
    """The public profile: identity, and every record that everybody may see. Natural persons have none."""
    profile = public_profile(code[:100])
    if profile is None:
        raise Problem("not-found")
    return profile
