"""A list of applicants out of a file: CSV or XLSX, one applicant a row (R-114). The file is examined like evidence, read,
and not kept: what counts is the list that the case holds."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import fastexcel
from django.utils.translation import gettext_noop as _

from chengxin.cases import scan
from chengxin.cases.answers import MAX_LINES
from chengxin.cases.errors import CaseRefused
from chengxin.policy.procedures import Material
from chengxin.standards.uscc import uscc_problem

LARGEST = 5 << 20
_LIST = Material(id="list", label="名单", label_en="List", types=("table",), max_mb=5)
_HEADING = re.compile(
    r"(统一社会信用|信用|组织机构)?代码|(主体|单位|企业|机构|公司|申报单位|申报企业)?(名称|代码)|name|code|unified code",
    re.IGNORECASE,
)


def lines_of(file: BinaryIO, name: str) -> list[str]:
    """One text a row: the cell that is a unified code, else the first with a name. Raises `CaseRefused`."""
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix[-10:]) as kept:
        data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise CaseRefused(_("名单文件超过 %(mb)d MB，请分成几份。"), mb=LARGEST >> 20)
        kept.write(data)
        kept.flush()
        media = scan.media_of(Path(kept.name), _LIST)
        rows = _csv(data) if media == "text/csv" else _xlsx(Path(kept.name))
    rows = rows[1:] if rows and _is_heading(rows[0]) else rows
    found = [cell for row in rows if (cell := _telling(row))]
    if len(found) > MAX_LINES:
        raise CaseRefused(_("名单有 %(n)d 行，一次最多 %(most)d 行，请分成几份。"), n=len(found), most=MAX_LINES)
    return found


def _csv(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    return [row for row in csv.reader(io.StringIO(text)) if any(c.strip() for c in row)]


def _xlsx(path: Path) -> list[list[str]]:
    try:
        book = fastexcel.read_excel(path)
        sheet = book.load_sheet(0, header_row=None, n_rows=MAX_LINES + 2, dtypes="string")
        table = sheet.to_arrow()
    except fastexcel.FastExcelError as error:
        raise CaseRefused(_("打不开这个表格：%(why)s"), why=str(error).splitlines()[0][:100]) from error
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return [[str(c or "") for c in row] for row in rows if any(row)]


def _telling(row: Sequence[str]) -> str:
    cells = [c.strip() for c in row if c.strip()]
    code = next((c for c in cells if uscc_problem(c.upper()) is None), "")
    return code or next((c for c in cells if not c.isdigit()), "")


def _is_heading(row: Sequence[str]) -> bool:
    """Whether a cell is the name of a column and nothing else: no organisation is called so."""
    return any(_HEADING.fullmatch(c.strip()) for c in row)
