"""A log with some hundreds of events and a few published records, sealed in two rounds, and ways to reach beneath it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from chengxin.audit import keys, sealing, witnesses
from chengxin.audit.models import Event
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Record

from ..registry.staged import BOHE, YUNLING, row, send

FIRST, SECOND = 300, 700
"""Events of the first and of both rounds; three tiles of level 0 are full."""


def write(number: int, start: int = 0) -> None:
    Event.objects.bulk_create(
        Event(actor=f"p{n % 7}", action="batch.download", kind="batch", object=str(n), detail={"file": "回执", "n": n})
        for n in range(start, start + number)
    )


def fill(witness: Path | None = None) -> Record:
    """The log; returns a record that everybody can see."""
    settings.WITNESSES = [str(witness)] if witness else []
    keys.open_log("operator")
    send(
        *(row(n, YUNLING if n % 2 else BOHE, "云岭" if n % 2 else "泊禾", f"苏环罚〔2026〕{n}号") for n in range(1, 6))
    )
    record = Record.objects.order_by("pk").first()
    assert record is not None
    write(FIRST)
    seal()
    change_standing(record.pk, "dispute", Because("centre", "异议受理"))
    change_standing(record.pk, "uphold", Because("centre", "维持"))
    write(SECOND - FIRST, FIRST)
    seal()
    record.refresh_from_db()
    return record


def seal() -> Any:
    done = sealing.seal()
    assert not witnesses.push()
    return done


@contextmanager
def beneath() -> Iterator[Any]:
    """As the owner of the database, with the triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield cursor
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            yield cursor
            for _name, sql in triggers:
                cursor.execute(sql)


def tamper(sql: str, *values: Any) -> int:
    """Run one statement beneath the application; the number of rows it touched."""
    with beneath() as cursor:
        cursor.execute(sql, values)
        touched = int(cursor.rowcount)
    assert touched, sql
    return touched


def one(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return row[0] if len(row) == 1 else row
