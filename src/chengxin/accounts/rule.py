"""The words of a permission: which roles, held where, with whose work kept apart (R-093, R-106; anchors.md 1.4, 1.8).

    Rule(reporter, auditor, at=SOURCE)                       one of these roles in the unit the thing belongs to
    Rule(inspector, at=SOURCE, reach=Reach.BRANCH)           there, or in a unit above it (province over city over county)
    Rule(steward, reach=Reach.ANYWHERE)                      the role in whatever unit
    Rule(auditor, at=SOURCE, apart="submitted_by")           and not the person named there

What a rule allows for one thing (`__call__`) and for a set (`narrow`) comes from the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import reduce
from operator import attrgetter
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.accounts.tree import above, below

M = TypeVar("M", bound=Model)
Condition = Callable[[Actor, Any], bool]
Fresh = bool | Callable[[Any], bool]
"""Whether something wants the password once more (step-up): always, never, or by the thing it is done to."""


class Reach(Enum):
    """How far from the unit of the thing a role may be held."""

    OWN = "own"
    BRANCH = "branch"
    ANYWHERE = "anywhere"


class Rule:
    """Who may do one thing. `either` are further rules of which one is enough; the operator of the machine always may,
    unless `operator` is false, but is bound by `apart` like everybody."""

    def __init__(
        self,
        *roles: Role,
        at: str = "",
        reach: Reach = Reach.OWN,
        apart: str = "",
        matter: str = "",
        when: Condition | None = None,
        operator: bool = True,
        either: tuple[Rule, ...] = (),
        needs: str = "",
        fresh: bool = False,
    ) -> None:
        """`at` and `apart` are attributes (and columns) of the thing: its unit, and the name of who may not; an empty
        `at` means that the thing is the unit's id itself. `matter` is what a mandate with a scope must cover. `fresh`: in
        a browser the password was confirmed shortly before (step-up)."""
        self.roles, self.at, self.reach, self.apart, self.matter = roles, at, reach, apart, matter
        self.when, self.operator, self.either = when, operator, either
        self.needs, self.fresh = needs, fresh

    def __call__(self, actor: Actor, target: Any) -> bool:
        """Whether `actor` may do it to `target`."""
        return (
            not self.same_person(actor, target)
            and _covered(actor, target)
            and (
                (actor.operator and self.operator)
                or self._held(actor, target)
                or any(rule(actor, target) for rule in self.either)
            )
        )

    def same_person(self, actor: Actor, target: Any) -> bool:
        """Whether the thing is the actor's own work, which others must judge (four eyes, R-024)."""
        return bool(self.apart) and str(_get(target, self.apart)) in actor.names

    def narrow(self, actor: Actor, rows: QuerySet[M]) -> QuerySet[M]:
        """The rows to which `actor` may do it. A rule with `when` says nothing of sets and raises `TypeError`."""
        found = self._of_set(actor)
        rows = rows.none() if found is None else rows.filter(found)
        if actor.items is not None and any(f.name == "item" for f in rows.model._meta.fields):
            rows = rows.filter(item__in=actor.items)
        return rows.exclude(**{f"{self.apart}__in": actor.names}) if self.apart else rows

    def _held(self, actor: Actor, target: Any) -> bool:
        if actor.operator or not self.roles:  # the operator holds no role: `operator` alone says whether they may
            return False
        if self.when is not None and not self.when(actor, target):
            return False
        if self.reach is Reach.ANYWHERE:
            return any(actor.holds(role, unit, self.matter) for unit in actor.roles for role in self.roles)
        unit = str(_get(target, self.at) if self.at else target or "")
        if any(actor.holds(role, unit, self.matter) for role in self.roles):
            return True
        return self.reach is Reach.BRANCH and any(
            actor.holds(r, o, self.matter) for o in above(unit) for r in self.roles
        )

    def _of_set(self, actor: Actor) -> Q | None:
        """A condition on rows, None for none of them; an empty condition is all of them."""
        if self.when is not None:
            raise TypeError("this rule looks at one thing at a time and cannot narrow a set")
        if actor.operator and self.operator:
            return Q()
        found = [q for rule in self.either if (q := rule._of_set(actor)) is not None]
        held = [unit for unit in actor.roles if any(actor.holds(r, unit, self.matter) for r in self.roles)]
        if held and self.reach is Reach.ANYWHERE:
            found.append(Q())
        elif held:
            units = below(held) if self.reach is Reach.BRANCH else held
            found.append(Q(**{f"{self.at or 'pk'}__in": list(units)}))
        if any(not q for q in found):
            return Q()
        return reduce(Q.__or__, found) if found else None


class Asks:
    """A rule that the thing itself answers, because it stands in a pack; `fresh` as in `Rule`."""

    def __init__(self, answer: Condition, fresh: Fresh = False) -> None:
        self.answer, self.fresh = answer, fresh

    def __call__(self, actor: Actor, target: Any) -> bool:
        return self.answer(actor, target)


def _covered(actor: Actor, target: Any) -> bool:
    """A key that is limited to some items of the catalogue is good for nothing that belongs to another."""
    item = getattr(target, "item", None)
    return actor.items is None or item is None or str(item) in actor.items


def _get(target: Any, path: str) -> Any:
    return attrgetter(path.replace("__", "."))(target)
