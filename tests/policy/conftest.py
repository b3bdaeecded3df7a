"""Fixtures of the policy tests: a small province of packs to break, and a DuckDB runner for rule examples."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from chengxin.policy import Item, Policies, PolicyError, Problem, Rule, load
from chengxin.policy.check import Answer, Asked, Run
from chengxin.policy.fields import Field
from chengxin.standards.sql import macro_statements

PACKS = Path(__file__).parent / "packs"
PENALTY = "national/catalogue/penalty.toml"
TODAY = "2026-11-21"
CODES = {"uscc", "subject_code", "organisation_code", "registration_number", "tax_number", "citizen_id", "phone"}


def make_runner(policies: Policies) -> Run:
    """Types rows as the engine contract says and asks all rules of an item in one statement, or one by one on a fault."""
    con = duckdb.connect(":memory:")
    for statement in macro_statements(policies.calendar):
        con.execute(statement)

    def run(item: Item, asked: Sequence[Asked]) -> list[Answer]:
        rules = {rule.id: rule for rule, _ in asked}
        source = rows_sql(item, [row for _, row in asked], policies)
        con.execute(f"CREATE OR REPLACE TEMP TABLE example AS {source}")
        answers = all_at_once(list(rules.values())) or {rule.id: ask(rule) for rule in rules.values()}
        return [a[n] if isinstance(a := answers[rule.id], list) else a for n, (rule, _) in enumerate(asked)]

    def all_at_once(rules: list[Rule]) -> dict[str, list[Answer]] | None:
        try:
            tests = ", ".join(f"({rule.test}), {rule.found}" for rule in rules)
            columns = list(zip(*con.execute(f"SELECT {tests} FROM example ORDER BY number").fetchall(), strict=True))
        except duckdb.Error:
            return None
        return {rule.id: list(columns[2 * n]) for n, rule in enumerate(rules)}

    def ask(rule: Rule) -> list[Answer] | Exception:
        try:
            rows = con.execute(f"SELECT ({rule.test}), {rule.found} FROM example ORDER BY number").fetchall()
        except duckdb.Error as error:
            return error
        return [row[0] for row in rows]

    return run


def rows_sql(item: Item, rows: Sequence[Mapping[str, str]], policies: Policies) -> str:
    """All rows as a SELECT with `<field>_text`, `<field>`, today, reported_on and their number."""
    names = [*(f.id for f in item.kept_fields), "today", "reported_on"]
    values = []
    for at, row in enumerate(rows):
        cells = {"today": TODAY, "reported_on": TODAY, **row}
        values.append("(" + ", ".join([str(at), *(sql(cells.get(n)) for n in names)]) + ")")
    raw = f"(VALUES {', '.join(values)}) AS t(number, {', '.join(f'{n}_raw' for n in names)})"
    texts = ", ".join(f'{cleaned(f)} AS "{f.id}_text"' for f in item.kept_fields)
    typed_columns = ", ".join(f'{typed(f, policies)} AS "{f.id}"' for f in item.kept_fields)
    days = "CAST(today_raw AS DATE) AS today, CAST(reported_on_raw AS DATE) AS reported_on"
    return f"SELECT *, {typed_columns} FROM (SELECT number, {days}, {texts} FROM {raw})"


def sql(text: str | None) -> str:
    return "CAST(NULL AS VARCHAR)" if text is None else "'" + text.replace("'", "''") + "'"


def cleaned(field: Field) -> str:
    return f"{'clean_code' if field.type in CODES else 'clean_text'}({field.id}_raw)"


def typed(field: Field, policies: Policies) -> str:
    text = f'"{field.id}_text"'
    if field.type == "date":
        return f"parse_date_or_serial({text})"
    if field.type == "amount":
        return f"parse_amount({text}, unit := '{'万元' if field.unit == 'wan' else '元'}')"
    if field.type in ("integer", "year"):
        return f"try_cast({text} AS BIGINT)"
    if field.type not in ("code", "code_set"):
        return text
    pairs = policies.codes(field.table or "").lookup.items()
    table = f"MAP {{{', '.join(f'{sql(k)}: {sql(v)}' for k, v in pairs)}}}"
    if field.type == "code":
        return f"{table}[{text}]"
    split = f"list_filter(string_split_regex({text}, '[、，,;；|]'), lambda v: trim(v) <> '')"
    return f"list_transform({split}, lambda v: {table}[trim(v)])"


@dataclass(frozen=True)
class Province:
    """A copy of the test packs that a test may change."""

    folder: Path

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), "utf-8")

    def write(self, file: str, text: str) -> None:
        (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / file).write_text(text, "utf-8")

    def line(self, file: str, text: str) -> int:
        rows = (self.folder / file).read_text("utf-8").splitlines()
        return next(n for n, row in enumerate(rows, 1) if text in row)

    def problems(self) -> tuple[Problem, ...]:
        with pytest.raises(PolicyError) as caught:
            load(self.folder)
        return caught.value.problems

    def load(self) -> Policies:
        return load(self.folder)


@pytest.fixture
def province(tmp_path: Path) -> Province:
    folder = tmp_path / "policies"
    shutil.copytree(PACKS, folder)
    return Province(folder)


@pytest.fixture(scope="session")
def policies() -> Policies:
    return load(PACKS)


@pytest.fixture(scope="session")
def today() -> date:
    return date.fromisoformat(TODAY)


@pytest.fixture(scope="session")
def run(policies: Policies) -> Run:
    """Runs rules of the test packs."""
    return make_runner(policies)


@pytest.fixture(scope="session")
def runner() -> object:
    return make_runner
