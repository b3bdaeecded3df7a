"""Strict reading of dates: what is not surely a date is refused, never guessed."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from chengxin.standards.text import clean_text, halfwidth

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2099
NO_END: Final = date(9999, 12, 31)
"""How many systems write "for an unlimited time" in a date column."""

DATE_PART: Final = (
    "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    "|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}"
    "|[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}"
    "|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"
    "|[0-9]{8}"
)
_MINUTES = ":[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?"
TIME_PART: Final = (
    f"(?:T| +)(?:(?:[01]?[0-9]|2[0-3]){_MINUTES}(?:[+]08:00)?"
    # From 16:00 UTC on it is the next day in China: dropping such a time would give the wrong day.
    f"|(?:0?[0-9]|1[0-5]){_MINUTES}Z)"
)
DATE_PATTERN: Final = f"(?:{DATE_PART})(?:{TIME_PART})?"
"""The whole grammar, in the common subset of Python's ``re`` and RE2: the SQL form uses the same text."""

FIRST_SERIAL: Final = 20000
LAST_SERIAL: Final = 80000
SERIAL_PATTERN: Final = "[0-9]{5}(?:[.][0-9]{1,15})?"
SERIAL_ZERO: Final = date(1899, 12, 30)
"""Day 0 for serials after 60. It is one day early because the 1900 system counts a 29 February 1900."""

_DATE = re.compile(f"({DATE_PART})(?:{TIME_PART})?")
_SERIAL = re.compile(SERIAL_PATTERN)
_NO_SUCH_LEAP_DAY: Final = 60


class DateError(ValueError):
    """The text is not a date in one of the accepted forms."""


def parse_date(text: str) -> date | None:
    """Read a date; ``None`` for empty text. Raises ``DateError`` for anything that is not surely one.

    Accepted: ``2024-03-01``, ``2024/3/1``, ``2024.3.1``, ``20240301``, ``2024年3月1日``, also in full-width digits,
    with an optional time behind it (``T`` or a blank, ``HH:MM[:SS[.fff]]``, optionally ``Z`` or ``+08:00``) that must
    be valid and is dropped. A time in UTC from 16:00 on is refused, because it belongs to the next day in China. Years
    1900-2099, and 9999-12-31. Words for "long-term" (长期, 永久) are no dates: the caller knows what they mean to it.
    Source: trials.md 1.4 (no engine's own cast is strict), domain.md 2.5.
    """
    cleaned = clean_text(text)
    if cleaned is None:
        return None
    match = _DATE.fullmatch(halfwidth(cleaned))
    if match is None:
        raise DateError(f"{text!r} is not a date; expected for example 2024-03-01")
    found = _day(match[1])
    if found is None or not (FIRST_YEAR <= found.year <= LAST_YEAR or found == NO_END):
        raise DateError(f"{text!r} is not a day of the years {FIRST_YEAR}-{LAST_YEAR}")
    return found


def excel_date(serial: int | float | Decimal) -> date:
    """Turn an Excel serial number (1900 system) into a date; a fraction is a time of day and is dropped.

    Raises ``DateError`` below 1, above 31 December 9999, and for 60, which is the 29 February 1900 that never was.
    """
    number = int(serial) if math.isfinite(serial) else 0
    if number == _NO_SUCH_LEAP_DAY:
        raise DateError("Excel's serial 60 is 29 February 1900, a day that never was")
    if not 1 <= number <= (NO_END - SERIAL_ZERO).days:
        raise DateError(f"{serial} is not an Excel date")
    return SERIAL_ZERO + timedelta(days=number + (number < _NO_SUCH_LEAP_DAY))


def parse_date_or_serial(text: str) -> date | None:
    """Read a date as ``parse_date`` does, or a plain number 20000..80000 (1954 to 2119) as an Excel serial,
    whose fraction is a time of day.

    For columns that came out of a spreadsheet. Raises ``DateError``.
    """
    cleaned = clean_text(text)
    if cleaned is not None and _SERIAL.fullmatch(plain := halfwidth(cleaned)):
        number = int(plain[:5])
        if FIRST_SERIAL <= number <= LAST_SERIAL:
            return excel_date(number)
    return parse_date(text)


def _day(written: str) -> date | None:
    numbers = re.findall("[0-9]+", written)
    if len(numbers) == 1:
        numbers = [written[:4], written[4:6], written[6:]]
    year, month, day = map(int, numbers)
    try:
        return date(year, month, day)
    except ValueError:
        return None
