"""The SQL form of a check and its Python form give the same answer: the same record is judged the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, TypeVar

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.standards import text
from chengxin.standards.amounts import AmountError, read_amount
from chengxin.standards.calendar import CalendarEnds, WorkCalendar
from chengxin.standards.citizen_id import citizen_id_check_character, citizen_id_problem
from chengxin.standards.dates import DateError, parse_date, parse_date_or_serial
from chengxin.standards.months import add_months
from chengxin.standards.organisation_code import make_organisation_code, organisation_code_problem
from chengxin.standards.registration_number import make_registration_number, registration_number_problem
from chengxin.standards.sql import CALENDAR_TABLE, macro_names, macro_statements
from chengxin.standards.tax_number import tax_number_problem
from chengxin.standards.uscc import USCC_ALPHABET, make_uscc, uscc_inner_ok, uscc_problem

Ask = Callable[..., list[Any]]
T = TypeVar("T")

TODAY = date(2026, 11, 21)
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Few examples of many values each: what costs is planning a statement, not running it.
batches = settings(max_examples=25, deadline=None)


def lists(values: st.SearchStrategy[T]) -> st.SearchStrategy[list[T]]:
    return st.lists(values, min_size=20, max_size=80)


@st.composite
def mutated(draw: st.DrawFn, valid: st.SearchStrategy[str]) -> str:
    """A valid value, or one with a character replaced, dropped, doubled, lowered or widened."""
    code = draw(valid)
    place = draw(st.integers(0, len(code) - 1))
    before, at, after = code[:place], code[place], code[place + 1 :]
    odd = draw(st.sampled_from(LETTERS + "-xé中\n 　０Ｘ"))
    wide = chr(ord(at) + 0xFEE0) if "!" <= at <= "~" else at
    variants = [code, code, before + odd + after, before + after, before + at + at + after, before + at.lower() + after]
    return draw(st.sampled_from([*variants, before + wide + after, code + odd, odd + code]))


def some(alphabet: str, size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=size, max_size=size)


ORGANISATIONS = some(LETTERS, 8).map(make_organisation_code)
USCCS = st.builds(
    make_uscc, st.sampled_from("159ANY"), st.sampled_from("1239"), some("0123456789", 6), some(USCC_ALPHABET, 8)
)
CITIZENS = st.builds(
    lambda place, born, number: (body := f"{place}{born:%Y%m%d}{number}") + citizen_id_check_character(body),
    some("0123456789", 6), st.dates(date(1890, 1, 1), date(2110, 1, 1)), some("0123456789", 3),
)  # fmt: skip
REGISTRATIONS = st.one_of(
    some("0123456789", 14).map(make_registration_number),
    some("0123456789", 13),
    st.builds("{}NA{}X".format, some("0123456789", 6), some("0123456789", 6)),
)
TAX_NUMBERS = st.one_of(st.builds("{}{}".format, some("0123456789", 6), ORGANISATIONS), USCCS)
ENDS = st.sampled_from(["N", "/", "暂", "A", "无", "0", "-", ""])
STRETCHED = st.builds("{}{}{}".format, ENDS, st.text(" \u3000", max_size=12), ENDS)
FILLERS = [
    *text.FILLERS,
    *(c * n for c in LETTERS + "-无" for n in (4, 5, 9, 13, 15, 18)),
    *("0" * n + "X" for n in range(20)),
]
ROUGH = (
    "０９ＡａＸ（）［］〔〕【】﹝﹞﹙﹚〖〗()[]•‧・·　 \u00a0\u200b\ufeff\u2028\x00\t\n南京甲aZ0-/、。éßıſ\U00020000"
)
TEXTS = st.one_of(
    st.text(ROUGH, max_size=12), st.text(st.characters(codec="utf-8"), max_size=12), st.sampled_from(FILLERS), STRETCHED
)


@pytest.mark.parametrize(
    ("macro", "function"),
    [
        ("clean_text", text.clean_text),
        ("clean_code", text.clean_code),
        ("is_filler", text.is_filler),
        ("name_key", text.name_key),
        ("document_number_key", text.document_number_key),
    ],
)
@batches
@given(values=lists(TEXTS))
def test_text_is_cleaned_alike(ask: Ask, macro: str, function: Callable[[str], object], values: list[str]) -> None:
    assert ask(f"{macro}(x)", values) == [function(value) for value in values]


CODES: list[Any] = [
    ("uscc_ok(x)", USCCS, lambda x: uscc_problem(x) is None),
    ("uscc_problem(x)", USCCS, uscc_problem),
    ("uscc_inner_ok(x)",
     st.builds("{}{}{}".format, some(USCC_ALPHABET, 8), ORGANISATIONS, some(USCC_ALPHABET, 1)), uscc_inner_ok),
    ("organisation_code_ok(x)", ORGANISATIONS | ORGANISATIONS.map(lambda x: x[:8] + "-" + x[8]),
     lambda x: organisation_code_problem(x) is None),
    ("citizen_id_ok(x, DATE '2026-11-21')", CITIZENS, lambda x: citizen_id_problem(x, TODAY) is None),
    ("registration_number_ok(x)", REGISTRATIONS, lambda x: registration_number_problem(x) is None),
    ("tax_number_ok(x)", TAX_NUMBERS, lambda x: tax_number_problem(x) is None),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "valid", "function"), CODES, ids=[code[0] for code in CODES])
def test_codes_are_judged_alike(
    ask: Ask, expression: str, valid: st.SearchStrategy[str], function: Callable[[str], object]
) -> None:
    verdicts = set()

    @batches
    @given(lists(mutated(valid) | TEXTS))
    def agree(values: list[str]) -> None:
        answers = ask(expression, values)
        verdicts.update(answers)
        assert answers == [function(value) for value in values]

    agree()
    assert len(verdicts) > 1, "only one verdict ever came up: the values say nothing"
    assert ask(expression, FILLERS) == [function(filler) for filler in FILLERS]
    assert ask(expression, [None]) == [None]


def test_every_pair_of_leading_characters_of_a_code_is_judged_alike(ask: Ask) -> None:
    codes = [a + b + "320100MA1MK83W0" for a in LETTERS for b in LETTERS]
    codes = [body + check for body in codes for check in USCC_ALPHABET]
    assert ask("uscc_problem(x)", codes) == [uscc_problem(code) for code in codes]


DATE_FORMS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S", "%Y/%m/%dT%H:%M:%SZ",
              "%Y年%m月%d日 %H:%M", "%Y-%m-%d %H:%M:%S.%f+08:00"]  # fmt: skip
EARLIEST, LATEST = datetime(1890, 1, 1), datetime(2110, 1, 1)


def read(function: Callable[[str], T], value: str, refusal: type[Exception]) -> T | None:
    try:
        return function(value)
    except refusal:
        return None


@pytest.mark.parametrize("function", [parse_date, parse_date_or_serial], ids=lambda function: function.__name__)
def test_dates_are_read_alike(ask: Ask, function: Callable[[str], date | None]) -> None:
    plausible = st.builds(
        lambda moment, form: moment.strftime(form),
        st.datetimes(min_value=EARLIEST, max_value=LATEST),
        st.sampled_from(DATE_FORMS),
    )
    numbers = st.integers(0, 99999).map(str) | st.decimals(0, 99999, places=3).map(str)
    impossible = st.from_regex(r"(19|20|18|99)[0-9]{2}[-/.]?[0-9]{1,2}[-/.]?[0-9]{1,2}", fullmatch=True)

    @batches
    @given(lists(mutated(plausible) | mutated(impossible) | numbers | TEXTS))
    def agree(values: list[str]) -> None:
        assert ask(f"{function.__name__}(x)", values) == [read(function, value, DateError) for value in values]

    agree()


@pytest.mark.parametrize("unit", ["元", "万元", "亿元"])
@pytest.mark.parametrize("negative", [False, True])
def test_amounts_are_read_alike(ask: Ask, unit: str, negative: bool) -> None:
    plain = st.decimals(-(10**17), 10**17, places=2).map(str) | st.decimals(-1000, 1000, places=21).map("{:f}".format)
    grouped = st.integers(0, 10**9).map("{:,}".format)
    written = st.builds(
        "{}{}{}".format, plain | grouped, st.sampled_from(["", " ", "  "]), st.sampled_from(["", "元", "万元", "亿元"])
    )

    def in_python(value: str) -> Decimal | None:
        amount = read(lambda v: read_amount(v, unit=unit, allow_negative=negative), value, AmountError)
        # SQL keeps six decimals of a yuan.
        return None if amount is None else amount.quantize(Decimal("0.000001"), ROUND_HALF_UP, Context(prec=60))

    @batches
    @given(lists(mutated(written) | written | TEXTS))
    def agree(values: list[str]) -> None:
        answers = ask(f"parse_amount(x, unit := '{unit}', negative := {negative})", values)
        assert answers == [in_python(value) for value in values]

    agree()


def test_a_unit_that_is_none_stops_the_statement(ask: Ask) -> None:
    with pytest.raises(duckdb.Error, match="美元"):
        ask("parse_amount(x, unit := '美元')", ["5"])


@batches
@given(days=lists(st.dates(date(1900, 1, 1), date(2090, 1, 1))), months=st.integers(-600, 600))
def test_months_are_added_alike(ask: Ask, days: list[date], months: int) -> None:
    assert ask(f"add_months(x, {months})", days) == [add_months(day, months) for day in days]


COVERED = st.dates(date(2019, 1, 1), date(2026, 12, 31))


@batches
@given(pairs=lists(st.tuples(COVERED, COVERED)))
def test_working_days_are_counted_alike(ask: Ask, calendar: WorkCalendar, pairs: list[tuple[date, date]]) -> None:
    a, b = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    assert ask("working_days_between(x, y)", a, b) == [calendar.working_days_between(*pair) for pair in pairs]
    assert ask("working_days_late(x, y, 7)", a, b) == [calendar.working_days_late(*pair, 7) for pair in pairs]
    assert ask("is_working_day(x)", a) == [calendar.is_working_day(day) for day in a]


@batches
@given(starts=lists(st.tuples(st.dates(date(2019, 1, 1), date(2026, 9, 1)), st.integers(0, 60))))
def test_working_days_are_added_alike(ask: Ask, calendar: WorkCalendar, starts: list[tuple[date, int]]) -> None:
    days, numbers = [start[0] for start in starts], [start[1] for start in starts]
    assert ask("add_working_days(x, y)", days, numbers) == [calendar.add_working_days(*start) for start in starts]


def test_sql_knows_every_covered_day(duck: duckdb.DuckDBPyConnection, ask: Ask, calendar: WorkCalendar) -> None:
    assert duck.execute(f"FROM {CALENDAR_TABLE} ORDER BY day").fetchall() == [tuple(row) for row in calendar.table()]
    days = [row.day for row in calendar.table()]
    assert ask("is_working_day(x)", days) == [row.is_working for row in calendar.table()]


@pytest.mark.parametrize(
    "expression",
    [
        "working_days_between(x, DATE '2026-01-05')",
        "working_days_between(DATE '2026-01-05', x)",
        "add_working_days(x, 0)",
        "is_working_day(x)",
        "working_days_late(DATE '2026-01-05', x, 7)",
    ],
)
@pytest.mark.parametrize(
    ("day", "message"), [(date(2027, 1, 1), "notice for 2027"), (date(2018, 12, 31), "begins on 2019")]
)
def test_sql_too_refuses_days_outside_the_calendar(ask: Ask, expression: str, day: date, message: str) -> None:
    assert ask(expression, [None]) == [None]
    with pytest.raises(duckdb.Error, match=message):
        ask(expression, [date(2026, 1, 5), day])


def test_sql_too_refuses_to_add_past_the_calendar(ask: Ask, calendar: WorkCalendar) -> None:
    with pytest.raises(CalendarEnds):
        calendar.add_working_days(date(2026, 12, 28), 4)
    with pytest.raises(duckdb.Error, match="notice for 2027"):
        ask("add_working_days(x, 4)", [date(2026, 12, 28)])
    assert ask("add_working_days(x, 3)", [date(2026, 12, 28)]) == [date(2026, 12, 31)]
    with pytest.raises(duckdb.Error, match="negative"):
        ask("add_working_days(x, -1)", [date(2026, 1, 5)])


def test_without_a_calendar_working_days_are_refused_and_the_rest_works() -> None:
    connection = duckdb.connect()
    for statement in macro_statements(None):
        connection.execute(statement)
    assert connection.execute("SELECT uscc_ok('91350100M000100Y43')").fetchall() == [(True,)]
    for expression in (
        "is_working_day(d)",
        "add_working_days(d, 1)",
        "working_days_between(d, d)",
        "working_days_late(d, d, 1)",
    ):
        with pytest.raises(duckdb.Error, match="no holiday calendar is loaded"):
            connection.execute(f"SELECT {expression} FROM (SELECT DATE '2026-01-05' AS d)").fetchall()


def test_macros_nest_and_work_on_columns_named_like_their_variables(duck: duckdb.DuckDBPyConnection) -> None:
    # Every lambda variable and parameter name that the macros use inside.
    for name in ("x", "us", "cc", "ct", "kv", "kr", "d", "n", "wd", "wa", "unit", "today"):
        query = f'SELECT uscc_ok(clean_code(clean_code("{name}"))), name_key("{name}"), clean_text("{name}") FROM t'
        duck.execute(f"CREATE OR REPLACE TEMP TABLE t AS SELECT ' 91350100m000100y43' AS \"{name}\"")
        assert duck.execute(query).fetchall() == [(True, "91350100M000100Y43", "91350100m000100y43")]
    days = "working_days_between(DATE '2026-09-30', DATE '2026-10-15')"
    nested = f"add_working_days(add_working_days(DATE '2026-09-30', 1), {days})"
    assert duck.execute(f"SELECT {nested}").fetchall() == [(date(2026, 10, 16),)]
    inside = "list_transform(['91350100M000100Y43', 'x'], lambda us: uscc_ok(us))"
    assert duck.execute(f"SELECT {inside}").fetchall() == [([True, False],)]


def test_macros_survive_a_locked_connection(calendar: WorkCalendar) -> None:
    connection = duckdb.connect()
    for statement in macro_statements(calendar):
        connection.execute(statement)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    assert connection.execute("SELECT add_working_days(DATE '2026-09-30', 7)").fetchall() == [(date(2026, 10, 15),)]


def test_every_macro_is_named_for_the_whitelist(duck: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT function_name FROM duckdb_functions() WHERE function_type = 'macro' AND NOT internal"
    made = [row[0] for row in duck.execute(query).fetchall()]
    assert sorted(macro_names()) == sorted(made)
