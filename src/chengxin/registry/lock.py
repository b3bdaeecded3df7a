"""One writer of the register at a time, so that the change feed's numbers are in the order of the commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_REGISTER = 0x43584A53
"""Advisory lock number of the register (PostgreSQL); SQLite has one writer anyway (BEGIN IMMEDIATE)."""


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that holds the register's write lock until it commits."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTER])
        yield
