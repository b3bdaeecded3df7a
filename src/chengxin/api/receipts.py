"""Receipts by API: one row a fault, as CSV, as the submitter's own workbook, and page by page (R-049, G-20)."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import FileResponse, HttpResponseBase
from ninja import Query, Router

from chengxin.api.batches import Number
from chengxin.api.cursors import cursor as cursor_of
from chengxin.api.cursors import place
from chengxin.api.door import Asked, may, operation
from chengxin.api.errors import Problem
from chengxin.api.shapes import Cursor, FindingPage, Limit
from chengxin.audit.actions import record as trace
from chengxin.collection import evidence, receipts
from chengxin.collection.models import Batch
from chengxin.collection.queries import find
from chengxin.engine.readers import FileRefused

router = Router(tags=["receipts"])
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file(kind: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": {200: {"description": "The receipt", "content": content}}}


def receipt_of(actor: Any, number: str) -> Batch:
    """The batch, if the actor may see it and it has a receipt. Raises `Batch.DoesNotExist`."""
    batch = find(actor, number)
    if not (evidence.folder_of(batch.pk) / "receipt.csv").exists():
        raise Batch.DoesNotExist(number)
    return batch


@operation(
    router, "GET", "/batches/{number}/receipt", may("batch.see"), of=receipt_of,
    response={200: None}, errors=(404,), extra=_file("text/csv"),
)  # fmt: skip
def get_receipt(request: Asked, number: Number) -> HttpResponseBase:
    """The receipt as CSV: row, rule, level, field, found, expected, message."""
    batch: Batch = request.auth.target
    path = evidence.folder_of(batch.pk) / "receipt.csv"
    _trace(request, batch, "receipt.csv")
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{batch.number}.csv", content_type=CSV)


@operation(
    router, "GET", "/batches/{number}/receipt.xlsx", may("batch.see"), of=receipt_of,
    response={200: None}, errors=(404, 409), extra=_file(XLSX),
)  # fmt: skip
def get_receipt_workbook(request: Asked, number: Number) -> HttpResponseBase:
    """The submitted file again as XLSX, with a column that says what is wrong in each row."""
    batch: Batch = request.auth.target
    try:
        path = receipts.workbook_of(batch)
    except FileRefused as refusal:
        raise Problem("no-workbook", reason=refusal.message, reason_en=refusal.message_en) from refusal
    _trace(request, batch, "receipt.xlsx")
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{batch.number}.xlsx", content_type=XLSX)


@operation(
    router, "GET", "/batches/{number}/findings", may("batch.see"), of=receipt_of,
    response={200: FindingPage}, errors=(400, 404, 422),
)  # fmt: skip
def list_findings(
    request: Asked,
    number: Number,
    rule: Annotated[str | None, Query(None, max_length=120, description="Only the findings of this rule.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """The findings of a batch, row by row."""
    batch: Batch = request.auth.target
    start = place(cursor, last=2**40) or 0
    _trace(request, batch, "findings")
    found = receipts.page(evidence.folder_of(batch.pk), offset=start, limit=limit + 1, rule=rule or "")
    return {"findings": found[:limit], "next": cursor_of(start + limit) if len(found) > limit else None}


def _trace(request: Asked, batch: Batch, what: str) -> None:
    """Findings quote rows that are not public: who took them away is kept (design.md section 8)."""
    trace(request.auth.actor.name, "batch.download", "batch", batch.pk, file=what, channel="api")
