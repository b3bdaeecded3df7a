"""Reminders and warnings to the reader's units, and that they have been seen (R-209 to R-219)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, signed_in
from chengxin.accounts.rules import allow, restrict
from chengxin.accounts.words import english, people
from chengxin.design.filters import filter_tags
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.alerts import AlertRule, Alerts
from chengxin.policy.policies import Policies
from chengxin.registry.packs import policies
from chengxin.supervision import looking
from chengxin.supervision.alerts.actions import acknowledge
from chengxin.supervision.alerts.queries import copies
from chengxin.supervision.alerts.telling import RULE
from chengxin.supervision.alerts.triggers import TERM
from chengxin.supervision.models import Alert, AlertCopy
from chengxin.workbench import department as desk
from chengxin.workbench.dept_forms import AlertsForm

PER_PAGE = 30


def _rules(packs: Policies) -> dict[str, AlertRule]:
    day = timezone.localdate()
    return {r.id: r for pack in packs.of(Alerts) if pack.effective.holds(day) for r in pack.rules}


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What my units are told, the newest first; what nobody has acknowledged stands alone at first."""
    packs = policies()
    units = desk.units_of(actor_of(request), packs)
    mine = copies(receiver="department").filter(to__in=units)
    rules = _rules(packs)
    known = sorted(set(mine.order_by().values_list("alert__rule", flat=True)))
    form = AlertsForm(request.GET or {}, rules=[(id, _label(id, rules)) for id in known])
    form.is_valid()
    if rule := form.cleaned_data.get("rule"):
        mine = mine.filter(alert__rule=rule)
    if form.cleaned_data.get("seen") != "all":
        mine = mine.filter(seen_on=None)
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    looking.note_alerts(actor_of(request), page.object_list)
    rows = _rows(actor_of(request), page, rules)
    shown = {
        "form": form,
        "tags": filter_tags(form, request.GET),
        "page": page,
        "rows": rows,
        "may_acknowledge": any(row["may"] and not row["copy"].seen_on for row in rows),
    }
    return render(request, "workbench/dept_alerts.html", shown, status=422 if form.errors else 200)


def _label(id: str, rules: dict[str, AlertRule]) -> str:
    """What a kind of alert is called; notices of moved grades have no rule of their own."""
    if id.startswith(RULE):
        return _("等级变动告知")
    return named(rules[id]) if id in rules else id


def _rows(actor: Actor, page: Iterable[AlertCopy], rules: dict[str, AlertRule]) -> list[dict[str, Any]]:
    """The alerts in words, each with whether this person may acknowledge it: that asks the rules, alert by alert."""
    found = list(page)
    who = people(copy.seen_by for copy in found)
    may = {unit: allow(actor, "alert.acknowledge", copy) for unit, copy in {c.to: c for c in found}.items()}
    return [{**_row(copy, rules), "seen_by": who[copy.seen_by], "may": may[copy.to]} for copy in found]


def _row(copy: AlertCopy, rules: dict[str, AlertRule]) -> dict[str, Any]:
    rule = rules.get(copy.alert.rule)
    return {
        "copy": copy,
        "label": _label(copy.alert.rule, rules),
        "warning": bool(rule and rule.weight == "warning"),
        "text": copy.alert.text_en if english() else copy.alert.text,
        "href": _where(copy.alert),
    }


def _where(alert: Alert) -> str:
    """The page on which one can do something about it; empty where there is none."""
    if alert.subject is not None:
        return reverse("dept-subject", args=[alert.subject.code])
    return reverse("model-verification", args=[alert.whom]) if alert.cause.startswith(TERM) else ""


@signed_in
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Acknowledge the ticked ones, as far as they are my units'."""
    actor = actor_of(request)
    wanted = [int(pk) for pk in request.POST.getlist("copy") if pk.isascii() and pk.isdigit() and len(pk) < 18]
    if not wanted:
        messages.error(request, _("还没有勾选。先勾选看过的提醒，再签收。"))
        return redirect("alerts")
    count = _acknowledged(actor, wanted[:PER_PAGE])
    words = ngettext("已签收 %(n)s 条。", "已签收 %(n)s 条。", count) % {"n": count}
    messages.success(request, words)
    return redirect("alerts")


def _acknowledged(actor: Actor, wanted: list[int]) -> int:
    units = desk.units_of(actor, policies())
    mine = AlertCopy.objects.filter(pk__in=wanted, receiver="department", to__in=units)
    rows = list(restrict(actor, "alert.acknowledge", mine))
    for copy in rows:
        acknowledge(actor, copy)
    return len(rows)
