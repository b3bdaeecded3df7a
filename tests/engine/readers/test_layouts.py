"""Headings and delimiters are found as a person would find them (F-02)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.readers.helpers import read_bytes


@pytest.mark.parametrize(
    ("text", "columns", "row", "delimiter"),
    [
        ("2025年处罚信息表\n\n名称,代码\n甲,1\n", ["名称", "代码"], 3, ","),
        ("2025年处罚信息表,,\n名称,代码,备注\n甲,1,\n", ["名称", "代码", "备注"], 2, ","),
        ("\ufeff\n \n名称\t代码\n甲\t1\n", ["名称", "代码"], 3, "\t"),
        ("单位：某局，2025年，第1期\n名称;代码\n甲，乙;1\n丙，丁;2\n", ["名称", "代码"], 2, ";"),
        ("名称，代码\n甲，1\n乙，2\n", ["名称", "代码"], 1, "，"),
        ("名称|说明\n甲|一,二,三\n乙|一,二,三\n", ["名称", "说明"], 1, "|"),
        ('"名,称","代""码"\n"甲",1\n', ["名,称", '代"码'], 1, ","),
        ('"名\n称",代码\n甲,1\n', ["名\n称", "代码"], 1, ","),
        ("\u3000名称 ,\u200b代码\n甲,1\n", ["名称", "代码"], 1, ","),
        ("名称,,代码,,\n甲,x,1,,\n", ["名称", "第 2 列（无标题）", "代码"], 1, ","),
        ("[名称],[代码]\n甲,1\n", ["[名称]", "[代码]"], 1, ","),
        ('{名称},"代码"\n甲,1\n', ["{名称}", "代码"], 1, ","),
    ],
)
def test_finds_headings_and_delimiter(tmp_path: Path, text: str, columns: list[str], row: int, delimiter: str) -> None:
    found = read_bytes(tmp_path, text.encode())
    assert (found.columns, found.header_row, found.delimiter) == (columns, row, delimiter)
    assert not found.broken
    assert found.rows[0] and found.rows[0][0] in ("甲", "甲，乙")


def test_text_below_a_missing_heading_at_the_end_is_not_lost(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, "名称,代码,,\n甲,1,,\n乙,2,,多出来的\n丙,3\n".encode())
    assert found.rows == [("甲", "1"), None, ("丙", "3")]
    assert found.kinds == {2: "too-many-cells"}


def test_a_file_whose_quotes_sit_amid_words(tmp_path: Path) -> None:
    lines = "".join(f'某"优秀"公司{i},{i},见"附件{i}"\n' for i in range(1000))
    found = read_bytes(tmp_path, f"名称,代码,说明\n{lines}".encode())
    assert not found.broken
    assert found.rows[999] == ('某"优秀"公司999', "999", '见"附件999"')


def test_the_encoding_may_show_late(tmp_path: Path) -> None:
    head = b"name,code\n" + b"a,1\n" * 1_100_000  # more than four megabytes of plain ASCII
    for encoding in ("utf-8", "gb18030"):
        found = read_bytes(tmp_path, head + "某公司,2\n".encode(encoding))
        assert (found.encoding, found.rows[-1]) == (encoding, ("某公司", "2"))


def test_utf16_without_a_mark(tmp_path: Path) -> None:
    text = "企业名称,代码\n" + "某公司,913201\n" * 20
    for encoding in ("utf-16-le", "utf-16-be"):
        found = read_bytes(tmp_path, text.encode(encoding))
        assert (found.encoding, found.rows[-1]) == (encoding, ("某公司", "913201"))
