"""Public lists: on what basis, who is on them until when, how an entry ends, and what the subject can do (R-168 to R-174)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.accounts.words import english, worded
from chengxin.design.list_facts import more_facts
from chengxin.design.shapes import Crumb, Fact, Tone
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import moment
from chengxin.policy.lists import CreditList
from chengxin.policy.schema import basis_text
from chengxin.portal.answers import revalidated, told
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.registry.published import told as told_records
from chengxin.supervision.lists.queries import public_counts, public_entries
from chengxin.supervision.models import Listing
from chengxin.supervision.packs import ListVersion, lists_on

PER_PAGE = 50


@public("which lists there are, on what basis, and how many are on them (R-170)")
@require_safe
@revalidated
def lists(request: HttpRequest) -> HttpResponseBase:
    """The public lists in force by what they mean for the subject, the longest first; empty ones folded."""
    day = timezone.localdate()
    counted, agencies = public_counts(day), {a.id: named(a) for a in policies().agencies}
    shown = [v.list for v in lists_on(day).values() if v.list.public]
    groups = []
    for effects, heading, tone in _groups():
        rows = [
            {"list": entry, "count": counted.get(entry.id, 0), "department": agencies.get(entry.department, entry.department)}
            for entry in shown if entry.effect in effects
        ]  # fmt: skip
        rows.sort(key=lambda r: (-int(str(r["count"])), str(r["department"])))
        if rows:
            filled = [r for r in rows if r["count"]]
            groups.append(
                {"heading": heading, "tone": tone, "rows": filled, "empty": [r for r in rows if not r["count"]]}
            )
    return render(request, "portal/lists.html", {"groups": groups, "day": day})


@public("the same for programs")
@require_safe
@revalidated
def lists_json(request: HttpRequest) -> HttpResponseBase:
    """Every public list with the number of subjects on it and where its entries are."""
    day = timezone.localdate()
    counted = public_counts(day)
    shown = [v for v in lists_on(day).values() if v.list.public]
    rows = [{**_about(v), "subjects": counted.get(v.list.id, 0),
             "url": request.build_absolute_uri(reverse("list-json", args=[v.list.id]))} for v in shown]  # fmt: skip
    return told({"day": day, "lists": rows})


@public("the entries of a public list that are in force; natural persons are on none (G-13)")
@require_safe
@revalidated
def one_list(request: HttpRequest, name: str) -> HttpResponseBase:
    """One list: what it is, on what basis, who is on it until when, how an entry ends."""
    day = timezone.localdate()
    version = _list(name, day)
    rows, more = _subjects(name, day, _after(request))
    shown = {
        "list": version.list, "version": version.version, "rows": rows, "day": day, "facts": _facts(version.list),
        "next": f"?after={more}" if more else "", "crumbs": [Crumb(_("公示名单"), reverse("lists"))],
        "count": public_counts(day).get(name, 0), "tone": tone_of(version.list),
    }  # fmt: skip
    return render(request, "portal/list.html", shown)


@public("the same for programs")
@require_safe
@revalidated
def list_json(request: HttpRequest, name: str) -> HttpResponseBase:
    """One list and a page of who is on it; `next` is the address that goes on."""
    day = timezone.localdate()
    version = _list(name, day)
    rows, more = _subjects(name, day, _after(request))
    entries = [
        {"code": row["subject"].code, "name": row["subject"].name, "listed_on": row["since"], "expires_on": row["until"],
         "grounds": [{"record": g["record"], "title": g["title"], "source": g["source"]} for g in row["grounds"]]}
        for row in rows
    ]  # fmt: skip
    going_on = request.build_absolute_uri(f"{request.path}?after={more}") if more else None
    return told({**_about(version), "day": day, "subjects": entries, "next": going_on})


def tone_of(entry: CreditList) -> Tone:
    return {"favour": "good", "serious": "bad", "attention": "warn", "warning": "warn"}.get(entry.effect, "")  # type: ignore[return-value]


def _groups() -> list[tuple[tuple[str, ...], str, Tone]]:
    return [
        (("serious",), _("严重失信主体名单"), "bad"),
        (("attention", "warning"), _("重点关注和警示名单"), "warn"),
        (("favour",), _("守信激励名单"), "good"),
        (("record",), _("其他名单"), ""),
    ]


def _about(version: ListVersion) -> dict[str, Any]:
    entry = version.list
    return {
        "id": entry.id, "label": entry.label, "label_en": entry.label_en, "version": version.version, "tone": entry.tone,
        "effect": entry.effect, "department": entry.department, "competence": entry.competence,
        "basis": basis_text(entry.basis), "aliases": list(entry.aliases), "exit": entry.exit.text, "remedy": entry.remedy,
    }  # fmt: skip


def _facts(entry: CreditList) -> list[Fact]:
    term = _("%(n)d 个月") % {"n": entry.term.months} if entry.term.months else _("没有固定期限，按移出条件")
    return [
        Fact(_("认定机关"), worded(entry, "competence")),
        Fact(_("依据"), basis_text(entry.basis)),
        Fact(_("期限"), _("以所依据的决定为准") if entry.mirrors else term),
        Fact(_("怎样移出"), worded(entry.exit, "text")),
        Fact(_("不服怎么办"), worded(entry, "remedy")),
        *more_facts(entry),
    ]


def _list(name: str, day: date) -> ListVersion:
    found = lists_on(day).get(name)
    if found is None or not found.list.public:
        raise Http404(_("没有名为“%(name)s”的公示名单。") % {"name": name})
    return found


def _subjects(name: str, day: date, after: int) -> tuple[list[dict[str, Any]], int]:
    """Each subject once with all it is listed for, in the order of their numbers, and the number the next page begins
    after (0 when there is none)."""
    entries = public_entries(name, day)
    some = entries.filter(subject_id__gt=after).order_by("subject_id").values_list("subject_id", flat=True).distinct()
    ids = list(some[: PER_PAGE + 1])
    here, more = ids[:PER_PAGE], ids[PER_PAGE - 1] if len(ids) > PER_PAGE else 0
    listed: dict[int, list[Listing]] = {}
    for entry in entries.filter(subject_id__in=here).order_by("subject_id", "listed_on", "pk"):
        listed.setdefault(entry.subject_id, []).append(entry)
    heads = Record.objects.filter(pk__in=[e.record for group in listed.values() for e in group if e.record])
    records = {r["id"]: r for r in told_records(heads.select_related("subject"), day)}
    criteria = {c.id: c.label_en if english() else c.label for c in _list(name, day).list.criteria}
    return [_row(group, records, criteria) for group in listed.values()], more


def _row(group: Sequence[Listing], records: Mapping[int, Any], criteria: Mapping[str, str]) -> dict[str, Any]:
    ends = [e.expires_on for e in group]
    grounds = []
    for entry in group:
        record = records.get(entry.record or 0)
        title = str(record["title"] or "") if record else criteria.get(entry.criterion, "")
        source = record["source_name"] if record else ""
        grounds.append(
            {
                "record": record["id"] if record else None,
                "title": title,
                "source": source,
                "on": moment(entry.listed_on),
            }
        )
    return {
        "subject": group[0].subject,
        "since": min(e.listed_on for e in group if e.listed_on),
        "until": None if None in ends else max(e for e in ends if e),
        "grounds": grounds,
    }


def _after(request: HttpRequest) -> int:
    text = request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
