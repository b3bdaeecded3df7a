"""Verification: the tree is built again from its leaves, the leaves from the rows, and compared with what was signed.

Two questions, each asked of everything: is the log itself whole (leaves, tiles, checkpoints, keys, witnesses), and is
what it stands for still what it was (events, record versions, and what the public is shown). The answer names the first
bad index and what kind of fault it is. A check of the tree alone would miss altered records (anchors.md 1.2: immudb).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max

from chengxin.audit import keys, witnesses
from chengxin.audit.canonical import commitment
from chengxin.audit.models import Checkpoint, Erasure, Event, Leaf, Log, LogKey, Tile
from chengxin.audit.notes import BadNote, read
from chengxin.audit.sources import Source, sources
from chengxin.audit.tree import LEVELS, WIDTH, folded
from chengxin.standards.merkle import SUITES, Range, Suite

CHUNK = WIDTH * 64
_AT_MOST = 1000
_BEFORE_ALL = -(2**62)
"""Numbers begin at one; whoever slips in a smaller one is found as well."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was: `index` is the leaf it concerns or, for a checkpoint, the first leaf it may."""

    index: int
    kind: str
    detail: str


@dataclass
class Report:
    """What verification found; `pending` rows are not sealed yet and so not judged."""

    size: int = 0
    root: str = ""
    checkpoints: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    erased: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.faults

    @property
    def first(self) -> Fault | None:
        """The fault with the lowest index; of several there, the one found first."""
        return min(self.faults, key=lambda f: f.index, default=None)

    def add(self, index: int, kind: str, detail: str) -> None:
        if len(self.faults) < _AT_MOST:
            self.faults.append(Fault(index, kind, detail))


def verify() -> Report:
    """Check everything. Raises `keys.NoLog` when there is no log."""
    log = Log.objects.first()
    if log is None:
        raise keys.NoLog("还没有日志，请先运行 chengxin init。")
    report = Report()
    used = SUITES[log.suite]
    known = {key.number: key for key in LogKey.objects.order_by("number")}
    wanted = _wanted(log, known, report)
    roots = _tree(used, report, {told for told, _root, _words, _kind in wanted})
    newest = max((size for size, *_ in wanted), default=0)
    if report.size > newest:
        report.add(newest, "leaf-extra", f"{report.size - newest} leaves stand behind the newest checkpoint")
    _rows(used, report)
    _erasures(report)
    _announced(known, report)
    _compare(report, wanted, roots)
    report.faults.sort(key=lambda f: f.index)
    return report


def _wanted(log: Log, known: dict[int, LogKey], report: Report) -> list[tuple[int, bytes, str, str]]:
    """(size, root, words, kind of fault) of every statement about the tree: our checkpoints, and those of witnesses."""
    wanted: list[tuple[int, bytes, str, str]] = []
    before = 0
    for count, checkpoint in enumerate(Checkpoint.objects.order_by("pk").iterator(), start=1):
        report.checkpoints = count
        words = f"checkpoint {checkpoint.pk} of {checkpoint.size} leaves"
        if checkpoint.pk != count:
            report.add(before, "checkpoint-missing", f"{words}: {count} was expected here")
        if fault := note_fault(log, known, checkpoint.note, checkpoint):
            report.add(before, *fault)
        elif checkpoint.size <= before:
            report.add(before, "checkpoint-order", f"{words}: no larger than the one before it")
        wanted.append((checkpoint.size, bytes(checkpoint.root), words, "root"))
        before = max(before, checkpoint.size)
    for where, note in witnesses.remembered():
        if fault := note_fault(log, known, note):
            report.add(0, fault[0], f"{where}: {fault[1]}")
            continue
        told = read(note)[0]
        wanted.append((told.size, told.root, f"{where}: a witness was told another tree", "witness"))
    return wanted


def _announced(known: dict[int, LogKey], report: Report) -> None:
    """Every key must be the one of which a sealed event speaks, sealed before the key was used."""
    for number, key in known.items():
        told = Event.objects.filter(action="log.key", object=str(number)).order_by("pk").first()
        leaf = Leaf.objects.filter(kind="event", ref=told.pk).first() if told else None
        if told is None or told.detail.get("fingerprint") != keys.fingerprint(bytes(key.public)):
            report.add(max(key.since, 0), "key", f"key {number} is not the one that was announced")
        elif number > 1 and key.since >= 0 and (leaf is None or leaf.index >= key.since):
            report.add(key.since, "key", f"key {number} signed before it was announced")


def note_fault(log: Log, known: dict[int, LogKey], note: str, row: Checkpoint | None = None) -> tuple[str, str] | None:
    """(kind, detail) of what is wrong with a checkpoint's text, or None."""
    try:
        told, number, signature = read(note)
    except BadNote as error:
        return "checkpoint", str(error)
    if told.origin != log.origin or told.suite != log.suite:
        return "checkpoint", f"of another log: {told.origin}, {told.suite}"
    if row is not None and (told.size, told.root) != (row.size, bytes(row.root)):
        return "checkpoint", f"checkpoint {row.pk} says {told.size} in its text and {row.size} beside it"
    in_force = [k for k in known.values() if 0 <= k.since < told.size <= (told.size if k.until is None else k.until)]
    named = [k for k in in_force if keys.number_of(k, log.origin) == number]
    if not named:
        return "key", f"the checkpoint of {told.size} leaves is signed by a key that was not in force then"
    if not keys.right(named[0], told.text.encode(), signature):
        return "signature", f"the signature of the checkpoint of {told.size} leaves is wrong"
    return None


def _tree(used: Suite, report: Report, sizes: set[int]) -> dict[int, bytes]:
    """The roots at these sizes, made from the leaves alone; on the way the tiles are compared."""
    grown, roots, tiles = Range(used), {}, _Tiles(used, report)
    marks = sorted(sizes, reverse=True)
    for leaves in _leaf_hashes(used, report):
        tiles.take(leaves)
        start = grown.size
        while marks and marks[-1] <= start + len(leaves):
            size = marks.pop()
            grown.extend(leaves[grown.size - start : size - start])
            roots[size] = grown.root
        grown.extend(leaves[grown.size - start :])
    tiles.end()
    report.size, report.root = grown.size, grown.root.hex()
    return roots


def _leaf_hashes(used: Suite, report: Report) -> Iterator[list[bytes]]:
    """Leaf hashes in chunks, in order; stops at the first leaf that is not there."""
    rows = Leaf.objects.order_by("index").values_list("index", "commitment").iterator(chunk_size=CHUNK)
    chunk: list[bytes] = []
    for expected, (index, bound) in enumerate(rows):
        if index != expected:
            report.add(expected, "leaf-missing", f"leaf {expected} is missing, the next one is {index}")
            break
        chunk.append(bytes(bound))
        if len(chunk) == CHUNK:
            yield used.leaves(chunk)
            chunk = []
    yield used.leaves(chunk)


class _Tiles:
    """Compares the kept tiles, level by level, with the leaves as they come."""

    def __init__(self, used: Suite, report: Report) -> None:
        self.used, self.report = used, report
        self.open: dict[int, list[bytes]] = {}
        self.done: dict[int, int] = {}

    def take(self, fresh: list[bytes], level: int = 0) -> None:
        here = self.open.setdefault(level, [])
        here += fresh
        whole = len(here) // WIDTH
        if not whole:
            return
        first = self.done.get(level, 0)
        kept = Tile.objects.filter(level=level, index__gte=first, index__lt=first + whole)
        known = {t.index: (bytes(t.hashes), bytes(t.root)) for t in kept}
        roots = []
        for i in range(whole):
            hashes = here[i * WIDTH : (i + 1) * WIDTH]
            roots.append(folded(self.used, hashes))
            self._compare(level, first + i, hashes, roots[-1], known.get(first + i))
        self.done[level], self.open[level] = first + whole, here[whole * WIDTH :]
        self.take(roots, level + 1)

    def _compare(
        self, level: int, index: int, hashes: list[bytes], root: bytes, kept: tuple[bytes, bytes] | None
    ) -> None:
        start = index << LEVELS * (level + 1)
        if kept is None:
            self.report.add(start, "tile-missing", f"tile {level}/{index} is missing")
        elif kept[0] != b"".join(hashes):
            place = next(i for i, h in enumerate(hashes) if kept[0][i * 32 : i * 32 + 32] != h)
            what = "leaf" if level == 0 else "tile"
            self.report.add(start + (place << LEVELS * level), what, f"hash {place} of tile {level}/{index} differs")
        elif kept[1] != root:
            self.report.add(start, "tile", f"the hash over tile {level}/{index} differs")

    def end(self) -> None:
        """No tile may stand behind the last leaf."""
        for level, last in Tile.objects.values_list("level").annotate(last=Max("index")):
            if last >= self.done.get(level, 0):
                self.report.add(
                    last << LEVELS * (level + 1), "tile", f"tile {level}/{last} stands behind the last leaf"
                )


def _compare(report: Report, wanted: list[tuple[int, bytes, str, str]], roots: dict[int, bytes]) -> None:
    """Compare what was stated about the tree with the tree; the fault lies behind the last statement that holds, and
    where it is known more closely already, there."""
    good = 0
    placed = sorted(fault.index for fault in report.faults)
    for size, root, words, kind in sorted(wanted, key=lambda w: w[0]):
        place = next((index for index in placed if good <= index < size), None)
        if size not in roots:
            place = min(max(good, report.size), size) if place is None else place
            report.add(place, "truncated", f"{words}: the log has only {report.size} leaves")
        elif roots[size] != root:
            report.add(good if place is None else place, kind, f"{words}: its root is not that of the leaves")
        else:
            good = max(good, size)


def _rows(used: Suite, report: Report) -> None:
    """Hash every sealed row again, and ask each source what else must hold."""
    for kind, source in sources().items():
        after = _BEFORE_ALL
        for leaves in _leaves_of(kind):
            notes = {ref: note for _i, ref, _salt, note, _c in leaves}
            after = _chunk(used, report, source, leaves, notes, after)
        report.rows[kind] = Leaf.objects.filter(kind=kind).count()
        report.pending[kind] = _pending(source, max(after, 0))
        for wrong in source.faults():
            leaf = Leaf.objects.filter(kind=kind, ref=wrong.ref).first()
            if leaf is not None:
                report.add(leaf.index, wrong.kind, wrong.detail)
            elif wrong.ref <= after:
                report.add(_next_index(kind, wrong.ref), wrong.kind, wrong.detail)


def _leaves_of(kind: str) -> Iterator[list[tuple[int, int, Any, str, Any]]]:
    rows = Leaf.objects.filter(kind=kind).order_by("ref")
    columns = rows.values_list("index", "ref", "salt", "note", "commitment")
    chunk: list[tuple[int, int, Any, str, Any]] = []
    for row in columns.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _chunk(
    used: Suite,
    report: Report,
    source: Source,
    leaves: list[tuple[int, int, Any, str, Any]],
    notes: dict[int, str],
    after: int,
) -> int:
    """Check the leaves of one chunk against the rows between them; returns the last number seen."""
    last = leaves[-1][1]
    wanted = {ref: (index, salt, bound) for index, ref, salt, _note, bound in leaves}
    for row in source.sealed(after, last, notes):
        found = wanted.pop(row.ref, None)
        if found is None:
            report.add(
                _next_index(source.kind, row.ref), f"{source.kind}-inserted", f"{source.kind} {row.ref} is not sealed"
            )
            continue
        index, salt, bound = found
        if salt is None:
            report.erased += 1
        elif commitment(used, bytes(salt), row.open_part, row.closed_part) != bytes(bound):
            report.add(index, f"{source.kind}-changed", f"{source.kind} {row.ref} is not what was sealed")
    for ref, (index, _salt, _bound) in wanted.items():
        report.add(index, f"{source.kind}-missing", f"{source.kind} {ref} is not there any more")
    return last


def _next_index(kind: str, ref: int) -> int:
    """Where a row that has no leaf would have stood."""
    after = Leaf.objects.filter(kind=kind, ref__gt=ref).order_by("ref").first()
    return after.index if after else 0


def _pending(source: Source, after: int) -> int:
    return len(source.rows(after, source.horizon(after), _AT_MOST))


def _erasures(report: Report) -> None:
    """A leaf without salt must have been erased by an event that says so."""
    told = set(Event.objects.filter(action="log.erase").values_list("pk", flat=True))
    erased = dict(Erasure.objects.values_list("leaf_id", "event"))
    for index in Leaf.objects.filter(salt=None).order_by("index").values_list("index", flat=True):
        if erased.get(index) not in told:
            report.add(index, "erased-without-trace", f"the salt of leaf {index} is gone and nothing says why")
