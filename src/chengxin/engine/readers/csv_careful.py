"""Reads lines of a text table one by one in Python: those the fast reader cannot be trusted with, and only those.

No line is lost or shifted: what cannot be read as a row of the table is named and keeps its place as a row of nulls.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from chengxin.engine.readers.blanks import clean
from chengxin.engine.readers.encodings import readable
from chengxin.engine.readers.headings import Headings
from chengxin.engine.readers.model import SHOWN, Fault
from chengxin.standards.text import BLANKS

_RECORD_BYTES: Final = 1 << 20
"""A quoted cell with line breaks that does not end within this much is an open quote."""

_EXPECTED: Final = {
    "bad-bytes": "与文件其他部分相同的编码",
    "control-characters": "没有控制字符的文本",
    "open-quote": "成对的引号，内容里的引号写成两个",
}

Cells = list[str | None]


@dataclass
class Careful:
    """Takes records of UTF-8 lines into `rows` and `faults`; the delimiter may be several bytes long (，)."""

    headings: Headings
    delimiter: str
    rows: list[Cells] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        stop = re.escape(self.delimiter)
        # Possessive: a cell of a megabyte that closes badly must not be tried again from every letter of it.
        blank = f"[{re.escape(BLANKS.replace(self.delimiter, ''))}]*+"
        self._quoted = re.compile(f'{blank}"([^"]*+(?:""[^"]*+)*+)"{blank}(?={stop}|$)')
        self._opening = re.compile(f'{blank}"')
        self._nothing: Cells = [None] * self.headings.width

    def take(self, lines: list[bytes], at: int, final: bool) -> int:
        """Take the record that begins on line `at`; the number of lines it had.

        0 if a quote is still open behind the last line, unless these are the `final` lines.
        """
        line = lines[at]
        if b"\0" in line:
            return self._broken("control-characters", line)
        text = _text(line)
        if text is None:
            return self._broken("bad-bytes", line)
        if '"' not in text:
            return self._keep(text.removesuffix("\r").split(self.delimiter), line, 1)
        taken = 1
        while (cells := self.split(text.removesuffix("\r"), most=self.headings.width if taken > 1 else None)) is None:
            more = _up_to_a_close(lines, at + taken)
            if more is None and not final and len(text) < _RECORD_BYTES:
                return 0
            below = _text(b"\n".join(more or ()))
            if more is None or below is None or len(text) >= _RECORD_BYTES:
                return self._broken("open-quote", line)
            text, taken = f"{text}\n{below}", taken + len(more)
        alone = taken > 1 and len(cells) == 1 and clean(cells[0])
        if not cells or alone:
            return self._broken("open-quote", line)
        return self._keep(cells, line, taken)

    def split(self, text: str, most: int | None = None) -> list[str] | None:
        """Cells of one record without its line end: None if a quote is open at its end.

        [] if a quote closes amid a cell or there are more than `most` cells: then the quotes were not meant as such.
        """
        cells: list[str] = []
        at = 0
        while True:
            if most is not None and len(cells) >= most:
                return []
            found = self._quoted.match(text, at)
            if found:
                cells.append(found[1].replace('""', '"'))
                at = found.end()
            else:
                opening = self._opening.match(text, at)
                if opening:
                    return None if text.count('"', opening.end()) == text.count('""', opening.end()) * 2 else []
                end = text.find(self.delimiter, at)
                end = len(text) if end < 0 else end
                cells.append(text[at:end])
                at = end
            if at >= len(text):
                return cells
            at += len(self.delimiter)

    def table(self) -> tuple[pl.DataFrame, list[Fault]]:
        """The rows taken so far as columns c0..cN-1, with their faults; forgets them."""
        columns = list(zip(*self.rows, strict=True)) if self.rows else [()] * self.headings.width
        faults, self.rows, self.faults = self.faults, [], []
        return pl.DataFrame([pl.Series(f"c{i}", column, dtype=pl.String) for i, column in enumerate(columns)]), faults

    def _keep(self, texts: list[str], line: bytes, taken: int) -> int:
        cells = [clean(t) for t in texts]
        width = self.headings.width
        if any(cells[width:]):
            self._broken("too-many-cells", line, f"{width} 个单元格，实际 {len(cells)} 个")
        elif len(cells) == 1 and cells[0]:
            self._broken("too-few-cells", line, f"{width} 个单元格，实际 1 个")
        else:
            self.rows.append(cells[:width] + self._nothing[len(cells) :])
        return taken

    def _broken(self, kind: str, line: bytes, expected: str = "") -> int:
        self.faults.append(Fault(len(self.rows), kind, readable(line).strip()[:SHOWN], expected or _EXPECTED[kind]))
        self.rows.append(self._nothing)
        return 1


def _text(data: bytes) -> str | None:
    """The lines as text, None if they hold a NUL or are not UTF-8."""
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None


def _up_to_a_close(lines: list[bytes], at: int) -> list[bytes] | None:
    """The lines from `at` up to the next that can close a quote, which doubled ones cannot; None if none does."""
    size = 0
    for end in range(at, len(lines)):
        line = lines[end]
        size += len(line)
        if size > _RECORD_BYTES:
            return None
        if b'"' in line and line.count(b'"') != 2 * line.count(b'""'):
            return lines[at : end + 1]
    return None
