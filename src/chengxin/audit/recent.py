"""Verification of the newest part, quick enough for a page: the signature, the tree's root, the last leaves against their rows.

`verifying.verify` checks everything and takes as long as there is data (`chengxin audit verify`); this says what it left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chengxin.audit import keys
from chengxin.audit.canonical import commitment
from chengxin.audit.models import Checkpoint, Leaf, Log, LogKey
from chengxin.audit.notes import BadNote, read
from chengxin.audit.sources import Sealed, sources
from chengxin.audit.tree import node_of
from chengxin.standards.merkle import SUITES, Suite, root_at

NEWEST = 5_000
"""Leaves whose rows are hashed again; about half a second."""


@dataclass
class Recent:
    """What was checked, and what was wrong with it: sentences that name a place, empty when all was well."""

    size: int = 0
    root: str = ""
    leaves: int = 0
    first: int = 0
    signed: bool = False
    faults: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return self.signed and not self.faults


def verify_newest(limit: int = NEWEST) -> Recent | None:
    """Check the newest checkpoint and the leaves under it; None while there is no checkpoint."""
    log, newest = Log.objects.first(), Checkpoint.objects.order_by("-pk").first()
    if log is None or newest is None:
        return None
    used = SUITES[log.suite]
    found = Recent(size=newest.size, root=bytes(newest.root).hex(), first=max(0, newest.size - limit))
    _signature(log, newest, found)
    if root_at(used, newest.size, node_of(used)) != bytes(newest.root):
        found.faults.append(f"root of {newest.size} leaves")
    _leaves(used, newest.size, found)
    return found


def _signature(log: Log, newest: Checkpoint, found: Recent) -> None:
    try:
        told, number, signature = read(newest.note)
    except BadNote as error:
        found.faults.append(str(error))
        return
    if (told.size, told.root, told.origin) != (newest.size, bytes(newest.root), log.origin):
        found.faults.append(f"checkpoint {newest.pk}: text and row differ")
    found.signed = any(
        keys.number_of(key, log.origin) == number and keys.right(key, told.text.encode(), signature)
        for key in LogKey.objects.filter(since__gte=0, since__lt=told.size)
    )
    if not found.signed:
        found.faults.append(f"checkpoint {newest.pk}: signature")


def _leaves(used: Suite, size: int, found: Recent) -> None:
    """The last leaves, source by source, against the rows they stand for."""
    leaves = list(Leaf.objects.filter(index__gte=found.first, index__lt=size).order_by("index"))
    found.leaves = len(leaves)
    if [leaf.index for leaf in leaves] != list(range(found.first, size)):
        found.faults.append(f"leaves {found.first}–{size - 1}: missing")
    node = node_of(used)
    for leaf, hashed in zip(leaves, used.leaves([bytes(leaf.commitment) for leaf in leaves]), strict=True):
        if node(0, leaf.index) != hashed:
            found.faults.append(f"#{leaf.index}: not what the tree has")
    for kind, source in sources().items():
        mine = sorted((leaf for leaf in leaves if leaf.kind == kind), key=lambda leaf: leaf.ref)
        if not mine:
            continue
        notes = {leaf.ref: leaf.note for leaf in mine}
        there = {row.ref: row for row in source.sealed(mine[0].ref - 1, mine[-1].ref, notes)}
        for leaf in mine:
            if fault := _fault(used, leaf, there.get(leaf.ref)):
                found.faults.append(f"#{leaf.index} {kind} {leaf.ref}: {fault}")


def _fault(used: Suite, leaf: Leaf, row: Sealed | None) -> str:
    if row is None:
        return "missing"
    if leaf.salt is None:  # erased by law: any text fits, and the full verification asks for the event that says so
        return ""
    bound = commitment(used, bytes(leaf.salt), row.open_part, row.closed_part)
    return "" if bound == bytes(leaf.commitment) else "changed"
