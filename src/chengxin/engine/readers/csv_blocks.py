"""Text tables block by block: Polars parses the lines that are provably well-formed, `csv_careful` all others.

Polars alone cannot be trusted with what departments send (measured on 2.1): it drops blank lines that end in CRLF, so
that all rows below move up, and it stops at the first line with too many cells or a stray quote. It is given text only
when the end of every record is known beforehand, and its count of rows is compared with ours afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from chengxin.engine.readers.blanks import NULLED, STRIPPED
from chengxin.engine.readers.csv_careful import Careful
from chengxin.engine.readers.csv_edges import Edges
from chengxin.engine.readers.csv_lines import Lines, sort_lines
from chengxin.engine.readers.encodings import Block
from chengxin.engine.readers.headings import Headings
from chengxin.engine.readers.model import Fault, Piece
from chengxin.engine.readers.refusals import amount, refuse
from chengxin.standards.text import BLANKS

_WIDE_AS: Final = "\x1f"
"""The full-width comma is three bytes and Polars splits at one; blocks without quotes are rewritten with this."""

_NEWLINE: Final = np.array([10], dtype=np.uint8)
_LINE_BYTES: Final = 64 << 20


@dataclass(frozen=True)
class Layout:
    """How a text table is written: its headings, its delimiter, and where in the UTF-8 text its data begin."""

    headings: Headings
    delimiter: str
    header_row: int
    offset: int
    cr_only: bool


def read_blocks(blocks: Iterator[Block], layout: Layout) -> Iterator[Piece]:
    """The data rows of UTF-8 `blocks` (cut anywhere), in order. Raises `FileRefused` (line-too-long)."""
    reader = BlockReader(layout)
    skip, rows, rest = layout.offset, 0, b""
    for block in blocks:
        if skip:
            skip, block = max(skip - len(block), 0), block[skip:]
        if layout.cr_only:
            block = block.replace(b"\r", b"\n")
        piece, rest = reader.read(rest, block)
        if len(rest) > _LINE_BYTES:
            raise refuse("line-too-long", row=rows + 1, limit=amount(_LINE_BYTES))
        rows += piece.table.height
        yield piece
    if rest:
        yield reader.finish(rest)


class BlockReader:
    """Turns the text of one table into pieces; `careful_only` leaves Polars out, which tests compare with."""

    def __init__(self, layout: Layout, careful_only: bool = False) -> None:
        self.headings = layout.headings
        self.delimiter = layout.delimiter
        self.wide = not layout.delimiter.isascii()
        self.separator = _WIDE_AS if self.wide else layout.delimiter
        self.head = (self.separator.join(layout.headings.schema) + "\n").encode()
        self.edges = Edges(ord(self.separator))
        self.careful = Careful(layout.headings, layout.delimiter)
        self.careful_only = careful_only

    def read(self, rest: bytes, block: Block) -> tuple[Piece, bytes]:
        """The rows that end within `rest + block`, and what is left over."""
        if b'"' in rest or b'"' in block or self.careful_only:
            return self._quoted(rest + block)
        cut = block.rfind(b"\n") + 1
        if not cut:
            return self._piece(pl.DataFrame(schema=self.headings.schema)), rest + block
        # One copy only: the made-up heading line, what was left over, and the whole lines of the block.
        return self._plain(b"".join((self.head, rest, memoryview(block)[:cut]))), bytes(block[cut:])

    def finish(self, rest: bytes) -> Piece:
        """The last rows: the file ends here, with or without a line end."""
        return self._mixed(rest if rest.endswith(b"\n") else rest + b"\n", final=True)[0]

    def _piece(self, table: pl.DataFrame, faults: list[Fault] | None = None, size: int = 0) -> Piece:
        return Piece(self.headings.pick(table), faults or [], size)

    def _plain(self, text: bytes) -> Piece:
        """Whole lines without any quote, behind our heading line."""
        body = text
        if self.wide:
            body = b"" if b"\x1f" in text[len(self.head) :] else text.replace(self.delimiter.encode(), b"\x1f")
        table = self._parse(body, None) if body and b"\0" not in body else None
        if table is not None and not self._has_single_cells(table, body):
            return self._piece(table, size=len(body))
        return self._mixed(text[len(self.head) :], final=True)[0]

    def _quoted(self, text: bytes) -> tuple[Piece, bytes]:
        odd = self.wide or self.careful_only or b"\0" in text
        cut, lines = (0, 0) if odd else survey(text, ord(self.separator))
        if cut:
            table = self._parse(b"".join((self.head, memoryview(text)[:cut])), '"', lines)
            if table is not None and not self._has_single_cells(table, None):
                return self._piece(table, size=cut), text[cut:]
        piece, used = self._mixed(text, final=False)
        return piece, text[used:]

    def _parse(self, body: bytes, quote: str | None, rows: int | None = None) -> pl.DataFrame | None:
        """The table of `body` behind our heading line, cleaned, or None if Polars does not see exactly `rows` rows of the
        right width (where they are not given, as many as there are lines)."""
        lines, blanks = self.edges.look(body, len(self.head), quote is not None)
        if quote is not None and (lines != rows or self.separator in BLANKS):
            blanks = True  # a line end or a tab beside a quote may stand inside the quoted cell
        text = pl.scan_csv(body, schema=self.headings.schema, separator=self.separator, quote_char=quote)
        try:
            table = (text.select(STRIPPED) if blanks else text).collect(engine="streaming")
        except pl.exceptions.PolarsError:
            return None
        if table.height != (lines if rows is None else rows):
            return None
        return table.select(NULLED) if blanks or quote else table

    def _has_single_cells(self, table: pl.DataFrame, body: bytes | None) -> bool:
        """Whether a line has a text but no delimiter; where quotes could hide one (`body` None) every candidate counts."""
        if not min(table.null_count().row(0)[1:]):
            return False
        alone = table.select(
            pl.nth(0).is_not_null() & pl.all_horizontal(pl.nth(range(1, table.width)).is_null())
        ).to_series()
        if not alone.any():
            return False
        if body is None:
            return True
        separator = self.separator.encode()
        lines = body.split(b"\n")
        return any(separator not in lines[at + 1] for at in alone.arg_true())

    def _mixed(self, text: bytes, final: bool) -> tuple[Piece, int]:
        """The rows of a block in which something is odd, and how many bytes of it they took."""
        if self.wide or self.careful_only:
            lines = sort_lines(text, ord("\n"), 0)  # every line is odd
        else:
            lines = sort_lines(text, ord(self.separator), self.headings.width)
        spans, taken = self._walk(lines, text.split(b"\n")[: lines.starts.size], final)
        odd, faults = self.careful.table()
        body = b"".join(text[lines.starts[a] : lines.stops[b - 1]] for a, b, plain in spans if plain)
        height = sum(b - a for a, b, plain in spans if plain)
        table = self._parse(self.head + body, '"', height) if body else odd.clear()
        if table is None:  # no known case: then Python reads every line
            return BlockReader(self._layout(), careful_only=True)._mixed(text, final)
        order, places = _weave(spans, height)
        moved = [Fault(int(places[f.at]), f.kind, f.found, f.expected) for f in faults]
        used = int(lines.stops[taken - 1]) if taken else 0
        return self._piece(pl.concat([table, odd])[order], moved, used), used

    def _walk(self, lines: Lines, texts: list[bytes], final: bool) -> tuple[list[tuple[int, int, bool]], int]:
        """Spans (from line, to line, plain) of the block and how many lines they cover; odd records are taken here."""
        spans: list[tuple[int, int, bool]] = []
        at = 0
        while at < len(texts):
            odd = lines.next_odd(at)
            if odd > at:
                spans.append((at, odd, True))
            if odd == len(texts):
                return spans, odd
            taken = self.careful.take(texts, odd, final)
            if not taken:
                return spans, odd
            spans.append((odd, odd + taken, False))
            at = odd + taken
        return spans, at

    def _layout(self) -> Layout:
        return Layout(self.headings, self.delimiter, 0, 0, False)


def _weave(spans: list[tuple[int, int, bool]], height: int) -> tuple[list[int], list[int]]:
    """Where each row stands in plain rows followed by odd ones, and where each odd row stands in the file."""
    order: list[int] = []
    places: list[int] = []
    plain = 0
    for a, b, is_plain in spans:
        if is_plain:
            order.extend(range(plain, plain + b - a))
            plain += b - a
        else:
            places.append(len(order))
            order.append(height + len(places) - 1)
    return order, places


def survey(text: bytes, delimiter: int) -> tuple[int, int]:
    """Where the last whole record of `text` ends and how many records there are, in bytes and records from the start.

    (0, 0) unless every quote opens after a delimiter or line end, closes before one, or is doubled inside a quoted cell:
    only then does counting quotes tell which line ends are inside a cell.
    """
    data = np.frombuffer(text, dtype=np.uint8)
    at = np.flatnonzero(data == 34)
    padded = np.concatenate([_NEWLINE, data, _NEWLINE, _NEWLINE])
    before, after = padded[at], padded[at + 2]
    doubled = np.diff(at) == 1
    opens = (before == delimiter) | (before == 10)
    closes = (after == delimiter) | (after == 10) | ((after == 13) & (padded[at + 3] == 10))
    opens[1:] |= doubled
    closes[:-1] |= doubled
    if not (opens[::2].all() and closes[1::2].all()):
        return 0, 0
    ends = np.flatnonzero(data == 10)
    ends = ends[np.searchsorted(at, ends) % 2 == 0]
    return (int(ends[-1]) + 1, len(ends)) if len(ends) else (0, 0)
