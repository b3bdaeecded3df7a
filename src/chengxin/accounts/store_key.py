"""The keys with which this store encrypts single fields: files of CHENGXIN_HOME, never the database (GB/T 39786 8.4, G-06).

`keys/fields-N.key` holds 16 bytes in base64, mode 0600; the highest number seals, all of them open. The first is made when
it is first needed. `chengxin backup` copies the folder; without it, what was sealed stays closed.

What may be known for a term only is sealed with the key of the month in which the term ends (`keys/terms/2031-05.key`):
the file is deleted when the month is over, and with it everything that it sealed can be read by nobody, while the sealed
bytes and the log over them stay as they are (`TermKeys`).
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from chengxin.standards.hashing import hmac_sm3
from chengxin.standards.sealing import KEY_BYTES, Sealer, SealError, sealed_key_id

_NAME = "fields-{}.key"
_TERM = re.compile(r"\d{4}-\d{2}")


def sealer() -> Sealer:
    """Seals and opens fields of this store. Raises `SealError` when a key file cannot be read."""
    folder = Path(settings.HOME) / "keys"
    files = {p.stem.rpartition("-")[2]: p for p in folder.glob(_NAME.format("*"))}
    if not files:
        files = {"1": _make(folder / _NAME.format(1))}
    numbers = sorted((n for n in files if n.isdigit()), key=int)
    return Sealer({n: _read(files[n]) for n in numbers}, numbers[-1])


def derived(purpose: str) -> bytes:
    """32 bytes for one purpose, always the same: keyed SM3 of its name under the first key of the store.

    The first, not the newest: what stands for a person has to stay the same for ever (`standards.hashing.person_key`). Raises
    `SealError` when the key file cannot be read.
    """
    path = Path(settings.HOME) / "keys" / _NAME.format(1)
    return hmac_sm3(_read(path if path.exists() else _make(path)), b"chengxin " + purpose.encode())


class Gone(SealError):
    """The key of a term that is over: what it sealed was erased with it."""


class TermKeys:
    """Seals and opens what is kept until the end of a month, written 2031-05; keys are read once for each instance.

    Make one for a piece of work and let it go: a key that stays in memory outlives its erasure.
    """

    def __init__(self) -> None:
        self._folder = Path(settings.HOME) / "keys" / "terms"
        self._known: dict[str, tuple[Sealer, bytes]] = {}

    def seal(self, data: bytes, context: bytes, term: str) -> bytes:
        """Encrypt until the end of that month."""
        return self._of(term, make=True)[0].seal(data, context)

    def seal_alike(self, data: bytes, context: bytes, term: str) -> bytes:
        """The same, the same data in the same context to the same bytes (`Sealer.seal_alike`)."""
        sealer, nonces = self._of(term, make=True)
        return sealer.seal_alike(data, context, nonces)

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """Decrypt. Raises `Gone` when the term is over, `SealError` for an altered or foreign value."""
        return self._of(sealed_key_id(sealed), make=False)[0].unseal(sealed, context)

    def terms(self) -> Iterator[str]:
        """The months of which there is a key, in their order."""
        names = (p.stem for p in self._folder.glob("*.key"))
        yield from sorted(n for n in names if _TERM.fullmatch(n))

    def erase(self, term: str) -> None:
        """Delete the key of a month: what it sealed is erased."""
        self._known.pop(term, None)
        (self._folder / f"{term}.key").unlink(missing_ok=True)

    def _of(self, term: str, *, make: bool) -> tuple[Sealer, bytes]:
        if term not in self._known:
            if not _TERM.fullmatch(term):
                raise SealError(f"{term!r} is no month of a term; expected a year and a month as 2031-05")
            path = self._folder / f"{term}.key"
            if not path.exists():
                if not make:
                    raise Gone(f"the key of {term} is gone: what it sealed was erased")
                _make(path)
            key = _read(path)
            sealing = hmac_sm3(key, b"chengxin seal")[:KEY_BYTES]
            self._known[term] = Sealer({term: sealing}, term), hmac_sm3(key, b"chengxin nonce")
        return self._known[term]


def _read(path: Path) -> bytes:
    try:
        return base64.b64decode(path.read_text("ascii").strip(), validate=True)
    except (OSError, ValueError, binascii.Error) as error:
        raise SealError(f"{path} cannot be read as a key; restore it from the backup") from error


def _make(path: Path) -> Path:
    """A new key, appearing whole or not at all: of two processes that begin at once, both take the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path
