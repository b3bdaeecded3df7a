"""Supervision by API: lists step by step, measures, alerts, inspection plans and results (R-157 to R-201).

The public side (lists in force, published draws, the embedded check) stands in `judging`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import polars as pl
from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Status

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import restrict
from chengxin.api.cursors import paged
from chengxin.api.door import Asked, operation, signed_in
from chengxin.api.shapes import MONTH, Cursor, Limit, Slug
from chengxin.api.supervising_shapes import (
    AlertOut,
    AlertPage,
    Document,
    DrawIn,
    EffectsOut,
    Entered,
    EntryOut,
    EntryPage,
    ExitIn,
    MeasureOut,
    MeasurePage,
    PaperIn,
    PlanIn,
    ProposalIn,
    ResponseIn,
    ResultsIn,
)
from chengxin.supervision import looking
from chengxin.supervision.alerts.actions import acknowledge
from chengxin.supervision.alerts.grounds import bases_of
from chengxin.supervision.inspection import actions as inspecting
from chengxin.supervision.inspection.queries import document, find_plan
from chengxin.supervision.inspection.results import enter_results
from chengxin.supervision.lists import actions as listing
from chengxin.supervision.lists import leaving, letters
from chengxin.supervision.lists.keeping import Paper
from chengxin.supervision.lists.queries import described
from chengxin.supervision.measures import actions as measures
from chengxin.supervision.measures.queries import effects
from chengxin.supervision.measures.queries import waiting as in_waiting
from chengxin.supervision.models import AlertCopy, Enforcement, Listing, Plan

router = Router(tags=["supervision"])
Id = Annotated[int, Path(ge=1, le=2**62)]
EntryNumber = Annotated[str, Path(max_length=20, description="Such as L000001.")]
PlanNumber = Annotated[str, Path(max_length=20, description="Such as P000001.")]


_ENFORCED = (
    "id", "measure", "agency", "cause", "since", "respond_by", "response", "note", "ended_on", "lift_by", "lifted_on",
)  # fmt: skip


def _entry(actor: Actor, number: str, **_more: str) -> Listing:
    found: Listing = _entries(actor).get(pk=_number(number[1:]) if number[:1] == "L" else 0)
    return found


def _entries(actor: Actor) -> Any:
    """Entries of the departments in which the actor works; the steward's and the operator's are all."""
    return restrict(actor, "list.see", Listing.objects.select_related("subject"))


def _measures(actor: Actor) -> Any:
    return restrict(actor, "measure.see", Enforcement.objects.select_related("subject"))


def _alerts(actor: Actor) -> Any:
    return restrict(actor, "alert.acknowledge", AlertCopy.objects.select_related("alert", "alert__subject"))


def _measure_of(actor: Actor, id: str) -> Enforcement:
    found: Enforcement = _measures(actor).get(pk=_number(id))
    return found


def _alert_of(actor: Actor, id: str) -> AlertCopy:
    found: AlertCopy = _alerts(actor).get(pk=_number(id))
    return found


def _number(text: str) -> int:
    """The door looks before the address is read: what is no number is nothing's number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


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
    wanted, day = {"list": list, "state": state}, timezone.localdate()
    rows = _entries(request.auth.actor).filter(**{k: v for k, v in wanted.items() if v is not None})
    found, following = paged(rows, limit, cursor)
    looking.note_listings(request.auth.actor, found)
    return {"entries": [described(row, day) for row in found], "next": following}


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
    looking.note_listings(request.auth.actor, [request.auth.target])
    return described(request.auth.target, timezone.localdate())


@operation(
    router, "GET", "/entries/{number}/letters/{letter}/pdf", signed_in(), of=_entry, response={200: None}, errors=(404, 422),
    extra={"responses": {200: {"description": "The letter", "content": {"application/pdf": {}}}}},
)  # fmt: skip
def get_entry_letter(request: Asked, number: EntryNumber, letter: Id, english: bool = False) -> HttpResponse:
    """What was served on the subject by a step, as PDF: the same bytes each time; the look is recorded."""
    step = letters.letter_of(request.auth.target, letter)
    looking.note_listings(request.auth.actor, [request.auth.target])
    name = {"Content-Disposition": f'attachment; filename="{request.auth.target.number}-{step.pk}.pdf"'}
    content = letters.render(step, "en" if english else "zh")
    return HttpResponse(content, content_type="application/pdf", headers=name)


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
    found, following = paged(rows, limit, cursor)
    looking.note_measures(request.auth.actor, found)
    return {"measures": [_measure(row) for row in found], "next": following}


@operation(
    router, "POST", "/measures/{id}/response", signed_in(), of=_measure_of,
    response={200: MeasureOut}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def respond_to_measure(request: Asked, id: Id, payload: ResponseIn) -> Any:
    """Answer for a measure: legal, associated, proportionate, or not applicable and why."""
    checks = measures.Checks(payload.legal, payload.associated, payload.proportionate)
    return _measure(measures.respond(request.auth.actor, request.auth.target, payload.response, checks, payload.note))


@operation(
    router, "POST", "/measures/{id}/lift", signed_in(), of=_measure_of,
    response={200: MeasureOut}, errors=(403, 404, 422),
)  # fmt: skip
def lift_measure(request: Asked, id: Id) -> Any:
    """Confirm that a measure whose cause is gone is lifted."""
    return _measure(measures.lift(request.auth.actor, request.auth.target))


@operation(router, "GET", "/measures/effects", signed_in(), response={200: EffectsOut}, errors=(403, 422))
def list_effects(request: Asked, month: Annotated[str, Query(pattern=MONTH)]) -> Any:
    """The effect list of a month (成效清单): which measure was used on whom, by which of your units."""
    units = {*_measures(request.auth.actor).values_list("agency", flat=True).distinct().order_by()}
    found = [e for e in effects(month) if e["agency"] in units]
    looking.note_effects(request.auth.actor, found)
    return {"month": month, "effects": found}


@operation(router, "GET", "/alerts", signed_in(), response={200: AlertPage}, errors=(400, 422))
def list_alerts(request: Asked, seen: bool = False, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """Reminders and warnings to your units, the newest first; those already seen only with `seen`."""
    rows = _alerts(request.auth.actor)
    rows = rows if seen else rows.filter(seen_on=None)
    found, following = paged(rows, limit, cursor)
    looking.note_alerts(request.auth.actor, found)
    bases = bases_of(row.alert for row in found)
    return {"alerts": [_alert(row, bases) for row in found], "next": following}


@operation(
    router, "POST", "/alerts/{id}/seen", signed_in(), of=_alert_of,
    response={200: AlertOut}, errors=(403, 404),
)  # fmt: skip
def acknowledge_alert(request: Asked, id: Id) -> Any:
    """Say that an alert has been seen; again changes nothing."""
    acknowledge(request.auth.actor, request.auth.target)
    seen = _alerts(request.auth.actor).get(pk=request.auth.target.pk)
    return _alert(seen, bases_of([seen.alert]))


@operation(router, "POST", "/plans", signed_in(), response={201: Document}, errors=(400, 403, 413, 422))
def plan_inspection(request: Asked, payload: PlanIn) -> Any:
    """Plan a random inspection: fix the pool and commit to a seed. Publish the answer before you draw."""
    made = inspecting.plan(request.auth.actor, payload.policy, payload.title, payload.starts_on, payload.ends_on)
    return Status(201, document(made))


@operation(router, "GET", "/plans/{number}", signed_in(), of=_plan, response={200: Document}, errors=(404,))
def get_plan(request: Asked, number: PlanNumber) -> Any:
    """A plan of your department as it stands, with its pool, before and after it is published."""
    told = document(request.auth.target, whole=True)
    looking.note_pool(request.auth.actor, request.auth.target.department, told["pool"])
    return told


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


def _alert(row: AlertCopy, bases: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    subject = row.alert.subject
    return {
        "id": row.pk, "rule": row.alert.rule, "receiver": row.receiver, "to": row.to, "found_on": row.alert.found_on,
        "code": subject.code if subject else None, "about": row.alert.whom, "text": row.alert.text,
        "text_en": row.alert.text_en, "basis": bases[row.alert.rule, row.alert.version], "seen_on": row.seen_on,
    }  # fmt: skip
