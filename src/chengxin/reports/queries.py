"""What is asked of issued reports."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import allow, require
from chengxin.registry.evidence import place
from chengxin.registry.queries import find_subject
from chengxin.reports.asking import own_units
from chengxin.reports.models import Order, Report


def issued(actor: Actor, code: str) -> QuerySet[Report]:
    """The reports issued on a subject, the newest first: to whom, to which end. Raises `Denied`."""
    subject = find_subject(code)
    current = subject.code if subject else code
    _require_seen(actor, current)
    return Report.objects.filter(subject_code=current).order_by("-pk")


def visible(actor: Actor, number: str) -> Report:
    """The report of that number for whoever issued it, its subject and the steward. Raises `DoesNotExist`, `Denied`."""
    report = Report.objects.get(number=number)
    if report.issued_by != actor.name:
        _require_seen(actor, report.subject_code)
    return report


def line_of(report: Report) -> dict[str, Any]:
    """A report as one line of a history."""
    return {
        "number": report.number,
        "template": report.template,
        "version": report.template_version,
        "subject": report.subject_code,
        "day": report.day,
        "valid_until": report.valid_until,
        "language": report.language,
        "asked_as": report.asked_as,
        "issued_by": report.issued_by,
        "issued_at": report.issued_at,
        "purpose": report.purpose,
        "authorisation": report.authorisation,
        "unprintable": report.unprintable.split(),
    }


def pdf_of(report: Report) -> bytes:
    """The PDF as it was issued, seal included."""
    return place(report.pdf_sha256).read_bytes()


def summary(order: Order) -> dict[str, Any]:
    """How far an order has come."""
    names = ("template", "total", "done", "failed", "finished_at")
    return {"order": order.pk, **{n: getattr(order, n) for n in names}}


def progress(order: Order) -> dict[str, Any]:
    """How far an order has come, and what was refused with which reason."""
    refused = order.lines.exclude(problem="").order_by("place").values("place", "subject_code", "problem")
    return {**summary(order), "refused": list(refused[:1000])}


def files_of(order: Order) -> Iterator[tuple[Report, Path]]:
    """The reports of an order, in its order, and where the PDF of each lies."""
    lines = order.lines.exclude(report=None).select_related("report").order_by("place")
    for line in lines.iterator(chunk_size=500):
        if line.report:
            yield line.report, place(line.report.pdf_sha256)


def _require_seen(actor: Actor, code: str) -> None:
    """The subject's own people in any of its units here, or the steward."""
    units = own_units(code)
    if not any(allow(actor, "report.see", unit) for unit in units):
        require(actor, "report.see", units[0] if units else "")


def papers(files: Collection[str]) -> frozenset[str]:
    """Those of these contents (SHA-256) that are issued reports."""
    return frozenset(Report.objects.filter(pdf_sha256__in=files).values_list("pdf_sha256", flat=True))
