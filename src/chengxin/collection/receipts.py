"""The receipt (回执): one row a fault, as CSV at once and as the submitter's own workbook on demand.

Written to a side file and renamed at the end, so that a killed check leaves no half receipt.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl
from django.utils import timezone

from chengxin.collection import evidence
from chengxin.collection.models import Batch
from chengxin.collection.plan import column_of
from chengxin.engine import findings as shape
from chengxin.engine.headers import match_headings
from chengxin.engine.readers import open_source
from chengxin.engine.receipt import CsvReceipt, write_xlsx
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.registry.packs import policies

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


def workbook(submitted: Path, folder: Path, item: Item, packs: Policies) -> Path:
    """The submitter's file again with what is wrong in each row, as XLSX; made once and kept beside the CSV."""
    path = folder / "receipt.xlsx"
    if not path.exists():
        part = folder / "receipt.xlsx.part"
        columns = [column_of(f, packs) for f in item.fields]
        with open_source(submitted) as source:
            match = match_headings(source.columns, columns)
            positions = {c.label: match.position[c.id] for c in columns if c.id in match.position}
            write_xlsx(source, [read(folder)], part, positions=positions)
        part.replace(path)
    return path


def workbook_of(batch: Batch) -> Path:
    """The workbook of a batch, by the item version it was checked under."""
    packs = policies()
    item = packs.item(batch.item, timezone.localdate(batch.submitted_at))
    return workbook(evidence.place(batch.file_sha256), evidence.folder_of(batch.pk), item, packs)


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


def of_rows(folder: Path, rows: Collection[int], level: str) -> dict[int, list[dict[str, object]]]:
    """The findings of one level on these data rows, row by row."""
    path = folder / "receipt.csv"
    found: dict[int, list[dict[str, object]]] = {}
    if path.exists() and rows:
        wanted = pl.col("row").is_in(list(rows)) & (pl.col("level") == level)
        for finding in pl.scan_csv(path, schema_overrides=shape.SCHEMA).filter(wanted).collect().to_dicts():
            found.setdefault(finding["row"], []).append(finding)
    return found


def replace(folder: Path, frames: list[pl.DataFrame]) -> None:
    """Write the receipt anew from `frames`; workbooks made from the old one are forgotten."""
    with Receipt(folder) as receipt:
        for frame in frames:
            receipt.add(frame)
        receipt.finish()
    for old in folder.glob("receipt*.xlsx"):
        old.unlink()
