"""The catalogue in public: what is collected, field by field and rule by rule, and the files to prepare data with (R-005)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.design.shapes import Tone
from chengxin.design.templatetags.chengxin import level_label
from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.policy.publish import data_package, describe, table_schema
from chengxin.policy.rules import Rule
from chengxin.policy.template import xlsx_template
from chengxin.portal.chapters import chapters
from chengxin.registry.packs import policies

_OPEN = public("the catalogue is a public standard (R-005, R-008)")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@_OPEN
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All items in force today, class by class, with the source units that submit them."""
    packs, day = policies(), timezone.localdate()
    parts = [(c, [*(s.item for s in c.sections), *c.closed]) for c in chapters(packs, day)]
    shown = [(c, [(i, _sources(packs, i)) for i in items]) for c, items in parts if items]
    return render(request, "portal/catalogue.html", {"chapters": shown, "day": day, "digest": packs.digest[:12]})


@_OPEN
@require_safe
def show(request: HttpRequest, item: str) -> HttpResponse:
    """One item: its fields and rules in words, its basis, who sees what, how long it is kept."""
    packs, found = _find(item)
    day = timezone.localdate()
    labels = {f.id: f for f in found.fields}
    shown = {
        "item": found,
        "sources": _sources(packs, found),
        "fields": [(f, describe(f, packs)) for f in found.kept_fields],
        "dropped": [f for f in found.fields if not f.kept],
        "levels": _levels([(r, [labels[f] for f in r.fields if f in labels]) for r in packs.rules(found.id, day)]),
        "severities": packs.severities(found.id, day),
        "retention": packs.retention(found.id, day),
    }
    return render(request, "portal/item.html", shown)


@_OPEN
@require_safe
def schema_json(request: HttpRequest, item: str) -> HttpResponse:
    """The item as a Frictionless Table Schema."""
    packs, found = _find(item)
    return _json(table_schema(found, packs))


@_OPEN
@require_safe
def data_package_json(request: HttpRequest) -> HttpResponse:
    """The whole catalogue as a Frictionless Data Package."""
    return _json(data_package(policies(), timezone.localdate()))


@_OPEN
@require_safe
def template_xlsx(request: HttpRequest, item: str) -> HttpResponse:
    """The workbook to fill in."""
    packs, found = _find(item)
    response = HttpResponse(xlsx_template(found, packs, timezone.localdate()), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{found.id}-{found.version}.xlsx"'
    return response


def _find(item: str) -> tuple[Policies, Item]:
    packs = policies()
    try:
        return packs, packs.item(item, timezone.localdate())
    except UnknownPolicy as unknown:
        raise Http404(_("归集目录里没有“%(item)s”这一项。") % {"item": item}) from unknown


_LEVELS: dict[str, Tone] = {"reject": "bad", "doubt": "warn", "warn": ""}


def _levels(rules: list[tuple[Rule, list[Field]]]) -> list[tuple[str, str, Tone, list[tuple[Rule, list[Field]]]]]:
    """The rules by what happens to a row that breaks them, the gravest first: level, its word and tone, its rules."""
    found = [(level, [r for r in rules if r[0].level == level]) for level in _LEVELS]
    return [(level, level_label(level), _LEVELS[level], own) for level, own in found if own]


def _sources(packs: Policies, item: Item) -> list[object]:
    return [a for a in packs.agencies if a.may_submit(item.id)]


def _json(content: object) -> JsonResponse:
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
