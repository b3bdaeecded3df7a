"""Reads the CSV of a code table and checks that every text answers to one row only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from chengxin.policy.errors import PolicyError, Problem
from chengxin.policy.explain import explain
from chengxin.policy.packs import CODE_COLUMNS, Code, CodeTable
from chengxin.policy.reading import read_csv


def read_codes(table: CodeTable, file: Path, name: str) -> tuple[CodeTable, list[Problem]]:
    """The table with its rows, and what is wrong with them. Columns: `CODE_COLUMNS`, code and label required."""
    if not file.exists():
        return table, [Problem(name, 0, "", "no such file", f"the rows of the code table {table.id}")]
    try:
        header, lines = read_csv(file, name)
    except PolicyError as error:
        return table, list(error.problems)
    problems = list(_header_faults(header, name))
    if problems:
        return table, problems
    rows: list[Code] = []
    for line, cells in lines:
        try:
            rows.append(Code.model_validate(_row(line, cells)))
        except ValidationError as error:
            problems += [Problem(name, line, ".".join(map(str, p)), f, e) for p, f, e in explain(error, Code)]
    return table.model_copy(update={"rows": tuple(rows)}), [*problems, *_row_faults(rows, name)]


def _header_faults(header: list[str], name: str) -> Iterator[Problem]:
    for column in header:
        if column not in CODE_COLUMNS:
            yield Problem(name, 1, "", f"the column {column!r}", "only the columns " + ", ".join(CODE_COLUMNS))
    for column in ("code", "label"):
        if column not in header:
            yield Problem(name, 1, "", f"no column {column}", "the columns code and label at least")


def _row(line: int, cells: dict[str, str]) -> dict[str, object]:
    given: dict[str, object] = {key: text for key, text in cells.items() if text}
    given["aliases"] = tuple(a.strip() for a in cells.get("aliases", "").split("|") if a.strip())
    return {**given, "line": line}


def _row_faults(rows: list[Code], name: str) -> Iterator[Problem]:
    owner: dict[str, Code] = {}
    codes = {row.code for row in rows}
    for row in rows:
        for text in dict.fromkeys((row.code, row.label, *row.aliases)):
            other = owner.setdefault(text, row)
            if other is not row:
                found = f"{text!r}, which line {other.line} ({other.label}) has too"
                yield Problem(
                    name, row.line, row.code, found, "each code, label and alias once, or nobody knows what is meant"
                )
        if row.parent and row.parent not in codes:
            yield Problem(name, row.line, row.code, f"the parent {row.parent!r}", "a code of this table")
