"""What every page of the space has: the subject it is about, the ways to the other pages, the words for tones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from chengxin.accounts.models import Matter, Organisation
from chengxin.accounts.words import english
from chengxin.cases.errors import Unmet
from chengxin.design.shapes import Tab, Tone
from chengxin.own.speaking import Place
from chengxin.policy.policies import UnknownPolicy
from chengxin.registry.packs import policies

REMEMBERED = "own"
"""The subject that somebody was last concerned with, in the session."""


def page(
    request: HttpRequest, template: str, place: Place, shown: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page about this subject, which is remembered for the next visit."""
    if not place.personal and request.session.get(REMEMBERED) != place.code:
        request.session[REMEMBERED] = place.code
    told = {"place": place, "navigation": navigation(request, place), **(shown or {})}
    return render(request, f"own/{template}.html", told, status=status)


def navigation(request: HttpRequest, place: Place) -> list[Tab]:
    """The pages that are open to this person, the present one marked."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    ways = [
        (_("待办"), "own", None, ("own",)),
        (_("信用记录"), "own-profile", place.covers(Matter.LOOK), _RECORDS),
        (_("信用评价"), "own-grades", place.covers(Matter.LOOK), ("own-grades", "own-grade")),
        (_("办事"), "own-cases", True, _CASES),
        (_("信用报告"), "own-reports", place.covers(Matter.REPORT), ("own-reports", "own-report", "own-report-order")),
        (_("授权"), "own-authorisations", place.covers(Matter.AUTHORISE), _AUTHORISATIONS),
        (_("代理人"), "own-mandates", place.represents, ("own-mandates", "own-entrust", "own-recall")),
        (_("谁看过"), "own-looks", place.covers(Matter.LOOK), ("own-looks",)),
        (_("下载数据"), "own-export", place.covers(Matter.LOOK), ("own-export",)),
    ]  # fmt: skip
    found = []
    for label, name, opened, names in ways:
        if opened is None or opened:
            href = reverse(name) if opened is None else reverse(name, args=[place.code])
            found.append(Tab(label, href, current=here in names))
    return found


_RECORDS = ("own-profile", "own-record", "own-listing", "own-listing-answer", "own-listing-letter")
_AUTHORISATIONS = ("own-authorisations", "own-authorise", "own-authorise-check")
_CASES = ("own-cases", "own-case", "own-case-sent", "own-step", "own-attach", "own-choose", "own-start", "own-apply")


def named(thing: Any, key: str = "label") -> str:
    """A name in the reader's language, of an object or of plain data."""
    get = thing.get if isinstance(thing, Mapping) else lambda k, d="": getattr(thing, k, d)
    return str((get(f"{key}_en", "") if english() else "") or get(key, ""))


def unit_names(ids: set[str]) -> dict[str, str]:
    """Organisation id -> its name; one query for all of them."""
    rows = Organisation.objects.filter(pk__in=ids - {""})
    return {o.pk: (o.name_en if english() else "") or o.name for o in rows}


def unit_name(id: str) -> str:
    """The name of a unit of the packs, else of an organisation, else its id."""
    try:
        return named(policies().agency(id), "name")
    except UnknownPolicy:
        return unit_names({id}).get(id, id)


STANDING_TONES: dict[str, Tone] = {"active": "", "disputed": "warn", "repaired": "good", "withdrawn": "info", "shielded": "info",
                  "archived": "info"}  # fmt: skip
SEVERITY_TONES: dict[str, Tone] = {"minor": "info", "general": "warn", "serious": "bad"}


def why_not_public(reason: str) -> str:
    """The reason of `registry.disclosure`, in words for the subject."""
    words = {
        "natural-person": _("自然人的信息不公开"),
        "item-not-public": _("这类信息依法不公开"),
        "not-published": _("依法不公示"),
        "publicity-ended": _("公示期已满"),
        "in-doubt": _("存疑待核，暂不公开"),
        "repaired": _("已修复，不再公开"),
        "withdrawn": _("已撤回"),
        "shielded": _("暂停公示"),
        "archived": _("已归档"),
        "retention-ended": _("保存期已满"),
    }
    return words.get(reason, _("不公开"))


def spoken(unmet: Unmet) -> dict[str, str]:
    """A condition that is not met, and its remedy, in the reader's language."""
    return {
        "label": unmet.label_en if english() else unmet.label, "remedy": unmet.remedy_en if english() else unmet.remedy,
    }  # fmt: skip
