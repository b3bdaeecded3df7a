"""Every rule over every row, and the same answer whichever way a column is checked (R-049, design.md section 6)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.engine.check import RuleFault
from chengxin.engine.findings import Findings, sentence
from chengxin.engine.headers import match_headings
from chengxin.engine.plan import Column
from chengxin.standards.text import clean_code

from .helpers import HandRule, checker, failing, plan

COLUMNS = [
    Column("name", "名称"),
    Column("decided_on", "决定日期", "date"),
    Column("until", "有效期", "date"),
    Column("fine", "罚款金额", "amount", unit="万元"),
    Column("kind", "类别", "code", table={"1": "警告", "警告": "警告", "罚款": "罚款"}),
    Column("kinds", "类别们", "code_set", table={"警告": "警告", "罚款": "罚款"}),
    Column("code", "代码", "uscc"),
]
RULES = [
    HandRule("name.required", ("name",), '"name_text" IS NOT NULL'),
    HandRule("decided.date", ("decided_on",), '"decided_on_text" IS NULL OR "decided_on" IS NOT NULL'),
    HandRule("fine.small", ("fine",), '"fine" < 20000'),
    HandRule("kind.known", ("kind",), '"kind_text" IS NULL OR "kind" IS NOT NULL'),
    HandRule(
        "kinds.known",
        ("kinds",),
        '"kinds_text" IS NULL OR NOT list_contains("kinds", NULL) AND list_count("kinds") = len("kinds")',
    ),
    HandRule("code.ok", ("code",), 'uscc_ok("code_text")'),
    HandRule("order", ("until", "decided_on"), '"until" >= "decided_on"', stage="meaning"),
    HandRule("fined", ("fine", "kind"), '"kind" <> \'罚款\' OR "fine" IS NOT NULL', stage="meaning"),
]


def rows(**cells: list[str | None]) -> pl.DataFrame:
    """A table of text with the labels as headings; columns not named are empty."""
    height = len(next(iter(cells.values())))
    return pl.DataFrame(
        {c.label: cells.get(c.id, [None] * height) for c in COLUMNS}, schema={c.label: pl.String for c in COLUMNS}
    )


def test_a_clean_row_fails_nothing() -> None:
    clean = rows(
        name=["泊禾"], decided_on=["2026年3月1日"], until=["2027-03-01"], fine=["1.5"], kind=["1"], kinds=["警告、罚款"],
        code=["91350100m000100y43"],
    )  # fmt: skip
    assert failing(plan(COLUMNS, RULES), clean) == {}


def test_each_rule_names_the_rows_that_fail_it() -> None:
    table = rows(
        name=["泊禾", None, "澄砚"],
        decided_on=["2026-03-01", "2026-02-30", "2026-03-01"],
        until=["2026-01-01", "2027-01-01", None],
        fine=["1", "3", None],
        kind=["罚款", "不详", "罚款"],
        kinds=["警告", "警告；拘留", None],
        code=["91350100M000100Y43", "91350100M000100Y44", None],
    )
    assert failing(plan(COLUMNS, RULES), table) == {
        "name.required": [2],
        "decided.date": [2],
        "fine.small": [2],
        "kind.known": [2],
        "kinds.known": [2],
        "code.ok": [2],
        "order": [1],
        "fined": [3],
    }


def test_amounts_in_wan_are_compared_in_yuan() -> None:
    assert failing(plan(COLUMNS, RULES), rows(name=["甲"] * 2, fine=["1.999999", "2"])) == {"fine.small": [2]}


def test_an_absent_column_is_null_and_null_passes() -> None:
    table = pl.DataFrame({"名称": ["甲", "乙"]})
    assert failing(plan(COLUMNS, RULES), table) == {}


def test_more_rules_than_bits_in_a_word() -> None:
    many = [HandRule(f"r{n}", ("name", "until"), f'length("name_text") <> {n}', stage="meaning") for n in range(1, 131)]
    table = pl.DataFrame(
        {"名称": ["x" * n for n in range(1, 131)], "有效期": [None] * 130}, schema_overrides={"有效期": pl.String}
    )
    assert failing(plan(COLUMNS, many), table) == {f"r{n}": [n] for n in range(1, 131)}


CELL = st.one_of(
    st.none(),
    st.sampled_from(
        ["甲", "2026-03-01", "2026/3/1", "20260301", "2026-13-01", "1.5", "-1", "警告", "警告、罚款", "拘留", "99"]
    ),
    st.text("甲0Ａa１ .-/年月日〔〕", min_size=1, max_size=12).map(str.strip).filter(bool),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[CELL] * len(COLUMNS)), min_size=1, max_size=30))
def test_folding_a_column_gives_the_same_answer_as_checking_every_row(cells: list[tuple[str | None, ...]]) -> None:
    """Folding is an optimisation and nothing else: distinct values, same failures (design.md 1.3)."""
    table = pl.DataFrame(cells, schema={c.label: pl.String for c in COLUMNS}, orient="row")
    assert failing(plan(COLUMNS, RULES), table, fold=True) == failing(plan(COLUMNS, RULES), table, fold=False)


def test_a_small_file_is_not_folded_and_answers_what_a_large_one_does() -> None:
    """Below some thousand rows planning a statement for each column costs more than the rows (issue 2, section 7)."""
    few = pl.DataFrame({c.label: ["甲", "*", None, "2026-01-01"] for c in COLUMNS})
    many = pl.concat([few] * 1000)
    folded = {}
    for name, table in (("few", few), ("many", many)):
        with checker(plan(COLUMNS, RULES), table) as run:
            numbered = table.rename({c: f"c{i}" for i, c in enumerate(table.columns)})
            run.check(numbered, np.arange(1, table.height + 1))
            folded[name] = dict(run._fold)
    assert not any(folded["few"].values()) and all(folded["many"].values())
    small = failing(plan(COLUMNS, RULES), few)
    assert small, "the cells are chosen so that rules fail"
    repeated = {rule: sorted(r + 4 * n for r in rows for n in range(1000)) for rule, rows in small.items()}
    assert failing(plan(COLUMNS, RULES), many) == repeated


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.tuples(*[CELL] * len(COLUMNS)), min_size=1, max_size=8), min_size=2, max_size=4))
def test_values_remembered_from_earlier_chunks_fail_what_they_failed_there(
    chunks: list[list[tuple[str | None, ...]]],
) -> None:
    """Chunk by chunk through one checker is the same as all rows at once, each looked at for itself (design.md 1.3)."""
    schema = {c.label: pl.String for c in COLUMNS}
    tables = [pl.DataFrame(cells, schema=schema, orient="row") for cells in chunks]
    keyed = plan(COLUMNS, RULES, key=("name", "kind"), subject=("code",), key_text='"name_text"')
    found: dict[str, list[int]] = {}
    hashes: dict[str, list[int]] = {"key": [], "subject": [], "content": []}
    with checker(keyed, tables[0]) as run:
        run._fold = {c.id: c.id != "until" for c in COLUMNS}
        start = 1
        for table in tables:
            numbered = table.rename({c: f"c{i}" for i, c in enumerate(table.columns)})
            failures = run.check(numbered, np.arange(start, start + table.height))
            for rules, mask in failures.groups:
                for k, rule in enumerate(rules):
                    found.setdefault(rule.id, []).extend(failures.numbers[(mask & np.uint64(1 << k)) > 0].tolist())
            for name, part in hashes.items():
                part.extend(getattr(failures, name).tolist())
            start += table.height
    whole = pl.concat(tables)
    cleaned = whole.with_columns(pl.Series("代码", [clean_code(c) if c else None for c in whole["代码"]], pl.String))
    assert {rule: rows for rule, rows in found.items() if rows} == failing(keyed, whole, fold=False)
    told = {"key": ["名称", "类别"], "subject": ["代码"], "content": whole.columns}
    for name, columns in told.items():  # the same hash where the cells are the same, 0 where there are none
        cells = cleaned.select(columns).rows()
        assert len(set(zip(hashes[name], cells, strict=True))) == len(set(cells)) == len(set(hashes[name]))
        assert all((h == 0) == (set(row) == {None}) for h, row in zip(hashes[name], cells, strict=True))


@pytest.mark.parametrize("fold", [True, False])
def test_a_rule_that_cannot_be_computed_is_our_fault_and_is_named(fold: bool) -> None:
    broken = [*RULES, HandRule("ours.broken", ("name",), 'error("name_text")')]
    with pytest.raises(RuleFault) as caught:
        failing(plan(COLUMNS, broken), rows(name=["甲"]), fold=fold)
    assert caught.value.rule == "ours.broken"


def test_a_finding_says_row_rule_field_found_and_expected() -> None:
    the_plan = plan(COLUMNS, RULES)
    table = rows(name=["泊禾", None], decided_on=["2026-03-01", "2026-02-30"], until=["2026-01-01", None])
    numbered = table.rename({c: f"c{i}" for i, c in enumerate(table.columns)})
    with checker(the_plan, table) as run:
        failures = run.check(numbered, np.array([11, 12]))
        findings = Findings(the_plan, run.match.position)
        frame = findings.of(failures, numbered)
    assert frame.select("row", "rule", "field", "found").rows() == [
        (11, "order", "有效期、决定日期", "有效期=2026-01-01；决定日期=2026-03-01"),
        (12, "name.required", "名称", None),
        (12, "decided.date", "决定日期", "2026-02-30"),
    ]
    assert frame["message"].to_list()[2] == "「2026-02-30」不对；应为别的。"
    assert findings.counts == {
        ("order", "有效期、决定日期", "reject"): 1,
        ("name.required", "名称", "reject"): 1,
        ("decided.date", "决定日期", "reject"): 1,
    }


def test_a_sentence_speaks_of_the_blamed_cell_and_a_receipt_quotes_no_more_than_its_rule_allows() -> None:
    order, secret = (
        HandRule("order", ("until", "decided_on"), '"until" >= "decided_on"'),
        HandRule("secret", ("name",), 'length("name_text") < 4', found="concat(left(\"name_text\", 1), '****')"),
    )
    the_plan = plan(COLUMNS, [order, secret])
    table = rows(name=["110105194912310021"], decided_on=["2026-03-01"], until=["2026-01-01"])
    numbered = table.rename({c: f"c{i}" for i, c in enumerate(table.columns)})
    with checker(the_plan, table) as run:
        findings = Findings(the_plan, run.match.position, run.quote)
        frame = findings.of(run.check(numbered, np.array([1])), numbered)
    said = {rule: (found, message) for rule, found, message in frame.select("rule", "found", "message").iter_rows()}
    assert said["order"] == ("有效期=2026-01-01；决定日期=2026-03-01", "「2026-01-01」不对；应为别的。")
    assert said["secret"] == ("1****", "「1****」不对；应为别的。")


def test_a_sentence_with_braces_of_its_own_stays_as_it_is() -> None:
    frame = pl.DataFrame({"found": ["{expected}", None], "expected": ["乙", "乙"]})
    made = frame.select(
        sentence("{found} 与 {x}，应为 {expected}", {"found": pl.col("found"), "expected": pl.col("expected")})
    )
    assert made.to_series().to_list() == ["{expected} 与 {x}，应为 乙", "（空） 与 {x}，应为 乙"]


def test_headings_match_by_code_label_and_alias_whatever_their_width_and_marks() -> None:
    columns = [
        Column("subject_name", "行政相对人名称", names=("CF_XDR_MC", "企业名称")),
        Column("subject_code", "统一社会信用代码", names=("CF_XDR_SHXYM",)),
        Column("officer_id", "法定代表人证件号码", names=("CF_FR_ZJHM",), keep=False),
    ]
    match = match_headings(
        [" ＣＦ_xdr_mc ", "*统一社会信用代码（必填）", "CF_FR_ZJHM", "统一社会信用代玛", "企业名称"], columns
    )
    assert match.position == {"subject_name": 0, "officer_id": 2}
    assert [h.nearest for h in match.unknown] == ["统一社会信用代码", "统一社会信用代码"]
    assert match.doubled == ((" ＣＦ_xdr_mc ", "企业名称"),)
    assert [c.id for c in match.dropped] == ["officer_id"]
    assert [c.id for c in match.missing] == ["subject_code"]
