"""Pages that read in bulk answer while somebody writes: they wait for the one writer and do not fail (SQLite's single lock)."""

from __future__ import annotations

import sqlite3
import threading
import time

import pyarrow as pa
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from chengxin.accounts.actions import make_api_key
from chengxin.accounts.models import User
from chengxin.evaluation.reading import fetched

from . import bureau as b
from .test_department import page

pytestmark = pytest.mark.once


@pytest.fixture
def people(store: object) -> dict[str, Client]:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    return b.settle()


def test_a_grade_is_explained_while_a_merge_holds_the_register(people: dict[str, Client]) -> None:
    """R-151: the page, and the same by API; both read over a file that is attached, and both leave a look."""
    b.give_reason(people["auditor"])
    key = make_api_key(User.objects.get(username="auditor"), "说明")
    held, done = threading.Event(), []

    def merge() -> None:
        with sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None) as writer:
            writer.execute("BEGIN IMMEDIATE")
            held.set()
            time.sleep(1.5)
            done.append(time.monotonic())
            writer.execute("COMMIT")

    thread = threading.Thread(target=merge)
    thread.start()
    held.wait(10)
    assert b.name(1) in page(people["auditor"], f"/subjects/{b.code(1)}/why/{b.MODEL}")
    assert done and time.monotonic() >= done[0], "it waited its turn: the look had to be written"
    thread.join()
    headers = {"Authorization": f"Bearer {key}"}
    assert Client().get(f"/api/v1/subjects/{b.code(1)}/grades/{b.MODEL}", headers=headers).status_code == 200


def test_no_request_is_one_transaction_and_a_bulk_read_inside_of_one_says_what_is_wrong(
    people: dict[str, Client],
) -> None:
    """Else every explanation would answer 500: nothing may wrap a view in a transaction."""
    assert not connection.settings_dict["ATOMIC_REQUESTS"]
    assert not any("atomic" in m.lower() or "transaction" in m.lower() for m in settings.MIDDLEWARE)
    query, schema = "SELECT id FROM registry_subject", pa.schema([("id", pa.int64())])
    assert fetched(query, schema).num_rows == 12
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        fetched(query, schema)
