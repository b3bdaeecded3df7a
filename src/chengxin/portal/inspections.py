"""Random inspections in public: announced before the draw, explained after it; draws anybody can check (R-157)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.registry.packs import policies
from chengxin.supervision.inspection.queries import find_plan, public_document
from chengxin.supervision.models import Plan


@public("random inspections are announced before the draw and explained after it (R-157)")
@require_safe
def inspections(request: HttpRequest) -> HttpResponse:
    """The plans, the newest first."""
    plans = Plan.objects.order_by("-pk")[:200]
    names = {a.id: a.name for a in policies().agencies}
    rows = [{"plan": plan, "department": names.get(plan.department, plan.department)} for plan in plans]
    return render(request, "portal/inspections.html", {"rows": rows})


@public("whoever wants to can run the draw again")
@require_safe
def inspection(request: HttpRequest, number: str) -> HttpResponse:
    """One plan: what it committed to, the strata, who was drawn by whom, and how to check it."""
    plan = _plan(number)
    told = public_document(plan)
    department = policies().agency_name(plan.department)
    return render(request, "portal/inspection.html", {"plan": plan, "told": told, "department": department})


@public("the document that docs/verify_draw.py reads")
@require_safe
def inspection_json(request: HttpRequest, number: str) -> HttpResponse:
    """The same for programs."""
    return JsonResponse(public_document(_plan(number)), json_dumps_params={"ensure_ascii": False, "indent": 1})


def _plan(number: str) -> Plan:
    plan = find_plan(number)
    if plan is None:
        raise Http404(_("没有编号为“%(number)s”的抽查计划。") % {"number": number[:40]})
    return plan
