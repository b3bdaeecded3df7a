"""Where everything is: for people (/site-map), for search engines (/sitemap.xml, by ranges of subjects), and robots.txt."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.design.shapes import Crumb
from chengxin.portal.answers import polite, revalidated, way
from chengxin.registry.queries import highest_subject, subjects_between

RANGE = 10_000
"""Numbers of subjects in one file of the map; the protocol allows 50,000 addresses."""

_OPEN = public("the map of the public pages")
_XML = "application/xml; charset=utf-8"
_PAGES = ("home", "search", "publicity", "lists", "commitments", "inspections", "statistics", "open-data", "news", "guide",
          "verify", "catalogue", "site-map")  # fmt: skip


@_OPEN
@require_safe
@revalidated
def page(request: HttpRequest) -> HttpResponseBase:
    """The map for people: every public page with what it is for."""
    published = [
        ("publicity", _("行政许可和行政处罚公示")), ("lists", _("公示名单")), ("commitments", _("信用承诺及履行情况")),
        ("inspections", _("双随机抽查")), ("news", _("政策动态")),
    ]  # fmt: skip
    doing = [
        ("guide", _("服务指南")), ("own", _("我的信用")), ("feedback", _("留言反映")), ("workbench", _("工作台")),
    ]  # fmt: skip
    data = [
        ("statistics", _("公示信息统计")), ("open-data", _("开放数据")), ("catalogue", _("归集目录与数据标准")),
        ("api-reference", _("接口文档")),
    ]  # fmt: skip
    groups = [
        (_("查询和核验"), [("search", _("信用查询")), ("verify", _("核验信用报告"))]),
        (_("公示"), published),
        (_("办事"), doing),
        (_("数据"), data),
    ]
    shown = [(heading, [(way(name), words) for name, words in rows if way(name)]) for heading, rows in groups]
    return render(request, "portal/site_map.html", {"groups": shown, "crumbs": [Crumb(_("首页"), reverse("home"))]})


@_OPEN
@require_safe
@polite
def index_xml(request: HttpRequest) -> HttpResponseBase:
    """The index: the pages, and one file for each range of subjects' numbers."""
    highest = highest_subject()
    files = [
        reverse("sitemap-pages"),
        *(reverse("sitemap-subjects", args=[n]) for n in range(highest // RANGE + 1 if highest else 0)),
    ]
    rows = "".join(f"<sitemap><loc>{request.build_absolute_uri(f)}</loc></sitemap>" for f in files)
    return HttpResponse(_document("sitemapindex", rows), content_type=_XML)


@_OPEN
@require_safe
@polite
def pages_xml(request: HttpRequest) -> HttpResponseBase:
    """The pages that are not about one subject."""
    rows = "".join(f"<url><loc>{request.build_absolute_uri(way(name))}</loc></url>" for name in _PAGES if way(name))
    return HttpResponse(_document("urlset", rows), content_type=_XML)


@_OPEN
@require_safe
@polite
def subjects_xml(request: HttpRequest, number: int) -> HttpResponseBase:
    """The public pages of a range of subjects, registered ones only, natural persons never."""
    if number > highest_subject() // RANGE:
        raise Http404(_("网站地图没有这一份。"))
    found = subjects_between(number * RANGE, (number + 1) * RANGE)
    root = request.build_absolute_uri(reverse("subject", args=["-"])).removesuffix("-")
    rows = "".join(f"<url><loc>{root}{code}</loc><lastmod>{at:%Y-%m-%d}</lastmod></url>" for code, at in found)
    return HttpResponse(_document("urlset", rows), content_type=_XML)


@_OPEN
@require_safe
def robots(request: HttpRequest) -> HttpResponseBase:
    """What machines may walk through: not the search, which has no end, and nothing behind a sign-in."""
    closed = [reverse("search"), reverse("sign-in"), way("workbench"), way("own"), "/account/", "/*.csv"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed if path), "Crawl-delay: 1", "",
             f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}", ""]  # fmt: skip
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _document(root: str, rows: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{root}>'
