"""Numbers of reports without gaps, and the short code that says its holder has the report before the eyes."""

from __future__ import annotations

import secrets

from django.db import connection

_NEXT = (
    "INSERT INTO reports_series (name, last) VALUES (%s, 1)"
    " ON CONFLICT (name) DO UPDATE SET last = reports_series.last + 1 RETURNING last"
)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, O, 1, I, L: the code is read off paper."""
CODE_LENGTH = 8


def next_number(word: str, year: int) -> str:
    """`QB20260000017`. Holds the series until the transaction ends: a number of one that fails is given out again."""
    return f"{word}{year}{taken(f'{word}{year}'):07d}"


def taken(series: str) -> int:
    """The next number of a series; whoever else wants one waits until this transaction ends (both databases)."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series])
        return int(cursor.fetchone()[0])


def short_code() -> str:
    """Eight characters by chance, 39 bits: numbers run on, so they alone must open nothing."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
