"""Filling the gaps of letters and entries with what a case says; a gap without a value reads —."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chengxin.accounts.models import Organisation
from chengxin.cases.models import Case, Term
from chengxin.cases.packs import templates
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Procedure
from chengxin.registry.models import RecordVersion
from chengxin.registry.packs import policies

NOTHING = "—"


class _Filler(string.Formatter):
    """Looks names up whole, dots included, and reads nothing else of a text: values are never texts with gaps."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        return kwargs.get(field_name) or NOTHING, field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        return str(value)

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        return value


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with its gaps filled."""
    return _Filler().vformat(text, (), values)


def values(case: Case, procedure: Procedure, *, day: date, actor: str, reason: str, number: str = "") -> dict[str, str]:
    """What the gaps of this case's letters and entries stand for on that day."""
    told = {
        "case": case.number, "number": number or case.number, "procedure": procedure.label,
        "applicant": _name(case.applicant) or case.subject_name, "subject": case.subject_name, "code": case.subject_code,
        "source": _name(case.source), "handler": _name(case.handler), "assigned": _name(case.assigned),
        "reason": reason.rstrip("。； "),
        "day": day.isoformat(), "opened": case.opened_on.isoformat(), "actor": actor, "year": str(day.year),
    }  # fmt: skip
    told |= {f"form.{name}": _said(answer) for name, answer in case.form.items()}
    for term in Term.objects.filter(case=case).order_by("run"):
        told[f"clock.{term.clock}"] = term.due_on.isoformat() if term.due_on else ""
    running = [t.due_on for t in Term.objects.filter(case=case, stopped_on=None) if t.due_on]
    told["deadline"] = min(running).isoformat() if running else ""
    return told | _of_record(case) | _of_template(case)


def _of_record(case: Case) -> dict[str, str]:
    if case.record is None:
        return {}
    told = {"record": str(case.record.pk), "item": case.record.item, "standing": case.record.get_standing_display()}
    if case.record.repair_from:
        told["earliest"] = case.record.repair_from.isoformat()
    versions = policies().versions(case.record.item)
    if versions:
        told["item"] = versions[-1].label
        title = versions[-1].record.title
        payload = json.loads(RecordVersion.objects.get(pk=case.record.change).payload)
        told["title"] = _said(payload.get(title)) if title else case.record.key
    return told


def _of_template(case: Case) -> dict[str, str]:
    template = templates(case.opened_on).get(str(case.form.get("template", "")))
    if template is None:
        return {}
    return {
        "template.title": template.title, "template.content": template.content, "template.kind": template.type,
        "template.matter": template.matter,
    }  # fmt: skip


def _name(organisation: str) -> str:
    if not organisation:
        return ""
    try:
        return policies().agency(organisation).name
    except UnknownPolicy:
        found = Organisation.objects.filter(pk=organisation).first()
        return found.name if found else organisation


def _said(answer: Any) -> str:
    if isinstance(answer, Mapping):
        return "；".join(f"{k}＝{v}" for k, v in answer.items())
    if isinstance(answer, list):
        return "、".join(map(str, answer))
    return "" if answer is None else str(answer)
