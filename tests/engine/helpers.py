"""A rule and a plan made by hand, for tests that need no policy pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from chengxin.engine.check import Checker
from chengxin.engine.headers import match_headings
from chengxin.engine.plan import Column, Plan
from chengxin.standards.sql import macro_statements

DAY = date(2026, 11, 20)


@dataclass(frozen=True)
class HandRule:
    id: str
    fields: tuple[str, ...]
    test: str
    level: str = "reject"
    stage: str = "form"
    message: str = "「{found}」不对；应为{expected}。"
    expected: str = "别的"
    found: str = ""


def plan(columns: Sequence[Column], rules: Sequence[HandRule], **more: object) -> Plan:
    return Plan("table", tuple(columns), tuple(rules), DAY, DAY, macros=tuple(macro_statements(None)), **more)  # type: ignore[arg-type]


def checker(the_plan: Plan, table: pl.DataFrame) -> Checker:
    return Checker(the_plan, match_headings(table.columns, the_plan.columns), threads=2)


def failing(the_plan: Plan, table: pl.DataFrame, fold: bool | None = None) -> dict[str, list[int]]:
    """Rule id -> rows (from 1) that fail; `fold` forces the way a column is checked."""
    numbered = table.rename({c: f"c{i}" for i, c in enumerate(table.columns)})
    with checker(the_plan, table) as run:
        if fold is not None:
            run._fold = {c.id: fold for c in the_plan.columns}
        failures = run.check(numbered, np.arange(1, table.height + 1))
    found: dict[str, list[int]] = {}
    for rules, mask in failures.groups:
        for k, rule in enumerate(rules):
            rows = np.flatnonzero(mask & np.uint64(1 << k))
            if len(rows):
                found[rule.id] = (rows + 1).tolist()
    return found
