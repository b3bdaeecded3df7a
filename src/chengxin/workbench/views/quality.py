"""Data quality month by month (R-044 to R-048, R-052, R-061): my units' against the goals, or the whole province's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, signed_in
from chengxin.accounts.models import Role
from chengxin.collection import board, quality
from chengxin.collection.quality import BadMonth, Line
from chengxin.collection.reminders import waiting_for
from chengxin.design.filters import filter_tags
from chengxin.policy.packs import QualityGoals
from chengxin.policy.policies import UnknownPolicy
from chengxin.registry.packs import policies
from chengxin.workbench import quality_page as shapes
from chengxin.workbench.forms import QualityForm
from chengxin.workbench.labels import agency_label, item_label


@signed_in
@require_safe
def board_page(request: HttpRequest) -> HttpResponse:
    """The month's rates against the goals, its year, and who ranks where."""
    actor = actor_of(request)
    everything = bool(actor.organisations(Role.STEWARD))
    month = request.GET.get("month") or f"{timezone.localdate():%Y-%m}"
    form = form_of(request, actor, month)
    shown: dict[str, Any] = {"everything": everything, "form": form, "tags": filter_tags(form, request.GET)}
    try:
        goals = quality.goals_of(month)
    except BadMonth as wrong:
        form.add_error("month", str(wrong))
    except UnknownPolicy:
        form.add_error("month", _("这个月没有现行的数据质量目标，请换一个月份。"))
    else:
        shown |= _board(request, actor, form, goals)
    return render(request, "workbench/quality.html", shown, status=422 if form.errors else 200)


def units_of(actor: Actor) -> set[str] | None:
    """The source units whose quality the actor may see; None is all of them."""
    return None if actor.organisations(Role.STEWARD) else set(actor.organisations(Role.REPORTER, Role.AUDITOR))


def form_of(request: HttpRequest, actor: Actor, month: str) -> QualityForm:
    """The filters: a month, one of my units, one of the items; a choice that is none lists all."""
    packs, units = policies(), units_of(actor)
    agencies = [a for a in packs.agencies if units is None or a.id in units]
    ids = sorted({d.id for a in agencies for d in a.items})
    sources = [(a.id, agency_label(packs, a.id)) for a in agencies]
    asked = {"month": month, "source": request.GET.get("source", ""), "item": request.GET.get("item", "")}
    form = QualityForm(asked, items=[(i, item_label(packs, i)) for i in ids], sources=sources)
    form.is_valid()
    for name in ("source", "item"):
        form.errors.pop(name, None)
    return form


def chosen_units(form: QualityForm, actor: Actor) -> Iterable[str] | None:
    """The units that the filter leaves."""
    source = form.cleaned_data.get("source")
    return [source] if source else units_of(actor)


def _board(request: HttpRequest, actor: Actor, form: QualityForm, goals: QualityGoals) -> dict[str, Any]:
    month, item = form.cleaned_data["month"], form.cleaned_data.get("item") or ""
    units = chosen_units(form, actor)
    every = quality.lines_of(month, item=item)
    lines = every if units is None else [x for x in every if x.source in set(units)]
    months = board.trend(month, sources=units, item=item)
    view = request.GET.get("view") if request.GET.get("view") in shapes.VIEWS else "source"
    query = {k: v for k, v in form.cleaned_data.items() if v}
    return {
        "month": month,
        "lines": lines,
        "counts": shapes.counts(board.total(lines), goals),
        "place": shapes.place(_named(board.by_source(every)), units_of(actor) or ()),
        "tabs": shapes.tabs(str(view), query),
        "waiting": 0 if units_of(actor) is None else waiting_for(actor).count(),
        "charts": [c for c in (shapes.trend_chart(months, goals.intake), shapes.volume_chart(months)) if c],
        **_cut(str(view), month, lines, goals, units),
    }


def _cut(
    view: str, month: str, lines: Sequence[Line], goals: QualityGoals, units: Iterable[str] | None
) -> dict[str, Any]:
    """One cut of the month: its chart and its table."""
    if view == "region":
        regions = shapes.Regions.of(board.by_region(month, sources=units, items={x.item for x in lines}))
        return {"chart": regions.chart, "table": regions.table}
    if view == "line":
        return {"chart": None, "table": shapes.lines_table(policies(), lines, goals)}
    by_source = view == "source"
    rows = _named(board.by_source(lines) if by_source else board.by_item(lines))
    corner = _("信源单位") if by_source else _("目录项")
    title = _("各信源单位的入库率") if by_source else _("各目录项的入库率")
    caption = _("各信源单位的数据质量") if by_source else _("各目录项的数据质量")
    whole = by_source and units is None
    return {
        "chart": shapes.rates_chart(title, rows, goals.intake, corner),
        "table": shapes.rates_table(caption, corner, rows, goals, ranked=whole),
    }


def _named(rows: Sequence[board.Rates]) -> list[board.Rates]:
    """The same with names in the reader's language."""
    packs = policies()
    agencies = {a.id for a in packs.agencies}
    return [
        board.Rates(**{**vars(r), "name": agency_label(packs, r.id) if r.id in agencies else item_label(packs, r.id)})
        for r in rows
    ]
