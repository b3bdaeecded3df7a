"""What a department sees of its own evaluation: its models, whom they grade, how many have which grade (F-11, R-144).

A model belongs to the authority that its pack names. Grades of natural persons are shown to nobody here (G-13).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from django.db.models import Count, Q, QuerySet

from chengxin.evaluation.models import CurrentGrade
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.policies import Policies
from chengxin.standards.text import clean_code, name_key


@dataclass(frozen=True)
class Narrowed:
    """By what a roster is narrowed; an empty value narrows nothing. `region` is the beginning of a code, `industry` are
    beginnings of which one is enough: a section has a letter, and the two digits of its divisions."""

    grade: str = ""
    region: str = ""
    industry: tuple[str, ...] = ()
    since: date | None = None
    text: str = ""


def models_of(units: Iterable[str], packs: Policies) -> list[Evaluation]:
    """Every version of the models of these units, by id, the newest version first."""
    names = {a.name for a in packs.agencies if a.id in set(units)}
    mine = [m for m in packs.of(Evaluation) if m.authority in names]
    return sorted(mine, key=lambda m: (m.id, -m.effective.start.toordinal()))


def in_force(found: Sequence[Evaluation], day: date) -> list[Evaluation]:
    """Those of these versions that hold on that day."""
    return [m for m in found if m.effective.holds(day)]


def graded(
    model: str, wanted: Narrowed | None = None, among: QuerySet[Any, Any] | None = None
) -> QuerySet[CurrentGrade]:
    """The subjects with a grade under the model, the worst first; `among` is a query of subject ids."""
    wanted = wanted or Narrowed()
    rows = CurrentGrade.objects.filter(model=model).exclude(grade="").exclude(subject__kind="natural_person")
    if wanted.grade:
        rows = rows.filter(grade=wanted.grade)
    if wanted.region:
        rows = rows.filter(subject__region__startswith=wanted.region)
    if wanted.industry:
        rows = rows.filter(reduce(Q.__or__, (Q(subject__industry__startswith=code) for code in wanted.industry)))
    if wanted.since:
        rows = rows.filter(since__gte=wanted.since)
    if wanted.text:
        key = name_key(wanted.text) or wanted.text
        rows = rows.filter(Q(subject__code=clean_code(wanted.text) or "") | Q(subject__name_key__contains=key))
    if among is not None:
        rows = rows.filter(subject_id__in=among)
    return rows.select_related("subject").order_by("-rank", "score", "subject_id")


def counted(rows: QuerySet[CurrentGrade]) -> dict[str, int]:
    """Grade -> how many of these rows have it."""
    found = rows.order_by().values("grade").annotate(subjects=Count("pk"))
    return {row["grade"]: row["subjects"] for row in found}
