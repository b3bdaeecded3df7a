"""The receipt (回执): one row a fault, as CSV at once and as the submitter's own workbook on demand.

Written to a side file and renamed at the end, so that a killed check leaves no half receipt.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import polars as pl
from django.utils import timezone

from chengxin.collection import evidence
from chengxin.collection.models import Batch
from chengxin.collection.plan import column_of
from chengxin.engine import findings as shape
from chengxin.engine.headers import match_headings
from chengxin.engine.readers import FileRefused, open_source
from chengxin.engine.receipt import CsvReceipt, write_xlsx
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.policy.rules import Rule
from chengxin.registry.packs import policies

_NO_WORKBOOK = "含有个人信息的原件不再另存一份带批注的副本；请按回执（CSV）里的行号对照您的原件更正。"
_NO_WORKBOOK_EN = (
    "A file with personal data is not copied into an annotated workbook; correct your own file by the row numbers of the"
    " receipt (CSV)."
)
_IN_MEMORY = 300_000
"""Findings that are kept to be sorted by row; beyond that stages follow each other in the file."""


class Receipt:
    """Collects findings and writes `receipt.csv` in `folder`; a context that removes its side file on failure."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "receipt.csv"
        self._part = folder / "receipt.csv.part"
        self._kept: list[pl.DataFrame] = []
        self._count = 0
        self._writer: CsvReceipt | None = None

    def __enter__(self) -> Receipt:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
        self._part.unlink(missing_ok=True)

    def add(self, frame: pl.DataFrame) -> None:
        if not frame.height:
            return
        self._count += frame.height
        self._kept.append(frame)
        if self._count > _IN_MEMORY:
            self._spill()

    def finish(self) -> None:
        self._spill()
        assert self._writer is not None
        self._writer.close()
        self._writer = None
        self._part.replace(self.path)

    def _spill(self) -> None:
        if self._writer is None:
            self._writer = CsvReceipt(self._part)
        self._writer.add(shape.gather(self._kept))
        self._kept = []


def workbook(submitted: Path, folder: Path, item: Item, packs: Policies, rules: Sequence[Rule] | None = None) -> Path:
    """The submitter's file again with what is wrong in each row, as XLSX; made once and kept beside the CSV. With `rules`
    the sentences are English."""
    path = folder / ("receipt.xlsx" if rules is None else "receipt-en.xlsx")
    if not path.exists():
        part = path.with_suffix(".xlsx.part")
        columns = [column_of(f, packs) for f in item.fields]
        with open_source(submitted) as source:
            match = match_headings(source.columns, columns)
            positions = {c.label: match.position[c.id] for c in columns if c.id in match.position}
            findings = read(folder) if rules is None else english(read(folder), rules)
            write_xlsx(source, [findings], part, positions=positions)
        part.replace(path)
    return path


def workbook_of(batch: Batch, *, in_english: bool = False) -> Path:
    """The workbook of a batch, by the item version it was checked under. Raises `FileRefused` for a file about persons, which
    no page repeats, and when the file is gone."""
    packs, day = policies(), timezone.localdate(batch.submitted_at)
    item = packs.item(batch.item, day)
    if item.personal:
        raise FileRefused("personal", _NO_WORKBOOK, _NO_WORKBOOK_EN)
    rules = packs.rules(batch.item, day) if in_english else None
    return workbook(evidence.file_of(batch), evidence.folder_of(batch.pk), item, packs, rules)


def table_of(batch: Batch, *, in_english: bool = False) -> Path:
    """The receipt of a batch as CSV: as it was written, or with English sentences, made once and kept beside it.

    Columns and rows are the same; `message` and, where the rule says it for all rows alike, `expected` are translated.
    """
    folder = evidence.folder_of(batch.pk)
    if not in_english:
        return folder / "receipt.csv"
    path = folder / "receipt-en.csv"
    if not path.exists() and (folder / "receipt.csv").exists():
        rules = policies().rules(batch.item, timezone.localdate(batch.submitted_at))
        part = folder / "receipt-en.csv.part"
        writer = CsvReceipt(part)
        writer.add(english(read(folder), rules))
        writer.close()
        part.replace(path)
    return path


def english(findings: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """The findings in the words that their rules have for English readers; others stay as they are."""
    known = {r.id: r for r in rules}
    parts = []
    for (name,), part in findings.with_row_index("at").partition_by("rule", as_dict=True).items():
        rule = known.get(str(name))
        parts.append(part if rule is None else _in_english(part, rule))
    return pl.concat(parts).sort("at").select(list(shape.SCHEMA)) if parts else findings


def _in_english(findings: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Findings of one rule; what was expected is translated where the rule says it for all rows alike."""
    alike = pl.col("expected") == rule.expected
    told = findings.with_columns(pl.when(alike).then(pl.lit(rule.expected_en)).otherwise("expected").alias("expected"))
    quoted = pl.col("found").fill_null("(empty)").str.slice(0, shape.SHOWN)
    words = shape.sentence(rule.message_en, {"found": quoted, "expected": pl.col("expected").fill_null("")})
    return told.with_columns(words.alias("message"))


def masked(findings: pl.DataFrame, rules: Sequence[Rule], sealed: Collection[str]) -> pl.DataFrame:
    """The findings on a file about persons without what points to them: what was found is quoted only where a rule reads
    none of the fields `sealed`; everything else is told by row, field and rule.
    """
    known = {r.id: r for r in rules}
    parts = []
    for (name,), part in findings.with_row_index("at").partition_by("rule", as_dict=True).items():
        rule = known.get(str(name))
        parts.append(part if rule is not None and _quotable(rule, sealed) else _hidden(part, rule))
    return pl.concat(parts).sort("at").select(list(shape.SCHEMA)) if parts else findings


def _quotable(rule: Rule, sealed: Collection[str]) -> bool:
    """A check of the file or the register (no test) may quote keys, headings and names."""
    return bool(rule.test) and not any(f in rule.fields or f'"{f}' in rule.found for f in sealed)


def _hidden(findings: pl.DataFrame, rule: Rule | None) -> pl.DataFrame:
    """Findings of one rule with nothing quoted; what was expected stays where the rule says it for all rows alike."""
    expected = pl.lit(rule.expected if rule else HIDDEN)
    words = shape.sentence(rule.message if rule else _LINE, {"found": pl.lit(HIDDEN), "expected": expected})
    return findings.with_columns(found=pl.lit(HIDDEN), expected=expected.cast(pl.String), message=words.cast(pl.String))


HIDDEN = "（涉及个人信息，已隐去）"
_LINE = "这一行有问题，内容{found}；请按行号对照原件改正后重新报送。"


def read(folder: Path) -> pl.DataFrame:
    """All findings of a batch."""
    path = folder / "receipt.csv"
    return pl.read_csv(path, schema_overrides=shape.SCHEMA) if path.exists() else shape.empty()


def page(folder: Path, *, offset: int = 0, limit: int = 100, rule: str = "") -> list[dict[str, object]]:
    """Some findings for a page, optionally of one rule."""
    path = folder / "receipt.csv"
    if not path.exists():
        return []
    lazy = pl.scan_csv(path, schema_overrides=shape.SCHEMA)
    if rule:
        lazy = lazy.filter(pl.col("rule") == rule)
    return lazy.slice(offset, limit).collect().to_dicts()


def of_rows(folder: Path, rows: Collection[int], level: str = "") -> dict[int, list[dict[str, object]]]:
    """The findings on these data rows, row by row; of one level, or of all."""
    path = folder / "receipt.csv"
    found: dict[int, list[dict[str, object]]] = {}
    if path.exists() and rows:
        wanted = pl.col("row").is_in(list(rows))
        if level:
            wanted &= pl.col("level") == level
        for finding in pl.scan_csv(path, schema_overrides=shape.SCHEMA).filter(wanted).collect().to_dicts():
            found.setdefault(finding["row"], []).append(finding)
    return found


def replace(folder: Path, frames: list[pl.DataFrame]) -> None:
    """Write the receipt anew from `frames`; workbooks made from the old one are forgotten."""
    with Receipt(folder) as receipt:
        for frame in frames:
            receipt.add(frame)
        receipt.finish()
    for old in [*folder.glob("receipt*.xlsx"), *folder.glob("receipt-*.csv")]:
        old.unlink()
