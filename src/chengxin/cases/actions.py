"""The verbs of the cases room: open a case, take a step, attach evidence. One transaction each.

A step is one act under the case's row lock: permission, four eyes, form, materials, guards, effects on the register, the new
state, its clocks, its letter, its line in the timeline and in the trail stand or fall together (F10, F14).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import Denied
from chengxin.cases import attaching, people
from chengxin.cases.answers import checked, without_sealed
from chengxin.cases.attaching import Upload
from chengxin.cases.errors import CaseRefused, KeyReused, Moved
from chengxin.cases.models import Attachment, Case, CaseEvent
from chengxin.cases.numbers import next_number
from chengxin.cases.opening import Opening, draft, earlier
from chengxin.cases.packs import in_force, procedure_of
from chengxin.cases.queries import case_by_number
from chengxin.cases.taking import attach_kept, carry_out, changing
from chengxin.policy.policies import UnknownPolicy

__all__ = ["Opening", "Upload", "act", "attach", "open_case"]


def open_case(actor: Actor, opening: Opening, *, on: date | None = None) -> Case:
    """Open a case and start its clocks. Raises `Denied`, `CaseRefused` and its kinds.

    The same key of the same person gives the same case again; for something else it is refused (F6).
    """
    day = on or timezone.localdate()
    try:
        procedure = in_force(opening.procedure, day)
    except UnknownPolicy as error:
        raise CaseRefused("%(why)s", why=str(error)) from error
    case = draft(actor, opening, procedure, day)
    if known := earlier(case):
        return known
    standing = people.require(actor, case, procedure, procedure.opening)
    if standing.party:
        case.applicant = standing.organisation
    kept = [attaching.take(procedure, upload) for upload in opening.materials]
    try:
        with changing(procedure.opening):
            case.number = f"{procedure.word}〔{day.year}〕{next_number(f'case:{procedure.id}:{day.year}')}号"
            case.save()
            for one in kept:
                attach_kept(case, one, actor.name, day, party=standing.party)
            carry_out(case, procedure, procedure.opening, actor, standing, day, answered=set(case.form))
    except IntegrityError as error:
        if known := earlier(case):
            return known
        raise CaseRefused(_("这条信息已经有一个同类办件正在办理。")) from error
    return case


def act(
    actor: Actor,
    number: str,
    step_id: str,
    *,
    reason: str = "",
    form: Mapping[str, Any] | None = None,
    expect: int | None = None,
    key: str = "",
    on: date | None = None,
) -> Case:
    """Take a step of a case. `expect` is the `moves` that the actor has seen; a case that has moved on is `Moved` (409).

    Raises `Denied`, `Moved`, `NotMet`, `CaseRefused`. The same `key` twice is one act (F6).
    """
    day = on or timezone.localdate()
    procedure = procedure_of(case_by_number(number))
    try:
        step = procedure.step(step_id)
    except KeyError as error:
        known = "、".join(f"{s.id}（{s.label}）" for s in procedure.steps)
        raise CaseRefused(_("没有「%(step)s」这一环节；有：%(known)s。"), step=step_id, known=known) from error
    answers = checked(procedure, step, form or {}, day)
    with changing(step):
        case = Case.objects.select_for_update().get(number=number)
        if key and (done := CaseEvent.objects.filter(case=case, key=key).first()):
            if done.step != step.id or done.actor != actor.name:
                raise KeyReused(_("幂等键「%(key)s」已用于本办件的另一环节，请换一个键。"), key=key)
            return case
        standing = people.require(actor, case, procedure, step)
        without_sealed(procedure, answers, case.record)
        if case.state not in step.start or (expect is not None and expect != case.moves):
            state = procedure.state(case.state)
            raise Moved(_("办件现在是「%(state)s」，不能这样办理；可能已由他人办理。"), state=state.label)
        case.form = {**case.form, **answers}
        carry_out(case, procedure, step, actor, standing, day, answered=set(answers), reason=reason.strip(), key=key)
    return case


def attach(actor: Actor, number: str, upload: Upload, *, on: date | None = None) -> Attachment:
    """Attach evidence: by whoever opened the case or may act on it now; after its end only what a court or review said."""
    day = on or timezone.localdate()
    case = case_by_number(number)
    procedure = procedure_of(case)
    standings = [people.standing_of(actor, case, s) for s in procedure.steps if not case.closed_on]
    mine = actor.name == case.opened_by or people.acts_for_subject(actor, case)
    material = procedure.material(upload.material)
    if case.closed_on and material and not material.after_end:
        raise Moved(_("办件已经办结（%(state)s），不能再补充这种材料。"), state=procedure.state(case.state).label)
    if not mine and not any(standings):
        raise Denied(_("只有申请人和办理这个办件的人可以补充材料。"))
    kept = attaching.take(procedure, upload)
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case.pk)
        return attach_kept(case, kept, actor.name, day, party=mine)
