"""The bulletin as PDF (typst) and as workbook (xlsxwriter), both from the snapshot (R-349)."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from typing import Any

import typst
import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.refusals import Refusal
from chengxin.accounts.words import english
from chengxin.collection.bulletin_told import Figures, Section, figures, percent, sections, title
from chengxin.collection.models import Bulletin
from chengxin.paper import NoChineseFont, fonts, unprintable, written_out

TEMPLATE = Path(__file__).with_name("bulletin.typ")
_ONE_AT_A_TIME = threading.Lock()
"""The compiler is not made for several threads."""


class NotPrintable(Refusal):
    """Nothing can be printed on this machine; the text says what is missing."""


def pdf(bulletin: Bulletin) -> bytes:
    """The bulletin as tagged PDF (PDF/UA) in the reader's language. Raises `NotPrintable`."""
    told = _told(bulletin)
    try:
        found, families = fonts()
        missing = unprintable([json.dumps(told, ensure_ascii=False)])
    except NoChineseFont as lacking:
        raise NotPrintable(
            _(
                "没有中文字体，不能生成 PDF：请安装 fonts-noto-cjk，或者用 CHENGXIN_FONTS 指明放有 Noto Sans SC 的文件夹。"
            )
        ) from lacking
    text = written_out(json.dumps(told | {"fonts": families}, ensure_ascii=False), missing)
    with _ONE_AT_A_TIME:
        made = typst.compile(
            TEMPLATE, format="pdf", font_paths=found, sys_inputs={"bulletin": text}, pdf_standards=["ua-1"]
        )
    assert isinstance(made, bytes), "one PDF, since no file was named"
    return made


def _told(bulletin: Bulletin) -> dict[str, Any]:
    at = bulletin.published_at or bulletin.prepared_at
    day = timezone.localdate(at)
    in_english = english()
    return {
        "title": title(bulletin.month),
        "state": "" if bulletin.published_at else _("草稿，未发布"),
        "foreword": bulletin.foreword,
        "issuer": _("公共信用信息中心"),
        "date": [day.year, day.month, day.day],
        "lang": "en" if in_english else "zh",
        "page": _("第 {n} 页，共 {all} 页"),
        "check": f"SHA-256 {bulletin.sha256}",
        "sections": [_printed(s) for s in sections(figures(bulletin))],
    }


def _printed(section: Section) -> dict[str, Any]:
    kinds = [h.kind for h in section.heads]
    return {
        "title": section.title,
        "sentence": section.sentence,
        "heads": [h.label for h in section.heads],
        "kinds": kinds,
        "rows": [[_cell(v, k) for v, k in zip(row, kinds, strict=True)] for row in section.rows],
    }


def _cell(value: Any, kind: str) -> str:
    if kind == "share":
        return percent(value)
    return f"{value:,}" if kind == "number" else str(value)


def workbook(bulletin: Bulletin) -> bytes:
    """The bulletin as XLSX: a sheet for each section, numbers as numbers; no formulas, no links."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    # The same snapshot is the same file: no clock of ours in it.
    book.set_properties({"title": title(bulletin.month), "created": bulletin.prepared_at.replace(tzinfo=None)})
    looks = {
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "number": book.add_format({"num_format": "#,##0"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#EDEDED", "text_wrap": True}),
        "title": book.add_format({"bold": True, "font_size": 14}),
    }
    for section in sections(figures(bulletin)):
        _sheet(book, looks, bulletin, section)
    book.close()
    return out.getvalue()


def _sheet(book: Any, looks: Figures, bulletin: Bulletin, section: Section) -> None:
    sheet = book.add_worksheet(section.title.replace("“", "").replace("”", "")[:31])
    sheet.write_string(0, 0, f"{title(bulletin.month)} · {section.title}", looks["title"])
    sheet.write_string(1, 0, section.sentence)
    for column, head in enumerate(section.heads):
        sheet.set_column(column, column, 30 if head.kind == "text" else 13)
        sheet.write_string(3, column, head.label, looks["head"])
    for row, values in enumerate(section.rows, start=4):
        for column, (value, head) in enumerate(zip(values, section.heads, strict=True)):
            if value is None:
                sheet.write_string(row, column, "—")
            elif head.kind == "text":
                sheet.write_string(row, column, str(value), looks["text"])
            else:
                sheet.write_number(row, column, value, looks[head.kind])
    if section.rows:
        sheet.freeze_panes(4, 0)
        sheet.autofilter(3, 0, 3 + len(section.rows), len(section.heads) - 1)
