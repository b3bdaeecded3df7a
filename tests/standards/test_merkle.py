"""Merkle trees against RFC 6962's own vectors, and against a model that follows its definition word for word."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.standards.hashing import sm3
from chengxin.standards.merkle import (
    SUITES,
    Range,
    Suite,
    consistency,
    consistent,
    included,
    inclusion,
    root_at,
)

SHA = SUITES["sha256"]
VECTOR = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
"""The eight leaves of certificate-transparency's test data, and the roots of the first 0 to 8 of them."""
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(suite: Suite, leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 2.1."""
    if not leaves:
        return suite.empty
    if len(leaves) == 1:
        return leaves[0]
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return suite.node(naive_root(suite, leaves[:cut]), naive_root(suite, leaves[cut:]))


def nodes(suite: Suite, leaves: Sequence[bytes]):
    def node(level: int, index: int) -> bytes:
        return naive_root(suite, leaves[index << level : (index + 1) << level])

    return node


def tree(size: int, suite: Suite = SHA) -> list[bytes]:
    return suite.leaves(n.to_bytes(4, "big") for n in range(size))


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_rfc_6962(size: int) -> None:
    leaves = SHA.leaves(bytes.fromhex(v) for v in VECTOR[:size])
    grown = Range(SHA)
    grown.extend(leaves)
    assert grown.root.hex() == root_at(SHA, size, nodes(SHA, leaves)).hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 1, []),
        (0, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
        (5, 8, ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (1, 5, ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
    ],
)  # fmt: skip
def test_the_proofs_of_inclusion_of_rfc_6962(index: int, size: int, proof: list[str]) -> None:
    leaves = SHA.leaves(bytes.fromhex(v) for v in VECTOR[:size])
    assert [p.hex() for p in inclusion(SHA, index, size, nodes(SHA, leaves))] == proof


@pytest.mark.parametrize(
    ("first", "second", "proof"),
    [
        (1, 1, []),
        (1, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
        (6, 8, ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
        (2, 5, ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
    ],
)  # fmt: skip
def test_the_proofs_of_consistency_of_rfc_6962(first: int, second: int, proof: list[str]) -> None:
    leaves = SHA.leaves(bytes.fromhex(v) for v in VECTOR[:second])
    assert [p.hex() for p in consistency(SHA, first, second, nodes(SHA, leaves))] == proof


def test_both_suites_are_the_hashes_they_are_named_after() -> None:
    assert SUITES["sm3"].leaf(b"abc") == sm3(b"\x00abc")
    assert SHA.node(b"l" * 32, b"r" * 32) == hashlib.sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()
    assert SUITES["sm3"].empty == sm3(b"")


def test_every_leaf_of_every_tree_up_to_40_is_proved_and_nothing_else_is() -> None:
    """T13: wrong leaf, neighbour's proof, wrong index, wrong size, too short and too long."""
    leaves = tree(41)
    for size in range(1, 41):
        node, root = nodes(SHA, leaves[:size]), naive_root(SHA, leaves[:size])
        for index in range(size):
            proof = inclusion(SHA, index, size, node)
            assert included(SHA, leaves[index], index, size, proof, root)
            assert not included(SHA, leaves[40], index, size, proof, root)
            assert not included(SHA, leaves[index], index, size, [*proof, root], root)
            assert not included(SHA, leaves[index], size, size, proof, root)
            if proof:
                assert not included(SHA, leaves[index], index ^ 1, size, proof, root)
                assert not included(SHA, leaves[index], index, size, proof[:-1], root)
                assert not included(SHA, leaves[index], index, size, [proof[0][:-1], *proof[1:]], root)


def test_every_growth_up_to_33_is_proved_and_no_fork_is() -> None:
    leaves, forked = tree(33), [*tree(7), SHA.leaf(b"fork"), *tree(33)[8:]]
    for second in range(1, 34):
        node = nodes(SHA, leaves[:second])
        root = naive_root(SHA, leaves[:second])
        for first in range(second + 1):
            old, proof = naive_root(SHA, leaves[:first]), consistency(SHA, first, second, node)
            assert consistent(SHA, first, second, old, root, proof)
            assert not consistent(SHA, first, second, old, root, [*proof, root])
            if proof:
                assert not consistent(SHA, first, second, old, root, proof[:-1])
            if first > 7:
                other = naive_root(SHA, forked[:first])
                assert not consistent(SHA, first, second, other, root, proof)


@pytest.mark.parametrize("bad", [(-1, 3), (3, 3), (0, 0)])
def test_what_is_not_in_the_tree_has_no_proof(bad: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion(SHA, *bad, nodes(SHA, tree(3)))
    with pytest.raises(ValueError, match="no beginning"):
        consistency(SHA, 4, 3, nodes(SHA, tree(3)))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["sha256", "sm3"]), st.data())
def test_a_tree_that_grows_in_any_steps_agrees_with_the_definition(name: str, data: st.DataObject) -> None:
    suite = SUITES[name]
    size = data.draw(st.integers(1, 300))
    leaves = tree(size, suite)
    grown, at = Range(suite), 0
    while at < size:
        step = data.draw(st.integers(1, size - at))
        grown.extend(leaves[at : at + step])
        at += step
        grown = Range(suite, grown.size, grown.edge)
    root = naive_root(suite, leaves)
    assert grown.root == root
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    node = nodes(suite, leaves)
    assert included(suite, leaves[index], index, size, inclusion(suite, index, size, node), root)
    assert consistent(
        suite, first, size, naive_root(suite, leaves[:first]), root, consistency(suite, first, size, node)
    )
    with pytest.raises(ValueError, match="subtrees on its edge"):
        Range(suite, size, [*grown.edge, root])
