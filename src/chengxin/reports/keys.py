"""The keys that seal reports: one for each algorithm this machine has, private parts in files only their owner may read.

Public parts are kept for good, so that an old report stays verifiable after its key was replaced (G-18, R-373).
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.audit.actions import record as trace
from chengxin.audit.keys import PROVIDERS, fingerprint, provider
from chengxin.reports.errors import ReportRefused
from chengxin.reports.models import ReportKey
from chengxin.reports.numbers import taken
from chengxin.standards.signing import Signer


def signers() -> list[tuple[ReportKey, Signer]]:
    """Each key in use with its signer, Ed25519 first; makes the first keys. Raises `ReportRefused`."""
    able = [a for a, p in sorted(PROVIDERS.items()) if p.available()]
    in_use = {k.algorithm: k for k in ReportKey.objects.filter(until=None)}
    for algorithm in able:
        if algorithm not in in_use:
            in_use[algorithm] = _first(algorithm)
    return [(in_use[a], provider(a).signer(_private(in_use[a]))) for a in able]


def _first(algorithm: str) -> ReportKey:
    """The first key of an algorithm; of two processes that begin at once, one makes it and the other takes it."""
    with transaction.atomic():
        taken(f"key {algorithm}")
        made = ReportKey.objects.filter(algorithm=algorithm, until=None).first()
        return made or replace(algorithm, "system")


def replace(algorithm: str, actor: str) -> ReportKey:
    """Make a new key of that algorithm and stop using the one before; what it sealed stays valid."""
    with transaction.atomic():
        taken(f"key {algorithm}")  # one at a time: the file of a key is written before its row is seen by others
        now = timezone.now()
        last = ReportKey.objects.filter(algorithm=algorithm).order_by("-number").first()
        number = last.number + 1 if last else 1
        made = provider(algorithm).generate()
        _keep(algorithm, number, made.private)
        ReportKey.objects.filter(algorithm=algorithm, until=None).update(until=now)
        mark = fingerprint(made.public)
        trace(actor, "report.key", "report-key", f"{algorithm}-{number}", fingerprint=mark)
        return ReportKey.objects.create(
            algorithm=algorithm, number=number, fingerprint=mark, public=made.public, since=now
        )


def published() -> list[dict[str, str | None]]:
    """Every public key, for whoever verifies without us (docs/verify_report.py): `public` is SPKI DER in base64."""
    return [
        {
            "algorithm": k.algorithm,
            "fingerprint": k.fingerprint,
            "public": base64.b64encode(bytes(k.public)).decode(),
            "since": k.since.isoformat(),
            "until": k.until.isoformat() if k.until else None,
        }
        for k in ReportKey.objects.order_by("algorithm", "number")
    ]


def path(algorithm: str, number: int) -> Path:
    return Path(settings.HOME) / "keys" / f"report-{algorithm.lower()}-{number}.key"


def _private(key: ReportKey) -> bytes:
    kept = path(key.algorithm, key.number)
    try:
        return base64.b64decode(kept.read_text())
    except OSError as error:
        raise ReportRefused(_("找不到签名密钥 %(path)s：请从备份恢复。"), path=str(kept)) from error


def _keep(algorithm: str, number: int, private: bytes) -> None:
    target = path(algorithm, number)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.b64encode(private).decode() + "\n")
