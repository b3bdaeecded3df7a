"""Feeds of what is newest in a column: Atom for readers, JSON Feed for programs (R-339)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.design.templatetags.chengxin import named, told
from chengxin.policy.catalogue import Item
from chengxin.portal.answers import polite, revalidated
from chengxin.portal.answers import told as json_answer
from chengxin.portal.boards import BOARDS
from chengxin.portal.publicity import summary
from chengxin.registry.published import Asked, published

IN_FEED = 50
_OPEN = public("the newest of a public column, for who follows it (R-339)")


@_OPEN
@require_safe
@polite
@revalidated
def atom(request: HttpRequest, board: str, item: str) -> HttpResponseBase:
    """The newest entries of a column for a feed reader."""
    found = BOARDS[board].column(item, timezone.localdate())
    at = request.build_absolute_uri(reverse(f"{board}-column", args=[found.id]))
    feed = Atom1Feed(
        title=_("%(what)s公示") % {"what": named(found)}, link=at, description="", language="zh-Hans",
        feed_url=request.build_absolute_uri(request.path),
    )  # fmt: skip
    for record in _newest(found):
        feed.add_item(
            title=_title(record), link=_link(request, record), description=_text(record, found),
            unique_id=f"{at}#r{record['id']}-{record['version']}",
            pubdate=_moment(record), updateddate=record["recorded_at"],
        )  # fmt: skip
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@_OPEN
@require_safe
@polite
@revalidated
def json_feed(request: HttpRequest, board: str, item: str) -> HttpResponseBase:
    """The same by jsonfeed.org 1.1."""
    found = BOARDS[board].column(item, timezone.localdate())
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _("%(what)s公示") % {"what": named(found)},
        "home_page_url": request.build_absolute_uri(reverse(f"{board}-column", args=[found.id])),
        "feed_url": request.build_absolute_uri(request.path),
        "language": "zh-Hans",
        "items": [
            {"id": f"{r['id']}-{r['version']}", "url": _link(request, r), "title": _title(r),
             "content_text": _text(r, found), "date_published": _moment(r).isoformat(),
             "date_modified": r["recorded_at"].isoformat()}
            for r in _newest(found)
        ],
    }  # fmt: skip
    response = json_answer(content)
    response["Content-Type"] = "application/feed+json"
    return response


def _newest(item: Item) -> Sequence[Mapping[str, Any]]:
    return published(Asked(item.id), timezone.localdate(), limit=IN_FEED).records


def _title(record: Mapping[str, Any]) -> str:
    return f"{record['subject_name']}：{told(record['title'])}"


def _text(record: Mapping[str, Any], item: Item) -> str:
    lines = [f"{label}：{value}" for label, value in summary(record, item)]
    return "\n".join([*lines, _("信源单位：%(who)s") % {"who": record["source_name"]}])


def _link(request: HttpRequest, record: Mapping[str, Any]) -> str:
    return request.build_absolute_uri(f"{reverse('subject', args=[record['subject_code']])}#r{record['id']}")


def _moment(record: Mapping[str, Any]) -> datetime:
    return datetime.combine(record["decided_on"], time.min, UTC)
