"""What a piece of evidence is, by its content, and whether it could do anything but be read (macros, formulas, scripts)."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from chengxin.cases.errors import CaseRefused
from chengxin.policy.procedures import Material

_IMAGES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_OFFICE: Final = {
    "xl/workbook.xml": ("table", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "word/document.xml": ("document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
_ACTIVE_PDF: Final = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
_ACTIVE_PARTS: Final = ("vbaproject", "/embeddings/", "/externallinks/", "/activex/", "macrosheets")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[ >]")
_RATIO: Final = 200
_UNPACKED: Final = 300 << 20
_NUMBER: Final = re.compile(r"[+-]?[\d,.]+%?")


def media_of(path: Path, material: Material) -> str:
    """The media type of the file at `path`. Raises `CaseRefused` when the material may not be such, or could act."""
    kind, media = _sniff(path)
    if kind not in material.types:
        expected = "、".join(_names()[t] for t in material.types)
        raise CaseRefused(
            _("「%(material)s」附的是%(found)s，应为%(expected)s。"),
            material=material.label,
            found=_names().get(kind, _("认不出类型的文件")),
            expected=expected,
        )
    return media


def _names() -> dict[str, str]:
    return {"pdf": _("PDF 文件"), "image": _("图片"), "table": _("表格"), "document": _("Word 文档")}


def _sniff(path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        head = file.read(4096)
    for magic, media in _IMAGES:
        if head.startswith(magic):
            return "image", media
    if head.startswith(b"%PDF-"):
        _refuse_if(bool(_ACTIVE_PDF.search(path.read_bytes())), _("PDF 里有脚本、附件或者可以启动程序的内容"))
        return "pdf", "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise CaseRefused(_("这是旧版 Office 文件或者加密文件，可能带宏，不予接收；请另存为 PDF。"))
    return _plain(path, head)


def _office(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {e.filename for e in entries}
            unpacked = sum(e.file_size for e in entries)
            _refuse_if(unpacked > min(_UNPACKED, max(_RATIO * path.stat().st_size, 16 << 20)), _("解压后大得不正常"))
            active = any(part in f"/{name.lower()}" for name in names for part in _ACTIVE_PARTS)
            _refuse_if(active, _("文件带有宏、外部链接或者嵌入对象"))
            for part, found in _OFFICE.items():
                if part in names:
                    sheets = [n for n in names if n.startswith("xl/worksheets/")]
                    _refuse_if(any(_FORMULA.search(archive.read(n)) for n in sheets), _("表格里有公式，请粘贴为数值"))
                    return found
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise CaseRefused(_("文件已损坏，打不开（%(why)s）。"), why=str(error)[:100]) from error
    return "archive", "application/zip"


def _plain(path: Path, head: bytes) -> tuple[str, str]:
    """A text table whose cells begin no formula (CSV injection); anything else is unknown."""
    if b"\0" in head or not head.strip():
        return "unknown", "application/octet-stream"
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = path.read_text("gb18030")
        except UnicodeDecodeError:
            return "unknown", "application/octet-stream"
    if text.lstrip().startswith("<"):
        return "markup", "text/html"
    cells = (cell.strip() for row in csv.reader(io.StringIO(text)) for cell in row)
    formula = any(c[:1] in "=+-@" and not _NUMBER.fullmatch(c) for c in cells if c)
    _refuse_if(formula, _("表格里有以 =、+、-、@ 开头的公式"))
    return "table", "text/csv"


def _refuse_if(active: bool, what: str) -> None:
    if active:
        raise CaseRefused(_("%(what)s，出于安全不予接收；请另存为普通的 PDF 或图片。"), what=what)
