"""The shapes of grades, lists, embedded checks and random inspections."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from chengxin.api.shapes import Slug

Code = Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f]*$", examples=["91320500QX26A0013M"])]


class GradeOut(Schema):
    """A grade (信用等级) of a model whose grades are public."""

    model: str
    model_label: str
    model_label_en: str
    grade: str
    grade_label: str
    grade_label_en: str
    meaning: str | None
    since: date
    version: str
    authority: str
    basis: str


class ListingOut(Schema):
    """An entry of a list (名单) that is public, as long as it is in force."""

    number: str
    list: str
    list_label: str
    effect: str
    code: str
    name: str
    listed_on: date | None
    expires_on: date | None
    basis: str
    remedy: str | None
    remedy_en: str | None
    exit: str
    exit_en: str


class StandingOut(Schema):
    """What everybody may know of how a subject is judged."""

    code: str
    name: str
    day: date
    grades: list[GradeOut]
    listings: list[ListingOut]


class WaitingResult(Schema):
    """A result that is no grade yet (待核实), `late` when the term of its step is over; `application`: a grade in effect whose
    subject asks for a review."""

    code: str
    name: str
    grade: str
    score: float
    before: str
    step: str
    since: date
    due: date | None
    late: bool
    application: bool
    reason: str


class WaitingOut(Schema):
    """What waits under a model: how many for each step, and a page of the results."""

    model: str
    steps: dict[str, int]
    results: list[WaitingResult]
    next: str | None


class VerifyIn(Schema):
    """One step for some results; `grade` only with `change`, `reason` for all but `confirm`."""

    codes: Annotated[list[Code], Field(min_length=1, max_length=1000)]
    step: Slug
    outcome: Literal["confirm", "return", "change"]
    reason: Annotated[str, Field(max_length=1000)] = ""
    grade: Annotated[str, Field(max_length=20)] = ""


class VerifiedOut(Schema):
    """How many results were decided, how many became grades, how many were left to others."""

    decided: int
    in_effect: int
    left: int


class ListKind(Schema):
    id: str
    label: str
    label_en: str
    effect: str
    authority: str
    basis: str
    entries: int
    url: str


class ListKinds(Schema):
    lists: list[ListKind]


class ListPage(Schema):
    entries: list[ListingOut]
    next: str | None


class CheckIn(Schema):
    code: Code
    matter: Slug


class CheckManyIn(Schema):
    codes: Annotated[list[Code], Field(min_length=1, max_length=10_000)]
    matter: Slug


class FindingOut(Schema):
    """One measure (奖惩措施) that applies, because of what, until when, on which basis, and the subject's way out."""

    measure: str
    label: str
    label_en: str
    answer: str
    cause: str
    cause_label: str
    since: date | None
    until: date | None
    basis: str
    body: str
    association: str
    association_en: str
    proportionality: str
    proportionality_en: str
    version: str
    exit: str
    exit_en: str
    remedy: str
    remedy_en: str


class CheckOut(Schema):
    """The answer of the embedded check (内嵌核查): `answer` is empty where nothing applies, and `reason` says why."""

    code: str
    matter: str
    day: date
    answer: str
    reason: str
    findings: list[FindingOut]


class ChecksOut(Schema):
    answers: list[CheckOut]


class PlanLine(Schema):
    plan: str
    title: str
    department: str
    period: list[date]
    drawn: bool
    seed_sha256: str
    url: str


class Plans(Schema):
    plans: list[PlanLine]


Document = dict[str, Any]
"""The published document of a random inspection, in the form that docs/verify_draw.py reads."""
