"""Finds the delimiter and the heading line of a text table, past title lines and blank lines above it."""

from __future__ import annotations

import re
from typing import Final

from chengxin.engine.readers.blanks import clean
from chengxin.engine.readers.csv_blocks import Layout
from chengxin.engine.readers.csv_careful import Careful
from chengxin.engine.readers.headings import Headings, is_title, read_headings
from chengxin.engine.readers.model import Limits
from chengxin.engine.readers.refusals import refuse

DELIMITERS: Final = (",", "\t", ";", "|", "，")
_TITLES: Final = 10
_LOOKED_AT: Final = 30
_SAMPLE: Final = 1 << 16


def find_layout(start: bytes, limits: Limits) -> Layout:
    """The layout of the table whose UTF-8 text begins with `start` (some thousand lines are enough).

    The delimiter is the one under which most lines have as many cells as the headings; several that do
    are told apart by which headings come first, then by their number, then by the order of `DELIMITERS`. Raises
    `FileRefused` (empty, no-header, one-column, duplicate-headings, too-many-columns).
    """
    cr_only = _ends_in_cr(start)
    text = start.replace(b"\r", b"\n") if cr_only else start
    if not clean(text.decode("utf-8", "replace")):
        raise refuse("empty")
    guesses = [guess for d in DELIMITERS if (guess := _Guess.of(text, d)).header >= 0]
    if not guesses:
        raise _no_headings(text)
    best = max(guesses, key=lambda g: g.score)
    headings = read_headings(best.records[best.header], limits)
    return Layout(headings, best.delimiter, best.line, best.offset, cr_only)


def _ends_in_cr(start: bytes) -> bool:
    """Whether lines end in a lone CR (old Macintosh), judged outside quotes: there it must be the commoner end."""
    plain = re.sub(rb'"[^"]*"', b"", start[:_SAMPLE])
    lone = len(re.findall(rb"\r(?!\n)", plain))
    return lone > plain.count(b"\n")


def _no_headings(text: bytes) -> Exception:
    lines = [cell for line in text.decode("utf-8", "replace").split("\n")[: _TITLES + 1] if (cell := clean(line))]
    if len(lines) > 1 or not lines:
        return refuse("one-column", heading=lines[0][:50]) if lines else refuse("empty")
    return refuse("no-header", lines=_TITLES + 1)


class _Guess:
    """The first records of a text read with one delimiter."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        self.records: list[list[str]] = []
        self.header = -1
        self.line = self.offset = 0

    @classmethod
    def of(cls, text: bytes, delimiter: str) -> _Guess:
        guess = cls(delimiter)
        careful = Careful(Headings([], [], 0), delimiter)
        lines = text.split(b"\n")
        at = offset = 0
        while at < len(lines) and len(guess.records) < _LOOKED_AT:
            cells, taken = _first_record(careful, lines, at)
            guess.records.append(cells)
            offset += sum(len(line) + 1 for line in lines[at : at + taken])
            at += taken
            if guess.header < 0 and len(guess.records) <= _TITLES and not is_title(cells):
                guess.header, guess.line, guess.offset = len(guess.records) - 1, at - taken + 1, min(offset, len(text))
        return guess

    @property
    def score(self) -> tuple[float, int, int]:
        """Share of the other lines that have as many cells as the headings; then the earlier and the wider headings."""
        width = len(self.records[self.header])
        others = [r for i, r in enumerate(self.records) if i != self.header and (len(r) > 1 or clean(r[0]))]
        alike = sum(len(r) == width for r in others) / len(others) if others else 0.5
        return round(alike, 1), -self.header, width


def _first_record(careful: Careful, lines: list[bytes], at: int) -> tuple[list[str], int]:
    text = lines[at].decode("utf-8", "replace")
    for taken in range(1, 20):
        cells = careful.split(text.removesuffix("\r"))
        if cells is not None or at + taken >= len(lines):
            break
        text += "\n" + lines[at + taken].decode("utf-8", "replace")
    else:
        cells = None
    if cells:
        return cells, taken
    return lines[at].decode("utf-8", "replace").removesuffix("\r").split(careful.delimiter), 1
