"""Hashes: SM3 (GB/T 32905) plain and keyed, SHA-256 of files, and the key that stands for a person."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes, hmac

from chengxin.standards.citizen_id import upgrade_citizen_id
from chengxin.standards.text import clean_code, name_key

SHORTEST_KEY: Final = 16
"""Bytes; a shorter key would let all identity numbers of a county be tried."""

_PERSON_DOMAIN: Final = b"chengxin person v1"


def sm3(data: bytes) -> bytes:
    """Compute the 32 bytes of SM3. Source: GB/T 32905-2016."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def sm3_hex(data: bytes) -> str:
    """Compute SM3 as 64 lower-case hexadecimal digits."""
    return sm3(data).hex()


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """Compute the 32 bytes of HMAC (RFC 2104) over SM3. Any length of key works; take 32 random bytes."""
    code = hmac.HMAC(key, hashes.SM3())
    code.update(data)
    return code.finalize()


def sha256_file(path: Path) -> str:
    """Compute SHA-256 of a file as 64 lower-case hexadecimal digits, in pieces. Raises ``OSError``."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def person_key(key: bytes, name: str, id_type: str, id_number: str) -> str:
    """Compute the identifier of a natural person: keyed SM3 of name, document type and document number, 64 hex digits.

    Name and number are taken in the form of ``name_key`` and ``clean_code``, so that blanks, widths and letter case do
    not split a person in two; a 15-digit first-generation number counts as the 18-character one it became. All three
    must be there: people are never joined by name (design.md 4). The same ``key`` must be used for ever, and kept from
    whoever holds the hashes, since identity numbers can be tried one by one.

    Raises ``ValueError`` for a missing part or a key shorter than ``SHORTEST_KEY`` bytes. Source: R-069, design.md 4.
    """
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"the key for natural persons has {len(key)} bytes; expected {SHORTEST_KEY} or more")
    parts = {"name": name_key(name), "id type": clean_code(id_type), "id number": clean_code(id_number)}
    if missing := [label for label, part in parts.items() if part is None]:
        raise ValueError(
            f"a natural person is identified by name, id type and id number; missing: {', '.join(missing)}"
        )
    parts["id number"] = _lengthened(parts["id number"] or "")
    # Lengths before the parts, so that no two different triples can run into the same bytes.
    fields = [(part or "").encode() for part in parts.values()]
    message = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return hmac_sm3(key, _PERSON_DOMAIN + message).hex()


def _lengthened(id_number: str) -> str:
    # Only a number with a real birth date in the right place is one of the first generation; others stay as they are.
    if len(id_number) != 15:
        return id_number
    try:
        return upgrade_citizen_id(id_number)
    except ValueError:
        return id_number
