"""The subject sees everything that is held of it, what of it is public until when, and what can be done (R-080, R-219)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from chengxin.accounts.models import Role
from chengxin.audit.models import Look
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Record
from chengxin.supervision.models import Listing, ListingState, ListingStep
from chengxin.supervision.packs import lists_on

from . import house as h

pytestmark = pytest.mark.once


def test_the_profile_tells_what_everybody_sees_and_what_not_and_why(record: Record) -> None:
    hidden = h.again(record, 8)
    change_standing(hidden.pk, "withdraw", Because("steward", "撤销"))
    page = h.boss().get(h.my())
    assert "苏环罚〔2026〕7号" in page.text
    assert "公开到 " in page.text
    assert "苏环罚〔2026〕8号" in page.text
    assert "不公开：已撤回" in page.text
    only = h.boss().get(h.my() + "?show=closed")
    assert "苏环罚〔2026〕8号" in only.text
    assert f"/records/{record.pk}" not in only.text.split('id="records"')[1]


def test_a_look_at_oneself_is_on_record_like_every_other(record: Record) -> None:
    h.boss().get(h.my())
    look = Look.objects.get()
    assert (look.subject, look.audience, look.actor, look.records) == (h.CODE, "self", "林知夏", 1)


def test_a_record_says_from_when_it_may_be_repaired_and_what_is_lacking(record: Record) -> None:
    page = h.boss().get(h.my("records", record.pk))
    assert record.repair_from
    assert f"可于 {record.repair_from.year}年{record.repair_from.month}月{record.repair_from.day}日起申请" in page.text
    assert "现在还差：" in page.text
    assert "提出异议" in page.text
    assert "超标排放水污染物" in page.text
    assert "变更经过" in page.text


def test_a_record_that_may_be_repaired_now_offers_it(record: Record) -> None:
    Record.objects.filter(pk=record.pk).update(repair_from="2020-01-01")
    page = h.boss().get(h.my("records", record.pk))
    assert "现在可以申请" in page.text
    assert "现在还差" not in page.text


def test_a_record_under_objection_leads_to_its_case_instead(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    page = boss.get(h.my("records", record.pk))
    assert case.number in page.text
    assert "apply/objection" not in page.text


def test_the_record_of_another_subject_does_not_exist(record: Record) -> None:
    stranger = h.client("泊禾代表", ("bohe", Role.REPRESENTATIVE))
    assert stranger.get(h.my("records", record.pk, code=h.OTHER)).status_code == 404


def test_ten_times_the_records_ask_no_more_of_the_database(record: Record, django_assert_max_num_queries: Any) -> None:
    boss = h.boss()
    with django_assert_max_num_queries(40) as few:
        boss.get(h.my())
    for number in range(10, 30):
        h.again(record, number)
    with django_assert_max_num_queries(len(few.captured_queries)):
        boss.get(h.my())


def test_a_risk_class_and_a_proposal_that_was_not_notified_are_not_told(record: Record) -> None:
    boss = h.boss()
    assert boss.get(h.my("grades", "commerce-warning")).status_code == 404
    listed = next(id for id, v in lists_on(timezone.localdate()).items() if v.list.decided_here)
    rules = lists_on(timezone.localdate())[listed]
    entry = Listing.objects.create(
        list=listed, list_version=rules.version, effect=rules.list.effect, department=rules.list.department,
        subject=record.subject, reason="屡次违法", proposed_on=timezone.localdate(), state=ListingState.PROPOSED,
    )  # fmt: skip
    assert boss.get(h.my("lists", entry.pk)).status_code == 404
    Listing.objects.filter(pk=entry.pk).update(state=ListingState.NOTIFIED)
    told = boss.get(h.my("lists", entry.pk))
    assert "屡次违法" in told.text
    assert "救济途径" in told.text
    assert rules.list.label in boss.get("/my").text


def test_the_subject_answers_a_notice_before_it_is_decided_and_not_after(record: Record) -> None:
    """G-05: told beforehand, heard, and the words kept with the entry."""
    entry = notified(record)
    boss = h.boss()
    where = h.my("lists", entry.pk, "answer")
    assert "决定以前可以陈述申辩" in boss.get("/my").text
    assert where in boss.get(h.my("lists", entry.pk)).text
    assert boss.post(where, {"text": "x"}).status_code == 422
    assert boss.post(where, {"outcome": "statement", "text": ""}).status_code == 422
    assert boss.post(where, {"outcome": "statement", "text": "已经改正，附整改报告。"}).status_code == 302
    step = entry.steps.latest("pk")
    assert (step.kind, step.outcome, step.actor, step.text) == (
        "answer",
        "statement",
        "林知夏",
        "已经改正，附整改报告。",
    )
    assert h.agent("look").post(where, {"outcome": "statement", "text": "代办"}).status_code in (403, 422)
    assert entry.steps.filter(actor="代办员").count() == 0
    ListingStep.objects.create(listing=entry, kind="decision", actor="审核", on=timezone.localdate(), outcome="list")
    assert boss.post(where, {"outcome": "statement", "text": "晚了"}).status_code == 404
    stranger = h.client("泊禾代表", ("bohe", Role.REPRESENTATIVE))
    assert stranger.get(h.my("lists", entry.pk, "answer", code=h.OTHER)).status_code == 404


def test_the_letters_of_a_list_are_the_subjects_to_keep_and_nobody_elses(record: Record) -> None:
    entry = notified(record)
    plain = ListingStep.objects.get(listing=entry, kind="notice")
    boss, where = h.boss(), h.my("lists", entry.pk)
    assert boss.get(f"{where}/letters/{plain.pk}").status_code == 404, "a step without a number left no letter"
    served = ListingStep.objects.create(
        listing=entry,
        kind="decision",
        actor="审核",
        on=timezone.localdate(),
        outcome="list",
        document="苏名决〔2026〕9号",
    )
    inside = ListingStep.objects.create(
        listing=entry, kind="review", actor="审核", on=timezone.localdate(), outcome="agree", document="内审9号"
    )
    html = boss.get(where).text
    assert f"{where}/letters/{served.pk}" in html and "苏名决〔2026〕9号" in html
    assert f"letters/{inside.pk}" not in html and boss.get(f"{where}/letters/{inside.pk}").status_code == 404
    answer = boss.get(f"{where}/letters/{served.pk}")
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    stranger = h.client("泊禾代表", ("bohe", Role.REPRESENTATIVE))
    for code in (h.OTHER, h.CODE):
        assert stranger.get(h.my("lists", entry.pk, "letters", served.pk, code=code)).status_code in (403, 404)


def notified(record: Record) -> Listing:
    """An entry of which the subject has been told."""
    today = timezone.localdate()
    name, rules = next((id, v) for id, v in lists_on(today).items() if any(s.kind == "notice" for s in v.list.steps))
    entry = Listing.objects.create(
        list=name, list_version=rules.version, effect=rules.list.effect, department=rules.list.department,
        subject=record.subject, reason="屡次违法", proposed_on=today, state=ListingState.NOTIFIED,
    )  # fmt: skip
    for kind in ("proposal", "notice"):
        ListingStep.objects.create(listing=entry, kind=kind, actor="报送", on=today, text="屡次违法")
    return entry
