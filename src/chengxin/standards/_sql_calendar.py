"""The DuckDB form of ``calendar``: two session variables that hold the covered days, and macros that look them up.

Lists in variables and not a table, because a table means subqueries: those may not stand inside a lambda, and twenty of
them in one statement took DuckDB 4 to 8 seconds to plan, twenty look-ups 0.1 seconds. For whoever wants to join there
is the table as well.
"""

from __future__ import annotations

from typing import Final

from chengxin.standards._sql_parts import Macro, literal, once
from chengxin.standards.calendar import WorkCalendar

CALENDAR_TABLE: Final = "chengxin_calendar"
"""Temporary table of all covered days: day DATE, is_working BOOLEAN, running INTEGER."""

_RUNNING: Final = "chengxin_running"
_WORKED: Final = "chengxin_worked"
_SIGNATURES: Final = {
    "working_days_until": "d",
    "is_working_day": "d",
    "add_working_days": "d, n",
    "working_days_between": "a, b",
    "working_days_late": "decided, reported, days",
}
_NOT_LOADED: Final = "no holiday calendar is loaded: working days cannot be counted"


def calendar_data(calendar: WorkCalendar) -> list[str]:
    """Write the statements that put the covered days into the session."""
    running = ", ".join(str(row.running) for row in calendar.table())
    worked = ", ".join(str((day - calendar.first_day).days) for day in calendar.working_days())
    first = f"DATE '{calendar.first_day}'"
    days = f"range(len(getvariable('{_RUNNING}')))"
    return [
        # Lists as text: to parse a text takes a tenth of the time of as many literals.
        f"SET VARIABLE {_RUNNING} = CAST('[{running}]' AS INTEGER[])",
        f"SET VARIABLE {_WORKED} = list_transform(CAST('[{worked}]' AS INTEGER[]), lambda n: {first} + n)",
        f"CREATE OR REPLACE TEMP TABLE {CALENDAR_TABLE} AS "
        f"SELECT {first} + CAST(i AS INTEGER) AS day, r[i + 1] > coalesce(r[i], 0) AS is_working, r[i + 1] AS running "
        f"FROM (SELECT unnest({days}) AS i, getvariable('{_RUNNING}') AS r)",
    ]


def calendar_macros(calendar: WorkCalendar | None) -> list[Macro]:
    """Write the macros; without a calendar they refuse to answer."""
    if calendar is None:
        return [Macro(name, parameters, f"error({literal(_NOT_LOADED)})") for name, parameters in _SIGNATURES.items()]
    bodies = {
        "working_days_until": _working_days_until(calendar),
        "is_working_day": _is_working_day(),
        "add_working_days": _add_working_days(calendar),
        "working_days_between": "working_days_until(b) - working_days_until(a)",
        "working_days_late": _working_days_late(),
    }
    return [Macro(name, parameters, bodies[name]) for name, parameters in _SIGNATURES.items()]


def _worked(number: str) -> str:
    return f"getvariable('{_WORKED}')[{number}]"


def _working_days_until(calendar: WorkCalendar) -> str:
    body = (
        "CASE WHEN wd IS NULL THEN NULL"
        f" WHEN wd < DATE '{calendar.first_day}' THEN error({literal(calendar.begins_message())})"
        f" WHEN wd > DATE '{calendar.last_day}' THEN error({literal(calendar.ends_message())})"
        f" ELSE getvariable('{_RUNNING}')[wd - DATE '{calendar.first_day}' + 1] END"
    )
    return once("CAST(d AS DATE)", "wd", body)


def _is_working_day() -> str:
    # Before the first working day the running count is 0, and the look-up gives NULL.
    answer = f"coalesce({_worked('working_days_until(wi)')} = wi, false)"
    return once("CAST(d AS DATE)", "wi", f"CASE WHEN wi IS NULL THEN NULL ELSE {answer} END")


def _add_working_days(calendar: WorkCalendar) -> str:
    ends, count = literal(calendar.ends_message()), len(calendar.working_days())
    target = once(
        "working_days_until(wa) + CAST(n AS INTEGER)",
        "wt",
        f"CASE WHEN n = 0 THEN wa + 0 * wt WHEN wt > {count} THEN error({ends}) ELSE {_worked('wt')} END",
    )
    negative = literal("a period of a negative number of working days: there is no such period")
    body = f"CASE WHEN wa IS NULL OR n IS NULL THEN NULL WHEN n < 0 THEN error({negative}) ELSE {target} END"
    return once("CAST(d AS DATE)", "wa", body)


def _working_days_late() -> str:
    # greatest() would take NULL for "not late".
    return once("working_days_between(decided, reported) - days", "wl", "CASE WHEN wl < 0 THEN 0 ELSE wl END")
