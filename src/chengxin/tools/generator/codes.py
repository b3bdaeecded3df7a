"""Valid but invented identifiers, a million at a time: unified codes, organisation codes, registration and tax numbers.

Every code has right check characters and is made so that it names nobody: organisation codes of the new form lie in
MAW, MAX and MAY, which the numbering (MAA in 2021, a letter a year) has not reached, those of the old form begin with
two digits that none of 9,500 published codes of the test data begins with.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from chengxin.standards.organisation_code import ORGANISATION_CHECKS, ORGANISATION_WEIGHTS
from chengxin.standards.uscc import USCC_ALPHABET, USCC_WEIGHTS
from chengxin.tools.generator.draws import Numbers, scattered

Letters = npt.NDArray[np.uint8]
_ALPHABET = np.frombuffer(USCC_ALPHABET.encode(), np.uint8)
_CHECKS = np.frombuffer(ORGANISATION_CHECKS.encode(), np.uint8)
_FRESH = ("MAW", "MAX", "MAY")
_FRESH_SIZE = len(_FRESH) * 31**5
_OLD = np.array([85, 87, 88, 89, 93, 94, 96, 97, 99], np.int64) * 10**6
_OLD_SIZE = len(_OLD) * 10**6


def organisation_codes(n: int, old: npt.NDArray[np.bool_], seed: int) -> pl.Series:
    """`n` different organisation codes with check character, of the old numeric form where `old`."""
    number = scattered(n, _OLD_SIZE, seed)
    body = np.where(old[:, None], _digits(_OLD[number // 10**6] + number % 10**6, 8), _fresh(n, seed))
    value = np.where(body >= 65, body.astype(np.int64) - 55, body.astype(np.int64) - 48)
    check = _CHECKS[(-(value @ np.array(ORGANISATION_WEIGHTS))) % 11]
    return text(np.column_stack([body, check]))


def unified_codes(kinds: pl.Series, divisions: pl.Series, organisation: pl.Series) -> pl.Series:
    """Unified codes of authority and category (`kinds`, two characters), division and organisation code."""
    body = letters(kinds + divisions + organisation, 17)
    check = _ALPHABET[(-(_values(body) @ np.array(USCC_WEIGHTS))) % 31]
    return text(np.column_stack([body, check]))


def registration_numbers(divisions: pl.Series, serial: Numbers) -> pl.Series:
    """Registration numbers of fifteen digits (ISO 7064 MOD 11,10) of a division and a serial of eight digits."""
    body = np.column_stack([letters(divisions, 6), _digits(serial, 8)])
    remainder = np.full(len(body), 10)
    for place in range(14):
        step = (remainder + body[:, place] - 48) % 10
        remainder = np.where(step == 0, 10, step) * 2 % 11
    return text(np.column_stack([body, ((11 - remainder) % 10 + 48).astype(np.uint8)]))


def text(body: npt.NDArray[np.integer]) -> pl.Series:
    """Rows of characters as a column of texts, without a loop."""
    n, width = body.shape
    offsets = pa.py_buffer(np.arange(0, (n + 1) * width, width, dtype=np.int64))
    data = pa.py_buffer(np.ascontiguousarray(body, dtype=np.uint8))
    return pl.Series(values=pl.from_arrow(pa.LargeStringArray.from_buffers(n, offsets, data)))


def letters(values: pl.Series, width: int) -> Letters:
    """ASCII texts of one width as rows of characters."""
    array = values.to_arrow().cast(pa.large_string())
    start = np.frombuffer(array.buffers()[1], np.int64)[array.offset]
    found = np.frombuffer(array.buffers()[2], np.uint8)[start : start + len(values) * width]
    return found.reshape(len(values), width)


def wrong_check(codes: pl.Series) -> pl.Series:
    """The codes with another last character, so that the check fails."""
    last = codes.str.slice(-1)
    return codes.str.head(-1) + last.replace_strict({c: "37"[c == "3"] for c in USCC_ALPHABET}, default="3")


def _values(body: Letters) -> Numbers:
    table = np.zeros(128, np.int64)
    table[_ALPHABET] = np.arange(31)
    return table[body]


def _digits(numbers: Numbers, width: int) -> Letters:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (numbers[:, None] // powers % 10 + 48).astype(np.uint8)


def _fresh(n: int, seed: int) -> Letters:
    numbers = scattered(n, _FRESH_SIZE, seed)
    heads = np.array([list(h.encode()) for h in _FRESH], np.uint8)[numbers // 31**5]
    powers = 31 ** np.arange(4, -1, -1, dtype=np.int64)
    return np.column_stack([heads, _ALPHABET[numbers[:, None] // powers % 31]])
