"""Archives of the log: what was sealed, as files in a chain that outlives the database (anchors.md T12, R-361, G-18).

    chengxin-log-000002.zip
        000000000300.jsonl     a line a leaf, from leaf 300 on, in order; at most so many to an entry
        000000000700.note      the checkpoint of 700 leaves as it was signed
        archive.json           number, range, edge of the tree before it, keys, digest of the archive before, digests of these
        archive.sig            the log's own key over archive.json

A line holds the commitment; of an event also its salt and both parts as they were sealed. That is what the log holds
already and nothing else: no content of records, and nothing of an event that was erased. An archive's digest is the hash
of `archive.json`: it speaks of contents, so that a file may be packed anew. The event `log.archive` puts it into the trail.
"""

from __future__ import annotations

import base64
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import transaction

from chengxin.audit import keys
from chengxin.audit.actions import record
from chengxin.audit.canonical import canonical, commitment
from chengxin.audit.models import Checkpoint, Event, Leaf, Log, LogKey
from chengxin.audit.sources import Sealed, Source, sources
from chengxin.audit.tree import node_of
from chengxin.standards.merkle import SUITES, Suite, edge_of

FORMAT, CONTEXT = "chengxin-log-archive/1", "chengxin log archive"
MANIFEST, SIGNATURE = "archive.json", "archive.sig"
PATTERN = "chengxin-log-*.zip"
WITH_CONTENT = "event"
"""Whose rows stand in an archive in full; of every other source only the commitments do."""
PART = 10_000
"""Leaves an entry; a few megabytes, so that whoever checks needs no more memory than that."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


class NotWhole(Exception):
    """The log is not what was sealed: an archive of it would hide that. `chengxin audit verify` says what is wrong."""


@dataclass(frozen=True)
class Archived:
    """An archive: its number in the chain, the leaves [first, end) it holds, its digest in hex."""

    number: int
    first: int
    end: int
    digest: str
    path: Path | None = None


def latest() -> Archived:
    """The newest archive that the trail knows; before the first one, number 0 with nothing in it. Its event cannot be erased."""
    told = Event.objects.filter(action="log.archive").order_by("-pk").first()
    if told is None:
        return Archived(0, 0, 0, "")
    return Archived(int(told.object), told.detail["first"], told.detail["end"], told.detail["digest"])


def archive(actor: str, folder: Path) -> Archived | None:
    """Put what was sealed since the last archive, up to the newest checkpoint, into a new file; None when there is nothing.

    Of two at once one takes the number, under the lock of the log's row; the other throws its work away and begins anew
    after it. Raises `keys.NoLog`, and `NotWhole` where the rows are no longer those that were sealed.
    """
    log = Log.objects.first()
    if log is None:
        raise keys.NoLog("还没有日志，请先运行 chengxin init。")
    before, used = latest(), SUITES[log.suite]
    checkpoints = list(Checkpoint.objects.filter(size__gt=before.end).order_by("size"))
    if not checkpoints:
        return None
    number, end = before.number + 1, checkpoints[-1].size
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"chengxin-log-{number:06d}.zip"
    part = path.with_suffix(f".{uuid4().hex}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
                entries = _entries(zipped, used, before.end, checkpoints)
                manifest = canonical(_manifest(log, used, before, number, end, entries))
                _put(zipped, MANIFEST, manifest)
                _put(zipped, SIGNATURE, signature_over(manifest))
            file.flush()
            os.fsync(file.fileno())
        made = Archived(number, before.end, end, used.digest(manifest).hex(), path)
        if _taken(actor, made, before, part):
            return made
    finally:
        part.unlink(missing_ok=True)
    return archive(actor, folder)


def _taken(actor: str, made: Archived, before: Archived, part: Path) -> bool:
    """Put the file in its place and tell the trail, unless somebody archived meanwhile."""
    assert made.path is not None  # `archive` has just named it
    with transaction.atomic():  # a moment: the file is written
        Log.objects.select_for_update().get()
        if latest() != before:
            return False
        record(actor, "log.archive", "log-archive", made.number, first=made.first, end=made.end, digest=made.digest)
        os.replace(part, made.path)
    return True


def _entries(zipped: zipfile.ZipFile, used: Suite, start: int, checkpoints: list[Checkpoint]) -> list[dict[str, str]]:
    """Write the leaves from `start`, a part at a time, and behind those of each checkpoint its note; what was written."""
    made: list[dict[str, str]] = []

    def put(name: str, content: bytes) -> None:
        _put(zipped, name, content)
        made.append({"name": name, "digest": used.digest(content).hex()})

    for checkpoint in checkpoints:
        for at in range(start, checkpoint.size, PART):
            put(f"{at:012d}.jsonl", b"".join(_lines(used, at, min(at + PART, checkpoint.size))))
        put(f"{checkpoint.size:012d}.note", checkpoint.note.encode())
        start = checkpoint.size
    return made


def _manifest(
    log: Log, used: Suite, before: Archived, number: int, end: int, entries: list[dict[str, str]]
) -> dict[str, Any]:
    node = node_of(used)
    known = [
        {
            "number": key.number, "algorithm": key.algorithm, "public": base64.b64encode(bytes(key.public)).decode(),
            "since": key.since, "until": key.until,
        }
        for key in LogKey.objects.filter(since__gte=0).order_by("number")
    ]  # fmt: skip
    return {
        "format": FORMAT, "origin": log.origin, "suite": log.suite, "number": number, "first": before.end, "end": end,
        "previous": before.digest, "keys": known, "entries": entries,
        "edge": [node(level, index).hex() for level, index in edge_of(before.end)],
    }  # fmt: skip


def signature_over(manifest: bytes) -> bytes:
    """The entry `archive.sig`. Raises `keys.NoLog`."""
    made = keys.sign(CONTEXT, manifest)
    return canonical(signature_told(made.key, made.algorithm, made.signature))


def signature_told(key: int, algorithm: str, signature: bytes) -> dict[str, Any]:
    """What `archive.sig` says."""
    return {"key": key, "algorithm": algorithm, "signature": base64.b64encode(signature).decode()}


def _put(zipped: zipfile.ZipFile, name: str, content: bytes) -> None:
    zipped.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)


def _lines(used: Suite, start: int, end: int) -> Iterator[bytes]:
    columns = ("index", "kind", "ref", "salt", "note", "commitment")
    leaves = list(Leaf.objects.filter(index__gte=start, index__lt=end).order_by("index").values_list(*columns))
    if [leaf[0] for leaf in leaves] != list(range(start, end)):
        raise NotWhole(f"leaves are missing between {start} and {end}")
    content = _content(sources()[WITH_CONTENT], leaves)
    for index, kind, ref, salt, _note, bound in leaves:
        told = {"index": index, "kind": kind, "ref": ref, "commitment": bytes(bound).hex()}
        if kind == WITH_CONTENT and salt is not None:
            row = content.get(ref)
            if row is None or commitment(used, bytes(salt), row.open_part, row.closed_part) != bytes(bound):
                raise NotWhole(f"{kind} {ref} is not what was sealed as leaf {index}")
            told |= {"salt": bytes(salt).hex(), "open": _text(row.open_part), "closed": _text(row.closed_part)}
        yield json.dumps(told, separators=(",", ":"), sort_keys=True).encode("ascii") + b"\n"


def _content(source: Source, leaves: list[tuple[Any, ...]]) -> dict[int, Sealed]:
    refs = [ref for _i, kind, ref, *_rest in leaves if kind == source.kind]
    if not refs:
        return {}
    return {row.ref: row for row in source.sealed(min(refs) - 1, max(refs), {})}


def _text(part: bytes) -> str:
    return part.decode("utf-8", "surrogatepass")
