"""Supervision by API: lists step by step, measures, alerts, inspection plans and results (R-157 to R-201).

The public side (lists in force, published draws, the embedded check) stands in `judging`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import polars as pl
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import restrict
from chengxin.api.cursors import cursor as cursor_of
from chengxin.api.cursors import place
from chengxin.api.door import Asked, operation, signed_in
from chengxin.api.shapes import MONTH, Cursor, Limit, Slug
from chengxin.supervision.alerts.actions import acknowledge
from chengxin.supervision.inspection import actions as inspecting
from chengxin.supervision.inspection.queries import document, find_plan
from chengxin.supervision.inspection.results import enter_results
from chengxin.supervision.lists import actions as listing
from chengxin.supervision.lists import leaving
from chengxin.supervision.lists.keeping import Paper
from chengxin.supervision.lists.queries import described
from chengxin.supervision.measures import actions as measures
from chengxin.supervision.measures.queries import effects
from chengxin.supervision.measures.queries import waiting as in_waiting
from chengxin.supervision.models import AlertCopy, Enforcement, Listing, Plan

router = Router(tags=["supervision"])
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(min_length=2, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Id = Annotated[int, Path(ge=1, le=2**62)]
EntryNumber = Annotated[str, Path(max_length=20, description="Such as L000001.")]
PlanNumber = Annotated[str, Path(max_length=20, description="Such as P000001.")]


class PaperIn(Schema):
    """What a step leaves behind: the document's number, its words, its outcome, the day it was done (today)."""

    model_config = ConfigDict(extra="forbid")
    document: Line = ""
    text: Words = ""
    outcome: Line = ""
    on: date | None = None


class ProposalIn(PaperIn):
    """A proposal for a list, on records of the subject that show the criterion."""

    list: Slug
    code: Code
    criterion: Slug
    records: list[Annotated[int, Field(ge=1, le=2**62)]] = []


class ExitIn(PaperIn):
    """`ask` to leave early with the numbers of the conditions that are met, `decide` on it, or `undo` a wrong listing."""

    act: Literal["ask", "decide", "undo"]
    conditions: list[Annotated[int, Field(ge=1, le=100)]] = []


class EntryStep(Schema):
    kind: str
    actor: str
    on: date
    outcome: str
    until: date | None
    calendar: str
    document: str
    text: str


class EntryOut(Schema):
    """An entry of a list: where it stands, each step, what comes next and from when on, what the subject can do."""

    number: str
    list: str
    list_label: str
    list_version: str
    effect: str
    code: str
    name: str
    state: str
    state_label: str
    in_force: bool
    criterion: str
    reason: str
    records: list[int]
    listed_on: date | None
    expires_on: date | None
    ended_on: date | None
    ending: str
    published_on: date | None
    basis: str
    competence: str
    remedy: str | None
    exit: str
    next: str
    not_before: date | None
    steps: list[EntryStep]


class EntryPage(Schema):
    entries: list[EntryOut]
    next: str | None


class MeasureOut(Schema):
    """What an implementing body owes because of a list or a grade."""

    id: int
    measure: str
    agency: str
    code: str
    name: str
    cause: str
    since: date
    respond_by: date | None
    response: str
    note: str
    ended_on: date | None
    lift_by: date | None
    lifted_on: date | None


class MeasurePage(Schema):
    measures: list[MeasureOut]
    next: str | None


class ResponseIn(Schema):
    """Applied (`accepted`, with all three judgements), or `not-applicable` with the reason (R-187)."""

    model_config = ConfigDict(extra="forbid")
    response: Literal["accepted", "not-applicable"]
    note: Words
    legal: bool = False
    associated: bool = False
    proportionate: bool = False


class EffectLine(Schema):
    subject: str
    code: str
    measure: str
    agency: str
    on: date | None
    matter: str
    detail: str


class EffectsOut(Schema):
    month: str
    effects: list[EffectLine]


class AlertOut(Schema):
    """A reminder or warning (提醒、预警) to a department, a city or a subject."""

    id: int
    rule: str
    receiver: str
    to: str
    code: str | None
    found_on: date
    text: str
    text_en: str
    seen_on: date | None


class AlertPage(Schema):
    alerts: list[AlertOut]
    next: str | None


class PlanIn(Schema):
    """A random inspection: its policy, name and period; the pool is fixed by today's grades and lists."""

    model_config = ConfigDict(extra="forbid")
    policy: Slug
    title: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")
    ]
    starts_on: date
    ends_on: date


class DrawIn(Schema):
    """A public value that nobody knew when the plan was made; may be empty."""

    model_config = ConfigDict(extra="forbid")
    beacon: Line = ""


class ResultIn(Schema):
    model_config = ConfigDict(extra="forbid")
    code: Code
    result: Line
    inspected_on: date
    findings: Words = ""
    matters: list[Line] = []


class ResultsIn(Schema):
    """What was found at the drawn subjects: all of it is entered, or nothing."""

    model_config = ConfigDict(extra="forbid")
    results: Annotated[list[ResultIn], Field(min_length=1, max_length=10_000)]


class Entered(Schema):
    entered: int


Document = dict[str, Any]
_ENFORCED = (
    "id", "measure", "agency", "cause", "since", "respond_by", "response", "note", "ended_on", "lift_by", "lifted_on",
)  # fmt: skip


def _entry(actor: Actor, number: str, **_more: str) -> Listing:
    pk = int(number[1:]) if number[:1] == "L" and number[1:].isascii() and number[1:].isdigit() else 0
    return _entries(actor).get(pk=pk)


def _entries(actor: Actor) -> Any:
    """Entries of the departments in which the actor works; the steward's and the operator's are all."""
    return restrict(actor, "list.see", Listing.objects.select_related("subject"))


def _measures(actor: Actor) -> Any:
    return restrict(actor, "measure.see", Enforcement.objects.select_related("subject"))


def _alerts(actor: Actor) -> Any:
    return restrict(actor, "alert.acknowledge", AlertCopy.objects.select_related("alert", "alert__subject"))


def _plan(actor: Actor, number: str) -> Plan:
    found = find_plan(number)
    if found is None or not restrict(actor, "inspection.see", Plan.objects.filter(pk=found.pk)).exists():
        raise Plan.DoesNotExist
    return found


@operation(router, "GET", "/entries", signed_in(), response={200: EntryPage}, errors=(400, 422))
def list_entries(
    request: Asked, list: Slug | None = None, state: Slug | None = None, limit: Limit = 50, cursor: Cursor = None
) -> Any:
    """Entries of your department's lists, from the proposal on, the newest first."""
    wanted = {"list": list, "state": state, "pk__lt": place(cursor)}
    rows = _entries(request.auth.actor).filter(**{k: v for k, v in wanted.items() if v is not None}).order_by("-pk")
    found, day = [*rows[: limit + 1]], timezone.localdate()
    following = cursor_of(found[limit - 1].pk) if len(found) > limit else None
    return {"entries": [described(row, day) for row in found[:limit]], "next": following}


@operation(router, "POST", "/entries", signed_in(), response={201: EntryOut}, errors=(400, 403, 413, 422))
def propose_entry(request: Asked, payload: ProposalIn) -> Any:
    """Propose a subject for a list; nothing has an effect before notice, defence and decision."""
    made = listing.propose(
        request.auth.actor, payload.list, payload.code, payload.criterion, payload.records, _paper(payload)
    )
    return Status(201, described(made, timezone.localdate()))


@operation(router, "GET", "/entries/{number}", signed_in(), of=_entry, response={200: EntryOut}, errors=(404,))
def get_entry(request: Asked, number: EntryNumber) -> Any:
    """One entry with every step, what comes next, and from when on."""
    return described(request.auth.target, timezone.localdate())


@operation(
    router, "POST", "/entries/{number}/steps/{kind}", signed_in(), of=_entry,
    response={200: EntryOut}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def take_entry_step(
    request: Asked, number: EntryNumber, kind: Annotated[str, Path(max_length=30)], payload: PaperIn
) -> Any:
    """Notice, answer, hearing, review, decision, service, publication: the next step, by whom and when the list says."""
    taken = listing.take(request.auth.actor, request.auth.target, kind, _paper(payload))
    return described(taken, timezone.localdate())


@operation(
    router, "POST", "/entries/{number}/exit", signed_in(), of=_entry,
    response={200: EntryOut}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def leave_list(request: Asked, number: EntryNumber, payload: ExitIn) -> Any:
    """Leave a list early, decide on that, or undo a wrong listing everywhere."""
    actor, entry, paper = request.auth.actor, request.auth.target, _paper(payload)
    if payload.act == "ask":
        left = leaving.ask_exit(actor, entry, payload.conditions, paper)
    else:
        left = (leaving.decide_exit if payload.act == "decide" else leaving.revoke)(actor, entry, paper)
    return described(left, timezone.localdate())


@operation(router, "GET", "/measures", signed_in(), response={200: MeasurePage}, errors=(400, 422))
def list_measures(
    request: Asked,
    agency: Slug | None = None,
    waiting: Annotated[bool, Query(description="Only what waits for a response or a lifting.")] = True,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """What your unit owes because of lists and grades, the newest first."""
    rows = _measures(request.auth.actor)
    rows = rows.filter(agency=agency) if agency else rows
    rows = in_waiting(rows) if waiting else rows
    if (before := place(cursor)) is not None:
        rows = rows.filter(pk__lt=before)
    found = [*rows.order_by("-pk")[: limit + 1]]
    following = cursor_of(found[limit - 1].pk) if len(found) > limit else None
    return {"measures": [_measure(row) for row in found[:limit]], "next": following}


@operation(
    router, "POST", "/measures/{id}/response", signed_in(), of=lambda actor, id: _measures(actor).get(pk=id),
    response={200: MeasureOut}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def respond_to_measure(request: Asked, id: Id, payload: ResponseIn) -> Any:
    """Answer for a measure: legal, associated, proportionate, or not applicable and why."""
    checks = measures.Checks(payload.legal, payload.associated, payload.proportionate)
    return _measure(measures.respond(request.auth.actor, request.auth.target, payload.response, checks, payload.note))


@operation(
    router, "POST", "/measures/{id}/lift", signed_in(), of=lambda actor, id: _measures(actor).get(pk=id),
    response={200: MeasureOut}, errors=(403, 404, 422),
)  # fmt: skip
def lift_measure(request: Asked, id: Id) -> Any:
    """Confirm that a measure whose cause is gone is lifted."""
    return _measure(measures.lift(request.auth.actor, request.auth.target))


@operation(router, "GET", "/measures/effects", signed_in(), response={200: EffectsOut}, errors=(403, 422))
def list_effects(request: Asked, month: Annotated[str, Query(pattern=MONTH)]) -> Any:
    """The effect list of a month (成效清单): which measure was used on whom, by which of your units."""
    units = {*_measures(request.auth.actor).values_list("agency", flat=True).distinct().order_by()}
    return {"month": month, "effects": [e for e in effects(month) if e["agency"] in units]}


@operation(router, "GET", "/alerts", signed_in(), response={200: AlertPage}, errors=(400, 422))
def list_alerts(request: Asked, seen: bool = False, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """Reminders and warnings to your units, the newest first; those already seen only with `seen`."""
    rows = _alerts(request.auth.actor)
    rows = rows if seen else rows.filter(seen_on=None)
    if (before := place(cursor)) is not None:
        rows = rows.filter(pk__lt=before)
    found = [*rows.order_by("-pk")[: limit + 1]]
    following = cursor_of(found[limit - 1].pk) if len(found) > limit else None
    return {"alerts": [_alert(row) for row in found[:limit]], "next": following}


@operation(
    router, "POST", "/alerts/{id}/seen", signed_in(), of=lambda actor, id: _alerts(actor).get(pk=id),
    response={200: AlertOut}, errors=(403, 404),
)  # fmt: skip
def acknowledge_alert(request: Asked, id: Id) -> Any:
    """Say that an alert has been seen; again changes nothing."""
    acknowledge(request.auth.actor, request.auth.target)
    return _alert(_alerts(request.auth.actor).get(pk=request.auth.target.pk))


@operation(router, "POST", "/plans", signed_in(), response={201: Document}, errors=(400, 403, 413, 422))
def plan_inspection(request: Asked, payload: PlanIn) -> Any:
    """Plan a random inspection: fix the pool and commit to a seed. Publish the answer before you draw."""
    made = inspecting.plan(request.auth.actor, payload.policy, payload.title, payload.starts_on, payload.ends_on)
    return Status(201, document(made))


@operation(router, "GET", "/plans/{number}", signed_in(), of=_plan, response={200: Document}, errors=(404,))
def get_plan(request: Asked, number: PlanNumber) -> Any:
    """A plan of your department as it stands, with its pool, before and after it is published."""
    return document(request.auth.target, whole=True)


@operation(
    router, "POST", "/plans/{number}/draw", signed_in(), of=_plan,
    response={200: Document}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def draw_inspection(request: Asked, number: PlanNumber, payload: DrawIn) -> Any:
    """Draw subjects and inspectors, and reveal the seed."""
    inspecting.draw(request.auth.actor, request.auth.target, payload.beacon)
    return document(request.auth.target)


@operation(
    router, "POST", "/plans/{number}/results", signed_in(), of=_plan,
    response={200: Entered}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def enter_inspection_results(request: Asked, number: PlanNumber, payload: ResultsIn) -> Any:
    """Enter what was found at the drawn subjects: all of it, or nothing."""
    rows = pl.DataFrame(
        [r.model_dump() for r in payload.results],
        schema={
            "code": pl.String, "result": pl.String, "inspected_on": pl.Date, "findings": pl.String,
            "matters": pl.List(pl.String),
        },
    )  # fmt: skip
    return {"entered": enter_results(request.auth.actor, request.auth.target, rows)}


@operation(
    router, "POST", "/plans/{number}/publish", signed_in(), of=_plan,
    response={200: Document}, errors=(403, 404, 422),
)  # fmt: skip
def publish_inspection(request: Asked, number: PlanNumber) -> Any:
    """Let everybody verify the draw: by another person than who drew."""
    return document(inspecting.publish(request.auth.actor, request.auth.target))


def _paper(given: PaperIn) -> Paper:
    return Paper(given.document, given.text, given.outcome, given.on)


def _measure(row: Enforcement) -> dict[str, Any]:
    return {**{n: getattr(row, n) for n in _ENFORCED}, "code": row.subject.code, "name": row.subject.name}


def _alert(row: AlertCopy) -> dict[str, Any]:
    subject = row.alert.subject
    return {
        "id": row.pk, "rule": row.alert.rule, "receiver": row.receiver, "to": row.to, "found_on": row.alert.found_on,
        "code": subject.code if subject else None, "text": row.alert.text, "text_en": row.alert.text_en,
        "seen_on": row.seen_on,
    }  # fmt: skip
