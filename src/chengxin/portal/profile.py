"""A subject's public page: who it is, how it stands, its records chapter by chapter, and what can be done (S-11, R-080)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin import __version__
from chengxin.accounts.guards import public
from chengxin.accounts.words import english
from chengxin.cases.outlook import repair_outlooks
from chengxin.collection.queries import numbers_of
from chengxin.design.shapes import Chart, Count, Crumb, Fact, Series
from chengxin.design.templatetags.chengxin import named, scheme_label
from chengxin.design.words import moment
from chengxin.evaluation.public import GRADED, public_grades
from chengxin.policy.policies import Policies
from chengxin.portal.answers import told
from chengxin.portal.chapters import Chapter, chapters, region_name, status_name
from chengxin.portal.record_part import Page, drawn_chapters, ways_of
from chengxin.portal.remembering import remembered
from chengxin.portal.searching import hint
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies
from chengxin.registry.profile import public_profile_of
from chengxin.registry.public import publicly_known
from chengxin.registry.queries import RecordView, find_subject, records_of, stamp_of
from chengxin.registry.rows import Held, held_under
from chengxin.standards.text import clean_code
from chengxin.supervision.lists.queries import LISTED, public_entries_of, rules_of

QUARTERS = 12

Build = Callable[[HttpRequest, Subject, date, dict[str, Any]], HttpResponse]


@public("what everybody may see of an organisation; disclosure decides field by field")
@require_safe
def subject(request: HttpRequest, code: str) -> HttpResponseBase:
    """The public profile; a former code leads to the current one."""
    return _answer(request, code, _page)


@public("the same as the page, for programs")
@require_safe
def subject_json(request: HttpRequest, code: str) -> HttpResponseBase:
    """The twin of the profile page."""
    return _answer(request, code, _twin)


def _answer(request: HttpRequest, code: str, build: Build) -> HttpResponseBase:
    """The answer for a subject's present code; its former codes lead there. Raises `Http404`, the same for a natural
    person as for nobody."""
    day, wanted = timezone.localdate(), clean_code(code.replace("\x00", "")) or ""
    held = held_under(wanted, day, GRADED, LISTED)
    if held is not None and held.known and wanted == code:
        return _conditional(request, held, build, day)
    found = held.subject if held else find_subject(wanted)
    if found is None or not publicly_known(found, day):
        raise Http404(_no_subject(code))
    return redirect("subject" if build is _page else "subject-json", found.code)


def _no_subject(code: str) -> str:
    asked = clean_code(code) or ""
    return _("没有查到代码为“%(code)s”的单位。") % {"code": asked[:64]} + hint(asked)


def _page(request: HttpRequest, found: Subject, day: date, judged: dict[str, Any]) -> HttpResponse:
    packs, views = policies(), records_of(found)
    profile, ways = public_profile_of(found, views, day), ways_of(found.code, packs, day)
    parts = chapters(packs, day, profile["records"])
    filled = [c for c in parts if c.count]
    _complete(filled, views, day)
    shown = {
        "profile": profile, **judged, "english": english(), "day": day,
        "identity": _identity(profile, region_name(packs, profile["region"]), status_name(packs, profile["status"])),
        "records": drawn_chapters(filled, Page.of(day, ways)), "counts": _counts(filled), "absence": _absence(parts, packs, day),
        "course": _course(profile["records"], day),
        "ways": ways, "crumbs": [Crumb(_("信用查询"), reverse("search"))],
    }  # fmt: skip
    return render(request, "portal/subject.html", shown)


def _complete(filled: Sequence[Chapter], views: Sequence[RecordView], day: date) -> None:
    """Adds to each record when it can be repaired, and the number of the batch it came with."""
    records = [r for c in filled for s in c.sections for r in s.records]
    adverse = any(r["severity"] for r in records)
    outlooks = repair_outlooks([v.head for v in views], day) if adverse else {}
    batches = numbers_of(r["batch"] for r in records if r["batch"])
    for record in records:
        record["repair"] = outlooks.get(record["id"])
        record["batch_number"] = batches.get(record["batch"], "")


def _absence(parts: Sequence[Chapter], packs: Policies, day: date) -> SafeString:
    """What it means that nothing of a kind was found: the same for all subjects who have the same chapters."""
    empty = tuple(c.id for c in parts if c.sections and not c.count)
    key = (packs.digest, day, get_language(), empty, tuple(c.id for c in parts))
    known = _ABSENCES.get(key)  # another thread may clear it between two looks
    if known is None:
        if len(_ABSENCES) >= _MOST_ABSENCES:
            _ABSENCES.clear()
        shown = {
            "empty": [c for c in parts if c.sections and not c.count], "day": day,
            "not_collected": [c for c in parts if not c.sections and not c.closed],
            "closed": [item for c in parts for item in c.closed],
        }  # fmt: skip
        known = _ABSENCES[key] = SafeString(render_to_string("portal/absence.html", shown))
    return known


_ABSENCES: dict[tuple[Any, ...], SafeString] = {}
_MOST_ABSENCES = 512


def _twin(request: HttpRequest, found: Subject, day: date, _judged: dict[str, Any]) -> HttpResponse:
    return told(public_profile_of(found, records_of(found), day))


def _identity(profile: Mapping[str, Any], region: str, status: str) -> list[Fact]:
    facts = [
        Fact(scheme_label(profile["scheme"]), profile["code"], code=True),
        Fact(_("主体类别"), profile["kind_label"]),
        Fact(_("登记状态"), status),
        Fact(_("成立日期"), profile["registered_on"]),
        Fact(_("所在地区"), region),
        Fact(_("住所"), profile["address"]),
        Fact(_("曾用名"), profile["former_names"]),
        *(Fact(scheme_label(o["scheme"]), o["value"], code=True) for o in profile["identifiers"]),
    ]
    return [f for f in facts if f.value]


def _counts(filled: Sequence[Chapter]) -> list[Count]:
    """A number for each chapter that has something; it leads there."""
    return [
        Count(
            named(c), c.count, href=f"#c-{c.id}", note=_("最近 %(day)s") % {"day": moment(c.latest)} if c.latest else ""
        )
        for c in filled
    ]


def _course(records: Sequence[Mapping[str, Any]], day: date) -> Chart | None:
    """How many records were decided in each quarter of the last three years, by what they say; None when none was."""
    here = day.year * 4 + (day.month - 1) // 3
    quarters = range(here - QUARTERS + 1, here + 1)
    counted: Counter[tuple[str, int]] = Counter()
    for record in records:
        if record["decided_on"] and record["nature"] != "identity":
            counted[record["nature"], record["decided_on"].year * 4 + (record["decided_on"].month - 1) // 3] += 1
    natures = {"favourable": _("许可和守信"), "neutral": _("其他"), "adverse": _("处罚和失信")}
    series = [Series(label, [counted[nature, q] for q in quarters]) for nature, label in natures.items()]
    series = [s for s in series if any(s.values)]
    if not series:
        return None
    told_by = "、".join(_("%(what)s %(n)d 条") % {"what": s.name, "n": sum(v or 0 for v in s.values)} for s in series)
    return Chart(
        title=_("近三年各季度的信息"), sentence=_("近三年按决定日期计，正在公示的：%(what)s。") % {"what": told_by},
        categories=[f"{q // 4}-Q{q % 4 + 1}" for q in quarters], series=series, kind="stack", unit=_("条"),
        corner=_("季度"),
    )  # fmt: skip


def _standing(held: Held, day: date) -> dict[str, Any]:
    """Public grades, and entries of public lists with the words of their list; read only where there are any."""
    (graded, listed), found = held.beside, held.subject
    entries = public_entries_of(found, day) if listed else ()
    listings = [{"entry": entry, "list": rules_of(entry).list} for entry in entries]
    return {"grades": public_grades(found, day) if graded else [], "listings": listings}


def _conditional(request: HttpRequest, held: Held, build: Build, today: date) -> HttpResponseBase:
    """304 for who has it already. The answer depends on the register, the packs, the day and the language."""
    found, stamp = held.subject, stamp_of(held)
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    judged = _standing(held, today)
    entries = [
        (e.pk, e.list, e.proposed_on, e.listed_on, e.expires_on, e.record)
        for e in (j["entry"] for j in judged["listings"])
    ]
    judgement = repr((entries, judged["grades"]))
    parts = (stamp.text, judgement, str(today), policies().digest, __version__, get_language() or "", build.__name__)
    reader = str(getattr(request.user, "pk", "")) if request.session.session_key else ""
    etag = f'"{hashlib.sha256("|".join((*parts, reader)).encode()).hexdigest()[:32]}"'
    modified = int(max(stamp.at, midnight).timestamp())
    response = get_conditional_response(request, etag, modified)
    if response is None:
        response = remembered(request, etag, lambda: build(request, found, today, judged))
    response.headers.setdefault("ETag", etag)
    response.headers.setdefault("Last-Modified", http_date(modified))
    patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response
