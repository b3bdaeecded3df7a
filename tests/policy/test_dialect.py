"""The rule dialect takes what an analyst needs and nothing that reads, writes, waits or hides (trials.md 1.4)."""

from __future__ import annotations

import duckdb
import pytest

from chengxin.policy import Policies
from chengxin.policy.dialect import DialectError, columns_of, regenerate
from chengxin.standards.sql import macro_statements

COLUMNS = columns_of(["name", "kind", "kinds", "fine", "decided_on", "valid_until", "order"])

USEFUL = [
    "name IS NOT NULL",
    "name_text IS NULL OR length(name_text) >= 2",
    "fine > 0",
    "fine BETWEEN 0 AND 100",
    "fine * 10000 <= 3000",
    "fine / 2 + 1 - 3 % 2 > 0",
    "kind = '简易程序' OR fine <= 3000",
    "kind <> '其他' AND kind != '无'",
    "kind IN ('警告', '罚款')",
    "kind NOT IN ('警告', '罚款')",
    "NOT (kind = '警告')",
    "kinds = ['警告']",
    "list_contains(kinds, '罚款')",
    "list_has_any(kinds, ['暂扣许可证件', '吊销许可证件'])",
    "list_has_all(kinds, ['罚款', '没收违法所得'])",
    "len(kinds) > 1",
    "decided_on <= reported_on",
    "valid_until >= decided_on",
    "decided_on >= DATE '2000-01-01'",
    "valid_until <= add_months(decided_on, 36)",
    "working_days_between(decided_on, reported_on) <= 7",
    "add_working_days(decided_on, 7) >= reported_on",
    "today - decided_on < 365",
    "year(decided_on) >= 2015",
    "date_diff('day', decided_on, valid_until) >= 0",
    "name LIKE '%有限公司'",
    "name NOT LIKE '%测试%'",
    "regexp_full_match(name_text, '[0-9]{6}')",
    "regexp_matches(name_text, '第[0-9]+号')",
    "substr(name_text, 1, 2) = '92'",
    "left(name_text, 1) = '9' AND right(name_text, 1) <> 'X'",
    "upper(trim(name_text)) = 'A'",
    "starts_with(name, '江苏') OR contains(name, '省')",
    "name_key(name) = name_key(kind)",
    "uscc_ok(name_text)",
    "NOT is_filler(name_text)",
    "citizen_id_ok(name_text, today)",
    "coalesce(fine, 0) >= 0",
    "CASE WHEN kind = '罚款' THEN fine > 0 ELSE TRUE END",
    "if(kind = '罚款', fine > 0, TRUE)",
    "CAST(name_text AS DECIMAL(18, 2)) > 1",
    "TRY_CAST(name_text AS INTEGER) IS NOT NULL",
    "name_text || kind_text <> 'x'",
    "name IS DISTINCT FROM kind",
    '"order" = 1',
    "name = 'it''s; -- not a comment /* at all */'",
    "(((fine))) = 1",
    "round(fine, 2) = fine AND abs(fine) = fine",
]

HOSTILE = [
    "",
    "   ",
    "name IN (SELECT name FROM subjects)",
    "(SELECT count(*) FROM chunk) > 0",
    "EXISTS (SELECT 1)",
    "name = ANY (SELECT 'x')",
    "read_text('/etc/passwd') = ''",
    "read_csv('x.csv') IS NULL",
    "read_csv_auto('x.csv') IS NULL",
    "glob('/*') IS NULL",
    "getenv('HOME') = 'x'",
    "current_setting('threads') = 1",
    "getvariable('chengxin_running') IS NULL",
    "error('stop')",
    "random() < 0.5",
    "now() > decided_on",
    "current_date > decided_on",
    "nextval('s') = 1",
    "repeat('x', 1000000000) = ''",
    "range(1000000000) IS NULL",
    "pg_sleep(10) IS NULL",
    "fine > 0; DROP TABLE records",
    "fine > 0;",
    "fine > 0 -- and more",
    "fine > 0 /* and more */",
    "/* first */ fine > 0",
    "row_number() OVER () = 1",
    "sum(fine) OVER (PARTITION BY name) > 1",
    "sum(fine) > 1",
    "count(*) > 1",
    "name = password",
    "records.name = 'x'",
    "main.records.name = 'x'",
    "main.length(name) = 1",
    "name::JSON IS NULL",
    "CAST(name AS BLOB) IS NULL",
    "CAST(name AS INTEGER[]) IS NULL",
    "CAST(name AS STRUCT(a INTEGER)) IS NULL",
    "name::regclass IS NULL",
    "list_filter(kinds, lambda k: k = 'x') = kinds",
    "list_transform(kinds, k -> k) = kinds",
    "kinds[1] = 'x'",
    "{'a': name} IS NULL",
    "struct_pack(a := name) IS NULL",
    "columns('.*') IS NULL",
    "* = 1",
    "name = $1",
    "name = ?",
    "name = :secret",
    "INTERVAL 1 DAY > INTERVAL 2 DAY",
    "name COLLATE nocase = 'x'",
    "name = e'\\x41'",
    "name = $$x$$",
    "query('select 1') IS NULL",
    "DELETE FROM chunk",
    "COPY chunk TO 'x'",
    "PRAGMA version",
    "ATTACH 'x'",
    "fine > ",
    "fine >> 2 = 1",
    "name ~ 'x'",
    "name SIMILAR TO 'x'",
    "name GLOB 'x'",
    "(" * 60 + "fine" + ")" * 60,
    "NOT " * 60 + "TRUE",
    "-" + " -" * 60 + "fine = 1",
    "fine = 1" + " OR fine = 1" * 400,
    "name = '" + "x" * 5000 + "'",
    " || ".join(["name_text"] * 300) + " = ''",
]


@pytest.mark.parametrize("text", USEFUL)
def test_useful_text_is_accepted_and_its_new_text_is_stable(text: str) -> None:
    again, used = regenerate(text, COLUMNS)
    assert regenerate(again, COLUMNS) == (again, used)
    assert set(used) <= COLUMNS


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_refused_with_place_and_expectation(text: str) -> None:
    with pytest.raises(DialectError) as caught:
        regenerate(text, COLUMNS)
    assert caught.value.found and caught.value.expected
    assert 1 <= caught.value.position <= len(text) + 2


def test_there_are_enough_of_both() -> None:
    assert len(HOSTILE) >= 30 and len(USEFUL) >= 30


def test_position_points_at_the_fault() -> None:
    text = "fine > 0 AND read_text('x') = 'y'"
    with pytest.raises(DialectError) as caught:
        regenerate(text, COLUMNS)
    assert caught.value.position == text.index("read_text") + 1


def test_our_macros_keep_their_meaning() -> None:
    """sqlglot would turn add_months into an interval, which gives a timestamp and not our end-of-month rule."""
    assert regenerate("add_months(decided_on, 3) >= today", COLUMNS)[0] == 'add_months("decided_on", 3) >= "today"'


def test_columns_come_in_the_order_of_reading() -> None:
    assert regenerate("fine > 0 AND kind = 'x' OR fine_text = name", COLUMNS)[1] == (
        "fine",
        "kind",
        "fine_text",
        "name",
    )


@pytest.fixture(scope="module")
def con(policies: Policies) -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(":memory:")
    for statement in macro_statements(policies.calendar):
        made.execute(statement)
    return made


@pytest.mark.parametrize("text", USEFUL)
def test_duckdb_agrees_that_it_is_an_expression(text: str, con: duckdb.DuckDBPyConnection) -> None:
    again, used = regenerate(text, COLUMNS)
    types = {"kinds": "VARCHAR[]", "fine": "DECIMAL(24,6)", "order": "BIGINT"}
    types |= dict.fromkeys(("decided_on", "valid_until", "today", "reported_on"), "DATE")
    columns = [f'CAST(NULL AS {types.get(c, "VARCHAR")}) AS "{c}"' for c in (*used, "nothing")]
    con.execute(f"SELECT {again} FROM (SELECT {', '.join(columns)})").fetchone()
