"""News, cases, pilot counties and notices in public (R-340, R-346, G-16): only what a second person has let through."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.accounts.words import english
from chengxin.cases import content
from chengxin.cases.models import Publication
from chengxin.cases.queries import publications
from chengxin.design.shapes import Crumb, Tab

PER_PAGE = 20
IN_FEED = 30

_OPEN = public("what a second person has let through is for everybody (R-340)")


@_OPEN
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All that is published today, newest first, column by column."""
    day = timezone.localdate()
    known = content.columns(day)
    chosen = request.GET.get("column", "")
    if chosen not in {name for name, _english in known}:
        chosen = ""
    shown = publications(day).filter(column=chosen) if chosen else publications(day)
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, label(one.column, known), content.summary(one.body)) for one in page]
    answer = {"page": page, "rows": rows, "tabs": _tabs(known, chosen), "column": label(chosen, known)}
    return render(request, "portal/content_index.html", answer)


@_OPEN
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One text, with when it came out and how long it stands."""
    found = _published(pk)
    known = content.columns(timezone.localdate())
    shown = {
        "one": found, "crumbs": [Crumb(_("政策动态"), reverse("news"))], "column": label(found.column, known),
        "column_href": _address(found.column), "html": content.html_of(found.body),
    }  # fmt: skip
    return render(request, "portal/content_show.html", shown)


@_OPEN
@require_safe
def show_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as the page, for programs."""
    return JsonResponse(_told(_published(pk)), json_dumps_params={"ensure_ascii": False, "indent": 1})


@_OPEN
@require_safe
def feed_xml(request: HttpRequest) -> HttpResponseBase:
    """The newest as an Atom feed."""
    feed = Atom1Feed(
        title=_("公共信用信息平台：政策动态"), link=settings.PUBLIC_URL + reverse("news"), description="",
        language=get_language(), feed_url=settings.PUBLIC_URL + reverse("news-feed-xml"),
    )  # fmt: skip
    for one in publications(timezone.localdate())[:IN_FEED]:
        link = settings.PUBLIC_URL + reverse("news-item", args=[one.pk])
        feed.add_item(
            title=one.title, link=link, description=content.summary(one.body), unique_id=link,
            categories=[one.column], pubdate=_moment(one), updateddate=_moment(one),
        )  # fmt: skip
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    return _conditional(request, response)


@_OPEN
@require_safe
def feed_json(request: HttpRequest) -> HttpResponseBase:
    """The newest as JSON Feed 1.1, with their whole text."""
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _("公共信用信息平台：政策动态"),
        "home_page_url": settings.PUBLIC_URL + reverse("news"),
        "feed_url": settings.PUBLIC_URL + reverse("news-feed-json"),
        "items": [_told(one) for one in publications(timezone.localdate())[:IN_FEED]],
    }
    return _conditional(request, JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1}))


def label(column: str, known: list[tuple[str, str]]) -> str:
    """The name of a column in the reader's language; a column that the pack no longer has keeps its own."""
    in_english = english()
    return dict(known).get(column, column) if in_english else column


def _published(pk: int) -> Publication:
    found = publications(timezone.localdate()).filter(pk=pk).first()
    if found is None:
        raise Http404(_("没有这篇内容，或者它已经撤下、发布期已满。"))
    return found


def _tabs(known: list[tuple[str, str]], chosen: str) -> list[Tab]:
    every = [Tab(_("全部"), reverse("news"), current=not chosen)]
    return every + [Tab(label(name, known), _address(name), current=name == chosen) for name, _english in known]


def _address(column: str) -> str:
    return f"{reverse('news')}?{urlencode({'column': column})}"


def _told(one: Publication) -> dict[str, Any]:
    """One text in the words of JSON Feed; `_chengxin` says what that has no word for."""
    link = settings.PUBLIC_URL + reverse("news-item", args=[one.pk])
    return {
        "id": link,
        "url": link,
        "title": one.title,
        "summary": content.summary(one.body),
        "content_html": content.html_of(one.body),
        "date_published": _moment(one).isoformat(),
        "tags": [one.column],
        "_chengxin": {"markdown": one.body, "until": one.until and one.until.isoformat()},
    }


def _moment(one: Publication) -> datetime:
    return timezone.make_aware(datetime.combine(one.published_on, time.min))


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """304 for a reader who has it already."""
    patch_cache_control(response, public=True, no_cache=True)
    set_response_etag(response)
    kept = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    assert kept is not None
    return kept
