"""Encryption of single fields (SM4-GCM): what is sealed can be read only with the key, and not be moved or altered.

A sealed value is: format byte, length of the key id, key id, 12-byte random nonce, ciphertext, 16-byte tag. The head
and the caller's context are authenticated with it. Source: GB/T 32907 (SM4), GB/T 39786-2021 8.4 (domain.md 8.2).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from chengxin.standards.hashing import hmac_sm3

KEY_BYTES: Final = 16
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
FORMAT: Final = 1


class SealError(Exception):
    """A value cannot be sealed or unsealed. The message never tells anything about its content."""


class Sealer:
    """Seals with the current key, and unseals with any key it holds, so that keys can be rotated.

    To rotate: add a new key and make it current; values sealed before stay readable, ``is_current`` finds them for
    sealing anew. Change the key before 2**32 values are sealed with it (random 96-bit nonces, NIST SP 800-38D 8.3).
    """

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        """Hold keys of 16 bytes by id (1-255 bytes of text). Raises ``SealError`` for a bad key or current id."""
        for key_id, key in keys.items():
            if not 1 <= len(key_id.encode()) <= 255:
                raise SealError("a key id has 1 to 255 bytes")
            if len(key) != KEY_BYTES:
                raise SealError(f"key {key_id!r} has {len(key)} bytes; expected {KEY_BYTES}")
        if current not in keys:
            raise SealError(f"the current key {current!r} is not among the keys")
        self._keys = dict(keys)
        self._current = current

    def __repr__(self) -> str:
        """Name the key ids and never the keys: sealers end up in tracebacks."""
        return f"Sealer(keys={sorted(self._keys)}, current={self._current!r})"

    def seal(self, data: bytes, context: bytes) -> bytes:
        """Encrypt. ``context`` says where the value belongs (for example table, column and row) and must be given again
        to unseal, so that a sealed value copied to another row does not open there."""
        return self._sealed(data, context, os.urandom(NONCE_BYTES))

    def seal_alike(self, data: bytes, context: bytes, nonce_key: bytes) -> bytes:
        """Encrypt so that the same data in the same context give the same bytes again: what is reported twice is seen to be
        unchanged without being read.

        The nonce is keyed SM3 of context and data (synthetic, as in RFC 8452), so that two different values share one only by
        a collision of 96 bits; `nonce_key` serves nothing else. Whoever sees two sealed values of one context can tell that
        they are equal, and nothing more: make the context as narrow as the equality that is wanted.
        """
        told = len(context).to_bytes(4, "big") + context + data
        return self._sealed(data, context, hmac_sm3(nonce_key, told)[:NONCE_BYTES])

    def _sealed(self, data: bytes, context: bytes, nonce: bytes) -> bytes:
        head = _head(self._current)
        encryptor = Cipher(SM4(self._keys[self._current]), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(head + context)
        return head + nonce + encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """Decrypt. Raises ``SealError`` if the value is damaged or foreign, its key unknown or the context another."""
        key_id = sealed_key_id(sealed)
        if key_id not in self._keys:
            raise SealError(f"sealed with key {key_id!r}, which is not among the keys")
        head = _head(key_id)
        nonce_end = len(head) + NONCE_BYTES
        body, tag = sealed[nonce_end:-TAG_BYTES], sealed[-TAG_BYTES:]
        decryptor = Cipher(SM4(self._keys[key_id]), modes.GCM(sealed[len(head) : nonce_end], tag)).decryptor()
        decryptor.authenticate_additional_data(head + context)
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag:
            raise SealError("the sealed value was altered, or belongs to another context or key") from None

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether the value was sealed with the current key. Raises ``SealError`` if it is no sealed value."""
        return sealed_key_id(sealed) == self._current


def sealed_key_id(sealed: bytes) -> str:
    """Read which key a value was sealed with. Raises ``SealError`` if it is no sealed value."""
    if len(sealed) < 2 or sealed[0] != FORMAT or len(sealed) < 2 + sealed[1] + NONCE_BYTES + TAG_BYTES:
        raise SealError("this is not a sealed value")
    try:
        return sealed[2 : 2 + sealed[1]].decode()
    except UnicodeDecodeError:
        raise SealError("this is not a sealed value") from None


def _head(key_id: str) -> bytes:
    raw = key_id.encode()
    return bytes([FORMAT, len(raw)]) + raw
