"""The schema of an evaluation model (信用评价模型): a pack file that turns records into grades (F-11, R-144).

The chain is: scope -> indicators (a filter and an aggregate over records) -> points (bounded, rounded) -> score ->
veto, direct grade or score band. A model says who may set it up (R-145); without that it is a draft, which can be
simulated but not enacted.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy.errors import Mismatch
from chengxin.policy.evaluation_indicators import Indicator
from chengxin.policy.evaluation_parts import (
    DAYS,
    SUBJECT_COLUMNS,
    Competence,
    Cycle,
    Example,
    Grade,
    Group,
    Observation,
    Occupation,
    Outcome,
    Publication,
    Scope,
    Score,
    SizeClass,
    Step,
    ThirdParty,
    Told,
)
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.policy.schema import Header, Slug, Text

MOST_INDICATORS = 60
"""Which indicators a record counts for is one 64-bit mask in the engine; the population's filters share it."""


class Evaluation(Header):
    """One version of an evaluation model."""

    kind: Literal["evaluation"]
    id: Slug
    label: Text
    label_en: Text
    description: Text | None = None
    nature: Literal["credit", "risk"] = "credit"
    scope: Scope
    occupation: Occupation | None = None
    observation: Observation | None = None
    cycle: Cycle
    competence: Competence | None = None
    third_party: ThirdParty | None = None
    publication: Publication
    verification: tuple[Step, ...] = ()
    told: tuple[Told, ...] = ()
    score: Score
    groups: tuple[Group, ...] = Key(default=(), alias="group")
    indicators: Annotated[tuple[Indicator, ...], Key(alias="indicator", min_length=1)]
    vetoes: tuple[Outcome, ...] = Key(default=(), alias="veto")
    directs: tuple[Outcome, ...] = Key(default=(), alias="direct")
    grades: Annotated[tuple[Grade, ...], Key(alias="grade", min_length=2)]
    sizes: tuple[SizeClass, ...] = Key(default=(), alias="size")
    examples: Annotated[tuple[Example, ...], Key(alias="example", min_length=1)]

    @property
    def draft(self) -> bool:
        """No competence on file: it may be simulated, never enacted (R-145)."""
        return self.competence is None

    def grade(self, id: str) -> Grade:
        """Raises `KeyError`."""
        found = next((g for g in self.grades if g.id == id), None)
        if found is None:
            raise KeyError(f"{self.id} has no grade {id!r}")
        return found

    def rank(self, id: str) -> int:
        """0 is the best grade. Raises `KeyError`."""
        return self.grades.index(self.grade(id))

    @property
    def holding(self) -> tuple[Step, ...]:
        """The steps that a grade waits for before it takes effect, in their order."""
        mine = (s for s in self.verification if s.by == "people" and s.when != "application")
        return tuple(s for s in mine if (not self.cycle.moves_daily if s.holds is None else s.holds))

    @property
    def on_application(self) -> Step | None:
        """The review for which a subject may apply (复评); None where the plan knows none."""
        return next((s for s in self.verification if s.when == "application"), None)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for check in (_persons, _names, _steps, _bands, _audience):
            check(self)
        return self


def _persons(model: Evaluation) -> None:
    """Natural persons have no score here, but for occupations with practising certificates (G-13, R-255)."""
    named = "natural_person" in model.scope.subjects
    if named and model.occupation is None:
        raise Mismatch(
            "natural persons in the scope",
            "organisations and individual businesses; persons only with [occupation]: an occupation whose practising"
            " certificate has a legal basis",
            ("scope", "subjects"),
        )
    if named and len(model.scope.subjects) > 1:
        raise Mismatch("persons beside organisations", "a model of their own for persons", ("scope", "subjects"))
    if model.occupation is not None and not named:
        raise Mismatch("[occupation] without natural persons", 'subjects = ["natural_person"]', ("occupation",))
    if named and model.publication.audience == "public":
        raise Mismatch("public grades of persons", 'audience = "subject" or "internal"', ("publication", "audience"))


def _names(model: Evaluation) -> None:
    taken = {*SUBJECT_COLUMNS, *DAYS, "score"}
    for number, indicator in enumerate(model.indicators):
        if indicator.id in taken:
            expected = "an id that is used once and is no column of the subject: " + ", ".join(sorted(taken))
            raise Mismatch(f"a second {indicator.id!r}", expected, ("indicator", number, "id"))
        taken.add(indicator.id)
        if indicator.group is not None and indicator.group not in {g.id for g in model.groups}:
            known = ", ".join(g.id for g in model.groups) or "none yet"
            raise Mismatch(f"the group {indicator.group!r}", f"a [[group]]: {known}", ("indicator", number, "group"))
    if len(model.indicators) + len(model.scope.has) > MOST_INDICATORS:
        found = f"{len(model.indicators)} indicators and {len(model.scope.has)} filters of the scope"
        raise Mismatch(found, f"at most {MOST_INDICATORS} of both", ("indicator",))
    grades = [g.id for g in model.grades]
    for key, outcomes in (("veto", model.vetoes), ("direct", model.directs)):
        for number, outcome in enumerate(outcomes):
            if outcome.grade not in grades:
                expected = "one of the grades " + ", ".join(grades)
                raise Mismatch(f"the grade {outcome.grade!r}", expected, (key, number, "grade"))
    for number, example in enumerate(model.examples):
        if example.grade is not None and example.grade not in grades:
            expected = "one of the grades " + ", ".join(grades)
            raise Mismatch(f"the grade {example.grade!r}", expected, ("example", number, "grade"))
        if unknown := set(example.points) - {i.id for i in model.indicators}:
            found = f"the indicator {', '.join(sorted(unknown))}"
            raise Mismatch(found, "indicators of this model", ("example", number, "points"))


def _steps(model: Evaluation) -> None:
    ids = [s.id for s in model.verification]
    for number, step in enumerate(model.verification):
        if step.id in ids[:number]:
            raise Mismatch(f"a second step {step.id!r}", "each step once", ("verification", number, "id"))


def _bands(model: Evaluation) -> None:
    """From best to worst, thresholds falling, and one grade that takes what is left."""
    grades = [g.id for g in model.grades]
    for number, grade in enumerate(model.grades):
        if grade.id in grades[:number]:
            raise Mismatch(f"a second grade {grade.id!r}", "each grade once", ("grade", number, "id"))
    bands = [(n, g) for n, g in enumerate(model.grades) if not g.direct_only]
    last = None
    for number, grade in bands[:-1]:
        if grade.at_least is None:
            raise Mismatch("no at_least", "`at_least` in all grades but the last", ("grade", number, "id"))
        if last is not None and grade.at_least > last:
            raise Mismatch(f"at_least = {grade.at_least}", f"at most {last}", ("grade", number, "at_least"))
        last = grade.at_least
    if not bands or bands[-1][1].at_least is not None or bands[-1][1].when is not None:
        number = bands[-1][0] if bands else 0
        raise Mismatch("a last grade with a condition", "none: it takes what is left", ("grade", number, "id"))


def _audience(model: Evaluation) -> None:
    if model.nature == "risk" and model.publication.audience in ("public", "subject"):
        expected = 'audience = "shared" or "internal": a risk class guides inspection and is not shown'
        raise Mismatch(f"a risk class for {model.publication.audience}", expected, ("publication", "audience"))


def models(policies: Policies, on: date) -> tuple[Evaluation, ...]:
    """The evaluation models in force on that day, by id; drafts are among them."""
    return tuple(sorted((m for m in policies.of(Evaluation) if m.effective.holds(on)), key=lambda m: m.id))


def unit_of(model: Evaluation, policies: Policies) -> str:
    """The id of the agency that the model names as its authority; empty where the packs know no such agency."""
    return next((a.id for a in policies.agencies if a.name == model.authority), "")


def model_of(policies: Policies, id: str, on: date) -> Evaluation:
    """The version of a model in force on that day. Raises `UnknownPolicy` that says what there is."""
    versions = [m for m in policies.of(Evaluation) if m.id == id]
    for model in versions:
        if model.effective.holds(on):
            return model
    if versions:
        when = "; ".join(str(m.effective) for m in versions)
        raise UnknownPolicy(f"model {id!r} is not in force on {on}: its versions hold {when}")
    known = ", ".join(sorted({m.id for m in policies.of(Evaluation)})) or "none"
    raise UnknownPolicy(f"there is no evaluation model {id!r}; there are {known}")
