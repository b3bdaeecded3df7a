"""Every test of the workbench has a store of its own and the same people, some a batch that has been checked or stored.

Checking takes a second, so it is done once in each process; the other tests begin with a copy of what it left.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.db import connection
from django.test import Client

from chengxin.audit.models import Event
from chengxin.collection.models import Batch
from chengxin.registry.models import Record, RecordVersion, Subject, SubjectName

from . import desk


@pytest.fixture
def people(store: object) -> dict[str, Client]:
    return desk.settle()


@pytest.fixture
def batch(people: dict[str, Client], store: Any, photograph: Photographs) -> Batch:
    """A checked batch with faults, submitted by somebody who is an auditor too."""
    return photograph("checked", store.home, lambda: desk.submitted(people["both"], desk.faulty()).pk)


@pytest.fixture
def stored_batch(people: dict[str, Client], store: Any, photograph: Photographs) -> Batch:
    """The same batch, released by the auditor."""

    def work() -> int:
        made = desk.submitted(people["both"], desk.faulty())
        people["auditor"].post(f"/workbench/batches/{made.pk}/release")
        return made.pk

    return photograph("stored", store.home, work)


class Photographs:
    """Rows and files that some work left in a fresh store, to be put into another one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, tuple[int, str]] = {}

    def __call__(self, name: str, home: Path, work: Callable[[], int]) -> Batch:
        if name not in self.rows:
            pk = work()
            models = (Batch, Event, Subject, SubjectName, Record, RecordVersion)
            rows = [row for model in models for row in model.objects.order_by("pk")]
            self.rows[name] = (pk, serializers.serialize("json", rows))
            for part in ("batches", "evidence"):
                shutil.copytree(home / part, self.folder / name / part)
        else:
            self._restore(name, home)
        return Batch.objects.select_related("source").get(pk=self.rows[name][0])

    def _restore(self, name: str, home: Path) -> None:
        tables = set()
        for row in serializers.deserialize("json", self.rows[name][1]):
            row.save(force_insert=True)
            tables.add(row.object._meta.db_table)
        shutil.copytree(self.folder / name, home, dirs_exist_ok=True)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for table in tables:
                    cursor.execute(
                        f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {table}))", [table]
                    )


@pytest.fixture(scope="session")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Photographs:
    return Photographs(tmp_path_factory.mktemp("photographs"))
