"""The steps by which somebody is put on a list, as a pure state machine (R-170, R-171, G-03, G-05).

It knows no database and no web: steps as the pack says them, what has been done so far, today; it answers what may be
done now, and why something may not. The safeguards stand here and not in any pack: nobody is listed without notice and
a term to answer that has run out or was used, nothing is published before the decision and its service, and the people
of the deciding steps are different people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field as Key

from chengxin.policy.errors import Mismatch
from chengxin.policy.schema import Bases, Noted, Text

StepKind = Literal[
    "proposal", "notice", "hearing", "publicity", "verification", "review", "decision", "service", "publication"
]
Answer = Literal["statement", "waiver", "hearing", "objection"]
"""What the subject (or, in a publicity, anybody concerned) may answer while a term runs, or later before the decision."""

TERMED = ("notice", "publicity")
"""Steps that open a term in working days; the next step waits until it is over or answered."""

ON_REQUEST = {"hearing": "hearing", "verification": "objection"}
"""Steps that are due only when somebody asked for them, and by which answer."""

APART: dict[str, tuple[str, ...]] = {
    "review": ("proposal",),
    "decision": ("proposal", "review"),
    "publication": ("proposal",),
}
"""Four eyes: whoever did one of these may not do that step."""

OUTCOMES: dict[str, tuple[str, ...]] = {"review": ("agree", "oppose"), "decision": ("list", "refuse")}
"""The first outcome goes on, the second closes the procedure without a listing."""


class Step(Noted):
    """One [[list.step]]: what is done, by whom in the field's words, within or during which term, on which basis."""

    kind: StepKind
    label: Text | None = None
    label_en: Text | None = None
    by: Text | None = None
    working_days: Annotated[int, Key(gt=0)] | None = None
    basis: Bases | None = None


@dataclass(frozen=True)
class Done:
    """One step, or answer, that has been taken; `until` is the last day of the term it opened."""

    kind: str
    actor: str
    on: date
    outcome: str = ""
    until: date | None = None


class StepRefused(Exception):
    """The step cannot be taken now: `code` says why in one word, `values` what a sentence about it needs."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(f"{code}: {values}")
        self.code = code
        self.values = values


def steps_faults(steps: Sequence[Step], *, adverse: bool, serious: bool) -> Iterator[Mismatch]:
    """What the steps of a list lack, or have in the wrong order."""
    kinds = [s.kind for s in steps]
    for number, step in enumerate(steps):
        if kinds.index(step.kind) != number:
            yield Mismatch(f"a second {step.kind}", "each kind of step once", ("step", number, "kind"))
        if (step.working_days is None) == (step.kind in TERMED):
            expected = (
                "`working_days`" if step.kind in TERMED else f"no working_days: only {' and '.join(TERMED)} open a term"
            )
            yield Mismatch(f"{step.kind} with working_days = {step.working_days}", expected, ("step", number, "kind"))
    needed = ["proposal", "decision"]
    if adverse:
        needed += ["notice", "service"]
    if serious:
        needed += ["review", "publication"]
    missing = [k for k in needed if k not in kinds]
    if missing:
        why = "a serious list needs" if serious else "an adverse list needs" if adverse else "a list needs"
        yield Mismatch(f"steps without {', '.join(missing)}", f"{why} {', '.join(needed)} (R-170, G-05)", ("step",))
    for before, after in _ORDER:
        if before in kinds and after in kinds and kinds.index(before) > kinds.index(after):
            yield Mismatch(f"{after} before {before}", f"{before} first", ("step", kinds.index(after), "kind"))
    for late, asked in (("hearing", "notice"), ("verification", "publicity")):
        if late in kinds and asked not in kinds:
            yield Mismatch(
                f"{late} without {asked}",
                f"a {asked} in which it can be asked for",
                ("step", kinds.index(late), "kind"),
            )


_ORDER = (
    ("proposal", "notice"), ("proposal", "publicity"), ("proposal", "review"), ("proposal", "decision"),
    ("notice", "hearing"), ("notice", "review"), ("notice", "decision"), ("publicity", "verification"),
    ("hearing", "decision"), ("verification", "decision"), ("publicity", "decision"), ("review", "decision"),
    ("decision", "service"), ("decision", "publication"), ("service", "publication"),
)  # fmt: skip


def closed(done: Sequence[Done]) -> bool:
    """Whether the review or the decision went against listing."""
    return any(d.kind in OUTCOMES and d.outcome == OUTCOMES[d.kind][1] for d in done)


def complete(steps: Sequence[Step], done: Sequence[Done]) -> bool:
    """Whether every step is taken: the subject is on the list."""
    return not closed(done) and next_step(steps, done) is None


def next_step(steps: Sequence[Step], done: Sequence[Done]) -> Step | None:
    """The step whose turn it is; steps that nobody asked for are passed over. None when all are taken, or it is closed."""
    if closed(done):
        return None
    taken = {d.kind for d in done}
    return next((s for s in steps if s.kind not in taken and _due(s, done)), None)


def waits_until(done: Sequence[Done]) -> date | None:
    """The last day of a term that is still to be waited for, whatever today is; None when it was answered."""
    terms = [(place, d) for place, d in enumerate(done) if d.until is not None]
    if not terms:
        return None
    place, term = terms[-1]
    return None if term.kind == "notice" and any(d.kind == "answer" for d in done[place + 1 :]) else term.until


def check(steps: Sequence[Step], done: Sequence[Done], kind: str, actor: str, today: date, outcome: str = "") -> None:
    """Whether `actor` may take the step `kind` today with that outcome. Raises `StepRefused` with the reason."""
    if closed(done) or complete(steps, done):
        raise StepRefused("closed")
    if done and today < done[-1].on:
        raise StepRefused("before-last-step", day=today, last=done[-1].on)
    if kind == "answer":
        _check_answer(steps, done, outcome)
        return
    wanted = next_step(steps, done)
    if wanted is None or wanted.kind != kind:
        raise StepRefused("not-its-turn", step=kind, next=wanted.kind if wanted else "")
    until = waits_until(done)
    if until is not None and today <= until:
        raise StepRefused("term-runs", step=kind, until=until)
    for earlier in APART.get(kind, ()):
        if any(d.kind == earlier and d.actor == actor for d in done):
            raise StepRefused("four-eyes", step=kind, other=earlier, actor=actor)
    if outcome not in OUTCOMES.get(kind, ("",)):
        raise StepRefused("no-such-outcome", outcome=outcome, outcomes=OUTCOMES.get(kind, ()))


def _check_answer(steps: Sequence[Step], done: Sequence[Done], outcome: str) -> None:
    """The subject may answer from the notice on until the decision: late words are still heard."""
    kinds = {d.kind for d in done}
    if not kinds & set(TERMED):
        raise StepRefused("not-notified")
    if "decision" in kinds:
        raise StepRefused("decided")
    allowed = answers(steps, done)
    if outcome not in allowed:
        raise StepRefused("no-such-outcome", outcome=outcome, outcomes=allowed)


def answers(steps: Sequence[Step], done: Sequence[Done]) -> tuple[Answer, ...]:
    """What the subject may answer now; nothing before it was told, nor after the decision."""
    kinds = {d.kind for d in done}
    if "decision" in kinds or closed(done):
        return ()
    allowed: list[Answer] = ["statement", "waiver"] if "notice" in kinds else []
    if any(s.kind == "hearing" for s in steps) and "notice" in kinds and "hearing" not in kinds:
        allowed.append("hearing")
    if any(s.kind == "verification" for s in steps) and "publicity" in kinds and "verification" not in kinds:
        allowed.append("objection")
    return tuple(allowed)


def _due(step: Step, done: Sequence[Done]) -> bool:
    asked = ON_REQUEST.get(step.kind)
    return asked is None or any(d.kind == "answer" and d.outcome == asked for d in done)
