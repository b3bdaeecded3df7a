"""The words in which a grade is explained: model, indicators, records, outlook, as plain data for every face."""

from __future__ import annotations

from typing import Any

import orjson

from chengxin.evaluation.models import CurrentGrade, Grade
from chengxin.evaluation.outlook import Answer, Outlook, Outlooks
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_indicators import Indicator
from chengxin.policy.evaluation_parts import Outcome, Step
from chengxin.policy.policies import Policies
from chengxin.policy.schema import basis_text
from chengxin.registry.models import RecordVersion, Severity, Standing, Subject


def head_of(subject: Subject, model: Evaluation, entry: Grade) -> dict[str, Any]:
    grade = model.grade(entry.grade)
    current = CurrentGrade.objects.filter(subject=subject, model=model.id).first()
    deciding: tuple[Outcome | Step, ...] = (*model.vetoes, *model.directs, *model.verification)
    outcome = next((o for o in deciding if o.id == entry.decided_by), None)
    return {
        "code": subject.code,
        "name": subject.name,
        "model": model.id,
        "model_label": model.label,
        "model_label_en": model.label_en,
        "version": entry.version,
        "day": entry.day,
        "since": current.since if current and current.entry == entry.pk else entry.day,
        "grade": entry.grade,
        "grade_label": grade.label,
        "grade_label_en": grade.label_en,
        "colour": grade.colour,
        "common": grade.common,
        "meaning": grade.meaning,
        "score": float(entry.score),
        "start": float(model.score.start),
        "decided_by": {"id": outcome.id, "label": outcome.label, "label_en": outcome.label_en,
                       "basis": basis_text(outcome.basis or model.basis)} if outcome else None,
        "basis": basis_text(model.basis),
        "authority": model.authority,
        "run": entry.run_id,
    }  # fmt: skip


def indicator_of(
    i: Indicator, model: Evaluation, entry: Grade, records: dict[int, dict[str, Any]], named: dict[int, list[str]]
) -> dict[str, Any]:
    value, points = orjson.loads(entry.contributions).get(i.id, (None if i.aggregate in _OPEN else 0, 0.0))
    return {
        "id": i.id,
        "label": i.label,
        "label_en": i.label_en,
        "explain": i.explain,
        "group": i.group,
        "value": value,
        "points": points,
        "basis": basis_text(i.basis),
        "assumed": i.assumed,
        "records": [records[c] for c, ids in named.items() if i.id in ids and c in records],
    }


_OPEN = ("latest", "max", "min", "days_since", "ratio", "formula")
"""Aggregates that say nothing where there is no record."""


def records_of(masks: dict[int, int], packs: Policies) -> dict[int, dict[str, Any]]:
    """Change -> the record in the state that counted, in the words of its item."""
    agencies = {a.id: a.name for a in packs.agencies}
    found = {}
    for version in RecordVersion.objects.filter(pk__in=list(masks)).select_related("record"):
        head = version.record
        item = next((i for i in packs.versions(head.item) if i.version == version.item_version), None)
        item = item or packs.versions(head.item)[-1]
        payload = orjson.loads(version.payload)
        found[version.pk] = {
            "id": head.pk,
            "change": version.pk,
            "item": item.id,
            "item_label": item.label,
            "nature": item.nature,
            "title": payload.get(item.record.title),
            "decided_on": payload.get(item.record.decided or ""),
            "source": head.source,
            "source_name": agencies.get(head.source, head.source),
            "severity": version.severity,
            "severity_label": str(Severity(version.severity).label),
            "standing_now": head.standing,
            "standing_label": str(Standing(head.standing).label),
            "repair_from": head.repair_from,
        }
    return found


def outlook_of(
    found: Outlooks, entry: Grade, model: Evaluation, records: dict[int, dict[str, Any]], named: dict[int, list[str]]
) -> dict[str, Any]:
    """`current` says whether the grade on file is what the register gives now: if not, following is under way."""
    return {
        "current": found.now is not None and (found.now.grade, found.now.score) == (entry.grade, entry.score),
        "records": [_record_outlook(o, model, records[o.change], named[o.change]) for o in found.records],
        "course": [{"day": day, **_told(answer, model)} for day, answer in found.course],
    }


def _record_outlook(o: Outlook, model: Evaluation, record: dict[str, Any], indicators: list[str]) -> dict[str, Any]:
    return {
        "id": record["id"],
        "change": o.change,
        "title": record["title"],
        "nature": record["nature"],
        "indicators": indicators,
        "lapses_on": o.lapses_on,
        "then": _told(o.then, model) if o.then else None,
        "if_repaired": _told(o.without, model),
        "repair_from": record["repair_from"],
    }


def _told(answer: Answer, model: Evaluation) -> dict[str, Any]:
    label = model.grade(answer.grade).label if answer.grade else ""
    return {"grade": answer.grade, "grade_label": label, "score": float(answer.score)}
