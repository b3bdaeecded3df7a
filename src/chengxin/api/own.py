"""A subject's own affairs by API: its list entries and their answers, who acts for it (R-094, R-170, R-236, G-05).

Looks, authorisations, cases and reports of the own space stand in `disclosing`, `cases` and `reports`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS, Matter, Membership, Organisation, Role
from chengxin.api.administration_shapes import Username
from chengxin.api.cursors import paged
from chengxin.api.disclosing import AskedCode, Code
from chengxin.api.door import Asked, operation, signed_in
from chengxin.api.errors import Problem
from chengxin.api.shapes import Cursor, Limit, Slug
from chengxin.api.supervising_shapes import EntryTold
from chengxin.cases.mandates import Mandate, agents_of, entrust, mandates_of, recall
from chengxin.registry.queries import find_subject
from chengxin.supervision.lists import actions as listing
from chengxin.supervision.lists import letters
from chengxin.supervision.lists.keeping import Paper
from chengxin.supervision.lists.queries import told_to
from chengxin.supervision.lists.telling import told_to_subject
from chengxin.supervision.models import Listing

router = Router(tags=["own"])
_ANY = (Matter.LOOK, Matter.STATEMENT)


class OwnStep(Schema):
    """A step as the subject is told it; officials stand by their office."""

    kind: str
    on: date
    outcome: str
    until: date | None
    calendar: str
    document: str
    text: str
    letter: int | None = Field(description="Where it was served in writing: the number of its letter.")


OwnSteps = list[OwnStep]
Words = list[str]


class OwnEntry(EntryTold):
    """An entry of a list about the subject; `answers` may be given now."""

    steps: OwnSteps
    answers: Words


class OwnEntries(Schema):
    entries: list[OwnEntry]
    next: str | None


class AnswerIn(Schema):
    """What the subject answers to a notice, and its words; a waiver may be without."""

    model_config = ConfigDict(extra="forbid")
    outcome: Literal["statement", "hearing", "objection", "waiver"]
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=r"^[^\x00]*$")] = ""


class MandateOut(Schema):
    """Who acts for a subject, in which matters (none named: all) and until when; `in_force` says whether it counts now."""

    id: int
    subject: str
    subject_name: str
    username: str
    name: str
    matters: list[str]
    since: date | None
    until: date | None
    in_force: bool


class MandatePage(Schema):
    mandates: list[MandateOut]
    next: str | None


class MandateIn(Schema):
    """A mandate; sign-in name and name of the agent must both be right. Given again, matters and term are replaced."""

    model_config = ConfigDict(extra="forbid")
    subject: Code
    username: Username
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")
    ]
    matters: list[Slug]
    since: date | None = None
    until: date


Number = Annotated[str, Path(max_length=20, description="Such as L000001.")]
Held = Annotated[int, Path(ge=1, le=2**62)]


@operation(router, "GET", "/own/entries", signed_in(), response={200: OwnEntries}, errors=(400, 404, 422))
def list_own_entries(request: Asked, subject: AskedCode, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """The lists a subject you speak for is on or may come on, from the notice on, the newest first."""
    actor, today = request.auth.actor, timezone.localdate()
    about = find_subject(subject)
    if about is None or not any(_acts(actor, unit, m) for unit in _units(actor, about.code) for m in _ANY):
        raise Problem("not-found")
    found, following = paged(told_to(about), limit, cursor)
    return {"entries": [told_to_subject(row, today) for row in found], "next": following}


@operation(
    router, "POST", "/own/entries/{number}/answer", signed_in(), response={200: OwnEntry},
    errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def answer_entry(request: Asked, number: Number, payload: AnswerIn) -> Any:
    """Answer a notice before it is decided: state your case, ask to be heard, object, or waive."""
    actor = request.auth.actor
    entry = Listing.objects.filter(pk=_number(number)).select_related("subject").first()
    if entry is None or not told_to(entry.subject).filter(pk=entry.pk).exists():
        raise Problem("not-found")
    units = _units(actor, entry.subject.code)  # of several, the one for which this matter is theirs
    unit = next((u for u in units if _acts(actor, u, Matter.STATEMENT)), units[0])
    paper = Paper(text=payload.text, outcome=payload.outcome)
    return told_to_subject(listing.answer(actor, entry, unit.pk, paper), timezone.localdate())


@operation(
    router, "GET", "/own/entries/{number}/letters/{letter}/pdf", signed_in(), response={200: None}, errors=(404, 422),
    extra={"responses": {200: {"description": "The letter", "content": {"application/pdf": {}}}}},
)  # fmt: skip
def get_own_entry_letter(request: Asked, number: Number, letter: Held, english: bool = False) -> HttpResponse:
    """What an authority served on the subject you speak for, as PDF: the same bytes each time."""
    actor = request.auth.actor
    entry = Listing.objects.filter(pk=_number(number)).select_related("subject").first()
    if entry is None or not told_to(entry.subject).filter(pk=entry.pk).exists():
        raise Problem("not-found")
    if not any(_acts(actor, unit, m) for unit in _units(actor, entry.subject.code) for m in _ANY):
        raise Problem("not-found")
    step = letters.letter_of(entry, letter)
    name = {"Content-Disposition": f'attachment; filename="list-letter-{step.pk}.pdf"'}
    content = letters.render(step, "en" if english else "zh")
    return HttpResponse(content, content_type="application/pdf", headers=name)


@operation(router, "GET", "/own/mandates", signed_in(), response={200: MandatePage}, errors=(400, 404, 422))
def list_mandates(
    request: Asked,
    subject: Annotated[str | None, Query(None, min_length=2, max_length=64, pattern=r"^[^\x00]*$")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Who acts for the subject you represent; without a subject, for whom you act as an agent. The newest first."""
    actor = request.auth.actor
    rows = agents_of(_represented(actor, subject).pk) if subject else mandates_of(actor)
    found, following = paged(rows, limit, cursor)
    return {"mandates": [_mandate(row) for row in found], "next": following}


@operation(
    router, "POST", "/own/mandates", signed_in(), response={201: MandateOut}, errors=(400, 403, 404, 413, 422)
)  # fmt: skip
def give_mandate(request: Asked, payload: MandateIn) -> Any:
    """Entrust an agent with matters of the subject you represent, for a term."""
    actor = request.auth.actor
    what = Mandate(payload.username, payload.name, payload.matters, payload.until, payload.since)
    return Status(201, _mandate(entrust(actor, _represented(actor, payload.subject), what)))


@operation(
    router, "POST", "/own/mandates/{id}/recall", signed_in(), response={200: MandateOut}, errors=(403, 404, 422)
)  # fmt: skip
def recall_mandate(request: Asked, id: Held) -> Any:
    """Take a mandate back: the agent can do nothing more from the next request on; again changes nothing."""
    actor = request.auth.actor
    held = Membership.objects.filter(pk=id, role=Role.AGENT, organisation__in=actor.organisations(Role.REPRESENTATIVE))
    if not held.exists():
        raise Problem("not-found")
    return _mandate(recall(actor, held.get()))


def _units(actor: Actor, code: str) -> list[Organisation]:
    """The organisations with that code for which the actor speaks in anything. Raises `Problem`: it does not exist."""
    found = list(Organisation.objects.filter(code=code, pk__in=actor.organisations(*CITIZENS)))
    if not found:
        raise Problem("not-found")
    return found


def _represented(actor: Actor, code: str) -> Organisation:
    found = [u for u in _units(actor, code) if actor.holds(Role.REPRESENTATIVE, u.pk)]
    if not found:
        raise Problem("not-found")
    return found[0]


def _acts(actor: Actor, unit: Organisation, matter: Matter) -> bool:
    return any(actor.holds(role, unit.pk, matter) for role in CITIZENS)


def _number(text: str) -> int:
    digits = text[1:] if text[:1] == "L" else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0


def _mandate(held: Membership) -> dict[str, Any]:
    unit, user = held.organisation, held.user
    return {
        "id": held.pk, "subject": unit.code, "subject_name": unit.name, "username": user.username, "name": str(user),
        "matters": held.scope, "since": held.since, "until": held.until,
        "in_force": held.in_force(timezone.localdate()),
    }  # fmt: skip
