"""The catalogue for those who work with it: items, fields, rules, sources, versions in force (R-001, R-005, R-049)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import actor_of, signed_in
from chengxin.collection.queries import visible
from chengxin.design.filters import filter_tags
from chengxin.design.shapes import Crumb
from chengxin.policy.catalogue import Item
from chengxin.registry.packs import policies
from chengxin.workbench import catalogue_page as shapes
from chengxin.workbench.forms import CatalogueForm
from chengxin.workbench.labels import agency_label, item_label


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Items in force today, by words, source unit and kind; with what came in this month."""
    packs, day = policies(), timezone.localdate()
    sources = [(a.id, agency_label(packs, a.id)) for a in packs.agencies if a.items]
    form = CatalogueForm(request.GET, sources=sources)
    items = [i for i in packs.items(day) if form.keeps(i, packs)]
    month = visible(actor_of(request)).filter(month=f"{day:%Y-%m}").order_by()
    rows = Counter(dict(month.values_list("item").annotate(n=Sum("received"))))
    units = {i.id: sum(a.may_submit(i.id) for a in packs.agencies) for i in items}
    shown = {
        "form": form, "tags": filter_tags(form, request.GET), "table": shapes.index_table(items, units, rows),
        "count": len(items), "digest": packs.digest[:12],
    }  # fmt: skip
    return render(request, "workbench/catalogue.html", shown)


@signed_in
@require_safe
def show(request: HttpRequest, item: str) -> HttpResponse:
    """One item in one of its versions, a part at a time."""
    packs, versions = policies(), policies().versions(item)
    if not versions:
        raise Http404(_("归集目录里没有“%(item)s”这一项。") % {"item": item})
    day = timezone.localdate()
    current = next((i for i in packs.items(day) if i.id == item), versions[-1])
    found = next((i for i in versions if i.version == request.GET.get("version")), current)
    part = request.GET.get("part") if request.GET.get("part") in shapes.PARTS else "fields"
    shown = {
        "item": found,
        "facts": shapes.facts(found, packs),
        "tabs": shapes.tabs(found, str(part), current),
        "part": part,
        "table": _part(found, str(part), current),
        "old": found.version != current.version,
        "label": item_label(packs, item),
        "crumbs": [Crumb(_("数据标准"), reverse("workbench-catalogue"))],
    }
    return render(request, "workbench/catalogue_item.html", shown)


def _part(found: Item, part: str, current: Item) -> Any:
    packs = policies()
    if part == "rules":
        return shapes.rules_table(found, packs)
    if part == "sources":
        return shapes.sources_table(found, packs)
    if part == "versions":
        return shapes.versions_table(packs.versions(found.id), current)
    return shapes.fields_table(found, packs)
