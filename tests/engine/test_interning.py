"""The same text has the same number from the first chunk to the last, and different texts have different ones (design.md 1.3)."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.engine.interning import NULL, Interner

TEXTS = st.lists(st.one_of(st.none(), st.sampled_from(["", "甲", "乙", " 甲"]), st.text(max_size=3)), max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_numbers_tell_texts_apart_from_chunk_to_chunk(chunks: list[list[str | None]]) -> None:
    interner = Interner()
    numbers: dict[int, str | None] = {NULL: None}
    for chunk in chunks:
        codes, fresh = interner.number(pl.Series(chunk, dtype=pl.String))
        for place in fresh:
            numbers[len(numbers)] = chunk[place]
        assert [numbers[c] for c in codes.tolist()] == chunk
        assert len(numbers) == len(interner) == len(set(numbers.values()))


def test_a_table_that_has_to_grow_many_times_forgets_nothing() -> None:
    interner = Interner()
    first = pl.Series([f"统一{i}" for i in range(50_000)])
    codes, fresh = interner.number(first)
    assert sorted(codes.tolist()) == list(range(1, 50_001))
    assert (codes[fresh] == np.arange(1, 50_001)).all()
    mixed = pl.concat([pl.Series([f"新{i}" for i in range(50_000)]), first, pl.Series([None], dtype=pl.String)])
    again, new = interner.number(mixed)
    assert (again[50_000:100_000] == codes).all()
    assert len(new) == 50_000 and new.max() < 50_000 and again[-1] == NULL
