"""The DuckDB forms of the identifier checks: a cheap shape test, then a plain weighted sum. NULL in, NULL out.

The parameter stands in these bodies many times: rules give them a column, and DuckDB computes an expression that recurs
within a statement once (measured on 1.5.6 and 2.0.0: ``uscc_ok(clean_code(x))`` cleans once). Holding it fast in a
lambda instead (``once``) cost up to twice the time. The sessions of the checker switch that search off, because planning
it costs more than it saves there (`engine.check`): these bodies then compute a little twice. Since DuckDB may compute
what recurs ahead of its guard, nothing in these bodies can fail on any text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chengxin.standards._sql_parts import Macro, literal, matches, no_run, once
from chengxin.standards.citizen_id import CITIZEN_ID_WEIGHTS
from chengxin.standards.organisation_code import ORGANISATION_ALPHABET, ORGANISATION_CHECKS, ORGANISATION_WEIGHTS
from chengxin.standards.uscc import USCC_ALPHABET, USCC_WEIGHTS

_USCC_SHAPE: Final = f"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}"
_CITIZEN_SHAPE: Final = "[0-9]{6}(?:19|20)[0-9]{9}[0-9X]"


def _value(alphabet: str, code: str, place: int) -> str:
    return f"instr({literal(alphabet)}, substr({code}, {place}, 1))"


def _digit(code: str, place: int) -> str:
    return f"(ascii(substr({code}, {place}, 1)) - 48)"


def _uscc_sum(code: str) -> str:
    weights = (*USCC_WEIGHTS, 1)
    terms = [f"{_value(USCC_ALPHABET, code, place)} * {weight}" for place, weight in enumerate(weights, start=1)]
    # instr counts from 1, so a valid code's sum is 0 plus the sum of the weights.
    return f"({' + '.join(terms)}) % 31 = {sum(weights) % 31}"


def _organisation_sum(code: str, start: int) -> str:
    terms = [
        f"{_value(ORGANISATION_ALPHABET, code, start + place)} * {weight}"
        for place, weight in enumerate(ORGANISATION_WEIGHTS)
    ]
    check = _value(ORGANISATION_CHECKS, code, start + len(ORGANISATION_WEIGHTS))
    return f"({' + '.join(terms)} + {check}) % 11 = {(sum(ORGANISATION_WEIGHTS) + 1) % 11}"


def _citizen_sum(code: str) -> str:
    terms = [f"{_digit(code, place)} * {weight}" for place, weight in enumerate(CITIZEN_ID_WEIGHTS, start=1)]
    return f"({' + '.join(terms)} + {_value('0123456789X', code, 18)} - 1) % 11 = 1"


def _registration_sum(code: str) -> str:
    # ISO 7064 MOD 11,10 is recursive; ((s + 9) % 10 + 1) is "s mod 10, or 10 instead of 0" without a second s.
    remainder = "10"
    for place in range(1, 15):
        remainder = f"((({remainder} + {_digit(code, place)} + 9) % 10 + 1) * 2 % 11)"
    return f"({remainder} + {_digit(code, 15)}) % 10 = 1"


@dataclass(frozen=True)
class _Sums:
    """How a check sum is written: spelled out in SQL, or as a call of a function that the session provides."""

    uscc: Callable[[str], str]
    organisation: Callable[[str, int], str]
    registration: Callable[[str], str]


_SPELLED: Final = _Sums(_uscc_sum, _organisation_sum, _registration_sum)
_CALLED: Final = _Sums(
    lambda code: f"uscc_sum({code})",
    lambda code, start: f"organisation_sum(substr({code}, {start}, 9))",
    lambda code: f"registration_sum({code})",
)


def _uscc_ok(sums: _Sums) -> Macro:
    body = (
        f"CASE WHEN strlen(x) <> 18 OR NOT {matches('x', _USCC_SHAPE)} THEN false"
        f" ELSE {sums.uscc('x')} AND {no_run('x')} END"
    )
    return Macro("uscc_ok", "x", body)


def _uscc_problem() -> Macro:
    body = (
        "CASE WHEN up IS NULL OR uscc_ok(up) THEN NULL WHEN is_filler(up) THEN 'filler'"
        " WHEN length(up) <> 18 THEN 'length'"
        f" WHEN NOT {matches('up', f'[{USCC_ALPHABET}]+')} THEN 'alphabet'"
        f" WHEN NOT {matches('substr(up, 3, 6)', '[0-9]+')} THEN 'division' ELSE 'check' END"
    )
    return Macro("uscc_problem", "x", once("x", "up", body))


def _uscc_inner_ok(sums: _Sums) -> Macro:
    shape = matches("x", "(?s:.{8})[0-9A-Z]{8}[0-9X](?s:.)")
    body = f"CASE WHEN length(x) <> 18 OR NOT {shape} THEN false ELSE {sums.organisation('x', 9)} END"
    return Macro("uscc_inner_ok", "x", body)


def _organisation_code_ok(sums: _Sums) -> Macro:
    plain = "CASE WHEN strlen(x) = 10 AND x[9] = '-' THEN x[1:8] || x[10] ELSE x END"
    body = (
        f"CASE WHEN strlen(oc) <> 9 OR NOT {matches('oc', '[0-9A-Z]{8}[0-9X]')} THEN false"
        f" ELSE {sums.organisation('oc', 1)} AND {no_run('oc')} END"
    )
    return Macro("organisation_code_ok", "x", once(plain, "oc", body))


def _citizen_id_ok() -> Macro:
    born = "CAST(try_strptime(substr(x, 7, 8), '%Y%m%d') AS DATE)"
    body = (
        f"CASE WHEN x IS NULL THEN NULL WHEN strlen(x) <> 18 OR NOT {matches('x', _CITIZEN_SHAPE)} THEN false"
        f" ELSE {_citizen_sum('x')} AND coalesce({born}, DATE '9999-12-31') <= today END"
    )
    return Macro("citizen_id_ok", "x, today", body)


def _registration_number_ok(sums: _Sums) -> Macro:
    body = (
        "CASE WHEN strlen(x) NOT IN (13, 15) THEN false"
        f" WHEN {matches('x', '[0-9]{13}')} THEN {no_run('x')}"
        f" WHEN {matches('x', '[0-9]{15}')} THEN {sums.registration('x')} AND {no_run('x')}"
        f" ELSE {matches('x', '[0-9]{6}NA[0-9]{6}X')} END"
    )
    return Macro("registration_number_ok", "x", body)


def _tax_number_ok(sums: _Sums) -> Macro:
    old = f"{sums.organisation('x', 7)} AND {no_run('substr(x, 7, 9)')}"
    body = (
        "CASE WHEN strlen(x) = 18 THEN uscc_ok(x)"
        f" WHEN strlen(x) <> 15 OR NOT {matches('x', '[0-9]{6}[0-9A-Z]{8}[0-9X]')} THEN false"
        f" ELSE {old} END"
    )
    return Macro("tax_number_ok", "x", body)


def code_macros(native: bool) -> tuple[Macro, ...]:
    """The macros; `native` ones call the functions of ``standards.native``, which the session must have installed."""
    sums = _CALLED if native else _SPELLED
    return (
        _uscc_ok(sums),
        _uscc_problem(),
        _uscc_inner_ok(sums),
        _organisation_code_ok(sums),
        _citizen_id_ok(),
        _registration_number_ok(sums),
        _tax_number_ok(sums),
    )
