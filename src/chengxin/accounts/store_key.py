"""The keys with which this store encrypts single fields: files of CHENGXIN_HOME, never the database (GB/T 39786 8.4, G-06).

`keys/fields-N.key` holds 16 bytes in base64, mode 0600; the highest number seals, all of them open. The first is made when
it is first needed. `chengxin backup` copies the folder; without it, what was sealed stays closed.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from django.conf import settings

from chengxin.standards.sealing import KEY_BYTES, Sealer, SealError

_NAME = "fields-{}.key"


def sealer() -> Sealer:
    """Seals and opens fields of this store. Raises `SealError` when a key file cannot be read."""
    folder = Path(settings.HOME) / "keys"
    files = {p.stem.rpartition("-")[2]: p for p in folder.glob(_NAME.format("*"))}
    if not files:
        files = {"1": _make(folder / _NAME.format(1))}
    numbers = sorted((n for n in files if n.isdigit()), key=int)
    return Sealer({n: _read(files[n]) for n in numbers}, numbers[-1])


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
