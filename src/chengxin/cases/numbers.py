"""Numbers without gaps: a case's and a letter's, by procedure and year (案号、文号)."""

from __future__ import annotations

from django.db import connection

_NEXT = (
    "INSERT INTO cases_series (name, last) VALUES (%s, 1)"
    " ON CONFLICT (name) DO UPDATE SET last = cases_series.last + 1 RETURNING last"
)


def next_number(series: str) -> int:
    """The next number of a series. Holds the series until the transaction ends, so that a number taken in one that fails
    is given out again: there are no gaps (both databases)."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series])
        return int(cursor.fetchone()[0])
