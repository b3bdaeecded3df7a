"""Lists and random inspections in public: on what basis, until when, what the subject can do; draws anybody can check."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.registry.packs import policies
from chengxin.supervision.inspection.queries import find_plan, public_document
from chengxin.supervision.lists.queries import public_entries
from chengxin.supervision.models import Plan
from chengxin.supervision.packs import lists_on

PER_PAGE = 50


@public("which lists there are, on what basis, and how many are on them (R-170)")
@require_safe
def lists(request: HttpRequest) -> HttpResponse:
    """The public lists in force, department by department."""
    day = timezone.localdate()
    shown = [v.list for v in lists_on(day).values() if v.list.public]
    rows = [{"list": entry, "entries": public_entries(entry.id, day).count()} for entry in shown]
    return render(request, "portal/lists.html", {"rows": rows, "day": day})


@public("the entries of a public list that are in force; natural persons are on none (G-13)")
@require_safe
def one_list(request: HttpRequest, name: str) -> HttpResponse:
    """One list: what it is, on what basis, who is on it until when, how an entry ends."""
    day = timezone.localdate()
    found = lists_on(day).get(name)
    if found is None or not found.list.public:
        raise Http404(_("没有名为“%(name)s”的公示名单。") % {"name": name})
    after = request.GET.get("after", "")
    rows = public_entries(name, day).order_by("pk").filter(pk__gt=int(after) if _number(after) else 0)
    entries = list(rows[: PER_PAGE + 1])
    more = entries[PER_PAGE - 1].pk if len(entries) > PER_PAGE else None
    shown = {"list": found.list, "version": found.version, "entries": entries[:PER_PAGE], "more": more, "day": day}
    return render(request, "portal/list.html", shown)


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


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12
