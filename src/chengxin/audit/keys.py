"""Keys of the log: the private one in a file of CHENGXIN_HOME that only its owner may read, the public ones in the log.

The first key is the root of trust: whoever checks the log has its fingerprint from elsewhere. Every later one is
announced by an event that a checkpoint signed by the one before it covers.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction

from chengxin.audit.actions import record
from chengxin.audit.models import Checkpoint, Log, LogKey
from chengxin.audit.notes import key_number
from chengxin.standards.signing import (
    Ed25519Provider,
    OpenSSLSM2Provider,
    SignatureProvider,
    Signer,
    SigningError,
    Verifier,
)

PROVIDERS: dict[str, SignatureProvider] = {p.algorithm: p for p in (Ed25519Provider(), OpenSSLSM2Provider())}


class NoLog(Exception):
    """There is no log yet, or its key is not where it should be; says what to do."""


def provider(algorithm: str) -> SignatureProvider:
    """Raises `NoLog` for an algorithm that this machine does not have."""
    found = PROVIDERS.get(algorithm)
    if found is None:
        raise NoLog(f"没有签名算法 {algorithm}；可用：{'、'.join(PROVIDERS)}。")
    able = found.available()
    if not able:
        raise NoLog(f"这台机器上不能用 {algorithm}：{able.reason}")
    return found


def path(number: int) -> Path:
    return Path(settings.HOME) / "keys" / f"log-{number}.key"


def fingerprint(public: bytes) -> str:
    """SHA-256 of the public key, 64 hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()


def open_log(actor: str) -> Log:
    """Make the log and its first key, once; safe to run again. Raises `NoLog`."""
    found = Log.objects.first()
    if found is not None:
        return found
    made = provider(settings.LOG["signature"]).generate()
    _keep(1, made.private)
    with transaction.atomic():
        log = Log.objects.create(origin=settings.LOG["origin"], suite=settings.LOG["suite"])
        LogKey.objects.create(number=1, algorithm=settings.LOG["signature"], public=made.public, since=0)
        record(
            actor, "log.key", "log-key", 1, fingerprint=fingerprint(made.public), algorithm=settings.LOG["signature"]
        )
    return log


def rotate(actor: str, algorithm: str) -> LogKey:
    """Announce a new key; it signs from the checkpoint after the next on, since the old one has to vouch for it.

    The caller seals once with the old key (`sealing.seal`) after this. Raises `NoLog`.
    """
    made = provider(algorithm).generate()
    current = LogKey.objects.order_by("-number").first()
    if current is None:
        raise NoLog("还没有日志，请先运行 chengxin init。")
    if not Checkpoint.objects.filter(size__gt=current.since).exists():
        raise NoLog("现在的密钥还没有签过检查点，请先运行 chengxin audit checkpoint。")
    _keep(current.number + 1, made.private)
    with transaction.atomic():
        record(
            actor, "log.key", "log-key", current.number + 1, fingerprint=fingerprint(made.public), algorithm=algorithm
        )
        # Which size ends the old key's time is known only when the announcement is sealed (`sealing`).
        return LogKey.objects.create(number=current.number + 1, algorithm=algorithm, public=made.public, since=-1)


def signer(key: LogKey) -> Signer:
    """Raises `NoLog` when the file of the key is not there."""
    kept = path(key.number)
    try:
        private = base64.b64decode(kept.read_text())
    except OSError as error:
        raise NoLog(f"找不到签名密钥 {kept}：请从备份恢复，或运行 chengxin audit rotate 换新密钥。") from error
    return provider(key.algorithm).signer(private)


@dataclass(frozen=True)
class Signed:
    """A signature over `context`, a line end and a message, by a key whose public part the log shows."""

    key: int
    algorithm: str
    signature: bytes


def sign(context: str, message: bytes) -> Signed:
    """Sign what leaves the platform, so that whoever gets it knows from whom; `context` keeps it apart from checkpoints.

    Raises `NoLog`.
    """
    key = LogKey.objects.filter(since__gte=0).order_by("-number").first()
    if key is None:
        raise NoLog("还没有日志，请先运行 chengxin init。")
    return Signed(key.number, key.algorithm, signer(key).sign(context.encode() + b"\n" + message))


def signed_by_us(context: str, message: bytes, signed: Signed) -> bool:
    """Whether that key made that signature over that message: what a receiver does with our public key, for the tests of
    deliveries."""
    key = LogKey.objects.filter(number=signed.key, algorithm=signed.algorithm).first()
    return key is not None and right(key, context.encode() + b"\n" + message, signed.signature)


@lru_cache(maxsize=32)
def _verifier(algorithm: str, public: bytes) -> Verifier:
    return provider(algorithm).verifier(public)


def right(key: LogKey, message: bytes, signature: bytes) -> bool:
    """Whether the signature is this key's; a key that is none has signed nothing."""
    try:
        return _verifier(key.algorithm, bytes(key.public)).verify(message, signature)
    except SigningError:
        return False


def number_of(key: LogKey, origin: str) -> bytes:
    return key_number(origin, key.algorithm, bytes(key.public))


def _keep(number: int, private: bytes) -> None:
    target = path(number)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.b64encode(private).decode() + "\n")
