"""Procedures and rules of repair as they are in force, from the packs of this installation."""

from __future__ import annotations

from datetime import date

from chengxin.cases.models import Case
from chengxin.policy.commitments import Commitments, Template
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.policy.procedures import Procedure
from chengxin.policy.repair import Repair
from chengxin.registry.models import Record
from chengxin.registry.packs import policies


def in_force(procedure: str, on: date) -> Procedure:
    """The version of a procedure that a case opened on that day follows. Raises `UnknownPolicy`."""
    packs = policies().of(Procedure)
    found = next((p for p in packs if p.id == procedure and p.effective.holds(on)), None)
    if found is None:
        known = ", ".join(sorted({p.id for p in packs if p.effective.holds(on)})) or "none"
        raise UnknownPolicy(f"there is no procedure {procedure!r} in force on {on}; there are {known}")
    return found


def serving(what: str, on: date) -> Procedure | None:
    """The procedure to which the portal leads whoever looks for "repair", "objection" or "message", if there is one."""
    return next((p for p in policies().of(Procedure) if p.serves == what and p.effective.holds(on)), None)


def procedure_of(case: Case) -> Procedure:
    """The version a case was opened under, whatever is in force now. Raises `UnknownPolicy`."""
    for pack in policies().of(Procedure):
        if pack.id == case.procedure and pack.version == case.version:
            return pack
    raise UnknownPolicy(f"{case.number} follows {case.procedure} {case.version}, which the packs no longer have")


def internal_states() -> list[tuple[str, str, list[str]]]:
    """Procedure, version and the states in which the subject's people do not see a case yet."""
    told = [(p.id, p.version, [s.id for s in p.states if s.internal]) for p in policies().of(Procedure)]
    return [one for one in told if one[2]]


def repair_rules(on: date, record: Record | None = None) -> Repair:
    """The rules of repair for an application made on that day (domain.md 4.1): those for this record, the narrowest that
    fit it, or with no record those for everybody. Raises `UnknownPolicy`."""
    packs = policies()
    source, item = (record.source, record.item) if record else ("", "")
    known, found = _chosen.get((on, source, item), (None, None))
    if known is not packs:
        fit = (p for p in packs.of(Repair) if p.effective.holds(on) and p.fits(source, item))
        found = max(fit, key=lambda p: p.narrowness, default=None)
        if len(_chosen) >= _MOST_CHOSEN:
            _chosen.clear()
        _chosen[on, source, item] = packs, found
    if found is None:
        raise UnknownPolicy(f"there are no rules of repair in force on {on}")
    return found


_chosen: dict[tuple[date, str, str], tuple[Policies, Repair | None]] = {}
_MOST_CHOSEN = 1024
"""So many answers are remembered, for the packs that were asked last: a page asks three times for each record."""


def templates(on: date) -> dict[str, Template]:
    """The commitment templates that may be signed on that day, by id."""
    return {t.id: t for pack in policies().of(Commitments) if pack.effective.holds(on) for t in pack.templates}


def signed_template(id: str) -> Template | None:
    """A template by its id, whether in force or not, in its newest version: what an answer given earlier is called."""
    packs = sorted(policies().of(Commitments), key=lambda pack: pack.effective.start, reverse=True)
    return next((t for pack in packs for t in pack.templates if t.id == id), None)
