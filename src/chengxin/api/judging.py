"""How subjects are judged, by API: public grades and lists, why a grade is what it is, the embedded check (R-154, R-187)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from django.urls import reverse
from django.utils import timezone
from ninja import Path, Query, Router

from chengxin.accounts.actors import Actor
from chengxin.api.cursors import cursor as cursor_of
from chengxin.api.cursors import place
from chengxin.api.door import Asked, may, operation, public
from chengxin.api.errors import Problem
from chengxin.api.judging_shapes import (
    CheckIn,
    CheckManyIn,
    CheckOut,
    ChecksOut,
    Document,
    ListKinds,
    ListPage,
    Plans,
    StandingOut,
    VerifiedOut,
    VerifyIn,
    WaitingOut,
)
from chengxin.api.shapes import Cursor, Limit
from chengxin.evaluation import looking
from chengxin.evaluation.models import Waiting
from chengxin.evaluation.public import public_grades
from chengxin.evaluation.queries import why
from chengxin.evaluation.verifying import Decision, decide
from chengxin.evaluation.waiting import after, waiting_of, waits
from chengxin.policy.evaluation import Evaluation, model_of, unit_of
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.schema import basis_text
from chengxin.registry.packs import policies
from chengxin.registry.public import publicly_known
from chengxin.registry.queries import find_subject
from chengxin.supervision.inspection.queries import find_plan, public_document
from chengxin.supervision.lists.queries import public_entries, public_entries_of, rules_of
from chengxin.supervision.measures.asking import ask, first_unit
from chengxin.supervision.measures.queries import Checked
from chengxin.supervision.models import Listing, Plan
from chengxin.supervision.packs import lists_on

router = Router(tags=["judging"])
Model = Annotated[str, Path(description="A model's id, such as grain-reserves.")]
WaitsFor = Annotated[
    str | None, Query(None, max_length=60, pattern=r"^[^\x00]*$", description="A step of `steps`; without it, all.")
]
_BITS = 41
"""Of a cursor of what waits, for the number of a result; the day before it needs 22."""
Code = Annotated[str, Path(description="Unified social credit code, or a former identifier of the subject.")]


@operation(
    router, "GET", "/subjects/{code}/standing", public("grades and lists that are public; natural persons have none"),
    response={200: StandingOut, 304: None}, errors=(404,),
)  # fmt: skip
def get_standing(request: Asked, code: Code) -> Any:
    """A subject's public grades and the public lists it is on, each with its basis."""
    subject = find_subject(code[:100])
    if subject is None or not publicly_known(subject):
        raise Problem("not-found")
    day = timezone.localdate()
    return {
        "code": subject.code,
        "name": subject.name,
        "day": day,
        "grades": public_grades(subject, day),
        "listings": [_entry(listing) for listing in public_entries_of(subject, day)],
    }


@operation(
    router, "GET", "/subjects/{code}/grades/{model}", may("evaluation.why"), of=lambda actor, code, model: code,
    response={200: dict[str, Any]}, errors=(403, 404),
)  # fmt: skip
def get_grade(
    request: Asked, code: Code, model: Annotated[str, Path(description="Such as ecology-environment.")]
) -> Any:
    """Why a grade is what it is: indicators, the records behind them, what would change it. The look is recorded."""
    try:
        told = why(code[:100], model[:60])
    except UnknownPolicy as unknown:
        raise Problem("not-found") from unknown
    if told is None:
        raise Problem("not-found")
    looking.note(request.auth.actor.name, told, "api", first_unit(request.auth.actor))
    return told


@operation(
    router, "GET", "/models/{model}/waiting", may("evaluation.verify"), of=lambda actor, model: _unit_of(model),
    response={200: WaitingOut}, errors=(400, 403, 404, 422),
)  # fmt: skip
def list_waiting(request: Asked, model: Model, step: WaitsFor = None, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """The results that are no grades before a step of the model's verification is done, the oldest term first."""
    found, day = _model(model), timezone.localdate()
    waiting = waiting_of(found.id, step or "")
    if (there := place(cursor)) is not None:
        waiting = after(waiting, *_unpacked(there))
    rows = list(waiting[: limit + 1])
    following = cursor_of(_packed(rows[limit - 1])) if len(rows) > limit else None
    rows = rows[:limit]
    codes = [w.subject.code for w in rows]
    looking.note_listed(request.auth.actor, codes, looking.VERIFIED, f"evaluation {found.id}", _unit_of(found.id))
    return {
        "model": found.id,
        "steps": waits(found),
        "results": [
            {
                "code": w.subject.code, "name": w.subject.name, "grade": w.grade, "score": float(w.score),
                "before": w.before, "step": w.step, "since": w.since, "due": w.due,
                "late": w.due is not None and w.due < day, "application": bool(w.asked_by), "reason": w.reason,
            }
            for w in rows
        ],
        "next": following,
    }  # fmt: skip


def _packed(row: Waiting) -> int:
    """A result's place among what waits, as a number: its last day, then its own number."""
    return ((row.due or date.max).toordinal() << _BITS) | row.pk


def _unpacked(there: int) -> tuple[date | None, int]:
    """The same read back. Raises `Problem` for a day that there is not."""
    day, pk = there >> _BITS, there & ((1 << _BITS) - 1)
    if not 0 < day <= date.max.toordinal():
        raise Problem("bad-cursor")
    return None if day == date.max.toordinal() else date.fromordinal(day), pk


@operation(
    router, "POST", "/models/{model}/verifications", may("evaluation.verify"), of=lambda actor, model: _unit_of(model),
    response={200: VerifiedOut}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def verify_grades(request: Asked, model: Model, payload: VerifyIn) -> Any:
    """Take one step for these subjects: a grade takes effect when its steps are done, by people who had no hand in it."""
    found = _model(model)
    known = {code: find_subject(code[:100]) for code in payload.codes}
    if any(subject is None for subject in known.values()):
        raise Problem("not-found")
    wanted = [subject.pk for subject in known.values() if subject is not None]
    decision = Decision(payload.step, payload.outcome, payload.reason, payload.grade)
    return vars(decide(request.auth.actor, found, decision, wanted))


def _model(id: str) -> Evaluation:
    try:
        return model_of(policies(), id[:60], timezone.localdate())
    except UnknownPolicy as unknown:
        raise Problem("not-found") from unknown


def _unit_of(id: str) -> str:
    return unit_of(_model(id), policies())


@operation(
    router, "GET", "/lists", public("which lists there are, and on what basis"), response={200: ListKinds, 304: None}
)
def list_lists(request: Asked) -> Any:
    """The public lists in force, with the number of their entries."""
    day, packs = timezone.localdate(), policies()
    shown = {name: version for name, version in lists_on(day, packs).items() if version.list.public}
    return {
        "lists": [
            {
                "id": name,
                "label": version.list.label,
                "label_en": version.list.label_en,
                "effect": version.list.effect,
                "authority": version.list.competence,
                "basis": basis_text(version.list.basis),
                "entries": public_entries(name, day).count(),
                "url": reverse("api:get_list", kwargs={"name": name}),
            }
            for name, version in shown.items()
        ]
    }


@operation(
    router, "GET", "/lists/{name}", public("a public list; what is not public or over is not in it"),
    response={200: ListPage, 304: None}, errors=(400, 404, 422),
)  # fmt: skip
def get_list(
    request: Asked, name: Annotated[str, Path(description="A list's id.")], limit: Limit = 50, cursor: Cursor = None
) -> Any:
    """The entries of a public list that are in force today, in the order in which they were made."""
    day = timezone.localdate()
    found = lists_on(day).get(name)
    if found is None or not found.list.public:
        raise Problem("not-found")
    rows = list(public_entries(name, day).filter(pk__gt=place(cursor) or 0).order_by("pk")[: limit + 1])
    following = cursor_of(rows[limit - 1].pk) if len(rows) > limit else None
    return {"entries": [_entry(row) for row in rows[:limit]], "next": following}


@operation(
    router,
    "POST",
    "/checks",
    may("measure.check"),
    of=lambda actor: "",
    response={200: CheckOut},
    errors=(400, 403, 413, 422),
)
def check_subject(request: Asked, payload: CheckIn) -> Any:
    """Must refuse, must examine, may favour, or nothing: what a matter of this subject calls for, each with its basis."""
    return _checked(request.auth.actor, [payload.code], payload.matter)[0]


@operation(
    router, "POST", "/checks/batch", may("measure.check"), of=lambda actor: "", response={200: ChecksOut},
    errors=(400, 403, 413, 422),
)  # fmt: skip
def check_subjects(request: Asked, payload: CheckManyIn) -> Any:
    """The same for up to ten thousand subjects at once, in their order."""
    return {"answers": _checked(request.auth.actor, payload.codes, payload.matter)}


@operation(
    router, "GET", "/inspections", public("random inspections are announced before and explained after the draw"),
    response={200: Plans, 304: None},
)  # fmt: skip
def list_inspections(request: Asked) -> Any:
    """Random inspections: what they committed to, and whether their draw is published."""
    return {
        "plans": [
            {
                "plan": plan.number,
                "title": plan.title,
                "department": plan.department,
                "period": [plan.starts_on, plan.ends_on],
                "drawn": plan.published_at is not None,
                "seed_sha256": plan.seed_sha256,
                "url": reverse("api:get_inspection", kwargs={"number": plan.number}),
            }
            for plan in Plan.objects.order_by("-pk")[:200]
        ]
    }


@operation(
    router, "GET", "/inspections/{number}", public("whoever wants to can run the draw again"),
    response={200: Document, 304: None}, errors=(404,),
)  # fmt: skip
def get_inspection(request: Asked, number: Annotated[str, Path(description="The plan's number.")]) -> Any:
    """A plan's document: the commitment before the draw, seed and result once published (docs/verify_draw.py)."""
    plan = find_plan(number)
    if plan is None:
        raise Problem("not-found")
    return public_document(plan)


def _checked(actor: Actor, codes: list[str], matter: str) -> list[dict[str, Any]]:
    return [_answer(answer) for answer in ask(actor, codes, matter)]


def _answer(answer: Checked) -> dict[str, Any]:
    return {**asdict(answer), "findings": [asdict(finding) for finding in answer.findings]}


def _entry(listing: Listing) -> dict[str, Any]:
    rules = rules_of(listing)
    return {
        "number": listing.number,
        "list": listing.list,
        "list_label": rules.list.label,
        "effect": listing.effect,
        "code": listing.subject.code,
        "name": listing.subject.name,
        "listed_on": listing.listed_on,
        "expires_on": listing.expires_on,
        "basis": basis_text(rules.list.basis),
        "remedy": rules.list.remedy,
        "remedy_en": rules.list.remedy_en,
        "exit": rules.list.exit.text,
        "exit_en": rules.list.exit.text_en,
    }
