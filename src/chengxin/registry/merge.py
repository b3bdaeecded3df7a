"""The set-based merge: a staged chunk of accepted rows becomes subjects, records, versions and change feed.

One transaction a chunk, the same statements on SQLite and PostgreSQL, no row ever in Python. Running it again changes
nothing: a record is found by item + natural key + source unit, its content by hash. Standing is never touched here: a
source unit that sends a repaired record again does not bring it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from chengxin.registry.lock import writing
from chengxin.registry.sql import FIND, KNOWN, contradicts, false, true
from chengxin.registry.staging import POSITION, Stage, in_order, opened
from chengxin.registry.staging import stage as stage_of

STAGE = pa.schema(
    [
        ("row", pa.int64()),
        ("scheme", pa.string()),
        ("code", pa.string()),
        ("organisation_code", pa.string()),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("name_key", pa.string()),
        ("key", pa.string()),
        ("key_hash", pa.string()),
        ("variant", pa.string()),
        ("held", pa.int64()),
        ("severity", pa.string()),
        ("region", pa.string()),
        ("decided_on", pa.date32()),
        ("expires_on", pa.date32()),
        ("publish", pa.int64()),
        ("public_until", pa.date32()),
        ("repair_from", pa.date32()),
        ("retain_until", pa.date32()),
        ("due_on", pa.date32()),
        ("payload", pa.string()),
        ("content_hash", pa.string()),
    ]
)
"""Columns of a staged chunk; `row` is the data row of the batch, `held` is 1 where the check found a doubt."""

MASTER = pa.schema(
    [
        ("former_code", pa.string()),
        ("former_names", pa.string()),
        ("industry", pa.string()),
        ("status", pa.string()),
        ("address", pa.string()),
        ("registered_on", pa.date32()),
    ]
)
"""Further columns of an item that carries master data (registration); `former_names` is a JSON list of {name, key}."""


@dataclass(frozen=True)
class Header:
    """What is the same for all rows of a chunk."""

    item: str
    item_version: str
    source: str
    batch: int
    actor: str
    master: bool = False


@dataclass
class Outcome:
    """What the merge did; `first_change`/`last_change` bound its numbers in the feed (None: nothing changed).

    `judged` are rows that only the register could judge: (row, verdict, found, expected).
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    held: int = 0
    first_change: int | None = None
    last_change: int | None = None
    judged: list[tuple[int, str, str, str]] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.held += other.held
        self.first_change = self.first_change if self.first_change is not None else other.first_change
        self.last_change = other.last_change if other.last_change is not None else self.last_change
        self.judged += other.judged


def laid(pieces: Iterable[pa.Table], *, master: bool = False) -> Stage:
    """Stage one chunk, given in pieces (schema `STAGE`, plus `MASTER` for master data), in the order of the register's keys:
    the index that every record stands in is then filled from one end to the other."""
    schema = pa.schema([*STAGE, *(MASTER if master else ()), (POSITION, pa.int64())])
    return stage_of(in_order(pieces, "key_hash"), schema)


def merge(rows: pa.Table | Stage, header: Header, *, progress: Callable[[Outcome], None] | None = None) -> Outcome:
    """Merge one chunk, `laid` already or not, in one transaction.

    `progress` runs inside that transaction, so that the batch's own progress and the register agree after a crash.
    """
    now = timezone.now()
    prepared = rows if isinstance(rows, Stage) else laid([rows], master=header.master)
    with opened(prepared) as stage, writing(), connection.cursor() as cursor:
        _plan_plainly(cursor)
        if header.master:
            _recode(cursor, stage, now)
        _insert_subjects(cursor, stage, now)
        _resolve(cursor, stage, header)
        outcome = _apply(cursor, stage, header, now)
        if header.master:
            _update_subjects(cursor, stage, now)
        _drop(cursor, "merged")
        if progress:
            progress(outcome)
    return outcome


def _insert_subjects(cursor: CursorWrapper, stage: str, now: datetime) -> None:
    """Subjects nobody knows yet, provisional until their registration arrives (R-071)."""
    before = _next(cursor, "registry_subject")
    cursor.execute(
        f"""
        INSERT INTO registry_subject (scheme, code, organisation_code, kind, name, name_key, provisional, region,
                                      industry, status, address, updated_at)
        SELECT min(s.scheme), s.code, min(s.organisation_code), min(s.kind), min(s.name), min(s.name_key), {true()},
               '', '', '', '', %s
        FROM {stage} s {FIND} WHERE {KNOWN} IS NULL GROUP BY s.code
        ON CONFLICT (code) DO NOTHING""",
        [_adapt(now)],
    )
    if cursor.rowcount:
        cursor.execute(
            f"""
            INSERT INTO registry_subjectname (subject_id, name, name_key, current)
            SELECT a.id, a.name, a.name_key, {true()} FROM registry_subject a
            WHERE a.id > %s
            ON CONFLICT (subject_id, name_key) DO NOTHING""",
            [before],
        )


def _resolve(cursor: CursorWrapper, stage: str, header: Header) -> None:
    """`merged`: for each staged row its subject, its record so far, and what is to be done."""
    name_held = "0" if header.master else contradicts("k", "u")
    # Rivals are looked for once; as an expression a planner would ask wherever their column is read. CROSS JOIN tells SQLite
    # to begin with the chunk and not with the register.
    cursor.execute(
        f"""
        CREATE TEMP TABLE merged AS
        SELECT r.*, CASE WHEN r.record_id IS NULL THEN 'created'
                         WHEN r.old_hash = r.content_hash AND r.old_subject = r.subject_id AND r.old_held = r.hold
                         THEN 'unchanged' ELSE 'updated' END AS outcome
        FROM (SELECT q.position, q.row, q.subject_id, q.content_hash, q.contradicts, rival.source AS rival, rec.id AS record_id,
                     rec.number AS number, rec.standing AS standing, rec.content_hash AS old_hash,
                     rec.subject_id AS old_subject, CASE WHEN rec.held THEN 1 ELSE 0 END AS old_held,
                     CASE WHEN rec.confirmed_hash = q.content_hash THEN 0
                          WHEN q.held = 1 OR q.contradicts = 1 OR rival.source IS NOT NULL THEN 1 ELSE 0 END AS hold
              FROM (SELECT k.position, k.row, k.content_hash, k.key_hash, k.variant, k.held, k.subject_id,
                           {name_held} AS contradicts
                    FROM (SELECT s.position, s.row, s.content_hash, s.key_hash, s.variant, s.held, s.name_key,
                                 {KNOWN} AS subject_id FROM {stage} s {FIND}) k
                    JOIN registry_subject u ON u.id = k.subject_id) q
              LEFT JOIN registry_record rec
                ON rec.key_hash = q.key_hash AND rec.source = %s AND rec.variant = q.variant
              LEFT JOIN (SELECT o.key_hash, min(o.source) AS source
                         FROM {stage} s CROSS JOIN registry_record o
                         WHERE o.key_hash = s.key_hash AND o.source <> %s
                           AND o.standing IN ('active', 'disputed') AND o.held = {false()}
                         GROUP BY o.key_hash) rival ON rival.key_hash = q.key_hash) r""",
        [header.source, header.source],
    )
    if connection.vendor == "postgresql":
        cursor.execute("ANALYZE merged")


def _apply(cursor: CursorWrapper, stage: str, header: Header, now: datetime) -> Outcome:
    outcome = _count(cursor)
    if outcome.created or outcome.updated:
        record_base, change_before = _next(cursor, "registry_record"), _next(cursor, "registry_recordversion")
        _insert_records(cursor, stage, header, record_base, change_before)
        _insert_versions(cursor, stage, header, now, record_base, change_before)
        _update_records(cursor, stage, change_before)
        _set_sequences(cursor)
        cursor.execute(
            "SELECT (SELECT min(id) FROM registry_recordversion WHERE id > %s),"
            " (SELECT max(id) FROM registry_recordversion)",
            [change_before],
        )
        outcome.first_change, outcome.last_change = cursor.fetchone()
    outcome.judged = _judged(cursor, stage)
    return outcome


def _count(cursor: CursorWrapper) -> Outcome:
    cursor.execute("SELECT outcome, sum(hold), count(*) FROM merged GROUP BY outcome")
    outcome = Outcome()
    for name, held, count in cursor.fetchall():
        setattr(outcome, name, count)
        outcome.held += held
    return outcome


def _insert_records(cursor: CursorWrapper, stage: str, header: Header, record_base: int, change_base: int) -> None:
    """Numbers are base + position: gaps are harmless and no sort over wide rows is needed."""
    cursor.execute(
        f"""
        INSERT INTO registry_record (id, item, source, key, key_hash, variant, subject_id, change, number, content_hash,
            standing, held, severity, region, decided_on, expires_on, publish, public_until,
            repair_from, retain_until, due_on, confirmed_hash)
        SELECT {record_base} + m.position, %s, %s, s.key, s.key_hash, s.variant, m.subject_id, {change_base} + m.position, 1,
            s.content_hash, 'active', m.hold = 1, s.severity, s.region, s.decided_on, s.expires_on, s.publish = 1,
            s.public_until, s.repair_from, s.retain_until, s.due_on, ''
        FROM merged m JOIN {stage} s ON s.position = m.position WHERE m.outcome = 'created'""",
        [header.item, header.source],
    )


def _insert_versions(
    cursor: CursorWrapper, stage: str, header: Header, now: datetime, record_base: int, change_base: int
) -> None:
    cursor.execute(
        f"""
        INSERT INTO registry_recordversion (id, record_id, number, action, standing, held, severity, subject_id_then,
            payload, content_hash, item_version, batch, "row", "case", actor, reason, recorded_at)
        SELECT {change_base} + m.position, coalesce(m.record_id, {record_base} + m.position), coalesce(m.number, 0) + 1,
            m.outcome, coalesce(m.standing, 'active'), m.hold = 1, s.severity, m.subject_id, s.payload, s.content_hash, %s, %s,
            m.row, '', %s, '', %s
        FROM merged m JOIN {stage} s ON s.position = m.position WHERE m.outcome <> 'unchanged'""",
        [header.item_version, header.batch, header.actor, _adapt(now)],
    )


def _update_records(cursor: CursorWrapper, stage: str, change_base: int) -> None:
    cursor.execute(
        f"""
        UPDATE registry_record SET subject_id = m.subject_id, change = {change_base} + m.position, number = m.number + 1,
            content_hash = s.content_hash, held = (m.hold = 1), severity = s.severity, region = s.region,
            decided_on = s.decided_on, expires_on = s.expires_on, publish = (s.publish = 1),
            public_until = s.public_until, repair_from = s.repair_from, retain_until = s.retain_until, due_on = s.due_on
        FROM merged m JOIN {stage} s ON s.position = m.position
        WHERE registry_record.id = m.record_id AND m.outcome = 'updated'"""
    )


def _judged(cursor: CursorWrapper, stage: str) -> list[tuple[int, str, str, str]]:
    """Rows whose doubt only the register could see: a name that is not the subject's, a key of another source unit."""
    cursor.execute(
        f"""
        SELECT m.row, 'name', s.name, u.name FROM merged m JOIN {stage} s ON s.position = m.position
        JOIN registry_subject u ON u.id = m.subject_id WHERE m.contradicts = 1
        UNION ALL
        SELECT m.row, 'rival', s.key, m.rival FROM merged m JOIN {stage} s ON s.position = m.position WHERE m.rival IS NOT NULL"""
    )
    return cursor.fetchall()


def _recode(cursor: CursorWrapper, stage: str, now: datetime) -> None:
    """A registration that names the old number and the unified code joins what was known under the old one (R-071)."""
    cursor.execute(
        f"""
        SELECT DISTINCT o.id, o.scheme, o.code, s.code, s.organisation_code, n.id
        FROM {stage} s
        JOIN registry_subject o ON o.code <> s.code AND o.scheme <> 'uscc'
             AND (o.code = s.former_code OR (s.organisation_code <> '' AND o.organisation_code = s.organisation_code))
        LEFT JOIN registry_subject n ON n.code = s.code
        WHERE s.scheme = 'uscc'"""
    )
    for old_id, scheme, old_code, code, organisation_code, new_id in cursor.fetchall():
        cursor.execute(
            "INSERT INTO registry_identifier (subject_id, scheme, value) VALUES (%s, %s, %s)"
            " ON CONFLICT (scheme, value) DO NOTHING",
            [new_id or old_id, scheme, old_code],
        )
        # What answers remember of a subject goes by this moment (queries.stamp_of), also where nothing else changes.
        cursor.execute("UPDATE registry_subject SET updated_at = %s WHERE id = %s", [_adapt(now), new_id or old_id])
        if new_id is None:
            cursor.execute(
                "UPDATE registry_subject SET scheme = 'uscc', code = %s, organisation_code = %s WHERE id = %s",
                [code, organisation_code, old_id],
            )
            continue
        for table in ("record", "identifier"):
            cursor.execute(f"UPDATE registry_{table} SET subject_id = %s WHERE subject_id = %s", [new_id, old_id])
        cursor.execute(
            "UPDATE registry_subjectname SET subject_id = %s, current = %s WHERE subject_id = %s AND name_key NOT IN"
            " (SELECT name_key FROM registry_subjectname WHERE subject_id = %s)",
            [new_id, False, old_id, new_id],
        )
        cursor.execute("DELETE FROM registry_subjectname WHERE subject_id = %s", [old_id])
        cursor.execute("DELETE FROM registry_subject WHERE id = %s", [old_id])


def _update_subjects(cursor: CursorWrapper, stage: str, now: datetime) -> None:
    """Master data: the registration says what the subject is called; earlier names stay in its history."""
    changed = "m.outcome <> 'unchanged' AND m.hold = 0"
    cursor.execute(
        f"""
        INSERT INTO registry_subjectname (subject_id, name, name_key, current)
        SELECT m.subject_id, min(s.name), s.name_key, {true()}
        FROM merged m JOIN {stage} s ON s.position = m.position WHERE {changed} GROUP BY m.subject_id, s.name_key
        ON CONFLICT (subject_id, name_key) DO NOTHING"""
    )
    cursor.execute(
        f"""
        UPDATE registry_subjectname SET current = (registry_subjectname.name_key = s.name_key),
            until = CASE WHEN registry_subjectname.name_key = s.name_key THEN NULL
                         ELSE coalesce(registry_subjectname.until, {_today()}) END
        FROM merged m JOIN {stage} s ON s.position = m.position
        WHERE registry_subjectname.subject_id = m.subject_id AND {changed}""",
        [_adapt_date(now)],
    )
    cursor.execute(
        f"""
        UPDATE registry_subject SET name = s.name, name_key = s.name_key, kind = s.kind, provisional = {false()},
            region = coalesce(s.region, ''), industry = coalesce(s.industry, ''), status = coalesce(s.status, ''),
            address = coalesce(s.address, ''), registered_on = s.registered_on, updated_at = %s
        FROM merged m JOIN {stage} s ON s.position = m.position
        WHERE registry_subject.id = m.subject_id AND {changed}""",
        [_adapt(now)],
    )
    _add_former_names(cursor, stage, changed)
    cursor.execute(
        f"""
        INSERT INTO registry_identifier (subject_id, scheme, value)
        SELECT min(m.subject_id), 'registration_number', s.former_code
        FROM merged m JOIN {stage} s ON s.position = m.position
        WHERE s.former_code <> '' AND {changed} AND s.former_code <> s.code GROUP BY s.former_code
        ON CONFLICT (scheme, value) DO NOTHING"""
    )


def _add_former_names(cursor: CursorWrapper, stage: str, changed: str) -> None:
    """Names that the registration itself calls former (曾用名), known to the search though no file ever used them."""
    if connection.vendor == "postgresql":
        each, name, key = "json_array_elements(s.former_names::json) AS f(value)", "f.value->>'name'", "f.value->>'key'"
    else:
        each, name, key = "json_each(s.former_names) AS f", "f.value->>'name'", "f.value->>'key'"
    cursor.execute(
        f"""
        INSERT INTO registry_subjectname (subject_id, name, name_key, current)
        SELECT m.subject_id, min({name}), {key}, {false()}
        FROM merged m JOIN {stage} s ON s.position = m.position CROSS JOIN {each}
        WHERE s.former_names IS NOT NULL AND {changed} GROUP BY m.subject_id, {key}
        ON CONFLICT (subject_id, name_key) DO NOTHING"""
    )


def _plan_plainly(cursor: CursorWrapper) -> None:
    """To compile a statement of this size takes PostgreSQL longer than to run it over a chunk."""
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL jit = off")


def _next(cursor: CursorWrapper, table: str) -> int:
    """Highest number handed out so far; safe because the register has one writer at a time."""
    cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
    return int(cursor.fetchone()[0])


def _set_sequences(cursor: CursorWrapper) -> None:
    if connection.vendor != "postgresql":
        return
    for table in ("registry_record", "registry_recordversion"):
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _drop(cursor: CursorWrapper, table: str) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {table}")


def _today() -> str:
    return "CAST(%s AS date)" if connection.vendor == "postgresql" else "%s"


def _adapt(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _adapt_date(moment: datetime) -> Any:
    return connection.ops.adapt_datefield_value(timezone.localdate(moment))
