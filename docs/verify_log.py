#!/usr/bin/env python3
"""Check Chengxin's log without Chengxin: one file, Python 3.11 and nothing else (docs/audit.md).

    python verify_log.py export FOLDER [--fingerprint HEX]   a whole log, as `chengxin audit export` writes it
    python verify_log.py inclusion FILE --key KEY            a proof of inclusion, or of a published record (JSON of the API)
    python verify_log.py consistency FILE --key KEY          a proof that the log only grew
    python verify_log.py archive FILE... [--fingerprint HEX] archives of `chengxin audit archive`, and the chain they make

KEY is the public key in base64 (SubjectPublicKeyInfo, as `/api/v1/log/checkpoint` names it): take it from a witness or
from print, not from the server you are checking. Exit 0: it holds; 3: it does not, and the sentence says what (of
archives: the file, the entry and the kind of fault).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
import zlib
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

    def __init__(self, suite: str, size: int = 0, edge: list[bytes] | None = None) -> None:
        self.suite, self.size, self.edge = suite, size, list(edge or [])

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


ED25519_HEAD = bytes.fromhex("302a300506032b6570032100")


def signed_by(der: bytes, origin: str, message: bytes, number: bytes, signature: bytes) -> bool:
    """Whether this public key signed the message and is the one that the note names."""
    if der.startswith(ED25519_HEAD):
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


# -- archives ------------------------------------------------------------------------------------------------------------

UNREADABLE = (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""RuntimeError: what is encrypted, packed in a way unknown here, or nested without end."""
LARGEST = 256 * 2**20


class Archive:
    """One archive; `faults` are (file, entry, kind of fault, words)."""

    def __init__(self, path: Path) -> None:
        self.path, self.faults, self.leaves = path, [], 0
        try:
            self.zipped = zipfile.ZipFile(path)
            self.raw = self.unpacked("archive.json")
            told = self.told = json.loads(self.raw)
            fields = {"format", "origin", "suite", "number", "first", "end", "edge", "previous", "keys", "entries"}
            if (
                set(told) != fields
                or told["format"] != "chengxin-log-archive/1"
                or told["suite"] not in ("sm3", "sha256")
            ):
                raise ValueError("not a manifest of ours")
            self.number, self.digest = int(told["number"]), digest(told["suite"], self.raw)
            edge = [bytes.fromhex(one) for one in told["edge"]]
            if len(edge) != bin(told["first"]).count("1"):
                raise ValueError("the edge is not that of the tree before it")
            self.tree = Tree(told["suite"], told["first"], edge)
            self.start = (told["first"], list(edge))
            self.keys = [(k["number"], base64.b64decode(k["public"]), k["since"], k["until"]) for k in told["keys"]]
            self.listed = [(one["name"], one["digest"]) for one in told["entries"]]
        except UNREADABLE as error:
            raise Wrong(f"{path.name}: archive.json: unreadable: {error}") from error

    def wrong(self, entry: str, kind: str, words: str) -> None:
        self.faults.append((self.path.name, entry, kind, words))

    def check(self, trusted: set[str]) -> None:
        """Check everything inside; `trusted` are fingerprints of keys, and grow by those that the log announces."""
        names = [name for name, _digest in self.listed]
        wanted, there = [*names, "archive.json", "archive.sig"], self.zipped.namelist()
        for name in wanted:
            if name not in there:
                self.wrong(name, "entry-missing", "it is in the manifest and not in the file")
        for at, name in enumerate(there):
            if name not in wanted or name in there[:at]:
                self.wrong(name, "entry-extra", "it is in the file and not in the manifest")
        if sorted(there) == sorted(wanted) and there != wanted:
            first = next(b for a, b in zip(wanted, there, strict=True) if a != b)
            self.wrong(first, "entry-order", "the entries are not in the order of the manifest")
        coming: set[str] = set()  # announced behind the last checkpoint that was checked
        for name, sealed in self.listed:
            content = self.read(name, there)
            if content is None:
                if name in there:
                    self.wrong(name, "entry-changed", "it cannot be unpacked")
            elif digest(self.told["suite"], content).hex() != sealed:
                self.wrong(name, "entry-changed", "its content is not that of the manifest")
            elif name.endswith(".note"):
                if self.note(name, content.decode("utf-8", "replace"), trusted):
                    trusted |= coming
                    coming = set()
            else:
                coming |= self.lines(name, content)
        if not self.signed(trusted):
            self.wrong("archive.sig", "signature", "a key of the log did not sign this manifest")
        if self.tree.size != self.told["end"] and not self.faults:
            self.wrong("archive.json", "continuity", f"it ends at leaf {self.tree.size} and says {self.told['end']}")

    def read(self, name: str, there: list[str]) -> bytes | None:
        try:
            return self.unpacked(name) if name in there else None
        except UNREADABLE:
            return None

    def unpacked(self, name: str) -> bytes:
        if self.zipped.getinfo(name).file_size > LARGEST:
            raise ValueError(f"{name} is larger than {LARGEST} bytes")
        return self.zipped.read(name)

    def note(self, name: str, note: str, trusted: set[str]) -> bool:
        """Whether this checkpoint is signed and its root that of the leaves before it."""
        try:
            origin, size, *_rest = read(note)
            in_force = [key for _n, key, since, until in self.keys if 0 <= since < size <= (until or size)
                        and hashlib.sha256(key).hexdigest() in trusted]  # fmt: skip
            if not in_force:
                raise Wrong(f"no key that is known was in force for {size} leaves")
            size, root, suite = checked(note, in_force)
            if (origin, suite) != (self.told["origin"], self.told["suite"]):
                raise Wrong("it is of another log")
        except Wrong as error:
            self.wrong(name, "signature", str(error))
            return False
        if (size, root) != (self.tree.size, self.tree.root):
            self.wrong(name, "root", f"the {self.tree.size} leaves before it do not have the root that was signed")
            return False
        return True

    def lines(self, name: str, content: bytes) -> set[str]:
        """Add the leaves of an entry; the fingerprints of the keys that its events announce."""
        announced: set[str] = set()
        for line in content.splitlines():
            try:
                told = json.loads(line)
                index, bound = told["index"], bytes.fromhex(told["commitment"])
                parts = [told[p].encode("utf-8", "surrogatepass") for p in ("open", "closed")] if "salt" in told else []
                salt = bytes.fromhex(told.get("salt", ""))
            except UNREADABLE as error:
                self.wrong(name, "leaf", f"a line behind leaf {self.tree.size - 1} cannot be read: {error}")
                return announced
            if index != self.tree.size:
                self.wrong(name, "leaf", f"leaf {index} stands where {self.tree.size} belongs")
            if parts:
                suite = self.told["suite"]
                if digest(suite, salt[:16] + parts[0] + digest(suite, salt[16:] + parts[1])) != bound:
                    self.wrong(name, "content", f"what leaf {index} says is not what was sealed")
                elif json.loads(parts[0])["action"] == "log.key":
                    announced.add(json.loads(parts[1])["detail"]["fingerprint"])
            self.tree.add(bound)
            self.leaves += 1
        return announced

    def signed(self, trusted: set[str]) -> bool:
        try:
            raw = self.unpacked("archive.sig")
            told = json.loads(raw)
            key = next(k for number, k, _s, _u in self.keys if number == told["key"])
            made = base64.b64decode(told["signature"], validate=True)
            algorithm = "Ed25519" if key.startswith(ED25519_HEAD) else "SM2-SM3"
            only = {"algorithm": algorithm, "key": told["key"], "signature": base64.b64encode(made).decode()}
            if raw != json.dumps(only, sort_keys=True, separators=(",", ":")).encode():
                return False
        except (*UNREADABLE, StopIteration):
            return False
        message = b"chengxin log archive\n" + self.raw
        right = ed25519(key[12:], message, made) if key.startswith(ED25519_HEAD) else sm2(key[-64:], message, made)
        return right and hashlib.sha256(key).hexdigest() in trusted


def check_archives(paths: list[Path], fingerprint: str | None, keys: list[bytes]) -> str:
    """Every archive, and that each follows the one before it. Raises `Wrong` with a line for each fault."""
    archives = sorted((Archive(path) for path in paths), key=lambda one: one.number)
    trusted = {hashlib.sha256(key).hexdigest() for key in keys} | ({fingerprint} if fingerprint else set())
    if not trusted:  # nothing from elsewhere: what the first archive names, which proves only that they belong together
        trusted = {hashlib.sha256(key).hexdigest() for _n, key, _s, _u in archives[0].keys}
    before: Archive | None = None
    for one in archives:
        told = one.told
        if before is None:
            if one.number == 1 and (told["previous"] or told["first"]):
                one.wrong("archive.json", "previous", "the first archive follows none")
        elif one.number == before.number:
            one.wrong("archive.json", "archive-doubled", f"{before.path.name} is number {one.number} as well")
        elif one.number != before.number + 1:
            one.wrong("archive.json", "archive-missing", f"number {before.number + 1} is missing before {one.number}")
        else:
            if told["previous"] != before.digest.hex():
                one.wrong("archive.json", "previous", f"{before.path.name} is not the archive that this one follows")
            if one.start != (before.told["end"], before.tree.edge):
                one.wrong("archive.json", "continuity", f"it does not go on where {before.path.name} ends")
        one.check(trusted)
        before = one
    faults = [fault for one in archives for fault in one.faults]
    if faults:
        raise Wrong("; ".join(f"{file}: {entry}: {kind}: {words}" for file, entry, kind, words in faults))
    return f"{len(archives)} archives with {sum(one.leaves for one in archives)} leaves hold"


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=["export", "inclusion", "consistency", "archive"])
    parser.add_argument("path", type=Path, nargs="+")
    parser.add_argument("--key", action="append", default=[], help="public key in base64")
    parser.add_argument("--fingerprint", help="SHA-256 of the first key, from elsewhere")
    given = parser.parse_args(words)
    try:
        keys = [base64.b64decode(key) for key in given.key]
        if given.what == "export":
            print("sound:", check_export(given.path[0], given.fingerprint))
        elif given.what == "archive":
            print("sound:", check_archives(given.path, given.fingerprint, keys))
        else:
            told = json.loads(given.path[0].read_text("utf-8"))
            print("sound:", (check_inclusion if given.what == "inclusion" else check_growth)(told, keys))
    except (Wrong, KeyError, ValueError, OSError) as error:
        print("WRONG:", error)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
