"""Terms (期限): when a clock starts, stands still, goes on and stops, and on which day it is due.

Days are counted by the working calendar of the packs (F20, domain.md 10). A computed day is kept together with the
calendar's version; when the calendar changes, `recount` moves it and writes down the old and the new day. Where the
calendar ends before the term does, the day stays open instead of being guessed.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta

from chengxin.cases import timeline
from chengxin.cases.models import Case, Term
from chengxin.policy.procedures import Clock, Procedure
from chengxin.registry.packs import policies
from chengxin.standards.calendar import CalendarEnds, WorkCalendar


def after_step(case: Case, procedure: Procedure, step: str, day: date, actor: str) -> None:
    """Do to the case's clocks what a step, which has been taken already, means for them."""
    running = {t.clock: t for t in Term.objects.filter(case=case, stopped_on=None)}
    over = procedure.state(case.state).end is not None
    for clock in procedure.clocks:
        term = running.get(clock.id)
        if term and (over or step in clock.stop):
            _stop(term, day, actor)
        elif step in clock.start and not over:
            if term is None:
                term = _start(case, clock, day, actor)
            elif clock.until:
                _settle(term, clock, case)
        if term and term.stopped_on is None:
            _still(term, clock, case, day, actor)


def extend(case: Case, clock: Clock, days: int, day: date, actor: str) -> None:
    """Lengthen a running clock once by `days` working days. Raises `LookupError` when it does not run or was lengthened."""
    term = Term.objects.filter(case=case, clock=clock.id, stopped_on=None).first()
    if term is None or term.extended:
        raise LookupError(clock.id)
    before = term.due_on
    term.extended = days
    _settle(term, clock, case)
    detail = {"clock": clock.id, "change": "extended", "from": _text(before), "to": _text(term.due_on), "days": days}
    timeline.add(case, "term", day=day, actor=actor, detail=detail)


def recount(term: Term, clock: Clock, case: Case, day: date) -> bool:
    """Count a term anew when the calendar it was counted by is no longer the one in force; tells whether the day moved."""
    version, before, by = policies().calendar.version, term.due_on, term.calendar
    if term.calendar == version or clock.working_days is None:
        return False
    _settle(term, clock, case)
    if term.due_on == before:
        return False
    detail = {
        "clock": clock.id, "from": _text(before), "to": _text(term.due_on), "calendar_from": by, "calendar_to": version,
    }  # fmt: skip
    timeline.add(case, "calendar", day=day, actor=timeline.SYSTEM, detail=detail)
    return True


def due_day(term: Term, calendar: WorkCalendar) -> date | None:
    """The last day of the term; None where the calendar does not reach it. Suspended working days are added again."""
    assert term.working_days is not None
    try:
        due = calendar.add_working_days(term.started_on, term.working_days + term.extended)
        for first, last in term.stood_still:
            if last is not None:
                away = calendar.working_days_between(date.fromisoformat(first), date.fromisoformat(last))
                due = calendar.add_working_days(due, away)
    except CalendarEnds:
        return None
    return due


def working_days_before(day: date, n: int, calendar: WorkCalendar) -> date:
    """The working day that lies `n` working days before `day`."""
    days = calendar.working_days()
    at = bisect_right(days, day) - 1
    return days[max(0, at - n)]


def next_day(term: Term, clock: Clock) -> date | None:
    """The next day on which the daily work has to look at the term; None while it stands still or nothing is left.

    A term without a day is found by its calendar's version once a longer calendar is loaded (`recount`).
    """
    if term.stopped_on or term.suspended or term.due_on is None:
        return None
    calendar = policies().calendar
    days: list[date] = []
    if clock.remind_before is not None and term.reminded_on is None:
        days.append(max(term.started_on, _around(term.due_on, -clock.remind_before, calendar)))
    if clock.then:
        days.append(term.due_on + timedelta(days=1))
    elif term.escalated_on is None:
        days.append(_around(term.due_on, clock.escalate_after, calendar) + timedelta(days=1))
    elif clock.repeat_every:
        days.append(_around(term.due_on, clock.escalate_after + term.dunned * clock.repeat_every, calendar) + _ONE)
    return min(days, default=None)


_ONE = timedelta(days=1)


def _around(day: date, n: int, calendar: WorkCalendar) -> date:
    """`n` working days after (or before) a day; beyond the calendar's end plain days are counted: it is only a reminder."""
    try:
        return calendar.add_working_days(day, n) if n >= 0 else working_days_before(day, -n, calendar)
    except CalendarEnds:
        return day + timedelta(days=n)


def _start(case: Case, clock: Clock, day: date, actor: str) -> Term:
    run = Term.objects.filter(case=case, clock=clock.id).count() + 1
    said = case.form.get(clock.starts_on or "")
    first = date.fromisoformat(said) if said else day
    term = Term(case=case, clock=clock.id, run=run, started_on=first, working_days=clock.working_days)
    _settle(term, clock, case)
    detail = {"clock": clock.id, "change": "started", "to": _text(term.due_on), "calendar": term.calendar}
    timeline.add(case, "term", day=day, actor=actor, detail=detail)
    return term


def _stop(term: Term, day: date, actor: str) -> None:
    if term.suspended:
        term.stood_still = [*term.stood_still[:-1], [term.stood_still[-1][0], day.isoformat()]]
    term.stopped_on, term.next_on = day, None
    term.save()
    timeline.add(term.case, "term", day=day, actor=actor, detail={"clock": term.clock, "change": "stopped"})


def _still(term: Term, clock: Clock, case: Case, day: date, actor: str) -> None:
    """Let the term stand still, or go on, as the state that the case is in now says."""
    still = case.state in clock.suspended_in
    if still == term.suspended:
        return
    if still:
        term.stood_still = [*term.stood_still, [day.isoformat(), None]]
        change = "suspended"
    else:
        term.stood_still = [*term.stood_still[:-1], [term.stood_still[-1][0], day.isoformat()]]
        change = "resumed"
    before = term.due_on
    _settle(term, clock, case)
    detail = {"clock": clock.id, "change": change, "from": _text(before), "to": _text(term.due_on)}
    timeline.add(case, "term", day=day, actor=actor, detail=detail)


def _settle(term: Term, clock: Clock, case: Case) -> None:
    if clock.working_days is not None:
        calendar = policies().calendar
        term.due_on, term.calendar = due_day(term, calendar), calendar.version
    else:
        said = case.form.get(clock.until or "")
        term.due_on = date.fromisoformat(said) if said else None
        if term.due_on and term.extended:
            term.due_on, term.calendar = _around(term.due_on, term.extended, policies().calendar), ""
    term.next_on = next_day(term, clock)
    term.save()


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
