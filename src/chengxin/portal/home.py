"""The front door: search first, then what one can do here, then what is new (anchors.md 5.1, R-339, R-344)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.accounts.words import worded
from chengxin.cases.queries import publications
from chengxin.collection.queries import freshness
from chengxin.design.shapes import Card, Count
from chengxin.portal.answers import revalidated, told, way
from chengxin.portal.boards import PUBLICITY
from chengxin.portal.guide import procedure_page
from chengxin.registry.published import Asked, published
from chengxin.registry.tallies import Tallies, tallies
from chengxin.supervision.lists.queries import public_counts
from chengxin.supervision.packs import lists_on

NEWEST = 5
LISTS = 6


@public("the front door")
@require_safe
@revalidated
def home(request: HttpRequest) -> HttpResponseBase:
    """Search box, tasks, double publicity, lists, news, and how fresh and how much the data is."""
    day = timezone.localdate()
    counted = tallies("source", "subjects")
    shown = {
        "tasks": _tasks(),
        "columns": [
            {"item": item, "count": counted.by_item[item.id], "records": _newest(item.id)}
            for item in PUBLICITY.columns(day)
        ],
        "lists": _lists(),
        "news": list(publications(day)[:NEWEST]),
        "counts": _counts(counted),
        "made_at": counted.made_at,
        "freshness": freshness(),
    }
    return render(request, "portal/home.html", shown)


@public("the numbers of the front door, for programs")
@require_safe
@revalidated
def home_json(request: HttpRequest) -> HttpResponseBase:
    """How much the public register holds, how fresh each source unit's data is, and where the parts are."""
    counted = tallies("source", "subjects")
    content = {
        "subjects": sum(counted.subjects.values()),
        "records": counted.records,
        "sources": counted.sources,
        "counted_at": counted.made_at,
        "items": dict(counted.by_item.most_common()),
        "freshness": [{"source": f.source, "name": f.name, "stored_at": f.stored_at} for f in freshness()],
        "pages": {n: reverse(n) for n in ("search", "publicity", "lists", "commitments", "statistics", "open-data")},
    }
    return told(content)


def _newest(item: str) -> Any:
    return published(Asked(item), timezone.localdate(), limit=NEWEST).records


def _tasks() -> list[Card]:
    """What people come for; each leads to a page where it can be done, or that says how."""
    guide = reverse("guide")
    own = way("own", then=guide)
    return [
        Card(_("查信用"), _("按名称、简称、拼音首字母或者代码查一家单位。"), reverse("search")),
        Card(_("核验信用报告"), _("凭编号或者文件核对报告是不是真的、有没有改过。"), reverse("verify")),
        Card(_("下载信用报告"), _("本单位登录后自己选版本、选期间，当场下载。"), own),
        Card(_("申请信用修复"), _("看哪一条什么时候可以修复，在线申请，全程看得到进度。"), procedure_page("repair")),
        Card(_("提出异议"), _("信息有误、有遗漏，可以要求核实更正。"), procedure_page("objection")),
        Card(_("作信用承诺"), _("看别家的承诺，也可以公开作出自己的承诺。"), reverse("commitments")),
        Card(_("授权别人查询"), _("给银行等单位授权，写明用途和期限，随时可以撤回。"), own),
        Card(_("报送数据"), _("信源单位上传文件，当场看到逐行的校验结果。"), reverse("workbench")),
    ]


def _lists() -> list[dict[str, Any]]:
    """The public lists with the most entries, serious ones first."""
    day = timezone.localdate()
    counted = public_counts(day)
    known = lists_on(day)
    rows = [(known[name].list, n) for name, n in counted.items() if name in known]
    rows.sort(key=lambda row: (row[0].effect != "serious", -row[1]))
    return [{"list": entry, "competence": worded(entry, "competence"), "count": n} for entry, n in rows[:LISTS]]


def _counts(counted: Tallies) -> list[Count]:
    shown = _("有信息正在公示的")
    subjects = sum(counted.subjects.values())
    return [
        Count(_("登记在库的单位"), subjects, href=reverse("search"), note=_("法人、非法人组织、个体工商户")),
        Count(_("正在公示的信息"), counted.records, href=reverse("statistics"), note=_("条")),
        Count(_("目录项"), len(counted.by_item), href=reverse("catalogue"), note=shown),
        Count(_("信源单位"), counted.sources, href=reverse("open-data"), note=shown),
    ]
