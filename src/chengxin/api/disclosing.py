"""What is not public, by API: look with a basis, authorise, revoke, and see who looked (R-092 to R-105, G-09, G-10)."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Path, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Authorisation, Matter
from chengxin.api.cursors import paged
from chengxin.api.door import Asked, operation, signed_in
from chengxin.api.errors import Problem, malformed
from chengxin.api.shapes import Cursor, Limit, Slug
from chengxin.cases.looking import looks_at
from chengxin.registry import authorising
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import Ask, Seen, look
from chengxin.registry.models import Subject
from chengxin.registry.queries import find_subject

router = Router(tags=["disclosure"])
Code = Annotated[str, StringConstraints(min_length=2, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")
]
AskedCode = Annotated[
    str, Query(min_length=2, max_length=64, pattern=r"^[^\x00]*$", description="Code of the subject.")
]
Number = Annotated[str, Path(max_length=20, description="Such as SQ20261121a1b2c3d4.")]


class LookIn(Schema):
    """A query of what is not public: who is asked about, for whom, on which basis, to which end."""

    model_config = ConfigDict(extra="forbid")
    code: Code
    audience: Literal["duty", "sharing", "authorised", "self"]
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")] = ""
    basis: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f]*$")] = Field(
        "", description="The id of a matter or agreement of the packs, or the number of an authorisation."
    )
    unit: Slug | None = Field(None, description="The organisation for which you ask.")
    items: list[Slug] = []


class SeenOut(Schema):
    """A record as this audience may see it; `masked` are the fields of which only a part is shown."""

    record: int
    item: str
    item_label: str
    standing: str
    source: str
    fields: dict[str, Any]
    masked: list[str]


class LookOut(Schema):
    code: str
    name: str
    records: list[SeenOut]


class AuthorisationIn(Schema):
    """A subject's leave (信息查询授权); `proof` is the signed paper or signature, base64, kept by its SM3 only."""

    model_config = ConfigDict(extra="forbid")
    subject: Code
    grantee: Slug
    purpose: Words
    since: date
    until: date
    items: list[Slug] = []
    fields: list[Slug] = []
    single: bool = False
    proof: Annotated[str, StringConstraints(min_length=4, max_length=4_000_000)]


class AuthorisationOut(Schema):
    number: str
    subject: str
    grantee: str
    purpose: str
    items: list[str]
    fields: list[str]
    since: date
    until: date
    single: bool
    proof: str
    given_by: str
    given_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class AuthorisationPage(Schema):
    authorisations: list[AuthorisationOut]
    next: str | None


class LookLine(Schema):
    """One look at what is not public, or one that was refused; the subject sees them all."""

    at: datetime
    actor: str
    for_whom: str
    audience: str
    basis: str
    purpose: str
    items: list[str]
    fields: list[str]
    records: int
    refused: str


class LookPage(Schema):
    looks: list[LookLine]
    next: str | None


_GIVEN = (
    "number", "subject", "purpose", "items", "fields", "since", "until", "single", "proof", "given_by", "given_at",
    "used_at", "revoked_at",
)  # fmt: skip
_LOOKED = ("at", "actor", "for_whom", "audience", "basis", "purpose", "items", "fields", "records", "refused")


@operation(router, "POST", "/looks", signed_in(), response={200: LookOut}, errors=(400, 403, 404, 413, 422))
def look_at(request: Asked, payload: LookIn) -> Any:
    """Query what is not public. Without a basis it is refused; the subject sees each look, refused ones too."""
    subject = _subject(payload.code)
    ask = Ask(Audience(payload.audience), payload.purpose, payload.basis, payload.unit or "", frozenset(payload.items))
    seen = look(request.auth.actor, subject, ask)
    return {"code": subject.code, "name": subject.name, "records": [_seen(one) for one in seen]}


@operation(router, "GET", "/looks", signed_in(), response={200: LookPage}, errors=(400, 403, 404, 422))
def list_looks(request: Asked, subject: AskedCode, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """Who looked at what is not public about a subject you speak for: the newest first."""
    code = _own(request.auth.actor, subject, Matter.LOOK)
    found, following = paged(looks_at(code), limit, cursor)
    return {"looks": [{n: getattr(row, n) for n in _LOOKED} for row in found], "next": following}


@operation(
    router, "POST", "/authorisations", signed_in(), response={201: AuthorisationOut}, errors=(400, 403, 404, 413, 422)
)  # fmt: skip
def grant_authorisation(request: Asked, payload: AuthorisationIn) -> Any:
    """Let somebody see what is not public about the subject you speak for, for a purpose and a term."""
    try:
        proof = base64.b64decode(payload.proof, validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed("proof 不是 Base64", "proof is not Base64") from error
    what = authorising.Grant(
        payload.grantee, payload.purpose, payload.since, payload.until, payload.items, payload.fields, payload.single,
        proof,
    )  # fmt: skip
    return Status(201, _out(authorising.grant(request.auth.actor, _subject(payload.subject), what)))


@operation(
    router, "GET", "/authorisations", signed_in(), response={200: AuthorisationPage}, errors=(400, 403, 404, 422)
)  # fmt: skip
def list_authorisations(request: Asked, subject: AskedCode, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """What a subject you speak for has allowed, to whom, until when, and what was taken back."""
    rows = Authorisation.objects.filter(subject=_own(request.auth.actor, subject))
    found, following = paged(rows, limit, cursor)
    return {"authorisations": [_out(row) for row in found], "next": following}


@operation(
    router, "POST", "/authorisations/{number}/revoke", signed_in(), response={200: AuthorisationOut},
    errors=(403, 404, 422),
)  # fmt: skip
def revoke_authorisation(request: Asked, number: Number) -> Any:
    """Take an authorisation back: from now on no query can rest on it."""
    found = Authorisation.objects.filter(number=number).first()
    if found is None or not authorising.speaks(request.auth.actor, found.subject):
        raise Problem("not-found")
    authorising.revoke(request.auth.actor, number)
    return _out(Authorisation.objects.get(number=number))


def _subject(code: str) -> Subject:
    found = find_subject(code)
    if found is None:
        raise Problem("not-found")
    return found


def _own(actor: Actor, code: str, matter: Matter = Matter.AUTHORISE) -> str:
    """The current code of a subject for which the actor speaks; for everybody else it does not exist."""
    found = find_subject(code)
    if found is None or not authorising.speaks(actor, found.code, matter):
        raise Problem("not-found")
    return found.code


def _seen(one: Seen) -> dict[str, Any]:
    head = one.view.head
    return {
        "record": head.pk, "item": one.item.id, "item_label": one.item.label, "standing": head.standing,
        "source": head.source, "fields": one.shown.fields, "masked": sorted(one.shown.masked),
    }  # fmt: skip


def _out(row: Authorisation) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in _GIVEN}, "grantee": row.grantee_id}
