"""What a case is opened with, and the case that would come of it: which record, whose subject, which version (F6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.cases.answers import checked, without_sealed
from chengxin.cases.attaching import Upload
from chengxin.cases.errors import CaseRefused, KeyReused
from chengxin.cases.models import Case, CaseEvent
from chengxin.cases.packs import procedure_of
from chengxin.cases.queries import case_by_number
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Procedure
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


def draft(actor: Actor, opening: Opening, procedure: Procedure, day: date) -> Case:
    """The case as it would be, not stored yet. Raises `CaseRefused` when what it is about does not fit the procedure."""
    record = _record_for(opening, procedure)
    subject = record.subject if record else _subject_for(opening, procedure)
    source = record.source if record else opening.source
    if source:
        try:
            policies().agency(source)
        except UnknownPolicy as error:
            raise CaseRefused(_("没有「%(unit)s」这个信源单位。"), unit=source) from error
    if subject and not procedure.suits(subject.kind):
        kind = subject.get_kind_display()
        raise CaseRefused(_("「%(procedure)s」不适用于%(kind)s。"), procedure=procedure.label, kind=kind)
    form = checked(procedure, procedure.opening, opening.form, day)
    without_sealed(procedure, form, record)
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
        form=form,
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


def earlier(case: Case) -> Case | None:
    """The case that this key opened before. Raises `KeyReused` when it was another."""
    if not case.key:
        return None
    found = Case.objects.filter(opened_by=case.opened_by, key=case.key).first()
    if found is None:
        return None
    same = ("procedure", "record_id", "subject_code", "source")
    answers = {name: found.form.get(name) for name in case.form}
    if any(getattr(found, n) != getattr(case, n) for n in same) or answers != case.form:
        raise KeyReused(
            _("幂等键「%(key)s」已用于办件 %(number)s，内容不同；请换一个键。"), key=case.key, number=found.number
        )
    return found
