"""One grade with everything behind it, in words and tables: contributions, records, what would change it, history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from chengxin.accounts.words import english, people
from chengxin.design.shapes import Event, Fact, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import grade_tone, labelled, noted
from chengxin.policy.evaluation import Evaluation
from chengxin.workbench import department as desk


def explained(model: Evaluation, told: dict[str, Any], seen: set[int]) -> dict[str, Any]:
    """The tables behind a grade; records outside of `seen` are counted, not shown."""
    weighing = [i for i in told["indicators"] if i["points"] or i["records"]]
    return {
        "facts": _grade_facts(told),
        "tone": grade_tone(told["common"]),
        "contributions": _contributions(weighing),
        "evidence": _evidence(told, weighing, seen),
        "outlook": _outlook(told, seen) if told["outlook"] else None,
        "course": _course(told),
        "history": _history(model, told),
        "verification": _verification(model, told),
        "behind": bool(told["outlook"]) and not told["outlook"]["current"],
    }


def _verification(model: Evaluation, told: dict[str, Any]) -> list[Event]:
    """What the result waits for, and the steps that were taken, by whom and why."""
    events = []
    if waiting := told["waiting"]:
        words = _("在等%(step)s：%(grade)s") % {
            "step": _label(waiting, "step_label"), "grade": _label(waiting, "grade_label")
        }  # fmt: skip
        due = _("期限到 %(day)s") % {"day": waiting["due"]} if waiting["due"] else ""
        note = "；".join(part for part in (waiting["who"], due, waiting["reason"]) if part)
        there = reverse("dept-subject-why", args=[told["code"], model.id]) + "?waiting=1"
        events.append(Event(waiting["since"], words, note, tone="warn", href="" if told["provisional"] else there))
    who = people(s["actor"] for s in told["steps"])
    grades = {g.id: named(g) for g in model.grades}
    events += [
        Event(
            s["day"], labelled(_label(s, "step_label"), noted(s["outcome_label"], grades.get(s["grade"], s["grade"]))),
            s["reason"], who[s["actor"]],
        )
        for s in told["steps"]
    ]  # fmt: skip
    return events


def _grade_facts(told: dict[str, Any]) -> list[Fact]:
    facts = [
        Fact(_("得分"), noted(f"{told['score']:g}", f"{_('起始分')} {told['start']:g}")),
        Fact(_("自何时起"), told["since"]),
        Fact(_("模型"), noted(_label(told, "model_label"), told["version"])),
        Fact(_("评定机关"), told["authority"]),
        Fact(_("依据"), told["basis"]),
    ]
    if told["decided_by"]:
        decided = told["decided_by"]
        facts.insert(0, Fact(_("直接定级的情形"), noted(_label(decided, "label"), decided["basis"])))
    return facts


def _label(told: dict[str, Any], key: str) -> str:
    return str((told.get(f"{key}_en") if english() else None) or told[key])


def _contributions(indicators: Sequence[dict[str, Any]]) -> Table:
    return Table(
        _("每个指标加减了多少分"),
        desk.columns(_("指标"), _("分值"), _("怎么算"), _("依据的信息"), _("规定"), wide=(2, 4), number=(1, 3)),
        [[_label(i, "label"), f"{i['points']:+g}", i["explain"], len(i["records"]), i["basis"]] for i in indicators],
        empty=_("没有任何信息计入，得分就是起始分。"),
    )


def _evidence(told: dict[str, Any], indicators: Sequence[dict[str, Any]], seen: set[int]) -> Table:
    rows: dict[int, tuple[dict[str, Any], list[str]]] = {}
    for i in indicators:
        for r in i["records"]:
            rows.setdefault(r["change"], (r, []))[1].append(_label(i, "label"))
    shown = [(r, names) for r, names in rows.values() if r["id"] in seen]
    hidden = len(rows) - len(shown)
    return Table(
        _("计入的信用信息"),
        desk.columns(_("信用信息"), _("种类"), _("决定日期"), _("失信程度"), _("现状"), _("计入的指标"), wide=(0, 5)),
        [
            [
                r["title"] or "—",
                r["item_label"],
                r["decided_on"] or "—",
                r["severity_label"],
                r["standing_label"],
                "、".join(names),
            ]
            for r, names in shown
        ]
        + ([[_("另有 %(n)s 条按这个事项不能查看") % {"n": hidden}, "", "", "", "", ""]] if hidden else []),
        empty=_("没有信用信息计入。"),
    )


def _outlook(told: dict[str, Any], seen: set[int]) -> Table:
    rows = [r for r in told["outlook"]["records"] if r["nature"] == "adverse" and r["id"] in seen]
    return Table(
        _("每条不良信息去掉以后会怎样"),
        desk.columns(
            _("不良信息"), _("自行失效"), _("到时的等级"), _("最早可以修复"), _("如经修复，现在的等级"), wide=(0,)
        ),
        [
            [
                r["title"] or "—",
                r["lapses_on"] or _("不会自行失效"),
                _answer(r["then"]) if r["then"] else "—",
                r["repair_from"] or "—",
                _answer(r["if_repaired"]),
            ]
            for r in rows
        ],
        empty=_("没有不良信息计入，不需要修复。"),
    )


def _answer(answer: dict[str, Any]) -> str:
    if not answer["grade"]:
        return _("不参评")
    return noted(answer["grade_label"], _("%(n)s 分") % {"n": format(answer["score"], "g")})


def _course(told: dict[str, Any]) -> list[Event]:
    """How time alone moves the grade."""
    moves = told["outlook"]["course"] if told["outlook"] else []
    return [Event(m["day"], _answer(m)) for m in moves]


def _history(model: Evaluation, told: dict[str, Any]) -> list[Event]:
    known = {g.id: named(g) for g in model.grades}
    events = []
    for h in told["history"]:
        after, before = known.get(h["grade"], h["grade"]) or _("不参评"), known.get(h["before"], h["before"])
        moved = f"{before} → {after}" if before and before != after else after
        events.append(
            Event(
                h["day"],
                moved,
                _("%(score)s 分，%(version)s 版") % {"score": format(h["score"], "g"), "version": h["version"]},
            )
        )
    return events
