"""The schema of kind `inspection`: how often whom to inspect (分级分类监管, 双随机、一公开; F-12, R-156 to R-167)."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy import conditions
from chengxin.policy.catalogue import Item
from chengxin.policy.conditions import Conditions, RecordsOf
from chengxin.policy.errors import Mismatch, Problem
from chengxin.policy.gathered import Reading, Source
from chengxin.policy.schema import Bases, Header, Name, Noted, Slug, SubjectKind, Text

Ratio = Annotated[Decimal, Key(ge=0, le=1, max_digits=7, decimal_places=6)]
"""A share of 1: 0.02 is two in a hundred."""

Tier = Literal["reduced", "regular", "increased"]
"""The three tiers of the 2020 plan (002-总 二(四)): reduced, regular, increased and key supervision."""


class InspectionClass(Noted):
    """One class of subjects (监管类别): the first class whose conditions hold is the subject's; see `default`.

    `ratio` is the share drawn in one plan, `at_least` and `at_most` the random inspections of one subject in a calendar
    year, those that stand in the register included.
    """

    id: Slug
    label: Text
    label_en: Text
    tier: Tier
    when: Conditions
    ratio: Ratio
    at_least: Annotated[int, Key(ge=0)] = 0
    at_most: Annotated[int, Key(gt=0)] | None = None
    basis: Bases

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.at_most is not None and self.at_least > self.at_most:
            raise Mismatch(f"at_least = {self.at_least}", f"at most at_most = {self.at_most}", ("at_least",))
        return self


class DefaultClass(Noted):
    """The class of everybody for whom no other condition holds."""

    id: Slug
    label: Text
    label_en: Text
    tier: Tier = "regular"
    ratio: Ratio
    at_least: Annotated[int, Key(ge=0)] = 0
    at_most: Annotated[int, Key(gt=0)] | None = None
    basis: Bases


class StartUp(Noted):
    """Tolerance for new subjects (包容期, R-160): within so many months from registration their ratio is this one.

    It never holds for a class of the tier `increased`: tolerance is not for those who already broke trust.
    """

    months: Annotated[int, Key(gt=0)]
    ratio: Ratio
    label: Text
    label_en: Text
    basis: Bases


class Minimum(Noted):
    """The statutory minimum (法定最低抽查比例): no class, tolerance or exemption goes below it."""

    ratio: Ratio
    basis: Bases


class Exemption(Noted):
    """Subjects that are not drawn at all, such as those under control exemption (管控豁免), and why."""

    id: Slug
    label: Text
    label_en: Text
    when: Conditions
    basis: Bases


class InspectionMatter(Noted):
    """One matter to be inspected (抽查事项); `key` marks a key matter (重点检查事项)."""

    id: Slug
    label: Text
    label_en: Text
    key: bool = False
    basis: Bases


class Inspectors(Noted):
    """How inspectors are drawn: so many together, and never the pair that a subject had the last time."""

    together: Annotated[int, Key(ge=2, le=9)]
    basis: Bases


class Inspection(Header):
    """The inspection policy of one department for one kind of subjects."""

    kind: Literal["inspection"]
    id: Slug
    label: Text
    label_en: Text
    department: Slug
    subjects: Annotated[tuple[SubjectKind, ...], Key(min_length=1)] = ("organisation", "individual_business")
    scope: Conditions | None = None
    cycle: Text
    pool_public: bool
    counted: RecordsOf
    classes: tuple[InspectionClass, ...] = Key(default=(), alias="class")
    default: DefaultClass
    start_up: StartUp | None = None
    minimum: Minimum | None = None
    exemptions: tuple[Exemption, ...] = Key(default=(), alias="exemption")
    matters: Annotated[tuple[InspectionMatter, ...], Key(alias="matter", min_length=1)]
    inspectors: Inspectors

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for fault in _faults(self):
            raise fault
        return self


PLACES = (
    "number", "title", "kind", "matters", "basis", "date", "result", "findings", "name", "code", "authority",
    "authority_code", "published",
)  # fmt: skip
"""What a field of the record may quote of a task and its plan."""


class InspectionRecord(Header):
    """How the result of a drawn task becomes a row of the catalogue (检查结果归集): one file for all departments.

    `fields` maps field ids of the item to texts with {places}; `result` is the field whose code table names the results.
    """

    kind: Literal["inspection-record"]
    id: Slug
    item: Slug
    result: Name
    fields: Mapping[Name, Text]

    @model_validator(mode="after")
    def _places(self) -> Self:
        for name, text in self.fields.items():
            for _, place, _, _ in string.Formatter().parse(text):
                if place is not None and place not in PLACES:
                    expected = "one of " + ", ".join(f"{{{p}}}" for p in PLACES)
                    raise Mismatch(f"the place {{{place}}}", expected, ("fields", name))
        return self


def _faults(pack: Inspection) -> Iterator[Mismatch]:
    if "natural_person" in pack.subjects:
        yield Mismatch("natural persons", "organisations or individual businesses (G-13)", ("subjects",))
    ids = [*(c.id for c in pack.classes), pack.default.id]
    for number, id in enumerate(ids[:-1]):
        if id in ids[number + 1 :]:
            yield Mismatch(f"a second class {id!r}", "each class once", ("class", number, "id"))
    if pack.minimum is None:
        return
    floor = pack.minimum.ratio
    for number, entry in enumerate(pack.classes):
        if entry.ratio < floor:
            yield Mismatch(
                f"ratio = {entry.ratio}", f"at least the statutory minimum {floor}", ("class", number, "ratio")
            )
    for name, ratio in (("default", pack.default.ratio), ("start_up", pack.start_up.ratio if pack.start_up else floor)):
        if ratio < floor:
            yield Mismatch(f"ratio = {ratio}", f"at least the statutory minimum {floor}", (name, "ratio"))
    if pack.exemptions:
        yield Mismatch(
            "an exemption beside a statutory minimum", "a class with the minimum as its ratio", ("exemption",)
        )


def inspection_problems(reading: Reading) -> Iterator[Problem]:
    """Names that lead nowhere, and two versions of a policy for one day."""
    seen: list[tuple[Source, Inspection]] = []
    for source, pack in reading.of(Inspection):
        for earlier, other in seen:
            if other.id == pack.id and other.effective.overlaps(pack.effective):
                found = f"{pack.id} for {pack.effective}, while {earlier.name} says {other.effective}"
                yield source.problem(("effective",), found, "versions that do not overlap: give the older one `to`")
        seen.append((source, pack))
        yield from conditions.agency_problems(source, ("department",), pack.department, reading)
        yield from conditions.records_problems(source, ("counted",), pack.counted, reading)
        yield from conditions.problems_of(source, ("scope",), pack.scope or (), reading)
        for number, entry in enumerate(pack.classes):
            yield from conditions.problems_of(source, ("class", number, "when"), entry.when, reading)
        for number, exempt in enumerate(pack.exemptions):
            yield from conditions.problems_of(source, ("exemption", number, "when"), exempt.when, reading)
    yield from _record_problems(reading)


def _record_problems(reading: Reading) -> Iterator[Problem]:
    """An item or fields that the catalogue does not have."""
    items = {item.id: item for _, item in reading.of(Item)}
    for source, pack in reading.of(InspectionRecord):
        if pack.item not in items:
            yield source.problem(("item",), repr(pack.item), f"an item of the catalogue: {', '.join(sorted(items))}")
            continue
        fields = {f.id for f in items[pack.item].kept_fields}
        for name in (*pack.fields, pack.result):
            if name not in fields:
                expected = f"a field of {pack.item}: {', '.join(sorted(fields))}"
                yield source.problem(("fields", name), repr(name), expected)
