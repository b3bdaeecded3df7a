"""A date is read strictly: a wrong one is refused, never bent into another day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.standards.dates import DateError, excel_date, parse_date, parse_date_or_serial

FIRST_OF_MARCH = date(2024, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01", "2024-3-1", "2024/3/1", "2024/03/01", "2024.3.1", "20240301", "2024年3月1日", "2024年03月01日",
        "２０２４－０３－０１", "\u3000２０２４年３月１日 ", "2024-03-01T08:30", "2024-03-01 08:30:00",
        "2024/3/1 0:00:00", "2024-03-01T08:30:00.123456789+08:00", "2024-03-01T15:59:59Z", "20240301 23:59",
        "2024年3月1日 8:05",
    ],
)  # fmt: skip
def test_the_ways_departments_write_a_day(text: str) -> None:
    assert parse_date(text) == FIRST_OF_MARCH


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-03-00", "24-3-1", "2024-3", "2024-3/1",
        "1/3/2024", "2024 3 1", "20240230", "2024301", "长期", "永久", "2024年3月1", "2024-03-01T", "2024-03-01 24:00",
        "2024-03-01 08:60", "2024-03-01 8", "2024-03-01x", "2024-03-01T08:30+09:00", "1899-12-31", "2100-01-01",
        "9999-12-30", "0000-01-01", "20240301000000", "45352", "2024-03-01 08:30 上午",
    ],
)  # fmt: skip
def test_what_is_not_surely_a_day_is_refused(text: str) -> None:
    with pytest.raises(DateError):
        parse_date(text)


def test_a_time_in_utc_that_falls_on_the_next_day_in_china_is_refused() -> None:
    with pytest.raises(DateError):
        parse_date("2024-02-29T16:00:00.000Z")
    assert parse_date("2024-02-29T16:00:00+08:00") == date(2024, 2, 29)


def test_absence_is_no_date_and_the_far_end_is_one() -> None:
    assert parse_date("") is parse_date(" \u3000") is None
    assert parse_date("9999-12-31") == date(9999, 12, 31)
    assert parse_date("2099/12/31") == date(2099, 12, 31)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_of_two_centuries_reads_back(day: date) -> None:
    forms = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"]
    assert {parse_date(day.strftime(form)) for form in forms} == {day}
    assert parse_date(f"{day.year}/{day.month}/{day.day}") == day


def test_excel_counts_a_day_that_never_was() -> None:
    assert excel_date(1) == date(1900, 1, 1)
    assert excel_date(59) == date(1900, 2, 28)
    assert excel_date(61) == date(1900, 3, 1)
    assert excel_date(45352) == excel_date(45352.999) == FIRST_OF_MARCH
    for serial in (60, 60.5, 0, -1, 2958466, float("nan")):
        with pytest.raises(DateError):
            excel_date(serial)


@given(st.integers(61, 2_958_464))
def test_excel_days_follow_each_other(serial: int) -> None:
    assert excel_date(serial + 1) - excel_date(serial) == timedelta(1)


def test_plain_numbers_of_a_spreadsheet_are_serials_only_within_reason() -> None:
    assert parse_date_or_serial("45352") == parse_date_or_serial("４５３５２.75") == FIRST_OF_MARCH
    assert parse_date_or_serial("20000") == date(1954, 10, 3)
    assert parse_date_or_serial("80000") == parse_date_or_serial("80000.5") == date(2119, 1, 11)
    assert parse_date_or_serial("2024/3/1") == FIRST_OF_MARCH
    assert parse_date_or_serial("") is None
    for text in ("19999", "80001", "4535", "45352."):
        with pytest.raises(DateError):
            parse_date_or_serial(text)


@pytest.mark.parametrize("name", ["披露日期", "处罚日期"])
@pytest.mark.shared_data
def test_the_dates_of_a_real_penalty_file_are_all_read(column: Callable[[str, str], list[str]], name: str) -> None:
    texts = column("banking-penalties/banking_regulator_penalties_2016.csv", name)
    assert len(texts) == 57
    assert [parse_date(text) for text in texts] == [datetime.strptime(text, "%Y/%m/%d").date() for text in texts]
