"""Handling cases in the browser: whose turn it is, what is known, the decision with its letter (F-07, R-024, R-228, R-245)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from chengxin.accounts.models import User
from chengxin.audit.models import Look
from chengxin.cases import actions, jobs
from chengxin.cases.models import Case, Letter, Sample
from chengxin.registry.models import Record, Standing
from chengxin.reports.models import Report

from ..cases import world as w
from . import case_desk as cd

pytestmark = pytest.mark.once


@pytest.fixture
def desk(scene: Any) -> tuple[dict[str, Client], Record]:
    return scene(cd.settle)  # type: ignore[no-any-return]


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, (response.status_code, response.content.decode()[:3000])
    return str(response.content.decode())


def at(case: Case, step: str = "") -> str:
    return reverse("case-step", args=[case.number, step]) if step else reverse("case", args=[case.number])


def hidden(html: str) -> dict[str, str]:
    """What the page carries on by itself, as a browser would send it back."""
    return dict(re.findall(r'<input type="hidden" name="(expect_field|key_field)" value="([^"]*)"', html))


def take(client: Client, case: Case, step: str, **given: str) -> str:
    """Fill in, check, confirm; the page of the case afterwards."""
    form = {**hidden(text(client.get(at(case, step)))), **given}
    text(client.post(at(case, step), {**form, "stage": "check"}))
    return text(client.post(at(case, step), {**form, "stage": "confirm"}, follow=True))


def test_a_party_that_opens_the_page_of_the_staff_leaves_no_refusal_in_its_own_book(desk) -> None:
    """G-10: the subject's own people look by no duty; the page sends them to their own space instead of trying."""
    people, record = desk
    case = cd.repair(record)
    html = text(people["boss"].get(at(case)))
    assert "请在「我的信用」里看" in html
    assert not Look.objects.filter(actor="boss").exists()


# -- the queue ------------------------------------------------------------------------------------------------------


def test_the_queue_says_whose_turn_it_is_and_until_when(desk) -> None:
    people, record = desk
    case = cd.repair(record)
    mine = text(people["first"].get("/workbench/cases"))
    assert case.number in mine and "还剩 3 个工作日" in mine and w.NAME in mine
    assert case.number not in text(people["second"].get("/workbench/cases"))
    waiting = text(people["second"].get("/workbench/cases?which=waiting"))
    assert case.number in waiting and "初审员" in waiting
    assert case.number not in text(people["stranger"].get("/workbench/cases?which=waiting"))


def test_late_cases_and_urgings_are_seen(desk) -> None:
    people, record = desk
    long_ago = cd.TODAY - timedelta(days=40)
    case = cd.repair(record, on=long_ago)
    jobs.run(cd.TODAY, "system")
    html = text(people["first"].get("/workbench/cases?which=late"))
    assert case.number in html and "已逾期" in html and "次催办" in html


def test_filters_narrow_and_wrong_values_narrow_nothing(desk) -> None:
    people, record = desk
    case, other = cd.repair(record), cd.objection(record)
    steward = people["steward"]
    assert other.number in text(steward.get("/workbench/cases?procedure=objection"))
    assert case.number not in text(steward.get("/workbench/cases?which=waiting&procedure=objection"))
    narrow = f"/workbench/cases?which=waiting&q={w.YUNLING}&state=repair:filed"
    assert case.number in text(steward.get(narrow))
    assert case.number not in text(steward.get(f"{narrow}&due=soon")), (
        "its procedure reminds only on the last day but one"
    )
    assert "没有符合条件的办件" in text(steward.get("/workbench/cases?q=没有这个"))
    assert other.number in text(steward.get("/workbench/cases?state=x&unit=y&due=z&which=q&page=zz"))


# -- one case -------------------------------------------------------------------------------------------------------


def test_side_by_side_with_the_record_and_what_is_asked_for(desk) -> None:
    """R-246, R-250: what the subject says, the record as it is held, the change; the look is the subject's to see."""
    people, record = desk
    case = cd.objection(record)
    html = text(people["steward"].get(at(case)))
    assert "罚款金额写错了。" in html and "超标排放大气污染物" in html and "超标排放水污染物" in html
    assert "要求更正为" in html and "办理期限" in html and "2023年江苏省公共信用信息工作要点" in html
    look = Look.objects.filter(subject=w.YUNLING, actor="steward").latest("pk")
    assert (look.basis, look.purpose, look.for_whom, look.records) == ("case", case.number, "centre", 1)


def test_a_case_of_others_does_not_exist(desk) -> None:
    people, record = desk
    case = cd.objection(record)
    attachment = case.attachments.get().pk
    for path in (at(case), at(case, "accept"), f"{at(case)}/materials/{attachment}", f"{at(case)}/letters/x"):
        text(people["stranger"].get(path), 404)
        assert people["nobody"].get(path).status_code == 302
    text(people["steward"].get("/workbench/cases/没有"), 404)


def test_evidence_is_shown_only_where_it_cannot_act(desk) -> None:
    people, record = desk
    case = cd.objection(record)
    path = reverse("case-evidence", args=[case.number, case.attachments.get().pk])
    shown = people["steward"].get(path)
    assert shown["Content-Type"] == "application/pdf" and shown["Content-Disposition"].startswith("inline")
    saved = people["steward"].get(path + "?save")
    assert saved["Content-Type"] == "application/octet-stream" and "attachment" in saved["Content-Disposition"]
    assert b"".join(saved.streaming_content) == w.PDF


# -- deciding --------------------------------------------------------------------------------------------------------


def test_two_reviewers_repair_and_the_letter_was_read_before(desk) -> None:
    """R-228: first and second review by two people, each with reasons; the letter stands on the page before it is sent."""
    people, record = desk
    case = cd.repair(record)
    assert "已受理" in take(people["first"], case, "accept")
    take(people["first"], case, "first-review", reason_field="材料齐全")
    form = {**hidden(text(people["second"].get(at(case, "approve")))), "reason_field": "条件具备，同意修复"}
    checked = text(people["second"].post(at(case, "approve"), {**form, "stage": "check"}))
    assert "将要发出的文书" in checked and "条件具备，同意修复" in checked and "尚未编号" in checked
    preview = people["second"].post(at(case, "approve") + "/letter.pdf", form)
    assert preview["Content-Type"] == "application/pdf" and preview.content.startswith(b"%PDF-")
    before = Letter.objects.count()
    done = text(people["second"].post(at(case, "approve"), {**form, "stage": "confirm"}, follow=True))
    assert "已修复" in done and Letter.objects.count() == before + 1
    record.refresh_from_db()
    assert record.standing == Standing.REPAIRED
    letter = Letter.objects.latest("pk")
    assert people["second"].get(reverse("case-letter", args=[case.number, letter.number])).content.startswith(b"%PDF-")


def test_whoever_reviewed_first_is_told_why_not_second(desk) -> None:
    people, record = desk
    case = cd.repair(record)
    take(people["both"], case, "accept")
    html = take(people["both"], case, "first-review", reason_field="齐全")
    assert "须由另一位经办人处理" in html
    assert "须由另一位经办人处理" in text(people["both"].get(at(case, "approve")), 403)
    assert "复审员" in text(people["first"].get(at(case)))


def test_of_two_at_once_the_slower_is_told(desk) -> None:
    people, record = desk
    case = cd.repair(record)
    form = {**hidden(text(people["first"].get(at(case, "accept")))), "stage": "confirm"}
    actions.act(cd.actor("both"), case.number, "return", reason="请补交")
    html = text(people["first"].post(at(case, "accept"), form, follow=True))
    assert "可能别人刚刚办理过" in html and "待补正" in html
    actions.act(cd.actor("boss"), case.number, "supplement")
    html = text(people["first"].post(at(case, "accept"), form, follow=True))  # same state again, but not what was seen
    assert "可能别人刚刚办理过" in html


def test_a_second_click_is_one_act(desk) -> None:
    people, record = desk
    case = cd.repair(record)
    form = {**hidden(text(people["first"].get(at(case, "accept")))), "stage": "confirm"}
    for _click in range(2):
        text(people["first"].post(at(case, "accept"), form, follow=True))
    assert case.events.filter(step="accept").count() == 1


def test_what_is_not_met_is_told_with_its_remedy(desk) -> None:
    """R-242: the reason and what can be done stand where the step would be."""
    people, record = desk
    case = cd.opened("repair", "boss", "commitment", record=record.pk, form=cd.DONE | {"duties_done": "否"})
    html = text(people["first"].get(at(case)))
    assert "「受理」还不能办" in html and "缴清罚款" in html
    form = {**hidden(text(people["first"].get(at(case, "accept")))), "stage": "confirm"}
    assert "缴清罚款" in text(people["first"].post(at(case, "accept"), form), 422)


def test_a_missing_reason_is_named(desk) -> None:
    people, record = desk
    case = cd.repair(record)
    html = text(people["first"].post(at(case, "return"), {"stage": "check", "reason_field": " "}), 422)
    assert "请写明理由" in html and 'href="#id_reason_field"' in html


def test_the_source_unit_verifies_and_the_centre_corrects(desk) -> None:
    """R-246: routed to the source unit, which reports its finding; the centre decides; the record is corrected."""
    people, record = desk
    case = cd.objection(record)
    take(people["steward"], case, "accept")
    assert case.number in text(people["auditor"].get("/workbench/cases"))
    take(people["auditor"], case, "verify", ask_finding="应当更正", reason_field="核对原件，确有笔误")
    take(people["steward"], case, "correct", reason_field="核查属实", change_changes_violation="超标排放大气污染物")
    assert w.content(record)["violation"] == "超标排放大气污染物"
    assert "异议处理答复书" in text(people["steward2"].get(at(case)))


def test_evidence_is_added_on_a_page_of_its_own(desk) -> None:
    people, record = desk
    case = cd.objection(record)
    page = reverse("case-attach", args=[case.number])
    macro = SimpleUploadedFile("证明.xlsx", b"\xd0\xcf\x11\xe0" + b"0" * 600)
    assert "可能带宏" in text(people["steward"].post(page, {"material": "proof", "file": macro}), 422)
    assert "请选择文件" in text(people["steward"].post(page, {"material": "proof"}), 422)
    kept = people["steward"].post(
        page, {"material": "proof", "file": SimpleUploadedFile("证明.pdf", w.PDF)}, follow=True
    )
    assert "已收下「证明.pdf」" in text(kept)


# -- opening by staff ---------------------------------------------------------------------------------------------------


def test_a_source_unit_objects_to_its_own_record(desk) -> None:
    """R-247: from the record, with the fields as they are, in one form."""
    people, record = desk
    assert "主动异议" in text(people["reporter"].get("/workbench/cases/new"))
    page = reverse("new-case-of", args=["source-objection"])
    assert f"选这一条 {record.pk}" in text(people["reporter"].get(f"{page}?subject={w.YUNLING}"))
    assert "登记库里没有" in text(people["reporter"].get(f"{page}?subject=9100"), 422)
    form = text(people["reporter"].get(f"{page}?record={record.pk}"))
    assert "现在是：超标排放水污染物" in form
    given = {**hidden(form), "ask_error": "笔误", "change_changes_violation": "超标排放大气污染物"}
    opened = people["reporter"].post(f"{page}?record={record.pk}", given, follow=True)
    assert "已登记，编号 主动异议" in text(opened)
    text(people["stranger"].get(f"{page}?record={record.pk}"), 404)
    text(people["officer"].get(page), 404)


def test_a_list_of_applicants_becomes_a_case_and_its_result(desk) -> None:
    """R-113, R-114: a list of names and codes, for a purpose with its basis; two approvals; the result to take away."""
    people, _record = desk
    sheet = f"企业名称,统一社会信用代码\n{w.NAME},\n没有这家公司,\n".encode()
    given = {"procedure": "credit-review", "file": SimpleUploadedFile("名单.csv", sheet)}
    read = text(people["reporter"].post("/workbench/applicants", given))
    assert "登记库认得 1 个，不认得 1 个" in read and "没有这家公司" in read and w.YUNLING in read
    page = reverse("new-case-of", args=["credit-review"])
    form = text(people["reporter"].get(page))
    assert w.YUNLING in form
    letter = SimpleUploadedFile("公函.pdf", w.PDF)
    answers = {"ask_purpose": "专项资金评审", "ask_basis": "专项资金管理办法", "ask_subjects": w.YUNLING}
    assert "请附上「查询公函」" in text(people["reporter"].post(page, {**hidden(form), **answers}), 422)
    text(people["reporter"].post(page, {**hidden(form), **answers, "file_letter": letter}, follow=True))
    case = Case.objects.get(procedure="credit-review")
    take(people["auditor"], case, "approve", reason_field="确有需要")
    take(people["steward"], case, "release", reason_field="同意")
    html = text(people["reporter"].get(at(case)))
    assert "下载结果" in html and "登记使用情况并销毁" in html
    assert Look.objects.filter(subject=w.YUNLING, basis__contains=case.number).exists()
    result = [case.number, case.attachments.get(material="result").pk]
    for name, begin in (("case-result-xlsx", b"PK"), ("case-result-csv", "\ufeff统一社会信用代码".encode())):
        assert reverse(name, args=result) in html
        table = people["reporter"].get(reverse(name, args=result))
        assert table.content.startswith(begin) and "attachment" in table["Content-Disposition"]
        text(people["stranger"].get(reverse(name, args=result)), 404)
    sheet = people["reporter"].post(reverse("case-sheet", args=[case.number]))
    assert sheet["Content-Type"] == "application/pdf" and Report.objects.get().purpose == "专项资金评审"
    text(people["stranger"].post(reverse("case-sheet", args=[case.number])), 404)


@pytest.mark.parametrize(
    ("given", "told"),
    [({}, "请粘贴名单"), ({"pasted": "  \n"}, "请粘贴名单"), ({"procedure": "repair", "pasted": "x"}, "选择")],
)
def test_a_list_that_is_none_is_told_so(desk, given: dict[str, str], told: str) -> None:
    people, _record = desk
    assert told in text(people["reporter"].post("/workbench/applicants", {"procedure": "credit-review", **given}), 422)
    text(people["steward"].get("/workbench/applicants"), 403)


# -- figures and samples ----------------------------------------------------------------------------------------------------


def test_figures_with_their_goals(desk) -> None:
    people, record = desk
    case = cd.repair(record)
    take(people["first"], case, "return", reason_field="补")
    html = text(people["steward"].get("/workbench/cases/figures"))
    assert "信用修复" in html and "目标不低于 100.0%" in html and "每个接收方都按时回执了" in html
    assert "应当不早于" in text(
        people["steward"].get("/workbench/cases/figures?since=2026-02-01&until=2026-01-01"), 422
    )


def test_reviews_are_checked_by_samples(desk) -> None:
    """R-228: drawn at random, judged by somebody who took no part; a fault is named with its reason."""
    people, record = desk
    case = cd.repair(record)
    take(people["first"], case, "not-accept", reason_field="材料不符")
    drawn = {"procedure": "repair", "count": "5", "since": "2026-01-01", "until": str(cd.TODAY)}
    assert "抽中 1 件" in text(people["steward"].post("/workbench/cases/samples", drawn, follow=True))
    page = reverse("sample", args=[case.number])
    assert "材料不符" in text(people["steward"].get(page))
    wrong = {"verdict": "wrong", "wrong_step": "not-accept"}
    assert "须写明理由" in text(people["steward"].post(page, wrong), 422)
    text(people["steward"].post(page, {**wrong, "finding": "材料其实齐全"}, follow=True))
    assert Sample.objects.get().wrong_step == "not-accept"
    text(people["first"].get("/workbench/cases/samples"), 403)


BUDGET = {"/workbench/cases": 30, "/workbench/cases?which=waiting": 30, "/workbench/cases/figures": 60}


@pytest.mark.parametrize("path", list(BUDGET))
def test_budgets_do_not_grow_with_cases(desk, path: str, django_assert_max_num_queries: Callable[..., Any]) -> None:
    people, record = desk
    cd.repair(record)
    cd.objection(record)
    text(people["steward"].get(path))  # what is remembered by now does not count
    with django_assert_max_num_queries(BUDGET[path]) as few:
        text(people["steward"].get(path))
    for n in range(4):
        other = w.settle(document_number=f"苏环罚〔2026〕9{n}号", decided_on="2026-02-20")
        cd.objection(other)
    with django_assert_max_num_queries(len(few.captured_queries) + 1):
        text(people["steward"].get(path))


def test_budget_of_a_case(desk, django_assert_max_num_queries: Callable[..., Any]) -> None:
    people, record = desk
    case = cd.repair(record)
    with django_assert_max_num_queries(75):
        text(people["first"].get(at(case)))
    assert User.objects.count() == len(cd.PEOPLE)
