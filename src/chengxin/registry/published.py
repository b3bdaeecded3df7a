"""What is published of one catalogue item, the newest first, for everybody: columns, feeds and downloads (R-339, R-344).

The database gives the candidates by an index made for it; disclosure decides of each whether and what of it is shown
(G-09, G-13). Pages go by the day and number of the last record, so that the millionth costs no more than the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from chengxin.policy.policies import Policies
from chengxin.registry.disclosure import Audience
from chengxin.registry.models import Record, RecordVersion
from chengxin.registry.packs import policies
from chengxin.registry.profile import told_record
from chengxin.registry.public import public_records, public_sql
from chengxin.registry.queries import RecordView, disclosed
from chengxin.registry.sql import asked

_PLACE = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})")


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see of an item; empty is everything. `region` is where the subject sits (the first digits of a
    division), `subjects` are ids of subjects that were searched for."""

    item: str
    source: str = ""
    region: str = ""
    since: date | None = None
    until: date | None = None
    subjects: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Page:
    """Some published records as `told_record` tells them, each with `subject_code` and `subject_name`; the places from
    which the pages before and after go on, or ""."""

    records: Sequence[Mapping[str, Any]]
    newer: str = ""
    older: str = ""


def published(asked: Asked, day: date, *, limit: int = 20, older: str = "", newer: str = "") -> Page:
    """The records after the place `older`, or before the place `newer`, in the order of their days of decision."""
    found = _candidates(asked, day)
    after, before = place_of(older), place_of(newer)
    if before and not after:
        step = list(_beyond(found, before, forward=True).order_by("decided_on", "pk")[: limit + 1])
        heads, more_newer, more_older = step[:limit][::-1], len(step) > limit, True
    else:
        rows = _beyond(found, after, forward=False) if after else found
        step = list(rows.order_by("-decided_on", "-pk")[: limit + 1])
        heads, more_newer, more_older = step[:limit], bool(after), len(step) > limit
    return Page(
        records=told(heads, day),
        newer=_place(heads[0]) if heads and more_newer else "",
        older=_place(heads[-1]) if heads and more_older else "",
    )


def told(heads: Iterable[Record], day: date) -> list[dict[str, Any]]:
    """These records as the public sees them; those that disclosure refuses are left out."""
    heads, packs = list(heads), policies()
    versions = RecordVersion.objects.in_bulk([h.change for h in heads])
    rows = (_told(head, versions[head.change], packs, day) for head in heads if head.change in versions)
    return [row for row in rows if row]


def counts_of(subjects: Iterable[int], day: date) -> dict[int, int]:
    """How many public records each of these subjects has."""
    wanted, items = list(subjects), _public_items(policies())
    if not wanted or not items:
        return {}
    shown, values = public_sql(day)
    # By item, and those that are public are added up here: a hundred names of items would travel with each page.
    rows = asked(
        f"""SELECT r.subject_id, r.item, count(*) FROM registry_record r
            WHERE r.subject_id IN ({", ".join(["%s"] * len(wanted))}) AND {shown} GROUP BY r.subject_id, r.item""",
        [*wanted, *values],
    )
    counts: dict[int, int] = {}
    for subject, item, number in rows:
        if item in items:
            counts[subject] = counts.get(subject, 0) + number
    return counts


def place_of(text: str) -> tuple[date, int] | None:
    """A place in the order, as the address of a page has it; None for what is none."""
    parts = _PLACE.fullmatch(text)
    try:
        return (date.fromisoformat(parts[1]), int(parts[2])) if parts else None
    except ValueError:
        return None


def _public_items(packs: Policies) -> frozenset[str]:
    known, found = _items.get("public", (None, frozenset()))
    if known is not packs:
        found = frozenset(c.item.id for c in packs.compiled if c.item.disclosure == "public")
        _items["public"] = packs, found
    return found


_items: dict[str, tuple[Policies | None, frozenset[str]]] = {}
"""The public items of the packs that were asked last."""


def _candidates(asked: Asked, day: date) -> QuerySet[Record]:
    rows = Record.objects.filter(public_records(day), item=asked.item, decided_on__isnull=False)
    rows = rows.exclude(subject__kind="natural_person").select_related("subject")
    if asked.source:
        rows = rows.filter(source=asked.source)
    if asked.region:
        rows = rows.filter(subject__region__startswith=asked.region)
    if asked.since:
        rows = rows.filter(decided_on__gte=asked.since)
    if asked.until:
        rows = rows.filter(decided_on__lte=asked.until)
    return rows if asked.subjects is None else rows.filter(subject_id__in=asked.subjects)


def _beyond(rows: QuerySet[Record], at: tuple[date, int], *, forward: bool) -> QuerySet[Record]:
    """Two comparisons of the same day: the first is what the index is entered by."""
    day, number = at
    if forward:
        return rows.filter(decided_on__gte=day).filter(Q(decided_on__gt=day) | Q(pk__gt=number))
    return rows.filter(decided_on__lte=day).filter(Q(decided_on__lt=day) | Q(pk__lt=number))


def _place(head: Record) -> str:
    return f"{head.decided_on}.{head.pk}"


def _told(head: Record, version: RecordVersion, packs: Policies, day: date) -> dict[str, Any] | None:
    if not packs.versions(head.item):
        return None
    view = RecordView(head, version, orjson.loads(version.payload))
    item, shown = disclosed(view, head.subject, packs, audience=Audience.PUBLIC, purpose="", day=day)
    if not shown.visible:
        return None
    row = told_record(view, item, packs, shown)
    return {**row, "subject_code": head.subject.code, "subject_name": head.subject.name}
