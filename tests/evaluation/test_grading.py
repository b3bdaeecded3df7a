"""Grades of a register: stored once, explained, followed by feed and calendar, reproducible (R-144, R-148, R-154)."""

from __future__ import annotations

from chengxin.evaluation.actions import evaluate
from chengxin.evaluation.jobs import follow
from chengxin.evaluation.models import CurrentGrade, Grade

from .world import ACTOR, MODEL, code, commitment, grades, penalty, register


def test_everybody_in_the_scope_is_graded_once(store) -> None:
    register(1, 2, 3, 4)
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    penalty(2, "苏环罚〔2026〕2号", "2026-05-21", "minor")
    penalty(3, "苏市监罚〔2026〕3号", "2026-05-21", authority="苏州市市场监督管理局")
    commitment(4, "承诺4", "2026-01-05")
    done = evaluate(MODEL, ACTOR)
    assert grades() == {code(1): "yellow", code(2): "blue", code(4): "green"}
    assert (done.subjects, done.grades["yellow"], done.grades["black"]) == (3, 1, 0)
    assert evaluate(MODEL, ACTOR).changed == 0
    assert Grade.objects.count() == 3 == CurrentGrade.objects.exclude(grade="").count()
    assert [f.kind for f in follow(ACTOR) if f.model == MODEL] == ["nothing"]
