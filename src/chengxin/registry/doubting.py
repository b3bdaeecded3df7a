"""Doubts are decided: confirmed as they stand, or withdrawn because they are wrong; one or thousands, in one way (R-051).

The decisions go in as one parameter and are applied by the same three statements on SQLite and PostgreSQL. A decision is
about the state that somebody looked at: a record that has changed since, or is no longer in doubt, is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from chengxin.registry.lock import writing
from chengxin.registry.sql import false, true


@dataclass(frozen=True)
class Decision:
    """On one record in doubt: that it `stands`, or not, and why. `change` is the state that was looked at (its number in the
    change feed); 0 is whatever state it is in."""

    record: int
    change: int
    stands: bool
    reason: str


def decide(actor: str, decisions: Sequence[Decision]) -> dict[int, int]:
    """Apply them in one transaction; record -> its new number in the change feed. Whoever calls has asked the rules.

    Not in the answer is what is no longer in doubt or has changed since it was looked at. A confirmed record takes effect
    at once, and the same content sent again stays confirmed. A withdrawn one stays in the file as withdrawn and makes room
    for what is right: the next statement under its natural key is a record of its own. That it is withdrawn, receivers are
    told only where the record had been in effect before (`withdraw`, not `drop`).
    """
    if not decisions:
        return {}
    with writing(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS decided")
        _resolve(cursor, decisions)
        _append(cursor, actor)
        cursor.execute(
            "SELECT t.record, v.id FROM decided t JOIN registry_recordversion v"
            " ON v.record_id = t.record AND v.number = t.number ORDER BY v.id"
        )
        made = {int(record): int(number) for record, number in cursor.fetchall()}
        cursor.execute("DROP TABLE decided")
    return made


def _resolve(cursor: CursorWrapper, decisions: Sequence[Decision]) -> None:
    """`decided`: what can be decided as it was looked at, and by which action."""
    cursor.execute(
        f"""
        CREATE TEMP TABLE decided AS
        SELECT r.id AS record, r.number + 1 AS number, r.change AS before, g.reason,
               CASE WHEN g.stands = 1 THEN r.standing ELSE 'withdrawn' END AS standing,
               CASE WHEN g.stands = 1 THEN 'settle'
                    WHEN EXISTS (SELECT 1 FROM registry_recordversion v
                                 WHERE v.record_id = r.id AND v.held = {false()}) THEN 'withdraw'
                    ELSE 'drop' END AS action
        FROM {_given()} g JOIN registry_record r ON r.id = g.record
        WHERE r.held = {true()} AND g.change IN (0, r.change)""",
        [json.dumps([{**asdict(d), "stands": int(d.stands)} for d in decisions])],
    )


def _given() -> str:
    """The decisions as a table, out of one JSON parameter."""
    if connection.vendor == "postgresql":
        return (
            "(SELECT * FROM jsonb_to_recordset(%s::jsonb) AS j(record bigint, change bigint, stands int, reason text))"
        )
    columns = ", ".join(f"json_extract(value, '$.{n}') AS {n}" for n in ("record", "change", "stands", "reason"))
    return f"(SELECT {columns} FROM json_each(%s))"


def _append(cursor: CursorWrapper, actor: str) -> None:
    """A version each, in the order of the records, and the heads that point to them."""
    now = timezone.now()
    cursor.execute(
        f"""
        INSERT INTO registry_recordversion (record_id, number, action, standing, held, severity, subject_id_then, payload,
                                            content_hash, item_version, "case", actor, reason, recorded_at)
        SELECT t.record, t.number, t.action, t.standing, {false()}, r.severity, r.subject_id, v.payload, r.content_hash,
               v.item_version, '', %s, t.reason, %s
        FROM decided t JOIN registry_record r ON r.id = t.record JOIN registry_recordversion v ON v.id = t.before
        ORDER BY t.record""",
        [actor, connection.ops.adapt_datetimefield_value(now)],
    )
    cursor.execute(
        f"""
        UPDATE registry_record
        SET change = v.id, number = t.number, held = {false()}, standing = t.standing, confirmed_hash = v.content_hash,
            variant = CASE WHEN t.action = 'settle' OR variant <> '' THEN variant ELSE 'dropped-' || t.record END
        FROM decided t JOIN registry_recordversion v ON v.record_id = t.record AND v.number = t.number
        WHERE registry_record.id = t.record"""
    )
