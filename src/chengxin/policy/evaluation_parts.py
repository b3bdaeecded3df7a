"""The parts of an evaluation model but its indicators: whom it covers, over which time, which grades there are.

Every part that carries a number may say `assumed = true` with a `note`; what is not in the papers is not passed off as law.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, StringConstraints, model_validator
from pydantic import Field as Key

from chengxin.policy.errors import Mismatch
from chengxin.policy.schema import Bases, Model, Name, Noted, Slug, SubjectKind, Text

GradeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,19}$")]
Common = Literal["excellent", "good", "fair", "poor", "none"]
Colour = Literal["green", "blue", "yellow", "orange", "red", "black", "grey"]

SUBJECT_COLUMNS = ("kind", "region", "industry", "status", "registered_on")
"""What an expression over a subject may name: kind, six-digit region, industry code, status label, day of registration."""

RECORD_COLUMNS = ("item", "severity", "decided_on", "expires_on", "source", "region", "standing")
"""What an expression over a record may name beside its payload's fields; `severity` is NULL where there is none."""

DAYS = ("today", "period_start", "period_end")
"""The day of the evaluation and the first and last day of its observation period (both included)."""


class Span(Model):
    """A length of time: exactly one of days, months, years."""

    days: Annotated[int, Key(gt=0)] | None = None
    months: Annotated[int, Key(gt=0)] | None = None
    years: Annotated[int, Key(gt=0)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(v is not None for v in (self.days, self.months, self.years)) != 1:
            raise Mismatch("no length, or two", "exactly one of days, months, years")
        return self


class Competence(Noted):
    """Who set up this evaluation, by which procedure, approved how (R-145, G-17). Without it a model is a draft."""

    authority: Text
    procedure: Text
    approval: Text
    approved_on: date | None = None
    basis: Bases


class Occupation(Noted):
    """The one ground on which natural persons may be graded: an occupation with practising certificates by law."""

    label: Text
    certificate: Text
    basis: Bases


class Has(Noted):
    """Belonging to a population by having a record: of these items, meeting this filter, within this time."""

    items: Annotated[tuple[Slug, ...], Key(min_length=1)]
    where: Text | None = None
    within: Span | None = None
    expired: bool = False


class Scope(Noted):
    """Which subjects are graded: kinds, an expression over subject columns, records they must have."""

    subjects: Annotated[tuple[SubjectKind, ...], Key(min_length=1)]
    where: Text | None = None
    has: tuple[Has, ...] = ()
    match: Literal["any", "all"] = "any"
    description: Text


class Observation(Noted):
    """The observation period: so long, and ending on the day of evaluation or on the last whole month, quarter, year."""

    length: Span
    ends: Literal["day", "month", "quarter", "year"] = "day"


class Cycle(Noted):
    """When grades are made anew: as events come, or at fixed times."""

    kind: Literal["real_time", "daily", "monthly", "quarterly", "yearly", "on_demand"]
    month: Annotated[int, Key(ge=1, le=12)] | None = None
    day: Annotated[int, Key(ge=1, le=28)] | None = None
    description: Text | None = None

    @property
    def moves_daily(self) -> bool:
        """Whether a grade may change on any day, by an event or by time alone."""
        return self.kind in ("real_time", "daily")


class Step(Noted):
    """One step of verification or review (核实、复核) of a grade, in the order of the file.

    A step by the system is done when the grade is computed. `when` says of whose grade people ask it: of every grade that
    differs from the one in effect, of a lowered one only, or where the subject applies for it (复评). `holds`: the grade
    waits for the step; where the pack says nothing, it does unless the model moves daily, whose grades would be old news by then.
    `may_change`: whoever takes the step may give another grade, with reasons.
    """

    id: Name
    label: Text
    label_en: Text
    who: Text
    by: Literal["people", "system"] = "people"
    when: Literal["changed", "lowered", "application"] = "changed"
    holds: bool | None = None
    may_change: bool = False
    working_days: Annotated[int, Key(gt=0)] | None = None
    basis: Bases | None = None

    @model_validator(mode="after")
    def _can_be_waited_for(self) -> Self:
        if self.by == "system" and (self.when == "application" or self.may_change):
            raise Mismatch("an application to the system", 'by = "people"', ("by",))
        if self.holds and (self.by == "system" or self.when == "application"):
            raise Mismatch("holds = true", "a step by people that follows the evaluation by itself", ("holds",))
        return self


class Told(Noted):
    """Somebody who is told of a grade or its change (R-149, R-155)."""

    who: Literal["subject", "department", "province", "city", "nation", "public"]
    how: Text
    working_days: Annotated[int, Key(gt=0)] | None = None


class ThirdParty(Noted):
    """An agency that assists; responsibility stays with the authority (R-152, R-186)."""

    agency: Text
    contract: Text


class Publication(Noted):
    """Who may see the grade. A risk class is internal by nature and never published (domain.md 6)."""

    audience: Literal["public", "shared", "subject", "internal"]
    description: Text | None = None


class Score(Noted):
    """The starting score, its bounds, and how many decimals every contribution is rounded to before it is added."""

    start: Decimal
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    decimals: Annotated[int, Key(ge=0, le=4)] = 2


class Bounded(Noted):
    """Something whose points stay between `floor` and `ceiling`."""

    floor: Decimal | None = None
    ceiling: Decimal | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.floor is not None and self.ceiling is not None and self.floor > self.ceiling:
            raise Mismatch(f"floor = {self.floor}", f"at most ceiling = {self.ceiling}", ("floor",))
        return self


class Group(Bounded):
    """Indicators that share a bound, and a weight on their sum."""

    id: Name
    label: Text
    label_en: Text
    weight: Decimal = Decimal(1)


class Outcome(Noted):
    """A grade given by a condition instead of the score: a veto (一票否决) or a direct grade."""

    id: Name
    label: Text
    label_en: Text
    when: Text
    grade: GradeId
    basis: Bases


class Grade(Noted):
    """One grade; files list them from best to worst. `common` maps it to the words that all departments share (R-146)."""

    id: GradeId
    label: Text
    label_en: Text
    colour: Colour
    common: Common
    meaning: Text
    at_least: Decimal | None = None
    when: Text | None = None
    direct_only: bool = False


class SizeClass(Noted):
    """A class of size by registered capital in yuan, for the tables of a simulation; listed from large to small."""

    id: Name
    label: Text
    label_en: Text
    capital_from: Annotated[Decimal, Key(ge=0)] | None = None


def _as_value(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if isinstance(value, str | int | float | Decimal | date):
        return value
    raise Mismatch(f"{value!r}", "text, a number, a date or a list of texts")


ExampleValue = Annotated[Any, BeforeValidator(_as_value)]


class Example(Noted):
    """Records in, grade out: the proof of a model, run by `chengxin policy check`."""

    title: Text
    on: date
    subject: Mapping[Name, ExampleValue] = {}
    records: tuple[Mapping[Name, ExampleValue], ...] = ()
    grade: GradeId | None = None
    score: Decimal | None = None
    points: Mapping[Name, Decimal] = {}
    outside: bool = False

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if (self.grade is None) != self.outside:
            raise Mismatch("no grade" if self.grade is None else "both", "`grade`, or `outside = true`", ("grade",))
        return self
