"""Nobody is listed without notice, a term to answer, a decision by other people, and its service (R-170, R-171, G-03, G-05)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chengxin.policy.steps import Done, Step, StepRefused, check, closed, complete, next_step, steps_faults

FULL = ("proposal", "notice", "hearing", "review", "decision", "service", "publication")
PLAIN = ("proposal", "notice", "decision", "service")
MODELS = ("proposal", "publicity", "verification", "decision", "publication")
ALL = sorted({*FULL, *MODELS, "answer"})
DAY = date(2026, 11, 2)


def steps_of(kinds: tuple[str, ...]) -> tuple[Step, ...]:
    return tuple(Step(kind=k, working_days=5 if k in ("notice", "publicity") else None) for k in kinds)


def walk(kinds: tuple[str, ...], *moves: tuple[str, str, int, str]) -> list[Done]:
    """Take moves (kind, actor, day, outcome); terms end five days later."""
    done: list[Done] = []
    for kind, actor, day, outcome in moves:
        on = DAY + timedelta(day)
        check(steps_of(kinds), done, kind, actor, on, outcome)
        until = on + timedelta(5) if kind in ("notice", "publicity") else None
        done.append(Done(kind, actor, on, outcome, until))
    return done


PROPOSED = (("proposal", "anna", 0, ""), ("notice", "anna", 0, ""))


def test_the_straight_way_onto_a_serious_list() -> None:
    done = walk(
        FULL, *PROPOSED, ("review", "boris", 6, "agree"), ("decision", "chen", 7, "list"), ("service", "anna", 8, ""),
        ("publication", "chen", 9, ""),
    )  # fmt: skip
    assert complete(steps_of(FULL), done) and not closed(done)


@pytest.mark.parametrize(
    ("kinds", "moves", "code"),
    [
        (FULL, (("notice", "anna", 0, ""),), "not-its-turn"),
        (PLAIN, (*PROPOSED, ("decision", "chen", 5, "list")), "term-runs"),
        (PLAIN, (*PROPOSED, ("decision", "anna", 6, "list")), "four-eyes"),
        (FULL, (*PROPOSED, ("review", "boris", 6, "agree"), ("decision", "boris", 7, "list")), "four-eyes"),
        (FULL, (*PROPOSED, ("publication", "chen", 6, "")), "not-its-turn"),
        (PLAIN, (*PROPOSED, ("decision", "chen", 6, "perhaps")), "no-such-outcome"),
        (PLAIN, (("proposal", "anna", 0, ""), ("answer", "firm", 1, "statement")), "not-notified"),
        (PLAIN, (*PROPOSED, ("decision", "chen", 6, "list"), ("answer", "firm", 7, "statement")), "decided"),
        (PLAIN, (*PROPOSED, ("answer", "firm", 1, "hearing")), "no-such-outcome"),
        (FULL, (*PROPOSED, ("answer", "firm", 1, "hearing"), ("review", "boris", 6, "agree")), "not-its-turn"),
        (PLAIN, (*PROPOSED, ("decision", "chen", 6, "refuse"), ("service", "anna", 7, "")), "closed"),
        (MODELS, (("proposal", "anna", 0, ""), ("publicity", "anna", 0, ""), ("decision", "chen", 5, "list")), "term-runs"),
        (PLAIN, (("proposal", "anna", 3, ""), ("notice", "anna", 1, "")), "before-last-step"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(kinds, moves, code) -> None:
    with pytest.raises(StepRefused) as refused:
        walk(kinds, *moves)
    assert refused.value.code == code


def test_an_answer_ends_the_waiting_and_a_hearing_is_held_only_when_asked_for() -> None:
    assert walk(PLAIN, *PROPOSED, ("answer", "firm", 2, "waiver"), ("decision", "chen", 2, "list"))
    moves = (*PROPOSED, ("answer", "firm", 1, "hearing"), ("hearing", "dora", 4, ""), ("review", "boris", 4, "agree"))
    assert next_step(steps_of(FULL), walk(FULL, *moves)).kind == "decision"  # type: ignore[union-attr]


def test_an_objection_does_not_shorten_a_publicity_and_has_to_be_verified() -> None:
    start = (("proposal", "anna", 0, ""), ("publicity", "anna", 0, ""), ("answer", "rival", 1, "objection"))
    with pytest.raises(StepRefused) as refused:
        walk(MODELS, *start, ("verification", "boris", 2, ""))
    assert refused.value.code == "term-runs"
    with pytest.raises(StepRefused) as refused:
        walk(MODELS, *start, ("decision", "chen", 6, "list"))
    assert refused.value.code == "not-its-turn"
    assert walk(MODELS, *start, ("verification", "boris", 6, ""), ("decision", "chen", 6, "list"))


class Procedure(RuleBasedStateMachine):
    """Anybody may try anything on any day; whatever gets through keeps the safeguards."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Done] = []
        self.today = DAY

    @initialize(kinds=st.sampled_from([FULL, PLAIN, MODELS, tuple(k for k in FULL if k != "hearing")]))
    def begin(self, kinds: tuple[str, ...]) -> None:
        self.adverse = "notice" in kinds
        self.steps = steps_of(kinds)
        assert not list(steps_faults(self.steps, adverse=self.adverse, serious=self.adverse and "review" in kinds))

    @rule(days=st.integers(1, 6))
    def wait(self, days: int) -> None:
        self.today += timedelta(days)

    @rule(
        kind=st.sampled_from(ALL),
        actor=st.sampled_from("abc"),
        outcome=st.sampled_from(
            ["", "agree", "oppose", "list", "refuse", "statement", "waiver", "hearing", "objection"]
        ),
    )
    def try_anything(self, kind: str, actor: str, outcome: str) -> None:
        self._try(kind, actor, outcome)

    @rule(actor=st.sampled_from("abc"))
    def go_on(self, actor: str) -> None:
        step = next_step(self.steps, self.done)
        if step is not None:
            self._try(step.kind, actor, {"review": "agree", "decision": "list"}.get(step.kind, ""))

    def _try(self, kind: str, actor: str, outcome: str) -> None:
        try:
            check(self.steps, self.done, kind, actor, self.today, outcome)
        except StepRefused:
            return
        until = self.today + timedelta(5) if kind in ("notice", "publicity") else None
        self.done.append(Done(kind, actor, self.today, outcome, until))

    @invariant()
    def no_path_publishes_without_notice_and_decision(self) -> None:
        by_kind = {d.kind: (place, d) for place, d in enumerate(self.done)}
        if "decision" in by_kind:
            at, decision = by_kind["decision"]
            assert decision.actor != by_kind["proposal"][1].actor
            opened = by_kind["notice" if self.adverse else "publicity"]
            assert opened[0] < at
            answered = any(d.kind == "answer" for d in self.done[opened[0] : at])
            assert opened[1].until is not None and (decision.on > opened[1].until or (self.adverse and answered))
            if "review" in by_kind:
                assert len({by_kind[k][1].actor for k in ("proposal", "review", "decision")}) == 3
            for asked, due in (("hearing", "hearing"), ("objection", "verification")):
                if any(d.outcome == asked for d in self.done) and decision.outcome == "list":
                    assert by_kind[due][0] < at
        if "publication" in by_kind or complete(self.steps, self.done):
            assert by_kind["decision"][1].outcome == "list" and not closed(self.done)
            if self.adverse:
                assert by_kind["decision"][0] < by_kind["service"][0] <= len(self.done) - 1


TestProcedure = Procedure.TestCase
TestProcedure.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
