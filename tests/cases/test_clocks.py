"""Terms against a model that counts day by day: no suspended working day counts, none is lost (F20, domain.md 10)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.cases.clocks import due_day, working_days_before
from chengxin.cases.models import Term
from chengxin.standards.calendar import WorkCalendar

from ..conftest import REPO

CALENDAR = WorkCalendar.from_csv(REPO / "policies" / "national" / "codes" / "holidays.csv")
DAYS = st.dates(date(2019, 1, 1), date(2026, 9, 1))


def counted(start: date, days: int, spans: list[tuple[date, date]]) -> date:
    """The last day of the term, found by looking at every day."""
    day = start
    while days:
        day += timedelta(days=1)
        away = any(first < day <= last for first, last in spans)
        days -= CALENDAR.is_working_day(day) and not away
    return day


@settings(max_examples=150, deadline=None)
@given(DAYS, st.integers(1, 20), st.integers(0, 15), st.lists(st.integers(0, 9), max_size=6))
def test_a_term_ends_after_so_many_days_that_were_not_suspended(start, days, extended, gaps) -> None:
    """Suspensions begin while the term still runs, as the engine's do; the day of leaving and of coming back as in law:
    the day an event falls on does not count."""
    edges, day = [], start
    for gap in gaps:
        day += timedelta(days=gap)
        edges.append(day)
    spans: list[tuple[date, date]] = []
    for first, last in list(pairwise(edges))[::2]:
        if first < counted(start, days + extended, spans):
            spans.append((first, last))
    term = Term(started_on=start, working_days=days, extended=extended,
                stood_still=[[a.isoformat(), b.isoformat()] for a, b in spans])  # fmt: skip
    assert due_day(term, CALENDAR) == counted(start, days + extended, spans)


@settings(max_examples=60, deadline=None)
@given(DAYS, st.integers(0, 30))
def test_reminders_lie_so_many_working_days_before(day, n) -> None:
    before = working_days_before(day + timedelta(days=60), n, CALENDAR)
    assert CALENDAR.is_working_day(before) and CALENDAR.working_days_between(before, day + timedelta(days=60)) == n


def test_a_term_that_leaves_the_calendar_has_no_day() -> None:
    term = Term(started_on=CALENDAR.last_day - timedelta(days=3), working_days=10, extended=0, stood_still=[])
    assert due_day(term, CALENDAR) is None
