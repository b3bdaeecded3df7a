"""One way to write a thing down, so that everybody who hashes it gets the same bytes.

Canonical JSON: keys in order, no blanks, UTF-8, every character as itself; the shape of RFC 8785 for the texts, whole
numbers and truth values that events are made of. The single-file verifier (docs/verify_log.py) writes it alike.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chengxin.standards.merkle import Suite

SALT_BYTES = 32
_HALF = SALT_BYTES // 2
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical(value: Mapping[str, Any]) -> bytes:
    """The bytes of a JSON object. Raises `TypeError` or `ValueError` for what JSON has no word for."""
    return _encode(value).encode("utf-8", "surrogatepass")


def moment(at: datetime) -> str:
    """A moment in UTC to the microsecond, `2026-11-21T04:00:00.000000Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def commitment(suite: Suite, salt: bytes, open_part: bytes, closed_part: bytes) -> bytes:
    """32 bytes that bind to both parts and tell nothing of either: H(salt1 || open || H(salt2 || closed)).

    Whoever is given salt1, the open part and the inner hash can check the open part without learning the closed one.
    """
    return suite.digest(salt[:_HALF] + open_part + inner(suite, salt, closed_part))


def inner(suite: Suite, salt: bytes, closed_part: bytes) -> bytes:
    """The commitment to the closed part alone."""
    return suite.digest(salt[_HALF:] + closed_part)


def opening(salt: bytes) -> bytes:
    """The half of the salt that is given away with the open part."""
    return salt[:_HALF]
