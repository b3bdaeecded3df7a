"""A grade of a model that is verified first takes effect when others have verified it, and not before (R-144, R-024)."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from chengxin.accounts.actors import Actor, operator
from chengxin.accounts.rules import Denied
from chengxin.audit.models import Event
from chengxin.evaluation.actions import evaluate
from chengxin.evaluation.models import CurrentGrade, Grade, Verification, Waiting
from chengxin.evaluation.public import own_grades, public_grades
from chengxin.evaluation.queries import current_grades, moved_grades, why
from chengxin.evaluation.verifying import Decided, Decision, NotSaid, NotWaiting, apply, decide
from chengxin.evaluation.waiting import waits
from chengxin.policy.evaluation import Evaluation, model_of
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies

from .world import ACTOR, code, follow, grades, penalty, register

CHECKED = "checked"
ONE, TWO = operator("one"), operator("two")


def model() -> Evaluation:
    return model_of(policies(), CHECKED, timezone.localdate())


def subject(number: int) -> Subject:
    return Subject.objects.get(code=code(number))


def confirm(actor: Actor, step: str, *numbers: int, **more: Any) -> Decided:
    who = [subject(n).pk for n in numbers] if numbers else None
    return decide(actor, model(), Decision(step, more.pop("outcome", "confirm"), **more), who)


@pytest.fixture
def graded(province) -> None:
    """Two firms whose first grade has been verified: A and A."""
    register(1, 2)
    assert evaluate(CHECKED, ACTOR).waiting == {"first": 2}
    assert grades() == {} and confirm(ONE, "first") == Decided(2, 2, 0)
    assert grades() == {code(1): "A", code(2): "A"}


def test_nothing_follows_from_a_result_before_it_is_verified(province) -> None:
    register(1)
    penalty(1, "罚1", "2026-05-01")
    done = evaluate(CHECKED, ACTOR)
    assert done.grades == {"A": 0, "B": 1, "C": 0} and done.waiting == {"first": 1} and done.moved == 0
    day, firm = timezone.localdate(), subject(1)
    assert public_grades(firm, day) == own_grades(firm, day) == [] == list(current_grades(models=[CHECKED]))
    assert why(code(1), CHECKED) is None and not list(moved_grades(0))
    told = why(code(1), CHECKED, waiting=True)
    assert told and told["provisional"] and told["grade"] == "B" and told["waiting"]["step"] == "first"
    assert told["waiting"]["due"] == policies().calendar.add_working_days(day, 5)
    assert evaluate(CHECKED, ACTOR).changed == 0 and waits(model()) == {"first": 1}, "running again changes nothing"

    assert confirm(ONE, "first", 1) == Decided(1, 1, 0)
    assert [g["grade"] for g in public_grades(firm, day)] == ["B"]
    told = why(code(1), CHECKED)
    assert told and told["waiting"] is None and [s["step"] for s in told["steps"]] == ["first"]
    assert told["outlook"]["current"] and [h["grade"] for h in told["history"]] == ["B"]
    event = Event.objects.get(action="evaluation.verify")
    assert (event.actor, event.detail["count"], event.detail["effect"]) == ("one", 1, 1)
    assert evaluate(CHECKED, ACTOR).changed == 0


def test_a_lowered_grade_needs_the_second_pair_of_eyes_too(graded) -> None:
    penalty(1, "罚1", "2026-05-01")
    follow(None, CHECKED)
    assert grades()[code(1)] == "A", "the grade in effect stays"
    assert confirm(ONE, "first", 1).in_effect == 0
    with pytest.raises(Denied, match="另一位"):
        confirm(ONE, "second", 1)
    before = Grade.objects.count()
    assert confirm(TWO, "second", 1).in_effect == 1
    assert grades()[code(1)] == "B" and Grade.objects.count() == before + 1
    assert [(m[3], m[4]) for m in moved_grades(0)] == [("A", "B")], "told once, when it takes effect"
    Record.objects.filter(item="penalty").update(repair_from=None)
    change_standing(Record.objects.get(item="penalty").pk, "repair", Because("office", "修复"))
    follow(None, CHECKED)
    assert confirm(ONE, "first", 1).in_effect == 1, "a grade that rises has one step"
    assert grades()[code(1)] == "A"


def test_whoever_ran_it_or_entered_what_counts_does_not_verify_it(province) -> None:
    register(1, 2)
    penalty(1, "罚1", "2026-05-01")
    evaluate(CHECKED, ACTOR)
    enterer = Record.objects.get(item="penalty").versions.get().actor
    with pytest.raises(Denied):
        confirm(ACTOR, "first", 1)
    with pytest.raises(Denied):
        confirm(operator(enterer), "first", 1)
    assert confirm(operator(enterer), "first") == Decided(1, 1, 1), "of all, one's own is left to others"
    assert grades() == {code(2): "A"} and waits(model()) == {"first": 1}
    stranger = Actor("auditor", {"transport": frozenset({"auditor"})})
    with pytest.raises(Denied, match="审核员"):
        confirm(stranger, "first", 1)
    assert Verification.objects.count() == 1


def test_a_result_that_is_not_taken_over_leaves_the_grade_until_something_happens(graded) -> None:
    penalty(1, "罚1", "2026-05-01")
    follow(None, CHECKED)
    with pytest.raises(NotSaid, match="理由"):
        confirm(ONE, "first", 1, outcome="return")
    with pytest.raises(NotSaid, match="没有这样规定"):
        confirm(ONE, "first", 1, outcome="change", reason="情节轻微", grade="A")
    assert confirm(ONE, "first", 1, outcome="return", reason="处罚决定已被撤销").decided == 1
    assert grades()[code(1)] == "A" and not Waiting.objects.exists()
    assert evaluate(CHECKED, ACTOR).waiting == {}, "the same result does not come back"
    with pytest.raises(NotWaiting):
        confirm(TWO, "first", 1)
    penalty(1, "罚2", "2026-06-01")
    follow(None, CHECKED)
    assert waits(model()) == {"first": 1}
    told = why(code(1), CHECKED)
    assert told and told["steps"][0]["reason"] == "处罚决定已被撤销" and not told["outlook"]["current"]


def test_a_changed_grade_says_why_and_stays_until_the_facts_change(graded) -> None:
    for n in range(3):
        penalty(1, f"罚{n}", "2026-05-01")
    follow(None, CHECKED)
    confirm(ONE, "first", 1)
    with pytest.raises(NotSaid, match="哪一级"):
        confirm(TWO, "second", 1, outcome="change", reason="已整改", grade="Z")
    assert confirm(TWO, "second", 1, outcome="change", reason="已整改", grade="B").in_effect == 1
    assert grades()[code(1)] == "B"
    told = why(code(1), CHECKED)
    assert told and told["decided_by"]["id"] == "second" and told["steps"][0]["reason"] == "已整改"
    assert evaluate(CHECKED, ACTOR).changed == 0 and grades()[code(1)] == "B"


def test_a_result_that_is_out_of_date_waits_no_longer(graded) -> None:
    penalty(1, "罚1", "2026-05-01")
    follow(None, CHECKED)
    confirm(ONE, "first", 1)
    change_standing(Record.objects.get(item="penalty").pk, "withdraw", Because("office", "撤销"))
    follow(None, CHECKED)
    assert not Waiting.objects.exists() and grades()[code(1)] == "A"
    with pytest.raises(NotWaiting):
        confirm(TWO, "second", 1)


def test_the_subject_may_have_its_grade_reviewed(graded) -> None:
    firm = subject(1)
    with pytest.raises(NotSaid):
        apply(operator("boss"), model(), firm, "  ")
    apply(operator("boss"), model(), firm, "处罚另有其人")
    with pytest.raises(NotWaiting, match="已经"):
        apply(operator("boss"), model(), firm, "再来一次")
    told = why(code(1), CHECKED)
    assert told and told["waiting"]["application"] and told["waiting"]["reason"] == "处罚另有其人"
    assert [g["grade"] for g in public_grades(firm, timezone.localdate())] == ["A"], "it stays in effect meanwhile"
    with pytest.raises(Denied):
        confirm(operator("boss"), "review", 1)
    assert confirm(TWO, "review", 1, outcome="change", reason="评定有误", grade="B") == Decided(1, 1, 0)
    assert grades()[code(1)] == "B" and not Waiting.objects.exists()


def test_a_decision_that_dies_half_way_decides_nothing(graded, monkeypatch) -> None:
    from chengxin.evaluation import verifying

    penalty(1, "罚1", "2026-05-01")
    penalty(2, "罚2", "2026-05-01")
    follow(None, CHECKED)
    confirm(ONE, "first")

    def dies(*_: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(verifying, "_take_effect", dies)
        with pytest.raises(KeyboardInterrupt):
            confirm(TWO, "second")
    assert grades() == {code(1): "A", code(2): "A"} and waits(model()) == {"second": 2}
    assert Verification.objects.filter(step="second").count() == 0
    assert confirm(TWO, "second") == Decided(2, 2, 0)


def test_steps_are_only_added(graded) -> None:
    for change in (lambda rows: rows.update(actor="x"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change(Verification.objects.all())
    assert CurrentGrade.objects.filter(grade="A").count() == 2


def test_a_grade_of_a_version_without_steps_is_explained_while_a_result_of_the_next_one_waits(
    province, settings: Any, tmp_path: Path
) -> None:
    """What waits is told in the words of the version that found it: the one of the grade in effect knows no such step."""
    before, after = (shutil.copytree(settings.POLICIES, tmp_path / name) for name in ("before", "after"))
    new, today = (before / "checked.toml").read_text("utf-8"), timezone.localdate()
    old = re.sub(r"\[\[verification\]\].*(?=\[score\])", "", new, flags=re.DOTALL)
    (before / "checked.toml").write_text(old, "utf-8")
    ended = f"from = 2000-01-01, to = {today - timedelta(days=1)}"
    (after / "checked-1.toml").write_text(old.replace("from = 2000-01-01", ended), "utf-8")
    begun = new.replace("from = 2000-01-01", f"from = {today}").replace('version = "1"', 'version = "2"')
    (after / "checked.toml").write_text(begun, "utf-8")
    settings.POLICIES = before
    register(1)
    assert evaluate(CHECKED, ACTOR).waiting == {} and grades() == {code(1): "A"}
    settings.POLICIES = after
    penalty(1, "罚1", "2026-05-01")
    assert evaluate(CHECKED, ACTOR).waiting == {"first": 1} and grades() == {code(1): "A"}
    told = why(code(1), CHECKED)
    assert told and (told["version"], told["grade"], told["waiting"]["grade"]) == ("1", "A", "B")
    assert told["waiting"]["step_label"] == "初核"
