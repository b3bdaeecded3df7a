"""Work of bench (b): the floors (staging and one upsert into one table) and our way from the file to the register."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from benchmarks.measure import set_up, timed

COLUMNS = ("item", "source", "key", "key_hash", "content_hash", "severity", "decided_on", "payload")


def prepare(csv: str, parquet: str) -> dict[str, Any]:
    """The rows of the file as the floors take them: natural key, hashes, subject number and a JSON of all cells."""
    import duckdb

    con = duckdb.connect()
    seconds, _ = timed(
        lambda: con.execute(
            f"""COPY (SELECT 'penalty' AS item, 'ecology-environment' AS source, concat(CF_WSH, '|', CF_CFJGDM) AS key,
                    md5(key) AS key_hash, md5(to_json(r)::VARCHAR) AS content_hash, 'general' AS severity,
                    CF_JDRQ AS decided_on, to_json(r)::VARCHAR AS payload,
                    dense_rank() OVER (ORDER BY CF_XDR_SHXYM) AS subject_id, CF_XDR_SHXYM AS code
                FROM read_csv('{csv}', header = true, all_varchar = true) r) TO '{parquet}' (FORMAT parquet)"""
        )
    )
    return {"seconds": seconds}


def _rows(parquet: str) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(parquet, columns=[*COLUMNS, "subject_id"])


def _subjects(parquet: str) -> list[tuple[int, str]]:
    import duckdb

    return duckdb.connect().execute(f"SELECT DISTINCT subject_id, code FROM '{parquet}' ORDER BY 1").fetchall()


def floor_postgresql(parquet: str, url: str) -> dict[str, Any]:
    """Binary COPY into an unlogged table and one upsert into one indexed table with jsonb and a foreign key."""
    import psycopg
    from adbc_driver_postgresql import dbapi

    rows = _rows(parquet)
    with psycopg.connect(url, autocommit=True) as con:
        con.execute("CREATE TABLE subject (id bigint PRIMARY KEY, code text UNIQUE)")
        with con.cursor().copy("COPY subject FROM STDIN") as copy:
            for row in _subjects(parquet):
                copy.write_row(row)
        con.execute(
            """CREATE TABLE record (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text, source text, key text,
                key_hash text UNIQUE, content_hash text, severity text, decided_on date, payload jsonb,
                subject_id bigint NOT NULL REFERENCES subject)"""
        )
        con.execute("CREATE INDEX ON record (subject_id)")
        con.execute("CREATE INDEX ON record (decided_on)")
        con.execute("VACUUM ANALYZE subject")

        def stage() -> None:
            with dbapi.connect(url) as private:
                with private.cursor() as cursor:
                    texts = ", ".join(f"{c} text" for c in COLUMNS)
                    cursor.execute(f"CREATE UNLOGGED TABLE stage ({texts}, subject_id bigint)")
                    cursor.adbc_ingest("stage", rows, mode="append")
                private.commit()

        staging, _ = timed(stage)
        upsert, _ = timed(
            lambda: con.execute(
                """INSERT INTO record (item, source, key, key_hash, content_hash, severity, decided_on, payload, subject_id)
                   SELECT item, source, key, key_hash, content_hash, severity, decided_on::date, payload::jsonb, subject_id
                   FROM stage ON CONFLICT (key_hash) DO UPDATE SET content_hash = excluded.content_hash,
                       payload = excluded.payload WHERE record.content_hash <> excluded.content_hash"""
            )
        )
    return {"seconds": staging + upsert, "staging": staging, "upsert": upsert}


def floor_sqlite(parquet: str, folder: str) -> dict[str, Any]:
    """A private staging file by ADBC, attached, and one upsert into one indexed table with a foreign key."""
    from adbc_driver_sqlite import dbapi

    rows = _rows(parquet)
    con = sqlite3.connect(Path(folder) / "floor.sqlite3", isolation_level=None)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "cache_size=-65536",
        "temp_store=MEMORY",
        "foreign_keys=ON",
    ):
        con.execute(f"PRAGMA {pragma}")
    con.execute("CREATE TABLE subject (id integer PRIMARY KEY, code text UNIQUE)")
    con.executemany("INSERT INTO subject VALUES (?, ?)", _subjects(parquet))
    con.execute(
        """CREATE TABLE record (id integer PRIMARY KEY, item text, source text, key text, key_hash text UNIQUE,
            content_hash text, severity text, decided_on text, payload text, subject_id integer NOT NULL REFERENCES subject)"""
    )
    con.execute("CREATE INDEX record_subject ON record (subject_id)")
    con.execute("CREATE INDEX record_day ON record (decided_on)")
    place = str(Path(folder) / "stage.sqlite3")

    def stage() -> None:
        with dbapi.connect(place) as private:
            with private.cursor() as cursor:
                cursor.execute("PRAGMA journal_mode=OFF")
                cursor.adbc_ingest("stage", rows, mode="create")
            private.commit()

    def upsert() -> None:
        names = ", ".join((*COLUMNS, "subject_id"))
        con.execute("ATTACH DATABASE ? AS s", [place])
        con.execute("BEGIN IMMEDIATE")
        con.execute(
            f"""INSERT INTO record ({names}) SELECT {names} FROM s.stage WHERE true ON CONFLICT (key_hash) DO UPDATE SET
                content_hash = excluded.content_hash, payload = excluded.payload
                WHERE record.content_hash <> excluded.content_hash"""
        )
        con.execute("COMMIT")

    staging, _ = timed(stage)
    seconds, _ = timed(upsert)
    return {"seconds": staging + seconds, "staging": staging, "upsert": seconds}


def ours(csv: str, register: str) -> dict[str, Any]:
    """Submit, check, release and merge as the command line does; then the same file again."""
    set_up()
    from django.core.management import call_command

    from chengxin.accounts.actions import take_over_agencies
    from chengxin.registry.models import Subject
    from chengxin.registry.packs import policies

    call_command("migrate", verbosity=0)
    take_over_agencies(policies().agencies)
    _once(register, "registration", "market-regulation")
    first, again = _once(csv), _once(csv)
    return {
        **first,
        "subjects": Subject.objects.count(),
        "again": again["seconds"],
        "again_check": again["check"],
        "unchanged": again["unchanged"],
    }


def _once(csv: str, item: str = "penalty", source: str = "ecology-environment") -> dict[str, Any]:
    from chengxin.accounts.actors import operator
    from chengxin.collection import actions, jobs

    submission = actions.Submission(item, source, Path(csv).name, "cli")

    def check() -> Any:
        with open(csv, "rb") as file:
            return jobs.run(actions.submit(operator("bench-reporter"), submission, file))

    checking, batch = timed(check)
    merging, batch = timed(lambda: jobs.run(actions.release(operator("bench-auditor"), batch)))
    if batch.state != "stored":
        raise RuntimeError(f"{batch.state}: {batch.reason} {batch.faults[:5]}")
    return {
        "seconds": checking + merging,
        "check": checking,
        "merge": merging,
        "created": batch.created,
        "unchanged": batch.unchanged,
    }
