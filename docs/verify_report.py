#!/usr/bin/env python3
"""Check a credit report without Chengxin: one file; needs Python 3.11 and `cryptography`.

    python verify_report.py REPORT.pdf --keys keys.json [--on 2026-11-21]
    python verify_report.py REPORT.json --keys keys.json

keys.json are the public keys of the platform (its page /verify/keys.json): fetch them once, from a place you trust, not
together with the report. Exit 0: genuine; 3: altered, and the lines say what; 4: genuine but expired; 2: cannot be read.
Whether a newer report has replaced it, only the platform knows.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zlib
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENUINE, UNREADABLE, ALTERED, EXPIRED = 0, 2, 3, 4


class Unreadable(Exception):
    """It is no report, or too broken to say anything about."""


def check(content: bytes, keys: list[dict], on: date) -> tuple[int, list[str]]:
    """The exit code, and what to say. Raises `Unreadable`."""
    if content.lstrip()[:5] == b"%PDF-":
        body, seal, faults = of_pdf(content)
        data = attachment(body)
    else:
        told = load(content)
        seal, body, faults = told.get("seal"), None, []
        data = canonical(told.get("report"))
    if body is not None and seal is None:
        return ALTERED, faults
    if not isinstance(seal, dict) or not isinstance(seal.get("statement"), dict):
        raise Unreadable("there is no seal that could be read")
    statement = seal["statement"]
    faults += signature_faults(seal, keys)
    try:
        report = load(data)
    except Unreadable:
        if body is None:
            raise
        return ALTERED, [
            *faults,
            "the data attached to the file cannot be read any more",
            *page_faults(statement, body),
        ]
    sealed, own = statement.get("number"), report.get("number")
    if sealed != own:
        faults.append(f"the seal is of another report ({sealed}), this one says it is {own}")
    elif digest(statement, "data") != hashlib.sha256(data).hexdigest():
        places = sorted({said(p) for p in altered(statement.get("shadow"), report)})
        faults += [f"the data was altered: {p}" for p in places] or ["the data was altered"]
    if body is not None and digest(statement, "pdf") != hashlib.sha256(body).hexdigest():
        faults += page_faults(statement, body)
    if faults:
        return ALTERED, faults
    told = [f"genuine: {own}, as of {statement['day']}, valid until {statement['valid_until']}"]
    if on > date.fromisoformat(statement["valid_until"]):
        return EXPIRED, [*told, f"expired on {statement['valid_until']}"]
    return GENUINE, told


# -- signatures --------------------------------------------------------------------------------------------------------


def signature_faults(seal: dict, keys: list[dict]) -> list[str]:
    """Signatures that are missing, by an unknown key, or not of this statement; one good one of each algorithm is needed."""
    message, faults, good = canonical(seal["statement"]), [], 0
    known = {k["fingerprint"]: k for k in keys}
    for given in seal.get("signatures") or []:
        name, key = given.get("algorithm"), known.get(given.get("key"))
        if key is None or key["algorithm"] != name:
            faults.append(f"signature {name}: its key is none of keys.json")
            continue
        try:
            signature = base64.b64decode(given.get("signature", ""), validate=True)
        except ValueError:
            signature = b""
        public = base64.b64decode(key["public"])
        if hashlib.sha256(public).hexdigest() != key["fingerprint"]:
            faults.append(f"keys.json: the fingerprint of {name} is not that of its key")
        elif not (ed25519 if name == "Ed25519" else sm2)(public, message, signature):
            faults.append(f"signature {name}: not of this report (statement or signature was altered)")
        else:
            good += 1
    if not good and not faults:
        faults.append("there is no signature")
    return faults


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public[-32:]).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
SIGNER = b"1234567812345678"


def sm2(public: bytes, message: bytes, signature: bytes) -> bool:
    """SM2 with SM3 and the usual signer id (GB/T 32918.2, GM/T 0009); `public` is SPKI DER, the signature DER too."""
    x, y = (int.from_bytes(public[-64:][i : i + 32], "big") for i in (0, 32))
    pair = der_pair(signature)
    if pair is None or (y * y - x * x * x - A * x - B) % P:
        return False
    r, s = pair
    if not (0 < r < N and 0 < s < N) or (r + s) % N == 0:
        return False
    identity = b"".join(v.to_bytes(32, "big") for v in (A, B, *G, x, y))
    z = sm3(len(SIGNER * 8).to_bytes(2, "big") + SIGNER + identity)
    e = int.from_bytes(sm3(z + message), "big")
    point = add(times(G, s), times((x, y), (r + s) % N))
    return point is not None and (e + point[0]) % N == r


def sm3(data: bytes) -> bytes:
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        raise Unreadable("this Python has no SM3 (OpenSSL 3 has): SM2 signatures cannot be checked") from None


def add(a: tuple | None, b: tuple | None) -> tuple | None:
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] + A) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(point: tuple, by: int) -> tuple | None:
    found, step = None, point
    while by:
        if by & 1:
            found = add(found, step)
        step, by = add(step, step), by >> 1
    return found


def der_pair(raw: bytes) -> tuple[int, int] | None:
    """Two integers of a DER sequence."""
    if len(raw) < 8 or raw[0] != 0x30 or raw[1] != len(raw) - 2:
        return None
    found, at = [], 2
    for _ in range(2):
        if at + 2 > len(raw) or raw[at] != 2:
            return None
        end = at + 2 + raw[at + 1]
        found.append(int.from_bytes(raw[at + 2 : end], "big"))
        at = end
    return (found[0], found[1]) if at == len(raw) else None


# -- the data and its shadow -------------------------------------------------------------------------------------------


def altered(shadow: object, found: object, at: tuple = ()):
    """The places at which a value is not the one whose digest stands in the shadow."""
    if isinstance(shadow, dict) and isinstance(found, dict):
        for key in sorted({*shadow, *found}):
            if key in shadow and key in found:
                yield from altered(shadow[key], found[key], (*at, key))
            else:
                yield (*at, key)
    elif isinstance(shadow, list) and isinstance(found, list):
        for n in range(max(len(shadow), len(found))):
            if n < len(shadow) and n < len(found):
                yield from altered(shadow[n], found[n], (*at, name(found[n], n)))
            else:
                yield (*at, f"[{n + 1}]")
    elif isinstance(shadow, dict | list) or isinstance(found, dict | list) or shadow != short(found):
        yield at


def short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:6]).decode()


def name(value: object, n: int) -> str:
    """How a reader finds an entry of a list on the paper."""
    if not isinstance(value, dict):
        return f"[{n + 1}]"
    if "title" in value:
        return f"[{n + 1}] {value.get('id') or value.get('record')}"
    return str(value.get("label") or value.get("code") or f"[{n + 1}]")


SILENT = ("chapters", "records", "fields", "value", "applicants", "statements", "findings", "label", "text")


def said(place: tuple) -> str:
    return " › ".join(str(part) for part in place if part not in SILENT) or "?"


# -- the PDF -----------------------------------------------------------------------------------------------------------


def of_pdf(content: bytes) -> tuple[bytes, object, list[str]]:
    """The pages, the seal, and what stands behind the seal that should not. Raises `Unreadable` without a seal."""
    seals = list(re.finditer(rb"\n\d+ 0 obj\n<</Type/ChengxinSeal/Length (\d+)>>\nstream\n", content))
    if not seals:
        raise Unreadable("the file has no seal: it is none of ours, or the seal was cut off")
    last = seals[-1]
    end = last.end() + int(last[1])
    rest = content[end:]
    table = rb"xref\n0 1\n0000000000 65535 f \n\d+ 1\n\d{10} 00000 n \n"
    expected = rb"\nendstream\nendobj\n" + table + rb"trailer\n<<.*>>\nstartxref\n\d+\n%%EOF\n"
    faults = [] if re.fullmatch(expected, rest, re.S) else ["something was added or changed behind the seal"]
    try:
        seal = load(content[last.end() : end])
    except Unreadable:
        seal, faults = None, ["the seal at the end of the file was altered and cannot be read any more"]
    return content[: last.start()], seal, faults


def attachment(body: bytes) -> bytes:
    found = re.search(rb"/Type/EmbeddedFile\b", body)
    number = re.findall(rb"\n(\d+) 0 obj\n", body[: found.start()])[-1] if found else b""
    packed = stream(body, number)
    if b"/FlateDecode" not in thing(body, number)[:300]:
        return packed
    try:
        return zlib.decompress(packed)
    except zlib.error as error:
        return f"broken: {error}".encode()


def page_faults(statement: dict, body: bytes) -> list[str]:
    """Which pages are not those that were sealed."""
    right = (statement.get("pdf") or {}).get("pages") or []
    kids = re.search(rb"/Type/Pages\b[^>]*/Kids\[([^\]]*)\]", body)
    found = []
    for number in re.findall(rb"(\d+) 0 R", kids[1] if kids else b""):
        content = re.search(rb"/Contents (\d+) 0 R", thing(body, number))
        found.append(hashlib.sha256(stream(body, content[1])).hexdigest() if content else "")
    faults = [f"page {n} was altered" for n, (a, b) in enumerate(zip(right, found), 1) if a != b]  # noqa: B905
    if len(right) != len(found):
        faults.append(f"the report has {len(right)} pages, the file {len(found)}")
    return faults or ["the pages are as they were; fonts, attachment or another part of the file was altered"]


def thing(body: bytes, number: bytes) -> bytes:
    start = body.find(b"\n" + number + b" 0 obj\n")
    return body[start : body.find(b"endobj", start)] if start >= 0 else b""


def stream(body: bytes, number: bytes) -> bytes:
    start = body.find(b"\n" + number + b" 0 obj\n")
    opening = body.find(b"stream\n", start)
    length = re.search(rb"/Length (\d+)", body[start:opening])
    return body[opening + 7 : opening + 7 + int(length[1])] if start >= 0 and opening >= 0 and length else b""


# -- reading -----------------------------------------------------------------------------------------------------------


def canonical(value: object) -> bytes:
    """The one way to write it: keys in order, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def load(content: bytes) -> dict:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise Unreadable(f"the data cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise Unreadable("the data is not that of a report")
    return found


def digest(statement: dict, of: str) -> object:
    found = statement.get(of)
    return found.get("sha256") if isinstance(found, dict) else None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--keys", type=Path, required=True, help="the platform's public keys (/verify/keys.json)")
    parser.add_argument("--on", type=date.fromisoformat, default=date.today(), help="the day to ask about")  # noqa: DTZ011
    given = parser.parse_args(arguments)
    try:
        code, lines = check(given.file.read_bytes(), json.loads(given.keys.read_bytes())["keys"], given.on)
    except (Unreadable, OSError, ValueError, KeyError, TypeError) as error:
        code, lines = UNREADABLE, [f"cannot be read: {error}"]
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
