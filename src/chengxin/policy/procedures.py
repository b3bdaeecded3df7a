"""The kind `procedure`: how a case (办件) runs from its opening to its end, declared and not programmed (W-01 to W-28).

A procedure has states, steps between them, clocks, materials, questions, letters and entries. Who may take a step, what
must be at hand, what it does to the register and by which day it is due all stand here; the engine (`chengxin.cases`)
knows no procedure by name. What does not fit together is told by `procedure_checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy.errors import Mismatch
from chengxin.policy.schema import Bases, Header, Model, Name, Noted, Slug, SubjectKind, Text

Role = Literal[
    "system", "anyone", "representative", "agent", "reporter", "auditor", "steward", "first_reviewer",
    "second_reviewer", "publisher", "inspector",
]  # fmt: skip
"""Words of `accounts.models.Role`, and two more: `system` is a clock that has run out, `anyone` whoever has signed in."""

Relation = Literal["applicant", "subject", "source", "handler", "assigned"]
"""Whose people: of whoever applied, of the credit subject, of the record's source unit, of the unit that handles the
procedure, of the unit the case was assigned to."""

PARTIES: tuple[Relation, ...] = ("applicant", "subject")
"""Whoever asks for something, or is affected, cannot decide on it."""

Effect = Literal[
    "record.dispute", "record.uphold", "record.correct", "record.withdraw", "record.reinstate", "record.repair",
    "record.shield", "record.unshield", "record.archive", "record.end-publicity", "record.annotate", "record.enter",
    "record.retract", "clock.extend", "case.assign", "export.seal", "review.report", "content.publish", "content.retract",
]  # fmt: skip
"""What a step does: a verb of the register, or one of the cases room. `record.uphold` lifts the mark of dispute that the case
had set, `record.retract` takes back what the case itself entered: neither takes anything from anybody."""

NEEDS_DECISION: frozenset[str] = frozenset(
    {
        "record.correct", "record.withdraw", "record.reinstate", "record.repair", "record.shield", "record.archive",
        "record.end-publicity", "export.seal", "review.report", "content.publish",
    }
)  # fmt: skip
"""Effects that only a decision may have: four eyes, and never a party of the case."""

Guard = Literal[
    "repair-conditions", "record-standing", "clock-over", "form-differs", "has-subjects", "record-added", "content-clean",
]  # fmt: skip
"""`repair-conditions`: those of the kind `repair` in force; `record-standing`: the record stands where the step's effects can
take it; `clock-over`: the step's clock has run out; `form-differs`: a correction changes something; `has-subjects`: the
list names subjects that the register knows; `record-added`: `form.added_record` is a new record of the subject;
`content-clean`: a text for the public shows nobody's identity number and no link that leads nowhere (R-340)."""

Outcome = Literal["granted", "partly", "refused", "withdrawn", "lapsed", "done"]


class Who(Model):
    """A role, and in whose organisation it is held."""

    role: Role
    at: Relation = "handler"
    needs: tuple[Name, ...] = ()
    """Materials that must be there when it is this one who acts: an agent's mandate (R-236)."""


class Ask(Noted):
    """A question of the form (申请表): what an applicant or a decider states. `must` is the only answer that is taken."""

    id: Name
    label: Text
    label_en: Text
    type: Literal["text", "date", "yes", "choice", "lines", "changes", "agency"] = "text"
    choices: tuple[Text, ...] = ()
    choices_en: tuple[Text, ...] = ()
    """The same choices for a reader of English; what is kept is always the Chinese one."""
    table: Name | None = None
    templates: bool = False
    """The answer is the id of a commitment template (kind `commitments`)."""
    term_of: Name | None = None
    """The question whose template sets the last day: the answer is no later, and that day where nobody names one."""
    max_length: Annotated[int, Key(gt=0)] = 2000
    must: Text | None = None

    @model_validator(mode="after")
    def _choosable(self) -> Self:
        if self.type == "choice" and not (self.choices or self.table or self.templates):
            raise Mismatch("a choice without choices", "`choices`, `table` or `templates`", ("type",))
        if self.choices_en and len(self.choices_en) != len(self.choices):
            found = f"{len(self.choices_en)} of them for {len(self.choices)} choices"
            raise Mismatch(found, "one for each of `choices`", ("choices_en",))
        return self


class Material(Noted):
    """Evidence that is attached (材料): its types are found by content, never by name; its size is capped."""

    id: Name
    label: Text
    label_en: Text
    types: Annotated[tuple[Literal["pdf", "image", "table", "document"], ...], Key(min_length=1)] = ("pdf", "image")
    max_mb: Annotated[int, Key(gt=0, le=200)] = 20
    after_end: bool = False
    """May still be attached when the case is over: what a court or a reconsideration said of it (R-248)."""


class State(Noted):
    """Where a case stands, and what its subject is told there. `end` says how it came out; no step leads on from there."""

    id: Slug
    label: Text
    label_en: Text
    sees: Text
    sees_en: Text
    end: Outcome | None = None
    internal: bool = False
    """Nothing has been told to the subject yet, such as an order that is drafted: its people do not see the case here."""
    letter_due: bool = True
    """Whoever comes to this end is told by a letter; without one only with a `note` that says why."""


class Needs(Model):
    """What must be at hand when a step is taken."""

    reason: bool = False
    materials: tuple[Name, ...] = ()
    asks: tuple[Name, ...] = ()


class Step(Noted):
    """A way from one state to another. The step without `from` opens the case.

    What a step `needs` to be answered is answered with it, by whoever takes it; `takes` names further questions that may be
    answered again. Everything else in the form stays as whoever stated it left it.

    `decision`: whoever opened the case, or acts for its subject, is refused (four eyes); `apart_from` names steps whose
    actors may not take this one either. `system` steps are taken by the clock that names them.
    """

    id: Slug
    label: Text
    label_en: Text
    start: Annotated[tuple[Slug, ...], Key(alias="from")] = ()
    to: Slug
    who: Annotated[tuple[Who, ...], Key(min_length=1)]
    decision: bool = False
    apart_from: tuple[Slug, ...] = ()
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    needs: Needs = Needs()
    takes: tuple[Name, ...] = ()
    letter: Slug | None = None
    entry: Slug | None = None
    clock: Slug | None = None
    """The clock that `clock.extend` lengthens or `clock-over` asks about."""
    add_days: Annotated[int, Key(gt=0)] | None = None
    opens: Slug | None = None
    """The procedure that the applicant may go on with, about the same record and out of this case."""


class Clock(Noted):
    """A statutory term (期限), counted in working days from the day of a step, or set to a day that the form names.

    It starts with the first of `start`, stands still in the states `suspended_in`, and stops with a step of `stop` or at
    an end. `remind_before` and `escalate_after` are working days before and after its last day; `repeat_every` dunning.
    """

    id: Slug
    label: Text
    label_en: Text
    working_days: Annotated[int, Key(gt=0)] | None = None
    until: Name | None = None
    starts_on: Name | None = None
    """The working days are counted from the day that this answer names, and not from the day of the step."""
    start: Annotated[tuple[Slug, ...], Key(min_length=1)]
    stop: tuple[Slug, ...] = ()
    suspended_in: tuple[Slug, ...] = ()
    owner: Who
    remind_before: Annotated[int, Key(ge=0)] | None = None
    escalate_after: Annotated[int, Key(ge=0)] = 0
    escalate_to: Who | None = None
    repeat_every: Annotated[int, Key(gt=0)] | None = None
    then: Slug | None = None
    """The system step that is taken when the term is over."""
    basis: Bases

    @model_validator(mode="after")
    def _measured(self) -> Self:
        if (self.working_days is None) == (self.until is None):
            raise Mismatch("a clock with none or both of them", "either `working_days` or `until`", ("working_days",))
        return self


class Letter(Noted):
    """What is written to a party: a text in both languages with gaps `{case}`, `{subject}`, `{form.claim}` and so on."""

    id: Slug
    to: Relation = "applicant"
    title: Text
    title_en: Text
    text: Text
    text_en: Text


class Entry(Noted):
    """A record that a step writes into the register: each field's text with gaps as in letters (G-01: only catalogue items)."""

    id: Slug
    item: Slug
    source: Relation = "handler"
    fields: Mapping[Name, Text]


class Goals(Noted):
    """What the procedure's statistics are measured against, as shares of 1 (R-228, R-245)."""

    on_time: Annotated[float, Key(ge=0, le=1)] | None = None
    review_error: Annotated[float, Key(ge=0, le=1)] | None = None
    basis: Bases | None = None


class Procedure(Header):
    """One version of one procedure; a case stays with the version it was opened under."""

    kind: Literal["procedure"]
    id: Slug
    label: Text
    label_en: Text
    word: Annotated[Text, Key(max_length=6)]
    """The word in numbers of cases and letters: 异议〔2026〕17号."""
    about: Literal["record", "subject", "record-or-subject", "none"]
    serves: Literal["repair", "objection", "message"] | None = None
    """Whoever looks for this on the portal is led here: to ask for repair, to object, to leave a message."""
    handler: Slug
    items: tuple[Slug, ...] = ()
    """A case is only opened about records of these items; none named: of any."""
    subjects: tuple[SubjectKind, ...] = ()
    """A case is only opened for subjects of these kinds, such as enterprises alone; none named: of any."""
    protects_applicant: bool = False
    """Whoever the case was assigned to does not learn who applied (G-19)."""
    standings: tuple[Literal["active", "disputed", "repaired", "shielded", "withdrawn"], ...] = ("active", "disputed")
    asks: Annotated[tuple[Ask, ...], Key(alias="ask")] = ()
    materials: Annotated[tuple[Material, ...], Key(alias="material")] = ()
    states: Annotated[tuple[State, ...], Key(alias="state", min_length=2)]
    steps: Annotated[tuple[Step, ...], Key(alias="step", min_length=2)]
    clocks: Annotated[tuple[Clock, ...], Key(alias="clock")] = ()
    letters: Annotated[tuple[Letter, ...], Key(alias="letter")] = ()
    entries: Annotated[tuple[Entry, ...], Key(alias="entry")] = ()
    goals: Goals = Goals()

    def suits(self, kind: str) -> bool:
        """Whether it is for subjects of that kind; one that nobody knows of yet is not turned away."""
        return not (self.subjects and kind) or kind in self.subjects

    def state(self, id: str) -> State:
        return next(s for s in self.states if s.id == id)

    def step(self, id: str) -> Step:
        """Raises `KeyError` with what there is."""
        found = next((s for s in self.steps if s.id == id), None)
        if found is None:
            raise KeyError(f"{self.id} has no step {id!r}; it has {', '.join(s.id for s in self.steps)}")
        return found

    def clock(self, id: str) -> Clock:
        return next(c for c in self.clocks if c.id == id)

    def letter(self, id: str) -> Letter:
        return next(x for x in self.letters if x.id == id)

    def entry(self, id: str) -> Entry:
        return next(e for e in self.entries if e.id == id)

    def material(self, id: str) -> Material | None:
        return next((m for m in self.materials if m.id == id), None)

    def ask(self, id: str) -> Ask | None:
        return next((a for a in self.asks if a.id == id), None)

    @property
    def opening(self) -> Step:
        """The step that opens a case."""
        return next(s for s in self.steps if not s.start)

    def answerable(self, step: Step) -> frozenset[str]:
        """The questions that may be answered with a step; at the opening all that no decision asks for."""
        own = frozenset((*step.needs.asks, *step.takes))
        if step.start:
            return own
        decided = {name for s in self.steps if s.decision for name in s.needs.asks}
        return own | {a.id for a in self.asks if a.id not in decided}

    def steps_from(self, state: str) -> tuple[Step, ...]:
        return tuple(s for s in self.steps if state in s.start)
