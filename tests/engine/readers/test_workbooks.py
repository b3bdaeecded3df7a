"""A workbook is read as the text a person sees in it; nothing in it is evaluated (F-02)."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import openpyxl
import xlsxwriter
from hypothesis import assume, given, settings

from chengxin.standards.text import BLANKS
from tests.engine.readers.helpers import Rows, expected, read, tables, write_xlsx


@settings(max_examples=60, deadline=None)
@given(table=tables())
def test_any_table_of_text_comes_back_the_same(table: tuple[list[str], Rows]) -> None:
    columns, cells = table
    wanted = expected(cells, BLANKS)
    assume(any(wanted))
    with tempfile.TemporaryDirectory() as folder:
        found = read(write_xlsx(Path(folder) / "x", [list(columns), *map(list, cells)]), rows=3)
    assert (found.format, found.columns, found.rows) == ("xlsx", columns, wanted)
    assert not found.broken and not found.notes


def test_values_come_out_as_people_write_them(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("处罚")
        formats = {"d": "yyyy-mm-dd", "汉": 'yyyy"年"m"月"d"日"', "dt": "yyyy/m/d h:mm", "t": "h:mm", "%": "0%"}
        styles = {name: book.add_format({"num_format": code}) for name, code in formats.items()}
        page.write_row(0, 0, ["名称", "值"])
        day = dt.datetime(2025, 3, 1)
        rows = [
            ("日期", lambda r: page.write_datetime(r, 1, day, styles["d"]), "2025-03-01"),
            ("汉字日期", lambda r: page.write_datetime(r, 1, day, styles["汉"]), "2025-03-01"),
            ("时刻", lambda r: page.write_datetime(r, 1, day.replace(hour=9, minute=5), styles["dt"]), "2025-03-01 09:05:00"),
            ("钟点", lambda r: page.write_datetime(r, 1, dt.time(9, 5), styles["t"]), "09:05:00"),
            ("整数", lambda r: page.write_number(r, 1, 20000), "20000"),
            ("浮点整数", lambda r: page.write_number(r, 1, 5.0), "5"),
            ("小数", lambda r: page.write_number(r, 1, 0.1 + 0.2), "0.3"),
            ("百分比", lambda r: page.write_number(r, 1, 0.25, styles["%"]), "0.25"),
            ("长代码文本", lambda r: page.write_string(r, 1, "320100199001011234"), "320100199001011234"),
            ("公式", lambda r: page.write_formula(r, 1, "=1+1", None, 7), "7"),  # the saved value, not 2
            ("文本公式", lambda r: page.write_formula(r, 1, '="a"&"b"', None, "旧值"), "旧值"),
            ("像公式的文本", lambda r: page.write_string(r, 1, "=cmd|' /C calc'!A0"), "=cmd|' /C calc'!A0"),
            ("错误", lambda r: page.write_formula(r, 1, "=NA()", None, "#N/A"), "#N/A"),
            ("除零", lambda r: page.write_formula(r, 1, "=1/0", None, "#DIV/0!"), "#DIV/0!"),
            ("富文本", lambda r: page.write_rich_string(r, 1, "甲", book.add_format({"bold": True}), "乙"), "甲乙"),
            ("链接", lambda r: page.write_url(r, 1, "https://example.org/", string="见网页"), "见网页"),
        ]  # fmt: skip
        for r, (name, write, _) in enumerate(rows, 1):
            page.write_string(r, 0, name)
            write(r)
    assert read(path).rows == [(name, text) for name, _, text in rows]


def test_titles_above_blank_rows_inside_and_text_beside(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["2025年处罚信息表"],
        [],
        ["企业名称", "代码", None],
        ["甲", "1"],
        [],
        ["乙", "2", "写在表外的话"],
        ["丙", "3"],
        ["", " "],
    ]
    found = read(write_xlsx(tmp_path / "x", rows))
    assert (found.columns, found.header_row) == (["企业名称", "代码"], 3)
    assert found.rows == [("甲", "1"), None, None, ("丙", "3")]
    assert found.kinds == {3: "too-many-cells"}
    assert "写在表外的话" in found.broken[3].found


def test_says_what_it_did_not_read_or_cannot_vouch_for(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with xlsxwriter.Workbook(path) as book:
        for name in ("封面", "处罚", "许可", "藏"):
            page = book.add_worksheet(name)
            if name == "封面":
                continue
            page.write_row(0, 0, ["名称", "代码"])
            page.merge_range(1, 0, 2, 0, "某公司")
            page.write_number(1, 1, 320100199001011234)
            page.write_string(2, 1, "320100199001011234")
            if name == "藏":
                page.hide()
    found = read(path)
    assert found.sheet == "处罚"
    assert found.rows[1] == (None, "320100199001011234")
    assert found.notes == [
        "只读取了工作表“处罚”，没有读取：许可、藏。",
        "有 1 个单元格是超过 15 位的数字，Excel 已经改掉了末尾几位。请把代码、证件号列设为文本格式后重新填写。",
        "有 1 处合并单元格，只有左上角一格有内容，其余按空白读取。",
    ]


def test_a_workbook_of_another_writer(tmp_path: Path) -> None:
    """openpyxl writes no shared row spans, other part names and attribute orders."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "数据 & 表"
    page.append(["企业名称", "处罚日期", "金额"])
    page.append(["某公司", dt.date(2025, 1, 2), 1234.5])
    page.append([None, None, None])
    page.append(["=1+1", dt.datetime(2025, 1, 2, 3, 4, 5), 10**17])
    path = tmp_path / "x.xlsx"
    book.save(path)
    found = read(path)
    assert found.sheet == "数据 & 表"
    assert found.rows[:2] == [("某公司", "2025-01-02", "1234.5"), None]
    # openpyxl writes text that begins with = as a formula without a saved value: nothing is there to read
    assert found.rows[2] == (None, "2025-01-02 03:04:05", "100000000000000000")
    assert len(found.notes) == 1


def test_columns_may_begin_anywhere(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x") as book:
        page = book.add_worksheet()
        page.write_row(4, 3, ["名称", "代码"])
        page.write_row(5, 3, ["某公司", "91"])
    found = read(tmp_path / "x")
    assert (found.columns, found.rows, found.header_row) == (["名称", "代码"], [("某公司", "91")], 5)
