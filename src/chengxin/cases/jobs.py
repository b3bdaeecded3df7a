"""The daily work on cases: reminders, dunning, supervision, steps of clocks that have run out, a calendar that changed.

Safe to run twice and to run late: every notice is stored once, every step is taken from the state it leads from (F7, F11).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.db import transaction

from chengxin.audit.actions import record as trace
from chengxin.cases import clocks, effects, people, timeline
from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Case, Notice, Term
from chengxin.cases.packs import procedure_of
from chengxin.cases.taking import take_by_clock
from chengxin.policy.procedures import Clock, Procedure, Who
from chengxin.registry.lock import writing
from chengxin.registry.packs import policies

REMINDER, OVERDUE, ESCALATION = "reminder", "overdue", "escalation"


@dataclass
class Done:
    """What one run did."""

    day: date
    reminders: int = 0
    escalations: int = 0
    steps: int = 0
    moved: int = 0
    """Terms whose last day moved because the calendar changed."""
    stuck: int = 0
    """Clocks that have run out and whose step could not be taken; each has a line in its case's timeline."""


def run(day: date, actor: str) -> Done:
    """Do everything that is due up to and including `day`, one case a transaction."""
    done = Done(day)
    for term_id in _counted_by_another_calendar():
        with _locked(term_id) as (case, term, clock, _procedure):
            if term.stopped_on is None and clocks.recount(term, clock, case, day):
                done.moved += 1
    due = Term.objects.filter(stopped_on=None, next_on__lte=day).order_by("next_on", "pk").values_list("pk", flat=True)
    for term_id in list(due):
        with _locked(term_id) as (case, term, clock, procedure):
            _one(case, term, clock, procedure, done)
    if any((done.reminders, done.escalations, done.steps, done.moved, done.stuck)):
        counts = {k: v for k, v in asdict(done).items() if k != "day"}
        trace(actor, "case.due", "case", day.isoformat(), **counts)
    return done


def _counted_by_another_calendar() -> list[int]:
    version = policies().calendar.version
    counted = Term.objects.filter(stopped_on=None, working_days__isnull=False).exclude(calendar=version)
    return list(counted.values_list("pk", flat=True))


@contextmanager
def _locked(term_id: int) -> Iterator[tuple[Case, Term, Clock, Procedure]]:
    """The term with its case's row lock; with the register's write lock first where its step changes records."""
    term = Term.objects.select_related("case").get(pk=term_id)
    procedure = procedure_of(term.case)
    clock = procedure.clock(term.clock)
    step = procedure.step(clock.then) if clock.then else None
    changes_records = step is not None and any(e in effects.CHANGES_RECORDS for e in step.effects)
    with writing() if changes_records else transaction.atomic():
        case = Case.objects.select_for_update().get(pk=term.case_id)
        term = Term.objects.get(pk=term_id)
        term.case = case
        yield case, term, clock, procedure


def _one(case: Case, term: Term, clock: Clock, procedure: Procedure, done: Done) -> None:
    """Everything that the days since the last run have brought for one term."""
    while term.stopped_on is None and term.next_on is not None and term.next_on <= done.day:
        assert term.due_on is not None
        if clock.remind_before is not None and term.reminded_on is None:
            if done.day <= term.due_on:
                done.reminders += _notify(case, term, clock.owner, REMINDER, 1, done.day)
            term.reminded_on = done.day
        elif clock.then:
            _take(case, term, procedure, clock.then, done)
            return
        else:
            _escalate(case, term, clock, done)
        term.next_on = clocks.next_day(term, clock)
    term.save()


def _escalate(case: Case, term: Term, clock: Clock, done: Done) -> None:
    term.dunned += 1
    done.reminders += _notify(case, term, clock.owner, OVERDUE, term.dunned, done.day)
    if term.escalated_on is None:
        term.escalated_on = done.day
        if clock.escalate_to:
            done.escalations += _notify(case, term, clock.escalate_to, ESCALATION, 1, done.day)


def _take(case: Case, term: Term, procedure: Procedure, step_id: str, done: Done) -> None:
    """The step that time itself takes; one that cannot be taken is told and tried again the next day."""
    try:
        with transaction.atomic():
            taken = take_by_clock(case, procedure, procedure.step(step_id), done.day)
    except CaseRefused as refused:
        case.refresh_from_db()
        taken = False
        done.stuck += 1
        detail = {"clock": term.clock, "step": step_id}
        timeline.add(case, "note", day=done.day, actor=timeline.SYSTEM, reason=str(refused), detail=detail)
    done.steps += taken
    if not taken:
        Term.objects.filter(pk=term.pk).update(next_on=done.day + timedelta(days=1))


def _notify(case: Case, term: Term, who: Who, kind: str, count: int, day: date) -> int:
    """One notice to whoever has to act; it is in the timeline too."""
    units = people.organisations(case, who.at)
    unit = units[0] if units else ""
    Notice.objects.create(term=term, case=case, kind=kind, count=count, role=who.role, organisation=unit, day=day)
    detail = {"clock": term.clock, "due": str(term.due_on), "role": who.role, "organisation": unit, "count": count}
    line = "escalation" if kind == ESCALATION else "reminder"
    timeline.add(case, line, day=day, actor=timeline.SYSTEM, detail={**detail, "kind": kind})
    return 1
