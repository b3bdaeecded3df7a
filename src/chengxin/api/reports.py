"""Reports by API: issue, history, download, verify (F-08, R-112, R-345)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from chengxin.accounts.actors import Actor
from chengxin.api.cursors import paged
from chengxin.api.door import Asked, may, operation, public, signed_in
from chengxin.api.errors import Problem, too_large
from chengxin.api.shapes import Cursor, Limit, Slug
from chengxin.audit.actions import record as trace
from chengxin.policy.reports import templates
from chengxin.registry.packs import policies
from chengxin.reports import actions, looking, queries, verifying
from chengxin.reports.asking import PURPOSE_LENGTH, Request
from chengxin.reports.models import Order, Report

router = Router(tags=["reports"])
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=PURPOSE_LENGTH, pattern="^[^\\x00]*$")]
Code = Annotated[str, StringConstraints(max_length=64, pattern="^[^\\x00]+$")]
Id = Annotated[int, Path(ge=1, le=2**62)]
Number = Annotated[str, Path(max_length=20, description="Such as QB20260000017.")]


class ReportIn(Schema):
    """What is asked for; `codes` is one subject, or the applicants of a credit review sheet."""

    model_config = ConfigDict(extra="forbid")
    template: Slug
    codes: list[Code]
    purpose: Words = ""
    authorisation: Words = ""
    start: date | None = None
    end: date | None = None
    fields: list[Slug] = []
    language: Literal["zh", "en"] = "zh"


class ReportLine(Schema):
    """An issued report (出具记录)."""

    number: str
    template: str
    version: str
    subject: str
    day: date
    valid_until: date
    language: str
    asked_as: str
    issued_by: str
    issued_at: datetime
    purpose: str
    authorisation: str
    unprintable: list[str]


class ReportPage(Schema):
    reports: list[ReportLine]


class TemplateLine(Schema):
    """A template in force: for whom it is, and what may be chosen."""

    id: str
    label: str
    label_en: str
    version: str
    about: str
    subjects: list[str]
    askers: list[str]
    valid_days: int
    fields: list[str]


class TemplatePage(Schema):
    templates: list[TemplateLine]


class OrderIn(Schema):
    """Many reports (批量出具): of each of these subjects one."""

    model_config = ConfigDict(extra="forbid")
    template: Slug
    codes: Annotated[list[Code], Field(min_length=1, max_length=10_000)]
    purpose: Words = ""
    authorisation: Words = ""
    language: Literal["zh", "en"] = "zh"


class OrderRefused(Schema):
    place: int
    subject_code: str
    problem: str


class OrderOut(Schema):
    """How far an order has come; `refused` are at most 1,000 of those who got none, with why."""

    order: int
    template: str
    total: int
    done: int
    failed: int
    finished_at: datetime | None
    refused: list[OrderRefused]


class OrderedReport(Schema):
    """One subject of an order: its report, or why there is none, or neither yet."""

    place: int
    subject: str
    report: str | None
    problem: str | None


class OrderPage(Schema):
    orders: list[OrderOut]
    next: str | None


class OrderedPage(Schema):
    reports: list[OrderedReport]
    next: str | None


class VerdictOut(Schema):
    """The verdict: genuine, altered, unknown, replaced or expired; `faults` name the places and no values."""

    state: Literal["genuine", "altered", "unknown", "replaced", "expired"]
    number: str
    name: str
    label: str
    day: date | None
    valid_until: date | None
    faults: list[str]
    notes: list[str]


def anything(_actor: Actor, **_captured: str) -> None:
    """What belongs to no unit."""


def _order(_actor: Actor, id: str) -> Order:
    """The door looks before the address is read: what is no number is nothing's number."""
    return Order.objects.get(pk=int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0)


def _answer(kind: str, schema: dict[str, str]) -> dict[str, Any]:
    return {"responses": {200: {"description": "The report", "content": {kind: {"schema": schema}}}}}


@operation(
    router, "GET", "/report-templates", public("which reports there are, and for whom, is public"),
    response={200: TemplatePage, 304: None},
)  # fmt: skip
def list_report_templates(request: Asked) -> Any:
    """The templates in force today."""
    told = []
    for found in templates(policies(), timezone.localdate()):
        line = {name: getattr(found, name) for name in ("id", "label", "label_en", "version", "about", "valid_days")}
        fields = [f.id for f in found.choices.fields] if found.choices else []
        told.append({**line, "subjects": list(found.subjects), "askers": list(found.askers), "fields": fields})
    return {"templates": told}


@operation(router, "POST", "/reports", signed_in(), response={201: ReportLine}, errors=(400, 403, 413, 422))
def issue_report(request: Asked, asked: ReportIn) -> Any:
    """Issue a report; who may, and on whom, its template says."""
    wanted = Request(
        asked.template, tuple(asked.codes), asked.purpose, asked.authorisation, asked.start, asked.end,
        tuple(asked.fields), asked.language,
    )  # fmt: skip
    return Status(201, queries.line_of(actions.issue(request.auth.actor, wanted)))


@operation(router, "GET", "/reports", signed_in(), response={200: ReportPage}, errors=(403, 422))
def list_reports(
    request: Asked, subject: Annotated[str, Query(min_length=2, max_length=64, description="Code of the subject.")]
) -> Any:
    """What was issued on a subject, to whom and to which end: for the subject itself, and the steward."""
    found = queries.issued(request.auth.actor, subject)[:1000]
    return {"reports": [queries.line_of(r) for r in found]}


@operation(
    router, "POST", "/report-orders", may("report.issue-many"), of=anything,
    response={202: OrderOut}, errors=(400, 403, 413, 422),
)  # fmt: skip
def order_reports(request: Asked, payload: OrderIn) -> Any:
    """Order a report of each of many subjects; the worker issues them, ask `get_report_order` how far it is."""
    made = actions.order(
        request.auth.actor, payload.template, payload.codes, purpose=payload.purpose,
        authorisation=payload.authorisation, language=payload.language,
    )  # fmt: skip
    return Status(202, queries.progress(made))


@operation(
    router, "GET", "/report-orders", may("report.issue-many"), of=anything,
    response={200: OrderPage}, errors=(400, 403, 422),
)  # fmt: skip
def list_report_orders(request: Asked, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """Orders of many reports, the newest first, without who was refused."""
    found, following = paged(Order.objects.all(), limit, cursor)
    return {"orders": [{**queries.summary(o), "refused": []} for o in found], "next": following}


@operation(
    router, "GET", "/report-orders/{id}", may("report.issue-many"), of=_order,
    response={200: OrderOut}, errors=(403, 404),
)  # fmt: skip
def get_report_order(request: Asked, id: Id) -> Any:
    """How far an order has come, and who was refused why."""
    told = queries.progress(request.auth.target)
    looking.note_lines(request.auth.actor, request.auth.target, [r["subject_code"] for r in told["refused"]])
    return told


@operation(
    router, "GET", "/report-orders/{id}/reports", may("report.issue-many"), of=_order,
    response={200: OrderedPage}, errors=(400, 403, 404, 422),
)  # fmt: skip
def list_ordered_reports(request: Asked, id: Id, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """The subjects of an order, the last first, each with its report."""
    found, following = paged(request.auth.target.lines.select_related("report"), limit, cursor)
    looking.note_lines(request.auth.actor, request.auth.target, [x.subject_code for x in found])
    told = [
        {
            "place": x.place, "subject": x.subject_code, "report": x.report.number if x.report else None,
            "problem": x.problem or None,
        }
        for x in found
    ]  # fmt: skip
    return {"reports": told, "next": following}


@operation(
    router, "GET", "/reports/{number}/pdf", signed_in(), response={200: None}, errors=(403, 404, 422),
    extra=_answer("application/pdf", {"type": "string", "format": "binary"}),
)  # fmt: skip
def get_report_pdf(request: Asked, number: Number) -> HttpResponse:
    """The report as it was issued: PDF/A with its data attached and its seal."""
    report = _taken(request, number, "pdf")
    return _file(queries.pdf_of(report), "application/pdf", f"{report.number}.pdf")


@operation(
    router, "GET", "/reports/{number}/json", signed_in(), response={200: None}, errors=(403, 404, 422),
    extra=_answer("application/json", {"type": "object"}),
)  # fmt: skip
def get_report_json(request: Asked, number: Number) -> HttpResponse:
    """The same for programs: data and seal."""
    report = _taken(request, number, "json")
    return _file(actions.package(report), "application/json", f"{report.number}.json")


@operation(
    router, "GET", "/verify", public("whoever is shown a report may verify it"),
    response={200: VerdictOut, 304: None}, errors=(422,),
)  # fmt: skip
def verify_report(
    request: Asked, number: Annotated[str, Query(max_length=20)], code: Annotated[str, Query(max_length=12)]
) -> Any:
    """The verdict on a number and its code; a wrong code is as unknown as a wrong number."""
    return asdict(verifying.by_number(number, code, timezone.localdate()))


@operation(
    router, "POST", "/verify", public("whoever is shown a report may verify it; the file is not kept"),
    response={200: VerdictOut}, errors=(413,),
)  # fmt: skip
def verify_report_file(request: Asked) -> Any:
    """The verdict on a PDF or JSON file, sent as the body."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > verifying.LARGEST:
        raise too_large(verifying.LARGEST)
    return asdict(verifying.by_file(request.read(int(length)), timezone.localdate()))


def _taken(request: Asked, number: str, kind: str) -> Report:
    """The report, and an event that it was taken away. Raises `Report.DoesNotExist`, `Denied`."""
    try:
        report = queries.visible(request.auth.actor, number)
    except Report.DoesNotExist as missing:
        raise Problem("not-found") from missing
    trace(request.auth.actor.name, "report.download", "report", report.number, file=kind, channel="api")
    looking.note_taken(request.auth.actor, report)
    return report


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
