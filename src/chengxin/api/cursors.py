"""Cursors: a place in a list, in a form that nobody is tempted to count up."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.db.models import QuerySet

from chengxin.api.errors import Problem

_BYTES = 8


def cursor(place: int) -> str:
    return base64.urlsafe_b64encode(place.to_bytes(_BYTES, "big")).rstrip(b"=").decode()


def place(text: str | None, *, last: int = 2**63 - 1) -> int | None:
    """The place of a cursor of ours, None for none. Raises `Problem` for anything else, and beyond `last`."""
    if text is None:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Problem("bad-cursor") from error
    found = int.from_bytes(raw, "big")
    if len(raw) != _BYTES or found > last or cursor(found) != text:
        raise Problem("bad-cursor")
    return found


def paged(rows: QuerySet[Any], limit: int, text: str | None) -> tuple[list[Any], str | None]:
    """A page of rows, the newest first, and the cursor of the page after it; None where there is none.

    `text` is the cursor that the client sent. Raises `Problem` for one that is none of ours.
    """
    if (before := place(text)) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    return found[:limit], cursor(found[limit - 1].pk) if len(found) > limit else None
