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
    """Penalties that weigh less each day and nothing once they lapse; counts how often it was asked."""

    plan = None

    def __init__(self, penalties: list[tuple[int, int]]) -> None:
        self.penalties, self.asked = penalties, set[date]()

    def on(self, day: date) -> tuple[Answer, date]:
        self.asked.add(day)
        gone = (day - TODAY).days
        score = 100 - sum(weight * max(1 - gone / lasts, 0) for lasts, weight in self.penalties if gone < lasts)
        grade = next(g for least, g in ((95, "A"), (85, "B"), (70, "C"), (-1000, "D")) if score >= least)
        return Answer(grade, Decimal(round(score, 6))), day + timedelta(days=1)

    def every_day(self) -> list[tuple[date, str]]:
        days = [TODAY + timedelta(days=n) for n in range(LENGTH + 1)]
        told = [(d, self.on(d)[0].grade) for d in days]
        return [(day, grade) for (_, before), (day, grade) in pairwise(told) if grade != before]


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 40)), max_size=5))
def test_every_turn_is_found_on_its_day(penalties: list[tuple[int, int]]) -> None:
    register = Register(penalties)
    ends = {TODAY + timedelta(days=lasts) for lasts, _ in penalties}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outlook, "moves_daily", lambda plan: True)
        asked: Any = register
        course = outlook._course(asked, TODAY, TODAY + timedelta(days=LENGTH), ends)
    questions = len(register.asked)
    assert [(day, answer.grade) for day, answer in course] == register.every_day()
    assert questions <= 2 + len(penalties) + 9 * max(len(course), 1) + len(course), "not a question a day"
