"""A subject applies for a review of its grade where the plan knows one, and reads what became of it (R-144, R-154)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chengxin.accounts.actors import operator
from chengxin.evaluation.jobs import follow_model
from chengxin.evaluation.models import CurrentGrade, Waiting
from chengxin.evaluation.verifying import Decision, decide
from chengxin.own.views.grades import _course
from chengxin.policy.evaluation import Evaluation, model_of
from chengxin.registry.packs import policies

from . import house as h

pytestmark = pytest.mark.once
MODEL = "ecology-environment"
PAGE = f"/my/{h.CODE}/grades/{MODEL}"


@pytest.fixture
def model(store: object, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    """The environment's model, as if its review were for subjects to apply for; the firm is graded by it."""
    h.settle()
    review = property(lambda model: next((s for s in model.verification if s.id == "review"), None))
    monkeypatch.setattr(Evaluation, "on_application", review)
    found = model_of(policies(), MODEL, timezone.localdate())
    follow_model(found, policies(), operator("tester"), timezone.localdate())
    return found


def test_the_representative_applies_and_is_told_the_answer(model: Evaluation) -> None:
    boss = h.boss()
    assert "申请复评" in boss.get(PAGE).content.decode()
    assert boss.post(f"{PAGE}/review", {"reason": " "}).status_code == 422 and not Waiting.objects.exists()
    sent = boss.post(f"{PAGE}/review", {"reason": "处罚已经撤销"}, follow=True).content.decode()
    assert "正在办理" in sent and "办完以前等级照常有效" in sent
    again = boss.post(f"{PAGE}/review", {"reason": "再申请"})
    assert again.status_code == 422 and "已经在复评" in again.content.decode()
    row = Waiting.objects.get()
    assert (row.asked_by, row.reason, row.step) == ("林知夏", "处罚已经撤销", "review")
    grade = CurrentGrade.objects.get(model=MODEL).grade
    decide(operator("judge"), model, Decision("review", "return", "处罚仍然有效"), [row.subject_id])
    told = boss.get(PAGE).content.decode()
    assert "处罚仍然有效" in told and "judge" not in told, "the answer with its reasons, and no official's name"
    assert CurrentGrade.objects.get(model=MODEL).grade == grade


def test_who_may_only_look_does_not_apply(model: Evaluation) -> None:
    looker = h.agent("look")
    assert "申请复评" not in looker.get(PAGE).content.decode()
    assert looker.post(f"{PAGE}/review", {"reason": "想改"}).status_code in (403, 404) and not Waiting.objects.exists()


def test_where_the_plan_knows_no_review_there_is_none(store: object) -> None:
    h.settle()
    follow_model(
        model_of(policies(), MODEL, timezone.localdate()), policies(), operator("tester"), timezone.localdate()
    )
    boss = h.boss()
    assert "申请复评" not in boss.get(PAGE).content.decode()
    assert boss.get(f"{PAGE}/review").status_code == 404


def test_a_score_that_moves_within_its_grade_makes_no_new_grade(model: Evaluation) -> None:
    """What time alone brings is told as what it is: a grade becomes another, or stays what it is with another score."""
    worst, next_one = model.grades[-1].id, model.grades[-2].id
    course = [
        {"day": timezone.localdate(), "grade": grade, "score": score}
        for grade, score in ((worst, -1), (next_one, 1), (next_one, 2))
    ]
    said = [event.title for event in _course({"course": course}, model, worst)]
    assert [words[:2] for words in said] == ["仍是", "变为", "仍是"]
