"""Masking (脱敏) of personal data for display.

Masking is for eyes, not for security at rest: what is shown masked lies in the database as it was reported, protected by who
may read it (disclosure, looks) and by the operator's disk encryption; ``sealing`` protects the secrets of signing in and what
items about persons hold of them. What nobody may see is not stored in the register at all (``never`` of the catalogue).
Each function keeps just enough for the person concerned to recognise the own entry. Source: R-365, domain.md 2.6, design.md 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from chengxin.standards.text import clean_text

STAR: Final = "*"
HIDDEN_ADDRESS: Final = STAR * 4

_PLACE = "[^0-9０-９路街道巷弄号村镇乡栋幢室省市区县盟旗\\s]"
# Only as deep as county or district (县级). A residential, industrial or other "…区" is not one of those.
_ADMINISTRATIVE = re.compile(
    f"(?:{_PLACE}{{2,8}}(?:省|自治区))?"
    f"(?:{_PLACE}{{2,10}}(?:市|自治州|地区|盟))"
    f"(?:{_PLACE}{{1,10}}?(?:(?<![小社园发新景校厂库牧林矿])区|县|市|旗))?"
    f"|{_PLACE}{{2,8}}(?:省|自治区)"
)


def mask_name(text: str) -> str:
    """Keep the first character of a person's name, also of a compound surname (复姓): 欧阳娜娜 -> 欧***.

    A name of one character is hidden altogether.
    """
    return _keep(text, 1, 0, shortest=2)


def mask_id(text: str) -> str:
    """Keep the first three and the last two characters of an identity document's number: 320*************3X.

    Three digits name the province and part of the city, and none of the birth date. Numbers shorter than ten characters
    keep one at each end, shorter than five nothing.
    """
    return _keep(text, 3, 2, shortest=10) if len(text) >= 10 else _keep(text, 1, 1, shortest=5)


def mask_phone(text: str) -> str:
    """Keep the first three and the last four of a telephone number from eleven characters on: 138****5678.

    Shorter numbers keep the last two, shorter than seven nothing.
    """
    return _keep(text, 3, 4, shortest=11) if len(text) >= 11 else _keep(text, 0, 2, shortest=7)


def mask_account(text: str) -> str:
    """Keep the last four of a bank account number; the last two below twelve characters, nothing below six."""
    return _keep(text, 0, 4, shortest=12) if len(text) >= 12 else _keep(text, 0, 2, shortest=6)


def mask_address(text: str) -> str:
    """Keep an address down to the county or district, and hide the rest behind a fixed mark.

    江苏省南京市玄武区中山路1号 -> 江苏省南京市玄武区****. An address that does not begin with a province or a city is
    hidden altogether: one cannot tell where its harmless part ends.
    """
    if not text:
        return ""
    place = _ADMINISTRATIVE.match(text)
    return (place[0] if place else "") + HIDDEN_ADDRESS


MASKS: Final[dict[str, Callable[[str], str]]] = {
    "name": mask_name,
    "id": mask_id,
    "phone": mask_phone,
    "account": mask_account,
    "address": mask_address,
}


def mask(kind: str, text: str) -> str:
    """Mask a text by its kind (a key of ``MASKS``), blanks at the ends aside; empty text stays empty.

    Raises ``ValueError`` for an unknown kind: falling back to showing the text would be a leak.
    """
    if kind not in MASKS:
        raise ValueError(f"there is no mask for {kind!r}; expected one of {', '.join(MASKS)}")
    return MASKS[kind](clean_text(text) or "")


def _keep(text: str, first: int, last: int, *, shortest: int) -> str:
    if len(text) < shortest:
        return STAR * len(text)
    hidden = len(text) - first - last
    return text[:first] + STAR * hidden + text[len(text) - last :]
