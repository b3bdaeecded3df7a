"""What a file is, by its content and never by its name (F-02)."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path
from typing import Final

from chengxin.engine.readers.model import Format
from chengxin.engine.readers.refusals import refuse

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: Final[tuple[tuple[bytes, str, dict[str, str]], ...]] = (
    (b"%PDF", "pdf", {}),
    (b"\x89PNG", "image", {}),
    (b"\xff\xd8\xff", "image", {}),
    (b"GIF8", "image", {}),
    (b"BM", "image", {}),
    (b"II*\0", "image", {}),
    (b"MM\0*", "image", {}),
    (b"Rar!", "archive", {"kind": "RAR"}),
    (b"7z\xbc\xaf\x27\x1c", "archive", {"kind": "7z"}),
    (b"\x1f\x8b", "archive", {"kind": "gzip"}),
    (b"BZh", "archive", {"kind": "bzip2"}),
    (b"\xfd7zXZ\0", "archive", {"kind": "xz"}),
    (b"\x28\xb5\x2f\xfd", "archive", {"kind": "zstd"}),
    (b"{\\rtf", "document", {"kind": "RTF"}),
)
_JSON: Final = re.compile(rb'\{\s*["}]|\[\s*[{\["\]\d]')
"""Headings in square brackets ([名称],[代码]) are not JSON."""

_BLANK: Final = b"\xef\xbb\xbf \t\r\n"


def kind_of(path: Path) -> Format:
    """The format of the file at `path`; raises `FileRefused`, saying what it is instead, when it is none we read."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(_BLANK):
        raise refuse("empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _inside_zip(path)
    if head.startswith(_OLE):
        raise refuse(_inside_ole(path))
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, code, values in _MAGIC:
        if head.startswith(magic) and (len(magic) > 2 or b"\0" in head):
            raise refuse(code, **values)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "ignore").encode()
    text = head.strip(_BLANK)
    if text.startswith(b"<"):
        raise refuse("markup")
    return "jsonl" if _JSON.match(text) else "csv"


def _inside_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise refuse("damaged", reason=str(error)) from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise refuse("binary-excel")
    if any(n.startswith("word/") for n in names):
        raise refuse("document", kind="Word")
    if any(n.startswith("ppt/") for n in names):
        raise refuse("document", kind="PowerPoint")
    if "content.xml" in names and "mimetype" in names:
        raise refuse("document", kind="OpenDocument")
    raise refuse("archive", kind="ZIP")


def _inside_ole(path: Path) -> str:
    """Old Excel, or a new one behind a password: both are OLE containers with UTF-16 names in their directory."""
    with path.open("rb") as file:
        content = file.read(64 << 20)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "encrypted"
    return "old-excel"
