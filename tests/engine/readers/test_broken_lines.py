"""Broken lines are named by row, the rest is kept, and nothing is lost or shifted (F19, R-049)."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chengxin.engine.readers import encodings
from chengxin.engine.readers.csv_blocks import BlockReader
from chengxin.engine.readers.csv_layout import find_layout
from chengxin.engine.readers.model import Limits
from chengxin.engine.readers.refusals import BROKEN, FileRefused
from tests.engine.readers.helpers import read_bytes

HEAD = "企业名称,代码,处罚内容\n"


def _table(*lines: str | bytes, head: str = HEAD) -> bytes:
    return head.encode() + b"".join(line if isinstance(line, bytes) else line.encode() for line in lines)


@pytest.mark.parametrize(
    ("line", "kind", "found"),
    [
        ("某公司,91,罚款,警告\n", "too-many-cells", "某公司,91,罚款,警告"),
        ('"某公司,91,罚款\n', "open-quote", '"某公司,91,罚款'),
        ('"某"公司,91,罚款\n', "open-quote", '"某"公司,91,罚款'),
        ("续上一行的内容\n", "too-few-cells", "续上一行的内容"),
        ("某公司,91,罚款\n".encode("gb18030"), "bad-bytes", "某公司,91,罚款"),
        (b"abc,91,\xff\n", "bad-bytes", "abc,91,\ufffd"),
        ("某\0公司,91,罚款\n", "control-characters", "某\0公司,91,罚款"),
        (f"某公司,91,{'罚' * 100_001}\n", "too-long", "罚" * 200),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quoted_below", [False, True])
def test_one_broken_line_in_the_middle(
    tmp_path: Path, line: str | bytes, kind: str, found: str, end: str, quoted_below: bool
) -> None:
    last = '"丁","4",""\n' if quoted_below else "丁,4,\n"
    data = _table("甲,1,a\n", "乙,2,b\n", line, "丙,3,c\n", last).replace(b"\n", end.encode())
    read = read_bytes(tmp_path, data)
    assert read.rows == [("甲", "1", "a"), ("乙", "2", "b"), None, ("丙", "3", "c"), ("丁", "4", None)]
    assert read.kinds == {3: kind}
    assert read.broken[3].found == found
    assert read.broken[3].expected
    assert all(BROKEN[kind])


def test_what_is_odd_but_readable_is_kept(tmp_path: Path) -> None:
    lines = (
        '甲"子"公司,1,见"附件"\n',  # quotes amid a cell are letters
        '"乙,丙",2,"他说""是"""\n',
        '"两\n行",3,"四\r\n五"\n',
        "短,4\n",  # Excel leaves out empty cells at the end
        "长,5,x,,,\n",  # or adds some
        ",,\n",
        '  "空格在引号外" , 7 ,\u3000\n',
        "\n",
        "末,9,=1+1",
    )
    read = read_bytes(tmp_path, _table(*lines))
    assert not read.broken
    assert read.rows == [
        ('甲"子"公司', "1", '见"附件"'),
        ("乙,丙", "2", '他说"是"'),
        ("两\n行", "3", "四\r\n五"),
        ("短", "4", None),
        ("长", "5", "x"),
        None,
        ("空格在引号外", "7", None),
        None,
        ("末", "9", "=1+1"),
    ]


def test_blank_lines_keep_their_number_but_not_at_the_end(tmp_path: Path) -> None:
    for end in ("\n", "\r\n"):
        read = read_bytes(
            tmp_path, _table("\n", "甲,1,a\n", "\n", ",,\n", "乙,2,b\n", "\n", ",,\n").replace(b"\n", end.encode())
        )
        assert read.rows == [None, ("甲", "1", "a"), None, None, ("乙", "2", "b")]


def test_many_broken_lines_among_many(tmp_path: Path) -> None:
    bad = {i: ("多,1,2,3\n", '"开,1,2\n', "独\n")[i % 3] for i in range(7, 50_000, 97)}
    lines = (bad.get(i) or f'公司{i},{i},"罚款,{i}元"\n' for i in range(1, 50_001))
    read = read_bytes(tmp_path, _table(*lines), rows=3_000)
    assert len(read.rows) == 50_000
    assert set(read.broken) == set(bad)
    assert all(row == (f"公司{i}", str(i), f"罚款,{i}元") for i, row in enumerate(read.rows, 1) if i not in bad)


def test_a_file_of_two_encodings_names_every_line_of_the_other(tmp_path: Path) -> None:
    lines = [f"公司{i},{i},罚款\n".encode("gb18030" if i % 10 == 0 else "utf-8") for i in range(1, 101)]
    read = read_bytes(tmp_path, _table(*lines))
    assert read.encoding == "utf-8"
    assert read.kinds == dict.fromkeys(range(10, 101, 10), "bad-bytes")
    assert read.broken[10].found == "公司10,10,罚款"
    lines[10] = b"\xff\xfe\xff,1,2\n"
    gb = HEAD.encode("gb18030") + b"".join(line.decode().encode("gb18030") for line in lines[:9]) + lines[10]
    read = read_bytes(tmp_path, gb)
    assert (read.encoding, read.kinds) == ("gb18030", {10: "bad-bytes"})


def test_an_open_quote_costs_one_line_not_the_rest_of_the_file(tmp_path: Path) -> None:
    lines = ["甲,1,a\n", '乙,2,"b\n', *(f"公司{i},{i},内容{'很' * 100}\n" for i in range(30_000))]
    read = read_bytes(tmp_path, _table(*lines))
    assert read.kinds == {2: "open-quote"}
    assert len(read.rows) == 30_002
    assert read.rows[2] == ("公司0", "0", "内容" + "很" * 100)


def test_open_quotes_are_cheap_even_where_quotes_abound(tmp_path: Path) -> None:
    """An open quote before lines of "" or of "a","b" could be tried again from every line below."""
    for below in ('公司,"",""\n', '公司","1","罚\n', '"公司","1","罚"\n'):
        block = '"开,1,2\n' + below * 300
        start = time.process_time()
        read = read_bytes(tmp_path, _table(block * 100))
        assert time.process_time() - start < 10  # about 1 s when the machine is quiet
        assert len(read.rows) == 100 * 301
        assert read.kinds[1] == "open-quote"


SOUP = st.lists(
    st.sampled_from(["a", "b", "中", ",", ",", '"', '"', '""', "\n", "\n", "\r\n", " ", "\u3000", "\u200b",
     "c\n", '","', "\ufeff", "1", b"\xff", b"\0", "\r", "\t", "\n\n"]),
    max_size=60,
)  # fmt: skip


def _letters(text: str) -> str:
    return re.sub(r"[^ab中c1]", "", text)


@settings(max_examples=300, deadline=None)
@given(soup=SOUP, block=st.sampled_from([7, 23, 4 << 20]), rows=st.sampled_from([1, 3, 200_000]))
@example(soup=['"', "a", "\n", "b", ",", "c\n"], block=1, rows=1)
def test_whatever_the_bytes_no_letter_is_lost_or_shifted(soup: list[str | bytes], block: int, rows: int) -> None:
    """The fast reader, cut anywhere, agrees with the careful one reading all at once, and together they lose nothing."""
    body = b"".join(s if isinstance(s, bytes) else s.encode() for s in soup)
    data = b"x,y,z\nq,w,e\n" * 3 + body
    layout = find_layout(data, Limits())
    assume(not layout.cr_only)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(encodings, "BLOCK", block)
        read = read_bytes(Path(folder), data, rows=rows)
    piece = BlockReader(layout, careful_only=True).finish(data[layout.offset :])
    careful = [None if not any(row) else row for row in piece.table.rows()]
    last = max([i for i, row in enumerate(careful, 1) if row] + [f.at + 1 for f in piece.faults])
    assert read.rows == careful[:last]
    assert read.kinds == {f.at + 1: f.kind for f in piece.faults}
    texts = [
        read.broken[i].found if i in read.broken else "".join(c or "" for c in row or ())
        for i, row in enumerate(read.rows, 1)
    ]
    assert _letters("".join(texts)) == _letters(data[layout.offset :].decode("utf-8", "replace"))


def test_a_line_without_end_is_refused_with_its_row(tmp_path: Path) -> None:
    data = _table("甲,1,a\n", b"x" * (66 << 20))
    with pytest.raises(FileRefused) as refused:
        read_bytes(tmp_path, data)
    assert refused.value.code == "line-too-long"
    assert "第 2 行" in refused.value.message
