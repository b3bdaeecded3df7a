"""Text files as UTF-8 blocks, whatever they were written in; nothing is written to disk (F19).

A byte that does not decode becomes 0xFF, which no UTF-8 text holds: the line it stands on is found and named later, and
the rest of the file is kept.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chengxin.engine.readers.refusals import refuse

BLOCK: Final = 12 << 20
"""Bytes read at once. Small enough to stay in the processor's cache: 4 MB blocks read twice as fast as 32 MB ones."""

Block = bytes | bytearray

_SAMPLE: Final = 4 << 20
"""Bytes by which the encoding is decided, counted from the first that is not ASCII."""

_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\x0b\x0c\r"))
_MARK: Final = "chengxin.mark"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

codecs.register_error(_MARK, lambda error: ("\udcff", error.end) if isinstance(error, UnicodeDecodeError) else ("", 0))


def detect(path: Path) -> tuple[str, int]:
    """The encoding of a text file ('utf-8', 'gb18030', 'utf-16-le', 'utf-16-be') and the length of its byte order mark.

    Decided by strict decoding of the first 4 MB that is not plain ASCII: UTF-8 where all of it or most of its non-ASCII
    lines are UTF-8, else GB18030 where most are that. Raises `FileRefused`: undecodable when
    half of all lines are neither, unknown-type when the bytes are no text at all.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
        for mark, name in _BOMS:
            if head.startswith(mark):
                return name, len(mark)
        if wide := _wide(head[:4096]):
            return wide, 0
        line, rest = 1, b""
        while head:
            block = rest + head
            if block.isascii():
                line, rest, head = line + block.count(b"\n"), b"", file.read(_SAMPLE)
                continue
            following = file.read(_SAMPLE)
            cut = block.rfind(b"\n") + 1 if following else len(block)
            return _narrow(block[: cut or len(block)], line), 0
    return "utf-8", 0


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: the ASCII in it leaves NULs in every other byte, all even or all odd."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > max(8 * (min(even, odd) + 1), len(head) // 100):
        return "utf-16-be" if even > odd else "utf-16-le"
    if sum(head.count(control) for control in _CONTROLS) > max(16, len(head) // 20):
        raise refuse("unknown-type")
    return None


def _narrow(block: bytes, first_line: int) -> str:
    """UTF-8 or GB18030 by the majority of the lines that are not ASCII."""
    if _decodes(block, "utf-8"):
        return "utf-8"
    lines = block.split(b"\n") if b"\n" in block else block.split(b"\r")
    odd = [i for i, line in enumerate(lines) if not line.isascii()]
    utf8 = [i for i in odd if _decodes(lines[i], "utf-8")]
    gb18030 = sum(_decodes(lines[i], "gb18030") for i in odd)
    if 2 * max(len(utf8), gb18030) < 2 * len(odd) - len(lines):
        raise refuse("undecodable", line=first_line + next(i for i in odd if not _decodes(lines[i], "utf-8")))
    # Two bytes of GB18030 often make one good letter of UTF-8 (末 is ĩ), three bytes hardly ever: only those count.
    certain = sum(max(lines[i]) >= 0xE0 for i in utf8)
    return "utf-8" if certain >= len(odd) - len(utf8) or len(utf8) >= gb18030 else "gb18030"


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def blocks(path: Path, encoding: str, skip: int) -> Iterator[Block]:
    """The file as UTF-8, cut anywhere, from byte `skip` of the file on. A block is good until the next is asked for."""
    with path.open("rb", buffering=0) as file:
        file.seek(skip)
        if encoding == "utf-8":
            buffer = bytearray(BLOCK)  # one for all: fresh memory for every block costs more than reading it
            while size := file.readinto(buffer):
                yield buffer if size == BLOCK else buffer[:size]
            return
        decoder = codecs.getincrementaldecoder(encoding)(_MARK)
        while block := file.read(BLOCK):
            yield decoder.decode(block).encode("utf-8", "surrogateescape")
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def first(path: Path, encoding: str, skip: int, size: int) -> bytes:
    """The first `size` bytes of the file after `skip`, as UTF-8; a character cut at the end is left out."""
    with path.open("rb") as file:
        file.seek(skip)
        data = file.read(size)
    return codecs.getincrementaldecoder(encoding)(_MARK).decode(data).encode("utf-8", "surrogateescape")


def readable(line: bytes) -> str:
    """A line for a person to recognise: as UTF-8, else as GB18030, else with marks for the bytes that are neither."""
    encoding = "utf-8" if is_text(line) or not _decodes(line, "gb18030") else "gb18030"
    return line.decode(encoding, "replace")


def is_text(line: bytes) -> bool:
    """Whether the line is UTF-8."""
    return _decodes(line, "utf-8")
