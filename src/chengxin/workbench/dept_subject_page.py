"""What the page of one subject shows to a department: who it is, the department's own affairs with it, its records."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from chengxin.accounts.actors import Actor
from chengxin.design.shapes import Cell, Count, Fact, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.evaluation.models import CurrentGrade
from chengxin.evaluation.roster import in_force, models_of
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.policies import Policies
from chengxin.registry import looks
from chengxin.registry.disclosure import Audience
from chengxin.registry.models import Subject
from chengxin.supervision.models import Enforcement, Listing, Task
from chengxin.supervision.packs import lists_on, measures_on
from chengxin.workbench import department as desk
from chengxin.workbench.labels import agency_label

PURPOSE = gettext_noop("查看本部门与该主体有关的情况")
BASIS = "affairs"
_ASPECTS = {"grades": "grade", "listings": "list", "measures": "measure", "inspections": "inspection"}
"""What each table tells of the subject, in the words of `own.lookbook`."""


def identity(packs: Policies, subject: Subject) -> list[Fact]:
    """Who it is, from the master data."""
    return [
        Fact(_("统一社会信用代码"), subject.code, code=True),
        Fact(_("类别"), subject.get_kind_display()),
        Fact(_("登记状态"), subject.status or _("未登记")),
        Fact(_("地区"), desk.place(packs, subject.region) or "—"),
        Fact(_("行业"), desk.trade(packs, subject.industry) or "—"),
        Fact(_("成立日期"), subject.registered_on or "—"),
    ]


def affairs(actor: Actor, packs: Policies, subject: Subject, day: date) -> dict[str, Any]:
    """What the reader's own units have with the subject."""
    units = desk.units_of(actor, packs)
    models = {m.id: m for m in in_force(models_of(units, packs), day)}
    grades = CurrentGrade.objects.filter(subject=subject, model__in=list(models)).exclude(grade="").order_by("model")
    listings = Listing.objects.filter(subject=subject, department__in=units).order_by("-pk")
    measures = Enforcement.objects.filter(subject=subject, agency__in=units).order_by("-pk")
    tasks = Task.objects.filter(subject=subject, plan__department__in=units).select_related("plan").order_by("-pk")
    found: dict[str, list[Any]] = {
        "grades": list(grades), "listings": list(listings[:50]), "measures": list(measures[:50]),
        "inspections": list(tasks[:50]),
    }  # fmt: skip
    _note(actor, subject, {_ASPECTS[name] for name, rows in found.items() if rows})
    return {
        "grades": _grades_table(subject, models, found["grades"]),
        "listings": _listings_table(packs, day, found["listings"]),
        "measures": _measures_table(day, found["measures"]),
        "inspections": _inspections_table(found["inspections"]),
    }


def _note(actor: Actor, subject: Subject, told: set[str]) -> None:
    """That the department's own affairs with it were looked at, the subject is told once a day (G-10)."""
    ask = looks.Ask(Audience.DUTY, PURPOSE, BASIS, next(iter(looks.units_for(actor, Audience.DUTY)), ""))
    looks.note(actor.name, subject.code, ask, fields=told, once=True)


def _grades_table(subject: Subject, models: dict[str, Evaluation], rows: list[CurrentGrade]) -> Table:
    return Table(
        _("等级"),
        desk.columns(
            _("评价模型"), _("等级"), _("得分"), _("自"), _("下次可能变动"), _("说明"), wide=(0,), number=(2,)
        ),
        [
            [
                named(models[g.model]),
                desk.grade_cell(models[g.model], g.grade),
                g.score.normalize(),
                g.since,
                g.due or "—",
                Cell(_("为什么是这个等级"), href=reverse("dept-subject-why", args=[subject.code, g.model])),
            ]
            for g in rows
        ],
        empty=_("本部门的评价模型没有给它评定等级：它不在评价范围里。"),
    )


def _listings_table(packs: Policies, day: date, rows: list[Listing]) -> Table:
    known = lists_on(day, packs)
    return Table(
        _("名单"),
        desk.columns(_("名单"), _("编号"), _("状态"), _("列入日期"), _("到期日"), wide=(0,)),
        [
            [
                named(known[e.list].list) if e.list in known else e.list,
                Cell(e.number, href=reverse("listing", args=[e.number])),
                e.get_state_display(),
                e.listed_on or "—",
                e.expires_on or "—",
            ]
            for e in rows
        ],
        empty=_("不在本部门的任何名单里，也没有正在认定的。"),
    )


def _measures_table(day: date, rows: list[Enforcement]) -> Table:
    rules = measures_on(day).rules
    return Table(
        _("措施"),
        desk.columns(_("措施"), _("自"), _("反馈"), _("终止日期"), wide=(0,)),
        [
            [
                Cell(
                    named(rules[e.measure].measure) if e.measure in rules else e.measure,
                    href=reverse("measure", args=[e.pk]),
                ),
                e.since,
                e.get_response_display(),
                e.ended_on or "—",
            ]
            for e in rows
        ],
        empty=_("没有要由本部门实施的措施。"),
    )


def _inspections_table(rows: list[Task]) -> Table:
    return Table(
        _("抽查"),
        desk.columns(_("计划"), _("检查日期"), _("结果"), _("检查人员"), wide=(0,)),
        [
            [
                Cell(t.plan.title, href=reverse("dept-inspection", args=[t.plan.number])),
                t.inspected_on or "—",
                t.result or _("还没有结果"),
                "、".join(t.inspectors),
            ]
            for t in rows
        ],
        empty=_("还没有抽到过。"),
    )


def records(request: HttpRequest, actor: Actor, packs: Policies, subject: Subject) -> dict[str, Any]:
    """The records that the remembered reason opens; each time the page is opened it is one more look (G-10)."""
    ask = desk.reason_for(request, subject.code)
    if ask is None or request.method == "POST":
        return {"reason": None}
    try:
        seen = looks.look(actor, subject, ask)
    except looks.NoBasis as refusal:
        desk.forget_reason(request, subject.code)
        messages.error(request, str(refusal))
        return {"reason": None}
    words = dict(desk.matters(packs, timezone.localdate(), [ask.unit]))
    title = ngettext("%(n)s 条信用记录", "%(n)s 条信用记录", len(seen)) % {"n": len(seen)}
    return {
        "reason": {"matter": words.get(ask.basis, ask.basis), "purpose": ask.purpose},
        "counts": _counts(seen),
        "records": _records_table(title, packs, seen),
    }


def _counts(seen: list[looks.Seen]) -> list[Count]:
    natures = [s.item.nature for s in seen]
    return [
        Count(_("全部记录"), len(seen)),
        Count(_("不良信息"), natures.count("adverse"), tone="bad" if "adverse" in natures else ""),
        Count(_("良好信息"), natures.count("favourable"), tone="good" if "favourable" in natures else ""),
    ]


def _records_table(caption: str, packs: Policies, seen: list[looks.Seen]) -> Table:
    return Table(
        caption,
        desk.columns(_("信用信息"), _("种类"), _("决定日期"), _("失信程度"), _("现状"), _("来自"), wide=(0, 5)),
        [
            [
                str(s.shown.fields.get(s.item.record.title) or s.view.head.key),
                named(s.item),
                s.view.head.decided_on or "—",
                s.view.head.get_severity_display(),
                s.view.head.get_standing_display(),
                agency_label(packs, s.view.head.source),
            ]
            for s in seen
        ],
        empty=_("按这个事项能看的信用记录一条也没有。"),
    )
