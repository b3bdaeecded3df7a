"""A block is left unstripped only where no cell begins or ends with a blank (F-02, R-032)."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chengxin.engine.readers.csv_edges import Edges
from chengxin.standards.text import BLANKS

HEAD = b"c0,c1\n"
INNER = "".join(b for b in BLANKS if b not in "\n\r\0")
LETTERS = st.text(st.sampled_from("a1。、《退々⼀éؙ․‧﻾" + INNER), max_size=4)
LINES = st.lists(st.lists(LETTERS, min_size=2, max_size=4), min_size=1, max_size=5)


def text_of(rows: list[list[str]], separator: str, end: str) -> bytes:
    kept = [[c.replace(separator, "").replace('"', "") for c in row] for row in rows]
    return HEAD.replace(b",", separator.encode()) + "".join(separator.join(row) + end for row in kept).encode()


@settings(max_examples=300, deadline=None)
@given(LINES, st.sampled_from(",\t;"), st.sampled_from(["\n", "\r\n"]))
@example([["a", "b\u3000"], ["c", "d"]], ",", "\r\n")
@example([["", ""], ["", ""]], "\t", "\r\n")
def test_a_blank_at_either_end_of_a_cell_is_seen(rows: list[list[str]], separator: str, end: str) -> None:
    cells = [c.replace(separator, "") for row in rows for c in row]
    text = text_of(rows, separator, end)
    lines, blanks = Edges(ord(separator)).look(text, len(HEAD), quoted=False)
    assert lines == len(rows)
    assert blanks or all(c == c.strip(BLANKS) for c in cells)


@pytest.mark.parametrize("blank", sorted(set(BLANKS) - set("\n")))
@pytest.mark.parametrize("quoted", [False, True])
def test_every_blank_is_seen_far_from_the_end_of_the_block(blank: str, quoted: bool) -> None:
    more = "江苏,退。\n" * 4
    quote = '"' if quoted else ""
    for cell in (f"{blank}甲", f"甲{blank}"):
        text = HEAD + f"{more}{quote}{cell}{quote},乙\n{more}".encode()
        assert Edges(ord(",")).look(text, len(HEAD), quoted) == (9, True)
    clean = HEAD + f"{more}{quote}甲{blank}乙{quote},《。\r\n{more}".encode()
    assert Edges(ord(",")).look(clean, len(HEAD), quoted) == (9, False)
