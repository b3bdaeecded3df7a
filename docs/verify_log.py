#!/usr/bin/env python3
"""Check Chengxin's log without Chengxin: one file, Python 3.11 and nothing else (docs/audit.md).

    python verify_log.py export FOLDER [--fingerprint HEX]   a whole log, as `chengxin audit export` writes it
    python verify_log.py inclusion FILE --key KEY            a proof of inclusion, or of a published record (JSON of the API)
    python verify_log.py consistency FILE --key KEY          a proof that the log only grew

KEY is the public key in base64 (SubjectPublicKeyInfo, as `/api/v1/log/checkpoint` names it): take it from a witness or
from print, not from the server you are checking. Exit 0: it holds; 3: it does not, and the sentence says what.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path


class Wrong(Exception):
    """Something does not hold; the text says what."""


# -- hashes and trees (RFC 9162) ---------------------------------------------------------------------------------------


def digest(suite: str, data: bytes) -> bytes:
    return hashlib.new(suite, data).digest()


def node(suite: str, left: bytes, right: bytes) -> bytes:
    return digest(suite, b"\x01" + left + right)


class Tree:
    """A tree that grows leaf by leaf and knows its root."""

    def __init__(self, suite: str) -> None:
        self.suite, self.size, self.edge = suite, 0, []

    def add(self, commitment: bytes) -> None:
        found, carry = digest(self.suite, b"\x00" + commitment), self.size
        while carry & 1:
            found, carry = node(self.suite, self.edge.pop(), found), carry >> 1
        self.edge.append(found)
        self.size += 1

    @property
    def root(self) -> bytes:
        if not self.edge:
            return digest(self.suite, b"")
        found = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            found = node(self.suite, left, found)
        return found


def root_by_inclusion(suite: str, leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root that the proof leads to (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        raise Wrong(f"leaf {index} is not in a tree of {size} leaves")
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise Wrong("the proof is too long")
        if at & 1 or at == last:
            found = node(suite, step, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node(suite, found, step)
        at, last = at >> 1, last >> 1
    if last:
        raise Wrong("the proof is too short")
    return found


def check_consistency(suite: str, first: int, second: int, old: bytes, new: bytes, proof: list[bytes]) -> None:
    """RFC 9162 2.1.4.2, for 0 < first <= second."""
    if not 0 < first <= second:
        raise Wrong(f"a tree of {second} leaves has no beginning of {first}")
    if first == second:
        if proof or old != new:
            raise Wrong("two trees of the same size differ")
        return
    steps = proof if first & (first - 1) else [old, *proof]
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not steps:
        raise Wrong("the proof is too short")
    a = b = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Wrong("the proof is too long")
        if at & 1 or at == last:
            a, b = node(suite, step, a), node(suite, step, b)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            b = node(suite, b, step)
        at, last = at >> 1, last >> 1
    if last or (a, b) != (old, new):
        raise Wrong("the newer tree does not begin with the older one")


# -- signatures ----------------------------------------------------------------------------------------------------------

P25519 = 2**255 - 19
L25519 = 2**252 + 27742317777372353535851937790883648493
D25519 = -121665 * pow(121666, -1, P25519) % P25519


def _ed_add(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Extended coordinates of RFC 8032 5.1.4."""
    p = P25519
    e = (a[1] - a[0]) * (b[1] - b[0]) % p
    f = (a[1] + a[0]) * (b[1] + b[0]) % p
    g, h = 2 * a[3] * b[3] * D25519 % p, 2 * a[2] * b[2] % p
    q, r, s, t = f - e, h - g, h + g, f + e
    return q * r % p, s * t % p, r * s % p, q * t % p


def _ed_times(point: tuple[int, int, int, int], by: int) -> tuple[int, int, int, int]:
    found = (0, 1, 1, 0)
    while by:
        if by & 1:
            found = _ed_add(found, point)
        point, by = _ed_add(point, point), by >> 1
    return found


def _ed_point(raw: bytes) -> tuple[int, int, int, int]:
    p, whole = P25519, int.from_bytes(raw, "little")
    y, sign = whole & (1 << 255) - 1, whole >> 255
    if y >= p:
        raise Wrong("the key or signature is not a point")
    square = (y * y - 1) * pow(D25519 * y * y + 1, -1, p) % p
    x = pow(square, (p + 3) // 8, p)
    if (x * x - square) % p:
        x = x * pow(2, (p - 1) // 4, p) % p
    if (x * x - square) % p or (x == 0 and sign):
        raise Wrong("the key or signature is not a point")
    if x & 1 != sign:
        x = p - x
    return x, y, 1, x * y % p


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """RFC 8032 5.1.7."""
    if len(signature) != 64:
        return False
    try:
        a, r = _ed_point(public), _ed_point(signature[:32])
    except Wrong:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L25519:
        return False
    base = _ed_point((4 * pow(5, -1, P25519) % P25519).to_bytes(32, "little"))
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L25519
    left, right = _ed_times(base, s), _ed_add(r, _ed_times(a, k))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % P25519 or (left[1] * right[2] - right[1] * left[2]) % P25519
    )


SM2_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM2_A = SM2_P - 3
SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM2_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SM2_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int] | None


def _sm2_add(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % SM2_P == 0:
            return None
        slope = (3 * a[0] * a[0] + SM2_A) * pow(2 * a[1], -1, SM2_P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, SM2_P)
    x = (slope * slope - a[0] - b[0]) % SM2_P
    return x, (slope * (a[0] - x) - a[1]) % SM2_P


def _sm2_times(point: Point, by: int) -> Point:
    found: Point = None
    while by:
        if by & 1:
            found = _sm2_add(found, point)
        point, by = _sm2_add(point, point), by >> 1
    return found


def _der_pair(raw: bytes) -> tuple[int, int]:
    """The two numbers of a DER signature."""
    try:
        if raw[0] != 0x30 or raw[1] != len(raw) - 2 or raw[2] != 2:
            raise Wrong("the signature is not DER")
        cut = 4 + raw[3]
        if raw[cut] != 2 or cut + 2 + raw[cut + 1] != len(raw):
            raise Wrong("the signature is not DER")
        return int.from_bytes(raw[4:cut], "big"), int.from_bytes(raw[cut + 2 :], "big")
    except IndexError as error:
        raise Wrong("the signature is not DER") from error


def sm2(public: bytes, message: bytes, signature: bytes) -> bool:
    """GB/T 32918.2 with SM3 and the usual signer identity; `public` is the 64 bytes of the point."""
    try:
        r, s = _der_pair(signature)
    except Wrong:
        return False
    x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    if not (0 < r < SM2_N and 0 < s < SM2_N) or (y * y - x**3 - SM2_A * x - SM2_B) % SM2_P or (r + s) % SM2_N == 0:
        return False
    signer = b"1234567812345678"
    about = (len(signer) * 8).to_bytes(2, "big") + signer
    about += b"".join(v.to_bytes(32, "big") for v in (SM2_A, SM2_B, *SM2_G, x, y))
    e = int.from_bytes(digest("sm3", digest("sm3", about) + message), "big")
    point = _sm2_add(_sm2_times(SM2_G, s), _sm2_times((x, y), (r + s) % SM2_N))
    return point is not None and (e + point[0]) % SM2_N == r


def signed_by(der: bytes, origin: str, message: bytes, number: bytes, signature: bytes) -> bool:
    """Whether this public key signed the message and is the one that the note names."""
    if der.startswith(bytes.fromhex("302a300506032b6570032100")):
        raw = der[12:]
        name, right = b"\x01" + raw, ed25519(raw, message, signature)
    else:
        name, right = b"\xffSM2-SM3" + der, sm2(der[-64:], message, signature)
    return right and hashlib.sha256(origin.encode() + b"\n" + name).digest()[:4] == number


# -- checkpoints ---------------------------------------------------------------------------------------------------------


def read(note: str) -> tuple[str, int, bytes, str, bytes, bytes, bytes]:
    """(origin, size, root, suite, what is signed, number of the key, signature) of a checkpoint."""
    text, gap, tail = note.partition("\n\n")
    try:
        origin, size, root, suite, _at = text.split("\n")
        name, _, blob = tail.strip().removeprefix("— ").rpartition(" ")
        raw = base64.b64decode(blob, validate=True)
        if name != origin or not gap:
            raise ValueError
        signed = (text + "\n").encode()
        return origin, int(size), base64.b64decode(root), suite.removeprefix("suite "), signed, raw[:4], raw[4:]
    except ValueError as error:
        raise Wrong(f"not a checkpoint: {note[:60]!r}") from error


def checked(note: str, keys: list[bytes]) -> tuple[int, bytes, str]:
    """(size, root, suite) of a checkpoint that one of the keys has signed."""
    origin, size, root, suite, signed, number, signature = read(note)
    if not any(signed_by(key, origin, signed, number, signature) for key in keys):
        raise Wrong(f"the checkpoint of {size} leaves is not signed by this key")
    return size, root, suite


# -- the three questions -------------------------------------------------------------------------------------------------


def check_inclusion(told: dict, keys: list[bytes]) -> str:
    size, root, suite = checked(told["checkpoint"], keys)
    bound = bytes.fromhex(told["commitment"])
    if "open" in told:
        whole = bytes.fromhex(told["salt"]) + told["open"].encode() + bytes.fromhex(told["inner"])
        if digest(suite, whole) != bound:
            raise Wrong("what is shown is not what was sealed")
    if (told["size"], told["suite"]) != (size, suite):
        raise Wrong("the proof is for another tree than the checkpoint")
    proof = [bytes.fromhex(step) for step in told["proof"]]
    leaf = digest(suite, b"\x00" + bound)
    if root_by_inclusion(suite, leaf, told["index"], size, proof) != root:
        raise Wrong(f"leaf {told['index']} is not in the tree of the checkpoint")
    return f"leaf {told['index']} is in the log of {size} leaves"


def check_growth(told: dict, keys: list[bytes]) -> str:
    (first, old, suite), (second, new, other) = (checked(note, keys) for note in told["checkpoints"])
    if suite != other or (told["first"], told["second"]) != (first, second):
        raise Wrong("the proof is for other trees than the checkpoints")
    check_consistency(suite, first, second, old, new, [bytes.fromhex(step) for step in told["proof"]])
    return f"the log of {second} leaves begins with that of {first}"


def check_export(folder: Path, fingerprint: str | None) -> str:
    about = json.loads((folder / "log.json").read_text("utf-8"))
    keys = [(base64.b64decode(key["public"]), key["since"], key["until"]) for key in about["keys"]]
    if fingerprint and hashlib.sha256(keys[0][0]).hexdigest() != fingerprint:
        raise Wrong("the first key is not the one with this fingerprint")
    text = (folder / "checkpoints.txt").read_text("utf-8")
    notes = [f"{part}\n" for part in text.split("\n\n" + about["origin"] + "\n")]
    notes = [n if i == 0 else f"{about['origin']}\n{n}" for i, n in enumerate(notes)] if text else []
    tree = Tree(about["suite"])
    with (folder / "leaves.txt").open(encoding="ascii") as leaves:
        for note in notes:
            origin, size, _root, _suite, *_rest = read(note)
            in_force = [k for k, since, until in keys if 0 <= since < size <= (size if until is None else until)]
            _size, root, suite = checked(note, in_force)
            if (origin, suite) != (about["origin"], about["suite"]):
                raise Wrong(f"the checkpoint of {size} leaves is of another log")
            if size <= tree.size and tree.size:
                raise Wrong(f"the checkpoint of {size} leaves comes after one of {tree.size}")
            before = tree.size
            while tree.size < size:
                line = leaves.readline()
                if not line:
                    raise Wrong(f"index {tree.size}: the leaves end, the checkpoint speaks of {size}")
                tree.add(bytes.fromhex(line))
            if tree.root != root:
                raise Wrong(f"index {before} or later: the leaves up to {size} do not have the root that was signed")
        if leaves.readline():
            raise Wrong(f"index {tree.size}: leaves that no checkpoint covers")
    return f"{tree.size} leaves and {len(notes)} checkpoints hold"


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=["export", "inclusion", "consistency"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--key", action="append", default=[], help="public key in base64")
    parser.add_argument("--fingerprint", help="SHA-256 of the first key, from elsewhere")
    given = parser.parse_args(words)
    try:
        if given.what == "export":
            print("sound:", check_export(given.path, given.fingerprint))
        else:
            told, keys = json.loads(given.path.read_text("utf-8")), [base64.b64decode(key) for key in given.key]
            print("sound:", (check_inclusion if given.what == "inclusion" else check_growth)(told, keys))
    except (Wrong, KeyError, ValueError, OSError) as error:
        print("WRONG:", error)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
