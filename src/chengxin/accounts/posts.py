"""Which roles an organisation can have people in, by what kind of organisation it is (R-024, R-077, R-094).

The relation stands here and in no policy pack: kinds and roles are the platform's own words, and what a role may do is a
rule of the code (`rules`), so that no province could give a bank the work of a source unit by writing a pack. Whoever
speaks for an organisation as a credit subject is no staff of it and does none of its work: every legal person, the centre
and a bank too, is a subject and can be spoken for.

It is asked where a role is given. What somebody held before stays, can be taken back, and is not given again.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext
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


_WHY: dict[Kind, str] = {
    Kind.CENTRE: _("信用信息中心汇集、审核信息并管理平台，各种职责都在这里；三员也只在这里，必须是三个人。"),
    Kind.DEPARTMENT: _("行政部门依职权报送、审核、检查、复核和发布；数据管理员和三员只在信用信息中心。"),
    Kind.SOURCE: _("信源单位报送、审核自己的信息；数据管理员和三员只在信用信息中心。"),
    Kind.NODE: _("其他平台按协议报送和接收信息；数据管理员和三员只在信用信息中心。"),
    Kind.BANK: _("金融机构凭主体的授权查询，没有依职权办理的事，所以工作人员只有经办人。"),
    Kind.SERVICE: _("信用服务机构凭主体的授权查询，没有依职权办理的事，所以工作人员只有经办人。"),
    Kind.SUBJECT: _("信用主体在平台上没有职责，只由代表和受托代理人为它办事。"),
}
"""Why a kind of organisation has these roles, for whoever gives them."""


class Unfit(Refusal):
    """The kind of organisation has no such role; the text says which it has."""


def fits(kind: str, role: str) -> bool:
    """Whether somebody can hold this role in an organisation of this kind."""
    return role in CITIZENS or role in POSTS[Kind(kind)]


def roles_of(kind: str) -> list[Role]:
    """The roles that somebody can hold in an organisation of this kind, staff first."""
    return [r for r in Role if r in POSTS[Kind(kind)]] + list(CITIZENS)


def why(kind: str) -> str:
    """Why it has these roles and no others, in the reader's language."""
    return gettext(_WHY[Kind(kind)])


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
    has = [str(r.label) for r in roles_of(unit.kind)]
    raise Unfit(
        _("“%(unit)s”是%(kind)s，没有%(role)s这个角色；可以授予的有：%(roles)s。"),
        unit=unit.name, kind=Kind(unit.kind).label, role=Role(role).label, roles="、".join(has),
    )  # fmt: skip
