"""Clocks run in working days, by the State Council's notices, and never past the last notice (domain.md 10, R-063)."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.standards.calendar import CalendarEnds, WorkCalendar
from chengxin.standards.months import add_months, add_years

HOLIDAYS = Path(__file__).resolve().parents[2] / "policies" / "national" / "codes" / "holidays.csv"
COVERED = st.dates(date(2019, 1, 1), date(2026, 12, 31))


def rows() -> list[dict[str, str]]:
    with HOLIDAYS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def year_calendar(*exceptions: tuple[date, str]) -> WorkCalendar:
    new_year = (date(2026, 1, 1), "off")
    return WorkCalendar([new_year, *exceptions], first_year=2026, last_year=2026, version="test")


@pytest.mark.parametrize(
    ("year", "days_off", "weekend_days_worked"),
    # Counted by hand from the notices; the first two days off of 2019 and the first of 2023 lie in the December before.
    [(2019, 24 - 2, 7 - 1), (2020, 30, 6), (2021, 31, 7), (2022, 31 + 1, 7), (2023, 27 - 1, 7), (2024, 28, 8),
     (2025, 28, 5), (2026, 33, 6)],
)  # fmt: skip
def test_the_holiday_table_holds_every_day_of_each_notice(year: int, days_off: int, weekend_days_worked: int) -> None:
    of_year = [row for row in rows() if row["date"].startswith(str(year))]
    worked = [date.fromisoformat(row["date"]) for row in of_year if row["kind"] == "work"]
    assert sum(row["kind"] == "off" for row in of_year) == days_off
    # 3 February 2020, a Monday, was named as worked when the Spring Festival was lengthened.
    assert sum(day.weekday() >= 5 for day in worked) == weekend_days_worked
    assert [day for day in worked if day.weekday() < 5] == ([date(2020, 2, 3)] if year == 2020 else [])


def test_every_holiday_names_a_notice_and_no_address() -> None:
    for row in rows():
        assert row["name"] and row["basis"].startswith("国务院办公厅关于")
        assert row["basis"].endswith("号）") and "国办发明电〔" in row["basis"]
    assert "http" not in HOLIDAYS.read_text(encoding="utf-8")


@pytest.mark.shared_data
def test_the_holiday_table_agrees_with_an_independent_one(shared: Path) -> None:
    with (shared / "code-tables/cn_holidays_2019_2026.csv").open(encoding="utf-8-sig", newline="") as lines:
        other = {row["date"]: {"休": "off", "班": "work"}[row["off_or_work"]] for row in csv.DictReader(lines)}
    assert {row["date"]: row["kind"] for row in rows()} == {d: k for d, k in other.items() if d >= "2019"}


def test_weekends_are_off_and_weekdays_worked_where_no_notice_says_otherwise(calendar: WorkCalendar) -> None:
    named = {date.fromisoformat(row["date"]): row["kind"] == "work" for row in rows()}
    for day, works, _ in calendar.table():
        assert works == named.get(day, day.weekday() < 5)
    assert calendar.is_working_day(date(2026, 10, 10)), "a Saturday moved to work"
    assert not calendar.is_working_day(date(2026, 10, 7)), "a Wednesday of the National Day holiday"


def test_the_day_of_the_event_does_not_count(calendar: WorkCalendar) -> None:
    # 30 September 2026 is a Wednesday; 1 to 7 October are off and Saturday 10 October is worked.
    assert calendar.add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert calendar.add_working_days(date(2026, 9, 30), 7) == date(2026, 10, 15)
    assert calendar.working_days_between(date(2026, 9, 30), date(2026, 10, 15)) == 7
    assert calendar.add_working_days(date(2026, 10, 3), 1) == date(2026, 10, 8), "an event on a day off"
    assert calendar.add_working_days(date(2026, 10, 3), 0) == date(2026, 10, 3)


def test_a_report_is_late_from_the_eighth_working_day_on(calendar: WorkCalendar) -> None:
    decided = date(2026, 9, 30)
    assert calendar.working_days_late(decided, date(2026, 10, 15), 7) == 0
    assert calendar.working_days_late(decided, date(2026, 10, 16), 7) == 1
    assert calendar.working_days_late(decided, date(2026, 10, 18), 7) == 1, "a Sunday adds nothing"
    assert calendar.working_days_late(decided, date(2026, 9, 29), 7) == 0, "reported before it was decided"


def test_nothing_is_computed_past_the_last_notice(calendar: WorkCalendar) -> None:
    with pytest.raises(CalendarEnds, match="2019-2026 ends on 2026-12-31; load the State Council's notice for 2027"):
        calendar.add_working_days(date(2026, 12, 28), 7)
    assert calendar.add_working_days(date(2026, 12, 28), 3) == date(2026, 12, 31)
    for asked in (date(2027, 1, 1), date(2018, 12, 31)):
        with pytest.raises(CalendarEnds):
            calendar.is_working_day(asked)
        with pytest.raises(CalendarEnds):
            calendar.add_working_days(asked, 0)
        with pytest.raises(CalendarEnds):
            calendar.working_days_between(asked, date(2026, 1, 1))
        with pytest.raises(CalendarEnds):
            calendar.working_days_late(date(2026, 1, 1), asked, 7)
    with pytest.raises(CalendarEnds, match="begins on 2019-01-01"):
        calendar.is_working_day(date(2018, 12, 31))


def test_a_year_whose_notice_is_missing_is_not_covered() -> None:
    with pytest.raises(ValueError, match="notice for 2027 is not loaded"):
        WorkCalendar([(date(2026, 1, 1), "off")], first_year=2026, last_year=2027, version="test")


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ((date(2026, 5, 1), "休"), "'休'; expected one of off, work"),
        ((date(2026, 1, 1), "work"), "named twice"),
        ((date(2025, 12, 31), "off"), "outside the covered years"),
    ],
)
def test_a_faulty_holiday_table_is_refused(exception: tuple[date, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        year_calendar(exception)


def test_the_version_of_the_calendar_changes_with_its_content(tmp_path: Path, calendar: WorkCalendar) -> None:
    assert calendar.version.startswith("2019-2026.")
    changed = tmp_path / "holidays.csv"
    changed.write_bytes(HOLIDAYS.read_bytes().replace(b"2026-10-10,work", b"2026-10-11,work"))
    assert WorkCalendar.from_csv(changed).version != calendar.version


def test_a_period_of_negative_length_is_refused(calendar: WorkCalendar) -> None:
    with pytest.raises(ValueError, match="-1 working days"):
        calendar.add_working_days(date(2026, 1, 5), -1)


@given(start=COVERED, days=st.integers(0, 30))
def test_counting_days_and_adding_days_are_inverse(start: date, days: int) -> None:
    calendar = WorkCalendar.from_csv(HOLIDAYS)
    try:
        end = calendar.add_working_days(start, days)
    except CalendarEnds:
        assert start > date(2026, 11, 1)
        return
    assert calendar.working_days_between(start, end) == days
    one_by_one = [day for n in range((end - start).days) if calendar.is_working_day(day := start + timedelta(n + 1))]
    assert len(one_by_one) == days
    assert days == 0 or one_by_one[-1] == end


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2024, 11, 30), 3, date(2025, 2, 28)),
        (date(2023, 2, 28), 1, date(2023, 3, 28)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
        (date(2024, 5, 31), 0, date(2024, 5, 31)),
    ],
)
def test_months_keep_the_day_or_take_the_last(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_years_keep_the_day_but_for_29_february() -> None:
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert add_years(date(2025, 2, 28), -1) == date(2024, 2, 28)
    with pytest.raises(ValueError, match="outside the calendar"):
        add_years(date(9999, 1, 1), 1)


@given(st.dates(date(1900, 1, 1), date(2090, 1, 1)), st.integers(-600, 600))
def test_month_arithmetic_never_leaves_the_month_and_never_moves_a_possible_day(start: date, months: int) -> None:
    end = add_months(start, months)
    assert end.year * 12 + end.month == start.year * 12 + start.month + months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(1)).day == 1)
