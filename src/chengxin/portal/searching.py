"""The search page: by code, name, former name, abbreviation, initials; narrowed by region, kind and status (S-11, R-102)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.design.shapes import Tag
from chengxin.portal.answers import polite, told
from chengxin.portal.chapters import region_name
from chengxin.portal.hit_part import Facet, facets, hits
from chengxin.registry.models import SubjectKind
from chengxin.registry.packs import policies
from chengxin.registry.published import counts_of
from chengxin.registry.search import MIN_LENGTH, MOST, Answer, Where, find
from chengxin.standards.text import clean_code, name_key
from chengxin.standards.uscc import USCC_LENGTH, uscc_problem
from chengxin.supervision.lists.queries import public_lists_of
from chengxin.supervision.packs import lists_on

PER_PAGE = 20
_OPEN = public("everybody may look organisations up; natural persons are never listed (design.md section 8)")
_AXES = ("region", "kind", "status")


@_OPEN
@require_safe
@polite
def search_page(request: HttpRequest) -> HttpResponseBase:
    """Subjects for a code or a part of a name, page by page."""
    query, where = _asked(request)
    shown: dict[str, Any] = {"query": query, "problem": problem_of(query) if query else "", "where": where}
    if query and not shown["problem"]:
        answer = find(query, where)
        page = Paginator(range(len(answer.found)), PER_PAGE).get_page(request.GET.get("page"))
        rows, tags = _rows(answer, page), _tags(request, where)
        shown |= {
            "page": page, "hits": rows, "total": len(answer.found), "capped": answer.capped, "near": answer.near,
            "found": hits(rows, page.start_index()), "facets": facets(_facets(request, answer), bool(tags)),
            "tags": tags, "most": MOST,
            "hint": "" if answer.found and not answer.near else hint(query), "every": f"?{urlencode({'q': query})}",
            "json": f"{reverse('search-json')}?{request.GET.urlencode()}",
        }  # fmt: skip
    return render(request, "portal/search.html", shown)


@_OPEN
@require_safe
@polite
def search_json(request: HttpRequest) -> HttpResponseBase:
    """The twin of the page; the API's search has cursors and a contract."""
    query, where = _asked(request)
    problem = problem_of(query)
    if problem:
        response = told({"problem": problem})
        response.status_code = 422
        return response
    answer = find(query, where)
    page = Paginator(range(len(answer.found)), PER_PAGE).get_page(request.GET.get("page"))
    rows = [{**{k: getattr(r["hit"], k) for k in ("code", "current_name", "name", "region", "status", "kind", "provisional")},
             "records": r["records"], "lists": [entry.id for entry in r["lists"]],
             "url": request.build_absolute_uri(reverse("subject-json", args=[r["hit"].code]))}
            for r in _rows(answer, page)]  # fmt: skip
    return told({"query": query, "total": len(answer.found), "at_least": answer.capped, "near": answer.near,
                 "page": page.number, "pages": page.paginator.num_pages, "subjects": rows})  # fmt: skip


def problem_of(query: str) -> str:
    """Why there can be no answer; empty when there can."""
    if max(len(name_key(query) or ""), len(clean_code(query) or "")) < MIN_LENGTH:
        return _("请至少输入两个字，或者完整的统一社会信用代码。")
    return ""


def hint(query: str) -> str:
    """What may be wrong with a code that nobody has."""
    code = clean_code(query) or ""
    if len(code) == USCC_LENGTH and code.isascii() and code.isalnum() and uscc_problem(code):
        return _("这个代码的校验位对不上，可能有一位抄错了，请与营业执照核对。")
    return ""


def _asked(request: HttpRequest) -> tuple[str, Where]:
    query = request.GET.get("q", "").strip()[:100].replace("\x00", "")
    given = {axis: request.GET.get(axis, "")[:40].replace("\x00", "") for axis in _AXES}
    region = given["region"] if given["region"].isascii() and given["region"].isdigit() else ""
    kind = given["kind"] if given["kind"] in SubjectKind.values else ""
    return query, Where(region[:6], kind, given["status"])


def _rows(answer: Answer, page: Any) -> list[dict[str, Any]]:
    """The hits of a page with the number of their public records and the lists they are on: a query for each, not each."""
    packs, day = policies(), timezone.localdate()
    hits = answer.hits(page.start_index() - 1 if page.paginator.count else 0, PER_PAGE)
    ids = [h.subject_id for h in hits]
    counted, listed, known = counts_of(ids, day), public_lists_of(ids, day), lists_on(day)
    return [
        {
            "hit": hit,
            "region": region_name(packs, hit.region),
            "records": counted.get(hit.subject_id, 0),
            "lists": [known[name].list for name in listed.get(hit.subject_id, []) if name in known],
        }
        for hit in hits
    ]


def _facets(request: HttpRequest, answer: Answer) -> list[Facet]:
    """What can be narrowed further; an axis with one value is none."""
    if answer.near:
        return []
    packs = policies()
    labels = dict(SubjectKind.choices)
    headings = {"region": _("所在地区"), "kind": _("主体类别"), "status": _("登记状态")}
    regions = {c: region_name(packs, c) for c in _cities(answer.counts["region"])}
    words: dict[str, Mapping[str, Any]] = {"region": regions, "kind": labels, "status": {}}
    facets: list[tuple[str, Sequence[tuple[str, str, int]]]] = []
    for axis in _AXES:
        values = _cities(answer.counts[axis]) if axis == "region" else answer.counts[axis]
        many = [(v, n) for v, n in values.most_common(13) if v]
        if len(many) > 1:
            before = _link(request, {axis: ""})
            to = (f"{before}&{axis}={quote_plus(_prefix(v) if axis == 'region' else v)}" for v, _n in many)
            rows = [(str(words[axis].get(v, v)), href, n) for (v, n), href in zip(many, to, strict=True)]
            facets.append((headings[axis], rows))
    return facets


def _cities(counts: Mapping[str, int]) -> Counter[str]:
    """Counts of divisions summed to their city; within one city its districts."""
    cities: Counter[str] = Counter()
    for code, n in counts.items():
        cities[f"{code[:4]}00" if code else ""] += n
    return cities if len([c for c in cities if c]) > 1 else Counter(counts)


def _prefix(code: str) -> str:
    return code[:4] if code.endswith("00") else code


def _link(request: HttpRequest, change: Mapping[str, str]) -> str:
    kept = {k: v for k, v in request.GET.items() if k in ("q", *_AXES)} | dict(change)
    return f"?{urlencode({k: v for k, v in kept.items() if v})}"


def _tags(request: HttpRequest, where: Where) -> list[Tag]:
    packs, labels = policies(), dict(SubjectKind.choices)
    region = region_name(packs, where.region.ljust(6, "0")) if where.region else ""
    words = {"region": region, "kind": str(labels.get(where.kind, "")), "status": where.status}
    return [Tag(word, _link(request, {axis: ""})) for axis, word in words.items() if word]
