"""What others follow: the public change feed (R-100)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from ninja import Query, Router

from chengxin.api.door import Asked, operation, public
from chengxin.api.public_shapes import ChangePage
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
