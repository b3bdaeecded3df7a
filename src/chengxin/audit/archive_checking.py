"""Checks archives of the log without their database: which file, which entry of it, and what is wrong (anchors.md T12).

What is compared is content, never the bytes of the zip file: packed anew in the same order an archive is the same. The
single-file verifier (docs/verify_log.py) asks the same questions in code of its own.
"""

from __future__ import annotations

import base64
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chengxin.audit import keys
from chengxin.audit.archiving import CONTEXT, FORMAT, MANIFEST, PATTERN, SIGNATURE, signature_told
from chengxin.audit.canonical import canonical, commitment
from chengxin.audit.models import Log, LogKey
from chengxin.audit.notes import BadNote, read
from chengxin.audit.verifying import note_fault
from chengxin.standards.merkle import SUITES, Range, Suite

_FIELDS = {"format", "origin", "suite", "number", "first", "end", "edge", "previous", "keys", "entries"}
_LARGEST = 256 * 2**20
"""Bytes of an entry that are unpacked; ours have a few megabytes, and a crafted file could have any number."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: in which file, at which entry of it (empty for the file as a whole), of which kind."""

    archive: str
    entry: str
    kind: str
    detail: str


@dataclass
class Checked:
    """What was found: how many archives and leaves, how many of them with what they say, and every fault."""

    archives: int = 0
    leaves: int = 0
    content: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass
class _Opened:
    """An archive whose manifest can be read."""

    path: Path
    zipped: zipfile.ZipFile
    told: dict[str, Any]
    digest: str


def files(paths: Iterable[Path]) -> list[Path]:
    """The archives that are named, and those of the folders that are."""
    return [file for path in paths for file in (sorted(path.glob(PATTERN)) if path.is_dir() else [path])]


def check(paths: Iterable[Path], known: Mapping[int, LogKey], told: Mapping[int, str] = {}) -> Checked:
    """Check archives and the chain they make, in the order of their numbers, however they are named.

    `known` are the keys to trust; `told` the digests that the trail remembers, by number.
    """
    found = Checked()
    opened = [one for path in paths if (one := _open(path, found)) is not None]
    opened.sort(key=lambda one: int(one.told["number"]))
    before: _Opened | None = None
    tree: Range | None = None
    for one in opened:
        used = SUITES[one.told["suite"]]
        _chain(one, before, tree, found)
        if told and told.get(one.told["number"]) != one.digest:
            found.faults.append(Fault(one.path.name, "", "archive-unknown", "the trail knows no archive like this"))
        tree = _content(one, used, known, found)
        before = one
        found.archives += 1
    for one in opened:
        one.zipped.close()
    return found


def _open(path: Path, found: Checked) -> _Opened | None:
    """The archive with its manifest; None, and a fault, when there is none to be read."""
    try:
        zipped = zipfile.ZipFile(path)
        told = json.loads(raw := _unpacked(zipped, MANIFEST))
        if set(told) != _FIELDS or told["format"] != FORMAT or told["suite"] not in SUITES:
            raise ValueError("not a manifest of ours")
        if not all(isinstance(told[name], int) for name in ("number", "first", "end")):
            raise ValueError("not a place in the chain")
        Range(SUITES[told["suite"]], told["first"], [bytes.fromhex(h) for h in told["edge"]])
        if not all(isinstance(e["name"], str) and isinstance(e["digest"], str) for e in told["entries"]):
            raise ValueError("not a list of entries")
        return _Opened(path, zipped, told, SUITES[told["suite"]].digest(raw).hex())
    except _UNREADABLE as error:
        found.faults.append(Fault(path.name, MANIFEST, "unreadable", str(error)[:200]))
        return None


_UNREADABLE = (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""RuntimeError: what is encrypted, packed in a way unknown here, or nested without end."""


def _chain(one: _Opened, before: _Opened | None, tree: Range | None, found: Checked) -> None:
    """Whether this archive follows the one before it."""
    told, name = one.told, one.path.name

    def wrong(kind: str, detail: str) -> None:
        found.faults.append(Fault(name, MANIFEST, kind, detail))

    if before is None or tree is None:
        if told["number"] == 1 and (told["previous"] or told["first"]):
            wrong("previous", "the first archive follows none")
        return
    if told["number"] == before.told["number"]:
        return wrong("archive-doubled", f"{before.path.name} is number {told['number']} as well")
    if told["number"] != before.told["number"] + 1:
        return wrong("archive-missing", f"{before.told['number'] + 1} is missing before number {told['number']}")
    if told["previous"] != before.digest:
        wrong("previous", f"{before.path.name} is not the archive that this one follows")
    if told["first"] != before.told["end"] or [bytes.fromhex(h) for h in told["edge"]] != tree.edge:
        wrong("continuity", f"it does not go on at leaf {before.told['end']} where {before.path.name} ends")


def _content(one: _Opened, used: Suite, known: Mapping[int, LogKey], found: Checked) -> Range:
    """Check signature, entries and leaves of one archive; the tree behind its last leaf."""
    told, zipped = one.told, one.zipped

    def wrong(entry: str, kind: str, detail: str) -> None:
        found.faults.append(Fault(one.path.name, entry, kind, detail))

    if not _signed(zipped, known):
        wrong(SIGNATURE, "signature", "the log's key did not sign this manifest")
    listed, there = [e["name"] for e in told["entries"]], zipped.namelist()
    wanted = [*listed, MANIFEST, SIGNATURE]
    for name in wanted:
        if name not in there:
            wrong(name, "entry-missing", "it is in the manifest and not in the file")
    for at, name in enumerate(there):
        if name not in wanted or name in there[:at]:
            wrong(name, "entry-extra", "it is in the file and not in the manifest")
    if sorted(there) == sorted(wanted) and there != wanted:
        first = next(b for a, b in zip(wanted, there, strict=True) if a != b)
        wrong(first, "entry-order", "the entries are not in the order of the manifest")
    tree = Range(used, told["first"], [bytes.fromhex(h) for h in told["edge"]])
    log = Log(origin=told["origin"], suite=told["suite"])
    for entry in told["entries"]:
        name, content = entry["name"], _read(zipped, entry["name"], there)
        if content is None:
            if name in there:
                wrong(name, "entry-changed", "it cannot be unpacked")
        elif used.digest(content).hex() != entry["digest"]:
            wrong(name, "entry-changed", "its content is not that of the manifest")
        elif name.endswith(".note"):
            for kind, detail in _note(content, tree, log, known):
                wrong(name, kind, detail)
        else:
            for kind, detail in _leaves(content, used, tree, found):
                wrong(name, kind, detail)
    if tree.size != told["end"] and not any(f.archive == one.path.name for f in found.faults):
        wrong(MANIFEST, "continuity", f"it ends at leaf {tree.size} and says {told['end']}")
    return tree


def _read(zipped: zipfile.ZipFile, name: str, there: list[str]) -> bytes | None:
    try:
        return _unpacked(zipped, name) if name in there else None
    except _UNREADABLE:
        return None


def _unpacked(zipped: zipfile.ZipFile, name: str) -> bytes:
    """An entry, manifest and signature among them; no more is unpacked than an archive of ours could hold."""
    if zipped.getinfo(name).file_size > _LARGEST:
        raise ValueError(f"{name} is larger than {_LARGEST} bytes")
    return zipped.read(name)


def _signed(zipped: zipfile.ZipFile, known: Mapping[int, LogKey]) -> bool:
    try:
        raw = _unpacked(zipped, SIGNATURE)
        told = json.loads(raw)
        key, made = known[told["key"]], base64.b64decode(told["signature"], validate=True)
        if raw != canonical(
            signature_told(key.number, key.algorithm, made)
        ):  # one way to write it, so that no bit is idle
            return False
        return keys.right(key, CONTEXT.encode() + b"\n" + _unpacked(zipped, MANIFEST), made)
    except _UNREADABLE:
        return False


def _note(content: bytes, tree: Range, log: Log, known: Mapping[int, LogKey]) -> Iterator[tuple[str, str]]:
    note = content.decode("utf-8", "replace")
    if fault := note_fault(log, dict(known), note):
        yield fault
        return
    try:
        told = read(note)[0]
    except BadNote as error:
        yield "checkpoint", str(error)
        return
    if (told.size, told.root) != (tree.size, tree.root):
        yield "root", f"the {tree.size} leaves before it do not have the root that was signed for {told.size}"


def _leaves(content: bytes, used: Suite, tree: Range, found: Checked) -> Iterator[tuple[str, str]]:
    """Add the leaves of an entry to the tree; each that says what it stands for must stand for it."""
    hashed: list[bytes] = []
    for line in content.splitlines():
        try:
            told = json.loads(line)
            index, bound = told["index"], bytes.fromhex(told["commitment"])
            salt = bytes.fromhex(told["salt"]) if "salt" in told else None
            parts = [told[p].encode("utf-8", "surrogatepass") for p in ("open", "closed")] if salt else []
        except _UNREADABLE as error:
            yield "leaf", f"a line behind leaf {tree.size + len(hashed) - 1} cannot be read: {str(error)[:100]}"
            return
        if index != tree.size + len(hashed):
            yield "leaf", f"leaf {index} stands where {tree.size + len(hashed)} belongs"
        if salt is not None:
            found.content += 1
            if commitment(used, salt, parts[0], parts[1]) != bound:
                yield "content", f"what leaf {index} says is not what was sealed"
        hashed.append(bound)
    found.leaves += len(hashed)
    tree.extend(used.leaves(hashed))
