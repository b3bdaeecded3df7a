"""Random inspections in public: announced before the draw, explained after it; draws anybody can check (R-157)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.design.shapes import Cell, Column, Crumb, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.portal.answers import revalidated, told
from chengxin.registry.packs import policies
from chengxin.registry.queries import names_of
from chengxin.supervision.inspection.queries import find_plan, public_document
from chengxin.supervision.models import Plan

PER_PAGE = 30
NEWEST = 200
"""Plans that programs are told of at once."""


@public("random inspections are announced before the draw and explained after it (R-157)")
@require_safe
@revalidated
def inspections(request: HttpRequest) -> HttpResponseBase:
    """The plans, the newest first."""
    page = Paginator(Plan.objects.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    columns = [Column(_("抽查计划"), wide=True), Column(_("部门")), Column(_("期间")), Column(_("状态"))]
    names = _departments()
    rows = [
        [
            Cell(plan.title, reverse("inspection", args=[plan.number]), note=plan.number),
            names.get(plan.department, plan.department),
            f"{plan.starts_on} – {plan.ends_on}",
            Cell(_("已公布抽取结果"), tone="good")
            if plan.published_at
            else Cell(_("已公布指纹，等待抽取"), tone="info"),
        ]
        for plan in page
    ]
    return render(request, "portal/inspections.html", {"page": page, "table": Table(_("抽查计划"), columns, rows)})


@public("the plans for programs")
@require_safe
@revalidated
def inspections_json(request: HttpRequest) -> HttpResponseBase:
    """The newest plans with the address of each one's document."""
    plans = Plan.objects.order_by("-pk")[:NEWEST]
    rows = [{"plan": p.number, "title": p.title, "department": p.department, "period": [p.starts_on, p.ends_on],
             "drawn": p.published_at is not None,
             "url": request.build_absolute_uri(reverse("inspection-json", args=[p.number]))} for p in plans]  # fmt: skip
    return told({"plans": rows})


@public("whoever wants to can run the draw again")
@require_safe
@revalidated
def inspection(request: HttpRequest, number: str) -> HttpResponseBase:
    """One plan: what it committed to, the strata, who was drawn by whom, and how to check it."""
    plan = _plan(number)
    document = public_document(plan)
    shown = {
        "plan": plan, "told": document, "department": _departments().get(plan.department, plan.department),
        "strata": _strata(document), "drawn": _drawn(document),
        "crumbs": [Crumb(_("双随机抽查"), reverse("inspections"))],
    }  # fmt: skip
    return render(request, "portal/inspection.html", shown)


@public("the document that docs/verify_draw.py reads")
@require_safe
def inspection_json(request: HttpRequest, number: str) -> HttpResponseBase:
    """The same for programs."""
    return told(public_document(_plan(number)))


def _departments() -> dict[str, str]:
    return {a.id: named(a) for a in policies().agencies}


def _plan(number: str) -> Plan:
    plan = find_plan(number)
    if plan is None:
        raise Http404(_("没有编号为“%(number)s”的抽查计划。") % {"number": number[:40]})
    return plan


def _strata(document: Mapping[str, Any]) -> Table:
    columns = [Column(_("类别")), Column(_("单位数"), number=True), Column(_("抽取数"), number=True)]
    rows = [[s.get("label") or s["id"], s["size"], s["k"]] for s in document["strata"]]
    return Table(_("各类抽多少"), columns, rows)


def _drawn(document: Mapping[str, Any]) -> Table:
    """Who was drawn, by name, with the numbers of the inspectors; all names in one query."""
    drawn = document.get("drawn", ())
    names = names_of(d["code"] for d in drawn)
    columns = [Column(_("单位"), wide=True), Column(_("代码")), Column(_("检查人员编号"))]
    rows = [
        [Cell(names.get(d["code"], d["code"]), reverse("subject", args=[d["code"]])), d["code"], d["inspectors"]]
        for d in drawn
    ]
    return Table(_("抽中的单位"), columns, rows)
