"""What lies on the desk of whoever handles cases: what waits for me, until when, what is late, what I may do and why not
(R-228, R-234, R-245). Asked by sets: a queue of a thousand cases costs as many questions as one of ten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS, Organisation
from chengxin.accounts.models import Role as Held
from chengxin.accounts.rules import Denied
from chengxin.cases import guards, people
from chengxin.cases.applying import of_party
from chengxin.cases.errors import Unmet
from chengxin.cases.models import Attachment, Case, CaseEvent, Notice, Term
from chengxin.cases.queries import WORKERS, visible
from chengxin.policy.procedures import Procedure, Step, Who
from chengxin.registry.packs import policies
from chengxin.standards.calendar import CalendarEnds

_COLUMNS = {"applicant": "applicant", "source": "source", "handler": "handler", "assigned": "assigned"}


def on_desk(actor: Actor) -> QuerySet[Case]:
    """The open cases that the actor may see, each with `due` (its next day) and `dunned` (how often it was urged), the
    first due first."""
    return with_due(visible(actor).filter(closed_on=None)).order_by(F("due").asc(nulls_last=True), "pk")


def with_due(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With the earliest day of a clock that runs and does not stand still, and the number of urgings."""
    urged = Notice.objects.filter(case=OuterRef("pk"), kind__in=("overdue", "escalation")).order_by()
    counted = urged.values("case").annotate(n=Count("pk")).values("n")
    return cases.annotate(
        due=Subquery(_running().order_by("due_on").values("due_on")[:1], output_field=DateField()),
        dunned=Coalesce(Subquery(counted), Value(0)),
    )


def _after(day: date, working_days: int) -> date:
    """So many working days later; the last known day where the calendar ends before, for no term is due beyond it."""
    calendar = policies().calendar
    try:
        return calendar.add_working_days(day, working_days)
    except CalendarEnds:
        return calendar.last_day


def _running() -> QuerySet[Term]:
    """The clocks of a case of the outer query that run and do not stand still: such a term has an open span, and its JSON
    ends in null, in both databases' writing of it."""
    running = Term.objects.filter(case=OuterRef("pk"), stopped_on=None, due_on__isnull=False)
    return running.annotate(still=Cast("stood_still", TextField())).exclude(still__contains="null")


def to_act(actor: Actor) -> QuerySet[Case]:
    """The cases on the desk in which it is this very person's turn: the same answer as `queries.steps_for` and `is_turn` give
    case by case, four eyes included (R-024, R-228)."""
    rows = on_desk(actor)
    if actor.anonymous or actor.operator:
        return rows
    wanted = Q(pk__in=[])
    for turn in _turns(actor):
        wanted |= turn
    return rows.filter(wanted)


def waiting(actor: Actor) -> QuerySet[Case]:
    """The cases on the desk in which somebody else has to act."""
    return on_desk(actor).exclude(pk__in=to_act(actor).order_by().values("pk"))


def overdue(cases: QuerySet[Case], day: date) -> QuerySet[Case]:
    """Those whose day is over; `cases` come from this module."""
    return cases.filter(Q(("due__lt", day)))


def due_soon(cases: QuerySet[Case], day: date) -> QuerySet[Case]:
    """Those with a running clock within the working days before its end of which its procedure reminds (`remind_before`),
    late ones included."""
    near = Q(pk__in=[])
    for procedure in policies().of(Procedure):
        for clock in procedure.clocks:
            if clock.remind_before is not None:
                here = Q(case__procedure=procedure.id, case__version=procedure.version, clock=clock.id)
                near |= here & Q(due_on__lte=_after(day, clock.remind_before))
    return cases.filter(Q(("due__lt", day)) | Q(Exists(_running().filter(near))))


def _turns(actor: Actor) -> Iterator[Q]:
    """For each step of every procedure that could be this actor's: which cases stand before it."""
    bound = [o for o, held in actor.roles.items() if held & set(CITIZENS)]
    known = _codes(actor)
    codes = [known[o] for o in bound if known.get(o)]
    party = Q(applicant__in=bound) | Q(subject_code__in=codes) | Q(record__subject__code__in=codes)
    for procedure in policies().of(Procedure):
        for step in procedure.steps:
            mine = _mine(actor, procedure, step, known)
            if not step.start or mine is None or step.to in step.start:
                continue
            if of_party(step) and not bound:
                mine &= Q(opened_by=actor.name)
            stands = Q(procedure=procedure.id, version=procedure.version, state__in=step.start) & mine
            if step.decision:
                stands &= ~Q(opened_by__in=actor.names) & ~Q(Exists(_acts(actor, party=True)))
                stands &= ~party if bound else Q()
            if step.apart_from:
                stands &= ~Q(Exists(_acts(actor, kind="step", step__in=step.apart_from)))
            yield stands


def is_turn(actor: Actor, case: Case, step: Step) -> bool:
    """Whether a step that somebody may take is what the case waits for them to do. A step that leads back to where the case
    stands, such as an extension, is not; what is asked of a party is another's turn only where they opened the case."""
    party = any(held & set(CITIZENS) for held in actor.roles.values())
    return step.to not in step.start and (not of_party(step) or party or case.opened_by == actor.name)


def _codes(actor: Actor) -> dict[str, str]:
    """The codes of all organisations in which the actor holds a role, in one query."""
    return dict(Organisation.objects.filter(pk__in=list(actor.roles)).values_list("pk", "code")) if actor.roles else {}


def _mine(actor: Actor, procedure: Procedure, step: Step, codes: Mapping[str, str]) -> Q | None:
    """Cases in which a line of the step's `who` fits the actor; None when none can."""
    found: Q | None = None
    for who in step.who:
        one = _fits(actor, procedure, who, codes)
        if one is not None:
            found = one if found is None else found | one
    return found


def _fits(actor: Actor, procedure: Procedure, who: Who, codes: Mapping[str, str]) -> Q | None:
    if who.role == "system":
        return None
    if who.role == "anyone":
        return Q(opened_by=actor.name)
    units = [o for o in actor.roles if actor.holds(Held(who.role), o, procedure.id)]
    if not units:
        return None
    if who.at == "subject":
        ours = [codes[unit] for unit in units if codes.get(unit)]
        return Q(subject_code__in=ours) | Q(record__subject__code__in=ours)
    return Q(**{f"{_COLUMNS[who.at]}__in": units})


def _acts(actor: Actor, **more: object) -> QuerySet[CaseEvent]:
    return CaseEvent.objects.filter(case=OuterRef("pk"), actor__in=actor.names, **more)


@dataclass(frozen=True)
class Option:
    """A step that leads on from where a case stands, as one person sees it: whether it is theirs, and what it lacks.

    `why_not` says who could take it, or which earlier act bars them; `unmet` are conditions with remedies, `missing`
    materials that are not there yet.
    """

    step: Step
    allowed: bool
    why_not: str = ""
    unmet: tuple[Unmet, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        return self.allowed and not self.unmet and not self.missing


def options(case: Case, procedure: Procedure, actor: Actor, day: date) -> list[Option]:
    """Every step a person could take from here. Clocks' steps are not among them."""
    actor = actor.looking()
    there = set(Attachment.objects.filter(case=case).values_list("material", flat=True))
    human = [s for s in procedure.steps_from(case.state) if any(w.role != "system" for w in s.who)]
    return [_option(case, procedure, step, actor, day, there) for step in human]


def _option(case: Case, procedure: Procedure, step: Step, actor: Actor, day: date, there: set[str]) -> Option:
    try:
        standing = people.require(actor, case, procedure, step)
    except Denied as denied:
        return Option(step, False, str(denied))
    wanted = (*step.needs.materials, *standing.who.needs)
    missing = tuple(m.label for m in procedure.materials if m.id in wanted and m.id not in there)
    # What the step itself will answer cannot be missing yet.
    unmet = guards.unmet(guards.Question(case, procedure, step, day))
    answered = {"form-differs", "record-added"} if procedure.answerable(step) else set()
    return Option(step, True, "", tuple(u for u in unmet if u.id not in answered), missing)


def unit_of(actor: Actor, case: Case) -> str:
    """For which of the case's bodies this person works: whoever looks at its record looks for that one."""
    for unit in (case.handler, case.source, case.assigned):
        if unit and actor.roles.get(unit, frozenset()) & WORKERS:
            return unit
    return case.handler if actor.operator else ""
