"""What a step found becomes history and current grades: one transaction, the same statements on both databases.

A row of history is added only where the answer differs from the current one, so that running again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from django.db import connection
from django.db.backends.utils import CursorWrapper

from chengxin.engine.session import open_session
from chengxin.evaluation.loading import TOUCHED
from chengxin.evaluation.models import Run
from chengxin.policy.evaluation import Evaluation
from chengxin.registry.lock import writing
from chengxin.registry.sql import false
from chengxin.registry.staging import staged

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


@dataclass(frozen=True)
class Held:
    """What makes a new result wait: the first step for a lowered grade and for any other, each empty where there is none,
    with the last day of its term."""

    lowered: str
    other: str
    due: tuple[tuple[str, date | None], ...]


NOT_HELD = Held("", "", ())


@dataclass
class Stored:
    """How many subjects were graded, whose history got a row, and whose grade in effect is another than before."""

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


def store(rows: pa.Table, run: Run, held: Held = NOT_HELD) -> Stored:
    """Store `rows` (`STAGE`) for the subjects in `TOUCHED`; those of them without a row have left the model's scope.

    Under a model that is verified first (`held`), a grade that differs from the one in effect becomes provisional
    history and waits; a score that moves within its grade has nothing to wait for.
    """
    with staged(rows) as stage, writing(), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM evaluation_grade")
        base = int(cursor.fetchone()[0])
        step = _step(held)
        _add_history(cursor, stage, run, base, step)
        _wait(cursor, stage, run, base, held, step)
        _update_current(cursor, stage, run, base, step)
        _leave(cursor, stage, run)
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('evaluation_grade', 'id'), greatest((SELECT max(id) FROM"
                " evaluation_grade), 1))"
            )
        cursor.execute(
            f"SELECT count(*), coalesce(sum(CASE WHEN grade <> before AND provisional = {false()} THEN 1 ELSE 0 END), 0)"
            " FROM evaluation_grade WHERE id > %s",
            [base],
        )
        changed, moved = cursor.fetchone()
        cursor.execute(f"SELECT count(*) FROM {stage} WHERE grade <> ''")
        return Stored(int(cursor.fetchone()[0]), int(changed), int(moved))


_NEW = "((c.id IS NULL AND s.grade <> '') OR c.digest <> s.digest)"
"""The answer `s` is another than the newest one on file, `c`."""


def _step(held: Held) -> str:
    """SQL: the step that the answer `s` has to wait for beside the grade in effect `c`; empty for none."""
    if not held.lowered and not held.other:
        return "''"
    return f"""(CASE WHEN s.grade = '' OR s.grade = coalesce(c.grade, '') THEN ''
                     WHEN coalesce(c.grade, '') <> '' AND s.rank > c.rank THEN {_text(held.lowered)}
                     ELSE {_text(held.other)} END)"""


def _add_history(cursor: CursorWrapper, stage: str, run: Run, base: int, step: str) -> None:
    cursor.execute(
        f"""
        INSERT INTO evaluation_grade (id, run_id, model, subject_id, version, day, grade, before, score, decided_by,
                                      contributions, evidence, digest, provisional)
        SELECT {base} + s.row, %s, %s, s.subject_id, %s, {_day()}, s.grade, coalesce(c.grade, ''),
               CAST(s.score AS numeric), s.decided_by, s.contributions, s.evidence, s.digest, {step} <> ''
        FROM {stage} s LEFT JOIN evaluation_currentgrade c ON c.subject_id = s.subject_id AND c.model = %s
        WHERE {_NEW}""",
        [run.pk, run.model, run.version, _adapt(run.day), run.model],
    )


def _wait(cursor: CursorWrapper, stage: str, run: Run, base: int, held: Held, step: str) -> None:
    """A newer answer takes the place of the one that waited, or ends the waiting; an application stays."""
    joined = f"{stage} s LEFT JOIN evaluation_currentgrade c ON c.subject_id = s.subject_id AND c.model = %s"
    cursor.execute(
        f"""
        DELETE FROM evaluation_waiting WHERE model = %s AND (
            (asked_by = '' AND subject_id IN (SELECT s.subject_id FROM {joined} WHERE {_NEW}))
            OR (subject_id IN (SELECT subject_id FROM {TOUCHED})
                AND subject_id NOT IN (SELECT subject_id FROM {stage} WHERE grade <> '')))""",
        [run.model, run.model],
    )
    if step == "''":
        return
    terms = " ".join(f"WHEN {_text(name)} THEN {_day()}" for name, _ in held.due)
    due = f"CASE {step} {terms} ELSE CAST(NULL AS date) END"
    cursor.execute(
        f"""
        INSERT INTO evaluation_waiting (model, subject_id, entry, version, grade, rank, score, before, lowered, step, since,
                                        due, actor, asked_by, reason, taken)
        SELECT %s, s.subject_id, {base} + s.row, %s, s.grade, s.rank, CAST(s.score AS numeric), coalesce(c.grade, ''),
               coalesce(c.grade, '') <> '' AND s.rank > c.rank, {step}, {_day()}, {due}, %s, '', '', ''
        FROM {joined} WHERE {_NEW} AND {step} <> ''
        ON CONFLICT (subject_id, model) DO NOTHING""",
        [
            run.model, run.version, _adapt(run.day), *(_adapt(day) for _, day in held.due),
            run.actor, run.model,
        ],
    )  # fmt: skip


def _update_current(cursor: CursorWrapper, stage: str, run: Run, base: int, step: str) -> None:
    """Where the answer waits, only `due` and `digest` follow it: the grade in effect stays."""
    cursor.execute(
        f"""
        INSERT INTO evaluation_currentgrade (model, subject_id, entry, grade, rank, score, since, due, digest)
        SELECT %s, s.subject_id,
               CASE WHEN {step} <> '' THEN coalesce(c.entry, 0) WHEN s.grade = '' AND c.id IS NULL THEN 0
                    ELSE {base} + s.row END,
               CASE WHEN {step} <> '' THEN coalesce(c.grade, '') ELSE s.grade END,
               CASE WHEN {step} <> '' THEN coalesce(c.rank, -1) ELSE s.rank END,
               CASE WHEN {step} <> '' THEN coalesce(c.score, 0) ELSE CAST(s.score AS numeric) END,
               {_day()}, s.due, s.digest
        FROM {stage} s LEFT JOIN evaluation_currentgrade c ON c.subject_id = s.subject_id AND c.model = %s
        WHERE c.id IS NULL OR c.digest <> s.digest OR c.due IS DISTINCT FROM s.due
        ON CONFLICT (subject_id, model) DO UPDATE SET
            entry = CASE WHEN evaluation_currentgrade.digest = excluded.digest THEN evaluation_currentgrade.entry
                         ELSE excluded.entry END,
            since = CASE WHEN evaluation_currentgrade.grade = excluded.grade THEN evaluation_currentgrade.since
                         ELSE excluded.since END,
            grade = CASE WHEN evaluation_currentgrade.digest = excluded.digest THEN evaluation_currentgrade.grade
                         ELSE excluded.grade END,
            rank = CASE WHEN evaluation_currentgrade.digest = excluded.digest THEN evaluation_currentgrade.rank
                        ELSE excluded.rank END,
            score = CASE WHEN evaluation_currentgrade.digest = excluded.digest THEN evaluation_currentgrade.score
                         ELSE excluded.score END,
            due = excluded.due, digest = excluded.digest""",
        [run.model, _adapt(run.day), run.model],
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
        [run.pk, run.model, run.version, _adapt(run.day), run.model],
    )
    cursor.execute(
        f"""
        UPDATE evaluation_currentgrade AS c SET since = CASE WHEN c.grade = '' THEN c.since ELSE {_day()} END,
            grade = '', rank = -1, score = 0, digest = '', due = NULL,
            entry = coalesce((SELECT max(g.id) FROM evaluation_grade g
                              WHERE g.subject_id = c.subject_id AND g.model = c.model), 0)
        WHERE {gone} AND (c.grade <> '' OR c.digest <> '' OR c.due IS NOT NULL)""",
        [_adapt(run.day), run.model],
    )


def _day() -> str:
    return "CAST(%s AS date)" if connection.vendor == "postgresql" else "%s"


def _adapt(day: date | None) -> Any:
    return connection.ops.adapt_datefield_value(day)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
