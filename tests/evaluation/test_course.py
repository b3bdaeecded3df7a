"""How time alone moves a grade whose points change every day: found by halves, the same days as by asking every day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.evaluation import outlook
from chengxin.evaluation.outlook import Answer

TODAY = date(2026, 1, 1)
LENGTH = 400


class Register:
    """Penalties that weigh less each day and nothing once they lapse, merits that grow each day up to a bound (or, weighing
    less than nothing, shrink to it); counts how often it was asked."""

    plan = None
    rough = Decimal("0.00001")

    def __init__(self, penalties: list[tuple[int, int]], merits: list[tuple[int, int]] | None = None) -> None:
        self.penalties, self.merits, self.asked = penalties, merits or [], set[date]()

    def on(self, day: date) -> tuple[Answer, date]:
        self.asked.add(day)
        gone = (day - TODAY).days
        score = 100 - sum(weight * max(1 - gone / lasts, 0) for lasts, weight in self.penalties if gone < lasts)
        score += sum(weight * min(gone / full, 1) for full, weight in self.merits)
        grade = next(g for least, g in ((95, "A"), (85, "B"), (70, "C"), (-1000, "D")) if score >= least)
        return Answer(grade, Decimal(round(score, 6))), day + timedelta(days=1)

    def every_day(self) -> list[tuple[date, str]]:
        days = [TODAY + timedelta(days=n) for n in range(LENGTH + 1)]
        told = [(d, self.on(d)[0].grade) for d in days]
        return [(day, grade) for (_, before), (day, grade) in pairwise(told) if grade != before]


def course_of(register: Register) -> list[tuple[date, str]]:
    ends = {TODAY + timedelta(days=lasts) for lasts, _ in register.penalties}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outlook, "moves_daily", lambda plan: True)
        asked: Any = register
        course = outlook._course(asked, TODAY, TODAY + timedelta(days=LENGTH), ends)
    return [(day, answer.grade) for day, answer in course]


penalties_of = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 40)), max_size=5)


@given(penalties_of)
def test_every_turn_is_found_on_its_day(penalties: list[tuple[int, int]]) -> None:
    register = Register(penalties)
    course = course_of(register)
    questions = len(register.asked)
    assert course == register.every_day()
    assert questions <= 3 + 3 * len(penalties) + 10 * max(len(course), 1), "not a question a day"


@given(penalties_of, st.integers(2, 399), st.integers(1, 40).flatmap(lambda n: st.sampled_from([n, -n])))
def test_a_grade_that_comes_and_goes_between_two_days_is_found(
    penalties: list[tuple[int, int]], full: int, weight: int
) -> None:
    """R-154: one part of the score grows while another shrinks, and stops on a day that no record names."""
    register = Register(penalties, [(full, weight)])
    assert course_of(register) == register.every_day()


def test_a_score_that_rises_and_falls_back_to_the_same_grade() -> None:
    """The grade is a C on both ends, and a B from the nineteenth day on for half a year."""
    register = Register([(500, 16)], [(100, 10), (400, -30)])
    told = course_of(register)
    assert told == register.every_day() and [grade for _, grade in told] == ["B", "C"]
