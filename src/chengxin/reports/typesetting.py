"""The report as PDF, set by Typst from the snapshot alone: the same snapshot is the same file, byte for byte.

PDF/A-3a with the data attached, and PDF/UA-1 (tagged, for screen readers); fonts embedded. Both standards refuse a
character without a glyph, so what no font has is written out as its code point and listed (trials.md 6).
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
import typst
from django.utils.translation import gettext_noop as _

from chengxin.paper import NoChineseFont, fonts, unprintable, written_out
from chengxin.reports.errors import ReportRefused

TEMPLATE = Path(__file__).with_name("report.typ")
_ONE_AT_A_TIME = threading.Lock()
"""The compiler is not made for several threads."""


def render(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The PDF of a snapshot (canonical JSON), and the characters that had to be written out. Raises `ReportRefused`."""
    snapshot = json.loads(data)
    try:
        families = fonts()[1]
        missing = unprintable(_texts(snapshot))
    except NoChineseFont as lacking:
        raise ReportRefused(
            _(
                "没有中文字体，不能生成 PDF：请安装 fonts-noto-cjk，或者用 CHENGXIN_FONTS 指明放有 Noto Sans SC 的文件夹。"
            )
        ) from lacking
    told = _written_out(snapshot, missing) if missing else snapshot
    inputs = {
        "report": json.dumps(told, ensure_ascii=False),
        "data": data.decode(),
        "fonts": json.dumps(families),
        "lacking": json.dumps([f"U+{ord(c):04X}" for c in missing]),
        "qr": _qr(snapshot["verify"]),
    }
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-3a", "ua-1"])
    assert isinstance(made, bytes), "one PDF, since no file was named"
    return made, missing


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """One compiler for all reports: reading the fonts anew would cost more than setting a page."""
    return typst.Compiler(TEMPLATE, font_paths=fonts()[0])


def _qr(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=0, scale=4, xmldecl=False, dark="#1c2733")
    return out.getvalue().decode()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _written_out(value: Any, missing: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return written_out(value, missing)
    if isinstance(value, Mapping):
        return {k: _written_out(v, missing) for k, v in value.items()}
    return [_written_out(v, missing) for v in value] if isinstance(value, list) else value
