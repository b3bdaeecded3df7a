"""The seal of a report: what is signed, and by which keys.

The statement binds number, days, template, feed position and the digests of the data, of the whole PDF and of each of
its pages. Its `shadow` has the shape of the data with every value replaced by a short digest: whoever verifies without
us can name the very value that was altered, and the shadow tells nothing that the report in hand does not.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from chengxin.audit.canonical import canonical
from chengxin.audit.keys import PROVIDERS
from chengxin.reports import pdffile
from chengxin.reports.keys import signers
from chengxin.reports.models import ReportKey
from chengxin.standards.hashing import sm3_hex

FORMAT = "chengxin-report-seal/1"
_SHORT = 6
"""Bytes of a value's digest in the shadow: it only says where to look, the digest of the whole says whether."""


def shadow(value: Any) -> Any:
    """The same shape with each value replaced by eight characters of its SHA-256."""
    if isinstance(value, Mapping):
        return {k: shadow(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shadow(v) for v in value]
    text = json.dumps(value, ensure_ascii=False)
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:_SHORT]).decode()


def statement(snapshot: Mapping[str, Any], data: bytes, pdf: bytes) -> dict[str, Any]:
    """What is signed of a report: its canonical JSON is the message."""
    return {
        "format": FORMAT,
        "number": snapshot["number"],
        "day": snapshot["day"],
        "valid_until": snapshot["valid_until"],
        "template": {k: snapshot["template"][k] for k in ("id", "version", "digest")},
        "policies": snapshot["policies"],
        "feed": snapshot["feed"],
        "data": {"sha256": hashlib.sha256(data).hexdigest(), "sm3": sm3_hex(data)},
        "pdf": {"sha256": hashlib.sha256(pdf).hexdigest(), "sm3": sm3_hex(pdf), "pages": pdffile.page_digests(pdf)},
        "shadow": shadow(snapshot),
    }


def seal(said: Mapping[str, Any]) -> dict[str, Any]:
    """The statement with the signature of every algorithm this machine has. Raises `ReportRefused`."""
    message = canonical(said)
    signatures = [
        {
            "algorithm": key.algorithm,
            "key": key.fingerprint,
            "signature": base64.b64encode(signer.sign(message)).decode(),
        }
        for key, signer in signers()
    ]
    return {"statement": said, "signatures": signatures}


def wrong_signatures(sealed: Mapping[str, Any]) -> list[str]:
    """The algorithms whose signature is not that of the named key over this statement; a seal without any names all."""
    message, wrong = canonical(sealed.get("statement") or {}), []
    keys = {k.fingerprint: k for k in ReportKey.objects.all()}
    for given in sealed.get("signatures") or [{}]:
        key = keys.get(str(given.get("key")))
        provider = PROVIDERS.get(key.algorithm) if key else None
        if key is None or provider is None or given.get("algorithm") != key.algorithm:
            wrong.append(str(given.get("algorithm") or "—"))
            continue
        if not provider.available():
            continue  # nothing can be said here; the file is still held against what was issued, byte for byte
        try:
            signature = base64.b64decode(str(given.get("signature")), validate=True)
        except ValueError:
            signature = b""
        if not provider.verifier(bytes(key.public)).verify(message, signature):
            wrong.append(key.algorithm)
    return wrong
