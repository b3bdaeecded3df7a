"""Doubtful records by API: which there are, why, what others state, and deciding them one by one or many at once (R-051)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Field, Path, Router, Schema
from pydantic import ConfigDict, StringConstraints

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.api.cursors import paged
from chengxin.api.door import Asked, operation, signed_in
from chengxin.api.shapes import Cursor, Limit, Slug
from chengxin.audit.actions import record as trace
from chengxin.collection import actions, settling
from chengxin.collection.doubts import Comparison, Doubt, Reader, compare, explain, note
from chengxin.collection.queries import numbers_of, visible
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.registry.queries import doubts_of, other_claims

router = Router(tags=["batches"])
Id = Annotated[int, Path(ge=1, le=2**62)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=settling.REASON, pattern="^[^\\x00]*$")
]  # fmt: skip


class DoubtFinding(Schema):
    rule: str
    field: str | None
    message: str


class DoubtLine(Schema):
    """A doubtful record (存疑信息): `doubt` names it in the state in which it was told, for deciding it."""

    id: int
    doubt: str = Field(examples=["D1042-5310"])
    item: str
    source: str
    code: str
    name: str
    title: str
    decided_on: date | None
    batch: str | None
    row: int | None
    findings: list[DoubtFinding]


class DoubtPage(Schema):
    doubts: list[DoubtLine]
    next: str | None


class SideOut(Schema):
    """One field as each claim states it, in the order of `claims`; whether they differ."""

    field: str
    values: list[str | None]
    differs: bool


class DoubtOut(DoubtLine):
    """The same with what its row says, and what other rows and units state under the same key."""

    fields: dict[str, str]
    claims: list[str] = Field(description="Source units: of this record first, then of the other claims.")
    sides: list[SideOut]


class DecisionIn(Schema):
    """What the auditor decides on one doubt, and on what grounds."""

    model_config = ConfigDict(extra="forbid")
    doubt: Annotated[str, StringConstraints(max_length=60, pattern="^[^\\x00]*$")]
    verdict: Literal["confirm", "withdraw"]
    reason: Words


class DecisionsIn(Schema):
    model_config = ConfigDict(extra="forbid")
    decisions: Annotated[list[DecisionIn], Field(min_length=1, max_length=settling.MAX_ROWS)]


class DecisionOut(Schema):
    """What became of a decision, in the order of the request; `same`: it had been decided so before."""

    doubt: str
    outcome: Literal["confirmed", "withdrawn", "same", "refused"]
    message: str | None
    message_en: str | None


class DecisionsOut(Schema):
    confirmed: int
    withdrawn: int
    same: int
    refused: int
    decisions: list[DecisionOut]


@operation(router, "GET", "/doubts", signed_in(), response={200: DoubtPage}, errors=(400, 422))
def list_doubts(
    request: Asked, item: Slug | None = None, source: Slug | None = None, limit: Limit = 50, cursor: Cursor = None
) -> Any:
    """Doubtful records of your source units, or of all for a data steward; each is a look of its subject."""
    actor, wanted = request.auth.actor, {"item": item, "source": source}
    rows = _visible(actor).filter(**{k: v for k, v in wanted.items() if v is not None})
    found, following = paged(rows, limit, cursor)
    told = explain(policies(), found, _reader(actor))
    note(actor, [(d.record, d.told) for d in told])
    return {"doubts": _lines(told), "next": following}


@operation(
    router, "POST", "/doubts/decisions", signed_in(), response={200: DecisionsOut}, errors=(400, 403, 413, 422)
)  # fmt: skip
def decide_doubts(request: Asked, payload: DecisionsIn) -> Any:
    """Confirm doubts as they stand, or withdraw them as wrong: an auditor of the source unit, never who submitted them.

    Each decision is answered on its own; sending the same again changes nothing.
    """
    rows = [settling.Row(n, d.doubt, d.verdict, d.reason) for n, d in enumerate(payload.decisions, 1)]
    answers = settling.decide_all(request.auth.actor, rows, channel="api")
    told = [
        {
            "doubt": a.doubt, "outcome": a.outcome, "message": str(a.refusal) if a.refusal else None,
            "message_en": a.refusal.said_in("en") if a.refusal else None,
        }
        for a in answers
    ]  # fmt: skip
    return {**settling.counted(answers), "decisions": told}


@operation(router, "GET", "/doubts/{id}", signed_in(), response={200: DoubtOut}, errors=(404,))
def get_doubt(request: Asked, id: Id) -> Any:
    """One doubtful record in full, beside what others state under the same key."""
    actor, packs = request.auth.actor, policies()
    record = doubts_of().get(pk=id)
    visible(actor).get(pk=actions.batch_that_brought(record).pk)
    reader = _reader(actor)
    told = explain(packs, [record], reader)[0]
    heads = [record, *other_claims(record, reader.day)]
    sides = compare(packs, heads, reader) if len(heads) > 1 else Comparison([], {})
    shown = {record.pk: told.told, **sides.told}
    note(actor, [(h, shown.get(h.pk, ())) for h in heads], basis=f"doubt {record.pk}")
    trace(actor.name, "record.look", "record", record.pk, purpose="doubt")
    return {
        **_lines([told])[0],
        "fields": {label: str(value) for label, value in told.fields},
        "claims": [h.source for h in heads],
        "sides": [{"field": f, "values": [_text(v) for v in values], "differs": d} for f, values, d in sides.rows],
    }


def _visible(actor: Actor) -> Any:
    everything = actor.operator or actor.organisations(Role.STEWARD)
    return doubts_of(None if everything else actor.organisations(Role.REPORTER, Role.AUDITOR))


def _reader(actor: Actor) -> Reader:
    return Reader(frozenset(actor.organisations(Role.REPORTER, Role.AUDITOR)), timezone.localdate())


def _lines(doubts: Iterable[Doubt]) -> list[dict[str, Any]]:
    found = list(doubts)
    batches = numbers_of(d.batch for d in found if d.batch)
    return [_line(d.record, d, batches) for d in found]


def _line(record: Record, told: Doubt, batches: dict[int, str]) -> dict[str, Any]:
    return {
        "id": record.pk, "doubt": settling.number_of(record), "item": record.item, "source": record.source,
        "code": record.subject.code, "name": record.subject.name, "title": told.title, "decided_on": record.decided_on,
        "batch": batches.get(told.batch or 0), "row": told.row,
        "findings": [{"rule": str(f["rule"]), "field": f["field"], "message": str(f["message"])} for f in told.findings],
    }  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)
