"""The check of a batch: read the evidence, run every rule, ask the register, write the receipt (R-031, R-049).

A pure function of the evidence, the packs and the register: it can be killed and run again at any moment, because all it
writes is replaced whole at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from django.conf import settings

from chengxin.collection.ahead import ahead
from chengxin.collection.judge import Keys, RowHashes, Subjects, duplicates, shared_keys
from chengxin.collection.plan import plan_for
from chengxin.collection.prepare import subject_sql
from chengxin.collection.receipts import Receipt
from chengxin.collection.verdict import Verdict
from chengxin.engine import findings as shape
from chengxin.engine.check import Checker
from chengxin.engine.findings import Findings
from chengxin.engine.headers import Match, match_headings
from chengxin.engine.plan import Plan
from chengxin.engine.readers import BrokenRow, Chunk, FileRefused, Source, open_source
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.policy.rules import Rule
from chengxin.registry.judge import judge

Rows = npt.NDArray[np.int64]


@dataclass
class Checked:
    """What a check found; counts are complete whatever a receipt shows."""

    received: int
    verdict: Verdict
    faults: list[dict[str, object]]
    headings: dict[str, object]
    late: int
    format: str
    encoding: str
    seconds: float
    notes: list[str] = field(default_factory=list)


def check_file(
    path: Path,
    item: Item,
    packs: Policies,
    *,
    reported_on: date,
    today: date,
    folder: Path,
    progress: Callable[[int], None] = lambda _rows: None,
    ask_register: bool = True,
) -> Checked:
    """Check the file at `path` against `item`, write `receipt.csv` and `verdict.parquet` into `folder`.

    Raises `FileRefused` when the file as a whole cannot be taken, `RuleFault` when a rule of ours cannot be computed.
    """
    started = time.monotonic()
    plan = plan_for(item, packs, reported_on=reported_on, today=today)
    with open_source(path) as source:
        match = match_headings(source.columns, plan.columns)
        _require_columns(match, item, plan)
        with Checker(plan, match) as checker, Receipt(folder) as receipt:
            run = _Run(source, item, plan, checker, receipt, Keys(folder / "keys.arrow", checker))
            run.rows(progress, ask_register)
            run.file_stage()
            if ask_register:
                run.register_stage()
            run.headings(match)
            verdict = run.verdict()
            receipt.finish()
        verdict.save(folder / "verdict.parquet")
        return Checked(
            received=run.received,
            verdict=verdict,
            faults=run.faults(),
            headings=_headings(match, source),
            late=run.late(),
            format=source.format,
            encoding=source.encoding or "",
            seconds=round(time.monotonic() - started, 3),
            notes=list(source.notes),
        )


def data_rows(chunk: Chunk) -> tuple[Rows, pl.DataFrame]:
    """The rows of a chunk that hold data, with their numbers in the file; blank and broken lines are left out."""
    numbers = np.arange(chunk.first_row, chunk.first_row + chunk.table.height, dtype=np.int64)
    if chunk.holes is None:
        return numbers, chunk.table
    return numbers[~chunk.holes], chunk.table.filter(pl.Series(~chunk.holes))


class _Run:
    """One pass over one file; keeps row numbers by level, never rows."""

    def __init__(self, source: Source, item: Item, plan: Plan, checker: Checker, receipt: Receipt, keys: Keys) -> None:
        self.source, self.item, self.plan, self.checker, self.receipt = source, item, plan, checker, receipt
        self.keys = keys
        self.findings = Findings(plan, checker.match.position, checker.quote)
        self.by_id: dict[str, Rule] = {r.id: r for r in plan.rules if isinstance(r, Rule)}
        self.levels: dict[str, list[Rows]] = {"reject": [], "doubt": [], "warn": []}
        self.hashes = RowHashes()
        self.subjects = Subjects(", ".join(f"{sql} AS {name}" for name, sql in subject_sql(item).items()))
        self.repeated: Rows = np.empty(0, np.int64)
        self.conflicting: Rows = np.empty(0, np.int64)
        self.received = self.last = 0

    def rows(self, progress: Callable[[int], None], ask_register: bool) -> None:
        for chunk in ahead(self.source.chunks(settings.CHUNK_ROWS)):
            numbers, table = data_rows(chunk)
            failures = self.checker.check(table, numbers)
            self.hashes.add(failures)
            self.keys.add(numbers, table)
            if ask_register and not self.item.record.master:
                self.subjects.add(failures, table, self.checker)
            self._take(shape.gather([self.findings.of(failures, table), self._broken(chunk.broken)]))
            self.received += len(numbers) + len(chunk.broken)
            self.last = chunk.first_row + chunk.table.height - 1
            progress(self.received)

    def file_stage(self) -> None:
        numbers, hashes = self.hashes.column("key")
        rows, hashes = shared_keys(numbers, hashes, self._rows_at("reject"))
        contents = self.hashes.column("content")[1][np.searchsorted(numbers, rows)]
        found = duplicates(rows, hashes, contents, self.keys)
        self.repeated, self.conflicting = found.repeated, found.conflicting
        self._say("row.repeated", *found.shown(self.repeated))
        self._say("key.duplicate", *found.shown(self.conflicting))

    def register_stage(self) -> None:
        """Unknown subjects and contradicted names; master data is what the register learns its names from."""
        asked, table = self.subjects.table()
        if table is None or self.item.record.master:
            return
        answer = judge(table)
        answer = answer.with_columns(pl.Series("hash", asked)[answer["position"]])
        rows, hashes = self.hashes.column("subject")
        stays = ~np.isin(rows, np.union1d(self._rows_at("reject"), self.repeated), assume_unique=True)
        hit = pl.DataFrame({"row": rows[stays], "hash": hashes[stays]}).join(answer, on="hash").sort("row")
        unknown = hit.filter(pl.col("unknown") == 1)
        self._say("subject.unknown", unknown["row"], unknown["code"])
        other = hit.filter(pl.col("registered") != "")
        self._say("subject.name-contradicts", other["row"], other["name"], other["registered"])

    def headings(self, match: Match) -> None:
        """What the header says about the whole file stands under row 0."""
        for heading in match.unknown:
            self._say("column.unknown", _ZERO, _one(heading.text), _one(heading.nearest or "（没有相近的）"))
        for column in match.dropped:
            self._say("column.dropped", _ZERO, _one(self.source.columns[match.position[column.id]]))
        for _first, second in match.doubled:
            self._say("column.doubled", _ZERO, _one(second))

    def verdict(self) -> Verdict:
        rejected, doubted, warned = (self._marked(level) for level in ("reject", "doubt", "warn"))
        gone = rejected.copy()
        gone[self.repeated] = True
        doubtful = doubted & ~gone
        warned &= ~(gone | doubtful)
        warned[0] = False
        rows = [np.flatnonzero(marked) for marked in (rejected, doubtful, warned)]
        return Verdict(rows[0], rows[1], rows[2], self.repeated, self.conflicting)

    def faults(self) -> list[dict[str, object]]:
        return [
            {"rule": rule, "field": label, "level": level, "count": count}
            for (rule, label, level), count in sorted(self.findings.counts.items(), key=lambda x: (-x[1], x[0]))
        ]

    def late(self) -> int:
        return sum(n for (rule, _, _), n in self.findings.counts.items() if rule.endswith(".source.late"))

    def _take(self, frame: pl.DataFrame) -> None:
        for level, rows in self.levels.items():
            hit = frame.filter(pl.col("level") == level)["row"].to_numpy()
            if len(hit):
                rows.append(hit)
        self.receipt.add(frame)

    def _say(self, kind: str, rows: pl.Series, found: pl.Series, expected: pl.Series | None = None) -> None:
        """Findings of a check that is not an expression over a row, under the rule the policy has for it."""
        rule = self.by_id.get(f"{self.item.id}.{kind}")
        if rule is not None and len(rows):
            self._take(self.findings.frame(rule, rows, found, expected))

    def _broken(self, broken: list[BrokenRow]) -> pl.DataFrame:
        return self.findings.broken(self.item.id, [(b.row, b.kind, b.found, b.expected) for b in broken])

    def _rows_at(self, level: str) -> Rows:
        return np.flatnonzero(self._marked(level))

    def _marked(self, level: str) -> npt.NDArray[np.bool_]:
        """Row by row (0 is the heading) whether it has a finding of that level; no sorting, which bad files make long."""
        marked = np.zeros(self.last + 1, np.bool_)
        for rows in self.levels[level]:
            marked[rows] = True
        return marked


_ZERO = pl.Series("row", [0], dtype=pl.Int64)


def _one(text: str) -> pl.Series:
    return pl.Series([text], dtype=pl.String)


def _require_columns(match: Match, item: Item, plan: Plan) -> None:
    """A file without a required column is refused whole: every row of it would be rejected for the same reason."""
    missing = [c.label for c in match.missing if c.required]
    if not missing:
        return
    raise FileRefused(
        "missing-columns",
        f"表头缺少必填栏目：{'、'.join(missing)}。{_unknown(match)}请对照「{item.label}」的模板改好表头后重新报送。",
        f"The header lacks required columns: {', '.join(missing)}. {_unknown_en(match)}"
        f"Please compare the header with the template of “{item.label_en}” and submit again.",
    )


def _unknown(match: Match) -> str:
    """The headings that may be the missing ones under another name."""
    told = [f"“{h.text}”" + (f"（相近：{h.nearest}）" if h.nearest else "") for h in match.unknown]
    return f"文件里没有认出的表头：{'、'.join(told)}。" if told else "文件里的其他表头都认得出。"


def _unknown_en(match: Match) -> str:
    told = [f"“{h.text}”" + (f" (nearest: “{h.nearest}”)" if h.nearest else "") for h in match.unknown]
    return f"Headings not recognised: {', '.join(told)}. " if told else "All other headings were recognised. "


def _headings(match: Match, source: Source) -> dict[str, object]:
    return {
        "matched": {f: source.columns[n] for f, n in match.position.items()},
        "unknown": [{"heading": h.text, "nearest": h.nearest} for h in match.unknown],
        "dropped": [source.columns[match.position[c.id]] for c in match.dropped],
        "missing": [c.label for c in match.missing],
        "notes": list(source.notes),
    }
