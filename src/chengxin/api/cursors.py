"""Cursors: a place in a list, in a form that nobody is tempted to count up."""

from __future__ import annotations

import base64
import binascii

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
