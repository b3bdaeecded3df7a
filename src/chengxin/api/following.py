"""What others follow: the public change feed, and data quality for those who may see it (R-044, R-100)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router

from chengxin.accounts.models import Organisation
from chengxin.accounts.rules import allow, require
from chengxin.api.door import Asked, operation, public, signed_in
from chengxin.api.errors import Problem
from chengxin.api.public_shapes import ChangePage
from chengxin.api.shapes import MONTH, QualityOut
from chengxin.collection.quality import monthly
from chengxin.policy.policies import UnknownPolicy
from chengxin.registry.public_feed import public_changes

router = Router(tags=["following"])


@operation(
    router, "GET", "/changes", public("the public view of the change feed, so that copies can keep up"),
    response={200: ChangePage, 304: None}, errors=(422,),
)  # fmt: skip
def list_changes(
    request: Asked,
    after: Annotated[int, Query(0, ge=0, le=2**63 - 1, description="`next` of the answer before.")] = 0,
    limit: Annotated[
        int, Query(200, ge=1, le=1000, description="So many changes are looked at; not all are public.")
    ] = 200,
) -> Any:
    """What has changed in what the public sees: each record once, at its newest change, as it stands now.

    `hidden` says that a record is no longer public and its copies have to go. Ask again with `after` = `next`.
    """
    return asdict(public_changes(after, limit=limit))


@operation(router, "GET", "/quality", signed_in(), response={200: QualityOut}, errors=(403, 422))
def get_quality(
    request: Asked,
    month: Annotated[
        str | None, Query(None, pattern=MONTH, description="Such as 2026-11; without it, this month.")
    ] = None,
) -> Any:
    """Data quality of a month: of your source units, or of all for a data steward."""
    actor = request.auth.actor
    everybody = Organisation.objects.order_by("pk").values_list("pk", flat=True)
    sources = [pk for pk in everybody if allow(actor, "quality.see", pk)]
    if not sources:
        require(actor, "quality.see", "")
    try:
        return monthly(month or f"{timezone.localdate():%Y-%m}", sources=sources).as_dict()
    except UnknownPolicy as unknown:
        detail = {
            "field": "query.month",
            "code": "no_policy",
            "message": "这个月没有生效的数据质量目标。",
            "message_en": "No quality goals are in force in that month.",
        }
        raise Problem("invalid", count=1, details=[detail]) from unknown
