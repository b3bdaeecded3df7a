"""What is in a workbook, counted from its bytes before any spreadsheet library sees it (bombs, macros, passwords).

A sheet is a sparse grid in the file and a dense one in memory: one cell in XFD1048576 would ask for 17 thousand million
cells. So rows, columns and cells are counted while the parts are inflated under a limit, and only then is it opened.
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase, digits
from typing import Final

import polars as pl

from chengxin.engine.readers.model import Limits
from chengxin.engine.readers.refusals import amount, refuse
from chengxin.engine.readers.xlsx_text import text_lengths, text_size

_STEP: Final = 4 << 20
_TEXTS: Final = "xl/sharedStrings.xml"
_CELLS: Final = (b"<c ", b"<c>", b"<c/", b":c ", b":c>", b":c/")
_REF: Final = r'\sr="[A-Z]+\d+'
_ROW: Final = r'<(?:\w+:)?row [^>]*?r="(\d+)"'
_PLAIN: Final = r'(?: r="[A-Z]+\d+"| s="\d+"| t="n")*'
_LONG: Final = rf"<(?:\w+:)?c{_PLAIN}><(?:\w+:)?v>-?(?:\d{{16,}}|\d(?:\.\d+)?[eE]\+(?:1[5-9]|[2-9]\d))"
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    ValueError,
    pl.exceptions.PolarsError,  # bytes that are not UTF-8
)
_ENTITY: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


@dataclass(frozen=True)
class Sheet:
    """One worksheet: the dense size it would take, its cells, merged ranges, and numbers too long for Excel to hold."""

    name: str
    visible: bool
    rows: int = 0
    columns: int = 0
    cells: int = 0
    merged: int = 0
    long_numbers: int = 0


def read_facts(path: Path, limits: Limits) -> list[Sheet]:
    """The worksheets of the workbook at `path`, in order, counted under `limits`.

    Raises `FileRefused`: zip-bomb, macros, encrypted, unsafe-xml, damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive.infolist(), path.stat().st_size, limits)
            budget = _Budget(limits, path.stat().st_size)
            parts = _parts(archive, budget)
            counted = {p: _count(_inflate(archive, p, budget), limits) for p in set(parts.values()) if p}
            _check_texts(archive, counted, budget, limits)
            for info in archive.infolist():
                if info.filename not in counted and info.filename != _TEXTS:
                    for _ in _inflate(archive, info.filename, budget):
                        pass
    except _DAMAGE as error:
        raise refuse("damaged", reason=str(error)[:100]) from error
    nothing = Sheet("", True)
    return [
        Sheet(name, visible, c.rows, c.columns, c.cells, c.merged, c.long_numbers)
        for (name, visible), part in parts.items()
        if (c := counted.get(part, nothing))
    ]


def _check_directory(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    if len(entries) > limits.max_entries:
        raise refuse("zip-bomb", found=f"{len(entries)} 个条目", limit=f"{limits.max_entries} 个")
    if any(e.flag_bits & 1 for e in entries):
        raise refuse("encrypted")
    if any("vbaProject" in e.filename for e in entries):
        raise refuse("macros")
    names = [e.filename for e in entries]
    if len(set(names)) < len(names):
        raise refuse("damaged", reason="压缩包里有重名的条目")
    _Budget(limits, size).spend(sum(e.file_size for e in entries))


class _Budget:
    """Bytes that may still be inflated: an absolute limit, and a ratio to the size of the file once that matters."""

    def __init__(self, limits: Limits, size: int) -> None:
        self.limit = min(limits.max_unzipped, max(limits.max_ratio * size, 16 << 20))
        self.spent = 0

    def spend(self, size: int) -> None:
        self.spent += size
        if self.spent > self.limit:
            raise refuse("zip-bomb", found=f"超过 {amount(self.limit)}", limit=amount(self.limit))


def _inflate(archive: zipfile.ZipFile, name: str, budget: _Budget) -> Iterator[bytes]:
    """The bytes of one part, in steps, counted as they really come out."""
    with archive.open(name) as part:
        head = True
        while block := part.read(_STEP):
            budget.spend(len(block))
            if head and name.endswith((".xml", ".rels")) and _ENTITY.search(block[:65536]):
                raise refuse("unsafe-xml", part=name)
            head = False
            yield block


def _check_texts(archive: zipfile.ZipFile, sheets: dict[str, Sheet], budget: _Budget, limits: Limits) -> None:
    """The text of the largest sheet, written out cell by cell, must fit the limit of what may be unzipped."""
    if _TEXTS not in archive.namelist():
        return
    lengths = text_lengths(_inflate(archive, _TEXTS, budget))
    longest = int(lengths.max(initial=0))
    for part, sheet in sheets.items():
        if longest * sheet.cells <= limits.max_unzipped:
            continue
        blocks = _whole_cells(_inflate(archive, part, _Budget(limits, 1 << 40)))
        size = text_size((pl.Series([block]).cast(pl.String) for block in blocks), lengths)
        if size > limits.max_unzipped:
            raise refuse("zip-bomb", found=amount(size), limit=amount(limits.max_unzipped))


def _parts(archive: zipfile.ZipFile, budget: _Budget) -> dict[tuple[str, bool], str]:
    """(Name, visible) of each worksheet in order -> the part that holds its cells."""
    book = b"".join(_inflate(archive, "xl/workbook.xml", budget)).decode("utf-8", "replace")
    links = b"".join(_inflate(archive, "xl/_rels/workbook.xml.rels", budget)).decode("utf-8", "replace")
    targets = {}
    for link in re.findall(r"<(?:\w+:)?Relationship [^>]*>", links):
        target = _attribute(link, "Target")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        targets[_attribute(link, "Id")] = path
    sheets: dict[tuple[str, bool], str] = {}
    for sheet in re.findall(r"<(?:\w+:)?sheet [^>]*>", book):
        part = targets.get(_attribute(sheet, r"\w+:id"), "")
        visible = _attribute(sheet, "state") in ("", "visible")
        sheets[_attribute(sheet, "name"), visible] = part if "worksheets/" in part else ""
    return sheets


def _attribute(element: str, name: str) -> str:
    found = re.search(rf"\s{name}=(?:\"([^\"]*)\"|'([^']*)')", element)
    return html.unescape(found[1] or found[2] or "") if found else ""


def _count(blocks: Iterator[bytes], limits: Limits) -> Sheet:
    """Cells and dimensions of one worksheet's XML; refuses as soon as its dense size passes the limits."""
    rows = columns = cells = merged = long_numbers = written = 0
    for text in _whole_cells(blocks):
        facts = pl.Series([text]).cast(pl.String)  # of one value: its regular expressions read a gigabyte a second
        row, column, named = _farthest(facts)
        found = sum(map(text.count, _CELLS))
        written += text.count(b"<row") + text.count(b":row")
        rows, cells = max(rows, row, written, _largest_row(facts)), cells + found
        columns = max(columns, column, 0 if named == found else _unnamed_columns(text))
        long_numbers += _matches(facts, _LONG)
        merged += text.count(b"mergeCell ")
        if rows * columns > limits.max_cells or cells > limits.max_cells:
            raise refuse("zip-bomb", found=f"{rows} 行 × {columns} 列", limit=f"{limits.max_cells} 个单元格")
    return Sheet("", True, rows, columns, cells, merged, long_numbers)


def _whole_cells(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks, cut before the last row or cell that begins in them, so that none is torn."""
    rest = b""
    for block in blocks:
        text = rest + block
        cut = max(text.rfind(mark) for mark in (b"<row", b":row", b"<c ", b":c "))
        cut = cut if cut > len(text) - _STEP else len(text)
        rest = text[cut:]
        yield text[:cut]
    yield rest


def _farthest(text: pl.Series) -> tuple[int, int, int]:
    """The largest row and column that a cell names, and how many cells name one."""
    refs = text.str.extract_all(_REF).explode().drop_nulls().str.strip_chars_start(' \t\r\nr="')
    if not refs.len():
        return 0, 0, 0
    rows = refs.str.strip_chars_start(ascii_uppercase).cast(pl.Int64, strict=False).fill_null(1 << 40).max()
    letters = refs.str.strip_chars_end(digits).unique().to_list()
    return int(str(rows)), max(map(_column_number, letters)), refs.len()


def _matches(text: pl.Series, pattern: str) -> int:
    return int(text.str.count_matches(pattern).sum())


def _largest_row(text: pl.Series) -> int:
    numbers = text.str.extract_all(_ROW).explode().str.extract(r"(\d+)\"$").cast(pl.Int64, strict=False).max()
    return numbers if isinstance(numbers, int) else 0


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - 64
    return number


def _unnamed_columns(text: bytes) -> int:
    """Cells of the longest row, for sheets whose cells do not name their place."""
    return max(len(re.findall(rb"<(?:\w+:)?c[ >/]", row)) for row in re.split(rb"<(?:\w+:)?row", text))
