"""A case as its subject follows it: where it stands, by when, what it must do, its letters and materials (F-26, R-212)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chengxin.cases import actions
from chengxin.cases.models import Case
from chengxin.registry.models import Record

from ..cases import world as w
from . import house as h

pytestmark = pytest.mark.once


def test_a_case_tells_where_it_stands_what_follows_and_how_many_days_are_left(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    page = boss.get(h.my("cases", case.number))
    assert "您的异议申请已收到，等待受理。" in page.text
    assert "信源单位核查中" in page.text
    assert "个工作日" in page.text
    assert "接下来由数据管理员办理" in page.text
    assert "违法行为类型 → 未保存监测记录" in page.text
    listed = boss.get(h.my("cases"))
    assert case.number in listed.text


def test_what_was_sent_back_waits_on_the_first_page_and_is_completed_there(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    actions.act(w.STEWARD, case.number, "return", reason="请补充监测报告")
    home = boss.get("/my")
    assert home.context["counts"][0].value == 1
    assert case.number in home.text
    page = boss.get(h.my("cases", case.number, "steps", "supplement"))
    assert "数据来自停用的设备。" in page.text
    sent = {"ask_claim": "事实有误", "ask_statement": "附监测报告。", "file_proof": h.pdf("监测报告.pdf"),
            "expect_field": page.context["form"]["expect_field"].value(), "key_field": "k1"}  # fmt: skip
    assert boss.post(h.my("cases", case.number, "steps", "supplement"), sent).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.form["statement"]) == ("filed", "附监测报告。")
    assert boss.get("/my").context["counts"][0].value == 0


def test_who_acts_on_an_older_state_is_told_and_nothing_happens(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    page = boss.post(h.my("cases", case.number, "steps", "withdraw"), {"expect_field": case.moves - 1})
    assert page.status_code == 422
    assert "不能这样办理" in page.text
    assert Case.objects.get().closed_on is None


def test_an_application_can_be_withdrawn_until_it_is_decided(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    assert "这个办件就结束了" in boss.get(h.my("cases", case.number, "steps", "withdraw")).text
    boss.post(h.my("cases", case.number, "steps", "withdraw"), {"expect_field": case.moves})
    assert Case.objects.get().outcome == "withdrawn"
    assert boss.get(h.my("cases", case.number, "steps", "withdraw")).status_code == 404


def test_nobody_takes_the_steps_of_the_office_here(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    assert boss.post(h.my("cases", case.number, "steps", "accept"), {}).status_code == 404


def test_letters_and_materials_are_downloaded_by_those_they_concern(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    actions.act(w.STEWARD, case.number, "accept")
    letter, file = case.letters.get(), case.attachments.get()
    page = boss.get(h.my("cases", case.number))
    assert letter.title in page.text
    got = boss.get(h.my("cases", case.number, "letters", letter.pk))
    assert got.content.startswith(b"%PDF")
    kept = boss.get(h.my("cases", case.number, "materials", file.pk))
    assert b"".join(kept.streaming_content) == w.PDF
    assert kept["Content-Disposition"].startswith("attachment")
    stranger = h.client("泊禾代表", ("bohe", "representative"))
    for part in (("letters", letter.pk), ("materials", file.pk)):
        assert stranger.get(h.my("cases", case.number, *part, code=h.OTHER)).status_code == 404


def test_further_material_is_taken_and_a_wrong_one_refused(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    where = h.my("cases", case.number, "materials")
    assert boss.post(where, {"material": "proof"}).status_code == 422
    assert boss.post(where, {"material": "proof", "file": h.pdf("补充.pdf")}).status_code == 302
    assert case.attachments.count() == 2


def test_an_order_to_rectify_waits_for_its_report(record: Record) -> None:
    """A case that the office opened about the subject: what it must hand in stands on its first page, with its day."""
    form = {"facts": "超标排放", "demand": "限期整改", "term": (timezone.localdate() + timedelta(days=7)).isoformat()}
    case = w.opened(
        "rectification", w.REPORTER, on=timezone.localdate(), record=record.pk, form=form, files=(w.upload("order"),)
    )
    actions.act(w.AUDITOR, case.number, "order", reason="限期整改")
    boss = h.boss()
    assert case.number in boss.get("/my").context["waiting"].rows[0][0].text
    where = h.my("cases", case.number, "steps", "report")
    page = boss.post(where, {})
    assert page.status_code == 422
    assert "请附上「整改报告和证明」。" in page.text
    assert boss.post(where, {"file_report": h.pdf("整改报告.pdf")}).status_code == 302
    case.refresh_from_db()
    assert case.state == "reported"


def test_many_cases_ask_no_more_of_the_database(record: Record, django_assert_max_num_queries: Any) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    boss.get("/my")
    for path in ("/my", h.my("cases")):
        with django_assert_max_num_queries(60) as few:
            boss.get(path)
        for _ in range(8):
            again(case)
        with django_assert_max_num_queries(len(few.captured_queries)):
            boss.get(path)


def again(case: Case) -> Case:
    """The same case under another number, about no record."""
    copy = Case.objects.get(pk=case.pk)
    copy.pk, copy.number, copy.key, copy.record = None, f"{case.number}-{Case.objects.count()}", "", None
    copy.save()
    return copy
