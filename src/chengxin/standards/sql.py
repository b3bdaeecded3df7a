"""The same checks as DuckDB macros, so that a file of ten million rows never meets a Python loop (design.md 1.3 and 6).

The text works on DuckDB 1.5.6 and 2.0.0. All code macros expect cleaned text (``clean_code``), as their Python forms
do; NULL gives NULL, since only ``required`` speaks of absence. Macros may be nested: DuckDB computes an argument that
recurs once. What every macro costs stands in tests/standards/README.md.

========================== ==========================================================================================
``clean_text(x)``          blanks stripped from both ends, empty is NULL
``clean_code(x)``          half-width, upper-case, no blanks, empty is NULL
``is_filler(x)``           placeholder? never NULL
``name_key(x)``            comparison key of an organisation's name
``document_number_key(x)`` comparison key of a decision number
``uscc_ok(x)``             unified social credit code valid?
``uscc_problem(x)``        NULL, 'filler', 'length', 'alphabet', 'division' or 'check'
``uscc_inner_ok(x)``       embedded organisation code's own check; false is a doubt
``organisation_code_ok(x)``, ``registration_number_ok(x)``, ``tax_number_ok(x)``
``citizen_id_ok(x, today)``
``parse_date(x)``          DATE, NULL for what is not surely a date
``parse_date_or_serial(x)`` the same, with Excel serials 20000..80000
``parse_amount(x, unit := '元', negative := false)`` yuan as DECIMAL(24,6), NULL for what is not an amount
``add_months(d, n)``       day kept, or the month's last
``working_days_until(d)``  running count from the first covered day
``is_working_day(d)``, ``add_working_days(d, n)``, ``working_days_between(a, b)``
``working_days_late(decided, reported, days)`` 0 if in time
========================== ==========================================================================================

Two forms differ by design. ``parse_amount`` keeps six decimals of a yuan, where Python's refuses more than a fen: ask
``round(a, 2) = a`` for the fen. A day outside the holiday calendar stops the statement with ``error()``, as
``CalendarEnds`` does in Python: a NULL would pass a check that was never made.
"""

from __future__ import annotations

from chengxin.standards._sql_calendar import CALENDAR_TABLE, calendar_data, calendar_macros
from chengxin.standards._sql_codes import code_macros
from chengxin.standards._sql_parts import Macro
from chengxin.standards._sql_text import TEXT_MACROS
from chengxin.standards._sql_values import VALUE_MACROS
from chengxin.standards.calendar import WorkCalendar

__all__ = ["CALENDAR_TABLE", "macro_names", "macro_statements"]


def macro_statements(calendar: WorkCalendar | None, *, native: bool = False) -> list[str]:
    """Write the statements that make all macros on one DuckDB connection, to be executed in this order.

    They use nothing but temporary objects and session variables, which belong to one connection: a ``cursor()`` needs
    them again. Run them before ``lock_configuration``. Without a calendar the working-day macros refuse to answer.
    With `native` the check sums are computed by the functions of ``standards.native``: install those first.
    """
    data = calendar_data(calendar) if calendar else []
    return [*data, *(macro.statement() for macro in _macros(calendar, native))]


def macro_names() -> list[str]:
    """Name all macros, for a whitelist of the functions that a rule may call."""
    return [macro.name for macro in _macros(None, False)]


def _macros(calendar: WorkCalendar | None, native: bool) -> list[Macro]:
    return [*TEXT_MACROS, *code_macros(native), *VALUE_MACROS, *calendar_macros(calendar)]
