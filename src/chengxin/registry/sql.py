"""Fragments of SQL that several rooms of the register share; they mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

# A subject is found by its code, by an identifier it once had, or, for rows that know nothing better, by the
# organisation code inside the unified code. Never by name (domain.md 9: same name, wrong person).
FIND = """
    LEFT JOIN registry_subject a ON a.code = s.code
    LEFT JOIN registry_identifier i ON i.value = CASE WHEN a.id IS NULL THEN s.code END AND i.scheme = s.scheme
"""
KNOWN = """
    coalesce(a.id, i.subject_id, CASE WHEN s.scheme <> 'uscc' AND s.organisation_code <> '' THEN
        (SELECT min(o.id) FROM registry_subject o WHERE o.organisation_code = s.organisation_code) END)
"""


def contradicts(row: str, subject: str) -> str:
    """1 where the name reported in `row` is none of the names of `subject`, current or former."""
    return f"""CASE WHEN {row}.name_key IS NULL OR {row}.name_key = {subject}.name_key THEN 0
        WHEN EXISTS (SELECT 1 FROM registry_subjectname n
                     WHERE n.subject_id = {subject}.id AND n.name_key = {row}.name_key) THEN 0 ELSE 1 END"""


def true() -> str:
    return "true" if connection.vendor == "postgresql" else "1"


def false() -> str:
    return "false" if connection.vendor == "postgresql" else "0"


def asked(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement that public pages ask again and again; PostgreSQL reads and plans it once a connection, not
    at each page (`postgresql.base`)."""
    with getattr(connection, "planned_cursor", connection.cursor)() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
