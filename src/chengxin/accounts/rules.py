"""The one question: may this actor do this? Pages, API, command line and jobs all ask here (design.md section 3).

An action is a word; what it needs is one line of `RULES`. A denial raises `Denied`, which faces turn into 403 or 404.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.accounts.refusals import Refusal


class Denied(Refusal):
    """The actor may not do this; the text says what would be needed."""


class Submission(Protocol):
    """What a batch shows to these rules."""

    @property
    def source_id(self) -> str: ...
    @property
    def submitted_by(self) -> str: ...


M = TypeVar("M", bound=Model)

_SEES = (Role.REPORTER, Role.AUDITOR, Role.STEWARD)


def _may_submit(actor: Actor, source: str) -> bool:
    return actor.holds(Role.REPORTER, source)


def _may_release(actor: Actor, batch: Submission) -> bool:
    return actor.holds(Role.AUDITOR, batch.source_id) and actor.name != batch.submitted_by


def _may_see_batch(actor: Actor, batch: Submission) -> bool:
    return actor.operator or _is_steward(actor) or any(actor.holds(r, batch.source_id) for r in _SEES)


def _may_withdraw(actor: Actor, batch: Submission) -> bool:
    return actor.holds(Role.REPORTER, batch.source_id) or actor.holds(Role.AUDITOR, batch.source_id)


def _is_steward(actor: Actor) -> bool:
    return actor.operator or any(Role.STEWARD in held for held in actor.roles.values())


RULES: dict[str, Callable[..., bool]] = {
    "batch.submit": _may_submit,
    "batch.release": _may_release,
    "batch.return": _may_release,
    "batch.see": _may_see_batch,
    "batch.withdraw": _may_withdraw,
    "doubt.settle": _may_release,
    "quality.see": lambda actor, source: _is_steward(actor) or any(actor.holds(r, source) for r in _SEES),
    "register.see-all": lambda actor, _subject: actor.operator,
    "register.due": lambda actor, _nothing: actor.operator,
    "list.prepare": lambda actor, department: actor.holds(Role.REPORTER, department),
    "list.judge": lambda actor, department: actor.holds(Role.AUDITOR, department),
    "inspection.prepare": lambda actor, department: actor.holds(Role.REPORTER, department),
    "inspection.judge": lambda actor, department: actor.holds(Role.AUDITOR, department),
    "measure.check": lambda actor, _matter: actor.operator or any(actor.roles.values()),
    "measure.respond": lambda actor, agency: any(actor.holds(r, agency) for r in _SEES),
    "alert.acknowledge": lambda actor, copy: _is_steward(actor) or any(actor.holds(r, copy.to) for r in _SEES),
    "supervision.run": lambda actor, _nothing: _is_steward(actor),
    "evaluation.run": lambda actor, _model: _is_steward(actor),
    "evaluation.why": lambda actor, _subject: _is_steward(actor),
    "evaluation.simulate": lambda actor, _nothing: _is_steward(actor),
}


def allow(actor: Actor, action: str, target: Any) -> bool:
    """Whether `actor` may do `action` to `target`; an unknown action is a programming error and raises KeyError."""
    return not actor.anonymous and RULES[action](actor, target)


def require(actor: Actor, action: str, target: Any) -> None:
    """Raise `Denied` unless `allow`; whoever submitted learns why they cannot approve (R-024)."""
    if allow(actor, action, target):
        return
    if action in _FOUR_EYES and actor.name == target.submitted_by:
        raise Denied(_("报送人不能审核自己报送的批次，请由另一位审核员处理。"))
    raise Denied(_needs().get(action, _("您没有这项权限。")))


_FOUR_EYES = ("batch.release", "batch.return", "doubt.settle")


def _needs() -> dict[str, str]:
    return {
        "batch.submit": _("报送需要您在这个信源单位担任信息管理员（报送）。"),
        "batch.release": _("放行需要您在这个信源单位担任审核员。"),
        "batch.return": _("退回需要您在这个信源单位担任审核员。"),
        "batch.withdraw": _("撤回需要您在这个信源单位担任信息管理员（报送）或审核员。"),
        "doubt.settle": _("确认存疑信息需要您在这个信源单位担任审核员。"),
        "quality.see": _("查看数据质量需要您在这个信源单位任职，或担任数据管理员。"),
    }


def restrict(actor: Actor, action: str, rows: QuerySet[M]) -> QuerySet[M]:
    """The rows of `rows` that `actor` may see; the queryset must have `source_id`."""
    if actor.anonymous:
        return rows.none()
    if actor.operator or _is_steward(actor):
        return rows
    return rows.filter(source_id__in=actor.organisations(*_SEES))
