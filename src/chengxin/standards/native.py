"""The check sums of identifiers over whole columns, in NumPy: what DuckDB calls instead of thirty substrings a value.

The same sums as the Python forms (``uscc``, ``organisation_code``, ``registration_number``) and as the macros without
them (``sql``), five times faster than the macros (tests/standards/speed.py). Each takes a column of texts that have
the right length and alphabet already; others give false. Nothing here loops over values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengxin.standards.organisation_code import ORGANISATION_ALPHABET, ORGANISATION_CHECKS, ORGANISATION_WEIGHTS
from chengxin.standards.uscc import USCC_ALPHABET, USCC_WEIGHTS

Values = npt.NDArray[np.int16]
_STRANGE: Final = 1 << 12
"""Value of a character outside the alphabet: larger than any sum that could be mistaken for a right one."""


def uscc_sum(codes: pa.Array) -> pa.Array:
    """Whether the weighted sum of 18 characters is right (GB 32100)."""
    return _checked(codes, 18, [USCC_ALPHABET] * 18, lambda v: _weighed(v, (*USCC_WEIGHTS, 1)) % 31 == 0)


def organisation_sum(codes: pa.Array) -> pa.Array:
    """Whether the weighted sum of 9 characters is right (GB 11714)."""
    alphabets = [*[ORGANISATION_ALPHABET] * len(ORGANISATION_WEIGHTS), ORGANISATION_CHECKS]
    return _checked(codes, 9, alphabets, lambda v: _weighed(v, (*ORGANISATION_WEIGHTS, 1)) % 11 == 0)


def registration_sum(codes: pa.Array) -> pa.Array:
    """Whether the recursive sum of 15 digits is right (ISO 7064 MOD 11,10)."""
    return _checked(codes, 15, ["0123456789"] * 15, _recursive)


FUNCTIONS: Final[dict[str, Callable[[pa.Array], pa.Array]]] = {
    "uscc_sum": uscc_sum,
    "organisation_sum": organisation_sum,
    "registration_sum": registration_sum,
}
"""Name in SQL -> function from a column of texts to a column of booleans."""


def install(connection: Any) -> None:
    """Make the functions known to a DuckDB connection, before the macros that call them."""
    for name, function in FUNCTIONS.items():
        connection.create_function(name, function, ["VARCHAR"], "BOOLEAN", type="arrow")


def _checked(
    codes: pa.Array, length: int, alphabets: Sequence[str], right: Callable[[Values], npt.NDArray[np.bool_]]
) -> pa.Array:
    if isinstance(codes, pa.ChunkedArray):
        codes = codes.combine_chunks()
    codes = codes.cast(pa.string()).fill_null("")
    ends = np.frombuffer(codes.buffers()[1], np.int32)[codes.offset : codes.offset + len(codes) + 1]
    answer = np.zeros(len(codes), np.bool_)
    fits = np.flatnonzero(np.diff(ends) == length)
    if len(fits):
        data = np.frombuffer(codes.buffers()[2], np.uint8)
        if len(fits) == len(codes):  # the usual case: one after the other, nothing to pick
            characters = data[ends[0] : ends[-1]].reshape(-1, length)
        else:
            characters = data[ends[:-1][fits][:, None] + np.arange(length, dtype=np.int32)]
        spots = np.add(characters, np.arange(0, 256 * length, 256, dtype=np.int32), dtype=np.int32)
        values = np.take(_tables(alphabets), spots)
        answer[fits] = right(values) & (values.max(axis=1) < _STRANGE)
    return pa.array(answer)


def _tables(alphabets: Sequence[str]) -> Values:
    """For each place and each byte its value in the alphabet of that place."""
    key = tuple(alphabets)
    if key not in _MADE:
        tables = np.full((len(alphabets), 256), _STRANGE, np.int16)
        for place, alphabet in enumerate(alphabets):
            for value, character in enumerate(alphabet):
                tables[place, ord(character)] = value
        _MADE[key] = tables
    return _MADE[key]


_MADE: dict[tuple[str, ...], Values] = {}


def _weighed(values: Values, weights: Sequence[int]) -> npt.NDArray[np.int64]:
    # Every sum is a whole number far below 2**24, so 32-bit floats hold it exactly, and they multiply ten times faster.
    return (values.astype(np.float32) @ np.array(weights, np.float32)).astype(np.int64)


def _recursive(values: Values) -> npt.NDArray[np.bool_]:
    remainder = np.full(len(values), 10, np.int64)
    for place in range(values.shape[1] - 1):
        remainder = ((remainder + values[:, place] + 9) % 10 + 1) * 2 % 11
    right: npt.NDArray[np.bool_] = (remainder + values[:, -1]) % 10 == 1
    return right
