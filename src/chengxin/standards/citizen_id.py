"""Citizen identity numbers (公民身份号码) by GB 11643, and the residence permits that share their form.

All functions expect a number as ``text.clean_code`` gives it. Numbers are personal data: no message quotes one.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from chengxin.standards.text import is_filler

CITIZEN_ID_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
CITIZEN_ID_CHECKS: Final = "10X98765432"
FIRST_BIRTH_YEAR: Final = 1900
ADULT_AGE: Final = 18
"""Full age in years (Civil Code, article 17)."""

_SHAPE: Final = re.compile("[0-9]{17}[0-9X]")
_OLD_SHAPE: Final = re.compile("[0-9]{15}")


def citizen_id_check_character(body17: str) -> str:
    """Compute position 18 from 17 digits by ISO 7064 MOD 11-2. Raises ``ValueError`` if they are not 17 digits."""
    if not re.fullmatch("[0-9]{17}", body17):
        raise ValueError("the body of a citizen identity number is 17 digits")
    total = sum(int(digit) * weight for digit, weight in zip(body17, CITIZEN_ID_WEIGHTS, strict=True))
    return CITIZEN_ID_CHECKS[total % 11]


def citizen_id_problem(code: str, today: date) -> str | None:
    """Say what is wrong with a number, or ``None``.

    'filler', 'length', 'alphabet', 'birth_date' (no such day, or outside 1900-2099), 'future' (born after ``today``) or
    'check'. An unknown place is no problem: places were renumbered for decades, and 81, 82 and 83 are residence permits
    of people from Hong Kong, Macao and Taiwan (港澳台居民居住证). A 15-digit number is a 'length' problem until
    ``upgrade_citizen_id`` has lengthened it. Source: GB 11643, domain.md 1.3 and 1.4, R-069.
    """
    if is_filler(code):
        return "filler"
    if len(code) != 18:
        return "length"
    if not _SHAPE.fullmatch(code):
        return "alphabet"
    born = _birth_date(code)
    if born is None:
        return "birth_date"
    if born > today:
        return "future"
    return None if citizen_id_check_character(code[:17]) == code[17] else "check"


def upgrade_citizen_id(old15: str) -> str:
    """Lengthen a first-generation number (一代证号, 15 digits, born 1900-1999) to 18 characters.

    Raises ``ValueError`` if it is not 15 digits with a real birth date.
    """
    if not _OLD_SHAPE.fullmatch(old15):
        raise ValueError("a first-generation citizen identity number is 15 digits")
    body = old15[:6] + "19" + old15[6:]
    if _birth_date(body) is None:
        raise ValueError("a first-generation citizen identity number holds a real birth date")
    return body + citizen_id_check_character(body)


def birth_date(code: str) -> date:
    """Read the birth date. Raises ``ValueError`` if the 18 characters hold none."""
    born = _birth_date(code) if _SHAPE.fullmatch(code) else None
    if born is None:
        raise ValueError("this is not an 18-character citizen identity number with a real birth date")
    return born


def is_minor(code: str, today: date) -> bool:
    """Tell whether the holder is under 18 on that day; minors (未成年人) are never scored or shown (design.md 8).

    Rows about persons are judged by the same rule in SQL (`policy.constraints`), with the age that the item names.

    Full age begins on the eighteenth birthday, for someone born on 29 February on 1 March of a common year: where
    there are two readings, the one that protects a day longer. Raises ``ValueError`` as ``birth_date`` does.
    """
    born = birth_date(code)
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (not had_birthday) < ADULT_AGE


def _birth_date(code: str) -> date | None:
    try:
        born = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return None
    return born if FIRST_BIRTH_YEAR <= born.year <= 2099 else None
