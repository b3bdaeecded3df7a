"""The few functions of OpenSSL's libcrypto that SM2 needs, through ctypes.

Python's ``cryptography`` has no SM2 and pure-Python packages draw their nonces badly or are slow (trials.md 7), while
every current Linux carries libcrypto 3. Whatever OpenSSL allocates here is freed in the same function, or by a
finaliser tied to the Python object that owns it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from functools import cache
from typing import Any, Final

OLDEST: Final = 0x3000_0000

_PROTOTYPES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "ERR_get_error": (c_ulong, ()),
    "ERR_error_string_n": (None, (c_ulong, c_char_p, c_size_t)),
    "ERR_clear_error": (None, ()),
    "CRYPTO_clear_free": (None, (c_void_p, c_size_t, c_char_p, c_int)),
    "EVP_MD_fetch": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "EVP_MD_free": (None, (c_void_p,)),
    "EVP_MD_CTX_new": (c_void_p, ()),
    "EVP_MD_CTX_free": (None, (c_void_p,)),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "EVP_PKEY_CTX_free": (None, (c_void_p,)),
    "EVP_PKEY_CTX_set1_id": (c_int, (c_void_p, c_char_p, c_int)),
    "EVP_PKEY_keygen_init": (c_int, (c_void_p,)),
    "EVP_PKEY_generate": (c_int, (c_void_p, POINTER(c_void_p))),
    "EVP_PKEY_is_a": (c_int, (c_void_p, c_char_p)),
    "EVP_PKEY_free": (None, (c_void_p,)),
    "EVP_PKEY2PKCS8": (c_void_p, (c_void_p,)),
    "PKCS8_PRIV_KEY_INFO_free": (None, (c_void_p,)),
    "i2d_PKCS8_PRIV_KEY_INFO": (c_int, (c_void_p, POINTER(c_void_p))),
    "i2d_PUBKEY": (c_int, (c_void_p, POINTER(c_void_p))),
    "d2i_AutoPrivateKey": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
    "d2i_PUBKEY": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
    "EVP_DigestSignInit_ex": (
        c_int,
        (c_void_p, POINTER(c_void_p), c_char_p, c_void_p, c_char_p, c_void_p, c_void_p),
    ),
    "EVP_DigestVerifyInit_ex": (
        c_int,
        (c_void_p, POINTER(c_void_p), c_char_p, c_void_p, c_char_p, c_void_p, c_void_p),
    ),
    "EVP_DigestSign": (c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    "EVP_DigestVerify": (c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
}


class LibcryptoError(Exception):
    """libcrypto is missing, too old, or refused something."""


@cache
def load(path: str | None = None) -> ctypes.CDLL:
    """Load libcrypto and declare what is used of it. Raises ``LibcryptoError`` with the reason why it will not do."""
    if path is None:
        if sys.platform == "darwin":
            # macOS kills a process that loads the system's own libcrypto.
            raise LibcryptoError(
                "on macOS name the libcrypto of an installed OpenSSL 3; the system's own cannot be used"
            )
        path = ctypes.util.find_library("crypto")
    if path is None:
        raise LibcryptoError("no libcrypto was found on this machine; install OpenSSL 3 or newer")
    try:
        lib = ctypes.CDLL(path)
        lib.OpenSSL_version_num.restype = c_ulong
        version = int(lib.OpenSSL_version_num())
    except (OSError, AttributeError) as error:
        raise LibcryptoError(f"{path} is no usable libcrypto: {error}") from error
    if version < OLDEST:
        raise LibcryptoError(f"{path} is OpenSSL {version >> 28}.{version >> 20 & 0xFF}; SM2 needs 3.0 or newer")
    for name, (result, arguments) in _PROTOTYPES.items():
        try:
            function = getattr(lib, name)
        except AttributeError as error:
            raise LibcryptoError(f"{path} lacks {name}") from error
        function.restype, function.argtypes = result, arguments
    return lib


def require_sm2(lib: ctypes.CDLL) -> None:
    """Raise ``LibcryptoError`` if this build was made without SM2 or SM3, as some distributions do."""
    context = lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
    digest = lib.EVP_MD_fetch(None, b"SM3", None)
    lib.EVP_PKEY_CTX_free(context)
    lib.EVP_MD_free(digest)
    lib.ERR_clear_error()
    if not context or not digest:
        raise LibcryptoError(f"{lib._name} was built without {'SM3' if context else 'SM2'}")


def generate_sm2(lib: ctypes.CDLL) -> int:
    """Make a new SM2 key; the caller frees it with ``EVP_PKEY_free``."""
    context = _got(lib, lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None))
    key = c_void_p()
    try:
        _must(lib, lib.EVP_PKEY_keygen_init(context))
        _must(lib, lib.EVP_PKEY_generate(context, byref(key)))
    finally:
        lib.EVP_PKEY_CTX_free(context)
    return key.value or 0


def private_der(lib: ctypes.CDLL, key: int) -> bytes:
    """Write the private key as PKCS#8 DER."""
    info = _got(lib, lib.EVP_PKEY2PKCS8(key))
    try:
        return _written(lib, lib.i2d_PKCS8_PRIV_KEY_INFO, info)
    finally:
        lib.PKCS8_PRIV_KEY_INFO_free(info)


def public_der(lib: ctypes.CDLL, key: int) -> bytes:
    """Write the public key as SubjectPublicKeyInfo DER."""
    return _written(lib, lib.i2d_PUBKEY, key)


def read_sm2_key(lib: ctypes.CDLL, der: bytes, *, private: bool) -> int:
    """Read a DER key; the caller frees it with ``EVP_PKEY_free``. Raises ``LibcryptoError`` if it is not an SM2 key."""
    read = lib.d2i_AutoPrivateKey if private else lib.d2i_PUBKEY
    key = _got(lib, read(None, byref(c_char_p(der)), len(der)))
    if not lib.EVP_PKEY_is_a(key, b"SM2"):
        lib.EVP_PKEY_free(key)
        raise LibcryptoError("this is not an SM2 key")
    return key


def sign(lib: ctypes.CDLL, key: int, signer_id: bytes, message: bytes) -> bytes:
    """Sign SM3 of the signer's identity and the message; the signature is DER."""
    context = _digest_context(lib, lib.EVP_DigestSignInit_ex, key, signer_id)
    try:
        size = c_size_t()
        _must(lib, lib.EVP_DigestSign(context, None, byref(size), message, len(message)))
        signature = ctypes.create_string_buffer(size.value)
        _must(lib, lib.EVP_DigestSign(context, signature, byref(size), message, len(message)))
        return signature.raw[: size.value]
    finally:
        lib.EVP_MD_CTX_free(context)


def verify(lib: ctypes.CDLL, key: int, signer_id: bytes, message: bytes, signature: bytes) -> bool:
    """Check a DER signature; anything but a right one is ``False``."""
    context = _digest_context(lib, lib.EVP_DigestVerifyInit_ex, key, signer_id)
    try:
        return bool(lib.EVP_DigestVerify(context, signature, len(signature), message, len(message)) == 1)
    finally:
        lib.EVP_MD_CTX_free(context)
        lib.ERR_clear_error()


def _digest_context(lib: ctypes.CDLL, init: Callable[..., int], key: int, signer_id: bytes) -> int:
    context = _got(lib, lib.EVP_MD_CTX_new())
    try:
        inner = c_void_p()  # belongs to the digest context and is freed with it
        _must(lib, init(context, byref(inner), b"SM3", None, None, key, None))
        _must(lib, lib.EVP_PKEY_CTX_set1_id(inner, signer_id, len(signer_id)))
    except LibcryptoError:
        lib.EVP_MD_CTX_free(context)
        raise
    return context


def _written(lib: ctypes.CDLL, write: Callable[..., int], thing: int) -> bytes:
    buffer = c_void_p()
    size = _must(lib, write(thing, byref(buffer)))
    try:
        return ctypes.string_at(buffer, size)
    finally:
        lib.CRYPTO_clear_free(buffer, size, None, 0)


def _got(lib: ctypes.CDLL, pointer: int | None) -> int:
    return pointer or _fail(lib)


def _must(lib: ctypes.CDLL, result: int) -> int:
    return result if result > 0 else _fail(lib)


def _fail(lib: ctypes.CDLL) -> int:
    text = ctypes.create_string_buffer(256)
    lib.ERR_error_string_n(lib.ERR_get_error(), text, len(text))
    lib.ERR_clear_error()
    raise LibcryptoError(text.value.decode(errors="replace"))
