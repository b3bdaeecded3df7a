"""What a list or a grade means for a matter, with basis; what bodies owe because of it, and lifting (F-14, R-187 to R-201)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.accounts.rules import Denied
from chengxin.policy.measures import Measures
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.supervision import jobs
from chengxin.supervision.lists.queries import public_entries
from chengxin.supervision.measures.actions import Checks, NotPossible, lift, respond, use
from chengxin.supervision.measures.matching import reconcile
from chengxin.supervision.measures.queries import check, check_all, effects, overdue, to_lift
from chengxin.supervision.models import Enforcement, Listing

from .helpers import ANNA, BOHE, YUNLING, penalty, row, send, subject

pytestmark = pytest.mark.usefixtures("store")
MODEL = "ecology-environment"
TODAY = timezone.localdate()
ALL = Checks(True, True, True)


@pytest.fixture(autouse=True)
def register(store: object, graded: list[tuple[int, str, str, int, date]]) -> None:
    send(penalty(1, YUNLING, "苏州云岭精密机械有限公司", "1号"), penalty(2, BOHE, "南京泊禾商贸有限公司", "2号"))
    graded.append((subject(YUNLING).pk, MODEL, "red", 3, date(2026, 5, 1)))
    graded.append((subject(BOHE).pk, MODEL, "green", 0, date(2026, 5, 1)))


def test_the_check_answers_with_the_strongest_measure_and_each_basis() -> None:
    """R-187, R-188: one call, subject and matter; association and proportionality come with it."""
    strict = check(YUNLING, "environment-funds")
    assert (strict.answer, strict.reason) == ("must-limit", "")
    (finding,) = strict.findings
    assert "四（六）" in finding.basis and finding.association and finding.proportionality
    assert finding.cause_label == "企事业单位环保信用评价：红色"
    assert check(BOHE, "environment-funds").answer == "may-favour"


@pytest.mark.parametrize(
    ("code", "matter", "reason"),
    [
        (YUNLING, "bidding", "no-measure"),
        ("91320000000000000X", "environment-funds", "unknown-subject"),
        (YUNLING, "gossip", "unknown-matter"),
    ],
)
def test_a_matter_without_a_basis_gets_no_answer_and_says_so(code: str, matter: str, reason: str) -> None:
    answer = check(code, matter)
    assert (answer.answer, answer.findings, answer.reason) == ("", (), reason)


def test_nothing_is_ever_measured_against_a_person(graded: list[tuple[int, str, str, int, date]]) -> None:
    """G-13: a grade that some provider gives a person has no effect here."""
    person = Subject.objects.create(
        scheme="person",
        code="1" * 64,
        kind="natural_person",
        name="林知夏",
        name_key="林知夏",
        updated_at=timezone.now(),
    )
    graded.append((person.pk, MODEL, "black", 4, date(2026, 5, 1)))
    assert check(person.code, "environment-funds").reason == "natural-person"
    reconcile(TODAY, "test")
    assert not Enforcement.objects.filter(subject_id=person.pk).exists()


def test_bodies_answer_with_three_judgements_and_confirm_lifting(graded: list[tuple[int, str, str, int, date]]) -> None:
    """R-189, R-201: initiate, respond, feed back; the grade recovers, lifting is confirmed, laggards are named."""
    assert reconcile(TODAY, "test").began == 4
    assert (reconcile(TODAY, "test").began, Enforcement.objects.count()) == (0, 4)
    first, second = Enforcement.objects.order_by("pk")[:2]
    assert first.respond_by and first.respond_by > TODAY
    late = TODAY + timedelta(days=30)
    assert [e.pk for e in overdue(late)] == list(Enforcement.objects.order_by("pk").values_list("pk", flat=True))
    with pytest.raises(NotPossible, match="逐项确认"):
        respond(ANNA, first, "accepted", Checks(True, True, False), "已暂停")
    with pytest.raises(NotPossible, match="请写明"):
        respond(ANNA, first, "accepted", ALL, " ")
    with pytest.raises(Denied):
        respond(Actor("eve", {"water": frozenset({Role.REPORTER})}), first, "accepted", ALL, "x")
    respond(ANNA, first, "accepted", ALL, "已暂停本年度补助")
    respond(ANNA, second, "not-applicable", ALL, "没有申请")
    with pytest.raises(NotPossible, match="仍然有效"):
        lift(ANNA, first)
    graded[0] = (graded[0][0], MODEL, "blue", 1, TODAY)
    assert reconcile(TODAY, "test").ended == 4
    with pytest.raises(NotPossible, match="已经终止"):
        respond(ANNA, first, "accepted", ALL, "x")
    lift(ANNA, first)
    assert [(r["agency"], r["ended"], r["lifted"], r["late"]) for r in to_lift(late)] == [(MODEL, 3, 1, 2)]
    assert {e.pk for e in overdue(late)}.isdisjoint({first.pk, second.pk})


def test_a_measure_for_a_grade_says_the_way_out_that_the_packs_say() -> None:
    """R-180, G-05: the words are those of the file that declares the answer."""
    (pack,) = [p for p in policies().of(Measures) if p.by_grade]
    found = next(f for f in check(BOHE, "environment-funds").findings if f.cause.startswith("grade:"))
    assert pack.by_grade and (found.exit, found.remedy) == (pack.by_grade.exit, pack.by_grade.remedy)
    assert (found.exit_en, found.remedy_en) == (pack.by_grade.exit_en, pack.by_grade.remedy_en)


def test_the_effect_list_holds_what_was_really_done_in_the_month() -> None:
    """R-191: subject, measure, department, day, specific matter; a use without a basis is not recorded."""
    use(ANNA, "environment-green-channel", MODEL, BOHE, "discharge-permit", "许可证延续三日办结")
    with pytest.raises(NotPossible, match="没有这项措施的依据"):
        use(ANNA, "environment-green-channel", MODEL, YUNLING, "discharge-permit", "x")
    (line,) = effects(f"{TODAY:%Y-%m}")
    assert (line["code"], line["agency"], line["on"], line["matter"]) == (BOHE, MODEL, TODAY, "discharge-permit")


def test_a_list_decided_elsewhere_comes_and_goes_with_its_records(policy_copy: object) -> None:
    """A mirrored list: the record lists, its repair unlists, and the measures follow (R-173, R-201)."""
    jobs.daily(TODAY)
    assert not Listing.objects.exists()
    ruling = row(
        9, YUNLING, "苏州云岭精密机械有限公司", "（2026）苏05执1号", content={"removed": "否"}, expires_on=None
    )
    send(ruling, item="judgment-defaulter", source="court")
    work = jobs.follow(TODAY)
    assert work.mirrored == 1 and check(YUNLING, "bidding").answer == "must-refuse"
    assert Enforcement.objects.filter(measure="test-bidding-bar", ended_on=None).count() == 1
    assert public_entries("test-defaulters", TODAY).count() == 1
    Record.objects.filter(item="judgment-defaulter").update(public_until=TODAY - timedelta(days=1))
    assert not public_entries("test-defaulters", TODAY).exists(), "shown as long as its record is"
    change_standing(Listing.objects.get().record, "dispute", Because("x", "异议"))
    assert jobs.follow(TODAY).removed == 0, "an objection alone undoes nothing"
    change_standing(Listing.objects.get().record, "repair", Because("x", "已履行"))
    work = jobs.follow(TODAY)
    assert (work.removed, Listing.objects.get().ending) == (1, "removed")
    assert check(YUNLING, "bidding").reason == "no-measure"
    assert not Enforcement.objects.filter(measure="test-bidding-bar", ended_on=None).exists()


def test_a_batch_of_subjects_is_answered_in_order_and_by_former_identifiers() -> None:
    Subject.objects.get(code=BOHE).identifiers.create(scheme="registration_number", value="320100000000001")
    codes = [BOHE, "nobody", YUNLING, "320100000000001", BOHE]
    answers = list(check_all(codes, "environment-funds"))
    assert [a.answer for a in answers] == ["may-favour", "", "must-limit", "may-favour", "may-favour"]
