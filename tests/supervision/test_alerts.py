"""Reminders and warnings: over records, calendar, grades and lists; kept once, told to those concerned (F-15)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.accounts.rules import Denied
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Subject
from chengxin.supervision import jobs
from chengxin.supervision.alerts.actions import acknowledge
from chengxin.supervision.alerts.finding import find
from chengxin.supervision.alerts.queries import copies
from chengxin.supervision.lists.actions import propose
from chengxin.supervision.lists.keeping import Paper
from chengxin.supervision.models import Alert, AlertCopy

from .helpers import ANNA, AUTHORITY, BOHE, COMING, YUNLING, penalty, records, row, send, subject

pytestmark = pytest.mark.usefixtures("store", "graded")
MODEL = "ecology-environment"
TODAY = timezone.localdate()
NAME = "苏州云岭精密机械有限公司"


def texts(rule: str) -> dict[str, str]:
    """Addressee -> text of a rule's alerts."""
    return {f"{c.receiver} {c.to}": c.alert.text for c in copies(rule=rule)}


def licence(days: int) -> dict[str, object]:
    until = TODAY + timedelta(days=days)
    content = {"document_title": "排污许可证", "authority_name": AUTHORITY, "valid_until": f"{until}"}
    return row(1, YUNLING, NAME, "许可1号", content=content, severity="", expires_on=until)


def test_a_certificate_that_expires_is_told_once_and_again_only_for_another_day() -> None:
    """R-212: within the pack's days, with the day and how many are left; the same cause is never told twice."""
    send(licence(61), item="licence")
    assert find(TODAY, "test").told == 0
    assert find(TODAY + timedelta(days=1), "test").by_rule == {"environment-certificate-expiring": 1}
    assert find(TODAY + timedelta(days=2), "test").told == 0
    (text,) = texts("environment-certificate-expiring").values()
    assert f"{TODAY + timedelta(days=61)}" in text and "还有 60 天" in text and "排污许可证" in text
    send(licence(40), item="licence", batch=2)
    assert find(TODAY + timedelta(days=2), "test").told == 1


def test_another_penalty_warns_subject_department_and_city_and_a_repaired_one_does_not() -> None:
    """R-209: N within M months; each newer record warns again; nothing for what is repaired or old."""
    old = penalty(2, BOHE, "泊禾", "2号", decided_on=date(2020, 1, 1))
    send(penalty(1, YUNLING, NAME, "1号", decided_on=TODAY - timedelta(days=9)), old)
    Subject.objects.filter(code=YUNLING).update(region="320505")
    assert jobs.follow(TODAY).alerts == 0
    send(penalty(3, YUNLING, NAME, "3号", decided_on=TODAY - timedelta(days=2)), batch=2)
    assert jobs.follow(TODAY).alerts == 1
    told = texts("environment-penalties-in-a-year")
    assert set(told) == {f"subject {YUNLING}", f"department {MODEL}", "city 3205"} and "2 次" in told["city 3205"]
    assert (jobs.follow(TODAY).alerts, find(TODAY, "test").told) == (0, 0)
    change_standing(records(YUNLING)[0], "repair", Because("x", "修复"))
    assert jobs.follow(TODAY).alerts == 0
    send(penalty(4, YUNLING, NAME, "4号", decided_on=TODAY), batch=3)
    assert jobs.follow(TODAY).alerts == 1 and Alert.objects.count() == 2


def test_grades_and_lists_speak_and_a_rule_that_cannot_run_says_so(
    graded: list[tuple[int, str, str, int, date]], settings: object
) -> None:
    """R-155, R-170: fallen, about to fall, being considered for a list; no forecast is no silence."""
    send(penalty(1, YUNLING, NAME, "1号", severity="serious", decided_on=TODAY - timedelta(days=400)))
    graded.append((subject(YUNLING).pk, MODEL, "red", 3, TODAY))
    assert find(TODAY, "test").not_run == {"environment-grade-falling": "no-forecast"}
    assert "红色" in texts("environment-grade-poor")[f"subject {YUNLING}"]
    settings.CHENGXIN_GRADE_FORECAST = "tests.supervision.helpers.forecast"  # type: ignore[attr-defined]
    COMING.append((subject(YUNLING).pk, MODEL, "red", 3, "black", 4, TODAY + timedelta(days=7)))
    COMING.append((subject(YUNLING).pk, MODEL, "red", 3, "blue", 1, TODAY + timedelta(days=8)))
    propose(ANNA, "environmental-violators", YUNLING, "serious-penalty", records(YUNLING), Paper(text="理由"))
    found = find(TODAY, "test")
    assert (found.by_rule, found.not_run) == ({"environment-grade-falling": 1, "environment-list-considered": 1}, {})
    assert "黑色" in texts("environment-grade-falling")[f"subject {YUNLING}"]
    assert "「环境违法者名单」" in texts("environment-list-considered")[f"subject {YUNLING}"]


def test_an_industry_is_warned_of_once_a_month_and_no_subject_is_named(policy_copy: object) -> None:
    """R-211, R-463: many subjects of one industry; told to the department only, with number and share."""
    file = policy_copy / "departments/ecology-environment/alerts.toml"  # type: ignore[operator]
    file.write_text(file.read_text("utf-8").replace("subjects_at_least = 20", "subjects_at_least = 2"), "utf-8")
    send(penalty(1, YUNLING, NAME, "1号", decided_on=TODAY), penalty(2, BOHE, "泊禾", "2号", decided_on=TODAY))
    Subject.objects.update(industry="2611")
    assert "environment-industry" in find(TODAY, "test").by_rule
    assert texts("environment-industry") == {
        f"department {MODEL}": "行业 26 近六个月有 2 家单位受到环境处罚，占 100.0%，建议开展专项提醒。"
    }
    assert Alert.objects.get(rule="environment-industry").subject_id is None
    assert find(TODAY, "test").told == 0


def test_people_are_never_warned_of_and_copies_are_acknowledged_by_those_told() -> None:
    send(penalty(1, YUNLING, NAME, "1号", decided_on=TODAY), penalty(2, YUNLING, NAME, "2号", decided_on=TODAY))
    Subject.objects.update(kind="natural_person")
    assert find(TODAY, "test").told == 0 and not AlertCopy.objects.exists()
    Subject.objects.update(kind="organisation")
    find(TODAY, "test")
    copy = copies(receiver="department").get()
    with pytest.raises(Denied):
        acknowledge(Actor("eve", {"water": frozenset({Role.REPORTER})}), copy)
    seen = acknowledge(Actor("ann", {MODEL: frozenset({Role.REPORTER})}), copy)
    assert (seen.seen_by, acknowledge(ANNA, copy).seen_by) == ("ann", "ann")
    assert not copies(receiver="department", unseen=True).exists()


TERMS: list[tuple[str, str, date, int]] = []


def running(models: list[str]) -> list[tuple[str, str, date, int]]:
    """The provider of terms of verification."""
    return [t for t in TERMS if t[0] in models]


RULE = """
[[alert]]
id = "test-verification-{name}"
label = "核实期限"
label_en = "Term"
weight = "warning"
verification = {{ models = ["{model}"], {when} }}
tell = ["department"]
department = "{model}"
text = "{{model}}/{{step}}/{{count}}/{{date}}/{{days}}"
text_en = "{{model}}/{{step}}/{{count}}/{{date}}/{{days}}"
basis = "试验"
"""
STEP = """
[[verification]]
id = "second"
label = "复核"
label_en = "Second look"
who = "处长"
holds = true
working_days = 5

[[told]]"""


def test_a_term_of_verification_is_told_before_and_after_it_ends_once_each(
    policy_copy: object, settings: object
) -> None:
    """R-144, F-15: the department that must verify is told in time and when it is late, with step, number and day; nobody
    is named. A term that is not near says nothing, and each term speaks for itself."""
    folder = policy_copy / "departments/ecology-environment"  # type: ignore[operator]
    model = folder / "evaluation.toml"
    model.write_text(model.read_text("utf-8").replace("[[told]]", STEP, 1), "utf-8")
    rules = "".join(
        RULE.format(name=n, when=w, model=MODEL) for n, w in {"due": "within_days = 3", "late": "late_days = 1"}.items()
    )
    (folder / "alerts.toml").write_text((folder / "alerts.toml").read_text("utf-8") + rules, "utf-8")
    settings.CHENGXIN_GRADE_TERMS = ""  # type: ignore[attr-defined]
    silent = find(TODAY, "test").not_run
    assert silent["test-verification-due"] == silent["test-verification-late"] == "no-verification"
    settings.CHENGXIN_GRADE_TERMS = "tests.supervision.test_alerts.running"  # type: ignore[attr-defined]
    end, far = TODAY + timedelta(days=4), TODAY + timedelta(days=40)
    TERMS[:] = [(MODEL, "second", end, 12), (MODEL, "second", far, 3), ("taxation", "review", end, 9)]
    assert find(TODAY, "test").told == 0
    assert find(TODAY + timedelta(days=1), "test").by_rule == {"test-verification-due": 1}
    assert find(end, "test").told == 0, "told once for each term, also on its last day"
    label = texts("test-verification-due")[f"department {MODEL}"]
    assert label == f"企事业单位环保信用评价/复核/12/{end}/3"
    TERMS[0] = (MODEL, "second", end, 2)
    assert find(end + timedelta(days=1), "test").by_rule == {"test-verification-late": 1}
    assert texts("test-verification-late")[f"department {MODEL}"].endswith(f"/复核/2/{end}/1")
    assert find(end + timedelta(days=9), "test").told == 0
    assert set(Alert.objects.values_list("subject_id", "whom")) == {(None, MODEL)}
    assert jobs.follow(TODAY).alerts == 0, "the change feed knows nothing of terms"
