"""Figures of the procedures: how many in time, how many reversed, how often reviews err (R-228, R-234, R-245, R-268)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import Avg, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, fields

from chengxin.cases.models import Case, Sample, Term
from chengxin.policy.procedures import Procedure
from chengxin.registry.packs import policies


@dataclass(frozen=True)
class Figures:
    """One procedure between two days. Rates are shares of 1, None where nothing was counted.

    `on_time` counts terms that ended in the period, late ones that still run included; `reversal` is the share of decided
    cases whose record a later case corrected, withdrew or reinstated; `review_error` the share of judged samples with a
    wrong review, to be held against `review_goal`; `days` the mean length of closed cases in calendar days.
    """

    procedure: str
    label: str
    opened: int
    closed: int
    pending: int
    overdue: int
    outcomes: dict[str, int]
    on_time: float | None
    on_time_goal: float | None
    reversal: float | None
    sampled: int
    review_error: float | None
    review_goal: float | None
    days: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def figures(since: date, until: date) -> list[Figures]:
    """Every procedure that has cases, between two days (both included)."""
    newest: dict[str, Procedure] = {}
    for pack in sorted(policies().of(Procedure), key=lambda p: p.effective.start):
        newest[pack.id] = pack
    known = sorted(set(Case.objects.values_list("procedure", flat=True)))
    return [_of(name, newest.get(name), since, until) for name in known]


def _of(name: str, pack: Procedure | None, since: date, until: date) -> Figures:
    cases = Case.objects.filter(procedure=name)
    closed = cases.filter(closed_on__range=(since, until))
    counted = closed.values("outcome").annotate(n=Count("pk")).values_list("outcome", "n")
    terms = Term.objects.filter(case__procedure=name, due_on__isnull=False)
    ended = terms.filter(stopped_on__range=(since, until))
    late_now = terms.filter(stopped_on=None, due_on__lt=until)
    total, late = ended.count() + late_now.count(), ended.filter(stopped_on__gt=F("due_on")).count() + late_now.count()
    decided = closed.filter(outcome__in=("granted", "partly", "refused"))
    judged = Sample.objects.filter(case__procedure=name, judged_on__range=(since, until))
    length = ExpressionWrapper(F("closed_on") - F("opened_on"), output_field=fields.DurationField())
    mean = closed.aggregate(mean=Avg(length))["mean"]
    return Figures(
        procedure=name,
        label=pack.label if pack else name,
        opened=cases.filter(opened_on__range=(since, until)).count(),
        closed=closed.count(),
        pending=cases.filter(opened_on__lte=until).filter(Q(closed_on=None) | Q(closed_on__gt=until)).count(),
        overdue=late_now.values("case").distinct().count(),
        outcomes=dict(counted),
        on_time=_share(total - late, total),
        on_time_goal=pack.goals.on_time if pack else None,
        reversal=_share(_reversed(decided), decided.count()),
        sampled=judged.count(),
        review_error=_share(judged.exclude(wrong_step="").count(), judged.count()),
        review_goal=pack.goals.review_error if pack else None,
        days=round(mean.total_seconds() / 86400, 2) if mean is not None else None,
    )


def _reversed(decided: QuerySet[Case]) -> int:
    """Decided cases about a record that a later case corrected, withdrew or reinstated."""
    undoing = {p.id for p in policies().of(Procedure) for s in p.steps if _UNDO & set(s.effects)}
    later = Case.objects.filter(
        record=OuterRef("record"), pk__gt=OuterRef("pk"), outcome="granted", procedure__in=undoing
    )
    return decided.filter(Exists(later)).count()


_UNDO = {"record.correct", "record.withdraw", "record.reinstate"}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
