"""What is asked of evaluation: a grade with everything behind it, its history, what would change it (R-154).

`current_grades` and `coming_grades` are what other rooms are given through the settings, since rooms of one floor do not
import each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import orjson
from django.db import connection
from django.db.models import F, Max
from django.utils import timezone

from chengxin.engine.grading.run import grade_tables
from chengxin.engine.grading.statement import indicators_of
from chengxin.evaluation import loading
from chengxin.evaluation.explaining import head_of, indicator_of, outlook_of, records_of
from chengxin.evaluation.models import CurrentGrade, Grade, Waiting
from chengxin.evaluation.outlook import look
from chengxin.evaluation.plan import plan_for
from chengxin.evaluation.waiting import steps_taken, told
from chengxin.policy.evaluation import Evaluation, model_of
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies
from chengxin.registry.queries import find_subject
from chengxin.standards.months import add_years

_AT_ONCE = 10_000
"""So many subjects are asked for in one statement."""

_HORIZON_YEARS = 5
"""So far ahead the course of a grade is told."""


_PRESENT = "SELECT subject_id, model, grade, rank, since FROM evaluation_currentgrade WHERE grade <> ''"


def current_grades(
    subjects: Sequence[int] | None = None, models: Sequence[str] | None = None
) -> Iterable[tuple[int, str, str, int, date]]:
    """(subject, model, grade, rank, since) of these subjects under these models; None means all.

    Plain statements: the embedded check of every business system comes through here (benchmarks/embedded.py).
    """
    if subjects is not None and len(subjects) > _AT_ONCE:
        chunks = [subjects[n : n + _AT_ONCE] for n in range(0, len(subjects), _AT_ONCE)]
        return [row for chunk in chunks for row in current_grades(chunk, models)]
    select = _PRESENT
    values: list[int | str] = []
    for column, wanted in (("subject_id", subjects), ("model", models)):
        if wanted is not None:
            select += f" AND {column} IN ({', '.join(['%s'] * len(wanted)) or 'NULL'})"
            values += wanted
    with connection.cursor() as cursor:
        cursor.execute(select, values)
        return cursor.fetchall()


current_grades.select = _PRESENT  # type: ignore[attr-defined]
# The embedded check joins it: one statement instead of two for every question of a business system.


def coming_grades(models: Sequence[str], until: date) -> Iterable[tuple[int, str, str, int, str, int, date]]:
    """(subject, model, grade, rank, next grade, next rank, day): who gets another grade by time alone, and when first.

    Only models that move daily can tell; each is run on the days on which something is due.
    """
    packs, today = policies(), timezone.localdate()
    for id in models:
        model = model_of(packs, id, today)
        if model.cycle.moves_daily:
            yield from _coming(model, packs, until)


def _coming(model: Evaluation, packs: Policies, until: date) -> Iterable[tuple[int, str, str, int, str, int, date]]:
    rows = CurrentGrade.objects.filter(model=model.id, due__lte=until)
    waiting = dict(rows.exclude(grade="").values_list("subject_id", "grade"))
    days = set(rows.values_list("due", flat=True))
    plan = plan_for(model, packs)
    loading.touch(f"SELECT subject_id FROM evaluation_currentgrade WHERE model = '{model.id}' AND due <= '{until}'")
    loaded = loading.load(plan, packs)
    while days and waiting:
        day = min(d for d in days if d is not None)
        days.discard(day)
        for row in (
            grade_tables(plan, day, loaded.subjects, loaded.records).select(["subject_id", "grade", "due"]).to_pylist()
        ):
            before = waiting.get(row["subject_id"])
            if before is not None and row["grade"] and row["grade"] != before:
                del waiting[row["subject_id"]]
                yield (
                    row["subject_id"],
                    model.id,
                    before,
                    model.rank(before),
                    row["grade"],
                    model.rank(row["grade"]),
                    day,
                )
            if row["due"] and row["due"] <= until:
                days.add(row["due"])


def moved_grades(after: int) -> Iterable[tuple[int, int, str, str, str, date]]:
    """(entry, subject, model, grade before, grade, day) of every grade that became another one, behind the entry `after`."""
    rows = (
        Grade.objects.filter(pk__gt=after, provisional=False)
        .exclude(before="")
        .exclude(grade="")
        .exclude(grade=F("before"))
    )
    return rows.order_by("pk").values_list("pk", "subject_id", "model", "before", "grade", "day")


def newest_entry() -> int:
    """The number of the newest entry of the history of grades."""
    return Grade.objects.aggregate(newest=Max("pk"))["newest"] or 0


def history(code: str, model_id: str) -> list[dict[str, Any]]:
    """Every grade the subject ever had under the model, the newest first; an empty grade: outside the scope."""
    subject = find_subject(code)
    rows = Grade.objects.filter(subject=subject, model=model_id, provisional=False).order_by("-pk") if subject else ()
    return [
        {"day": g.day, "grade": g.grade, "before": g.before, "score": float(g.score), "version": g.version,
         "decided_by": g.decided_by, "run": g.run_id}
        for g in rows
    ]  # fmt: skip


def why(code: str, model_id: str, day: date | None = None, *, waiting: bool = False) -> dict[str, Any] | None:
    """A grade with everything behind it, or None: no such subject, or not graded by this model on that day.

    With no day, or today's, also what would change it, recomputed, what waits to be verified and which steps were taken.
    `waiting` asks for the result that is no grade before it is verified: for those who verify it, not for the subject.
    Raises `UnknownPolicy`.
    """
    packs, today = policies(), timezone.localdate()
    subject = find_subject(code)
    entry = (_waiting(subject, model_id) if waiting else _entry(subject, model_id, day)) if subject else None
    if subject is None or entry is None or not entry.grade:
        model_of(packs, model_id, day or today)
        return None
    model = _version(packs, model_id, entry.version)
    plan = plan_for(model, packs)
    masks = {int(c): int(m) for c, m in orjson.loads(entry.evidence)}
    records = records_of(masks, packs)
    named = {c: indicators_of(plan, m) for c, m in masks.items()}
    answer = {
        **head_of(subject, model, entry),
        "indicators": [indicator_of(i, model, entry, records, named) for i in model.indicators],
        "history": history(code, model_id),
        "outlook": None,
        "provisional": waiting,
        "waiting": None if day and day < today else _what_waits(subject, model_id, packs),
        "steps": steps_taken(subject, model),
    }
    if day is None or day >= today:
        loading.touch(f"SELECT id FROM registry_subject WHERE id = {int(subject.pk)}")
        counted = {c: m for c, m in masks.items() if named[c] and c in records}
        weighing = {id for id, (_, points) in orjson.loads(entry.contributions).items() if points}
        on = today if model.cycle.moves_daily else entry.day
        found = look(plan, loading.load(plan, packs), counted, weighing, on, until=add_years(today, _HORIZON_YEARS))
        answer["outlook"] = outlook_of(found, entry, model, records, named)
    return answer


def _entry(subject: Subject, model_id: str, day: date | None) -> Grade | None:
    rows = Grade.objects.filter(subject=subject, model=model_id, provisional=False)
    return (rows.filter(day__lte=day) if day else rows).order_by("-pk").first()


def _waiting(subject: Subject, model_id: str) -> Grade | None:
    row = Waiting.objects.filter(subject=subject, model=model_id).first()
    return Grade.objects.filter(pk=row.entry).first() if row else None


def _what_waits(subject: Subject, model_id: str, packs: Policies) -> dict[str, Any] | None:
    """The result that waits, in the words of the version that found it: the grade in effect may be of an older one, which
    has neither its step nor its grades."""
    found = Waiting.objects.filter(subject=subject, model=model_id).values_list("version", flat=True).first()
    return told(subject, _version(packs, model_id, found)) if found else None


def _version(packs: Policies, id: str, version: str) -> Evaluation:
    found = next((m for m in packs.of(Evaluation) if m.id == id and m.version == version), None)
    if found is None:
        raise UnknownPolicy(f"the packs no longer have version {version} of the model {id!r}, which made this grade")
    return found
