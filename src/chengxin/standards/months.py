"""Month arithmetic with one stated rule for the end of the month.

The rule: the day of the month stays; where the target month is too short, its last day is taken. Being the last day
does not stick: 31 January + 1 month is the last day of February, but 28 February + 1 month is 28 March. This is also
what DuckDB, PostgreSQL and the SQL macro ``add_months`` do, so that a deadline is the same wherever it is computed
(domain.md 10).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def add_months(d: date, n: int) -> date:
    """Add ``n`` months (``n`` may be negative). Raises ``ValueError`` beyond the years 1 to 9999."""
    year, month0 = divmod(d.year * 12 + d.month - 1 + n, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"{d} {n:+d} months is outside the calendar")
    return date(year, month0 + 1, min(d.day, monthrange(year, month0 + 1)[1]))


def add_years(d: date, n: int) -> date:
    """Add ``n`` years by the same rule: 29 February + 1 year is 28 February. Raises as ``add_months`` does."""
    return add_months(d, 12 * n)
