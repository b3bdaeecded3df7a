"""Which roles an organisation can have people in, by what kind of organisation it is (R-024, R-077, R-094).

The relation stands here and in no policy pack: kinds and roles are the platform's own words, and what a role may do is a
rule of the code (`rules`), so that no province could give a bank the work of a source unit by writing a pack. Whoever
speaks for an organisation as a credit subject is no staff of it and does none of its work: every legal person, the centre
and a bank too, is a subject and can be spoken for.

It is asked where a role is given. What somebody held before stays, can be taken back, and is not given again.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_noop as _

from chengxin.accounts.models import ADMINISTRATORS, CITIZENS, Kind, Membership, Organisation, Role
from chengxin.accounts.refusals import Refusal

_DUTIES = frozenset({
    Role.REPORTER, Role.AUDITOR, Role.INSPECTOR, Role.FIRST_REVIEWER, Role.SECOND_REVIEWER, Role.PUBLISHER,
})  # fmt: skip
"""Work that is done by law or by agreement."""
POSTS: dict[Kind, frozenset[Role]] = {
    Kind.CENTRE: _DUTIES | {Role.STEWARD, *ADMINISTRATORS},
    Kind.DEPARTMENT: _DUTIES,
    Kind.SOURCE: _DUTIES,
    Kind.NODE: _DUTIES,
    Kind.BANK: frozenset({Role.BANK_OFFICER}),
    Kind.SERVICE: frozenset({Role.BANK_OFFICER}),
    Kind.SUBJECT: frozenset(),
}
"""The roles of staff, by kind; `CITIZENS` can be of every kind."""


class Unfit(Refusal):
    """The kind of organisation has no such role; the text says which it has."""


def fits(kind: str, role: str) -> bool:
    """Whether somebody can hold this role in an organisation of this kind."""
    return role in CITIZENS or role in POSTS[Kind(kind)]


def require_fit(unit: Organisation, role: str) -> None:
    """Raises `Unfit` for a role that the kind of this organisation does not have."""
    if not fits(unit.kind, role):
        _refuse(unit, role)


def require_fits(roles: Iterable[tuple[str, str]]) -> None:
    """`require_fit` of (organisation id, role) pairs; one query. What is not registered is left to the database."""
    wanted = list(roles)
    units = Organisation.objects.in_bulk({unit for unit, _role in wanted}) if wanted else {}
    for unit, role in wanted:
        if unit in units:
            require_fit(units[unit], role)


def require_kind(unit: Organisation, kind: str) -> None:
    """Raises `Unfit` when somebody holds a role in this organisation that it would not have as one of that kind."""
    for role in Membership.objects.filter(organisation=unit).order_by("role").values_list("role", flat=True).distinct():
        if not fits(kind, role):
            raise Unfit(
                _("还有人在“%(unit)s”担任%(role)s，%(kind)s没有这个角色：请先收回，再改类别。"),
                unit=unit.name, role=Role(role).label, kind=Kind(kind).label,
            )  # fmt: skip


def _refuse(unit: Organisation, role: str) -> None:
    has = [str(r.label) for r in Role if r in POSTS[Kind(unit.kind)] or r in CITIZENS]
    raise Unfit(
        _("“%(unit)s”是%(kind)s，没有%(role)s这个角色；可以授予的有：%(roles)s。"),
        unit=unit.name, kind=Kind(unit.kind).label, role=Role(role).label, roles="、".join(has),
    )  # fmt: skip
