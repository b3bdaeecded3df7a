"""Receipts say what was found, open safely in a spreadsheet, and come back corrected (F-02, R-049)."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import openpyxl
import polars as pl
import pyarrow as pa
import pytest

from chengxin.engine.readers import RESERVED, open_source
from chengxin.engine.receipt import FINDING_COLUMNS, write_csv, write_xlsx
from tests.engine.readers.helpers import read

Finding = tuple[int, str, str, str, str | None, str, str]


def _findings(*rows: Finding) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=list(FINDING_COLUMNS), orient="row")


def _csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_text_of_a_receipt_is_a_formula(tmp_path: Path, first: str) -> None:
    """What a department wrote must not run on the machine of whoever opens the receipt."""
    evil = f"{first}cmd|' /C calc'!A0"
    frame = _findings(
        (1, "r1", "reject", evil, evil, evil, evil), (2, "r2", "warn", "金额", f"a{first}", f" {first}", "好")
    )
    write_csv([frame], tmp_path / "r.csv")
    rows = _csv(tmp_path / "r.csv")
    assert rows[1] == ["1", "r1", "reject", *[f"'{evil}"] * 4]
    assert rows[2] == ["2", "r2", "warn", "金额", f"a{first}", f" {first}", "好"]


def test_the_csv_opens_in_excel_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    arrow = pa.table({name: pa.array(["1" if name == "row" else "x"]) for name in FINDING_COLUMNS})
    assert write_csv([_findings((3, "r", "doubt", "名称", None, '含"引号",逗号\n换行', "说明")), arrow], path) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_bytes().count(b"\r\n") == 3
    assert _csv(path) == [
        list(FINDING_COLUMNS),
        ["3", "r", "doubt", "名称", "", '含"引号",逗号\n换行', "说明"],
        ["1", *"xxxxxx"],
    ]
    assert write_csv([], path) == 0
    assert _csv(path) == [list(FINDING_COLUMNS)]


def test_a_million_findings_are_written_quickly(tmp_path: Path) -> None:
    frame = pl.select(pl.int_range(1, 250_001).alias("row")).select(
        "row",
        pl.lit("uscc").alias("rule"),
        pl.lit("reject").alias("level"),
        pl.lit("统一社会信用代码").alias("field"),
        pl.format("=9132{}", "row").alias("found"),
        pl.lit("18 位").alias("expected"),
        pl.format("“{}”不是统一社会信用代码", "row").alias("message"),
    )
    start = time.process_time()
    assert write_csv([frame] * 4, tmp_path / "r.csv") == 1_000_000
    assert time.process_time() - start < 5  # about 0.6 s when the machine is quiet


SOURCE = """企业名称,代码,金额,备注
甲公司,91,1,=1+1
乙公司,92,x,
"开,引号
,,,
丙公司,,-5,@SUM(A1)
丁公司,94,3,320100199001011234
"""
FOUND: list[Finding] = [
    (2, "amount", "reject", "金额", "x", "数字", "“x”不是金额"),
    (2, "note", "warn", "备注", None, "不为空", "备注为空"),
    (5, "code", "doubt", "代码", None, "18 位", "代码为空"),
    (5, "both", "warn", "金额、备注", None, "相符", "金额与备注不符"),
]


def _source(folder: Path, text: str = SOURCE) -> Path:
    path = folder / "source.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_submitter_s_own_table_with_the_faults_marked(tmp_path: Path) -> None:
    with open_source(_source(tmp_path)) as source:
        write_xlsx(source, [_findings(*FOUND[:2]), _findings(*FOUND[2:])], tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == (*RESERVED, "企业名称", "代码", "金额", "备注")
    assert rows[1][:3] == ("已入库", None, "1")
    assert rows[2][:3] == ("未入库", "“x”不是金额\n备注为空", "2")
    assert rows[3][0] == "未入库" and "引号不成对" in str(rows[3][1]) and rows[3][3] == '"开,引号'
    assert rows[4][:3] == ("空行", None, "4")
    assert rows[5][:3] == ("存疑", "代码为空\n金额与备注不符", "5")
    assert rows[5][3:] == ("丙公司", None, "-5", "@SUM(A1)")
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} <= {"s", "inlineStr"}
    red, yellow, blue = (sheet.cell(3, 6), sheet.cell(6, 5), sheet.cell(6, 7))
    assert len({c.fill.fgColor.rgb for c in (red, yellow, blue, sheet.cell(2, 6))}) == 4
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == "A1:G7"


def test_the_receipt_comes_back_as_the_same_table(tmp_path: Path) -> None:
    path = _source(tmp_path)
    with open_source(path) as source:
        write_xlsx(source, [_findings(*FOUND)], tmp_path / "r.xlsx")
    before, after = read(path), read(tmp_path / "r.xlsx")
    assert after.columns == before.columns
    assert after.rows[2] == ('"开,引号', None, None, None)  # not lost: it will be found wanting again
    assert [r for i, r in enumerate(after.rows) if i != 2] == [r for i, r in enumerate(before.rows) if i != 2]
    # … and as CSV too, saved from the workbook
    text = "\n".join(
        ",".join(str(c or "") for c in row) for row in [(*RESERVED, "甲", "乙"), ("未入库", "", "1", "a", "b")]
    )
    again = read(_source(tmp_path, text))
    assert (again.columns, again.rows) == (["甲", "乙"], [("a", "b")])


def test_labels_may_differ_from_the_headings(tmp_path: Path) -> None:
    with open_source(_source(tmp_path)) as source:
        found = _findings((1, "r", "reject", "行政相对人名称", "甲公司", "", "名称不对"))
        write_xlsx(source, [found], tmp_path / "r.xlsx", positions={"行政相对人名称": 0})
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    assert sheet.cell(2, 4).fill.fgColor.rgb == "FFF8CBAD"


def test_a_large_file_gives_back_only_the_faulty_rows_and_says_so(tmp_path: Path) -> None:
    lines = "".join(f"公司{i},{i}\n" for i in range(1, 1001))
    path = _source(tmp_path, "企业名称,代码\n" + lines)
    found = _findings(*((i, "r", "reject", "代码", str(i), "", f"代码{i}不对") for i in (7, 500, 999)))
    with open_source(path) as source:
        write_xlsx(source, [found], tmp_path / "r.xlsx", max_rows=100)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    rows = list(book.active.iter_rows(values_only=True, min_row=2))
    assert [row[2:] for row in rows] == [("7", "公司7", "7"), ("500", "公司500", "500"), ("999", "公司999", "999")]
    assert "只列出有问题的行" in str(book.worksheets[1]["A1"].value)
    back = read(tmp_path / "r.xlsx")
    assert (len(back.rows), back.notes) == (3, [])


def test_a_cell_longer_than_excel_holds_is_cut_and_said_to_be(tmp_path: Path) -> None:
    path = _source(tmp_path, f"企业名称,内容\n甲,{'很' * 40_000}\n乙,短\n")
    with open_source(path) as source:
        write_xlsx(source, [], tmp_path / "r.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "r.xlsx").active.iter_rows(values_only=True))
    assert len(str(rows[1][4])) == 32_767
    assert "请勿用本表重新提交这一行" in str(rows[1][1])
    assert rows[2][1] is None
