"""The schema of kind `measures`: what may be done, and for whom, because of a list or a grade (F-14, R-187 to R-208).

A measure names its list row, its basis, its implementing bodies, its matters, why it is related to the conduct and why
it is no harder than the conduct deserves; what lacks one of them does not load (G-02, G-03).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy import conditions
from chengxin.policy.conditions import GradeIs, Slugs
from chengxin.policy.errors import Mismatch, Problem
from chengxin.policy.gathered import Reading, Source, twice
from chengxin.policy.lists import Effect, Lists
from chengxin.policy.reading import TomlPath
from chengxin.policy.schema import Bases, Header, Noted, Slug, SubjectKind, Text

Tone = Literal["favourable", "adverse", "neutral"]


class Identified(Noted):
    """Something that other files refer to by its id."""

    id: Slug


class Answer(Identified):
    """A word the embedded check may answer with, such as "must refuse" (必须拒绝); declared once, used by all packs.

    `rank` orders the answers of one check, the strongest (1) first. `list_effects` are the effects of lists that may
    carry it, `grades` whether a grade may: the hardest answers need a list of serious dishonesty (requirements X-01).
    """

    label: Text
    label_en: Text
    meaning: Text
    meaning_en: Text
    tone: Tone
    rank: Annotated[int, Key(gt=0)]
    list_effects: tuple[Effect, ...] = ()
    grades: bool = False
    basis: Bases | None = None


class Matter(Identified):
    """A matter (办事事项) of a department's business system, as its check names it."""

    label: Text
    label_en: Text
    department: Slug | None = None


class Target(Noted):
    """Whom a measure meets: subjects on one of these lists, or with one of these grades."""

    lists: Slugs | None = None
    grade: GradeIs | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.lists is None) == (self.grade is None):
            raise Mismatch("both or none of lists and grade", "one of `lists = [...]`, `grade = { model, in }`")
        return self


class BasicEntry(Identified):
    """A row of the national basic list of measures (全国失信惩戒措施基础清单) or of a provincial supplement.

    category, content, targets, legal basis, implementing body: the shape of the published list (domain.md 3.2).
    """

    category: Text
    content: Text
    content_en: Text
    targets: Text
    body: Text
    basis: Bases


class Measure(Identified):
    """One measure (奖惩措施)."""

    label: Text
    label_en: Text
    answer: Slug
    entry: Slug | None = None
    targets: Annotated[tuple[Target, ...], Key(alias="target", min_length=1)]
    matters: Slugs
    subjects: Annotated[tuple[SubjectKind, ...], Key(min_length=1)] = ("organisation", "individual_business")
    body: Text
    agencies: Slugs
    basis: Bases
    association: Text
    association_en: Text
    proportionality: Text
    proportionality_en: Text
    respond_within: Annotated[int, Key(gt=0)]
    lift_within: Annotated[int, Key(gt=0)]

    @model_validator(mode="after")
    def _organisations_only(self) -> Self:
        if "natural_person" in self.subjects:
            raise Mismatch("natural persons", "organisations or individual businesses", ("subjects",))
        return self


class WayOut(Noted):
    """How a subject gets out of what a measure rests on, and what it can do against it (R-170, R-180, G-05)."""

    exit: Text
    exit_en: Text
    remedy: Text
    remedy_en: Text


class Measures(Header):
    """One file of measures, with the answers, matters and basic entries it declares for itself and others."""

    kind: Literal["measures"]
    id: Slug
    label: Text
    label_en: Text
    answers: tuple[Answer, ...] = Key(default=(), alias="answer")
    matters: tuple[Matter, ...] = Key(default=(), alias="matter")
    entries: tuple[BasicEntry, ...] = Key(default=(), alias="entry")
    measures: tuple[Measure, ...] = Key(default=(), alias="measure")
    by_grade: WayOut | None = None
    """What holds for every measure that rests on a grade and gives an answer of this file: grades have no exit of their own."""

    @model_validator(mode="after")
    def _way_out_of_grades(self) -> Self:
        if self.by_grade is None and any(a.grades for a in self.answers):
            expected = "`[by_grade]` with exit, exit_en, remedy, remedy_en: how a subject gets out of it"
            raise Mismatch("an answer that a grade may carry and no way out of it", expected, ("answer",))
        return self


def measures_problems(reading: Reading) -> Iterator[Problem]:
    """Answers, matters, entries, lists, models and agencies that nobody declares; answers harder than their list allows."""
    yield from twice(reading, Measures, answer=lambda pack: pack.answers)
    yield from twice(reading, Measures, matter=lambda pack: pack.matters)
    yield from twice(reading, Measures, entry=lambda pack: pack.entries)
    yield from twice(reading, Measures, measure=lambda pack: pack.measures)
    known = _Known(reading)
    for source, pack in reading.of(Measures):
        for number, matter in enumerate(pack.matters):
            if matter.department:
                path: TomlPath = ("matter", number, "department")
                yield from conditions.agency_problems(source, path, matter.department, reading)
        for number, measure in enumerate(pack.measures):
            yield from known.of_measure(source, ("measure", number), measure)


class _Known:
    """What all files of measures and lists declare together."""

    def __init__(self, reading: Reading) -> None:
        packs = [pack for _, pack in reading.of(Measures)]
        self.reading = reading
        self.whole = not conditions.broken(reading, "measures")
        self.answers = {a.id: a for pack in packs for a in pack.answers}
        self.matters = {m.id for pack in packs for m in pack.matters}
        self.entries = {e.id for pack in packs for e in pack.entries}
        self.effects = {entry.id: entry.effect for _, pack in reading.of(Lists) for entry in pack.lists}

    def of_measure(self, source: Source, path: TomlPath, measure: Measure) -> Iterator[Problem]:
        answer = self.answers.get(measure.answer)
        if self.whole:
            yield from self._names(source, path, measure, answer)
        for place, name in enumerate(measure.agencies):
            yield from conditions.agency_problems(source, (*path, "agencies", place), name, self.reading)
        for place, target in enumerate(measure.targets):
            yield from self._target(source, (*path, "target", place), target, answer)

    def _names(self, source: Source, path: TomlPath, measure: Measure, answer: Answer | None) -> Iterator[Problem]:
        if answer is None:
            expected = f"an answer: {', '.join(sorted(self.answers))}"
            yield source.problem((*path, "answer"), repr(measure.answer), expected)
        elif answer.tone == "adverse" and measure.entry not in self.entries:
            expected = f"`entry`: a row of the list of measures: {', '.join(sorted(self.entries)) or 'none yet'}"
            yield source.problem((*path, "entry"), f"an adverse measure with entry = {measure.entry!r}", expected)
        for place, name in enumerate(measure.matters):
            if name not in self.matters:
                expected = f"a [[matter]]: {', '.join(sorted(self.matters))}"
                yield source.problem((*path, "matters", place), repr(name), expected)

    def _target(self, source: Source, path: TomlPath, target: Target, answer: Answer | None) -> Iterator[Problem]:
        if target.grade:
            yield from conditions.grade_problems(source, (*path, "grade"), target.grade, self.reading)
            if answer is not None and not answer.grades:
                expected = "a list that may carry it, or another answer"
                yield source.problem((*path, "grade"), f"{answer.id} for a grade", expected)
        for at, name in enumerate(target.lists or ()):
            here = (*path, "lists", at)
            yield from conditions.list_problems(source, here, name, self.reading)
            effect = self.effects.get(name)
            if answer is not None and effect is not None and effect not in answer.list_effects:
                expected = f"a list of effect {', '.join(answer.list_effects)}: nothing harder than its list allows"
                yield source.problem(here, f"{answer.id} for {name!r}, a list of effect {effect}", expected)
