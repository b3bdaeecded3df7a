"""Cases as their parties read them: lines of a list, the clock in words, the steps of the way, what happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengxin.accounts.models import Role
from chengxin.accounts.words import english
from chengxin.cases.applying import awaited
from chengxin.cases.course import Running, others_turn, running, stops
from chengxin.cases.models import Case, CaseEvent
from chengxin.cases.packs import procedure_of
from chengxin.design.shapes import Cell, Column, Event, Step, Table
from chengxin.own.pages import named, unit_names
from chengxin.own.speaking import Place

OUTCOME_TONES: dict[str, Any] = {"granted": "good", "done": "good", "partly": "info", "refused": "bad",
                                 "withdrawn": "", "lapsed": ""}  # fmt: skip


def table(cases: Iterable[Case], here: Place, today: date, *, caption: str) -> Table:
    """One line a case: what about, where it stands, who is next and how many working days are left."""
    columns = (Column(_("办件")), Column(_("事项"), wide=True), Column(_("现在")), Column(_("期限"), wide=True),
               Column(_("申请日期")))  # fmt: skip
    return Table(caption, columns, [_row(case, here, today) for case in cases])


def _row(case: Case, here: Place, today: date) -> list[Any]:
    procedure = procedure_of(case)
    return [
        Cell(case.number, href=reverse("own-case", args=[here.code, case.number])),
        named(procedure),
        state(case),
        deadline(case, today),
        case.opened_on,
    ]


def state(case: Case) -> Cell:
    """The state as a status; whatever waits for the reader says so."""
    found = procedure_of(case).state(case.state)
    if found.end:
        return Cell(named(found), tone=OUTCOME_TONES.get(found.end, ""))
    return Cell(named(found), tone="warn", note=_("等您办理")) if awaited(case) else Cell(named(found), tone="info")


def deadline(case: Case, today: date) -> str:
    """The nearest clock in words, the reader's own before others'; or nothing."""
    found = sorted((r for r in running(case, today) if r.term.due_on), key=lambda r: not r.ours)
    return told(found[0]) if found else ""


def told(one: Running) -> str:
    """`2026-11-27，还有 4 个工作日`."""
    day = one.term.due_on.isoformat() if one.term.due_on else _("日期待定")
    if one.term.suspended:
        return _("计时已暂停")
    return _("%(day)s，%(left)s") % {"day": day, "left": left(one)}


def left(one: Running) -> str:
    """How many working days are left, in words."""
    days = one.days_left
    if days is None:
        return _("工作日历未公布，届时推算")
    if days < 0:
        return ngettext("已超过 %(n)d 个工作日", "已超过 %(n)d 个工作日", -days) % {"n": -days}
    if days == 0:
        return _("今天到期")
    return ngettext("还有 %(n)d 个工作日", "还有 %(n)d 个工作日", days) % {"n": days}


def way(case: Case, events: list[CaseEvent], today: date) -> list[Step]:
    """The steps of the case: been, present, and what usually follows."""
    late = any(r.late for r in running(case, today))
    found = []
    for stop in stops(case, events):
        label = named(stop.state) if stop.state else _("办结")
        note = stop.on.isoformat() if stop.on else "" if stop.state else _("结果以文书为准")
        kind: Any = "next" if stop.on is None else "done"
        found.append(Step(label, ("late" if late else "now") if stop.now else kind, note))
    return found


def next_turn(case: Case) -> str:
    """Who does what next, as far as others have to act."""
    procedure = procedure_of(case)
    steps = others_turn(case)
    roles = {who.role for s in steps for who in s.who}
    names = dict(Role.choices)
    who = {str(names.get(r, r)) for r in roles}
    if not steps or procedure.state(case.state).end:
        return ""
    return _("接下来由%(who)s办理：%(steps)s。") % {
        "who": _("、").join(sorted(who)), "steps": _("、").join(named(s) for s in steps),
    }  # fmt: skip


def happened(case: Case, events: list[CaseEvent], *, me: str) -> list[Event]:
    """The timeline for the party: steps, letters, materials and clocks, the newest first; officials by unit, not by name."""
    procedure = procedure_of(case)
    steps = {s.id: named(s) for s in procedure.steps}
    states = {s.id: named(s) for s in procedure.states}
    clocks = {c.id: named(c) for c in procedure.clocks}
    materials = {m.id: named(m) for m in procedure.materials}
    units = unit_names({str(e.detail.get("organisation") or "") for e in events})
    found = []
    for e in reversed(events):
        who = units.get(str(e.detail.get("organisation") or ""), "") if not e.party else ""
        who = _("我方") if e.party and e.actor != me else _("我") if e.actor == me else who
        if e.kind == "step":
            text = _("理由：%(reason)s") % {"reason": e.reason} if e.reason and not e.party else e.reason
            found.append(Event(e.day, _("%(step)s，现在：%(state)s") % {
                "step": steps.get(e.step, e.step), "state": states.get(e.after, e.after)}, text, who))  # fmt: skip
        elif e.kind == "attachment":
            found.append(
                Event(e.day, _("提交材料：%(name)s") % {"name": materials.get(e.detail.get("material"), "")}, "", who)
            )
        elif e.kind == "letter":
            found.append(Event(e.day, _("发出文书 %(number)s") % {"number": e.detail.get("number", "")}))
        elif e.kind in ("term", "calendar"):
            found.append(Event(e.day, _term(e, clocks)))
    return found


def _term(e: CaseEvent, clocks: dict[str, str]) -> str:
    words = {
        "started": _("开始计算%(clock)s，到 %(to)s 为止"), "stopped": _("%(clock)s停止计算"),
        "suspended": _("%(clock)s暂停计算"), "resumed": _("%(clock)s继续计算，到 %(to)s 为止"),
        "extended": _("%(clock)s延长到 %(to)s"), "": _("工作日历有变，%(clock)s改为 %(to)s"),
    }  # fmt: skip
    clock = clocks.get(str(e.detail.get("clock")), "")
    quoted = f" {clock} " if english() else f"「{clock}」"
    return words.get(str(e.detail.get("change", "")), "%(clock)s") % {
        "clock": quoted, "to": e.detail.get("to") or _("（日期待定）"),
    }  # fmt: skip
