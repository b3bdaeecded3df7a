"""One row of an item, for a case that writes or corrects a record: the same columns, rules and periods as a batch's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from django.utils.translation import gettext as _

from chengxin.collection.plan import plan_for
from chengxin.collection.prepare import protection, stage_sql, staged_rows
from chengxin.engine.check import Checker
from chengxin.engine.findings import Findings
from chengxin.engine.headers import Match
from chengxin.policy.policies import UnknownPolicy
from chengxin.registry.entering import NotTaken, StagedRow
from chengxin.registry.packs import policies


def stage_one(item: str, cells: Mapping[str, str], source: str, on: date) -> StagedRow:
    """See `registry.entering.stage_one`. A doubt refuses as well: a case decides on content that nobody doubts."""
    packs = policies()
    declared = packs.item(item, on)
    if unknown := sorted(cells.keys() - {f.id for f in declared.kept_fields}):
        raise NotTaken(
            [_("「%(item)s」没有栏目 %(fields)s。") % {"item": declared.label, "fields": "、".join(unknown)}]
        )
    if absent := [f.label for f in declared.kept_fields if f.required and not cells.get(f.id)]:
        raise NotTaken([_("缺少必填栏目：%(fields)s。") % {"fields": "、".join(absent)}])
    names = list(cells)
    match = Match({name: n for n, name in enumerate(names)}, (), (), (), ())
    table = pl.DataFrame({f"c{n}": [cells[name]] for n, name in enumerate(names)}, schema_overrides=_texts(names))
    plan = plan_for(declared, packs, reported_on=on, today=on)
    with Checker(plan, match, threads=1) as checker:
        found = Findings(plan, match.position, checker.quote).of(checker.check(table, _ONE), table)
        faults = found.filter(pl.col("level").is_in(["reject", "doubt"]))
        if faults.height:
            raise NotTaken(faults["message"].to_list())
        select = stage_sql(declared, packs, region=_region(source), on=on)
        staged = staged_rows(
            checker, table, select, rows=_ONE, held=_NO, variants=_NO, master=declared.record.master,
            protect=protection(declared),
        ).to_pylist()  # fmt: skip
    return StagedRow(item, declared.version, source, staged[0])


_ONE = np.array([1], np.int64)
_NO = np.array([False])


def _texts(names: list[str]) -> dict[str, type[pl.DataType]]:
    return {f"c{n}": pl.String for n in range(len(names))}


def _region(source: str) -> str:
    try:
        return policies().agency(source).region
    except UnknownPolicy:
        return ""
