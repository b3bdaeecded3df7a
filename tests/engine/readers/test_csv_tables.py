"""Any table of text that a CSV writer can write comes back the same, however it is written (F-02, F19)."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chengxin.engine.readers import encodings
from chengxin.standards.text import BLANKS
from tests.engine.readers.helpers import COLUMNS, Rows, expected, read, read_bytes, tables, write_csv

ENCODINGS = {"utf-8": b"", "utf-8-sig": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "gb18030": b""}


def _ambiguous(data: bytes) -> bool:
    """GB18030 of which a line happens to be UTF-8 too: nobody can tell, so such a table is no test."""
    for line in data.split(b"\n")[1:]:
        try:
            line.decode()
        except UnicodeDecodeError:
            continue
        if not line.isascii():
            return True
    return False


@settings(max_examples=400, deadline=None)
@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|，"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(list(ENCODINGS)),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    block=st.sampled_from([8, 64, 1000, 4 << 20]),
    rows=st.sampled_from([1, 2, 200_000]),
)
@example((COLUMNS[:2], [["a", "b"], ["", ""], ["c", "d"]]), ",", "\r\n", "utf-8", csv.QUOTE_MINIMAL, 4 << 20, 2)
@example((COLUMNS[:2], [["1\n2", '"'], ["", " "], ["", "\n"]]), "|", "\r", "gb18030", csv.QUOTE_MINIMAL, 8, 1)
def test_comes_back_the_same(
    table: tuple[list[str], Rows], delimiter: str, end: str, encoding: str, quoting: int, block: int, rows: int
) -> None:
    columns, cells = table
    wanted = expected(cells, BLANKS)
    assume(any(wanted))
    if end == "\r":  # then line breaks inside cells are that too; they come back as \n
        cells = [[(c or "").replace("\n", "\r") for c in row] for row in cells]
    data = ENCODINGS[encoding] + write_csv([columns, *cells], delimiter, end, quoting).encode(encoding)
    assume(encoding != "gb18030" or not _ambiguous(data))
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(encodings, "BLOCK", block)
        found = read_bytes(Path(folder), data, rows=rows)
    assert found.columns == columns
    assert found.delimiter == delimiter
    assert found.encoding == encoding.removesuffix("-sig")
    assert not found.broken
    assert found.rows == wanted


def test_a_department_s_file_in_gb18030_reads_like_its_workbook_and_like_the_original(shared_data: Path) -> None:
    folder = shared_data / "jiangsu-enterprises"
    text = read(folder / "format_variant_gb18030.csv")
    book = read(folder / "format_variant.xlsx")
    whole = read(folder / "jiangsu_enterprises_dev.csv")
    assert (text.encoding, text.format, book.format) == ("gb18030", "csv", "xlsx")
    assert text.columns == book.columns == whole.columns
    assert len(text.rows) == 300
    assert text.rows == book.rows
    by_code = {row[1]: row for row in whole.rows if row}
    known = [row for row in text.rows if row and row[1] in by_code]
    assert len(known) > 40  # the workbook is another draw from the same register: what both hold reads the same
    assert all(row == by_code[row[1]] for row in known)
    for found, name, encoding in (
        (text, "format_variant_gb18030.csv", "gb18030"),
        (whole, "jiangsu_enterprises_dev.csv", "utf-8"),
    ):
        with (folder / name).open(encoding=encoding, newline="") as file:
            oracle = [[c.strip(BLANKS) or None for c in row] for row in csv.reader(file)]
        assert [list(r or ()) for r in found.rows] == oracle[1:]
    assert not (text.broken or book.broken or whole.broken or book.notes)
