"""Batches by API: submit, look, release, return, withdraw (R-022 to R-031, G-20)."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from django.urls import reverse
from ninja import Path, Query, Router, Status

from chengxin.api.cursors import paged
from chengxin.api.door import Asked, may, operation, signed_in
from chengxin.api.shapes import MONTH, BatchOut, BatchPage, Cursor, Limit, ReturnIn, Slug
from chengxin.api.submitting import BODY, HEADERS
from chengxin.api.uploads import idempotency_key, upload
from chengxin.collection import actions, jobs
from chengxin.collection.models import Batch, State
from chengxin.collection.queries import answer, find, visible
from chengxin.collection.states import tell

router = Router(tags=["batches"])
Number = Annotated[str, Path(description="The batch's number, such as 202611-000042.")]
_LINE = (
    "item", "month", "state", "received", "stored", "rejected", "doubtful", "warned", "submitted_by", "submitted_at",
)  # fmt: skip
_OUT = (
    *_LINE, "channel", "created", "updated", "unchanged", "repeated", "late", "seconds", "headings", "checked_at",
    "released_at", "stored_at",
)  # fmt: skip


@operation(
    router, "POST", "/batches", signed_in(), response={200: BatchOut, 202: BatchOut},
    errors=(400, 403, 409, 413, 422), extra={"requestBody": BODY, "parameters": HEADERS},
)  # fmt: skip
def submit_batch(request: Asked, response: HttpResponse) -> Any:
    """Submit a file. It is kept as evidence, and small ones are checked before the answer comes.

    202 with the new batch; 200 with the batch that the same Idempotency-Key has opened before. Nothing is stored in the
    register until somebody else releases the batch.
    """
    key = idempotency_key(request)
    sent = upload(request)
    submission = actions.Submission(sent.item, sent.source, sent.file_name, "api", key)
    batch, opened = actions.submit_once(request.auth.actor, submission, sent.file)
    if opened:
        batch = jobs.run_if_small(batch)
    response.headers["Location"] = _url(batch)
    return Status(202 if opened else 200, _out(batch))


@operation(router, "GET", "/batches", signed_in(), response={200: BatchPage}, errors=(400, 422))
def list_batches(
    request: Asked,
    state: State | None = None,
    item: Slug | None = None,
    source: Slug | None = None,
    month: Annotated[str | None, Query(None, pattern=MONTH)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """The batches you may see, the newest first."""
    wanted = {"state": state, "item": item, "source_id": source, "month": month}
    rows = visible(request.auth.actor).filter(**{k: v for k, v in wanted.items() if v is not None})
    found, following = paged(rows, limit, cursor)
    return {"batches": [_line(b) for b in found], "next": following}


@operation(router, "GET", "/batches/{number}", may("batch.see"), of=find, response={200: BatchOut}, errors=(404,))
def get_batch(request: Asked, number: Number) -> Any:
    """A batch: where it stands, its counts, its faults by rule."""
    return _out(request.auth.target)


@operation(
    router, "POST", "/batches/{number}/release", may("batch.release"), of=find,
    response={200: BatchOut}, errors=(403, 404, 409),
)  # fmt: skip
def release_batch(request: Asked, number: Number) -> Any:
    """Release a checked batch into the register: an auditor's act, never that of whoever submitted it.

    A small batch is stored when the answer comes; a larger one is `released` and then `merging`.
    """
    return _out(jobs.run_if_small(actions.release(request.auth.actor, request.auth.target)))


@operation(
    router, "POST", "/batches/{number}/return", may("batch.return"), of=find,
    response={200: BatchOut}, errors=(400, 403, 404, 409, 413, 422),
)  # fmt: skip
def return_batch(request: Asked, number: Number, payload: ReturnIn) -> Any:
    """Give a checked batch back to who submitted it, with a reason."""
    return _out(actions.give_back(request.auth.actor, request.auth.target, payload.reason))


@operation(
    router, "POST", "/batches/{number}/withdraw", may("batch.withdraw"), of=find,
    response={200: BatchOut}, errors=(403, 404, 409),
)  # fmt: skip
def withdraw_batch(request: Asked, number: Number) -> Any:
    """Take a checked batch back before it is released."""
    return _out(actions.withdraw(request.auth.actor, request.auth.target))


def _url(batch: Batch, name: str = "get_batch") -> str:
    return reverse(f"api:{name}", kwargs={"number": batch.number})


def _line(batch: Batch) -> dict[str, Any]:
    told = {name: getattr(batch, name) for name in _LINE}
    return {**told, "batch": batch.number, "source": batch.source_id, "url": _url(batch)}


def _out(batch: Batch) -> dict[str, Any]:
    told = {**{name: getattr(batch, name) for name in _OUT}, **answer(batch)}
    file = {name: getattr(batch, f"file_{name}") for name in ("name", "sha256", "size", "format", "encoding")}
    ours = batch.state == State.WAITING  # a fault of ours: what it was is for the operator, and may quote a cell
    return {
        **told,
        "source": batch.source_id,
        "url": _url(batch),
        "state_label": batch.get_state_display(),
        "next_step": tell(batch).next,
        "reason": None if ours else told["reason"],
        "reason_en": None if ours else batch.reason_en or None,
        "released_by": batch.released_by or None,
        "receipt": _url(batch, "get_receipt") if told["receipt"] else None,
        "file": file,
    }
