"""The data snapshot of a report: everything that stands in it, as texts and whole numbers, and nothing else.

Made from the register by its disclosure function for the audience of the template. The PDF is set from this alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import override

from chengxin.audit.canonical import canonical
from chengxin.audit.models import Checkpoint
from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.policy.policies import Policies
from chengxin.policy.reports import Chapter, LawField, Part, Report
from chengxin.policy.schema import basis_text
from chengxin.policy.wording import fill
from chengxin.registry.disclosure import Audience, Shown
from chengxin.registry.models import Severity, Standing, Subject, SubjectKind
from chengxin.registry.queries import RecordView, disclosed, records_of
from chengxin.reports.asking import Granted
from chengxin.standards.masking import mask

FORMAT = "chengxin-report/1"


@dataclass(frozen=True)
class Told:
    """A record as this report may tell it."""

    view: RecordView
    item: Item
    fields: Mapping[str, Any]


def of_subject(asked: Granted, packs: Policies) -> dict[str, Any]:
    """The body of a report about one subject: identity, summary, chapters. `feed` is the newest change it knows of."""
    subject, made = asked.subject, asked.template
    assert subject is not None
    english = asked.request.language == "en"
    told = list(tellable(subject, made, packs, purpose=asked.request.purpose or "report", day=asked.day))
    chosen = [t for t in told if _chosen(t, asked, packs)]
    words = {"day": asked.day, "from": asked.start or "", "to": asked.end or ""}
    chapters = [_chapter(c, chosen, made, packs, words, english) for c in made.chapters]
    return {
        "subject": {
            # The code of a natural person is a keyed hash: nobody can read it, and it is not passed on.
            "code": "" if subject.kind == SubjectKind.NATURAL_PERSON else subject.code,
            "scheme": subject.scheme,
            "name": subject.name,
            "kind": _said(subject.get_kind_display, english),
            "fields": _identity(told, made, english),
        },
        "summary": [
            {
                "id": c["id"],
                "label": c["label"],
                "count": len(c["records"]),
                "latest": max((r["day"] for r in c["records"]), default=""),
            }
            for c in chapters
        ],
        "chapters": chapters,
        "feed": max((t.view.head.change for t in told), default=0),
    }


def tellable(subject: Subject, made: Report, packs: Policies, *, purpose: str, day: date) -> Iterable[Told]:
    """The subject's records that the template's audience may see on that day, in the template's standings."""
    audience = Audience(made.audience)
    for view in records_of(subject):
        if not packs.versions(view.head.item) or view.version.held or view.standing not in made.standings:
            continue
        item, shown = disclosed(view, subject, packs, audience=audience, purpose=purpose, day=day)
        if shown.visible:
            yield Told(view, item, _masked(item, shown, made))


def _masked(item: Item, shown: Shown, made: Report) -> Mapping[str, Any]:
    """Personal fields masked also where the audience would see them in full: reports are passed on."""
    if not made.mask_personal:
        return shown.fields
    known = item.by_id
    return {
        f: mask(m, str(v)) if (m := known[f].mask) and f not in shown.masked else v for f, v in shown.fields.items()
    }


def _chosen(told: Told, asked: Granted, packs: Policies) -> bool:
    """Whether the record lies in the period and the fields of law that the subject chose."""
    decided = told.view.head.decided_on
    if asked.start and asked.end and not (decided and asked.start <= decided <= asked.end):
        return False
    return not asked.fields or any(_of_field(told.view.head.source, f, packs) for f in asked.fields)


def _of_field(source: str, law: LawField, packs: Policies) -> bool:
    """Whether the source unit, or a unit above it, is one of the field's."""
    parents = {a.id: a.parent for a in packs.agencies}
    unit: str | None = source
    while unit:
        if unit in law.agencies:
            return True
        unit = parents.get(unit)
    return False


def _identity(told: Iterable[Told], made: Report, english: bool) -> list[dict[str, str]]:
    master = next((t for t in told if t.item.record.master), None)
    if master is None:
        return []
    return [_field(master.item.by_id[f], master.fields[f], english) for f in made.identity if f in master.fields]


def _chapter(
    chapter: Chapter, told: list[Told], made: Report, packs: Policies, words: Mapping[str, Any], english: bool
) -> dict[str, Any]:
    parts = {p.item: p for p in chapter.parts}
    found = [t for t in told if t.item.id in parts]
    found.sort(key=lambda t: (-(t.view.head.decided_on or date.min).toordinal(), t.view.head.pk))
    return {
        "id": chapter.id,
        "label": chapter.label_en if english else chapter.label,
        "empty": fill(chapter.empty_en if english else chapter.empty, **words),
        "records": [_record(t, parts[t.item.id], made, packs, english) for t in found],
    }


def _record(told: Told, part: Part, made: Report, packs: Policies, english: bool) -> dict[str, Any]:
    head, version, item = told.view.head, told.view.version, told.item
    marked = next((m for m in made.marks if m.standing == version.standing), None)
    own = (marked.label_en if english else marked.label) if marked else ""
    mark = own or ("" if version.standing == Standing.ACTIVE else _said(Standing(version.standing), english))
    counts = version.standing in (Standing.ACTIVE, Standing.DISPUTED)
    wanted = part.fields or tuple(f.id for f in item.kept_fields)
    return {
        "id": f"{head.pk}-{version.number}",
        "item": item.id,
        "item_version": version.item_version,
        "item_label": item.label_en if english else item.label,
        "title": _text(told.fields.get(item.record.title)),
        "source": packs.agency_name(head.source),
        "day": str(head.decided_on or ""),
        "severity": _said(Severity(version.severity), english) if version.severity else "",
        "standing": version.standing,
        "mark": mark,
        "public_until": str(head.public_until or "") if head.publish and counts else "",
        "repair_from": str(head.repair_from or "") if counts else "",
        "fields": [
            _field(item.by_id[f], told.fields[f], english) for f in wanted if f in told.fields and f in item.by_id
        ],
    }


def _field(field: Field, value: Any, english: bool) -> dict[str, str]:
    written = value if isinstance(value, str) and "*" in value else field.as_written(value)
    return {"id": field.id, "label": field.label_en if english else field.label, "value": _text(written)}


def _text(value: Any) -> str:
    """A kept value as a text: no binary fractions in what is signed."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(map(str, value))
    return f"{Decimal(str(value)):f}" if isinstance(value, float) else str(value)


def _said(promise: Any, english: bool) -> str:
    """The word for a standing, a severity or a kind in the report's language, whatever the language of the moment."""
    with override("en" if english else "zh-hans"):
        return str(promise() if callable(promise) else promise.label)


def frame(asked: Granted, packs: Policies, body: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The whole snapshot: `given` are number, code, issued_at, valid_until, organisation of whoever asked, address."""
    made, english = asked.template, asked.request.language == "en"
    words = {"day": asked.day, "valid_until": given["valid_until"], "from": asked.start or "", "to": asked.end or ""}
    return {
        "format": FORMAT,
        "language": asked.request.language,
        "number": given["number"],
        "code": given["code"],
        "verify": given["address"],
        "day": str(asked.day),
        "issued_at": given["issued_at"],
        "valid_until": given["valid_until"],
        "template": {
            "id": made.id,
            "version": made.version,
            "label": made.label_en if english else made.label,
            "digest": template_digest(made),
            "basis": basis_text(made.basis),
        },
        "policies": packs.digest,
        "checkpoint": _checkpoint(),
        "issuer": made.issuer_en if english else made.issuer,
        "audience": made.audience,
        "asked_as": asked.asked_as,
        "purpose": asked.request.purpose,
        "authorisation": asked.request.authorisation,
        "period": {"from": str(asked.start or ""), "to": str(asked.end or "")},
        "fields_of_law": [f.label_en if english else f.label for f in asked.fields],
        "statements": [
            {
                "label": s.title_en if english else s.title,
                "text": fill(s.text_en if english else s.text, **words),
            }
            for s in made.statements
        ],
        **body,
    }


def _checkpoint() -> dict[str, Any]:
    """The newest signed state of the provable log when the report was made; size 0 where nothing is sealed yet."""
    found = Checkpoint.objects.order_by("-pk").first()
    return {"size": found.size, "root": bytes(found.root).hex()} if found else {"size": 0, "root": ""}


def template_digest(made: Report) -> str:
    """SHA-256 of the template's content: a version that was changed without a new number shows."""
    return hashlib.sha256(canonical(json.loads(made.model_dump_json(by_alias=True)))).hexdigest()
