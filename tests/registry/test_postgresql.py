"""Our backend for PostgreSQL: a connection is looked at, not asked, and public pages' statements are planned once (S-11)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql import base

from chengxin.registry.sql import asked

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("store")]


def test_a_connection_that_stands_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda _self: pytest.fail("it was asked"))
    assert connection.is_usable()


def test_a_connection_that_the_server_has_ended_is_opened_anew() -> None:
    (before,) = asked("SELECT pg_backend_pid()", [])[0]
    with psycopg.connect(connection.connection.info.dsn, password=connection.settings_dict["PASSWORD"]) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    assert not connection.is_usable()
    connection.close_if_unusable_or_obsolete()  # what begins every request
    connection.health_check_enabled, connection.health_check_done = True, False
    assert asked("SELECT pg_backend_pid()", [])[0] != (before,)


@pytest.mark.parametrize(("threshold", "kept"), [(2, 1), (None, 0)])
def test_a_statement_is_kept_from_the_third_time_on_unless_a_pooler_cannot(threshold: Any, kept: int) -> None:
    connection.ensure_connection()
    connection.connection.prepare_threshold = threshold
    mark = f"SELECT id, 'kept {threshold}' FROM registry_subject WHERE code = %s"
    for n in range(4):
        assert asked(mark, [str(n)]) == []
    (found,) = asked(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%kept {threshold}%code%"]
    )[0]
    assert found == kept
