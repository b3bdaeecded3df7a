"""Fixtures of the whole suite.

`store` gives a test its own freshly migrated store: a copy of a SQLite file, or of a PostgreSQL database when
CHENGXIN_DATABASE_URL is set. Nothing is rolled back or truncated, because the trail refuses to be changed.
"""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest

os.environ.setdefault("CHENGXIN_HOME", tempfile.mkdtemp(prefix="chengxin-test-"))
os.environ.setdefault("CHENGXIN_EXEMPT", "*")  # invented people; the second factor has its own tests (tests/accounts)
os.environ.setdefault("CHENGXIN_CACHE", tempfile.mkdtemp(prefix="chengxin-cache-"))  # shared by all workers
Path(os.environ["CHENGXIN_HOME"], "static").mkdir(parents=True, exist_ok=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.settings")


def pytest_configure() -> None:
    """In one process pytest-django has read the settings before this file set the environment above."""
    from django.conf import settings
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    settings.SECOND_FACTOR_EXEMPT = os.environ["CHENGXIN_EXEMPT"].split(",")
    settings.WHITENOISE_AUTOREFRESH = True  # else every test's browser reads through all static files first
    PBKDF2PasswordHasher.iterations = 1000  # a million of them keep thieves busy, and here only the tests


REPO = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("CHENGXIN_SHARED", REPO.parent / "shared")) / "data"


def needed(module: str) -> ModuleType:
    """A module that some tests need: where it is not installed they are skipped, and fail in CI, where nothing may be missing."""
    if os.environ.get("CI"):
        return importlib.import_module(module)
    return cast("ModuleType", pytest.importorskip(module))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The province's real sample data, read where it lies; required in CI."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"CI needs the sample data at {SHARED}")
        pytest.skip(f"no sample data at {SHARED}")
    return SHARED


@dataclass(frozen=True)
class Store:
    """A test's own store; `env` makes a subprocess use the same one."""

    home: Path
    env: dict[str, str]


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    """Every test begins in the platform's first language, whatever the one before it was about."""
    from django.utils import translation

    with translation.override("zh-hans"):
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """CHENGXIN_TESTS=database: what touches the database and is not marked `once`, for the second database."""
    if not _is_postgresql():
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="only says something on PostgreSQL"))
    if os.environ.get("CHENGXIN_TESTS") != "database":
        return
    kept = [i for i in items if _of_database(i)]
    config.hook.pytest_deselected(items=[i for i in items if i not in set(kept)])
    items[:] = kept


def _of_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("postgres"):
        return True
    return "store" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("once")


@pytest.fixture(scope="session")
def _template(django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated, empty store to copy from: a file path (SQLite) or a database name (PostgreSQL)."""
    from django.core.management import call_command
    from django.db import connection

    from chengxin.accounts.actions import take_over_agencies
    from chengxin.registry.packs import policies

    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            name = f"cx_template_{uuid4().hex[:8]}"
            _administer(f'CREATE DATABASE "{name}"')
            _administer(f'ALTER DATABASE "{name}" SET synchronous_commit = off')  # nothing here outlives the run
        else:
            name = str(Path(tempfile.mkdtemp(prefix="chengxin-template-")) / "template.sqlite3")
        _point_at(name)
        call_command("migrate", verbosity=0)
        take_over_agencies(policies().agencies)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE cx_agencies AS SELECT * FROM accounts_organisation")
        _close()
    yield name
    if _is_postgresql():
        _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    else:
        shutil.rmtree(Path(name).parent, ignore_errors=True)


@pytest.fixture
def store(
    _template: str, tmp_path: Path, settings: object, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Store]:
    """A fresh store of this test's own, with the agencies of the packs."""
    home = tmp_path / "home"
    home.mkdir()
    settings.HOME = home  # type: ignore[attr-defined]
    env = {**os.environ, "CHENGXIN_HOME": str(home), "PYTHONPATH": str(REPO / "src")}
    from chengxin.portal.remembering import KEPT

    KEPT.clear()  # pages of another test's world, in which the same numbers stood for something else
    with django_db_blocker.unblock():
        if _is_postgresql():
            # One database a worker, emptied for each test: making one anew costs a second and a checkpoint.
            parts = urlsplit(os.environ["CHENGXIN_DATABASE_URL"])
            env["CHENGXIN_DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{_template}"))
            _point_at(_template)
            _empty()
        else:
            name = str(home / "chengxin.sqlite3")
            shutil.copyfile(_template, name)
            _point_at(name)
        yield Store(home, env)
        _close()


@pytest.fixture(scope="session")
def _scenes(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from .scenes import Scenes

    return Scenes(tmp_path_factory.mktemp("scenes"))


@pytest.fixture
def scene(store: Store, _scenes: Any) -> Callable[..., Any]:
    """`scene(work, *arguments)` does the work, or takes up what it left when it was last done in such a store (scenes.py)."""
    return partial(_scenes, store.home)


EMPTY = """
DO $$
DECLARE
    name text;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT tablename FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('django_migrations', 'django_content_type', 'cx_agencies')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %I', name);
        END IF;
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
        AND sequencename !~ '^django_(migrations|content_type)_';
    INSERT INTO accounts_organisation SELECT * FROM cx_agencies;
END $$
"""
"""Rows are deleted, not tables emptied: TRUNCATE makes new files for a table, its indexes and all that refer to it, which
takes longer than most tests. While the role is `replica` the triggers that guard the trail sleep, and so do foreign keys
(only a superuser may do that)."""


def _empty() -> None:
    """Remove every row but the agencies, and count from one again."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [connection.settings_dict["NAME"]],
        )
        cursor.execute(EMPTY)


def _is_postgresql() -> bool:
    return bool(os.environ.get("CHENGXIN_DATABASE_URL"))


def _point_at(name: str) -> None:
    from django.db import connections

    _close()
    connections["default"].settings_dict["NAME"] = name


def _close() -> None:
    from django.db import connections

    connections["default"].close()


def _administer(statement: str) -> None:
    import psycopg

    parts = urlsplit(os.environ["CHENGXIN_DATABASE_URL"])
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(statement)
