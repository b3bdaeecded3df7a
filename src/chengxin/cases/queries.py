"""What is asked of the cases room: the cases somebody may see, one case in full, what is due, who looks after what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS, Organisation
from chengxin.accounts.rules import allow
from chengxin.audit.actions import record as trace
from chengxin.cases import fanout, guards, people
from chengxin.cases.errors import CaseRefused, Unmet
from chengxin.cases.models import Attachment, Case, Delivery, Notice, Publication
from chengxin.cases.packs import internal_states, procedure_of
from chengxin.policy.procedures import Procedure, Role
from chengxin.registry import evidence
from chengxin.registry.models import Record, RecordVersion

WORKERS = frozenset(get_args(Role)) - {"system", "anyone", *CITIZENS}
"""Roles that may have something to do in a case; administrators and auditors of the trail have not."""


def case_by_number(number: str) -> Case:
    """Raises `CaseRefused` when there is none."""
    found = Case.objects.select_related("record").filter(number=number).first()
    if found is None:
        raise CaseRefused(_("没有编号为「%(number)s」的办件。"), number=number)
    return found


def visible(actor: Actor) -> QuerySet[Case]:
    """The cases that the actor opened, handles, was assigned or is the subject of; nothing to nobody.

    The subject sees a case from its first state on that is not `internal`: no draft of an order before it is issued.
    """
    if actor.anonymous:
        return Case.objects.none()
    if actor.operator:
        return Case.objects.all()
    staff = [o for o, held in actor.roles.items() if held & WORKERS]
    bound = [o for o, held in actor.roles.items() if held & set(CITIZENS)]
    codes = [c for c in Organisation.objects.filter(pk__in=bound).values_list("code", flat=True) if c]
    mine = Q(opened_by=actor.name) | Q(applicant__in=bound)
    if codes:
        mine |= (Q(subject_code__in=codes) | Q(record__subject__code__in=codes)) & ~_internal()
    return Case.objects.filter(mine | Q(source__in=staff) | Q(handler__in=staff) | Q(assigned__in=staff))


def _internal() -> Q:
    """Cases that stand where their subject is told nothing yet."""
    found = Q(pk__in=[])
    for procedure, version, states in internal_states():
        found |= Q(procedure=procedure, version=version, state__in=states)
    return found


def untold(code: str) -> list[str]:
    """The numbers of the open cases about this subject that its people do not see yet."""
    about = Q(subject_code=code) | Q(record__subject__code=code)
    return list(Case.objects.filter(about & _internal(), closed_on=None).values_list("number", flat=True))


def concerns(actor: Actor, record: Record) -> bool:
    """Whether the actor speaks for the record's subject, or works in its source unit (who may ask what a repair lacks)."""
    if actor.operator or actor.roles.get(record.source, frozenset()) & WORKERS:
        return True
    bound = [o for o, held in actor.roles.items() if held & set(CITIZENS)]
    return Organisation.objects.filter(pk__in=bound, code=record.subject.code).exists()


def evidence_of(actor: Actor, number: str, attachment: int) -> tuple[Attachment, Path]:
    """A piece of evidence and where it lies, for somebody who may see its case; each look is on record (G-10).

    Raises `CaseRefused` for everything else: what one may not see does not exist.
    """
    found = Attachment.objects.filter(pk=attachment, case__in=visible(actor), case__number=number).first()
    if found is None:
        raise CaseRefused(_("没有编号为「%(number)s」的办件。"), number=number)
    trace(actor.name, "case.look", "case", number, attachment=found.pk, material=found.material)
    return found, evidence.place(found.sha256)


def steps_for(actor: Actor, case: Case) -> list[str]:
    """The steps that this actor may take now, as far as roles and four eyes go; materials and guards are asked later."""
    procedure = procedure_of(case)
    return [
        s.id for s in procedure.steps_from(case.state) if allow(actor, "case.act", people.Asked(case, procedure, s))
    ]


def hides_applicant(actor: Actor, case: Case, procedure: Procedure) -> bool:
    """Whether the actor must not learn who applied: the assigned body of a complaint, unless it also handles it (G-19)."""
    if not procedure.protects_applicant or actor.operator or actor.name == case.opened_by:
        return False
    return not any(case.handler == o and held & WORKERS for o, held in actor.roles.items())


def told(case: Case, actor: Actor) -> dict[str, Any]:
    """A case in full as this actor may see it, as plain JSON: state, what it means, terms, timeline, letters, receivers."""
    procedure = procedure_of(case)
    hidden = hides_applicant(actor, case, procedure)
    answer = summary(case, procedure) | {
        "sees": procedure.state(case.state).sees,
        "sees_en": procedure.state(case.state).sees_en,
        "opened_by": None if hidden else case.opened_by,
        "applicant": None if hidden else case.applicant or None,
        "form": case.form,
        "record": case.record_id,
        "entered": case.entered_id,
        "parent": case.parent.number if case.parent else None,
        "steps": steps_for(actor, case),
        "terms": [
            {
                "clock": t.clock, "label": procedure.clock(t.clock).label, "started_on": t.started_on, "due_on": t.due_on,
                "calendar": t.calendar or None, "suspended": t.suspended, "stopped_on": t.stopped_on,
                "extended": t.extended,
            }
            for t in case.terms.order_by("pk")
        ],
        "letters": [
            {"number": x.number, "title": x.title, "day": x.day, "text": x.text, "text_en": x.text_en}
            for x in case.letters.order_by("pk")
            if not (hidden and procedure.letter(x.letter).to == "applicant")
        ],
        "attachments": [
            {"id": a.pk, "material": a.material, "name": a.file_name, "media": a.media, "sha256": a.sha256, "size": a.size}
            for a in case.attachments.order_by("pk")
        ],
        "timeline": [_line(e, case, hidden) for e in case.events.order_by("number")],
        "receivers": deliveries_of(case),
    }  # fmt: skip
    return answer


def summary(case: Case, procedure: Procedure | None = None) -> dict[str, Any]:
    """One line about a case."""
    procedure = procedure or procedure_of(case)
    running = [t.due_on for t in case.terms.all() if t.stopped_on is None and not t.suspended and t.due_on]
    return {
        "number": case.number,
        "procedure": case.procedure,
        "procedure_label": procedure.label,
        "version": case.version,
        "state": case.state,
        "state_label": procedure.state(case.state).label,
        "outcome": case.outcome or None,
        "moves": case.moves,
        "subject_code": case.subject_code or None,
        "subject_name": case.subject_name or None,
        "source": case.source or None,
        "opened_on": case.opened_on,
        "closed_on": case.closed_on,
        "due_on": min(running, default=None),
    }


def _line(event: Any, case: Case, hidden: bool) -> Mapping[str, Any]:
    protected = hidden and event.actor == case.opened_by
    return {
        "number": event.number, "at": event.at, "day": event.day, "kind": event.kind, "step": event.step or None,
        "before": event.before or None, "after": event.after or None, "actor": None if protected else event.actor,
        "reason": event.reason or None, "detail": {} if protected else event.detail,
    }  # fmt: skip


def deliveries_of(case: Case) -> list[dict[str, Any]]:
    """How far each receiver has followed this case's changes; whoever is late is marked so."""
    known = fanout.declared()
    return [
        {
            "receiver": d.receiver, "label": known[d.receiver].label if d.receiver in known else d.receiver,
            "change": d.change, "state": d.state, "due_on": d.due_on, "acknowledged_on": d.acknowledged_on,
            "receipt": d.receipt or None, "late": d.late, "attempts": d.attempts, "error": d.last_error or None,
        }
        for d in Delivery.objects.filter(case_number=case.number).order_by("change", "receiver")
    ]  # fmt: skip


def eligibility(record: Record, day: date) -> tuple[Unmet, ...]:
    """What a record lacks to be repaired on that day, whatever form and material will say (credit check-up, R-219)."""
    unmet = guards.unmet_for_repair(record, form={}, materials=set(), day=day)
    stated = guards.stated_conditions(day, record)
    return tuple(u for u in unmet if u.id not in stated)


def notices_for(actor: Actor) -> QuerySet[Notice]:
    """Reminders and supervision that concern roles this actor holds, of cases that are still open, the newest first."""
    mine = Q(pk__in=[])
    for organisation, held in actor.roles.items():
        mine |= Q(organisation=organisation, role__in=[str(r) for r in held])
    found = Notice.objects.filter(case__closed_on=None).select_related("case", "term").order_by("-day", "-pk")
    return found if actor.operator else found.filter(mine)


def publications(day: date) -> QuerySet[Publication]:
    """What is published on that day, the newest first; nothing outlives its term even when the daily work is late (G-16)."""
    shown = Publication.objects.filter(published_on__lte=day, retracted_on=None)
    return shown.filter(Q(until=None) | Q(until__gte=day)).order_by("-published_on", "-pk")


def batches_at_issue(batches: Collection[int]) -> frozenset[int]:
    """Those of these batches that stated a record about which a case is open: their files may be needed to decide it."""
    about = Case.objects.filter(closed_on=None).exclude(record=None).values("record")
    stated = RecordVersion.objects.filter(record__in=about, batch__in=batches)
    return frozenset(b for b in stated.values_list("batch", flat=True) if b is not None)


def papers(files: Collection[str]) -> frozenset[str]:
    """Those of these contents (SHA-256) that lie in a case as evidence."""
    return frozenset(Attachment.objects.filter(sha256__in=files).values_list("sha256", flat=True))
