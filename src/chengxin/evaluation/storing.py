"""What a step found becomes history and current grades: one transaction, the same statements on both databases.

A row of history is added only where the answer differs from the current one, so that running again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db import connection
from django.db.backends.utils import CursorWrapper

from chengxin.engine.session import open_session
from chengxin.evaluation.loading import TOUCHED
from chengxin.evaluation.models import Run
from chengxin.policy.evaluation import Evaluation
from chengxin.registry.lock import writing
from chengxin.registry.staging import staged

OUTSIDE = ""
"""The grade of a subject that is not, or no longer, in the model's scope."""

STAGE = pa.schema(
    [
        ("row", pa.int64()),
        ("subject_id", pa.int64()),
        ("grade", pa.string()),
        ("rank", pa.int64()),
        ("score", pa.string()),
        ("decided_by", pa.string()),
        ("contributions", pa.string()),
        ("evidence", pa.string()),
        ("due", pa.date32()),
        ("digest", pa.string()),
    ]
)


@dataclass
class Stored:
    """How many subjects were graded, whose history got a row, and whose grade is another than before."""

    subjects: int = 0
    changed: int = 0
    moved: int = 0

    def add(self, other: Stored) -> None:
        self.subjects += other.subjects
        self.changed += other.changed
        self.moved += other.moved


def stage_rows(result: pa.Table, model: Evaluation) -> pa.Table:
    """The engine's answer as `STAGE`; `digest` says in one text whether an answer is the one already on file."""
    ranks = " ".join(f"WHEN '{g.id}' THEN {n}" for n, g in enumerate(model.grades))
    due = "due" if "due" in result.column_names else "CAST(NULL AS DATE)"
    with open_session() as con:
        con.register("result", result)
        return (
            con.sql(
                f"""
            SELECT row_number() OVER (ORDER BY subject_id) AS row, subject_id, grade,
                   CASE grade {ranks} ELSE -1 END AS rank, CAST(score AS VARCHAR) AS score, decided_by, contributions,
                   evidence, due, CASE WHEN grade = '' THEN '' ELSE md5(concat_ws(chr(31),
                       {_text(model.version)}, grade, CAST(score AS VARCHAR), decided_by, contributions, evidence)) END
                   AS digest
            FROM (SELECT subject_id, grade, CASE WHEN grade = '' THEN 0 ELSE score END AS score,
                         CASE WHEN grade = '' THEN '' ELSE decided_by END AS decided_by,
                         CASE WHEN grade = '' THEN '{{}}' ELSE contributions END AS contributions,
                         CASE WHEN grade = '' THEN '[]' ELSE CAST(to_json(
                             list_transform(evidence, lambda e: [e.change, e.mask])) AS VARCHAR) END AS evidence,
                         {due} AS due FROM result)
            ORDER BY row"""
            )
            .to_arrow_table()
            .cast(STAGE)
        )


def store(rows: pa.Table, run: Run) -> Stored:
    """Store `rows` (`STAGE`) for the subjects in `TOUCHED`; those of them without a row have left the model's scope."""
    with staged(rows) as stage, writing(), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM evaluation_grade")
        base = int(cursor.fetchone()[0])
        _add_history(cursor, stage, run, base)
        _update_current(cursor, stage, run, base)
        _leave(cursor, stage, run)
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('evaluation_grade', 'id'), greatest((SELECT max(id) FROM"
                " evaluation_grade), 1))"
            )
        cursor.execute(
            "SELECT count(*), coalesce(sum(CASE WHEN grade <> before THEN 1 ELSE 0 END), 0)"
            " FROM evaluation_grade WHERE id > %s",
            [base],
        )
        changed, moved = cursor.fetchone()
        cursor.execute(f"SELECT count(*) FROM {stage} WHERE grade <> ''")
        return Stored(int(cursor.fetchone()[0]), int(changed), int(moved))


def _add_history(cursor: CursorWrapper, stage: str, run: Run, base: int) -> None:
    cursor.execute(
        f"""
        INSERT INTO evaluation_grade (id, run_id, model, subject_id, version, day, grade, before, score, decided_by,
                                      contributions, evidence, digest)
        SELECT {base} + s.row, %s, %s, s.subject_id, %s, {_day()}, s.grade, coalesce(c.grade, ''),
               CAST(s.score AS numeric), s.decided_by, s.contributions, s.evidence, s.digest
        FROM {stage} s LEFT JOIN evaluation_currentgrade c ON c.subject_id = s.subject_id AND c.model = %s
        WHERE (c.id IS NULL AND s.grade <> '') OR c.digest <> s.digest""",
        [run.pk, run.model, run.version, _adapt(run), run.model],
    )


def _update_current(cursor: CursorWrapper, stage: str, run: Run, base: int) -> None:
    cursor.execute(
        f"""
        INSERT INTO evaluation_currentgrade (model, subject_id, entry, grade, rank, score, since, due, digest)
        SELECT %s, s.subject_id, CASE WHEN s.grade = '' AND c.id IS NULL THEN 0 ELSE {base} + s.row END, s.grade, s.rank,
               CAST(s.score AS numeric), {_day()}, s.due, s.digest
        FROM {stage} s LEFT JOIN evaluation_currentgrade c ON c.subject_id = s.subject_id AND c.model = %s
        WHERE c.id IS NULL OR c.digest <> s.digest OR c.due IS DISTINCT FROM s.due
        ON CONFLICT (subject_id, model) DO UPDATE SET
            entry = CASE WHEN evaluation_currentgrade.digest = excluded.digest THEN evaluation_currentgrade.entry
                         ELSE excluded.entry END,
            since = CASE WHEN evaluation_currentgrade.grade = excluded.grade THEN evaluation_currentgrade.since
                         ELSE excluded.since END,
            grade = excluded.grade, rank = excluded.rank, score = excluded.score, due = excluded.due,
            digest = excluded.digest""",
        [run.model, _adapt(run), run.model],
    )


def _leave(cursor: CursorWrapper, stage: str, run: Run) -> None:
    """Whoever was graded, was looked at again and is in the scope no more: an empty grade, on the record."""
    gone = f"""c.model = %s AND c.subject_id IN (SELECT subject_id FROM {TOUCHED})
               AND c.subject_id NOT IN (SELECT subject_id FROM {stage})"""
    cursor.execute(
        f"""
        INSERT INTO evaluation_grade (id, run_id, model, subject_id, version, day, grade, before, score, decided_by,
                                      contributions, evidence, digest)
        SELECT (SELECT coalesce(max(id), 0) FROM evaluation_grade) + row_number() OVER (ORDER BY c.subject_id), %s, %s,
               c.subject_id, %s, {_day()}, '', c.grade, 0, '', '{{}}', '[]', ''
        FROM evaluation_currentgrade c WHERE {gone} AND c.grade <> ''""",
        [run.pk, run.model, run.version, _adapt(run), run.model],
    )
    cursor.execute(
        f"""
        UPDATE evaluation_currentgrade AS c SET since = CASE WHEN c.grade = '' THEN c.since ELSE {_day()} END,
            grade = '', rank = -1, score = 0, digest = '', due = NULL,
            entry = coalesce((SELECT max(g.id) FROM evaluation_grade g
                              WHERE g.subject_id = c.subject_id AND g.model = c.model), 0)
        WHERE {gone} AND (c.grade <> '' OR c.due IS NOT NULL)""",
        [_adapt(run), run.model],
    )


def _day() -> str:
    return "CAST(%s AS date)" if connection.vendor == "postgresql" else "%s"


def _adapt(run: Run) -> Any:
    return connection.ops.adapt_datefield_value(run.day)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
