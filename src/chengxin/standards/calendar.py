"""Working days (工作日) by the State Council's yearly notices, and a refusal to guess where no notice is loaded yet.

Weekends are days off and the other days are worked, except where a notice says otherwise: it gives days off (休) and
moves weekend days to work (班). The notices themselves are policy data (policies/national/codes/holidays.csv). Every
computed deadline is stored with the ``version`` of the calendar that gave it (domain.md 10).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Final, NamedTuple

SATURDAY: Final = 5
KINDS: Final = ("off", "work")


class CalendarEnds(ValueError):
    """The answer lies in a year whose notice is not loaded. A guess would be a wrong legal deadline."""


class CalendarDay(NamedTuple):
    """One row of the whole calendar, for SQL to join with."""

    day: date
    is_working: bool
    running: int
    """Working days from the first covered day up to and including this one."""


class WorkCalendar:
    """Whole covered years of days, each known to be worked or off.

    A year counts as covered from its own notice on. The notice for the following year can still change its last days
    (30 and 31 December 2018 and 31 December 2022 were days off of the next New Year), so deadlines over the turn of a
    year are computed again when a notice is loaded: compare ``version``.
    """

    def __init__(self, rows: Iterable[tuple[date, str]], *, first_year: int, last_year: int, version: str) -> None:
        """Build from exceptions to the plain week: (day, 'off' or 'work').

        Raises ``ValueError`` for another kind, a day named twice, a day outside the covered years, or a covered year
        without a single day off: that year's notice is missing, and its New Year would count as worked.
        """
        self.first_year: Final = first_year
        self.last_year: Final = last_year
        self.version: Final = version
        self.first_day: Final = date(first_year, 1, 1)
        self.last_day: Final = date(last_year, 12, 31)
        self._table: Final = self._count(self._checked(rows))
        self._working_days: Final = [row.day for row in self._table if row.is_working]

    @classmethod
    def from_csv(cls, path: Path) -> WorkCalendar:
        """Read a holiday table with the columns ``date`` and ``kind``; the version names the years and the content.

        Covers the years from the first to the last day named. Raises ``ValueError`` as the constructor does.
        """
        data = path.read_bytes()
        lines = csv.DictReader(data.decode("utf-8-sig").splitlines())
        rows = [(date.fromisoformat(line["date"]), line["kind"]) for line in lines]
        years = [day.year for day, _ in rows]
        if not years:
            raise ValueError(f"{path} names no day")
        first_year, last_year = min(years), max(years)
        version = f"{first_year}-{last_year}.{hashlib.sha256(data).hexdigest()[:12]}"
        return cls(rows, first_year=first_year, last_year=last_year, version=version)

    def is_working_day(self, d: date) -> bool:
        """Tell whether the day is worked. Raises ``CalendarEnds`` outside the covered years."""
        return self._row(d).is_working

    def add_working_days(self, d: date, n: int) -> date:
        """Give the last day of a period of ``n`` working days that an event of the day ``d`` starts.

        The day of the event does not count; it need not be a working day. ``n`` = 0 gives ``d`` itself. Raises
        ``ValueError`` for a negative ``n`` and ``CalendarEnds`` if the period leaves the covered years.
        """
        if n < 0:
            raise ValueError(f"a period of {n} working days: there is no such period")
        start = self._row(d).running
        if n == 0:
            return d
        if start + n > len(self._working_days):
            raise CalendarEnds(self.ends_message())
        return self._working_days[start + n - 1]

    def working_days_between(self, a: date, b: date) -> int:
        """Count the working days after ``a`` up to and including ``b``; negative if ``b`` comes before ``a``.

        Raises ``CalendarEnds`` if one of them lies outside the covered years.
        """
        return self._row(b).running - self._row(a).running

    def working_days_late(self, decided: date, reported: date, limit: int) -> int:
        """Count the working days by which a report misses its limit; 0 if it is in time (R-063: limit 7).

        The clock starts at the decision, whose own day does not count (domain.md 2.1). Raises ``CalendarEnds``.
        """
        return max(0, self.working_days_between(decided, reported) - limit)

    def table(self) -> list[CalendarDay]:
        """Give every covered day with its running count of working days, for SQL to join with."""
        return list(self._table)

    def working_days(self) -> list[date]:
        """Give all covered working days in order; number ``n`` of them has the running count ``n``."""
        return list(self._working_days)

    def ends_message(self) -> str:
        """Say what to do about a day after the covered years."""
        return (
            f"holiday calendar {self.first_year}-{self.last_year} ends on {self.last_day}; "
            f"load the State Council's notice for {self.last_year + 1}"
        )

    def begins_message(self) -> str:
        """Say what to do about a day before the covered years."""
        return (
            f"holiday calendar {self.first_year}-{self.last_year} begins on {self.first_day}; "
            f"load the State Council's notices for the years before {self.first_year}"
        )

    def _row(self, d: date) -> CalendarDay:
        if d < self.first_day:
            raise CalendarEnds(self.begins_message())
        if d > self.last_day:
            raise CalendarEnds(self.ends_message())
        return self._table[(d - self.first_day).days]

    def _checked(self, rows: Iterable[tuple[date, str]]) -> dict[date, bool]:
        exceptions: dict[date, bool] = {}
        for day, kind in rows:
            if kind not in KINDS:
                raise ValueError(f"{day} is marked {kind!r}; expected one of {', '.join(KINDS)}")
            if day in exceptions:
                raise ValueError(f"{day} is named twice in the holiday calendar")
            if not self.first_day <= day <= self.last_day:
                raise ValueError(f"{day} is outside the covered years {self.first_year}-{self.last_year}")
            exceptions[day] = kind == "work"
        off = {day.year for day, works in exceptions.items() if not works}
        missing = [str(year) for year in range(self.first_year, self.last_year + 1) if year not in off]
        if missing:
            raise ValueError(f"the State Council's notice for {', '.join(missing)} is not loaded: not one day off")
        return exceptions

    def _count(self, exceptions: dict[date, bool]) -> list[CalendarDay]:
        rows, running = [], 0
        for number in range((self.last_day - self.first_day).days + 1):
            day = self.first_day + timedelta(days=number)
            works = exceptions.get(day, day.weekday() < SATURDAY)
            running += works
            rows.append(CalendarDay(day, works, running))
        return rows
