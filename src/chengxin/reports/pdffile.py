"""The few things that a seal needs of a PDF as Typst writes it: its pages, its attachment, and room for one more object.

The seal is appended as an incremental update (ISO 32000-1, 7.5.6), so that the pages stay byte for byte what Typst made and
what the seal speaks of. docs/verify_report.py reads it the same way.
"""

from __future__ import annotations

import hashlib
import re
import zlib

_SEAL = re.compile(rb"\n(\d{1,10}) 0 obj\n<</Type/ChengxinSeal/Length (\d{1,10})>>\nstream\n")
_PAGES = re.compile(rb"/Type/Pages\b[^>]{0,200}/Kids\[([^\]]{0,100000})\]")
_TRAILER = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*$", re.S)
LARGEST_DATA = 64 * 1024 * 1024
"""What an attachment may become when it is unpacked: files come from strangers."""
_MOST_PAGES = 5000
_HEAD = 4000
"""Where an object's dictionary ends at the latest."""


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
    """SHA-256 of the content of each page, in the order of the pages; an empty text for one that cannot be read.

    Files come from strangers: one whose pages claim more than twice its own bytes is not read to the end.
    """
    objects, kids = _objects(pdf), _PAGES.search(pdf)
    digests, budget = [], 2 * len(pdf)
    for number in re.findall(rb"(\d{1,10}) 0 R", kids[1] if kids else b"")[:_MOST_PAGES]:
        content = re.search(rb"/Contents (\d{1,10}) 0 R", _head(pdf, objects.get(number)))
        stream = _stream(pdf, objects.get(content[1])) if content else b""
        budget -= len(stream)
        digests.append(hashlib.sha256(stream).hexdigest() if stream and budget > 0 else "")
    return digests


def attached(pdf: bytes) -> bytes:
    """The bytes of the attached data. Raises `NotOurs`."""
    found = re.search(rb"/Type/EmbeddedFile\b", pdf)
    if not found:
        raise NotOurs("no attachment")
    start = pdf.rfind(b" 0 obj\n", 0, found.start())
    content = _stream(pdf, start)
    if b"/FlateDecode" not in _head(pdf, start):
        return content
    try:
        return zlib.decompressobj().decompress(content, LARGEST_DATA)
    except zlib.error as error:
        raise NotOurs(f"the attachment is broken: {error}") from error


def _objects(pdf: bytes) -> dict[bytes, int]:
    """Number of each object -> where it begins; of a number that is there twice the first."""
    found: dict[bytes, int] = {}
    for match in re.finditer(rb"\n(\d{1,10}) 0 obj\n", pdf):
        found.setdefault(match[1], match.start())
    return found


def _head(pdf: bytes, start: int | None) -> bytes:
    """The dictionary of the object that begins there."""
    if start is None or start < 0:
        return b""
    whole = pdf[start : start + _HEAD]
    ends = [at for mark in (b"stream\n", b"endobj") if (at := whole.find(mark)) >= 0]
    return whole[: min(ends)] if ends else whole


def _stream(pdf: bytes, start: int | None) -> bytes:
    """The bytes of the stream of the object that begins there, as they are in the file."""
    head = _head(pdf, start)
    length = re.search(rb"/Length (\d{1,10})\b", head)
    if start is None or not length:
        return b""
    begin = start + len(head) + len(b"stream\n")
    return pdf[begin : begin + int(length[1])]
