"""The public register in numbers: by item, month, source unit and region, each chart with its table (R-341, R-349).

All from the kept tallies: the page costs the same for a thousand records and for a hundred million.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.design.shapes import Chart, Count, Crumb, Series
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import grouped
from chengxin.policy.policies import Policies
from chengxin.portal.answers import revalidated, told
from chengxin.portal.chapters import region_name
from chengxin.registry.packs import policies
from chengxin.registry.tallies import Tallies, summed, tallies

MONTHS = 24
ROWS = 20
_OPEN = public("how much is published, by what, when, whom and where (R-349)")


@_OPEN
@require_safe
@revalidated
def statistics(request: HttpRequest) -> HttpResponseBase:
    """What is published today in numbers."""
    counted, packs = tallies(), policies()
    shown = {
        "counts": _counts(counted), "made_at": counted.made_at, "any": counted.records > 0,
        "charts": [_by_item(counted, packs), _by_month(counted), _by_source(counted, packs), _by_region(counted, packs)],
        "crumbs": [Crumb(_("首页"), reverse("home"))],
    }  # fmt: skip
    return render(request, "portal/statistics.html", shown)


@_OPEN
@require_safe
@revalidated
def statistics_json(request: HttpRequest) -> HttpResponseBase:
    """The same numbers, whole."""
    counted = tallies()
    content: dict[str, Any] = {
        "counted_at": counted.made_at, "subjects": dict(counted.subjects), "records": counted.records,
        "by_source": counted.by_source, "by_region": counted.by_region, "by_month": counted.by_month,
        "by_status": counted.by_status,
    }  # fmt: skip
    return told(content)


def _counts(counted: Tallies) -> list[Count]:
    kinds = {"organisation": _("法人和非法人组织"), "individual_business": _("个体工商户")}
    subjects = [Count(label, counted.subjects[kind]) for kind, label in kinds.items()]
    return [*subjects, Count(_("正在公示的信息"), counted.records), Count(_("信源单位"), counted.sources)]


def _by_item(counted: Tallies, packs: Policies) -> Chart:
    labels = {c.item.id: named(c.item) for c in packs.compiled}
    return _chart(_("按目录项"), _("目录项"), Counter({labels.get(i, i): n for i, n in counted.by_item.items()}))


def _by_source(counted: Tallies, packs: Policies) -> Chart:
    totals = summed(counted.by_source.values())
    agencies = {a.id: named(a) for a in packs.agencies}
    return _chart(_("按信源单位"), _("信源单位"), Counter({agencies.get(s, s): n for s, n in totals.items()}))


def _by_region(counted: Tallies, packs: Policies) -> Chart:
    """By city: districts are summed to the city they belong to."""
    cities: Counter[str] = Counter()
    for code, n in summed(counted.by_region.values()).items():
        cities[f"{code[:4]}00" if code else ""] += n
    named_cities = Counter({region_name(packs, code) if code else _("未登记地区"): n for code, n in cities.items()})
    return _chart(_("按单位所在地区"), _("地区"), named_cities)


def _by_month(counted: Tallies) -> Chart:
    totals = summed(counted.by_month.values())
    day = timezone.localdate()
    here = day.year * 12 + day.month - 1
    months = [f"{m // 12}-{m % 12 + 1:02d}" for m in range(here - MONTHS + 1, here + 1)]
    inside = sum(totals[m] for m in months)
    sentence = _("近两年作出的决定等，现在还在公示的有 %(n)s 条。") % {"n": grouped(inside)}
    series = [Series(_("条数"), [totals[m] for m in months])]
    return Chart(_("按决定月份"), sentence, months, series, kind="line", unit=_("条"), corner=_("月份"))


def _chart(title: str, corner: str, totals: Counter[str]) -> Chart:
    """The greatest first; what is beyond the rows of a chart is summed."""
    first = totals.most_common(ROWS)
    rest = sum(totals.values()) - sum(n for _name, n in first)
    rows = [*first, (_("其余"), rest)] if rest else first
    most = first[0] if first else ("—", 0)
    sentence = _("最多的是%(what)s，%(n)s 条。") % {"what": most[0], "n": grouped(most[1])}
    return Chart(
        title, sentence, [w for w, _n in rows], [Series(_("条数"), [n for _w, n in rows])], unit=_("条"), corner=corner
    )
