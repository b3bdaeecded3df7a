"""Signatures behind one small interface, so that a software key, another algorithm or an HSM can stand in its place.

Ed25519 serves where no national algorithm is demanded; SM2 with SM3 (GB/T 32918) where GB/T 39786 asks for it.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chengxin.standards import _libcrypto
from chengxin.standards._libcrypto import LibcryptoError

DEFAULT_SIGNER_ID: Final = b"1234567812345678"
"""The signer's identity (用户身份标识) that GM/T 0009 sets where nothing else was agreed."""


class SigningError(Exception):
    """A key cannot be made, read or used. A wrong signature is no error but ``False``."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a provider works on this machine; false ones say why."""

    reason: str | None = None

    def __bool__(self) -> bool:
        """Be true if nothing stands in the way."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key: PKCS#8 DER, to be sealed at once, and SubjectPublicKeyInfo DER, to be given to everyone."""

    private: bytes = field(repr=False)
    public: bytes


class Signer(Protocol):
    """Whoever holds a private key."""

    @property
    def algorithm(self) -> str:
        """Name the algorithm, to be stored beside each signature."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign the message. Raises ``SigningError``."""
        ...


class Verifier(Protocol):
    """Whoever holds a public key."""

    @property
    def algorithm(self) -> str:
        """Name the algorithm."""
        ...

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Tell whether the signature is right for exactly this message; malformed ones are ``False``."""
        ...


class SignatureProvider(Protocol):
    """One algorithm: makes keys, and signers and verifiers from them."""

    @property
    def algorithm(self) -> str:
        """Name the algorithm."""
        ...

    def available(self) -> Availability:
        """Tell whether it works on this machine, and if not, why."""
        ...

    def generate(self) -> KeyPair:
        """Make a new key. Raises ``SigningError``."""
        ...

    def signer(self, private: bytes) -> Signer:
        """Take a PKCS#8 DER key. Raises ``SigningError`` if it is none of this algorithm."""
        ...

    def verifier(self, public: bytes) -> Verifier:
        """Take a SubjectPublicKeyInfo DER key. Raises ``SigningError`` if it is none of this algorithm."""
        ...


class Ed25519Provider:
    """Ed25519 (RFC 8032) by ``cryptography``; signatures are 64 bytes."""

    algorithm: Final = "Ed25519"

    def available(self) -> Availability:
        """Be always available."""
        return Availability()

    def generate(self) -> KeyPair:
        """Make a new key."""
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return KeyPair(private, public)

    def signer(self, private: bytes) -> Signer:
        """Take a private key. Raises ``SigningError`` if it is no Ed25519 key."""
        try:
            key = serialization.load_der_private_key(private, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SigningError("this is not an Ed25519 private key") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise SigningError("this is not an Ed25519 private key")
        return _Ed25519Signer(key)

    def verifier(self, public: bytes) -> Verifier:
        """Take a public key. Raises ``SigningError`` if it is no Ed25519 key."""
        try:
            key = serialization.load_der_public_key(public)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise SigningError("this is not an Ed25519 public key") from error
        if not isinstance(key, Ed25519PublicKey):
            raise SigningError("this is not an Ed25519 public key")
        return _Ed25519Verifier(key)


@dataclass(frozen=True, slots=True)
class _Ed25519Signer:
    key: Ed25519PrivateKey = field(repr=False)
    algorithm: str = Ed25519Provider.algorithm

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


@dataclass(frozen=True, slots=True)
class _Ed25519Verifier:
    key: Ed25519PublicKey = field(repr=False)
    algorithm: str = Ed25519Provider.algorithm

    def verify(self, message: bytes, signature: bytes) -> bool:
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class OpenSSLSM2Provider:
    """SM2 with SM3 by the system's libcrypto 3; signatures are DER, about 2,000 a second (trials.md 7)."""

    algorithm: Final = "SM2-SM3"

    def __init__(self, library: str | None = None, signer_id: bytes = DEFAULT_SIGNER_ID) -> None:
        """Take the libcrypto of the path ``library``, or the one the system finds. Nothing is loaded yet."""
        self._path = library
        self._signer_id = signer_id

    def available(self) -> Availability:
        """Tell whether libcrypto is there, is 3.0 or newer, and has SM2 and SM3."""
        try:
            _libcrypto.require_sm2(_libcrypto.load(self._path))
        except LibcryptoError as error:
            return Availability(str(error))
        return Availability()

    def generate(self) -> KeyPair:
        """Make a new key. Raises ``SigningError``."""
        with _signing_errors():
            lib = _libcrypto.load(self._path)
            key = _Sm2Key(lib, _libcrypto.generate_sm2(lib), self._signer_id)
            return KeyPair(_libcrypto.private_der(lib, key.handle), _libcrypto.public_der(lib, key.handle))

    def signer(self, private: bytes) -> Signer:
        """Take a private key. Raises ``SigningError`` if it is no SM2 key, or SM2 is not available."""
        return self._key(private, private=True)

    def verifier(self, public: bytes) -> Verifier:
        """Take a public key. Raises ``SigningError`` if it is no SM2 key, or SM2 is not available."""
        return self._key(public, private=False)

    def _key(self, der: bytes, *, private: bool) -> _Sm2Key:
        with _signing_errors():
            lib = _libcrypto.load(self._path)
            return _Sm2Key(lib, _libcrypto.read_sm2_key(lib, der, private=private), self._signer_id)


class _Sm2Key:
    """Owns one key inside libcrypto, and frees it when nobody holds this object any more."""

    algorithm: Final = OpenSSLSM2Provider.algorithm

    def __init__(self, lib: ctypes.CDLL, handle: int, signer_id: bytes) -> None:
        self.handle = handle
        self._lib = lib
        self._signer_id = signer_id
        weakref.finalize(self, lib.EVP_PKEY_free, handle)

    def sign(self, message: bytes) -> bytes:
        with _signing_errors():
            return _libcrypto.sign(self._lib, self.handle, self._signer_id, message)

    def verify(self, message: bytes, signature: bytes) -> bool:
        with _signing_errors():
            return _libcrypto.verify(self._lib, self.handle, self._signer_id, message, signature)


@contextmanager
def _signing_errors() -> Iterator[None]:
    try:
        yield
    except LibcryptoError as error:
        raise SigningError(f"SM2: {error}") from error
