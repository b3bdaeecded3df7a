"""The monthly bulletin on collection and double publicity (月通报; R-053, R-054, R-061, R-068, R-314, R-349).

Everything it says is in one snapshot, canonical JSON with its SHA-256: the page, the PDF and the workbook are three ways
to show it. One steward draws it up, another lets it out (four eyes); after that it never changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import allow, require
from chengxin.audit.actions import record as trace
from chengxin.audit.models import Look
from chengxin.collection import board, omissions, quality
from chengxin.collection.actions import NotAccepted, WrongState
from chengxin.collection.board import Rates
from chengxin.collection.models import Batch, Bulletin, Reminder, State
from chengxin.policy.policies import Policies
from chengxin.policy.wording import fill
from chengxin.registry.models import Record
from chengxin.registry.packs import policies

SCHEMA = "chengxin-bulletin/1"
_FAULTS_TOLD = 10
_RATES = ("batches", "reported", "stored", "rejected", "doubtful", "timed", "late", "place")


def visible(actor: Actor) -> QuerySet[Bulletin]:
    """The bulletins that `actor` may read: what is out for everybody who works here, drafts for stewards."""
    if not allow(actor, "bulletin.see", ""):
        return Bulletin.objects.none()
    every = Bulletin.objects.order_by("-month")
    return every if allow(actor, "bulletin.prepare", "") else every.exclude(published_at=None)


def prepare(actor: Actor, month: str, foreword: str = "") -> Bulletin:
    """Draw up the bulletin of a month, or draw it up anew while it is not out. Raises `BadMonth`, `UnknownPolicy`."""
    require(actor, "bulletin.prepare", "")
    said = canonical(snapshot(month))
    values = {
        "snapshot": said,
        "sha256": hashlib.sha256(said.encode()).hexdigest(),
        "foreword": foreword.strip(),
        "prepared_by": actor.name,
        "prepared_at": timezone.now(),
    }
    with transaction.atomic():
        bulletin, made = Bulletin.objects.get_or_create(month=month, defaults=values)
        if not made and not Bulletin.objects.filter(pk=bulletin.pk, published_at=None).update(**values):
            raise WrongState(_("%(month)s 的通报已经发布，不能再改。"), month=month)
        bulletin.refresh_from_db()
        trace(actor.name, "bulletin.prepare", "bulletin", month, sha256=bulletin.sha256)
    return bulletin


def publish(actor: Actor, bulletin: Bulletin, sha256: str) -> Bulletin:
    """Let out what was read, and nothing else: `sha256` is of the snapshot the reader had before them (R-054).

    Raises `Denied` for whoever drew it up, `NotAccepted` when it was drawn up anew meanwhile, `WrongState` when it is out.
    """
    require(actor, "bulletin.publish", bulletin)
    with transaction.atomic():
        waiting = Bulletin.objects.filter(pk=bulletin.pk, published_at=None)
        moved = waiting.filter(sha256=sha256).update(published_by=actor.name, published_at=timezone.now())
        if not moved and waiting.exists():
            raise NotAccepted(_("这份通报刚刚重新生成过，请重新看一遍再发布。"))
        if not moved:
            raise WrongState(_("%(month)s 的通报已经发布。"), month=bulletin.month)
        bulletin.refresh_from_db()
        trace(actor.name, "bulletin.publish", "bulletin", bulletin.month, sha256=sha256)
    return bulletin


def canonical(data: dict[str, Any]) -> str:
    """The one way in which a snapshot is written down."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def snapshot(month: str) -> dict[str, Any]:
    """All figures of the month, with names in both languages. Raises `BadMonth` and `UnknownPolicy`."""
    packs = policies()
    goals, lines = quality.goals_of(month), quality.lines_of(month)
    both = {i.id for i in packs.items(timezone.localdate()) if i.double_publicity}
    double = [x for x in lines if x.item in both]
    return {
        "schema": SCHEMA,
        "month": month,
        "drawn_up": timezone.localdate().isoformat(),
        "packs": packs.digest,
        "goals": {"intake": goals.intake, "compliance": goals.compliance, "timeliness": goals.timeliness},
        "total": _rates(board.total(lines), packs),
        "before": _month_before(month),
        "trend": [{"month": m.month, "reported": m.reported, "stored": m.stored} for m in board.trend(month)],
        "sources": [_rates(r, packs) for r in board.by_source(lines)],
        "items": [_rates(r, packs) for r in board.by_item(lines)],
        "double_publicity": [_rates(r, packs) for r in board.by_source(double)],
        "regions": [{"code": c, "name": n, "count": k} for c, n, k in board.by_region(month, items=sorted(both))],
        "faults": _faults(month, packs),
        "doubts": _doubts(packs),
        "suspects": _suspects(quality.suspects_of(month, lines, goals)),
        "reminders": _reminders(month),
        "looks": _looks(month),
    }


def _rates(rates: Rates, packs: Policies) -> dict[str, Any]:
    return {
        "id": rates.id, "name": rates.name, "name_en": _english(rates.id, packs),
        **{n: getattr(rates, n) for n in _RATES},
        "intake": rates.intake, "compliance": rates.compliance, "timeliness": rates.timeliness,
    }  # fmt: skip


def _english(id: str, packs: Policies) -> str:
    """The English name of a source unit or an item."""
    agency = next((a for a in packs.agencies if a.id == id), None)
    if agency is not None:
        return agency.name_en
    versions = packs.versions(id)
    return versions[-1].label_en if versions else id


def _month_before(month: str) -> dict[str, Any]:
    earlier = board.total(quality.lines_of(quality.shifted(month, -1)))
    return {"reported": earlier.reported, "stored": earlier.stored, "intake": earlier.intake}


def _faults(month: str, packs: Policies) -> list[dict[str, Any]]:
    """The rules that most rows broke, with their sentences."""
    counts: dict[tuple[str, str, str], int] = {}
    batches = Batch.objects.filter(month=month, checked_at__isnull=False).exclude(state=State.WITHDRAWN)
    for item, faults in batches.values_list("item", "faults").iterator():
        for fault in faults:
            key = (item, fault["rule"], fault["level"])
            counts[key] = counts.get(key, 0) + fault["count"]
    most = sorted(counts.items(), key=lambda x: (-x[1], x[0]))[:_FAULTS_TOLD]
    return [_fault(packs, *key, count) for key, count in most]


def _fault(packs: Policies, item: str, rule: str, level: str, count: int) -> dict[str, Any]:
    versions = packs.versions(item)
    known = next((r for r in packs.rules(item, timezone.localdate()) if r.id == rule), None) if versions else None
    return {
        "rule": rule,
        "level": level,
        "count": count,
        "item": versions[-1].label if versions else item,
        "item_en": versions[-1].label_en if versions else item,
        "words": _words(known.message, known.expected) if known else rule,
        "words_en": _words(known.message_en, known.expected_en) if known else rule,
    }


def _words(message: str, expected: str) -> str:
    """The rule's own sentence, without any cell in it."""
    return fill(message, found="…", expected=expected)


def _doubts(packs: Policies) -> list[dict[str, Any]]:
    """Records in doubt that nobody has settled yet, by source unit."""
    held = Record.objects.filter(held=True).order_by().values_list("source").annotate(n=Count("pk")).order_by("-n")
    return [{"id": s, "name": packs.agency_name(s), "name_en": _english(s, packs), "count": n} for s, n in held]


def _suspects(found: Iterable[omissions.Suspect]) -> list[dict[str, Any]]:
    rows = list(found)
    with translation.override("en"):
        english = [s.reason for s in rows]
    with translation.override("zh-hans"):
        return [
            {"defect": s.defect, "source": s.source_name, "item": s.item_label, "reason": s.reason, "reason_en": e}
            for s, e in zip(rows, english, strict=True)
        ]


def _reminders(month: str) -> dict[str, int]:
    """What was asked of units for this month, and how far it has come (R-066)."""
    rows = Reminder.objects.filter(month=month).values_list("level", "state", "answer_by", "outcome")
    today, found = timezone.localdate(), list(rows)
    return {
        "asked": len(found),
        "supervised": sum(level == Reminder.Level.SUPERVISE for level, *_rest in found),
        "answered": sum(state != Reminder.State.OPEN for _level, state, *_rest in found),
        "closed": sum(state == Reminder.State.CLOSED for _level, state, *_rest in found),
        "overdue": sum(state == Reminder.State.OPEN and day < today for _level, state, day, _outcome in found),
        "made_good": sum(outcome == "sent" for *_rest, outcome in found),
    }


def _looks(month: str) -> dict[str, int]:
    """How the register was used: looks at what is not public, by audience (归集应用)."""
    year, number = int(month[:4]), int(month[5:])
    looks = Look.objects.filter(at__year=year, at__month=number).order_by()
    return dict(looks.values_list("audience").annotate(n=Count("pk")))
