"""The headings under which departments send the same fields: codes of 2018/19 and of 2015/16, or Chinese labels."""

from __future__ import annotations

import polars as pl

from chengxin.tools.generator.stock import headings


def headed(frame: pl.DataFrame, item: str, style: str) -> pl.DataFrame:
    """The columns of one style under its headings and in its order."""
    return frame.select(pl.col(field).alias(heading) for heading, field in headings()[item][style].items())


def field_of(item: str, heading: str) -> str | None:
    """Which field a heading means, whatever the style; None when no style of the item has it."""
    return next((names[heading] for names in headings()[item].values() if heading in names), None)
