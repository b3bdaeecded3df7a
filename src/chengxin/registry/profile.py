"""A subject's profile (信用档案) as plain data, for the operator, the pages and the API (R-080)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.registry.disclosure import Audience, Shown
from chengxin.registry.looks import Seen
from chengxin.registry.models import Severity, Standing, Subject
from chengxin.registry.packs import policies
from chengxin.registry.public import publicly_known
from chengxin.registry.queries import RecordView, content_of, disclosed, find_subject, item_of, records_of
from chengxin.registry.rows import names_and_identifiers


def public_profile(code: str, *, day: date | None = None) -> dict[str, Any] | None:
    """What everybody may see, or None: no such subject, or one of whom the public may not hear."""
    subject = find_subject(code)
    day = day or timezone.localdate()
    return public_profile_of(subject, records_of(subject), day) if subject and publicly_known(subject, day) else None


def public_profile_of(subject: Subject, views: Iterable[RecordView], day: date) -> dict[str, Any]:
    """The same of a subject of whom the public may hear and whose records have been read already."""
    packs = policies()
    records = []
    address = None
    for view in _known(views, packs):
        item, shown = disclosed(view, subject, packs, audience=Audience.PUBLIC, purpose="", day=day)
        if shown.visible:
            records.append(told_record(view, item, packs, shown))
            if item.record.master:
                address = shown.fields.get(item.record.attributes.get("address", ""))
    # The subject's own row keeps the address as it was reported; the public sees it as the registration discloses it.
    return {**_subject(subject), "address": address or "", "records": records, "day": day}


def operator_profile(code: str, *, as_of: date | None = None) -> dict[str, Any] | None:
    """Everything the register holds on a subject; `public` says which records everybody sees.

    `unknown_items` names items of which there are records but which the packs no longer have.
    """
    subject = find_subject(code)
    if subject is None:
        return None
    day = as_of or timezone.localdate()
    packs = policies()
    records = []
    views = records_of(subject, as_of=as_of)
    for view in _known(views, packs):
        item = item_of(view, packs)
        _, public = disclosed(view, subject, packs, audience=Audience.PUBLIC, purpose="", day=day)
        content = content_of(view, item, subject.code)
        everything = Shown("", {f.id: v for f in item.kept_fields if (v := content.get(f.id)) is not None})
        record = told_record(view, item, packs, everything)
        records.append({**record, "public": public.visible, "not_public_because": public.reason or None})
    lost = sorted({view.head.item for view in views} - {record["item"] for record in records})
    name = _name_on(subject, as_of) if as_of else subject.name
    return {**_subject(subject), "name": name, "as_of": as_of, "records": records, "unknown_items": lost}


def own_profile(subject: Subject, seen: Iterable[Seen], *, day: date) -> dict[str, Any]:
    """Everything the register holds on a subject, for the subject itself (R-219); `seen` is what `looks.look` gave.

    Beside each record stands whether everybody sees it now, and why not.
    """
    packs, records = policies(), []
    for one in seen:
        _, public = disclosed(one.view, subject, packs, audience=Audience.PUBLIC, purpose="", day=day)
        record = told_record(one.view, one.item, packs, one.shown)
        records.append({**record, "public": public.visible, "not_public_because": public.reason})
    return {**_subject(subject), "records": records, "day": day}


def _known(views: Iterable[RecordView], packs: Policies) -> list[RecordView]:
    """Records of items that the packs still have: without its item nobody can say what of a record may be shown."""
    return [view for view in views if packs.versions(view.head.item)]


def _name_on(subject: Subject, day: date) -> str:
    """What the subject was called at the end of that day."""
    later = subject.names.filter(until__gt=day).order_by("until").first()
    return later.name if later else subject.name


def _subject(subject: Subject) -> dict[str, Any]:
    former, identifiers = names_and_identifiers(subject.pk)
    return {
        "code": subject.code,
        "scheme": subject.scheme,
        "name": subject.name,
        "kind": subject.kind,
        "kind_label": subject.get_kind_display(),
        "provisional": subject.provisional,
        "region": subject.region,
        "industry": subject.industry,
        "status": subject.status,
        "address": subject.address,
        "registered_on": subject.registered_on,
        "former_names": former,
        "identifiers": identifiers,
    }


_WORDS = {"standing": dict(Standing.choices), "severity": dict(Severity.choices)}


@lru_cache(maxsize=100)
def _label(_language: str, kind: str, value: str) -> str:
    """The word for a standing or a severity, looked up once in each language."""
    return str(_WORDS[kind][value])


def told_record(view: RecordView, item: Item, packs: Policies, shown: Shown) -> dict[str, Any]:
    head, version = view.head, view.version
    known = item.by_id
    return {
        "id": head.pk,
        "item": item.id,
        "item_label": item.label,
        "item_version": version.item_version,
        "category": item.category,
        "nature": item.nature,
        "title": shown.fields.get(item.record.title),
        "source": head.source,
        "source_name": packs.agency_name(head.source),
        "standing": version.standing,
        "standing_label": _label(get_language() or "", "standing", version.standing),
        "held": version.held,
        "severity": version.severity,
        "severity_label": _label(get_language() or "", "severity", version.severity),
        "decided_on": head.decided_on,
        "expires_on": head.expires_on,
        "publish": head.publish,
        "public_until": head.public_until,
        "repair_from": head.repair_from,
        "retain_until": head.retain_until,
        "version": version.number,
        "change": version.pk,
        "action": version.action,
        "batch": version.batch,
        "row": version.row,
        "recorded_at": version.recorded_at,
        "basis": item.basis_text,
        "fields": [
            {
                "id": f,
                "label": known[f].label,
                "label_en": known[f].label_en,
                "value": known[f].as_written(v) if known[f].type == "amount" and f not in shown.masked else v,
                "masked": f in shown.masked,
            }
            for f, v in shown.fields.items()
        ],
        "refused": dict(shown.refused or {}),
    }
