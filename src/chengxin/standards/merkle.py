"""Merkle trees in the shape of RFC 6962 / RFC 9162, with SHA-256 or SM3 (GB/T 32905): roots, proofs and their verification.

Leaves and inner nodes are hashed with different first bytes (0x00, 0x01), so that no node can pass for a leaf. A tree of
`size` leaves is known by its `root`; a proof of inclusion says that a leaf is in it, a proof of consistency that it only
grew. Whoever makes proofs needs the hashes of complete subtrees, `node(level, index)`: the one over the leaves from
`index << level`, `1 << level` of them. Nothing here knows where they are kept. Requirements: R-082, G-18; anchors.md 1.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import hashes

HASH_BYTES: Final = 32
Node = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Suite:
    """One hash function; `digest` gives the 32 bytes of some data."""

    name: str
    digest: Callable[[bytes], bytes] = field(repr=False)

    def leaf(self, data: bytes) -> bytes:
        """Hash the data of a leaf."""
        return self.digest(b"\x00" + data)

    def leaves(self, data: Iterable[bytes]) -> list[bytes]:
        """Hash many leaves."""
        digest = self.digest
        return [digest(b"\x00" + one) for one in data]

    def node(self, left: bytes, right: bytes) -> bytes:
        """Hash two subtrees into the one above them."""
        return self.digest(b"\x01" + left + right)

    def raised(self, level: Sequence[bytes]) -> list[bytes]:
        """Hash a level of complete subtrees, an even number of them, into the level above."""
        digest = self.digest
        return [digest(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]

    @property
    def empty(self) -> bytes:
        """The root of the tree without leaves."""
        return self.digest(b"")


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sm3() -> Callable[[bytes], bytes]:
    """Copying a fresh hash costs half of looking the algorithm up; builds of Python without SM3 take `cryptography`'s."""
    try:
        fresh = hashlib.new("sm3")
    except ValueError:
        other = hashes.Hash(hashes.SM3())

        def by_cryptography(data: bytes) -> bytes:
            started = other.copy()
            started.update(data)
            return started.finalize()

        return by_cryptography

    def by_hashlib(data: bytes) -> bytes:
        started = fresh.copy()
        started.update(data)
        return started.digest()

    return by_hashlib


SUITES: Final = {suite.name: suite for suite in (Suite("sha256", _sha256), Suite("sm3", _sm3()))}
"""By name: `sha256` (RFC 9162) and `sm3`."""


class Range:
    """A tree that only grows: it keeps one hash for each complete subtree on its edge, never the leaves."""

    def __init__(self, suite: Suite, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        """Start empty, or with the `edge` of a tree of `size` leaves, the largest subtree first."""
        self.suite, self.size, self.edge = suite, size, list(edge)
        if len(self.edge) != size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves has {size.bit_count()} subtrees on its edge, not {len(self.edge)}"
            )

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes."""
        edge, digest, size = self.edge, self.suite.digest, self.size
        for leaf in leaves:
            carry = size
            while carry & 1:
                leaf = digest(b"\x01" + edge.pop() + leaf)
                carry >>= 1
            edge.append(leaf)
            size += 1
        self.size = size

    @property
    def root(self) -> bytes:
        """The root of the leaves so far."""
        return joined(self.suite, self.edge)


def joined(suite: Suite, edge: Sequence[bytes]) -> bytes:
    """The root over the subtrees of an edge, the largest first."""
    if not edge:
        return suite.empty
    found = edge[-1]
    for left in reversed(edge[:-1]):
        found = suite.node(left, found)
    return found


def edge_of(size: int) -> Iterator[tuple[int, int]]:
    """(level, index) of the complete subtrees that a tree of `size` leaves consists of, the largest first."""
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, start >> level
            start += 1 << level


def root_at(suite: Suite, size: int, node: Node) -> bytes:
    """The root of the first `size` leaves."""
    return joined(suite, [node(level, index) for level, index in edge_of(size)])


def _span(suite: Suite, start: int, end: int, node: Node) -> bytes:
    """The hash of the leaves from `start` to before `end`, as RFC 6962 2.1 cuts them."""
    return joined(suite, [node(level, (start >> level) + index) for level, index in edge_of(end - start)])


def _cut(length: int) -> int:
    """The largest power of two below `length`."""
    return 1 << (length - 1).bit_length() - 1


def inclusion(suite: Suite, index: int, size: int, node: Node) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves (RFC 9162 2.1.3.1), the lowest first.

    Raises `ValueError` for an index that is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        cut = start + _cut(end - start)
        if index < cut:
            path.append(_span(suite, cut, end, node))
            end = cut
        else:
            path.append(_span(suite, start, cut, node))
            start = cut
    return path[::-1]


def consistency(suite: Suite, first: int, second: int, node: Node) -> list[bytes]:
    """The proof that the tree of `first` leaves is the beginning of the one of `second` (RFC 9162 2.1.4.1).

    Raises `ValueError` unless 0 <= first <= second.
    """
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {second} leaves has no beginning of {first}")
    if first in (0, second):
        return []
    path: list[bytes] = []
    start, end, whole = 0, second, True
    while end != first:
        cut = start + _cut(end - start)
        if first <= cut:
            path.append(_span(suite, cut, end, node))
            end = cut
        else:
            path.append(_span(suite, start, cut, node))
            start, whole = cut, False
    if not whole:
        path.append(_span(suite, start, end, node))
    return path[::-1]


def included(suite: Suite, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf hash stands at `index` of the tree (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != HASH_BYTES or any(len(p) != HASH_BYTES for p in proof):
        return False
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = suite.node(step, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = suite.node(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistent(
    suite: Suite, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the second tree only added leaves to the first (RFC 9162 2.1.4.2).

    The other half of the proofs that `/log` hands out: a witness checks with it, no room of ours does.
    """
    if not 0 <= first <= second or any(len(p) != HASH_BYTES for p in proof):
        return False
    if first == 0:
        return not proof and first_root == suite.empty and (second > 0 or second_root == suite.empty)
    if first == second:
        return not proof and first_root == second_root
    steps = list(proof) if first & (first - 1) else [first_root, *proof]
    if not steps:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = suite.node(step, old), suite.node(step, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = suite.node(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
