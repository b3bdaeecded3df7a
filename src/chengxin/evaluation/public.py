"""What everybody may know of a subject's grades: those of models that say so, with their basis and authority (R-145)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from chengxin.evaluation.models import CurrentGrade
from chengxin.policy.evaluation import Evaluation, models
from chengxin.policy.evaluation_parts import Told
from chengxin.policy.schema import basis_text
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies
from chengxin.registry.sql import asked


def public_grades(subject: Subject, day: date) -> list[dict[str, Any]]:
    """The subject's present grades under the models in force whose grades are public, by model; none of a person."""
    if subject.kind == "natural_person":
        return []
    shown = _public_models(policies().digest, day)
    rows = asked(
        "SELECT model, grade, since FROM evaluation_currentgrade WHERE subject_id = %s AND grade <> '' ORDER BY model",
        [subject.pk],
    )
    grades = (CurrentGrade(model=model, grade=grade, since=since) for model, grade, since in rows)
    return [_told(row, shown[row.model]) for row in grades if row.model in shown]


GRADED = "EXISTS (SELECT 1 FROM evaluation_currentgrade g WHERE g.subject_id = h.id AND g.grade <> '')"
"""Whether the subject `h` of a statement has any grade: most have none, and are not asked for it."""


@lru_cache(maxsize=4)
def _public_models(_digest: str, day: date) -> dict[str, Evaluation]:
    """The models in force whose grades are public: the same for every page of a day until the packs change."""
    return {m.id: m for m in models(policies(), day) if m.publication.audience == "public" and not m.draft}


def own_grades(subject: Subject, day: date) -> list[dict[str, Any]]:
    """What the subject itself may know of its present grades (R-154): all but risk classes and what is internal."""
    shown = {m.id: m for m in models(policies(), day) if _known_to_subject(m)}
    rows = CurrentGrade.objects.filter(subject=subject, model__in=list(shown)).exclude(grade="").order_by("model")
    return [{**_told(row, shown[row.model]), **_more(row, shown[row.model])} for row in rows]


def _more(row: CurrentGrade, model: Evaluation) -> dict[str, Any]:
    return {"score": float(row.score)}


def told_to_subject(model: str, day: date) -> bool:
    """Whether the subject may know its grade under this model."""
    return any(m.id == model and _known_to_subject(m) for m in models(policies(), day))


def told_here(model: Evaluation, told: Told) -> bool:
    """Whether this platform itself lets them know (R-149, R-155): the subject and the public on their pages, as far as the
    model lets them; the department on its roster. It is the province's platform; it sends nothing to a city or the nation."""
    if told.who == "subject":
        return _known_to_subject(model)
    if told.who == "public":
        return model.publication.audience == "public" and not model.draft
    return told.who in ("department", "province")


def _known_to_subject(model: Evaluation) -> bool:
    return model.nature != "risk" and model.publication.audience != "internal" and not model.draft


def _told(row: CurrentGrade, model: Evaluation) -> dict[str, Any]:
    grade = model.grade(row.grade)
    return {
        "model": model.id,
        "model_label": model.label,
        "model_label_en": model.label_en,
        "grade": row.grade,
        "grade_label": grade.label,
        "grade_label_en": grade.label_en,
        "common": grade.common,
        "meaning": grade.meaning,
        "since": row.since,
        "version": model.version,
        "authority": model.authority,
        "basis": basis_text(model.basis),
    }
