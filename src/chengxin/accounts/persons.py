"""Who a natural person is to this store: a keyed hash of name, kind of document and number, and nothing else (R-069, G-13)."""

from __future__ import annotations

from chengxin.accounts.store_key import derived
from chengxin.standards.hashing import person_key

ID_CARD = "01"
"""居民身份证 and the residence permits that share its form (GB/T 2261.4 has no code of its own for it; table `id_types`)."""

SCHEME = "person"
CODE_LENGTH = 40
"""Characters of the hash that are kept: 160 bits, so that it is told from every code of an organisation by its length."""

_PURPOSE = "natural persons"


def person_code(name: str, id_number: str, id_type: str = ID_CARD, *, key: bytes | None = None) -> str:
    """The code under which the register knows a person: 40 upper-case hexadecimal digits (`standards.hashing.person_key`).

    `key` spares reading the key file for each of many. Raises `ValueError` when a part is missing, `SealError` when the
    key of the store cannot be read.
    """
    return person_key(key or person_hashing_key(), name, id_type, id_number)[:CODE_LENGTH].upper()


def is_person_code(code: str) -> bool:
    """Whether this has the form of a person's code; no code of an organisation is as long."""
    return len(code) == CODE_LENGTH


def person_hashing_key() -> bytes:
    """The key of `person_code`; to be used at once and not kept."""
    return derived(_PURPOSE)
