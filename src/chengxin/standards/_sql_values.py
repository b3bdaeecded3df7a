"""The DuckDB forms of ``dates``, ``amounts`` and ``months``: NULL for what is not surely a value."""

from __future__ import annotations

from typing import Final

from chengxin.standards import amounts, dates
from chengxin.standards._sql_parts import Macro, literal, matches, once
from chengxin.standards._sql_text import fold_width

AMOUNT_TYPE: Final = "DECIMAL(24,6)"

# A number of up to 12 and 6 digits fits 64 bits. DuckDB 1.5.6 takes 3 to 7 µs to read a wider one, so that is avoided;
# the second cast is there because DuckDB multiplies 64-bit decimals in 64 bits and would overflow.
_NARROW_NUMBER: Final = "-?[0-9]{0,12}(?:[.][0-9]{1,6})?"
_WIDE: Final = f"DECIMAL(38,{amounts.MAX_DECIMALS})"
# Bare numbers that fit with every unit: the usual case, and cheap to recognise.
_BARE_NUMBER: Final = f"[0-9]{{1,{min(amounts.MAX_DIGITS.values())}}}(?:[.][0-9]{{1,6}})?"


def _compact(value: str) -> str:
    return f"CAST(try_strptime({value}, '%Y%m%d') AS DATE)"


def _parse_date() -> Macro:
    year = "(?:19|20)[0-9]{2}"
    other = once(f"clean_text({fold_width('pd')})", "ph", _other_date("ph"))
    body = (
        f"CASE WHEN {matches('pd', f'{year}-[0-9]{{1,2}}-[0-9]{{1,2}}')} THEN try_cast(pd AS DATE)"
        f" WHEN {matches('pd', f'{year}[0-9]{{4}}')} THEN {_compact('pd')}"
        f" WHEN {matches('pd', f'{year}/[0-9]{{1,2}}/[0-9]{{1,2}}')} THEN try_cast(replace(pd, '/', '-') AS DATE)"
        f" ELSE {other} END"
    )
    return Macro("parse_date", "x", once("x", "pd", body))


def _other_date(value: str) -> str:
    separated = "replace(pw, '日', '')"
    for separator in "年月/.":
        separated = f"replace({separated}, '{separator}', '-')"
    eight_digits = f"strlen(pw) = 8 AND {matches('pw', '[0-9]+')}"
    day = f"CASE WHEN {eight_digits} THEN {_compact('pw')} ELSE try_cast({separated} AS DATE) END"
    first, last = f"DATE '{dates.FIRST_YEAR}-01-01'", f"DATE '{dates.LAST_YEAR}-12-31'"
    in_range = f"CASE WHEN py BETWEEN {first} AND {last} OR py = DATE '{dates.NO_END}' THEN py END"
    found = once(once(f"regexp_extract({value}, '^[0-9年月日/.-]+')", "pw", day), "py", in_range)
    return f"CASE WHEN {matches(value, dates.DATE_PATTERN)} THEN {found} END"


def _parse_date_or_serial() -> Macro:
    number = "try_cast(ps[1:5] AS INTEGER)"
    in_range = f"{number} BETWEEN {dates.FIRST_SERIAL} AND {dates.LAST_SERIAL}"
    serial = f"CASE WHEN {in_range} THEN DATE '{dates.SERIAL_ZERO}' + {number} END"
    body = f"CASE WHEN {matches('ps', dates.SERIAL_PATTERN)} THEN {serial} ELSE parse_date(ps) END"
    return Macro("parse_date_or_serial", "x", once(f"clean_text({fold_width('x')})", "ps", body))


def _by_unit(unit: str, values: dict[str, int]) -> str:
    whens = " ".join(f"WHEN {literal(name)} THEN {value}" for name, value in values.items())
    names = ", ".join(values)
    return f"CASE {unit} {whens} ELSE error('parse_amount knows the units {names}, not ' || {unit}) END"


def _narrow(number: str) -> str:
    return f"CAST(try_cast({number} AS DECIMAL(18,6)) AS {AMOUNT_TYPE})"


def _yuan(number: str, unit: str) -> str:
    factor = _by_unit(unit, amounts.UNITS)
    # The sign is asked before rounding: a very small negative amount must not pass as 0.
    signed = f"CASE WHEN av >= 0 OR negative THEN CAST(av AS {AMOUNT_TYPE}) END"
    narrow = once(f"{_narrow(number)} * {factor}", "av", signed)
    wide = once(f"try_cast({number} AS {_WIDE}) * {factor}", "av", signed)
    return f"CASE WHEN {matches(number, _NARROW_NUMBER)} THEN {narrow} ELSE {wide} END"


def _parse_amount() -> Macro:
    bare = f"CAST({_narrow('am')} * {_by_unit('unit', amounts.UNITS)} AS {AMOUNT_TYPE})"
    other = once(f"clean_text({fold_width('am')})", "ah", _other_amount("ah"))
    body = f"CASE WHEN {matches('am', _BARE_NUMBER)} THEN {bare} ELSE {other} END"
    return Macro("parse_amount", "x, unit := '元', negative := false", once("x", "am", body))


def _other_amount(value: str) -> str:
    units = sorted(amounts.UNITS, key=len, reverse=True)
    whens = " ".join(f"WHEN ends_with({value}, {literal(name)}) THEN {literal(name)}" for name in units)
    number = f"replace(regexp_extract({value}, '^[0-9.,-]+'), ',', '')"
    digits = "strlen(split_part(ltrim(an, '-'), '.', 1))"
    sized = f"CASE WHEN {digits} <= {_by_unit('au', amounts.MAX_DIGITS)} THEN {_yuan('an', 'au')} END"
    found = once(f"CASE {whens} ELSE unit END", "au", once(number, "an", sized))
    return f"CASE WHEN {matches(value, amounts.AMOUNT_PATTERN)} THEN {found} END"


def _add_months() -> Macro:
    return Macro("add_months", "d, n", "CAST(CAST(d AS DATE) + to_months(CAST(n AS INTEGER)) AS DATE)")


VALUE_MACROS: Final = (_parse_date(), _parse_date_or_serial(), _parse_amount(), _add_months())
