"""From failed rules to findings: one row a fault, with what was found and what was expected (R-049, G-20)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from chengxin.engine.check import Failures
from chengxin.engine.plan import Plan, Rule

SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "rule": pl.String(),
    "level": pl.String(),
    "field": pl.String(),
    "found": pl.String(),
    "expected": pl.String(),
    "message": pl.String(),
}
SHOWN = 80
"""Characters of a cell that a message quotes; the `found` column holds the whole cell."""

_PLAIN = re.compile(r'("\w+_text")?')
"""A rule's `found` that is one cell as it is: no statement is needed to quote it."""

Rows = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]
Quote = Callable[[pl.DataFrame, Rule], pl.Series]


class Findings:
    """Turns the failures of a chunk into a frame of findings and keeps complete counts a rule.

    `quote` (`Checker.quote`) computes what a rule lets a receipt show; without it such a rule shows nothing.
    """

    def __init__(self, plan: Plan, position: Mapping[str, int], quote: Quote | None = None) -> None:
        self.plan = plan
        self.position = position
        self.quote = quote
        self.counts: dict[tuple[str, str, str], int] = {}
        self._labels = {c.id: c.label for c in plan.columns}
        self._place = {r.id: i for i, r in enumerate(plan.rules)}

    def of(self, failures: Failures, table: pl.DataFrame) -> pl.DataFrame:
        """The findings of one chunk, by row and then in the order of the rules."""
        parts: dict[int, pl.DataFrame] = {}
        for rules, mask in failures.groups:
            hit = np.bitwise_or.reduce(mask)
            for k, rule in enumerate(rules):
                if hit >> np.uint64(k) & np.uint64(1):
                    rows = np.flatnonzero(mask & np.uint64(1 << k))
                    parts[self._place[rule.id]] = self._frame(rule, rows, failures.numbers, table)
        return gather(parts[place] for place in sorted(parts))

    def _frame(self, rule: Rule, rows: Places, numbers: Rows, table: pl.DataFrame) -> pl.DataFrame:
        if _PLAIN.fullmatch(rule.found):
            blamed = self._blamed(rule, rows, table)
            return self.frame(rule, numbers[rows], self._cells(rule, rows, table, blamed), quoted=blamed)
        hidden = pl.Series("found", [None] * len(rows), dtype=pl.String)
        return self.frame(rule, numbers[rows], self.quote(table[rows], rule) if self.quote else hidden)

    def frame(
        self,
        rule: Rule,
        rows: Rows | pl.Series,
        found: pl.Series,
        expected: pl.Series | None = None,
        quoted: pl.Series | None = None,
    ) -> pl.DataFrame:
        """Findings of one rule on `rows` (data rows from 1); `expected` where it differs row by row, `quoted` where the
        sentence speaks of less than the column `found` shows."""
        label = "、".join(self._labels.get(f, f) for f in rule.fields)
        self.counts[rule.id, label, rule.level] = self.counts.get((rule.id, label, rule.level), 0) + len(rows)
        frame = pl.DataFrame({"row": rows, "found": found.cast(pl.String)}).with_columns(
            pl.lit(rule.id).alias("rule"),
            pl.lit(rule.level).alias("level"),
            pl.lit(label).alias("field"),
            pl.lit(rule.expected).alias("expected") if expected is None else expected.alias("expected"),
            (found if quoted is None else quoted).cast(pl.String).str.slice(0, SHOWN).alias("quoted"),
        )
        message = sentence(rule.message, {"found": pl.col("quoted"), "expected": pl.col("expected")})
        return frame.with_columns(message.alias("message")).select(list(SCHEMA))

    def broken(self, name: str, rows: Sequence[tuple[int, str, str, str]]) -> pl.DataFrame:
        """Lines that could not be read as rows: (row, kind, found, expected), each a reject of its own."""
        if not rows:
            return empty()
        frame = pl.DataFrame(
            rows, schema={"row": pl.Int64, "kind": pl.String, "found": pl.String, "expected": pl.String}, orient="row"
        )
        for kind, count in frame["kind"].value_counts().iter_rows():
            key = (f"{name}.line.{kind}", "整行", "reject")
            self.counts[key] = self.counts.get(key, 0) + count
        message = pl.format("这一行读不成一条记录：{}；应为：{}。请改好这一行后重新报送。", "found", "expected")
        return frame.with_columns(
            pl.format("{}.line.{}", pl.lit(name), "kind").alias("rule"),
            pl.lit("reject").alias("level"),
            pl.lit("整行").alias("field"),
            message.alias("message"),
        ).select(list(SCHEMA))

    def _blamed(self, rule: Rule, rows: Places, table: pl.DataFrame) -> pl.Series:
        """The cell that the rule's sentence speaks of: that of its first field."""
        if not rule.fields or rule.fields[0] not in self.position:
            return pl.Series("found", [None] * len(rows), dtype=pl.String)
        return table.to_series(self.position[rule.fields[0]])[rows].alias("found")

    def _cells(self, rule: Rule, rows: Places, table: pl.DataFrame, blamed: pl.Series) -> pl.Series:
        """All cells that the rule read and the file has."""
        names = [f for f in rule.fields if f in self.position]
        if len(rule.fields) == 1 or not names:
            return blamed
        cells = table.select(pl.nth(self.position[n]).alias(n) for n in names)[rows]
        texts = [pl.concat_str(pl.lit(f"{self._labels[n]}="), pl.col(n).fill_null("（空）")) for n in names]
        return cells.select(pl.concat_str(texts, separator="；").alias("found")).to_series()


def sentence(template: str, parts: Mapping[str, pl.Expr]) -> pl.Expr:
    """The template with `{name}` replaced by the column expressions; an absent value reads （空）."""
    pieces: list[pl.Expr] = []
    rest = template
    while rest:
        at = min((i for i in (rest.find("{" + n + "}") for n in parts) if i >= 0), default=-1)
        if at < 0:
            pieces.append(pl.lit(rest))
            break
        name = next(n for n in parts if rest.startswith("{" + n + "}", at))
        if at:
            pieces.append(pl.lit(rest[:at]))
        pieces.append(parts[name].fill_null("（空）"))
        rest = rest[at + len(name) + 2 :]
    return pl.concat_str(pieces) if pieces else pl.lit("")


def empty() -> pl.DataFrame:
    return pl.DataFrame(schema=SCHEMA)


def gather(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Frames of several stages as one, by row."""
    kept: Sequence[pl.DataFrame] = [f for f in frames if f.height]
    whole = pl.concat(kept) if kept else empty()
    return whole if whole["row"].is_sorted() else whole.sort("row", maintain_order=True)
