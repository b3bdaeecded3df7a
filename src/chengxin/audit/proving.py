"""Proofs for those who do not trust us: that a leaf is in the tree, that the tree only grew, what a leaf stands for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chengxin.audit.canonical import inner, opening
from chengxin.audit.models import Checkpoint, Leaf
from chengxin.audit.sources import Sealed, sources
from chengxin.audit.tree import node_of, suite
from chengxin.standards.merkle import consistency, inclusion


class NotSealed(Exception):
    """What was asked for is not in the tree (yet)."""


def newest() -> Checkpoint:
    """The newest checkpoint. Raises `NotSealed`."""
    found = Checkpoint.objects.order_by("-pk").first()
    if found is None:
        raise NotSealed("no checkpoint yet")
    return found


def at_size(size: int | None) -> Checkpoint:
    """The checkpoint of this size, or the newest. Raises `NotSealed`."""
    if size is None:
        return newest()
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise NotSealed(f"there is no checkpoint of {size} leaves")
    return found


def prove_inclusion(index: int, size: int | None = None) -> dict[str, Any]:
    """That leaf `index` is in the tree of a checkpoint (the newest without `size`). Raises `NotSealed`."""
    checkpoint, used = at_size(size), suite()
    leaf = Leaf.objects.filter(pk=index).first()
    if leaf is None or index >= checkpoint.size:
        raise NotSealed(f"leaf {index} is not in the tree of {checkpoint.size} leaves")
    return {
        "index": index,
        "size": checkpoint.size,
        "suite": used.name,
        "commitment": bytes(leaf.commitment).hex(),
        "proof": [step.hex() for step in inclusion(used, index, checkpoint.size, node_of(used))],
        "checkpoint": checkpoint.note,
    }


def prove_consistency(first: int, second: int | None = None) -> dict[str, Any]:
    """That the tree of checkpoint `first` is the beginning of that of `second`. Raises `NotSealed`."""
    old, new, used = at_size(first), at_size(second), suite()
    if old.size > new.size:
        raise NotSealed(f"the tree of {new.size} leaves has no beginning of {old.size}")
    return {
        "first": old.size,
        "second": new.size,
        "suite": used.name,
        "proof": [step.hex() for step in consistency(used, old.size, new.size, node_of(used))],
        "checkpoints": [old.note, new.note],
    }


def prove_row(kind: str, ref: int, size: int | None = None, *, reveal: bool = False) -> dict[str, Any]:
    """That a row is sealed: its leaf's proof and, if `reveal`, its open part with what is needed to check it.

    Raises `NotSealed`. The closed part is never told; whoever may see it has it from elsewhere.
    """
    leaf = Leaf.objects.filter(kind=kind, ref=ref).first()
    if leaf is None:
        raise NotSealed(f"{kind} {ref} is not sealed yet")
    told = prove_inclusion(leaf.index, size) | {"kind": kind, "ref": ref}
    if not reveal or leaf.salt is None:
        return told
    row = next(iter(_rows(kind, ref, leaf.note)), None)
    if row is None:
        raise NotSealed(f"{kind} {ref} is not there any more")
    salt = bytes(leaf.salt)
    return told | {
        "open": row.open_part.decode(),
        "salt": opening(salt).hex(),
        "inner": inner(suite(), salt, row.closed_part).hex(),
    }


def _rows(kind: str, ref: int, note: str) -> Iterable[Sealed]:
    return sources()[kind].sealed(ref - 1, ref, {ref: note})
