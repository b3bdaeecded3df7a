"""Signed requests of programs: SM2 or HMAC-SM3 over method, address, moment, number used once, and the body's SM3.

    Chengxin-Timestamp: 1763697600          seconds; within settings.SIGNATURE_WINDOW of our clock
    Chengxin-Nonce:     6f1c…               8 to 64 visible characters, never used before within the window
    Chengxin-Signature: base64              of the five lines joined by line feeds

The HMAC key is the SHA-256 of the key's secret as 64 hexadecimal digits; an SM2 client has given us its public key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from chengxin.accounts.models import ApiKey, UsedNonce
from chengxin.standards.hashing import hmac_sm3, sm3_hex
from chengxin.standards.signing import OpenSSLSM2Provider, SigningError

HMAC, SM2 = "HMAC-SM3", "SM2-SM3"
_NONCE = re.compile(r"[!-~]{8,64}")


def text_of(method: str, path: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What is signed; `path` includes the query."""
    return "\n".join((method.upper(), path, timestamp, nonce, sm3_hex(body))).encode()


def rightly_signed(request: HttpRequest, key: ApiKey) -> bool:
    """Whether the request bears a signature of this key that was not seen before; a right one is used up by asking."""
    timestamp, nonce = request.headers.get("Chengxin-Timestamp", ""), request.headers.get("Chengxin-Nonce", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or not _NONCE.fullmatch(nonce):
        return False
    if abs(time.time() - int(timestamp)) > settings.SIGNATURE_WINDOW:
        return False
    try:
        given = base64.b64decode(request.headers.get("Chengxin-Signature", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    text = text_of(request.method or "", request.get_full_path(), timestamp, nonce, request.body)
    return _fits(key, text, given) and _first_use(key, nonce)


def _fits(key: ApiKey, text: bytes, given: bytes) -> bool:
    if key.signing == HMAC:
        return hmac.compare_digest(hmac_sm3(key.digest.encode(), text), given)
    try:
        return OpenSSLSM2Provider().verifier(bytes(key.public or b"")).verify(text, given)
    except SigningError:
        return False


def _first_use(key: ApiKey, nonce: str) -> bool:
    """Whether this number was not used before; the ones outside of the window are forgotten."""
    now = int(time.time())
    UsedNonce.objects.filter(at__lt=now - 2 * settings.SIGNATURE_WINDOW).delete()
    try:
        with transaction.atomic():
            UsedNonce.objects.create(key=key, nonce=nonce, at=now)
    except IntegrityError:
        return False
    return True
