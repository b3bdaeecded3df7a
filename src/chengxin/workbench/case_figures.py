"""The figures of procedures as tables and charts, each with the goal it is held against (R-228, R-234, R-245)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from chengxin.accounts.words import english
from chengxin.cases import fanout
from chengxin.cases.statistics import Figures
from chengxin.design.shapes import Cell, Chart, Column, Series, Table
from chengxin.policy.procedures import Procedure
from chengxin.registry.packs import policies


def table(found: Sequence[Figures]) -> Table:
    columns = [
        Column(_("办件种类")), Column(_("新收"), number=True), Column(_("办结"), number=True), Column(_("在办"), number=True),
        Column(_("逾期"), number=True), Column(_("按期率")), Column(_("改判率")), Column(_("核查差错率")),
        Column(_("平均天数"), number=True),
    ]  # fmt: skip
    return Table(_("各种办件的办理情况"), columns, [_row(f) for f in found], empty=_("还没有办件。"))


def _row(f: Figures) -> list[object]:
    return [
        _label(f), f.opened, f.closed, f.pending, f.overdue, _held_against(f.on_time, f.on_time_goal, least=True),
        _percent(f.reversal), _held_against(f.review_error, f.review_goal, least=False), f.days if f.days is not None else "—",
    ]  # fmt: skip


def _label(f: Figures) -> str:
    pack = next((p for p in reversed(policies().of(Procedure)) if p.id == f.procedure), None)
    return pack.label_en if pack and english() else f.label


def _held_against(share: float | None, goal: float | None, *, least: bool) -> Cell | str:
    """A share with its goal: reached or missed in words and tone."""
    if share is None:
        return "—"
    if goal is None:
        return _percent(share)
    reached = share >= goal if least else share <= goal
    words = _("目标不低于 %(goal)s") if least else _("目标不高于 %(goal)s")
    told = words % {"goal": _percent(goal)}
    return Cell(_percent(share), tone="good" if reached else "bad", note=told + ("" if reached else _("，未达到")))


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def charts(found: Sequence[Figures]) -> list[Chart]:
    """How many are open and how many late; what share came in time."""
    if not found:
        return []
    names = [_label(f) for f in found]
    late, pending = sum(f.overdue for f in found), sum(f.pending for f in found)
    drawn = [
        Chart(
            _("在办和逾期"),
            _("现在在办 %(pending)d 件，其中逾期 %(late)d 件。") % {"pending": pending, "late": late},
            names,
            [Series(_("在办"), [f.pending for f in found]), Series(_("逾期"), [f.overdue for f in found])],
            unit=_("件"), corner=_("办件种类"),
        )
    ]  # fmt: skip
    timed = [f for f in found if f.on_time is not None]
    if timed:
        worst = min(timed, key=lambda f: f.on_time or 0)
        drawn.append(
            Chart(
                _("按期率"),
                _("按期率最低的是%(name)s，%(share)s。") % {"name": _label(worst), "share": _percent(worst.on_time)},
                [_label(f) for f in timed],
                [Series(_("按期率"), [round(100 * (f.on_time or 0), 1) for f in timed])],
                unit="%", corner=_("办件种类"),
            )
        )  # fmt: skip
    return drawn


def laggards_table(today: date) -> Table:
    """Receivers that are behind, by name, the worst first (R-237)."""
    columns = [
        Column(_("接收方")), Column(_("逾期未回执"), number=True), Column(_("最早应于")), Column(_("迟回执"), number=True),
    ]  # fmt: skip
    rows = [[x.label, x.overdue, x.since or "—", x.late] for x in fanout.laggards(today)]
    return Table(_("落后的接收方"), columns, rows, empty=_("每个接收方都按时回执了。"))
