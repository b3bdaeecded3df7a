"""The stock that everything is made of: places, invented words, trades, offences, licences, as data files in `stock/`.

A trade word is one character of `first` and one of `second`, sometimes with a third between them. `second` holds
characters that firms hardly ever end their trade word with (篁, 榫, 筏, 楫 …), so that the whole of place, trade word,
industry and legal form is unlikely to be anybody's name; and codes lie where none has been issued (see `codes.py`), so
that no code is anybody's code. Real are the places, the words for trades and the titles of authorities.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

_FOLDER = Path(__file__).with_name("stock")
PROVINCE = ("320000", "江苏")


@cache
def words() -> dict[str, Any]:
    return tomllib.loads((_FOLDER / "words.toml").read_text("utf-8"))


@cache
def table(name: str) -> pl.DataFrame:
    """A table of the stock: places, trades, offices, offences, licences, …"""
    return pl.read_csv(_FOLDER / f"{name}.csv", schema_overrides={"code": pl.String, "city_code": pl.String})


@cache
def headings() -> dict[str, dict[str, dict[str, str]]]:
    """Under which headings departments send which field: item, style, heading -> field, in the order of the columns."""
    return tomllib.loads((_FOLDER / "headings.toml").read_text("utf-8"))


def of(name: str, **chosen: str) -> pl.DataFrame:
    """The rows of a table with these values, for example `of("offences", department="emergency")`."""
    return table(name).filter(**chosen)
