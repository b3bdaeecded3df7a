"""Grades of a register: stored once, explained, followed by feed and calendar, reproducible (R-144, R-148, R-154)."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import DatabaseError
from django.utils import timezone

from chengxin.evaluation import jobs
from chengxin.evaluation.actions import NotEnacted, evaluate, newest_change
from chengxin.evaluation.models import CurrentGrade, Grade
from chengxin.evaluation.queries import coming_grades, current_grades, why
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Record
from chengxin.standards.months import add_months

from .world import ACTOR, MODEL, code, commitment, current, follow, grades, penalty, recomputed, register


def test_everybody_in_the_scope_is_graded_once(province) -> None:
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
    assert follow()[MODEL].kind == "nothing"


def test_why_names_every_record_and_what_would_change_it(province) -> None:
    """Nine points, two penalties, red; one lapses in spring, repair of either is worth a colour (issue 3, R-154)."""
    register(1)
    today = timezone.localdate()
    first, second = today - timedelta(days=300), today - timedelta(days=10)
    penalty(1, "苏环罚〔2026〕1号", str(first))
    penalty(1, "苏环罚〔2026〕2号", str(second))
    evaluate(MODEL, ACTOR)
    told = why(code(1), MODEL)
    assert told is not None
    assert (told["grade"], told["score"], told["grade_label"]) == ("red", 1.0, "红色")
    counted = {i["id"]: i for i in told["indicators"]}["penalties"]
    assert (counted["value"], counted["points"]) == (2, -8.0) and "办法" in counted["basis"]
    assert [r["title"] for r in counted["records"]] == ["苏环罚〔2026〕1号", "苏环罚〔2026〕2号"]
    outlook = told["outlook"]
    assert outlook["current"]
    by_title = {r["title"]: r for r in outlook["records"]}
    old, new = by_title["苏环罚〔2026〕1号"], by_title["苏环罚〔2026〕2号"]
    assert old["if_repaired"] == {"grade": "yellow", "grade_label": "黄色", "score": 5.0} == new["if_repaired"]
    assert (old["lapses_on"], old["then"]["grade"]) == (add_months(first, 12), "yellow")
    assert (new["lapses_on"], new["then"]["grade"]) == (add_months(second, 12), "blue")
    assert [(m["day"], m["grade"]) for m in outlook["course"]] == [
        (add_months(first, 12), "yellow"),
        (add_months(second, 12), "blue"),
    ]
    change_standing(old["id"], "repair", Because("tester", "已修复"))
    assert not why(code(1), MODEL)["outlook"]["current"]  # nobody has followed the feed yet
    follow()
    after = why(code(1), MODEL)
    assert (after["grade"], after["outlook"]["current"]) == ("yellow", True)
    assert [h["grade"] for h in after["history"]] == ["yellow", "red"]


def test_any_past_day_can_be_made_again_to_the_last_bit(province) -> None:
    """What was on file at the end of a day is what the register of that day gives, whatever happened since (R-082)."""
    register(1, 2, region="320500")
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    penalty(2, "苏环罚〔2026〕2号", "2026-05-21", "minor")
    day = timezone.localdate()
    evaluate(MODEL, ACTOR)
    then = {s: (g, d) for s, (g, d, _) in current(MODEL).items()}
    assert {s: (g, d) for s, (g, d, _) in recomputed(MODEL, day, past=True).items()} == then
    before = newest_change()
    change_standing(Record.objects.get(key="苏环罚〔2026〕1号").pk, "withdraw", Because("tester", "撤回"))
    penalty(2, "苏环罚〔2026〕2号", "2026-05-21", "serious")
    register(1, on="2026-10-01", region="320100", industry="G54")
    register(3)
    penalty(3, "苏环罚〔2026〕3号", "2026-05-20")
    with patch("tests.evaluation.world.position", lambda _day: before):
        again = recomputed(MODEL, day, past=True)
    assert {s: (g, d) for s, (g, d, _) in again.items()} == then
    assert {s: (g, d) for s, (g, d, _) in recomputed(MODEL, day).items()} != then


def test_a_past_day_is_answered_and_not_written_into_history(province) -> None:
    register(1)
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    evaluate(MODEL, ACTOR)
    kept = Grade.objects.count()
    past = evaluate(MODEL, ACTOR, as_of=timezone.localdate() - timedelta(days=1))
    assert (past.stored, past.subjects) == (False, 0)  # the register knew nobody then
    assert Grade.objects.count() == kept


def test_history_cannot_be_changed(province) -> None:
    register(1)
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    evaluate(MODEL, ACTOR)
    with pytest.raises(DatabaseError, match="append-only"):
        Grade.objects.update(grade="green")


def test_a_draft_is_not_enacted_and_doubtful_records_do_not_count(province, packs_folder, settings, tmp_path) -> None:
    """Competence is on file or nobody is graded (R-145, G-17); what is in doubt has no effect (R-051)."""
    register(1)
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20", held=1)
    assert evaluate(MODEL, ACTOR).subjects == 0
    folder = tmp_path / "policies"
    shutil.copytree(packs_folder, folder)
    draft = folder / "probe.toml"
    draft.write_text(re.sub(r"\[competence\](?:\n.+)+", "", draft.read_text("utf-8")), "utf-8")
    settings.POLICIES = folder
    with pytest.raises(NotEnacted, match="草案"):
        evaluate("probe", ACTOR)
    assert "probe" not in {f.model for f in jobs.follow(ACTOR)}


def test_other_rooms_are_told_of_grades_and_of_those_to_come(province) -> None:
    register(1)
    day = timezone.localdate() - timedelta(days=360)
    penalty(1, "苏环罚〔2025〕9号", str(day))
    evaluate(MODEL, ACTOR)
    subject = CurrentGrade.objects.get(model=MODEL).subject_id
    assert list(current_grades([subject], [MODEL])) == [(subject, MODEL, "yellow", 2, timezone.localdate())]
    coming = list(coming_grades([MODEL], timezone.localdate() + timedelta(days=30)))
    assert coming == [(subject, MODEL, "yellow", 2, "blue", 1, add_months(day, 12))]
