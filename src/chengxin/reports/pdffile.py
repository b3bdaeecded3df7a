"""The few things that a seal needs of a PDF as Typst writes it: its pages, its attachment, and room for one more object.

The seal is appended as an incremental update (ISO 32000-1, 7.5.6), so that the pages stay byte for byte what Typst made and
what the seal speaks of. docs/verify_report.py reads it the same way.
"""

from __future__ import annotations

import hashlib
import re
import zlib

_SEAL = re.compile(rb"\n(\d+) 0 obj\n<</Type/ChengxinSeal/Length (\d+)>>\nstream\n")
_PAGES = re.compile(rb"/Type/Pages\b[^>]*/Kids\[([^\]]*)\]")
_TRAILER = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*$", re.S)
LARGEST_DATA = 64 * 1024 * 1024
"""What an attachment may become when it is unpacked: files come from strangers."""
_ATTACHED = re.compile(rb"/Type/EmbeddedFile\b")


class NotOurs(ValueError):
    """The file is none that this platform has made, or is broken beyond reading."""


def with_seal(pdf: bytes, seal: bytes) -> bytes:
    """The PDF with the seal behind it. Raises `NotOurs` for a PDF whose end it cannot read."""
    found = _TRAILER.search(pdf)
    size = re.search(rb"/Size (\d+)", found[1]) if found else None
    if not found or not size:
        raise NotOurs("no trailer")
    number = int(size[1])
    head = pdf + b"\n%d 0 obj\n" % number
    at = len(pdf) + 1
    body = head + b"<</Type/ChengxinSeal/Length %d>>\nstream\n" % len(seal) + seal + b"\nendstream\nendobj\n"
    kept = re.sub(rb"/Size \d+", b"/Size %d" % (number + 1), found[1])
    table = b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n" % (number, at)
    end = b"trailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (kept, found[2], len(body))
    return body + table + end


def parted(pdf: bytes) -> tuple[bytes, bytes]:
    """The pages as Typst made them, and the seal. Raises `NotOurs` for a file without one."""
    found = list(_SEAL.finditer(pdf))
    if not found:
        raise NotOurs("no seal")
    last = found[-1]
    return pdf[: last.start()], pdf[last.end() : last.end() + int(last[2])]


def page_digests(pdf: bytes) -> list[str]:
    """SHA-256 of the content of each page, in the order of the pages; an empty text for one that cannot be read."""
    kids = _PAGES.search(pdf)
    digests = []
    for number in re.findall(rb"(\d+) 0 R", kids[1] if kids else b""):
        page = _object(pdf, number)
        content = re.search(rb"/Contents (\d+) 0 R", page)
        digests.append(hashlib.sha256(_stream(pdf, content[1])).hexdigest() if content else "")
    return digests


def attached(pdf: bytes) -> bytes:
    """The bytes of the attached data. Raises `NotOurs`."""
    for found in _ATTACHED.finditer(pdf):
        start = pdf.rfind(b" 0 obj", 0, found.start())
        number = pdf[pdf.rfind(b"\n", 0, start) + 1 : start]
        content = _stream(pdf, number)
        if b"/FlateDecode" not in _object(pdf, number)[:300]:
            return content
        try:
            return zlib.decompressobj().decompress(content, LARGEST_DATA)
        except zlib.error as error:
            raise NotOurs(f"the attachment is broken: {error}") from error
    raise NotOurs("no attachment")


def _object(pdf: bytes, number: bytes) -> bytes:
    start = pdf.find(b"\n" + number + b" 0 obj\n")
    return b"" if start < 0 else pdf[start : pdf.find(b"endobj", start)]


def _stream(pdf: bytes, number: bytes) -> bytes:
    start = pdf.find(b"\n" + number + b" 0 obj\n")
    opening = pdf.find(b"stream\n", start)
    length = re.search(rb"/Length (\d+)", pdf[start:opening])
    if start < 0 or opening < 0 or not length:
        return b""
    return pdf[opening + 7 : opening + 7 + int(length[1])]
