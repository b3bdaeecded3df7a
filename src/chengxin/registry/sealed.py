"""The register's part of the provable log: every state of every record is sealed, and what the public sees is compared.

Of each version the open part is what everybody could see of the record when it was sealed (fields without mask, by the
shape kept in `audit.Shape`); the closed part is the whole row. So a visitor can check that a published record is the one
in the log, and nobody learns from the proof what is not public (R-082, R-373, G-18).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils import timezone

from chengxin.audit.canonical import canonical, moment
from chengxin.audit.models import Shape
from chengxin.audit.sources import Sealed, Wrong
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import UnknownPolicy
from chengxin.registry.disclosure import Audience, Facts, refusal
from chengxin.registry.models import RecordVersion
from chengxin.registry.packs import policies
from chengxin.registry.public import publicly_known
from chengxin.registry.queries import RecordView, facts_of, item_of
from chengxin.standards.hashing import sm3_hex

_ROW = (
    "pk", "record_id", "number", "action", "standing", "held", "severity", "subject_id_then", "payload", "content_hash",
    "item_version", "batch", "row", "case", "actor", "reason", "recorded_at",
)  # fmt: skip
_HEAD = (
    "record__change", "record__item", "record__publish", "record__public_until", "record__retain_until",
    "record__subject__kind",
)  # fmt: skip
_AT_MOST = 100
"""Faults named of one kind; whoever has more than that does not need the rest."""


class Versions:
    """Record versions in the order of the change feed, which has one writer (`registry.lock`)."""

    kind = "record"

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, str], int] = {}
        self._known: dict[int, Shape] = {}

    def horizon(self, after: int) -> int:
        """Every number up to the newest one: the register's single writer commits them in order."""
        return max(after, RecordVersion.objects.aggregate(last=Max("pk"))["last"] or 0)

    def rows(self, after: int, upto: int, limit: int) -> list[Sealed]:
        """The next versions, each with what the public sees of it today."""
        day = timezone.localdate()
        found = _versions(after, upto)[:limit]
        return [self._written(row, self._note(row, day)) for row in found.iterator(chunk_size=5000)]

    def sealed(self, after: int, upto: int, notes: dict[int, str]) -> Iterable[Sealed]:
        """The versions as they stand, shown as their notes say that they were."""
        for row in _versions(after, upto).iterator(chunk_size=5000):
            yield self._written(row, notes.get(row[0], ""))

    def faults(self) -> Iterator[Wrong]:
        """Heads that are not what their newest version and its leaf say: published, hidden or removed behind our back."""
        with connection.cursor() as cursor:
            for words, sql in _HEADS.items():
                cursor.execute(f"{sql} ORDER BY 1 LIMIT {_AT_MOST}")
                for ref, record in cursor.fetchall():
                    yield Wrong(int(ref), "published-record", f"record {record}: {words}")

    def _note(self, row: tuple[Any, ...], day: date) -> str:
        """`publish|public until|shape`; empty for a version that was no longer the newest when it was sealed."""
        change, item, publish, until, retain, subject_kind = row[-len(_HEAD) :]
        if change != row[0]:
            return ""
        version, standing, held = row[10], row[4], row[5]
        found = self._shape(item, version)
        facts = Facts(
            subject_kind=subject_kind, standing=standing, held=held, public=found > 0, sharing="none",
            public_until=until, retain_until=retain, publishable=publish,
        )  # fmt: skip
        shown = found if not refusal(facts, Audience.PUBLIC, "", day) else 0
        return f"{int(publish)}|{until or ''}|{shown}"

    def _shape(self, item: str, version: str) -> int:
        """The number of the shape in which the public sees an item of this version; 0 when it does not."""
        if (item, version) not in self._shapes:
            versions = policies().versions(item)
            found = next((i for i in versions if i.version == version), versions[-1] if versions else None)
            self._shapes[item, version] = _kept(found, version) if found and found.disclosure == "public" else 0
        return self._shapes[item, version]

    def _written(self, row: tuple[Any, ...], note: str) -> Sealed:
        told = dict(zip(_ROW, row, strict=False))
        told["recorded_at"] = moment(told["recorded_at"])
        shape = int(note.rpartition("|")[2] or 0)
        shown: dict[str, Any] = {"record": told["record_id"], "version": told["number"], "change": told["pk"]}
        if shape:
            shown |= self._shown(shape, told, note)
        return Sealed(told["pk"], canonical(shown), canonical(told), note)

    def _shown(self, shape: int, told: dict[str, Any], note: str) -> dict[str, Any]:
        if shape not in self._known:
            self._known[shape] = Shape.objects.get(pk=shape)
        known = self._known[shape]
        try:
            payload = json.loads(told["payload"])
        except ValueError:  # not as we wrote it: the commitment will not fit either
            payload = {}
        fields = {f: payload[f] for f in known.fields if payload.get(f) is not None}
        until = note.split("|")[1]
        return {"item": known.item, "standing": told["standing"], "public_until": until, "fields": fields}


def public_now(change: int) -> bool:
    """Whether this is the newest state of its record and everybody may see it today: only then is its content proved."""
    version = RecordVersion.objects.select_related("record__subject").filter(pk=change).first()
    if version is None or version.record.change != change or not publicly_known(version.record.subject):
        return False
    view = RecordView(version.record, version, {})
    try:
        facts = facts_of(view, item_of(view, policies()), version.record.subject)
    except UnknownPolicy:
        return False
    return not refusal(facts, Audience.PUBLIC, "", timezone.localdate())


def _versions(after: int, upto: int) -> QuerySet[RecordVersion, tuple[Any, ...]]:
    found = RecordVersion.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk")
    return found.values_list(*_ROW, *_HEAD)


def _kept(item: Item, version: str) -> int:
    fields = [f.id for f in item.kept_fields if f.disclosure == "public" and not f.mask]
    digest = sm3_hex(canonical({"item": item.id, "version": version, "fields": fields}))
    made, _new = Shape.objects.get_or_create(
        digest=digest, defaults={"item": item.id, "version": version, "fields": fields}
    )
    return int(made.pk)


_PUBLISHED = "CASE WHEN r.publish THEN '1' ELSE '0' END || '|' || coalesce(CAST(r.public_until AS text), '') || '|'"
_HEADS = {
    "what is shown differs from its newest sealed state": f"""
        SELECT r.change, r.id FROM registry_record r JOIN registry_recordversion v ON v.id = r.change
        JOIN audit_leaf l ON l.kind = 'record' AND l.ref = r.change
        WHERE v.record_id <> r.id OR v.number <> r.number OR v.standing <> r.standing OR v.held <> r.held
           OR v.severity <> r.severity OR v.content_hash <> r.content_hash
           OR (l.note <> '' AND substr(l.note, 1, length({_PUBLISHED})) <> {_PUBLISHED})""",
    "it was put back to an older state": """
        SELECT v.id, r.id FROM registry_record r JOIN registry_recordversion v
        ON v.record_id = r.id AND v.number > r.number""",
    "the state that it shows is not there": """
        SELECT r.change, r.id FROM registry_record r LEFT JOIN registry_recordversion v ON v.id = r.change
        WHERE v.id IS NULL""",
    "it was removed without a trace": """
        SELECT v.id, v.record_id FROM registry_recordversion v LEFT JOIN registry_record r ON r.id = v.record_id
        WHERE r.id IS NULL""",
}
