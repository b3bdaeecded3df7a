"""Faults as departments make them, planted where we know: whoever checks the file has to find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from chengxin.tools.generator.codes import wrong_check
from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.headings import field_of
from chengxin.tools.generator.rows import INDIVIDUAL
from chengxin.tools.generator.subjects import TODAY

Change = Callable[[pl.DataFrame, str, date], pl.Series]
FORMULA = '=HYPERLINK("http://example.invalid","点击查看")'


@dataclass(frozen=True)
class Fault:
    """A fault: the field it stands in, the rule that has to find it (its id without the item), how the cells change, and
    which cells can have it (by default those that are filled)."""

    field: str
    rule: str
    change: Change
    where: Callable[[pl.DataFrame, str], pl.Series] = lambda frame, heading: frame[heading].is_not_null()


def _constant(text: str | None) -> Change:
    return lambda frame, heading, _today: pl.Series([text], dtype=pl.String).new_from_index(0, frame.height)


def _other_name(frame: pl.DataFrame, heading: str, _today: date) -> pl.Series:
    """Somebody else's name: the one that stands a third of the file away."""
    return frame[heading].gather((np.arange(frame.height) + frame.height // 3 + 1) % frame.height)


def _full_width(frame: pl.DataFrame, heading: str, _today: date) -> pl.Series:
    pairs = {chr(c): chr(c + 0xFEE0) for c in range(0x30, 0x5B)}
    return frame[heading].str.replace_many(list(pairs), list(pairs.values()))


def _above(frame: pl.DataFrame, heading: str, _today: date) -> pl.Series:
    return frame[heading].shift(1)


def _moved(days: int) -> Change:
    return lambda frame, _heading, today: _constant((today + timedelta(days=days)).isoformat())(frame, _heading, today)


def _in_yuan(frame: pl.DataFrame, heading: str, _today: date) -> pl.Series:
    return (frame[heading].cast(pl.Float64, strict=False) * 10_000).cast(pl.Int64).cast(pl.String)


def _individual(frame: pl.DataFrame, heading: str) -> pl.Series:
    return frame[heading] == INDIVIDUAL


def _below_filled(frame: pl.DataFrame, heading: str) -> pl.Series:
    """Not the first row, and far from other copies: rows are planted in pairs of an odd and an even number."""
    rows = pl.Series(np.arange(frame.height))
    return (rows % 2 == 1) & frame[heading].is_not_null() & frame[heading].shift(1).is_not_null()


FAULTS: dict[str, Fault] = {
    "wrong-check": Fault("subject_code", "subject_code.subject_code", lambda f, h, _: wrong_check(f[h])),
    "short-code": Fault("subject_code", "subject_code.subject_code", lambda f, h, _: f[h].str.head(17)),
    "filler-code": Fault("subject_code", "subject_code.filler", _constant("000000000000000000")),
    "other-name": Fault("subject_name", "subject.name-contradicts", _other_name),
    "long-name": Fault("subject_name", "subject_name.length", lambda f, h, _: f[h] + "（" + "分" * 200 + "）"),
    "wrong-category": Fault("subject_kind", "category-agrees-with-code", _constant("法人及非法人组织"), _individual),
    "natural-person": Fault("subject_kind", "subject.kind", _constant("自然人")),
    "impossible-date": Fault("decided_on", "decided_on.date", _constant("2026-02-30")),
    "future-date": Fault("decided_on", "decided_on.not_future", _moved(40)),
    "late": Fault("decided_on", "source.late", _moved(-75)),
    "reversed-dates": Fault("valid_until", "valid_until.not_before", _constant("2019-01-31")),
    "copied-number": Fault("document_number", "key.duplicate", _above, _below_filled),
    "missing-number": Fault("document_number", "document_number.required", _constant(None)),
    "missing-basis": Fault("legal_basis", "legal_basis.required", _constant(None)),
    "unknown-word": Fault("penalty_kinds", "penalty_kinds.codes", _constant("罚金")),
    "amount-in-words": Fault("fine_amount", "fine_amount.amount", _constant("伍万元整")),
    "missing-amount": Fault("fine_amount", "fine-amount-given", _constant(None)),
    "zero-amount": Fault("fine_amount", "fine-amount-given", _constant("0")),
    "amount-in-yuan": Fault("fine_amount", "fine-in-wan", _in_yuan),
    "wrong-office": Fault("authority_code", "authority_code.uscc", lambda f, h, _: wrong_check(f[h])),
    "unknown-permit": Fault("permit_kind", "permit_kind.codes", _constant("一般许可")),
    "impossible-registration": Fault("registered_on", "registered_on.date", _constant("2019-02-30")),
    "unknown-status": Fault("status", "status.codes", _constant("开着")),
}
HARMLESS: dict[str, Fault] = {
    "full-width": Fault("subject_code", "", _full_width),
    "blanks": Fault("subject_name", "", lambda f, h, _: " " + f[h] + "　"),
    "formula": Fault("remark", "", _constant(FORMULA), lambda f, h: f[h].is_null()),
}
"""What looks wrong and is taken all the same: width and blanks are normalised, a formula stays a text."""


def with_faults(
    frame: pl.DataFrame,
    share: float,
    seed: int,
    *,
    item: str = "penalty",
    kinds: Sequence[str] | None = None,
    today: date = TODAY,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frame with one fault in about `share` of its rows, and what was planted: `row` (from 1), `fault`, `heading`, `rule`.

    `kinds` are names of `FAULTS` or `HARMLESS`; by default all faults that the frame has a column for. Only columns of
    text can be spoilt.
    """
    known = {**FAULTS, **HARMLESS}
    columns = {field_of(item, h): h for h in frame.columns}
    chosen = [k for k in kinds or FAULTS if known[k].field in columns]
    d = Draws(seed, "faults", frame.height)
    turn = np.where(d.chance(share, "faulty"), d.below(len(chosen), "which"), -1)
    spoilt, planted = frame, []
    for place, kind in enumerate(chosen):
        fault, heading = known[kind], columns[known[kind].field]
        here = pl.Series(turn == place) & fault.where(frame, heading).fill_null(False) & _alone(kind, turn)
        headings = [heading]
        if kind == "copied-number" and "authority_code" in columns:
            headings.append(columns["authority_code"])  # a number is a number of an authority
        for h in headings:
            cells = pl.when(here).then(fault.change(frame, h, today)).otherwise(pl.col(h))
            spoilt = spoilt.with_columns(cells.alias(h))
        rule = pl.lit(f"{item}.{fault.rule}" if fault.rule else None, pl.String)
        rows = pl.DataFrame({"row": here.arg_true().cast(pl.Int64) + 1})
        planted.append(rows.with_columns(fault=pl.lit(kind), heading=pl.lit(heading), rule=rule))
    return spoilt, pl.concat(planted).sort("row")


def _alone(kind: str, turn: np.ndarray) -> pl.Series:
    """A copied number needs the row above to be as it was."""
    if kind != "copied-number":
        return pl.Series(np.ones(len(turn), np.bool_))
    above = np.concatenate([[0], turn[:-1]])
    return pl.Series(above == -1)
