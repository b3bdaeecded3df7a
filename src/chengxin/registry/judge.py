"""The register's answer about the subjects that a file speaks of, before anything of it is stored."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
from django.db import connection

from chengxin.registry.sql import FIND, KNOWN, contradicts
from chengxin.registry.staging import staged

ANSWER = {"position": pl.Int64, "unknown": pl.Int64, "code": pl.String, "name": pl.String, "registered": pl.String}
"""`position` is the row of the question; `unknown` 1: nobody has this identifier; `registered` is the name that the
register (or, for the unknown, another row of the same file) has for it, empty where nothing contradicts."""


def judge(subjects: pa.Table) -> pl.DataFrame:
    """Ask about distinct (identifier, name) pairs: columns scheme, code, organisation_code, name, name_key.

    Answers (`ANSWER`) only for those that are unknown or contradict; call it outside a transaction on SQLite.
    """
    question = subjects.select(["scheme", "code", "organisation_code", "name", "name_key"])
    question = question.append_column("position", pa.array(range(subjects.num_rows), pa.int64()))
    question = question.cast(
        pa.schema([(n, pa.string()) for n in question.column_names[:-1]] + [("position", pa.int64())])
    )
    with staged(question) as stage, connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH known AS (
                SELECT s.position, s.code, s.name, s.name_key, {KNOWN} AS subject_id FROM {stage} s {FIND}
            ), several AS (
                SELECT code, min(name) AS one, max(name) AS other FROM {stage}
                GROUP BY code HAVING count(DISTINCT name_key) > 1
            )
            SELECT k.position, 1, k.code, k.name,
                   coalesce(CASE WHEN k.name = m.one THEN m.other ELSE m.one END, '')
            FROM known k LEFT JOIN several m ON m.code = k.code
            WHERE k.subject_id IS NULL AND k.code IS NOT NULL
            UNION ALL
            SELECT k.position, 0, k.code, k.name, u.name
            FROM known k JOIN registry_subject u ON u.id = k.subject_id
            WHERE {contradicts("k", "u")} = 1
            ORDER BY 1"""
        )
        return pl.DataFrame(cursor.fetchall(), schema=ANSWER, orient="row")
