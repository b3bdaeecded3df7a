"""One writer of the register at a time, so that the change feed's numbers are in the order of the commits; one of open data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_REGISTER, _OPEN_DATA = 0x43584A53, 0x43584F44
"""Advisory lock numbers (PostgreSQL); SQLite has one writer anyway (BEGIN IMMEDIATE)."""


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that holds the register's write lock until it commits."""
    with _held(_REGISTER):
        yield


@contextmanager
def telling() -> Iterator[None]:
    """A transaction in which nobody else changes what the snapshot of open data says of itself. For moments only."""
    with _held(_OPEN_DATA):
        yield


@contextmanager
def _held(number: int) -> Iterator[None]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        yield
