"""Evidence: a file is hashed and kept, byte for byte, before anything reads it (R-035, G-20)."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_BLOCK = 8 * 1024 * 1024


@dataclass(frozen=True)
class Evidence:
    """A kept file: its SHA-256 (which is also its place) and size in bytes."""

    sha256: str
    size: int

    @property
    def path(self) -> Path:
        return place(self.sha256)


def place(sha256: str) -> Path:
    return Path(settings.HOME) / "evidence" / sha256[:2] / sha256


def keep(source: BinaryIO | Iterable[bytes]) -> Evidence:
    """Copy a stream into the evidence store; the same content is stored once. Readable by this service only."""
    folder = Path(settings.HOME) / "evidence"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
    try:
        with os.fdopen(handle, "wb") as out:
            for block in _blocks(source):
                digest.update(block)
                size += len(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        evidence = Evidence(digest.hexdigest(), size)
        evidence.path.parent.mkdir(exist_ok=True, mode=0o700)
        os.replace(name, evidence.path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return evidence


def _blocks(source: BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    if hasattr(source, "read"):
        while block := source.read(_BLOCK):
            yield block
    else:
        yield from source
