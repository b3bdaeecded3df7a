"""What came of measures: the monthly effect list (成效清单) and recording a use (R-191)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import actor_of, signed_in
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, allow
from chengxin.design.shapes import Cell, Crumb, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.policies import Policies
from chengxin.registry.packs import policies
from chengxin.supervision import looking
from chengxin.supervision.measures import actions
from chengxin.supervision.measures.queries import effects
from chengxin.supervision.packs import MeasureIndex, measures_on
from chengxin.workbench import department as desk
from chengxin.workbench.dept_forms import EffectsForm, UseForm
from chengxin.workbench.views.measuring import home, label_of


@signed_in
@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """The effect list of a month (成效清单): subject, measure, unit, day, matter."""
    form, rows, units = _month(request)
    packs, index = policies(), measures_on(timezone.localdate())
    table = Table(
        _("奖惩成效清单"),
        desk.columns(_("主体"), _("措施"), _("实施单位"), _("日期"), _("事项"), _("具体情况"), wide=(0, 5)),
        _told(packs, index, rows),
        empty=_("这个月没有登记过成效。执行措施以后反馈，或者登记一次使用，就会列在这里。"),
    )
    shown = {
        "form": form,
        "table": table,
        "rows": len(rows),
        "crumbs": [home()],
        "query": request.GET.urlencode(),
        "may_use": any(allow(actor_of(request), "measure.respond", unit) for unit in units),
    }
    return render(request, "workbench/dept_effects.html", shown, status=422 if form.errors else 200)


@signed_in
@require_safe
def month_csv(request: HttpRequest) -> HttpResponse:
    """The same list as a file."""
    form, rows, _units = _month(request)
    if form.errors:
        raise Http404(_("请写成 2026-11 这样的月份。"))
    headings = [_("主体"), _("代码"), _("措施"), _("实施单位"), _("日期"), _("事项"), _("具体情况")]
    told = _told(policies(), measures_on(timezone.localdate()), rows)
    lines = ([cells[0].text, cells[0].note, *cells[1:]] for cells in told)
    return desk.csv_file(f"effects-{form.cleaned_data['month']}", headings, lines)


def _month(request: HttpRequest) -> tuple[EffectsForm, list[dict[str, Any]], list[str]]:
    units = desk.units_of(actor_of(request), policies())
    form = EffectsForm({"month": request.GET.get("month") or f"{timezone.localdate():%Y-%m}"})
    rows = effects(form.cleaned_data["month"], units) if form.is_valid() else []
    looking.note_effects(actor_of(request), rows)
    return form, rows, units


def _told(packs: Policies, index: MeasureIndex, rows: list[dict[str, Any]]) -> list[list[Any]]:
    return [
        [
            Cell(r["subject"], note=r["code"]),
            label_of(index, r["measure"]),
            desk.agency(packs, r["agency"]),
            r["on"],
            named(index.matters[r["matter"]]) if r["matter"] in index.matters else "—",
            r["detail"],
        ]
        for r in rows
    ]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest) -> HttpResponse:
    """Record one use of a measure: only one that the check really answers with."""
    actor, packs = actor_of(request), policies()
    index = measures_on(timezone.localdate())
    units = [u for u in desk.units_of(actor, packs) if allow(actor, "measure.respond", u)]
    if not units:
        raise Denied(_("登记奖惩成效需要您在实施单位任职。"))
    mine = {id: r for id, r in index.rules.items() if set(r.measure.agencies) & set(units)}
    matters = sorted({m for r in mine.values() for m in r.measure.matters})
    form = UseForm(
        request.POST if request.method == "POST" else None,
        agencies=[(u, desk.agency(packs, u)) for u in units],
        measures=[(id, named(r.measure)) for id, r in mine.items()],
        matters=[(m, named(index.matters[m])) for m in matters if m in index.matters],
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.use(actor, given["measure"], given["agency"], given["code"], given["matter"], given["detail"])
        except Denied:
            raise
        except Refusal as refusal:
            desk.problem(form, refusal)
        else:
            messages.success(request, _("已登记。"))
            return redirect("measure-effects")
    shown = {"form": form, "crumbs": [home(), Crumb(_("奖惩成效"), reverse("measure-effects"))]}
    return render(request, "workbench/dept_use.html", shown, status=422 if form.errors else 200)
