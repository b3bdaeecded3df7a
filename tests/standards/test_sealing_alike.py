"""Sealing the same value twice gives the same bytes, and nothing else alike (docs/decisions/0009)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.standards.sealing import NONCE_BYTES, Sealer, SealError

KEY, NONCES = b"k" * 16, b"n" * 32
SEALER = Sealer({"2031-05": KEY}, "2031-05")


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_what_is_sealed_alike_opens_again_and_is_the_same_bytes(data: bytes, context: bytes) -> None:
    sealed = SEALER.seal_alike(data, context, NONCES)
    assert sealed == SEALER.seal_alike(data, context, NONCES)
    assert SEALER.unseal(sealed, context) == data


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=20), st.binary(max_size=20))
def test_another_value_or_place_has_another_nonce(one: bytes, two: bytes, here: bytes, there: bytes) -> None:
    """A nonce used for two values would give both away; the bounds of context and data are part of what makes it."""
    first, second = SEALER.seal_alike(one, here, NONCES), SEALER.seal_alike(two, there, NONCES)
    same = (one, here) == (two, there)
    assert (first[: 9 + NONCE_BYTES] == second[: 9 + NONCE_BYTES]) == same


@given(st.binary(min_size=1, max_size=60), st.binary(max_size=20))
def test_a_sealed_value_does_not_open_elsewhere(data: bytes, context: bytes) -> None:
    sealed = SEALER.seal_alike(data, context, NONCES)
    with pytest.raises(SealError, match="altered"):
        SEALER.unseal(sealed, context + b"x")


def test_another_key_for_nonces_gives_other_bytes() -> None:
    assert SEALER.seal_alike(b"x", b"", NONCES) != SEALER.seal_alike(b"x", b"", b"m" * 32)
