"""A file that cannot be taken is refused with a sentence that says what it is and what to do (F-02)."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from chengxin.engine.readers import REFUSALS, Limits
from chengxin.engine.readers.refusals import BROKEN
from tests.engine.readers.helpers import refusal, write_xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
ROWS = [["企业名称", "代码"], ["某公司", "91"]]


def _zip(**parts: str | bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file.getvalue()


def _wide(columns: int) -> bytes:
    return (",".join(f"列{i}" for i in range(columns)) + "\n" + "1," * columns + "\n").encode()


FILES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "文件是空的"),
    ("empty", b"\xef\xbb\xbf \r\n\n", "文件是空的"),
    ("no-rows", "企业名称,代码\n".encode(), "只有标题行"),
    ("no-rows", "企业名称,代码\n\n,\n,,,\n".encode(), "只有标题行"),
    ("no-header", "处罚信息\n".encode(), "找不到标题行"),
    ("one-column", "企业名称\n某公司\n另一公司\n".encode(), "只读出一列（“企业名称”）"),
    ("duplicate-headings", "名称,备注,代码,备注\n1,2,3,4\n".encode(), "第 2 列和第 4 列的标题都是“备注”"),
    ("too-many-columns", _wide(513), "513 列，超过上限 512 列"),
    ("undecodable", b"\xff\xfa\xf0,\x81\xff\n" * 9, "既不是 UTF-8，也不是 GB18030（首个无法识别的字节在第 1 行）"),
    ("unknown-type", bytes(range(256)) * 40 + b"\0" * 900, "认不出这是什么文件"),
    ("old-excel", OLE + "Workbook".encode("utf-16-le"), "旧版 Excel（.xls）文件，请另存为 .xlsx 或 CSV 再提交"),
    ("encrypted", OLE + "EncryptedPackage".encode("utf-16-le"), "加了密码"),
    ("pdf", b"%PDF-1.7\n%\xe2\xe3", "这是 PDF 文件"),
    ("image", b"\x89PNG\r\n\x1a\n\0\0", "这是图片"),
    ("image", b"\xff\xd8\xff\xe0\0", "这是图片"),
    ("image", b"BM\x36\0\0\0", "这是图片"),
    ("markup", b"<html><table><tr><td>1</td></tr></table></html>", "网页（HTML）或 XML"),
    ("markup", b'\xef\xbb\xbf <?xml version="1.0"?><a/>', "网页（HTML）或 XML"),
    ("archive", b"Rar!\x1a\x07\0", "压缩包（RAR）"),
    ("archive", b"\x1f\x8b\x08\0\0", "压缩包（gzip）"),
    ("archive", b"7z\xbc\xaf\x27\x1c\0", "压缩包（7z）"),
    ("archive", _zip(a_dot_csv="x,y\n1,2\n"), "压缩包（ZIP）"),
    ("document", _zip(word__document_dot_xml="<a/>"), "Word"),
    ("binary-excel", _zip(xl__workbook_dot_bin="x"), "二进制 Excel（.xlsb）"),
    ("damaged", b"PK\x03\x04 not a zip at all", "文件已损坏"),
    ("damaged", b"PAR1 not parquet PAR1", "文件已损坏"),
    ("damaged", b'[{"a": 1}, {"a": 2}', "数组第"),
    ("not-records", b'["a", "b"]\n["c"]\n', "一个对象"),
    ("too-large", b"a,b\n1,2\n" * 200, "超过上限 1.0 KB"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "content", "says"), FILES, ids=lambda v: v if isinstance(v, str) else "")
def test_says_what_it_is_and_what_to_do(tmp_path: Path, code: str, content: bytes, says: str) -> None:
    path = tmp_path / "数据.csv"  # the name lies; the content tells
    path.write_bytes(content)
    found = refusal(path, Limits(max_bytes=1024) if code == "too-large" else None)
    assert found.code == code
    assert says in found.message
    assert found.message.endswith("。") and found.message_en.endswith(".")
    assert path.read_bytes() == content


def test_every_sentence_is_there_in_both_languages() -> None:
    for code, (chinese, english) in (REFUSALS | BROKEN).items():
        assert chinese.endswith("。") and english.endswith("."), code


def _with(path: Path, change: Callable[[str, bytes], bytes], extra: dict[str, bytes] | None = None) -> Path:
    """The workbook with its parts changed."""
    changed = path.with_suffix(".changed")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return changed


def _sheet(find: bytes, put: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, data: data.replace(find, put) if name == "xl/worksheets/sheet1.xml" else data


def _same(name: str, data: bytes) -> bytes:
    return data


def test_workbooks_with_macros_passwords_or_nothing(tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "a.xlsx", ROWS)
    assert refusal(_with(book, _same, {"xl/vbaProject.bin": b"\xd0\xcf"})).code == "macros"
    assert refusal(write_xlsx(tmp_path / "b.xlsx", [])).code == "no-sheet"
    assert refusal(write_xlsx(tmp_path / "c.xlsx", ROWS[:1])).code == "no-rows"
    assert refusal(write_xlsx(tmp_path / "d.xlsx", [["甲"], ["乙"]])).code == "one-column"
    assert refusal(write_xlsx(tmp_path / "e.xlsx", [["甲"]])).code == "no-header"
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as hidden:
        hidden.add_worksheet("空")
        page = hidden.add_worksheet("藏")
        page.write_row(0, 0, ROWS[0])
        page.hide()
    assert refusal(tmp_path / "f.xlsx").code == "no-sheet"
    locked = bytearray(book.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = locked.find(mark)
        while at >= 0:
            locked[at + (6 if mark[2] == 3 else 8)] |= 1
            at = locked.find(mark, at + 1)
    (tmp_path / "g.xlsx").write_bytes(locked)
    assert refusal(tmp_path / "g.xlsx").code == "encrypted"
    assert refusal(_with(book, _sheet(b"</sheetData>", b""))).code == "damaged"


def _bomb(tmp_path: Path, name: str) -> Path:
    book = write_xlsx(tmp_path / "a.xlsx", ROWS)
    return {
        "zeros": lambda: _with(book, _same, {"xl/media/image1.bin": b"\0" * (80 << 20)}),
        "entities": lambda: _with(
            book, lambda n, d: b'<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>' + d if "shared" in n else d
        ),
        "far corner": lambda: _with(book, _sheet(b'r="B2"', b'r="XFD1048576"')),
        "far row": lambda: _with(
            book, _sheet(b"</sheetData>", b'<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row></sheetData>')
        ),
        "unnamed cells": lambda: _with(
            book, _sheet(b"</sheetData>", b"<row>" + b"<c/>" * 16_000 + b'</row><row r="9999"><c/></row></sheetData>')
        ),
        "many entries": lambda: _with(book, _same, {f"x/{i}": b"" for i in range(10_001)}),
        "twice the same entry": lambda: _with(book, _same, {"xl/workbook.xml": b"<a/>"}),
    }[name]()


UNPACKED = 5
"""CPU seconds: refusing takes a tenth of one, unpacking any of these bombs many; a busy machine blurs no such difference."""


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("zeros", "zip-bomb"),
        ("entities", "unsafe-xml"),
        ("far corner", "zip-bomb"),
        ("far row", "zip-bomb"),
        ("unnamed cells", "zip-bomb"),
        ("many entries", "zip-bomb"),
        ("twice the same entry", "damaged"),
    ],
)
def test_bombs_are_refused_at_once(tmp_path: Path, name: str, code: str) -> None:
    bomb = _bomb(tmp_path, name)
    start = time.process_time()
    assert refusal(bomb).code == code
    assert time.process_time() - start < UNPACKED


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    bomb = bytearray(_bomb(tmp_path, "zeros").read_bytes())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = bomb.rfind(mark)
        bomb[at + offset : at + offset + 4] = (1000).to_bytes(4, "little")
    path = tmp_path / "lies.xlsx"
    path.write_bytes(bomb)
    start = time.process_time()
    assert refusal(path).code in ("zip-bomb", "damaged")
    assert time.process_time() - start < UNPACKED


def test_a_shared_string_bomb(tmp_path: Path) -> None:
    """One long text in very many cells is small in the file and huge in memory."""
    rows: list[list[object]] = [["名称", "内容"], *([["某公司", "很" * 30_000]] * 20_000)]
    book = write_xlsx(tmp_path / "a.xlsx", rows)
    assert book.stat().st_size < 1 << 20
    assert refusal(book, Limits(max_unzipped=1 << 28)).code == "zip-bomb"


def test_parquet_that_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "x"
    pl.DataFrame({"甲": ["a"], "乙": [[1, 2]]}).write_parquet(path)
    assert (refusal(path).code, "乙" in refusal(path).message) == ("nested", True)
    pl.DataFrame({"甲": ["a"], "乙": [b"\xff"]}).write_parquet(path)
    assert refusal(path).code == "nested"
    pl.DataFrame({"甲": [], "乙": []}, schema={"甲": pl.String, "乙": pl.Date}).write_parquet(path)
    assert refusal(path).code == "no-rows"
    pl.DataFrame({"甲": ["很" * (1 << 20)] * 90}).write_parquet(path)
    assert refusal(path, Limits(max_unzipped=1 << 20)).code == "zip-bomb"


def test_json_with_too_many_keys(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("".join(json.dumps({f"k{i}": 1}) + "\n" for i in range(600)))
    assert refusal(path).code == "too-many-columns"


MEMORY = """
import sys
from pathlib import Path
from chengxin.engine.readers import open_source
with open_source(Path(sys.argv[1])) as source:
    rows = max(c.first_row + c.table.height - 1 for c in source.chunks(20_000))
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))  # in kB, of this program only
print(rows, peak)
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, encoding: str) -> None:
    line = (
        ",".join(["某某市东方电子有限公司", "91320000MA00000003", "经查，当事人在生产过程中未按规定采取措施"] * 5)
        + "\n"
    )
    peaks = []
    for size in (20 << 20, 120 << 20):
        path = tmp_path / f"{size}.csv"
        data = line.encode(encoding) * 2_000
        with path.open("wb") as file:
            file.write(",".join(f"列{i}" for i in range(15)).encode(encoding) + b"\n")
            for _ in range(size // len(data)):
                file.write(data)
        command = [sys.executable, "-c", MEMORY, str(path)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": _source()}, check=True
        )
        rows, peak = map(int, done.stdout.split())
        assert rows == size // len(data) * 2_000
        peaks.append(peak / 1024)
        path.unlink()
    assert peaks[1] < 450, peaks  # MB, of which about 150 are the libraries
    assert peaks[1] - peaks[0] < 120, peaks


def _source() -> str:
    return str(Path(__file__).parents[3] / "src")
