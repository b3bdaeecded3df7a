"""`chengxin policy check`: does a folder load, do its examples prove its rules, what does it take for granted?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from chengxin.policy.catalogue import Item
from chengxin.policy.errors import PolicyError, Problem
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_parts import Example as ModelExample
from chengxin.policy.loader import load
from chengxin.policy.policies import Assumption, CompiledItem, Policies
from chengxin.policy.rules import Rule, severity_sql

Example = tuple[Rule, Mapping[str, str], bool | None]
"""A rule, a row, and whether it passes; None where only that the rule can be run is asked."""

Asked = tuple[Rule, Mapping[str, str]]
"""A rule and a row of text cells to run it over; the row may hold `today` and `reported_on` beside the item's fields."""

Answer = bool | None | Exception
"""False is a failure, True and None pass, an exception says that the rule's own text cannot be run."""

Run = Callable[[Item, Sequence[Asked]], Sequence[Answer]]
"""Answers all questions about one item at once, in their order: one statement costs as much for a hundred rows as for one."""

Runner = Callable[[Policies], Run]
"""Makes a `Run` for loaded policies (it needs their code tables and calendar). Handed in: policy does not know the engine."""


@dataclass(frozen=True)
class Graded:
    """What a model makes of an example: grade, score, points by indicator (those that are 0 may be missing)."""

    grade: str
    score: Decimal
    points: Mapping[str, float]


Grader = Callable[[Policies, Evaluation], Sequence[Graded | Exception | None]]
"""Answers all examples of a model in order; None: outside the scope. Handed in as `Runner` is."""


@dataclass(frozen=True)
class ExampleFault:
    """An example that does not show what it should."""

    rule: str
    row: Mapping[str, str]
    found: str
    expected: str

    def __str__(self) -> str:
        cells = ", ".join(f"{k}={v}" for k, v in self.row.items()) or "(an empty row)"
        return f"{self.rule}: {cells}: found {self.found}; expected {self.expected}"


@dataclass(frozen=True)
class Report:
    """What `check` found. `policies` is None when the folder does not load."""

    folder: Path
    problems: tuple[Problem, ...]
    policies: Policies | None
    faults: tuple[ExampleFault, ...] = ()
    examples: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems and not self.faults

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        return self.policies.assumptions if self.policies else ()

    def counts(self) -> dict[str, int]:
        """Items, fields, rules, tables, agencies, assumptions and examples."""
        if self.policies is None:
            return {}
        compiled = self.policies.compiled
        return {
            "items": len(compiled),
            "fields": sum(len(c.item.fields) for c in compiled),
            "rules": sum(len(c.rules) for c in compiled),
            "code tables": len(self.policies.tables),
            "agencies": len(self.policies.agencies),
            "assumptions": len(self.policies.assumptions),
            "evaluation models": len(self.policies.of(Evaluation)),
            "examples run": self.examples,
        }


def check(folder: Path, runner: Runner | None = None, grader: Grader | None = None) -> Report:
    """Load the folder and, with a `runner`, run every example of every rule: a good one passes, a bad one fails (R-049).

    With a `grader`, every example of every evaluation model has to get its grade (R-144).
    """
    try:
        policies = load(folder)
    except PolicyError as error:
        return Report(folder, error.problems, None)
    faults: list[ExampleFault] = []
    count = 0
    run = runner(policies) if runner else None
    for compiled in policies.compiled if run else ():
        examples = list(examples_of(compiled))
        answers = run(compiled.item, [(rule, row) for rule, row, _ in examples]) if run else ()
        for (rule, row, passes), answer in zip(examples, answers, strict=True):
            count += 1
            faults += _fault(rule, row, passes, answer)
    for model in policies.of(Evaluation) if grader else ():
        for example, graded in zip(model.examples, grader(policies, model) if grader else (), strict=True):
            count += 1
            faults += _model_fault(model, example, graded)
    return Report(folder, (), policies, tuple(faults), count)


def examples_of(compiled: CompiledItem) -> Iterator[Example]:
    """Every example of an item; the steps of its severity come as rules of their own, at least to see that they run."""
    for rule in compiled.rules:
        if rule.test:
            yield from ((rule, row, True) for row in rule.good)
            yield from ((rule, row, False) for row in rule.bad)
    whole = {f.id: f.example or "" for f in compiled.item.kept_fields}
    for step in compiled.severities:
        rule = _as_rule(compiled, step.level)
        yield rule, whole, None
        yield from ((rule, row, True) for row in step.examples)


def _as_rule(compiled: CompiledItem, level: str) -> Rule:
    """The question whether a row is of that severity, in the shape of a rule."""
    item = compiled.item
    return Rule(
        id=f"{item.id}.severity.{level}",
        item=item.id,
        level="reject",
        stage="meaning",
        fields=tuple(f.id for f in item.kept_fields),
        test=f"{severity_sql(compiled.severities)} = '{level}'",
        kind="severity",
        message="",
        message_en="",
        expected=level,
        expected_en=level,
        found="NULL",
        basis=item.basis_text,
        valid_from=item.effective.start,
        valid_to=item.effective.end,
        checked_on=None,
    )


def _fault(rule: Rule, row: Mapping[str, str], passes: bool | None, answer: Answer) -> Iterator[ExampleFault]:
    expected = {True: "a pass (good example)", False: "a failure (bad example)", None: "a rule that can be run"}[passes]
    if isinstance(answer, Exception):
        yield ExampleFault(rule.id, row, f"a rule that cannot be run ({answer})", expected)
    elif passes is not None and (answer is not False) != passes:
        yield ExampleFault(rule.id, row, "a pass" if answer is not False else "a failure", expected)


def _model_fault(model: Evaluation, example: ModelExample, graded: Graded | Exception | None) -> Iterator[ExampleFault]:
    def fault(found: str, expected: str) -> ExampleFault:
        return ExampleFault(f"{model.id} {model.version}", {"example": example.title}, found, expected)

    if isinstance(graded, Exception):
        yield fault(f"a model that cannot be run ({graded})", "a grade")
    elif graded is None:
        if not example.outside:
            yield fault("a subject outside the scope", f"the grade {example.grade}")
    elif example.grade != graded.grade:
        yield fault(f"the grade {graded.grade} ({graded.score:f} points)", f"the grade {example.grade or 'none'}")
    else:
        if example.score is not None and example.score != graded.score:
            yield fault(f"the score {graded.score:f}", f"the score {example.score}")
        for id, points in example.points.items():
            if graded.points.get(id, 0.0) != float(points):
                yield fault(f"{graded.points.get(id, 0.0):g} points of {id}", f"{points:f}")
