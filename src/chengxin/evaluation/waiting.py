"""Results that are no grades yet: what they wait for, until when, and what was done about them (R-144, R-154)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet

from chengxin.evaluation.models import Verification, Waiting
from chengxin.evaluation.storing import NOT_HELD, Held
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_parts import Step
from chengxin.policy.policies import Policies
from chengxin.registry.models import Subject
from chengxin.standards.calendar import CalendarEnds


def held_of(model: Evaluation, packs: Policies, day: date) -> Held:
    """What new results of the model wait for first when they are found on `day`."""
    if not model.holding:
        return NOT_HELD
    ids = [s.id for s in model.holding]
    other = first(model, lowered=False)
    return Held(ids[0], other.id if other else "", tuple((s.id, due_of(s, packs, day)) for s in model.holding))


def first(model: Evaluation, *, lowered: bool) -> Step | None:
    """The first step that a result waits for."""
    return next((s for s in model.holding if lowered or s.when != "lowered"), None)


def following(model: Evaluation, step: str, *, lowered: bool) -> Step | None:
    """The step that a result waits for after `step`; None: it takes effect."""
    ids = [s.id for s in model.holding]
    rest = model.holding[ids.index(step) + 1 :] if step in ids else ()
    return next((s for s in rest if lowered or s.when != "lowered"), None)


def step_of(model: Evaluation, id: str) -> Step:
    """Raises `KeyError`."""
    found = next((s for s in model.verification if s.id == id), None)
    if found is None:
        raise KeyError(f"{model.id} has no step {id!r}")
    return found


def due_of(step: Step, packs: Policies, day: date) -> date | None:
    """The last day of a step's term; None without a term, or where next year's calendar is not known yet."""
    try:
        return packs.calendar.add_working_days(day, step.working_days) if step.working_days else None
    except CalendarEnds:
        return None


def waits(model: Evaluation) -> dict[str, int]:
    """Step -> how many results wait for it, in the order of the steps."""
    rows = Waiting.objects.filter(model=model.id).values("step").annotate(subjects=Count("pk"))
    found = {row["step"]: row["subjects"] for row in rows}
    return {s.id: found[s.id] for s in model.verification if s.id in found}


def waiting_of(model: str, step: str = "") -> QuerySet[Waiting]:
    """What waits, of natural persons too, the oldest term first, what has no term last."""
    rows = Waiting.objects.filter(model=model)
    rows = (rows.filter(step=step) if step else rows).select_related("subject")
    return rows.order_by(F("due").asc(nulls_last=True), "pk")


def after(rows: QuerySet[Waiting], due: date | None, pk: int) -> QuerySet[Waiting]:
    """Of what waits, in that order, what stands behind the result `pk` with that last day; it may be decided by now."""
    if due is None:
        return rows.filter(due=None, pk__gt=pk)
    return rows.filter(Q(due__gt=due) | Q(due=due, pk__gt=pk) | Q(due=None))


class Burden(NamedTuple):
    """How many results wait for people, of how many the term ends today, and of how many it is over."""

    results: int
    today: int
    late: int


def burden(models: Iterable[str], day: date) -> dict[str, Burden]:
    """Model -> what waits under it on that day; a model under which nothing waits is not there."""
    rows = Waiting.objects.filter(model__in=list(models)).values("model").order_by("model")
    rows = rows.annotate(n=Count("pk"), t=Count("pk", filter=Q(due=day)), over=Count("pk", filter=Q(due__lt=day)))
    return {row["model"]: Burden(row["n"], row["t"], row["over"]) for row in rows}


def running_terms(models: Sequence[str]) -> Iterable[tuple[str, str, date, int]]:
    """(model, step, last day, how many results wait for it until then): the terms that run, those that are over as well.

    Supervision is given this through the settings (`CHENGXIN_GRADE_TERMS`), for its reminders (alerts of the packs).
    """
    rows = Waiting.objects.filter(model__in=list(models)).values("model", "step", "due").annotate(n=Count("pk"))
    found = rows.order_by("model", "step", "due").values_list("model", "step", "due", "n")
    return [(model, step, due, n) for model, step, due, n in found if due is not None]


def told(subject: Subject, model: Evaluation) -> dict[str, Any] | None:
    """The result of this subject that waits, in words; None where nothing does."""
    row = Waiting.objects.filter(subject=subject, model=model.id).first()
    if row is None:
        return None
    step, grade = step_of(model, row.step), model.grade(row.grade)
    return {
        "grade": row.grade,
        "grade_label": grade.label,
        "grade_label_en": grade.label_en,
        "score": float(row.score),
        "before": row.before,
        "step": step.id,
        "step_label": step.label,
        "step_label_en": step.label_en,
        "who": step.who,
        "since": row.since,
        "due": row.due,
        "application": bool(row.asked_by),
        "reason": row.reason,
    }


def steps_taken(subject: Subject, model: Evaluation) -> list[dict[str, Any]]:
    """The steps of verification and review that were taken for this subject, the newest first."""
    labels = {s.id: (s.label, s.label_en) for s in model.verification}
    rows = Verification.objects.filter(subject=subject, model=model.id).order_by("-pk")
    return [
        {
            "step": v.step, "step_label": labels.get(v.step, (v.step, v.step))[0],
            "step_label_en": labels.get(v.step, (v.step, v.step))[1], "outcome": v.outcome,
            "outcome_label": str(v.get_outcome_display()), "found": v.found, "grade": v.grade, "day": v.day,
            "reason": v.reason, "actor": v.actor,
        }
        for v in rows
    ]  # fmt: skip
