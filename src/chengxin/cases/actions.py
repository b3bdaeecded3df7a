"""The verbs of the cases room: open a case, take a step, attach evidence, sample reviews. One transaction each.

A step is one act under the case's row lock: permission, four eyes, form, materials, guards, effects on the register, the new
state, its clocks, its letter, its line in the timeline and in the trail stand or fall together (F10, F14).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import Denied
from chengxin.audit.actions import record as trace
from chengxin.cases import attaching, clocks, effects, guards, letters, people, timeline
from chengxin.cases.answers import checked
from chengxin.cases.attaching import Kept, Upload
from chengxin.cases.errors import CaseRefused, KeyReused, Moved, NotMet, Unmet
from chengxin.cases.models import Attachment, Case, CaseEvent
from chengxin.cases.numbers import next_number
from chengxin.cases.packs import in_force, procedure_of
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Procedure, Step
from chengxin.registry.lock import writing
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.registry.queries import find_subject


@dataclass(frozen=True)
class Opening:
    """What a case is opened with: by which procedure, about which record or subject, stated by which unit, with what.

    `key` makes it safe to send twice; `parent` is the case out of which this one is opened (Step.opens).
    """

    procedure: str
    record: int | None = None
    subject: str = ""
    source: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)
    materials: tuple[Upload, ...] = ()
    key: str = ""
    parent: str = ""


def open_case(actor: Actor, opening: Opening, *, on: date | None = None) -> Case:
    """Open a case and start its clocks. Raises `Denied`, `CaseRefused` and its kinds.

    The same key of the same person gives the same case again; for something else it is refused (F6).
    """
    day = on or timezone.localdate()
    try:
        procedure = in_force(opening.procedure, day)
    except UnknownPolicy as error:
        raise CaseRefused(str(error).replace("%", "%%")) from error
    draft = _draft(actor, opening, procedure, day)
    if earlier := _earlier(draft):
        return earlier
    standing = people.require(actor, draft, procedure, procedure.opening)
    if standing.party:
        draft.applicant = standing.organisation
    kept = [attaching.take(procedure, upload) for upload in opening.materials]
    try:
        with _changing(procedure.opening):
            draft.number = f"{procedure.word}〔{day.year}〕{next_number(f'case:{procedure.id}:{day.year}')}号"
            draft.save()
            for one in kept:
                _attach(draft, one, actor.name, day, party=standing.party)
            _carry_out(draft, procedure, procedure.opening, actor, standing, day, reason="", key="")
    except IntegrityError as error:
        if earlier := _earlier(draft):
            return earlier
        raise CaseRefused(_("这条信息已经有一个同类办件正在办理。")) from error
    return draft


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
    answers = checked(procedure, form or {})
    with _changing(step):
        case = Case.objects.select_for_update().get(number=number)
        if key and (done := CaseEvent.objects.filter(case=case, key=key).first()):
            if done.step != step.id or done.actor != actor.name:
                raise KeyReused(_("幂等键「%(key)s」已用于本办件的另一环节，请换一个键。"), key=key)
            return case
        standing = people.require(actor, case, procedure, step)
        if case.state not in step.start or (expect is not None and expect != case.moves):
            state = procedure.state(case.state)
            raise Moved(_("办件现在是「%(state)s」，不能这样办理；可能已由他人办理。"), state=state.label)
        case.form = {**case.form, **answers}
        _carry_out(case, procedure, step, actor, standing, day, reason=reason.strip(), key=key)
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
        return _attach(case, kept, actor.name, day, party=mine)


def case_by_number(number: str) -> Case:
    """Raises `CaseRefused` when there is none."""
    found = Case.objects.select_related("record").filter(number=number).first()
    if found is None:
        raise CaseRefused(_("没有编号为「%(number)s」的办件。"), number=number)
    return found


@contextmanager
def _changing(step: Step) -> Iterator[None]:
    """The transaction of a step; with the register's write lock first where it changes records, so that nobody waits
    for us who holds what we wait for."""
    if any(effect in effects.CHANGES_RECORDS for effect in step.effects):
        with writing():
            yield
    else:
        with transaction.atomic():
            yield


def _draft(actor: Actor, opening: Opening, procedure: Procedure, day: date) -> Case:
    """The case as it would be, not stored yet. Raises `CaseRefused` when what it is about does not fit the procedure."""
    record = _record_for(opening, procedure)
    subject = record.subject if record else _subject_for(opening, procedure)
    source = record.source if record else opening.source
    if source:
        try:
            policies().agency(source)
        except UnknownPolicy as error:
            raise CaseRefused(_("没有「%(unit)s」这个信源单位。"), unit=source) from error
    return Case(
        procedure=procedure.id,
        version=procedure.version,
        state=procedure.opening.to,
        record=record,
        subject_code=subject.code if subject else "",
        subject_name=subject.name if subject else "",
        opened_by=actor.name,
        source=source,
        handler=procedure.handler,
        form=checked(procedure, opening.form),
        opened_on=day,
        parent=_parent(opening, procedure),
        key=opening.key,
        packs=policies().digest,
    )


def _record_for(opening: Opening, procedure: Procedure) -> Record | None:
    if opening.record is None:
        if procedure.about == "record":
            raise CaseRefused(_("「%(procedure)s」须指明是哪一条信用信息。"), procedure=procedure.label)
        return None
    if procedure.about in ("subject", "none"):
        raise CaseRefused(_("「%(procedure)s」不针对某一条信用信息。"), procedure=procedure.label)
    record = Record.objects.select_related("subject").filter(pk=opening.record).first()
    if record is None or (procedure.items and record.item not in procedure.items):
        raise CaseRefused(
            _("没有编号 %(record)s 的信用信息，或者它不适用「%(procedure)s」。"),
            record=opening.record,
            procedure=procedure.label,
        )
    if record.standing not in procedure.standings:
        raise CaseRefused(
            _("这条信息现在是「%(standing)s」，不能办理「%(procedure)s」。"),
            standing=record.get_standing_display(),
            procedure=procedure.label,
        )
    return record


def _subject_for(opening: Opening, procedure: Procedure) -> Subject | None:
    if procedure.about == "none":
        return None
    subject = find_subject(opening.subject)
    if subject is None:
        raise CaseRefused(_("登记库里没有「%(code)s」这个主体。"), code=opening.subject)
    return subject


def _parent(opening: Opening, procedure: Procedure) -> Case | None:
    if not opening.parent:
        return None
    parent = case_by_number(opening.parent)
    steps = {s.id: s for s in procedure_of(parent).steps}
    taken = CaseEvent.objects.filter(case=parent, kind="step").values_list("step", flat=True)
    if not any(steps[s].opens == procedure.id for s in taken if s in steps):
        raise CaseRefused(
            _("办件 %(number)s 不能转入「%(procedure)s」。"), number=parent.number, procedure=procedure.label
        )
    return parent


def _earlier(draft: Case) -> Case | None:
    """The case that this key opened before. Raises `KeyReused` when it was another."""
    if not draft.key:
        return None
    earlier = Case.objects.filter(opened_by=draft.opened_by, key=draft.key).first()
    if earlier is None:
        return None
    same = ("procedure", "record_id", "subject_code", "source")
    answers = {name: earlier.form.get(name) for name in draft.form}
    if any(getattr(earlier, n) != getattr(draft, n) for n in same) or answers != draft.form:
        raise KeyReused(
            _("幂等键「%(key)s」已用于办件 %(number)s，内容不同；请换一个键。"), key=draft.key, number=earlier.number
        )
    return earlier


def _attach(case: Case, kept: Kept, actor: str, day: date, *, party: bool) -> Attachment:
    made = Attachment.objects.create(
        case=case,
        material=kept.material,
        file_name=kept.file_name,
        media=kept.media,
        sha256=kept.sha256,
        size=kept.size,
        added_by=actor,
    )
    detail = {"material": kept.material, "sha256": kept.sha256, "media": kept.media, "size": kept.size}
    timeline.add(case, "attachment", day=day, actor=actor, party=party, detail=detail)
    trace(actor, "case.attach", "case", case.number, **detail)
    return made


def _carry_out(
    case: Case,
    procedure: Procedure,
    step: Step,
    actor: Actor,
    standing: people.Standing,
    day: date,
    *,
    reason: str,
    key: str,
) -> None:
    """The step itself, under the lock."""
    _complete(case, procedure, step, standing, reason)
    if faults := guards.unmet(guards.Question(case, procedure, step, day)):
        raise _not_met(step, faults)
    before, after = case.state, procedure.state(step.to)
    effects.run(effects.Doing(case, procedure, step, actor.name, day, reason))
    case.state, case.moves = after.id, case.moves + 1
    if after.end:
        case.outcome, case.closed_on = after.end, day
    case.save()
    timeline.add(
        case,
        "step",
        day=day,
        actor=actor.name,
        step=step.id,
        before=before if step.start else "",
        after=after.id,
        party=standing.party,
        reason=reason,
        key=key,
        detail={"role": standing.who.role, "organisation": standing.organisation, "effects": list(step.effects)},
    )
    clocks.after_step(case, procedure, step.id, day, actor.name)
    if step.letter:
        letters.write(case, procedure, step.letter, day=day, actor=actor.name, reason=reason)
    trace(
        actor.name,
        "case.step" if step.start else "case.open",
        "case",
        case.number,
        procedure=procedure.id,
        step=step.id,
        before=before if step.start else "",
        after=after.id,
        reason=reason,
    )


def _complete(case: Case, procedure: Procedure, step: Step, standing: people.Standing, reason: str) -> None:
    """Reason, answers and materials that the step needs. Raises `CaseRefused` naming all that is missing."""
    missing = [_("理由")] if step.needs.reason and not reason else []
    asked = {a.id: a.label for a in procedure.asks}
    missing += [asked[n] for n in step.needs.asks if n not in case.form]
    there = set(Attachment.objects.filter(case=case).values_list("material", flat=True))
    wanted = (*step.needs.materials, *standing.who.needs)
    missing += [m.label for m in procedure.materials if m.id in wanted and m.id not in there]
    if missing:
        raise CaseRefused(_("「%(step)s」还缺：%(missing)s。"), step=step.label, missing="、".join(missing))


def _not_met(step: Step, faults: Iterable[Unmet]) -> NotMet:
    return NotMet(_("现在还不能「") + step.label + _("」：%(unmet)s"), tuple(faults))


def take_by_clock(case: Case, procedure: Procedure, step: Step, day: date) -> bool:
    """The step of a clock that has run out; False when the case has moved on meanwhile. The caller holds the row lock."""
    if case.state not in step.start:
        return False
    standing = people.require(people.CLOCK, case, procedure, step)
    _carry_out(case, procedure, step, people.CLOCK, standing, day, reason=step.label, key="")
    return True
