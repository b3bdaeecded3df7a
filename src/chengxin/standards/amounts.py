"""Amounts of money, exact to the fen (分), without binary floats.

The platform keeps yuan (元) as ``Decimal`` with two decimals. Sources write yuan, ten thousands (万元) or hundred
millions (亿元); a fen is 0.000001 万元, which is why tables in 万元 need six decimals (domain.md 2.2, CF_NR_FK).
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from chengxin.standards.text import clean_text, halfwidth

UNITS: Final = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
"""Units and the yuan in one of them."""

MAX_DECIMALS: Final = 22
"""Longer fractions are refused. Real files carry up to 19, left behind by binary floats."""

MAX_DIGITS: Final = {"元": 15, "万元": 11, "亿元": 7}
"""Digits that may stand before the point, so that every amount stays below 10**15 yuan and fits SQL's 38 digits."""

NUMBER_PATTERN: Final = (
    f"(?:(?:[0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:[.][0-9]{{1,{MAX_DECIMALS}}})?|[.][0-9]{{1,{MAX_DECIMALS}}})"
)
AMOUNT_PATTERN: Final = f"-?{NUMBER_PATTERN}(?: *(?:元|万元|亿元))?"
"""The whole grammar, in the common subset of Python's ``re`` and RE2: the SQL form uses the same text."""

FEN: Final = Decimal("0.01")

_AMOUNT = re.compile(f"(-?)({NUMBER_PATTERN})(?: *(元|万元|亿元))?")
# The caller's decimal context may be short; sums of money must not depend on it.
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)


class AmountError(ValueError):
    """The text or number is not an amount, or cannot be kept exactly."""


def parse_amount(
    text: str, *, unit: str = "元", allow_negative: bool = False, rounding: str | None = None
) -> Decimal | None:
    """Read an amount and give it in yuan with two decimals; ``None`` for empty text.

    ``unit`` is what the column counts in (元, 万元 or 亿元) and holds for a bare number; a unit written behind the
    number wins over it. Thousand separators and full-width digits are accepted. Raises ``AmountError`` for anything
    else (a sign of currency, an exponent, a wrong separator), for a negative amount unless ``allow_negative``, and for
    more precision than a fen unless ``rounding`` names a mode of ``decimal``, for example ``ROUND_HALF_UP``.
    """
    exact = read_amount(text, unit=unit, allow_negative=allow_negative)
    return None if exact is None else to_fen(exact, rounding=rounding)


def read_amount(text: str, *, unit: str = "元", allow_negative: bool = False) -> Decimal | None:
    """Read an amount as ``parse_amount`` does, and give the exact yuan with all decimals written."""
    if unit not in UNITS:
        raise AmountError(f"{unit!r} is not a unit of money; expected one of {', '.join(UNITS)}")
    cleaned = clean_text(text)
    if cleaned is None:
        return None
    match = _AMOUNT.fullmatch(halfwidth(cleaned))
    if match is None:
        raise AmountError(
            f"{text!r} is not an amount; expected for example 12,345.67, with or without 元 or 万元 behind"
        )
    sign, written, written_unit = match.groups()
    number, unit = written.replace(",", ""), written_unit or unit
    if len(number.partition(".")[0]) > MAX_DIGITS[unit]:
        raise AmountError(f"{text!r} has more than {MAX_DIGITS[unit]} digits before the point for an amount in {unit}")
    amount = _EXACT.multiply(Decimal(sign + number), Decimal(UNITS[unit]))
    if amount < 0 and not allow_negative:
        raise AmountError(f"{text!r} is negative; expected 0 or more")
    return abs(amount) if amount == 0 else amount


def to_fen(amount: Decimal, *, rounding: str | None = None) -> Decimal:
    """Give an amount of yuan with exactly two decimals.

    Raises ``AmountError`` if that would lose something and no ``rounding`` mode of ``decimal`` is named, and for what
    is no finite number.
    """
    if not amount.is_finite():
        raise AmountError(f"{amount} is not an amount")
    fen = amount.quantize(FEN, rounding=rounding or ROUND_HALF_UP, context=_EXACT)
    if rounding is None and fen != amount:
        raise AmountError(f"{amount} yuan is more precise than a fen; say how to round it")
    return fen


def yuan_from_wan(wan: Decimal, *, rounding: str | None = None) -> Decimal:
    """Turn ten thousands (万元) into yuan with two decimals. Raises ``AmountError`` as ``to_fen`` does."""
    return to_fen(_EXACT.multiply(_decimal(wan), Decimal(UNITS["万元"])), rounding=rounding)


def wan_from_yuan(yuan: Decimal) -> Decimal:
    """Turn yuan into ten thousands (万元) with six decimals, one fen being the last of them.

    Raises ``AmountError`` for more precision than a fen.
    """
    return _EXACT.divide(to_fen(_decimal(yuan)), Decimal(UNITS["万元"])).quantize(Decimal("0.000001"), context=_EXACT)


def _decimal(number: Decimal) -> Decimal:
    # A float has lost its fen before it gets here, so it is refused although the type says so already.
    if not isinstance(number, Decimal):
        raise TypeError(f"expected a Decimal, found {type(number).__name__}")
    return number
