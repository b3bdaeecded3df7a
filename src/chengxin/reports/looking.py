"""A report of what is not public is a look at its subject: noted like any other, and seen by the subject (G-10, R-093)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chengxin.audit.models import Look
from chengxin.reports.asking import Granted
from chengxin.reports.models import Report


def note(report: Report, asked: Granted, body: Mapping[str, Any]) -> None:
    """One row for the subject of the report, or for each known applicant of a sheet; none for what everybody may see."""
    if asked.template.audience == "public":
        return
    if asked.subject is not None:
        told = [r for c in body["chapters"] for r in c["records"]]
        fields = sorted({f["id"] for r in told for f in r["fields"]})
        looks = [_look(report, asked, asked.subject.code, sorted({r["item"] for r in told}), fields, len(told))]
    else:
        items = sorted(asked.template.items)
        looks = [
            _look(report, asked, line["code"], items, [], len(line["findings"]))
            for line in body["applicants"]
            if line["outcome"] != "unknown"
        ]
    Look.objects.bulk_create(looks, batch_size=500)


def _look(report: Report, asked: Granted, code: str, items: list[str], fields: list[str], records: int) -> Look:
    return Look(
        actor=report.issued_by, subject=code, audience=asked.template.audience, purpose=report.purpose,
        basis=(report.authorisation or f"{asked.asked_as} {report.number}")[:100],
        items=items, fields=fields, records=records,
    )  # fmt: skip
