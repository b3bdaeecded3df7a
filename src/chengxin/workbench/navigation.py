"""Where the workbench leads to, role by role: one list in one place (F-26). A new page adds its line here.

A line whose address does not exist, or whose roles the reader does not hold, is not shown; whether the page may be used
is decided by its own guard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.design.shapes import Section, Tab

SOURCE = (Role.REPORTER, Role.AUDITOR)
REVIEW = (Role.FIRST_REVIEWER, Role.SECOND_REVIEWER)
STEWARD = (Role.STEWARD,)
DUTY = (*SOURCE, Role.STEWARD, Role.INSPECTOR)
HANDLERS = (*SOURCE, *REVIEW, Role.STEWARD, Role.PUBLISHER)


@dataclass(frozen=True)
class Entry:
    """A page: its words, the name of its route, who goes there (nobody named: everybody), and the beginnings of names
    of routes that belong to it."""

    label: Any
    name: str
    roles: Sequence[Role] = ()
    below: tuple[str, ...] = ()

    def leads_to(self, route: str) -> bool:
        return route == self.name or (bool(self.below) and route.startswith(self.below))


@dataclass(frozen=True)
class Group:
    """Pages that belong together."""

    label: Any
    entries: Sequence[Entry]


GROUPS: tuple[Group, ...] = (
    Group(_("待办"), (Entry(_("待办"), "workbench"),)),
    Group(
        _("报送"),
        (
            Entry(_("报送文件"), "submit", (Role.REPORTER,)),
            Entry(_("批次"), "batches", DUTY, ("batch",)),
            Entry(_("存疑"), "doubts", DUTY, ("doubt",)),
            Entry(_("数据质量"), "quality", DUTY, ("quality",)),
            Entry(_("数据标准"), "workbench-catalogue", DUTY, ("workbench-catalogue",)),
            Entry(_("月通报"), "bulletins", DUTY, ("bulletin",)),
        ),
    ),
    Group(
        _("办件"),
        (
            Entry(_("办件"), "cases", HANDLERS, ("case", "case-")),
            Entry(_("发起办件"), "new-case", HANDLERS, ("new-case",)),
            Entry(_("名单审查"), "applicants", (Role.REPORTER,), ("applicants",)),
            Entry(_("抽样核查"), "samples", STEWARD, ("sample",)),
            Entry(_("办理情况"), "case-figures", HANDLERS),
        ),
    ),
    Group(
        _("查询"),
        (
            Entry(_("依据查询"), "query", (*DUTY, Role.BANK_OFFICER), ("query",)),
            Entry(_("授权报告"), "granted-reports", (*DUTY, Role.BANK_OFFICER), ("granted-report",)),
            Entry(_("批量出具"), "report-orders", STEWARD, ("report-order",)),
            Entry(_("办事核查"), "check", DUTY),
        ),
    ),
    Group(
        _("监管"),
        (
            Entry(_("本部门主体"), "subjects-of-mine", DUTY, ("dept-subject",)),
            Entry(_("评价模型"), "models", DUTY, ("model",)),
            Entry(_("随机抽查"), "inspections-of-mine", DUTY, ("dept-inspection",)),
            Entry(_("名单认定"), "listings", DUTY, ("listing",)),
            Entry(_("奖惩措施"), "measures", DUTY, ("measure",)),
            Entry(_("预警"), "alerts", DUTY, ("alert",)),
        ),
    ),
    Group(
        _("内容"),
        (Entry(_("内容发布"), "content", (Role.REPORTER, Role.PUBLISHER, Role.STEWARD), ("content-",)),),
    ),
    Group(
        _("管理"),
        (
            Entry(_("审计"), "audit", (Role.AUDIT,), ("audit-",)),
            Entry(_("人员"), "people", (Role.OPERATOR, Role.SECURITY), ("person",)),
            Entry(_("单位"), "organisations", (Role.OPERATOR, Role.SECURITY), ("organisation",)),
            Entry(_("接口密钥"), "keys", (Role.SECURITY,), ("key",)),
            Entry(_("政策包"), "packs", (Role.OPERATOR, Role.SECURITY, Role.AUDIT, Role.STEWARD), ("pack",)),
            Entry(_("运行状况"), "running", (Role.OPERATOR,)),
        ),
    ),
)


def navigation(actor: Actor, route: str) -> list[Section]:
    """What this actor is shown on the page whose route has this name, group by group."""
    known = [(group, list(_known(group, actor))) for group in GROUPS]
    best = _nearest([entry for _group, entries in known for entry, _href in entries], route)
    return [
        Section(str(group.label), [Tab(str(e.label), href, current=e is best) for e, href in entries])
        for group, entries in known
        if entries
    ]


def _nearest(entries: Sequence[Entry], route: str) -> Entry | None:
    """The page itself, else the first that it lies below."""
    found = [e for e in entries if e.leads_to(route)]
    return next((e for e in found if e.name == route), found[0] if found else None)


def _known(group: Group, actor: Actor) -> Iterator[tuple[Entry, str]]:
    for entry in group.entries:
        if entry.roles and not actor.operator and not actor.organisations(*entry.roles):
            continue
        try:
            yield entry, reverse(entry.name)
        except NoReverseMatch:
            continue
