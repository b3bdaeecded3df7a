"""Columns of what is published, the newest first: double publicity (双公示) and commitments (R-339, R-344).

Which items have a column their packs say; a record is shown as far as disclosure lets it. The same filter gives the
page, its JSON twin and a bounded CSV; the newest are a feed (feeds.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.design.filters import filter_tags
from chengxin.design.shapes import Chart, Crumb, Series, Tab
from chengxin.design.templatetags.chengxin import named, told
from chengxin.design.words import grouped
from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.portal.answers import polite, revalidated
from chengxin.portal.answers import told as json_answer
from chengxin.portal.boards import BOARDS
from chengxin.portal.chapters import region_name
from chengxin.registry.packs import policies
from chengxin.registry.published import Asked, Page, published
from chengxin.registry.search import find
from chengxin.registry.tallies import Tallies, tallies
from chengxin.standards.cells import csv_lines

PER_PAGE = 20
IN_FILE = 5000
"""Rows of a download; whoever needs all takes the open data."""

_NAMES = 200
_TWINS = ("csv", "json", "feed", "feed-json")
_OPEN = public("licences, penalties and commitments are shown to everybody by law (R-339)")


class Filter(forms.Form):
    """What a column is narrowed by."""

    name = forms.CharField(label=gettext_lazy("单位名称或代码"), required=False, max_length=100)
    source = forms.ChoiceField(label=gettext_lazy("信源单位"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("单位所在地区"), required=False)
    since = forms.DateField(label=gettext_lazy("日期从"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=gettext_lazy("到"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, asked: Mapping[str, Any], counted: Tallies, item: str) -> None:
        super().__init__(asked)
        packs, every = policies(), ("", _("全部"))
        sources = list(counted.by_source.get(item, ()))
        regions = {code[:4] + "00" for code in counted.by_region.get(item, ()) if code}
        given = {"source": asked.get("source", ""), "region": asked.get("region", "")}
        agencies = {a.id: named(a) for a in packs.agencies}
        named_sources: dict[str, str] = {
            s: agencies.get(s, s) for s in [*sources, given["source"]] if s and len(s) < 65
        }
        named_regions = {r: region_name(packs, r) for r in [*sorted(regions), given["region"]] if r and len(r) < 7}
        self.fields["source"].choices = [every, *named_sources.items()]  # type: ignore[attr-defined]
        self.fields["region"].choices = [every, *named_regions.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", _("结束日期早于开始日期，请对调或者改正。"))
        return given

    @property
    def asked(self) -> dict[str, Any]:
        """What is set and makes sense."""
        return {k: v for k, v in getattr(self, "cleaned_data", {}).items() if v}


@_OPEN
@require_safe
def index(request: HttpRequest, board: str) -> HttpResponseBase:
    """The first column of a board."""
    shown = BOARDS[board].columns(timezone.localdate())
    if not shown:
        raise Http404(_("目录里没有这一类公示信息。"))
    return column(request, board, shown[0].id)


@_OPEN
@require_safe
@polite
@revalidated
def column(request: HttpRequest, board: str, item: str) -> HttpResponseBase:
    """One column: filter, entries, and the ways to take them along."""
    day, found_on = timezone.localdate(), BOARDS[board]
    found, counted = found_on.column(item, day), tallies("source", "region", "status")
    form = Filter(request.GET, counted, found.id)
    asked, page = _page(request, form, found)
    query = urlencode({k: v for k, v in request.GET.items() if k in form.fields and v})
    at = {name.replace("-", "_"): reverse(f"{board}-{name}", args=[found.id]) for name in _TWINS}
    shown = {
        "board": found_on, "item": found, "form": form, "tags": filter_tags(form, request.GET), "page": page, "at": at,
        "query": f"?{query}" if query else "", "narrowed": bool(asked), "in_file": IN_FILE,
        "tabs": [Tab(named(i), reverse(f"{board}-column", args=[i.id]), i.id == found.id, counted.by_item[i.id])
                 for i in found_on.columns(day)],
        "entries": [(r, summary(r, found)) for r in page.records],
        "newer": _with(request, newer=page.newer) if page.newer else "",
        "older": _with(request, older=page.older) if page.older else "",
        "crumbs": [Crumb(_("首页"), reverse("home"))], "chart": _states(found, counted),
    }  # fmt: skip
    return render(request, "portal/publicity.html", shown, status=422 if form.errors else 200)


@_OPEN
@require_safe
@polite
@revalidated
def column_json(request: HttpRequest, board: str, item: str) -> HttpResponseBase:
    """The twin of a page of the column; `older` is the address that goes on."""
    found = BOARDS[board].column(item, timezone.localdate())
    form = Filter(request.GET, tallies("source", "region"), found.id)
    _asked, page = _page(request, form, found)
    if form.errors:
        response = json_answer({"problems": form.errors.get_json_data()})
        response.status_code = 422
        return response
    records = [{k: v for k, v in r.items() if k not in ("refused", "batch", "row", "held")} for r in page.records]
    return json_answer(
        {"item": found.id, "label": found.label, "records": records,
         "older": request.build_absolute_uri(_with(request, older=page.older)) if page.older else None,
         "newer": request.build_absolute_uri(_with(request, newer=page.newer)) if page.newer else None}
    )  # fmt: skip


@_OPEN
@require_safe
@polite
def column_csv(request: HttpRequest, board: str, item: str) -> HttpResponseBase:
    """What the filter gives as a table for a spreadsheet, the newest so many rows."""
    found = BOARDS[board].column(item, timezone.localdate())
    form = Filter(request.GET, tallies("source", "region"), found.id)
    _asked, page = _page(request, form, found, limit=IN_FILE)
    if form.errors:
        return redirect(f"{reverse(f'{board}-column', args=[found.id])}?{request.GET.urlencode()}")
    response = HttpResponse(_csv(found, page), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.id}-{timezone.localdate()}.csv"'
    return response


def summary(record: Mapping[str, Any], item: Item) -> list[tuple[str, str]]:
    """The fields that the item sums a record up by, with their labels, but for its title and its day."""
    values = {f["id"]: f for f in record["fields"] if f["id"] not in (item.record.title, item.record.decided)}
    return [(named(values[f]), told(values[f]["value"])) for f in item.record.summary if f in values]


def _states(item: Item, counted: Tallies) -> Chart | None:
    """How the records of the column stand, where that is counted (履行情况)."""
    states = counted.by_status.get(item.id)
    if not states:
        return None
    known = [(name or _("未写明"), n) for name, n in states.most_common()]
    sentence = _("、").join(_("%(what)s %(n)s 条") % {"what": w, "n": grouped(n)} for w, n in known) + _("。")
    return Chart(
        title=_("履行情况"), sentence=sentence,
        categories=[w for w, _n in known], series=[Series(_("条数"), [n for _w, n in known])], unit=_("条"),
        corner=_("现状"),
    )  # fmt: skip


def _page(request: HttpRequest, form: Filter, item: Item, limit: int = PER_PAGE) -> tuple[dict[str, Any], Page]:
    """What was asked for, and the records; nothing where the question is wrong."""
    if not form.is_valid():
        return form.asked, Page([])
    asked = form.asked
    subjects = tuple(list(find(asked["name"]).found)[:_NAMES]) if "name" in asked else None
    region = asked.get("region", "")
    wanted = Asked(
        item.id, asked.get("source", ""), region.rstrip("0") if region[2:] == "0000" else region.removesuffix("00"),
        asked.get("since"), asked.get("until"), subjects,
    )  # fmt: skip
    places = {"older": request.GET.get("older", ""), "newer": request.GET.get("newer", "")}
    return asked, published(wanted, timezone.localdate(), limit=limit, **places)


def _with(request: HttpRequest, **places: str) -> str:
    """This address with another place in the order."""
    kept = {k: v for k, v in request.GET.items() if k not in ("older", "newer") and v}
    return f"{request.path}?{urlencode({**kept, **places})}"


def _csv(item: Item, page: Page) -> bytes:
    """With a byte order mark, so that spreadsheets read it as UTF-8; a cell never begins a formula."""
    fields = [f for f in item.kept_fields if f.disclosure == "public"]
    about = [_("编号"), _("信源单位"), _("公示至"), _("现状")]
    rows = (
        [f"{r['id']}-{r['version']}", r["source_name"], r["public_until"], r["standing_label"], *_values(r, fields)]
        for r in page.records
    )
    return "".join(csv_lines([*about, *(named(f) for f in fields)], rows)).encode()


def _values(record: Mapping[str, Any], fields: Sequence[Field]) -> list[str]:
    values = {f["id"]: f["value"] for f in record["fields"]}
    return ["" if values.get(f.id) in (None, "") else told(values[f.id]) for f in fields]
