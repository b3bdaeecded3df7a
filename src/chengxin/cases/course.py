"""The course of a case as its parties are told it: where it has been, where it stands, what usually follows, by when (F-26).

What follows is read from the procedure: the shortest way to an end that grants what was asked for. The last stop is called
"closed" and not granted: nobody is promised an outcome.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import date

from chengxin.cases.applying import of_party
from chengxin.cases.models import Case, CaseEvent, Term
from chengxin.cases.packs import procedure_of
from chengxin.policy.procedures import Clock, Procedure, State, Step
from chengxin.registry.packs import policies
from chengxin.standards.calendar import CalendarEnds


@dataclass(frozen=True)
class Stop:
    """A state the case was in, is in or will probably come to; `on` is the day it came there."""

    state: State | None
    """None is the end, whatever it will be."""
    on: date | None = None
    now: bool = False


@dataclass(frozen=True)
class Running:
    """A clock that runs: for whom, until when, and how many working days are left (None: the calendar ends before)."""

    term: Term
    clock: Clock
    days_left: int | None
    ours: bool
    """Whether it is the applicant or the subject who has to be in time."""

    @property
    def late(self) -> bool:
        return self.days_left is not None and self.days_left < 0 and not self.term.suspended


def stops(case: Case, events: list[CaseEvent]) -> list[Stop]:
    """The way of the case, its present state among it, and the rest as far as it can be told."""
    procedure = procedure_of(case)
    steps = [e for e in events if e.kind == "step" and e.after]
    been = [Stop(procedure.state(e.after), e.day) for e in steps]
    if been:
        been[-1] = Stop(been[-1].state, been[-1].on, now=case.closed_on is None)
    return been if case.closed_on else [*been, *(Stop(s) for s in ahead(procedure, case.state)), Stop(None)]


def ahead(procedure: Procedure, state: str) -> list[State]:
    """The states between this one and the nearest end at which something was granted or done."""
    ways: deque[list[str]] = deque([[state]])
    seen = {state}
    while ways:
        way = ways.popleft()
        for step in procedure.steps_from(way[-1]):
            if procedure.state(step.to).end in ("granted", "done"):
                return [procedure.state(s) for s in way[1:]]
            if step.to not in seen and procedure.state(step.to).end is None:
                seen.add(step.to)
                ways.append([*way, step.to])
    return []


def running(case: Case, today: date) -> list[Running]:
    """The clocks that run, the first due first; use `prefetch_related("terms")` for many cases."""
    procedure = procedure_of(case)
    found = []
    for term in case.terms.all():
        if term.stopped_on is None:
            clock = procedure.clock(term.clock)
            ours = clock.owner.role in ("anyone", "representative", "agent")
            found.append(Running(term, clock, working_days_left(term.due_on, today), ours))
    return sorted(found, key=lambda r: (r.term.due_on or date.max, r.term.pk))


def working_days_left(due: date | None, today: date) -> int | None:
    """How many working days there are after today until the last day; negative when it is over; None where unknown."""
    if due is None:
        return None
    try:
        left = policies().calendar.working_days_between(today, due)
    except CalendarEnds:
        return None
    return min(left, -1) if due < today else left


def others_turn(case: Case) -> list[Step]:
    """The steps that somebody else may take now; those of clocks are not among them."""
    steps = procedure_of(case).steps_from(case.state)
    return [s for s in steps if not of_party(s) and all(w.role != "system" for w in s.who)]
