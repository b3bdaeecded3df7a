"""What somebody may apply for, and the cases of a subject as its own people see them (R-212 to R-248; W-09, W-10).

An offer is a procedure of the packs that the actor could open today, in the capacity that its first step names; nothing
here knows a procedure by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS
from chengxin.cases import people
from chengxin.cases.models import Case
from chengxin.cases.packs import procedure_of
from chengxin.cases.queries import visible
from chengxin.policy.procedures import PARTIES, Procedure, Step, Who
from chengxin.registry.models import Record
from chengxin.registry.packs import policies

_APPLICANTS = ("anyone", *CITIZENS)


@dataclass(frozen=True)
class Offer:
    """A procedure that the actor may open, and the line of `who` that lets them."""

    procedure: Procedure
    who: Who

    def takes(self, record: Record) -> bool:
        """Whether a case of it can be opened about this record, as it stands."""
        fits = not self.procedure.items or record.item in self.procedure.items
        return self.about_records and fits and record.standing in self.procedure.standings

    @property
    def about_records(self) -> bool:
        return self.procedure.about in ("record", "record-or-subject")

    @property
    def without_record(self) -> bool:
        """Whether it can be opened without naming a record."""
        return self.procedure.about != "record"


def offers(actor: Actor, code: str, day: date, kind: str = "") -> list[Offer]:
    """What the actor may open for the subject with this code, of that kind, what most come for first, then in the
    order of the packs; without a code, for themselves."""
    found = []
    for procedure in policies().of(Procedure):
        ours = procedure.effective.holds(day) and of_party(procedure.opening)
        if not (ours and procedure.suits(kind)) or (procedure.about != "none" and not code):
            continue
        case = Case(procedure=procedure.id, subject_code=code, handler=procedure.handler)
        standing = people.standing_of(actor, case, procedure.opening)
        if standing and standing.who.role in _APPLICANTS:
            found.append(Offer(procedure, standing.who))
    return sorted(found, key=lambda offer: _ASKED_FOR.index(offer.procedure.serves))


_ASKED_FOR = ("objection", "repair", None, "message")
"""What most people come for stands first (`Procedure.serves`)."""


def offered(actor: Actor, code: str, procedure: str, day: date, kind: str = "") -> Offer | None:
    """The offer of one procedure, or None when the actor may not open it for that subject."""
    return next((o for o in offers(actor, code, day, kind) if o.procedure.id == procedure), None)


def cases_of(actor: Actor, code: str, unit: str) -> QuerySet[Case]:
    """The cases of the subject that its people may see here; an agent with a limited mandate sees what it covers.

    Without a code those that the actor opened for themselves.
    """
    rows = visible(actor).select_related("record")
    if not code:
        return rows.filter(opened_by=actor.name, subject_code="", applicant="", record=None)
    rows = rows.filter(Q(subject_code=code) | Q(applicant=unit) | Q(record__subject__code=code))
    matters = mandate(actor, unit)
    return rows if matters is None else rows.filter(Q(procedure__in=matters) | Q(opened_by=actor.name))


def mandate(actor: Actor, unit: str) -> frozenset[str] | None:
    """The matters for which the actor speaks for this organisation; None: for all of them."""
    held = [role for role in CITIZENS if role in actor.roles.get(unit, frozenset())]
    scopes = [actor.scopes.get((unit, role)) for role in held]
    if None in scopes:
        return None
    return frozenset().union(*(s for s in scopes if s is not None))


def awaited(case: Case) -> list[Step]:
    """The steps for which the case waits for its applicant or subject: what was sent back, what is still to be shown."""
    procedure = procedure_of(case)
    return [s for s in procedure.steps_from(case.state) if of_party(s) and procedure.state(s.to).end is None]


def of_party(step: Step) -> bool:
    """Whether the applicant or the subject is among those who take the step."""
    return any(w.role in _APPLICANTS and w.at in PARTIES for w in step.who)
