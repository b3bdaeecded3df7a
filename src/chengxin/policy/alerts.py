"""The schema of kind `alerts`: reminders and warnings over records and the calendar (提醒, 预警; F-15, R-209 to R-219)."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy import conditions
from chengxin.policy.catalogue import Item
from chengxin.policy.conditions import HEAD_COLUMNS, Conditions, RecordCount, RecordsOf, Slugs
from chengxin.policy.errors import Mismatch, Problem
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.gathered import Reading, Source
from chengxin.policy.reading import TomlPath
from chengxin.policy.schema import Bases, Header, Name, Noted, Slug, SubjectKind, Text

Receiver = Literal["subject", "department", "city"]


class DayOf(RecordsOf):
    """A date of a record that comes within so many days, or came at most so many days ago.

    `date` is a field of the item or one of the head dates: expires_on, public_until, repair_from, decided_on.
    """

    date: Name
    within_days: Annotated[int, Key(ge=0)] | None = None
    since_days: Annotated[int, Key(ge=0)] | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.within_days is None) == (self.since_days is None):
            raise Mismatch("both or none of within_days and since_days", "one of `within_days`, `since_days`")
        return self


class GradeMove(Noted):
    """A grade that has become one of `to`, or that is about to: `falls_within_days` asks the model's own forecast."""

    model: Slug
    to: conditions.Words | None = None
    falls_within_days: Annotated[int, Key(gt=0)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.to is None) == (self.falls_within_days is None):
            raise Mismatch("both or none of to and falls_within_days", "one of `to = [...]`, `falls_within_days = …`")
        return self


class ListMove(Noted):
    """An entry of these lists that is under way (considered), in force (listed), or ends within so many days (ending)."""

    lists: Slugs
    state: Literal["considered", "listed", "ending"]
    within_days: Annotated[int, Key(gt=0)] | None = None

    @model_validator(mode="after")
    def _days(self) -> Self:
        if (self.state == "ending") != (self.within_days is not None):
            raise Mismatch(
                f"state {self.state} with within_days = {self.within_days}", "within_days with `ending`, and only so"
            )
        return self


class Industry(RecordCount):
    """Many subjects of one industry at once (行业信用预警): so many of them, each with at least `at_least` records.

    `digits` is how much of the subject's industry code (GB/T 4754) makes one industry: 2 the division, 4 the class.
    """

    digits: Annotated[int, Key(ge=1, le=4)]
    subjects_at_least: Annotated[int, Key(gt=0)]
    share_at_least: Annotated[float, Key(ge=0, le=1)] = 0


class VerificationTerm(Noted):
    """Results that wait to be verified or reviewed (核实、复核、复评), when the term of their step (`working_days`) ends within
    so many days, or ended at least so many days ago.

    One alert stands for all results of a model that wait for one step until one day; it names no subject.
    """

    models: Slugs
    within_days: Annotated[int, Key(ge=0)] | None = None
    late_days: Annotated[int, Key(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.within_days is None) == (self.late_days is None):
            raise Mismatch("both or none of within_days and late_days", "one of `within_days`, `late_days`")
        return self


PLACES: dict[str, tuple[str, ...]] = {
    "day": ("name", "code", "item", "title", "date", "days"),
    "count": ("name", "code", "count"),
    "grade": ("name", "code", "model", "grade", "date"),
    "listed": ("name", "code", "list", "date"),
    "industry": ("industry", "count", "share"),
    "verification": ("model", "step", "count", "date", "days"),
}
"""What a text may quote, by trigger."""


class AlertRule(Noted):
    """One rule: what sets it off, whom it tells, and what it says."""

    id: Slug
    label: Text
    label_en: Text
    weight: Literal["reminder", "warning"]
    day: DayOf | None = None
    count: RecordCount | None = None
    grade: GradeMove | None = None
    listed: ListMove | None = None
    industry: Industry | None = None
    verification: VerificationTerm | None = None
    only: Conditions | None = None
    subjects: Annotated[tuple[SubjectKind, ...], Key(min_length=1)] = ("organisation", "individual_business")
    tell: Annotated[tuple[Receiver, ...], Key(min_length=1)]
    department: Slug
    text: Text
    text_en: Text
    basis: Bases

    @property
    def trigger(self) -> str:
        """Which of the triggers it has."""
        return next(k for k in PLACES if getattr(self, k) is not None)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        given = [k for k in PLACES if getattr(self, k) is not None]
        if len(given) != 1:
            raise Mismatch(" and ".join(given) or "no trigger", "exactly one of " + ", ".join(PLACES))
        if "natural_person" in self.subjects:
            raise Mismatch("natural persons", "organisations or individual businesses", ("subjects",))
        if (self.industry or self.verification) and self.tell != ("department",):
            found = f"a warning about no subject in particular to {', '.join(self.tell)}"
            raise Mismatch(found, 'tell = ["department"]', ("tell",))
        for key in ("text", "text_en"):
            _check_places(getattr(self, key), PLACES[given[0]], key)
        return self


class Alerts(Header):
    """One file of alert rules."""

    kind: Literal["alerts"]
    id: Slug
    rules: Annotated[tuple[AlertRule, ...], Key(alias="alert", min_length=1)]


def _check_places(text: str, places: tuple[str, ...], key: str) -> None:
    try:
        used = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise Mismatch(f"{text!r} ({error})", "text with {name} places", (key,)) from error
    for name in used:
        if name not in places:
            raise Mismatch(f"the place {{{name}}}", "one of " + ", ".join(f"{{{p}}}" for p in places), (key,))


def alerts_problems(reading: Reading) -> Iterator[Problem]:
    """Names that lead nowhere, and a rule twice for one day."""
    seen: list[tuple[Source, Alerts, str]] = []
    for source, pack in reading.of(Alerts):
        for number, rule in enumerate(pack.rules):
            path = ("alert", number)
            for earlier, other, id in seen:
                if id == rule.id and other.effective.overlaps(pack.effective):
                    yield source.problem(
                        (*path, "id"), f"a second alert {id!r} (the first is in {earlier.name})", "each id once"
                    )
            seen.append((source, pack, rule.id))
            yield from conditions.agency_problems(source, (*path, "department"), rule.department, reading)
            yield from conditions.problems_of(source, (*path, "only"), rule.only or (), reading)
            yield from _trigger_problems(source, path, rule, reading)


def _trigger_problems(source: Source, path: TomlPath, rule: AlertRule, reading: Reading) -> Iterator[Problem]:
    for name in ("day", "count", "industry"):
        wanted: RecordsOf | None = getattr(rule, name)
        if wanted is not None:
            yield from conditions.records_problems(source, (*path, name), wanted, reading)
    if rule.day:
        yield from _date_problems(source, (*path, "day"), rule.day, reading)
    if rule.grade:
        yield from conditions.model_problems(source, (*path, "grade", "model"), rule.grade.model, reading)
    for place, list_id in enumerate(rule.listed.lists if rule.listed else ()):
        yield from conditions.list_problems(source, (*path, "listed", "lists", place), list_id, reading)
    for place, model in enumerate(rule.verification.models if rule.verification else ()):
        here = (*path, "verification", "models", place)
        yield from conditions.model_problems(source, here, model, reading)
        yield from _term_problems(source, here, model, reading)


def _term_problems(source: Source, path: TomlPath, model: str, reading: Reading) -> Iterator[Problem]:
    """A rule that could never say anything: nothing under this model ever waits for a step with a term."""
    versions = [pack for _, pack in reading.of(Evaluation) if pack.id == model]
    waited_for = [step for pack in versions for step in (*pack.holding, *filter(None, [pack.on_application]))]
    if versions and not any(step.working_days for step in waited_for):
        expected = "a model with a [[verification]] that results wait for, with `working_days`"
        yield source.problem(path, f"the model {model!r}, in which no such term runs", expected)


def _date_problems(source: Source, path: TomlPath, day: DayOf, reading: Reading) -> Iterator[Problem]:
    heads = tuple(c for c in HEAD_COLUMNS if c.endswith(("_on", "_until", "_from")))
    for _, item in reading.of(Item):
        if item.id in day.items and day.date not in heads:
            dates = [f.id for f in item.kept_fields if f.type == "date"]
            if day.date not in dates:
                expected = f"a date of {item.id}: {', '.join([*dates, *heads])}"
                yield source.problem((*path, "date"), repr(day.date), expected)
