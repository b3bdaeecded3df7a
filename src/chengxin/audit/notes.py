"""Checkpoints as text, in the shape of C2SP tlog-checkpoint and signed-note, so that any witness can read them.

chengxin.example/log                     origin of the log
20852163                                 leaves
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=   root
suite sm3                                further lines are ours
time 2026-11-21T04:00:00.000000Z
                                         an empty line ends what is signed
— chengxin.example/log Az3grlg…          em dash, signer, base64 of key number (4 bytes) and signature
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chengxin.audit.canonical import moment

_KINDS = {"Ed25519": b"\x01"}
_DASH = "— "


class BadNote(ValueError):
    """A text that is no checkpoint of ours; says what was found."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes
    suite: str
    at: str

    @property
    def text(self) -> str:
        """The part that is signed."""
        told = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{told}\nsuite {self.suite}\ntime {self.at}\n"


def statement(origin: str, size: int, root: bytes, suite: str, at: datetime) -> Statement:
    return Statement(origin, size, root, suite, moment(at))


def key_number(origin: str, algorithm: str, public: bytes) -> bytes:
    """The first four bytes of SHA-256 over name, kind and key, by which a signature names its key (C2SP signed-note)."""
    kind = _KINDS.get(algorithm, b"\xff" + algorithm.encode())
    raw = public[-32:] if algorithm == "Ed25519" else public
    return hashlib.sha256(origin.encode() + b"\n" + kind + raw).digest()[:4]


def signed(told: Statement, number: bytes, sign: Callable[[bytes], bytes]) -> str:
    """The whole note."""
    made = base64.b64encode(number + sign(told.text.encode())).decode()
    return f"{told.text}\n{_DASH}{told.origin} {made}\n"


def read(note: str) -> tuple[Statement, bytes, bytes]:
    """What a note says, the number of its key and its signature. Raises `BadNote`."""
    text, _, tail = note.partition("\n\n")
    lines = text.split("\n")
    try:
        origin, size, root, suite, at = lines
        line = tail.removeprefix(_DASH).rstrip("\n")
        name, _, blob = line.rpartition(" ")
        raw = base64.b64decode(blob, validate=True)
        told = Statement(
            origin,
            int(size),
            base64.b64decode(root, validate=True),
            suite.removeprefix("suite "),
            at.removeprefix("time "),
        )
    except (ValueError, binascii.Error) as error:
        raise BadNote(f"not a checkpoint: {note[:60]!r}") from error
    if name != origin or f"{told.text}\n{line and _DASH}{line}\n" != note:
        raise BadNote(f"not a checkpoint as it is written here: {note[:60]!r}")
    return told, raw[:4], raw[4:]
