"""Checking reviews by samples (初审复审核查): drawn at random, judged by somebody who took no step of the case (R-228)."""

from __future__ import annotations

import secrets
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import Denied, require
from chengxin.audit.actions import record as trace
from chengxin.cases import timeline
from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Case, CaseEvent, Sample
from chengxin.cases.packs import procedure_of
from chengxin.cases.queries import case_by_number


def draw(actor: Actor, procedure: str, count: int, *, since: date, until: date, on: date | None = None) -> list[Sample]:
    """Draw up to `count` closed cases of the period that are in no sample yet, each with the same chance.

    Raises `Denied`.
    """
    require(actor, "case.sample", None)
    day = on or timezone.localdate()
    closed = Case.objects.filter(procedure=procedure, closed_on__range=(since, until), sample=None)
    ids = list(closed.order_by("pk").values_list("pk", flat=True))
    drawn = sorted(secrets.SystemRandom().sample(ids, min(count, len(ids))))
    with transaction.atomic():
        made = [Sample.objects.create(case_id=pk, drawn_on=day, drawn_by=actor.name) for pk in drawn]
        trace(actor.name, "case.sample", "procedure", procedure, drawn=len(made), of=len(ids))
    return made


def judge(actor: Actor, number: str, *, wrong_step: str = "", finding: str = "", on: date | None = None) -> Sample:
    """Say whether a sampled case was reviewed rightly; `wrong_step` names the step that was not. Raises `Denied`,
    `CaseRefused`."""
    require(actor, "case.sample", None)
    day = on or timezone.localdate()
    case = case_by_number(number)
    sample = Sample.objects.filter(case=case).first()
    if sample is None:
        raise CaseRefused(_("办件 %(number)s 没有被抽中。"), number=number)
    taken = CaseEvent.objects.filter(case=case, kind="step")
    if taken.filter(actor=actor.name).exists():
        raise Denied(_("办理过这个办件的人不能核查它，请由另一位人员核查。"))
    if wrong_step and not taken.filter(step=wrong_step).exists():
        known = "、".join(f"{s.id}（{s.label}）" for s in procedure_of(case).steps)
        raise CaseRefused(
            _("办件 %(number)s 没有经过「%(step)s」；环节有：%(known)s。"), number=number, step=wrong_step, known=known
        )
    if wrong_step and not finding:
        raise CaseRefused(_("认定有差错须写明理由。"))
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case.pk)
        sample.wrong_step, sample.finding, sample.judged_by, sample.judged_on = wrong_step, finding, actor.name, day
        sample.save()
        detail = {"wrong_step": wrong_step, "finding": finding}
        timeline.add(case, "note", day=day, actor=actor.name, reason=finding, detail=detail)
        trace(actor.name, "case.judge", "case", number, wrong_step=wrong_step)
    return sample
