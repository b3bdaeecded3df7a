"""Evidence: a file is hashed and kept, byte for byte, before anything reads it (R-035, G-20).

A file with personal data is kept sealed (SM4-GCM, block by block) with the key of the month in which its term ends, and
under a keyed hash: whoever knows all of a short file but one number shall not find the number by hashing. It is read as a
private copy that lives as long as it is read; what a killed process leaves is swept away by the next (`sweep`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.hazmat.primitives import hashes, hmac
from django.conf import settings

from chengxin.accounts.store_key import TermKeys, derived
from chengxin.registry.processes import lives
from chengxin.standards.sealing import SealError

_BLOCK = 8 * 1024 * 1024
_MAGIC = b"chengxin sealed evidence 1\n"
_NAME_BYTES = 16
_FOLDER_ABANDONED, _FILE_ABANDONED = 24 * 3600, 3600
"""Seconds after which a private copy of another machine, and a file that came in by half, belong to nobody."""


@dataclass(frozen=True)
class Evidence:
    """A kept file: its hash (which is also its place; SHA-256, keyed SM3 for a sealed one) and size in bytes."""

    sha256: str
    size: int

    @property
    def path(self) -> Path:
        return place(self.sha256)


def place(sha256: str) -> Path:
    return Path(settings.HOME) / "evidence" / sha256[:2] / sha256


def keep(source: BinaryIO | Iterable[bytes], *, term: str = "") -> Evidence:
    """Copy a stream into the evidence store; the same content is stored once. Readable by this service only.

    With `term`, the month (2031-05) in which the file may be known last, it is sealed.
    """
    folder = Path(settings.HOME) / "evidence"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = _keyed() if term else _Sha256(), 0
    handle, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
    try:
        with os.fdopen(handle, "wb") as out:
            write = _Sealing(out, term) if term else out
            for block in _blocks(source):
                digest.update(block)
                size += len(block)
                write.write(block)
            if isinstance(write, _Sealing):
                write.end()
            out.flush()
            os.fsync(out.fileno())
        evidence = Evidence(digest.hex(), size)
        evidence.path.parent.mkdir(exist_ok=True, mode=0o700)
        os.replace(name, evidence.path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return evidence


@contextmanager
def opened(sha256: str, *, sealed: bool) -> Iterator[Path]:
    """A path at which the kept file can be read as it came in; of a sealed one a private copy, which is gone afterwards.

    Whoever calls knows how it was kept: a file that only begins like a sealed one is what somebody sent. Raises `Gone` when
    the term of a sealed file is over, `SealError` when it was altered, `OSError` when it is not there.
    """
    lies = place(sha256)
    if not sealed:
        yield lies
        return
    with lies.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise SealError("this is not a sealed value")
        with private() as folder:
            copy = folder / "file"
            with copy.open("wb") as out:
                for block in _unsealed(file):
                    out.write(block)
            yield copy


@contextmanager
def private() -> Iterator[Path]:
    """A folder of this process that nobody else may read, gone at the end with all that is in it."""
    above = _private_folders()
    sweep()
    folder = Path(tempfile.mkdtemp(dir=above, prefix=f"{socket.gethostname()}:{os.getpid()}:"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove the private folders of processes that no longer live, and files that never came in whole. Safe at any time."""
    for left in _private_folders().iterdir():
        if _abandoned(left):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def _private_folders() -> Path:
    folder = Path(settings.PRIVATE)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _abandoned(left: Path) -> bool:
    host, _, rest = left.name.partition(":")
    pid = rest.partition(":")[0]
    if host == socket.gethostname() and pid.isdigit():
        return not lives(int(pid))
    try:
        term = _FOLDER_ABANDONED if left.is_dir() else _FILE_ABANDONED
        return left.stat().st_mtime < time.time() - term
    except OSError:  # it went away by itself
        return False


class _Digest(Protocol):
    def update(self, data: bytes) -> None: ...
    def hex(self) -> str: ...


class _Sha256:
    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.update = self._digest.update

    def hex(self) -> str:
        return self._digest.hexdigest()


class _Keyed:
    """HMAC over SM3, which is as long as SHA-256."""

    def __init__(self, key: bytes) -> None:
        self._code = hmac.HMAC(key, hashes.SM3())
        self.update = self._code.update

    def hex(self) -> str:
        return self._code.finalize().hex()


def _keyed() -> _Digest:
    return _Keyed(derived("evidence"))


class _Sealing:
    """Writes blocks sealed: each knows its file, its number and whether it is the last, so that none can be left out,
    moved or cut off."""

    def __init__(self, out: BinaryIO, term: str) -> None:
        self._out, self._term, self._keys = out, term, TermKeys()
        self._file, self._number, self._waiting = os.urandom(_NAME_BYTES), 0, b""
        out.write(_MAGIC + self._file)

    def write(self, block: bytes) -> None:
        self._waiting += block
        while len(self._waiting) > _BLOCK:
            self._put(self._waiting[:_BLOCK], last=False)
            self._waiting = self._waiting[_BLOCK:]

    def end(self) -> None:
        self._put(self._waiting, last=True)

    def _put(self, block: bytes, *, last: bool) -> None:
        sealed = self._keys.seal(block, _context(self._file, self._number, last), self._term)
        self._out.write(len(sealed).to_bytes(4, "big") + bytes([last]) + sealed)
        self._number += 1


def _unsealed(file: BinaryIO) -> Iterator[bytes]:
    """The blocks after the magic; one that is missing, moved or altered does not open."""
    keys, name, number, last = TermKeys(), file.read(_NAME_BYTES), 0, False
    while not last:
        head = file.read(5)
        if len(head) != 5:
            raise SealError("the sealed file was cut off")
        last = bool(head[4])
        yield keys.unseal(file.read(int.from_bytes(head[:4], "big")), _context(name, number, last))
        number += 1


def _context(file: bytes, number: int, last: bool) -> bytes:
    return b"evidence" + file + number.to_bytes(8, "big") + bytes([last])


def _blocks(source: BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    if hasattr(source, "read"):
        while block := source.read(_BLOCK):
            yield block
    else:
        yield from source
