"""Which procedures staff may open, and for which unit; and lists of applicants that a department hands in (W-08, R-113,
R-114, R-220, R-247). Nothing here knows a procedure by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS
from chengxin.accounts.models import Role as Held
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Procedure, Who
from chengxin.registry.models import Identifier, Record, Subject, SubjectKind
from chengxin.registry.packs import policies
from chengxin.standards.text import clean_code, name_key

_AT_ONCE = 500


@dataclass(frozen=True)
class Start:
    """A procedure that this person may open: under which line of `who`, for which units."""

    procedure: Procedure
    who: Who
    units: tuple[str, ...]

    @property
    def of_list(self) -> bool:
        """Whether it is about a list of subjects that is handed in."""
        return any(a.type == "lines" for a in self.procedure.asks)

    @property
    def wants_record(self) -> bool:
        return self.procedure.about == "record"

    @property
    def wants_subject(self) -> bool:
        return self.procedure.about in ("subject", "record-or-subject", "record")

    def takes(self, record: Record) -> bool:
        """Whether a case of it can be opened about this record, as it stands, by one of the units."""
        fits = not self.procedure.items or record.item in self.procedure.items
        ours = self.who.at != "source" or record.source in self.units
        return fits and ours and record.standing in self.procedure.standings


def starts(actor: Actor, day: date) -> list[Start]:
    """What this person may open as a member of staff, in the order of the packs."""
    found = (_start(actor, p) for p in policies().of(Procedure) if p.effective.holds(day))
    return [s for s in found if s]


def start_of(actor: Actor, procedure: str, day: date) -> Start | None:
    """One of them, or None where this person may not open it."""
    return next((s for s in starts(actor, day) if s.procedure.id == procedure), None)


def _start(actor: Actor, procedure: Procedure) -> Start | None:
    for who in procedure.opening.who:
        if who.role in ("system", "anyone", *CITIZENS) or who.at not in ("source", "handler"):
            continue
        units = [procedure.handler] if who.at == "handler" else sorted(actor.roles)
        units = [u for u in units if actor.holds(Held(who.role), u, procedure.id) and _known(u)]
        if units:
            return Start(procedure, who, tuple(units))
    return None


def _known(unit: str) -> bool:
    try:
        policies().agency(unit)
    except UnknownPolicy:
        return False
    return True


@dataclass
class Resolved:
    """A list of applicants as the register knows them: pairs of code and name, lines it does not know, and names that
    several subjects have."""

    found: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    several: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        return [code for code, _name in self.found]


def resolve(lines: Iterable[str]) -> Resolved:
    """Each line by its code, a former identifier, or the exact name of an organisation; natural persons are never found by
    name (R-071), nor in such a list at all."""
    wanted = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    by_code = _by_code([clean_code(line) or "" for line in wanted])
    by_name = _by_name([line for line in wanted if (clean_code(line) or "") not in by_code])
    answer, seen = Resolved(), set()
    for line in wanted:
        hits = [by_code[code]] if (code := clean_code(line) or "") in by_code else by_name.get(name_key(line) or "", [])
        if len(hits) > 1:
            answer.several.append((line, [s.code for s in hits]))
        elif not hits:
            answer.unknown.append(line)
        elif hits[0].code not in seen:
            seen.add(hits[0].code)
            answer.found.append((hits[0].code, hits[0].name))
    return answer


def _by_code(codes: list[str]) -> dict[str, Subject]:
    found: dict[str, Subject] = {}
    for some in _chunks([c for c in codes if c]):
        found |= {s.code: s for s in _organisations().filter(code__in=some)}
        former = Identifier.objects.filter(value__in=some).exclude(subject__kind=SubjectKind.NATURAL_PERSON)
        found = {i.value: i.subject for i in former.select_related("subject")} | found
    return found


def _by_name(lines: list[str]) -> dict[str, list[Subject]]:
    found: dict[str, list[Subject]] = {}
    for some in _chunks([k for k in (name_key(line) for line in lines) if k]):
        for subject in _organisations().filter(name_key__in=some).order_by("code"):
            found.setdefault(subject.name_key, []).append(subject)
    return found


def _organisations() -> QuerySet[Subject]:
    return Subject.objects.exclude(kind=SubjectKind.NATURAL_PERSON)


def _chunks(values: list[str]) -> Iterator[list[str]]:
    return (values[n : n + _AT_ONCE] for n in range(0, len(values), _AT_ONCE))
