"""Applying page by page: asked what the packs ask, told what is wrong, sent once (W-09, W-10, R-212, R-242, F6)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from chengxin.cases.models import Attachment, Case
from chengxin.registry.models import Record

from . import house as h

pytestmark = pytest.mark.once


def test_the_start_says_what_is_needed_and_how_long_it_takes(record: Record) -> None:
    page = h.boss().get(f"{h.my('apply', 'objection')}?record={record.pk}")
    for said in ("异议类型", "事实和理由", "证明材料（有就附上）", "5 个工作日", "开始填写", "苏环罚〔2026〕7号"):
        assert said in page.text


def test_everything_that_is_offered_can_be_begun(record: Record) -> None:
    boss = h.boss()
    choose = boss.get(h.my("apply"))
    offered = [card.href for card in choose.context["cards"]]
    assert {h.my("apply", p) for p in ("objection", "repair", "commitment", "declaration", "complaint")} <= set(offered)
    assert all(boss.get(href).status_code == 200 for href in offered)
    assert offered[:2] == [h.my("apply", "objection"), h.my("apply", "repair")], (
        "what most people come for stands first"
    )


def test_whoever_does_not_speak_for_a_subject_is_told_what_to_do_and_nothing_of_it(record: Record) -> None:
    """The public page of every subject leads here: a dead end without a next step would be the answer for almost everybody."""
    page = h.boss().get(h.my("reports", code=h.OTHER))
    assert page.status_code == 404
    assert f"现在不代表代码为“{h.OTHER}”的单位" in page.text and "实名核验" in page.text and "泊禾" not in page.text
    assert "现在不代表" in h.boss().get(h.my("reports", code="91320100QX26NOBODY")).text, "nor whether there is one"


def test_an_objection_is_asked_checked_and_sent_with_its_file(record: Record) -> None:
    boss = h.boss()
    where, about = h.my("apply", "objection"), f"?record={record.pk}"
    answer = boss.post(f"{where}/questions{about}", {"ask_claim": "事实有误", "ask_statement": "数据不实。"})
    assert answer["Location"] == f"{where}/changes{about}"
    assert "现在是：超标排放水污染物" in boss.get(f"{where}/changes{about}").text
    boss.post(f"{where}/changes{about}", {"change_changes_violation": "未保存监测记录"})
    boss.post(f"{where}/materials{about}", {"file_proof": h.pdf()})
    check = boss.get(f"{where}/check{about}")
    for said in ("数据不实。", "改为：未保存监测记录", "证明.pdf"):
        assert said in check.text
    sent = boss.post(f"{where}/check{about}")
    case = Case.objects.get()
    assert sent["Location"].endswith("/sent")
    assert case.form == {"claim": "事实有误", "statement": "数据不实。", "changes": {"violation": "未保存监测记录"}}
    assert Attachment.objects.get().file_name == "证明.pdf"
    assert not any(f for f in (Path(settings.HOME) / "drafts").rglob("*") if f.is_file())
    assert case.number in boss.get(sent["Location"]).text


def test_sending_twice_is_one_case(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    again = boss.post(f"{h.my('apply', 'objection')}/check?record={record.pk}")
    assert again.status_code == 302
    assert again["Location"].endswith("/sent")
    assert list(Case.objects.all()) == [case]


def test_nothing_is_sent_before_every_page_was_answered(record: Record) -> None:
    boss = h.boss()
    where, about = h.my("apply", "objection"), f"?record={record.pk}"
    answer = boss.post(f"{where}/check{about}")
    assert answer["Location"] == f"{where}/questions{about}"
    assert not Case.objects.exists()


def test_wrong_answers_are_named_and_come_back_with_the_page(record: Record) -> None:
    boss = h.boss()
    where, about = h.my("apply", "objection"), f"?record={record.pk}"
    page = boss.post(f"{where}/questions{about}", {"ask_claim": "不喜欢", "ask_statement": ""})
    assert page.status_code == 422
    assert "请填写「事实和理由」。" in page.text
    assert 'role="alert"' in page.text
    file = SimpleUploadedFile("a.pdf", b"MZ\x90\x00\x03binary")
    page = boss.post(f"{where}/materials{about}", {"file_proof": file})
    assert page.status_code == 422
    assert "「证明材料」附的是认不出类型的文件" in page.text


def test_a_repair_that_comes_too_early_is_told_so_beforehand_and_reviewed_if_sent(record: Record) -> None:
    boss = h.boss()
    where, about = h.my("apply", "repair"), f"?record={record.pk}"
    assert "现在还不能通过" in boss.get(f"{where}{about}").text
    boss.post(f"{where}/questions{about}", {"ask_corrected": "是", "ask_duties_done": "是", "ask_truth": "on"})
    boss.post(f"{where}/materials{about}", {"file_commitment": h.pdf()})
    answer = boss.post(f"{where}/check{about}")
    case = Case.objects.get()
    assert unquote(answer["Location"]) == h.my("cases", case.number, "sent"), (
        "reviewers decide, with reasons and remedy (G-05)"
    )
    assert (case.procedure, case.closed_on, Record.objects.get(pk=record.pk).standing) == (
        "repair",
        None,
        record.standing,
    )


def test_an_agent_needs_the_mandate_for_what_asks_for_it(record: Record) -> None:
    agent = h.agent("declaration")
    page = agent.get(h.my("apply", "declaration"))
    assert "委托书（必须）" in page.text
    assert "委托书" not in h.boss().get(h.my("apply", "declaration")).text


def test_a_commitment_is_chosen_by_its_text(record: Record) -> None:
    boss = h.boss()
    start = boss.get(h.my("apply", "commitment"))
    template = start.context["templates"][0]
    assert template["content"] in start.text
    page = boss.get(f"{h.my('apply', 'commitment', 'questions')}?template={template['id']}")
    assert page.context["form"]["ask_template"].value() == template["id"]
    assert template["consequence"] in page.text


def test_a_person_may_complain_without_any_subject(store: object) -> None:
    person = h.client("陈禾")
    where = h.my("apply", "complaint", code="me")
    given = {
        "ask_body": "ecology-environment",
        "ask_matter": "拖欠工程款",
        "ask_field": "拖欠账款",
        "ask_statement": "合同到期未付。",
    }
    assert person.post(f"{where}/questions", given).status_code == 302
    person.post(f"{where}/materials", {})
    sent = person.post(f"{where}/check")
    case = Case.objects.get()
    assert (case.opened_by, case.subject_code) == ("陈禾", "")
    assert case.number in person.get(sent["Location"]).text
    assert case.number in person.get(h.my("cases", code="me")).text
    assert h.client("别人").get(h.my("cases", case.number, code="me")).status_code == 404


def test_the_record_of_another_is_no_matter_of_ours(record: Record) -> None:
    stranger = h.client("泊禾代表", ("bohe", "representative"))
    where = h.my("apply", "objection", code=h.OTHER)
    assert stranger.get(f"{where}?record={record.pk}").status_code == 404
    for wrong in ("abc", "-1", "9" * 30, "٣"):
        assert stranger.get(f"{where}?record={wrong}").status_code == 404
