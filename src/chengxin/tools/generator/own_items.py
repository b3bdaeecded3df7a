"""Rows of an item that only one department has, made from its schema: examples, code tables, lengths and dates.

What stands in a field is what the pack gives as its example, a word of its code table or a plausible day or number, so
that a department's new item has data to try it with as soon as its file exists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.policy.policies import Policies
from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.rows import days_before, each, later, written
from chengxin.tools.generator.subjects import TODAY

_SPAN = 300


def rows_of(
    item: Item, packs: Policies, subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY
) -> pl.DataFrame:
    """At most `n` rows of `item` about living firms, one each, under the labels of its fields."""
    firms = each(subjects, n, Draws(seed, f"own {item.id}", n))
    d = Draws(seed, f"own {item.id}", firms.height)
    decided = days_before(d, today, _SPAN)
    cells = {f.label: _cells(f, item, packs, firms, d, decided) for f in item.kept_fields}
    return pl.DataFrame(cells)


def _cells(f: Field, item: Item, packs: Policies, firms: pl.DataFrame, d: Draws, decided: pl.Series) -> pl.Series:
    """The column of one field."""
    record = item.record
    if f.id in (record.subject_name, record.subject_code):
        return firms["name" if f.id == record.subject_name else "code"]
    if f.id == record.decided:
        return written(decided)
    maker = _MAKERS.get(f.type)
    if maker is not None:
        return maker(f, packs, d, decided)
    if f.id in record.key:
        return _numbered(f, d)
    return pl.Series([_plain(f)], dtype=pl.String).new_from_index(0, d.n)


def _plain(f: Field) -> str | None:
    return None if f.example is None or not f.required else str(f.example)


def _coded(f: Field, packs: Policies, d: Draws, _decided: pl.Series) -> pl.Series:
    """Mostly the example's word; a third of the rows have another of the table."""
    words = list(packs.codes(f.table).labels) if f.table else []
    if not words or not f.required:
        return pl.Series([_plain(f)], dtype=pl.String).new_from_index(0, d.n)
    usual = str(f.example) if f.example in words else words[0]
    return d.pick([usual, *words], f.id, [2 * len(words), *[1] * len(words)])


def _dated(f: Field, _packs: Policies, d: Draws, decided: pl.Series) -> pl.Series:
    """An end lies after the decision, everything else shortly before it; what need not be said is left out."""
    if not f.required:
        return pl.Series([None], dtype=pl.String).new_from_index(0, d.n)
    ends = bool(re.search("until|end|due|expire|valid", f.id))
    return written(later(decided, 365 if ends else -1 - d.below(9, f.id)))


def _number(f: Field, _packs: Policies, d: Draws, _decided: pl.Series) -> pl.Series:
    """A little around the example, inside the limits that the schema sets."""
    if f.example is None or not f.required:
        return pl.Series([None], dtype=pl.String).new_from_index(0, d.n)
    middle = float(str(f.example).replace(",", ""))
    low = max(middle * 0.7, float(f.min) if f.min is not None else 0)
    high = min(middle * 1.3, float(f.max) if f.max is not None else middle * 1.3)
    found = low + d.unit(f.id) * max(high - low, 0)
    return pl.Series(found.round().astype("int64")).cast(pl.String)


def _numbered(f: Field, d: Draws) -> pl.Series:
    """The example's number with a running number in place of its last digits."""
    head = re.sub(r"\d+\D*$", "", str(f.example or f.id))
    return pl.Series(f.id, range(1, d.n + 1)).cast(pl.String).str.zfill(4).str.replace("^", head)


_MAKERS: Mapping[str, Callable[[Field, Policies, Draws, pl.Series], pl.Series]] = {
    "code": _coded,
    "code_set": _coded,
    "date": _dated,
    "amount": _number,
    "integer": _number,
    "document_number": lambda f, _packs, d, _decided: _numbered(f, d),
}
