"""Pages for everybody: home, search, a subject's profile (S-11, R-080, R-102)."""

from __future__ import annotations

import hashlib
from datetime import datetime, time
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin import __version__
from chengxin.accounts.guards import public
from chengxin.collection.queries import freshness
from chengxin.evaluation.public import public_grades
from chengxin.portal.chapters import chapters, region_name
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies
from chengxin.registry.profile import public_profile
from chengxin.registry.queries import find_subject, publicly_known, stamp_of
from chengxin.registry.search import MIN_LENGTH, search
from chengxin.standards.text import clean_code, name_key
from chengxin.standards.uscc import USCC_LENGTH, uscc_problem
from chengxin.supervision.lists.queries import public_entries_of, rules_of

PER_PAGE = 20
LAST_PAGE = 50
"""Whoever needs more than a thousand hits needs a better question; each page costs all the pages before it."""


@public("the front door")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search box first, then what one can do, then how fresh the data is."""
    return render(request, "portal/home.html", {"freshness": freshness()})


@public("everybody may look organisations up; natural persons are never listed (design.md section 8)")
@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Subjects for a code or a part of a name, page by page."""
    query = request.GET.get("q", "").strip()[:100]
    page = _page_number(request.GET.get("page", ""))
    asked: dict[str, Any] = {"query": query, "page": page, "problem": _problem(query) if query else ""}
    if query and not asked["problem"]:
        hits = search(query, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
        packs = policies()
        asked["hits"] = [{"hit": h, "region": region_name(packs, h.region)} for h in hits[:PER_PAGE]]
        asked["more"] = len(hits) > PER_PAGE and page < LAST_PAGE
        asked["first"] = (page - 1) * PER_PAGE + 1
        asked["hint"] = "" if hits else _hint(query)
    return render(request, "portal/search.html", asked)


@public("what everybody may see of an organisation; disclosure decides field by field")
@require_safe
def subject(request: HttpRequest, code: str) -> HttpResponseBase:
    """The public profile; a former code leads to the current one."""
    found = _public_subject(code)
    if found.code != code:
        return redirect("subject", found.code)
    return _conditional(request, found, _profile_page)


@public("the same as the page, for programs")
@require_safe
def subject_json(request: HttpRequest, code: str) -> HttpResponseBase:
    """The twin of the profile page."""
    found = _public_subject(code)
    if found.code != code:
        return redirect("subject-json", found.code)
    return _conditional(request, found, _profile_json)


def _public_subject(code: str) -> Subject:
    """The subject of a public page. Raises `Http404`, the same for a natural person as for nobody."""
    found = find_subject(code)
    if found is None or not publicly_known(found):
        raise Http404(_no_subject(code))
    return found


def _no_subject(code: str) -> str:
    asked = clean_code(code) or ""
    return _("没有查到代码为“%(code)s”的单位。") % {"code": asked[:64]} + _hint(asked)


def _profile_page(request: HttpRequest, found: Subject, judged: dict[str, Any]) -> HttpResponse:
    profile = public_profile(found.code)
    if profile is None:
        raise Http404(_no_subject(found.code))
    packs = policies()
    parts = chapters(packs, profile["day"], profile["records"])
    shown = {
        "profile": profile,
        **judged,
        "english": (get_language() or "").startswith("en"),
        "region": region_name(packs, profile["region"]),
        "chapters": [c for c in parts if c.sections],
        "not_collected": [c for c in parts if not c.sections and not c.closed],
        "closed": [item for c in parts for item in c.closed],
    }
    return render(request, "portal/subject.html", shown)


def _standing(found: Subject) -> dict[str, Any]:
    """Public grades, and entries of public lists with the words of their list."""
    day = timezone.localdate()
    listings = [{"entry": entry, "list": rules_of(entry).list} for entry in public_entries_of(found, day)]
    return {"grades": public_grades(found, day), "listings": listings}


def _profile_json(request: HttpRequest, found: Subject, _judged: dict[str, Any]) -> HttpResponse:
    profile = public_profile(found.code)
    if profile is None:
        raise Http404(_no_subject(found.code))
    return JsonResponse(profile, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _conditional(request: HttpRequest, found: Subject, build: Any) -> HttpResponseBase:
    """304 for who has it already. The answer depends on the register, the packs, the day and the language."""
    stamp, today = stamp_of(found), timezone.localdate()
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    judged = _standing(found)
    judgement = repr(([e["entry"].pk for e in judged["listings"]], judged["grades"]))
    parts = (stamp.text, judgement, str(today), policies().digest, __version__, get_language() or "", build.__name__)
    etag = f'"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]}"'
    modified = int(max(stamp.at, midnight).timestamp())
    response = get_conditional_response(request, etag, modified) or build(request, found, judged)
    response.headers.setdefault("ETag", etag)
    response.headers.setdefault("Last-Modified", http_date(modified))
    patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response


def _page_number(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _problem(query: str) -> str:
    if max(len(name_key(query) or ""), len(clean_code(query) or "")) < MIN_LENGTH:
        return _("请至少输入两个字，或者完整的统一社会信用代码。")
    return ""


def _hint(query: str) -> str:
    """What may be wrong with a code that nobody has."""
    code = clean_code(query) or ""
    if len(code) == USCC_LENGTH and code.isascii() and code.isalnum() and uscc_problem(code):
        return _("这个代码的校验位对不上，可能有一位抄错了，请与营业执照核对。")
    return ""
