"""Grading only whom something has touched gives what grading everybody gives, whatever happens in whatever order (R-148)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chengxin.evaluation.jobs import last_day_of_cycle
from chengxin.policy.evaluation_parts import Cycle
from chengxin.registry.actions import Because, NotPossible, change_standing
from chengxin.registry.models import Record

from ..registry.staged import row, send
from .world import MODEL, code, commitment, current, follow, penalty, recomputed, register

WHY = Because("tester", "试验")
VERBS = ("dispute", "uphold", "repair", "withdraw", "reinstate", "archive")
EVENT = st.one_of(
    st.tuples(st.just("register"), st.integers(0, 1), st.integers(0, 400)),
    st.tuples(st.just("penalty"), st.integers(0, 1), st.integers(0, 400), st.sampled_from(["minor", "general", "serious"])),
    st.tuples(st.just("again"), st.integers(0, 1), st.integers(0, 400), st.sampled_from(["minor", "general", "serious"])),
    st.tuples(st.just("list"), st.integers(0, 1), st.integers(0, 100), st.integers(-50, 300)),
    st.tuples(st.just("commit"), st.integers(0, 1), st.integers(0, 100)),
    st.tuples(st.sampled_from(VERBS), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.sampled_from([1, 30, 92, 200, 370])),
)  # fmt: skip


class Calendar:
    """Days of the examples: one runs on where the last one stopped, with subjects of its own."""

    def __init__(self) -> None:
        self.day, self.numbers = date(2024, 2, 29), count(0, 10)


def happen(event: tuple, base: int, calendar: Calendar) -> None:
    """One event of an example; a verb that is not possible just does not happen."""
    kind, day = event[0], calendar.day
    if kind == "wait":
        calendar.day += timedelta(days=event[1])
    elif kind in VERBS:
        own = list(Record.objects.filter(subject__code__in=[code(base), code(base + 1)]).exclude(item="registration"))
        if own:
            with suppress(NotPossible):
                change_standing(own[event[1] % len(own)].pk, kind, WHY)
    elif kind == "register":
        register(base + event[1], on=str(day - timedelta(days=event[2])))
    elif kind == "penalty":
        penalty(base + event[1], f"{base}-{event[1]}-{event[2]}", str(day - timedelta(days=event[2])), event[3])
    elif kind == "again":  # the same document, now about the other subject or with another content
        penalty(base + event[1], f"{base}", str(day - timedelta(days=event[2])), event[3])
    elif kind == "list":
        content = {"listed_on": str(day - timedelta(days=event[2])), "removed_on": str(day + timedelta(days=event[3]))}
        key = f"名录{base}-{event[2]}"
        send(row(1, code(base + event[1]), f"云岭化工{base + event[1]}厂", key, content=content), item="abnormal")
    elif kind == "commit":
        commitment(base + event[1], f"承诺{base}-{event[1]}", str(day - timedelta(days=event[2])))


def test_incremental_is_full(province) -> None:
    calendar = Calendar()

    @given(st.lists(EVENT, min_size=3, max_size=8))
    @settings(
        max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    def run(events) -> None:
        base = next(calendar.numbers)
        for event in events:
            happen(event, base, calendar)
            follow(calendar.day, MODEL, "probe")
        for model in (MODEL, "probe"):
            assert current(model) == recomputed(model, calendar.day)

    run()


def test_cycles_come_round() -> None:
    day = date(2026, 3, 15)
    assert last_day_of_cycle(Cycle(kind="monthly", day=20), day) == date(2026, 2, 20)
    assert last_day_of_cycle(Cycle(kind="quarterly"), day) == date(2026, 1, 1)
    assert last_day_of_cycle(Cycle(kind="yearly", month=4, day=1), day) == date(2025, 4, 1)
    assert last_day_of_cycle(Cycle(kind="monthly", day=20), date(2026, 1, 3)) == date(2025, 12, 20)
    assert last_day_of_cycle(Cycle(kind="real_time"), day) is None
