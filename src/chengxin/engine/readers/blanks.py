"""Outer blanks of cells, stripped once and for all; what is left empty is null."""

from __future__ import annotations

from typing import Final

import polars as pl

from chengxin.standards.text import BLANKS

STRIPPED: Final = pl.all().str.strip_chars(BLANKS)
"""All text columns without outer blanks, to be computed while the text is still in the processor's cache."""

NULLED: Final = pl.when(pl.all() != "").then(pl.all())
"""All text columns with null for empty text."""


def clean(text: str) -> str | None:
    """One cell: without outer blanks, None if nothing is left."""
    return text.strip(BLANKS) or None


def strip(table: pl.DataFrame) -> pl.DataFrame:
    """All text columns of the table, cleaned likewise."""
    return table.select(STRIPPED).select(NULLED)
