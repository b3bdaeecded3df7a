"""The credit review sheet (信用审查表): each applicant against the template's criteria, by sets (R-113, R-114).

The register is asked once for all applicants; what the loop below goes through is only what speaks against somebody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from chengxin.policy.policies import Policies
from chengxin.policy.reports import Criterion, Report
from chengxin.registry.disclosure import Audience
from chengxin.registry.models import Record, RecordVersion, Subject, SubjectKind
from chengxin.registry.queries import RecordView, disclosed
from chengxin.reports.asking import Granted
from chengxin.standards.months import add_months
from chengxin.standards.text import clean_code

_SLICE = 500
"""Codes in one question: SQLite has a limit on parameters."""


def of_list(asked: Granted, packs: Policies) -> dict[str, Any]:
    """The body of a sheet: a line for each applicant in the order of the list, and how many came out how."""
    codes = list(dict.fromkeys(clean_code(c) or c for c in asked.request.codes))
    made, english = asked.template, asked.request.language == "en"
    subjects = _subjects(codes)
    findings: dict[int, list[dict[str, str]]] = {}
    feed = 0
    for criterion in made.criteria:
        for view, subject, title in _against(criterion, list(subjects.values()), asked, packs):
            findings.setdefault(subject.pk, []).append(_finding(criterion, view, title, packs, english))
            feed = max(feed, view.head.change)
    lines = [_line(code, subjects.get(code), findings, made, english) for code in codes]
    counts = {v: sum(line["outcome"] == v for line in lines) for v in ("pass", "note", "fail", "unknown")}
    return {
        "applicants": lines,
        "criteria": [
            {"id": c.id, "label": c.label_en if english else c.label, "basis": "；".join(b.text for b in c.basis)}
            for c in made.criteria
        ],
        "summary": [{"id": v, "label": _word(made, v, english), "count": n, "latest": ""} for v, n in counts.items()],
        "feed": feed,
    }


def _subjects(codes: list[str]) -> dict[str, Subject]:
    """The organisations and individual businesses with these codes; natural persons are not reviewed by a list."""
    found: dict[str, Subject] = {}
    for start in range(0, len(codes), _SLICE):
        rows = Subject.objects.filter(code__in=codes[start : start + _SLICE])
        found |= {s.code: s for s in rows.exclude(kind=SubjectKind.NATURAL_PERSON)}
    return found


def _against(
    criterion: Criterion, subjects: list[Subject], asked: Granted, packs: Policies
) -> list[tuple[RecordView, Subject, str]]:
    """The records that meet the criterion and that the template's audience may see, each with its title."""
    met: list[tuple[RecordView, Subject, str]] = []
    for start in range(0, len(subjects), _SLICE):
        some = {s.pk: s for s in subjects[start : start + _SLICE]}
        rows = Record.objects.filter(
            subject_id__in=list(some), item__in=criterion.items, standing__in=asked.template.standings, held=False
        ).order_by("subject_id", "-decided_on", "pk")
        if criterion.severities:
            rows = rows.filter(severity__in=[s if s != "none" else "" for s in criterion.severities])
        if criterion.months:
            rows = rows.filter(decided_on__gte=add_months(asked.day, -criterion.months))
        if criterion.in_force:
            rows = rows.filter(Q(expires_on=None) | Q(expires_on__gte=asked.day))
        heads = list(rows)
        versions = RecordVersion.objects.in_bulk([h.change for h in heads])
        for head in heads:
            view, subject = (
                RecordView(head, versions[head.change], _payload(versions[head.change])),
                some[head.subject_id],
            )
            if not packs.versions(head.item):
                continue
            item, shown = disclosed(
                view, subject, packs,
                audience=Audience(asked.template.audience), purpose=asked.request.purpose or "review", day=asked.day,
            )  # fmt: skip
            if shown.visible:
                met.append((view, subject, str(shown.fields.get(item.record.title) or "")))
    return met


def _payload(version: RecordVersion) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(version.payload)
    return found


def _finding(criterion: Criterion, view: RecordView, title: str, packs: Policies, english: bool) -> dict[str, str]:
    return {
        "criterion": criterion.id,
        "verdict": criterion.verdict,
        "label": criterion.label_en if english else criterion.label,
        "record": f"{view.head.pk}-{view.version.number}",
        "title": title,
        "source": packs.agency_name(view.head.source),
        "day": str(view.head.decided_on or ""),
    }


def _line(
    code: str, subject: Subject | None, findings: Mapping[int, list[dict[str, str]]], made: Report, english: bool
) -> dict[str, Any]:
    found = findings.get(subject.pk, []) if subject else []
    verdicts = {f["verdict"] for f in found}
    outcome = "unknown" if subject is None else next((v for v in ("fail", "note") if v in verdicts), "pass")
    return {
        "code": code,
        "name": subject.name if subject else "",
        "outcome": outcome,
        "verdict": _word(made, outcome, english),
        "findings": found,
    }


def _word(made: Report, outcome: str, english: bool) -> str:
    words = made.verdicts
    assert words is not None, "the pack's check has seen to it"
    attribute = "good" if outcome == "pass" else outcome
    return str(getattr(words, f"{attribute}_en" if english else attribute))
