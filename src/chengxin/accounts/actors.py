"""Who acts: a signed-in person, a program with a key, an operator at the command line, or nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chengxin.accounts.models import Membership, Role, User


@dataclass(frozen=True)
class Actor:
    """`name` is what records and the audit trail keep; `roles` maps organisation id to roles held there.

    `operator` is the command line of the machine's operator, who may act for every organisation but is still bound by
    "whoever submits cannot approve".
    """

    name: str
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    operator: bool = False

    @property
    def anonymous(self) -> bool:
        return not self.name

    def holds(self, role: Role, organisation: str) -> bool:
        return self.operator or role in self.roles.get(organisation, frozenset())

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
    for organisation, role in Membership.objects.filter(user=user).values_list("organisation_id", "role"):
        roles.setdefault(organisation, set()).add(role)
    return Actor(user.username, {o: frozenset(r) for o, r in roles.items()})
