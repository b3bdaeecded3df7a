"""The tree in the database: full tiles are kept, its right edge is worked out from the leaves behind the last full tile."""

from __future__ import annotations

from collections.abc import Sequence

from chengxin.audit.models import Leaf, Log, Tile
from chengxin.standards.merkle import HASH_BYTES, SUITES, Node, Suite

LEVELS = 8
WIDTH = 1 << LEVELS


def suite() -> Suite:
    """The hash of this installation's log. Raises `Log.DoesNotExist` before `chengxin init`."""
    return SUITES[Log.objects.get().suite]


def split(hashes: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [hashes[i : i + HASH_BYTES] for i in range(0, len(hashes), HASH_BYTES)]


def folded(used: Suite, hashes: Sequence[bytes]) -> bytes:
    """The hash over a power of two of neighbouring hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = used.raised(level)
    return level[0]


def node_of(used: Suite) -> Node:
    """Reads the hash of any complete subtree; what was read once is remembered while the answer is made."""
    tiles: dict[tuple[int, int], list[bytes]] = {}

    def entries(level: int, index: int) -> list[bytes]:
        if (level, index) not in tiles:
            kept = Tile.objects.filter(level=level, index=index).first()
            tiles[level, index] = split(bytes(kept.hashes)) if kept else edge_entries(used, level, index)
        return tiles[level, index]

    def node(level: int, index: int) -> bytes:
        tile_level, up = divmod(level, LEVELS)
        first = index << up
        start = first % WIDTH
        return folded(used, entries(tile_level, first // WIDTH)[start : start + (1 << up)])

    return node


def edge_entries(used: Suite, level: int, index: int) -> list[bytes]:
    """The entries of a tile that is not full yet."""
    first, end = index * WIDTH, (index + 1) * WIDTH
    if level == 0:
        rows = Leaf.objects.filter(index__gte=first, index__lt=end).order_by("index")
        return used.leaves(bytes(c) for c in rows.values_list("commitment", flat=True))
    below = Tile.objects.filter(level=level - 1, index__gte=first, index__lt=end).order_by("index")
    return [bytes(root) for root in below.values_list("root", flat=True)]


def full_tiles(used: Suite, size: int, leaves: list[bytes]) -> list[Tile]:
    """The tiles that become full when `leaves` (leaf hashes) are added to a tree of `size`; at every level."""
    made: list[Tile] = []
    level, start, fresh = 0, size, leaves
    while fresh:
        index = start // WIDTH
        here = [*(edge_entries(used, level, index) if start % WIDTH else []), *fresh]
        whole = len(here) // WIDTH
        roots = []
        for i in range(whole):
            hashes = here[i * WIDTH : (i + 1) * WIDTH]
            roots.append(folded(used, hashes))
            made.append(Tile(level=level, index=index + i, hashes=b"".join(hashes), root=roots[-1]))
        level, start, fresh = level + 1, index, roots
    return made
