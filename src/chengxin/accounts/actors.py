"""Who acts: a signed-in person, a program with a key, an operator at the command line, or nobody."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from chengxin.accounts.models import Membership, Role, User


@dataclass(frozen=True)
class Actor:
    """`name` is what records and the audit trail keep; `roles` maps organisation id to roles held there.

    `operator` is the command line of the machine's operator, who may act for every organisation but is still bound by
    "whoever submits cannot approve". `scopes` are the matters to which a mandate is limited, by (organisation, role);
    `items` those of the catalogue to which a program's key is limited.
    """

    name: str
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    operator: bool = False
    scopes: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    items: frozenset[str] | None = None
    also: frozenset[str] = frozenset()
    """Further accounts of the same person, as far as real-name entry can tell: four eyes are two people, not two accounts."""
    fresh: bool = True
    """Whether what wants the password once more (step-up) may be done now; in a browser it ages (`accounts.sessions`)."""

    @property
    def anonymous(self) -> bool:
        return not self.name

    @property
    def names(self) -> frozenset[str]:
        """All names under which this person may have acted."""
        return self.also | {self.name}

    def holds(self, role: Role, organisation: str, matter: str = "") -> bool:
        """Whether the actor holds the role there; a mandate limited to some matters counts only where one is named."""
        if self.operator:
            return True
        limited = self.scopes.get((organisation, role))
        return role in self.roles.get(organisation, frozenset()) and (limited is None or matter in limited)

    def looking(self) -> Actor:
        """The same person while a page only says what they may do: nothing is done yet, so nobody is asked to step up."""
        return self if self.fresh else replace(self, fresh=True)

    def organisations(self, *roles: Role) -> list[str]:
        return [o for o, held in self.roles.items() if held & set(roles)]


NOBODY = Actor("")


def operator(name: str) -> Actor:
    return Actor(name, operator=True)


def of_user(user: Any) -> Actor:
    """The actor behind `request.user`; a disabled or anonymous user is nobody."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    roles: dict[str, set[str]] = {}
    scopes: dict[tuple[str, str], frozenset[str]] = {}
    today = timezone.localdate()
    for held in Membership.objects.filter(user=user):
        if held.in_force(today):
            roles.setdefault(held.organisation_id, set()).add(held.role)
            if held.scope:
                scopes[held.organisation_id, held.role] = frozenset(held.scope)
    return Actor(user.username, {o: frozenset(r) for o, r in roles.items()}, scopes=scopes, also=_other_accounts(user))


def _other_accounts(user: User) -> frozenset[str]:
    if not user.person:
        return frozenset()
    others = User.objects.filter(person=user.person).exclude(pk=user.pk)
    return frozenset(others.values_list("username", flat=True))
