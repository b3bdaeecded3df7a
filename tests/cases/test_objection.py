"""An objection (异议): marked at acceptance, verified by its source unit, answered in five working days, effects undone
(R-245 to R-250, G-06, W-19, W-20)."""

from __future__ import annotations

from datetime import date

import pytest

from chengxin.accounts.actors import operator
from chengxin.accounts.models import Organisation
from chengxin.accounts.rules import Denied
from chengxin.audit.models import Event
from chengxin.cases import actions, jobs, queries
from chengxin.cases.errors import CaseRefused, KeyReused, Moved
from chengxin.cases.models import Case, CaseEvent, Notice
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.disclosure import Audience
from chengxin.registry.packs import policies
from chengxin.registry.queries import disclosed, records_of

from . import world as w

FORM = {"claim": "文字有误", "statement": "罚款金额写错了，决定书写的是 8 万元。"}
D2, D3, D4 = date(2026, 6, 2), date(2026, 6, 3), date(2026, 6, 4)


def accepted() -> tuple[object, Case]:
    record = w.settle()
    case = w.opened("objection", w.BOSS, record=record.pk, form=FORM)
    return record, actions.act(w.STEWARD, case.number, "accept", on=D2)


def verified(finding: str) -> tuple[object, Case]:
    record, case = accepted()
    return record, actions.act(w.AUDITOR, case.number, "verify", reason="已核对原件", form={"finding": finding}, on=D3)


def seen_by_public(record, day: date) -> dict | None:
    view = next(v for v in records_of(record.subject) if v.head.pk == record.pk)
    shown = disclosed(view, record.subject, policies(), audience=Audience.PUBLIC, purpose="", day=day)[1]
    return dict(shown.fields) if shown.visible else None


def test_a_record_is_marked_from_acceptance_on_and_corrected_everywhere(store) -> None:
    record, case = accepted()
    record.refresh_from_db()
    assert record.standing == "disputed" and seen_by_public(record, D2), "marked, and still shown (R-250)"
    actions.act(w.AUDITOR, case.number, "verify", reason="原件为 8 万元", form={"finding": "应当更正"}, on=D3)
    changes = {"fine_amount": "8", "content": "罚款人民币 8 万元", "decided_on": "2026-02-12"}
    done = actions.act(w.STEWARD, case.number, "correct", reason="按原件更正", form={"changes": changes}, on=D4)
    record.refresh_from_db()
    assert (done.state, done.outcome, record.standing) == ("corrected", "granted", "active")
    assert seen_by_public(record, D4)["fine_amount"] == "80000"
    assert record.decided_on == date(2026, 2, 12) and record.public_until == date(2029, 2, 12), (
        "dates follow the content"
    )
    feed = list(record.versions.order_by("pk").values_list("action", "case"))
    assert feed[-3:] == [("dispute", case.number), ("correct", case.number), ("uphold", case.number)]
    letter = done.letters.last()
    assert letter.number == "异议函〔2026〕2号" and "应当更正" in letter.text and "按原件更正" in letter.text
    assert letter.to_name == w.NAME


def test_a_deleted_record_leaves_the_public_and_stays_in_the_file(store) -> None:
    record, case = verified("应当删除")
    actions.act(w.STEWARD, case.number, "delete", reason="张冠李戴", on=D4)
    record.refresh_from_db()
    assert record.standing == "withdrawn" and seen_by_public(record, D4) is None
    assert w.content(record)["violation"] == "超标排放水污染物"


def test_publicity_that_lasts_too_long_is_stopped_and_the_record_goes_on_being_shared(store) -> None:
    record, case = verified("应当停止公示")
    actions.act(w.STEWARD, case.number, "stop", reason="已过公示期", on=D4)
    record.refresh_from_db()
    assert record.standing == "active" and seen_by_public(record, D4) is None
    assert record.public_until == D3


def test_a_refused_objection_says_why_and_lifts_the_mark(store) -> None:
    record, case = verified("记载无误")
    with pytest.raises(CaseRefused, match="还缺：理由"):
        actions.act(w.STEWARD, case.number, "refuse", on=D4)
    done = actions.act(w.STEWARD, case.number, "refuse", reason="决定书原件即为 12 万元", on=D4)
    record.refresh_from_db()
    assert record.standing == "active" and done.outcome == "refused"
    assert "决定书原件即为 12 万元" in done.letters.last().text and "行政复议" in done.letters.last().text


def test_what_the_items_rules_refuse_cannot_be_corrected_into(store) -> None:
    record, case = verified("应当更正")
    before = record.change
    with pytest.raises(CaseRefused, match="处罚决定日期"):
        actions.act(
            w.STEWARD, case.number, "correct", reason="改", form={"changes": {"decided_on": "2026-02-30"}}, on=D4
        )
    record.refresh_from_db()
    case.refresh_from_db()
    assert case.state == "verified" and record.standing == "disputed", "nothing of the step has happened"
    assert CaseEvent.objects.filter(case=case, step="correct").count() == 0 and record.change == before + 1


def test_a_missing_record_is_added_by_its_source_unit(store) -> None:
    w.settle()
    case = w.opened("objection", w.BOSS, subject=w.YUNLING, source=w.SOURCE, form=FORM | {"claim": "信息遗漏"})
    actions.act(w.STEWARD, case.number, "accept", on=D2)
    actions.act(w.AUDITOR, case.number, "verify", reason="确有遗漏", form={"finding": "应当补充"}, on=D3)
    with pytest.raises(CaseRefused, match="没有找到"):
        actions.act(w.STEWARD, case.number, "add", reason="已补", form={"added_record": "999"}, on=D4)
    added = w.settle(document_number="苏环罚〔2026〕2号")
    done = actions.act(w.STEWARD, case.number, "add", reason="已补", form={"added_record": str(added.pk)}, on=D4)
    assert done.state == "added"


def test_nobody_decides_on_what_they_have_asked_for(store) -> None:
    """Four eyes: the steward at the counter, the subject's own people, and whoever verified (anchors.md 4.3)."""
    record = w.settle()
    case = w.opened("objection", w.STEWARD, record=record.pk, form=FORM)
    for who in (w.STEWARD, w.BOSS, w.AGENT, operator(w.STEWARD.name), w.STRANGER, w.person("")):
        with pytest.raises(Denied):
            actions.act(who, case.number, "accept", on=D2)
    insider = w.person("两面", ("centre", "steward"), ("yunling", "agent"))
    with pytest.raises(Denied, match="代表信用主体"):
        actions.act(insider, case.number, "accept", on=D2)
    actions.act(w.STEWARD2, case.number, "accept", on=D2)
    both = w.person("又核又批", ("centre", "steward"), (w.SOURCE, "auditor"))
    actions.act(both, case.number, "verify", reason="核", form={"finding": "应当删除"}, on=D3)
    with pytest.raises(Denied, match="另一环节"):
        actions.act(both, case.number, "delete", reason="删", on=D4)
    assert CaseEvent.objects.filter(case=case, kind="step").count() == 3
    assert not Event.objects.filter(action="record.withdraw").exists()


def test_nobody_answers_in_anothers_place(store) -> None:
    """The finding is the source unit's: the applicant cannot write it beforehand, nor the centre over it; a correction
    that the applicant proposes is none until whoever decides states it."""
    record = w.settle()
    with pytest.raises(CaseRefused, match="不在「提出异议」"):
        w.opened("objection", w.BOSS, record=record.pk, form=FORM | {"finding": "应当删除"})
    case = w.opened("objection", w.BOSS, record=record.pk, form=FORM | {"changes": {"fine_amount": "0.1"}})
    actions.act(w.STEWARD, case.number, "accept", on=D2)
    with pytest.raises(CaseRefused, match="还缺：核查意见"):
        actions.act(w.AUDITOR, case.number, "verify", reason="核", on=D3)
    actions.act(w.AUDITOR, case.number, "verify", reason="核", form={"finding": "应当更正"}, on=D3)
    with pytest.raises(CaseRefused, match="还缺：应当更正的栏目"):
        actions.act(w.STEWARD, case.number, "correct", reason="照申请", on=D4)
    with pytest.raises(CaseRefused, match="不在「异议不成立」"):
        actions.act(w.STEWARD, case.number, "refuse", reason="x", form={"finding": "记载无误"}, on=D4)


def test_the_answer_is_due_in_five_working_days_and_completion_stops_the_clock(store) -> None:
    """Filed on Monday 1 June: due on Monday the 8th. Three working days away: due on Thursday the 11th."""
    record = w.settle()
    case = w.opened("objection", w.BOSS, record=record.pk, form=FORM)
    term = case.terms.get(clock="handling")
    assert term.due_on == date(2026, 6, 8) and term.calendar == policies().calendar.version
    actions.act(w.STEWARD, case.number, "return", reason="请附决定书", on=D2)
    jobs.run(date(2026, 6, 9), "daily")
    assert not Notice.objects.filter(term=term, kind="escalation").exists(), "no dunning while the applicant is asked"
    actions.act(w.BOSS, case.number, "supplement", on=date(2026, 6, 5))
    term.refresh_from_db()
    assert term.due_on == date(2026, 6, 11) and not term.suspended
    assert case.terms.filter(clock="acceptance").count() == 2, "acceptance is due anew after completion"


def test_late_answers_are_reminded_of_then_dunned_then_supervised(store) -> None:
    _record, case = accepted()
    days = [date(2026, 6, d) for d in (3, 4, 5, 8, 9, 10, 11, 15)]
    kinds = []
    for day in days:
        jobs.run(day, "daily")
        jobs.run(day, "daily")
        kinds.append(sorted(Notice.objects.filter(case=case, day=day).values_list("kind", flat=True)))
    assert kinds == [[], ["reminder"], [], [], ["escalation", "overdue"], [], ["overdue"], ["overdue"]]
    assert {(n.role, n.organisation) for n in Notice.objects.filter(case=case, kind="escalation")} == {
        ("steward", "centre")
    }
    assert queries.notices_for(w.AUDITOR).filter(kind="overdue").count() == 3
    assert queries.notices_for(w.STRANGER).count() == 0


def test_an_incomplete_application_lapses_by_itself_and_can_be_filed_again(store) -> None:
    record = w.settle()
    case = w.opened("objection", w.BOSS, record=record.pk, form=FORM)
    actions.act(w.STEWARD, case.number, "return", reason="请附决定书", on=D2)
    with pytest.raises(CaseRefused, match="已经有一个同类办件"):
        w.opened("objection", w.STEWARD, record=record.pk, form=FORM)
    done = jobs.run(date(2026, 6, 17), "daily")
    case.refresh_from_db()
    assert (done.steps, case.state, case.outcome) == (1, "lapsed", "lapsed")
    assert case.letters.last().letter == "lapsed"
    assert w.opened("objection", w.BOSS, record=record.pk, form=FORM, on=date(2026, 6, 18)).state == "filed"


def test_the_same_request_twice_is_one_case_and_another_under_its_key_is_refused(store) -> None:
    """F6: same id serial; other body."""
    record = w.settle()
    first = w.opened("objection", w.BOSS, record=record.pk, form=FORM, key="k1")
    assert w.opened("objection", w.BOSS, record=record.pk, form=FORM, key="k1").number == first.number
    with pytest.raises(KeyReused):
        w.opened("objection", w.BOSS, record=record.pk, form=FORM | {"claim": "其他"}, key="k1")
    actions.act(w.STEWARD, first.number, "accept", key="a1", on=D2)
    again = actions.act(w.STEWARD, first.number, "accept", key="a1", on=D2)
    assert again.moves == 2 and first.letters.count() == 1
    with pytest.raises(KeyReused):
        actions.act(w.AUDITOR, first.number, "verify", reason="x", form={"finding": "应当更正"}, key="a1", on=D3)
    with pytest.raises(Moved, match="信源单位核查中"):
        actions.act(w.STEWARD2, first.number, "accept", on=D2)


def test_a_source_unit_finds_its_own_error_and_another_person_decides(store) -> None:
    """主动异议 (R-247): filed by the reporter, corrected by the auditor, the subject is told."""
    record = w.settle()
    case = w.opened("source-objection", w.REPORTER, record=record.pk, form={"error": "罚款金额多写一位"})
    record.refresh_from_db()
    assert record.standing == "disputed"
    with pytest.raises(Denied):
        actions.act(w.REPORTER, case.number, "delete", reason="删", on=D2)
    changes = {"fine_amount": "1.2", "content": "罚款人民币 1.2 万元"}
    actions.act(w.AUDITOR, case.number, "correct", reason="多写一位", form={"changes": changes}, on=D2)
    record.refresh_from_db()
    assert record.standing == "active" and w.content(record)["fine_amount"] == "12000"
    assert case.letters.get().to_name == w.NAME


def test_two_cases_mark_one_record_and_the_last_one_lifts_the_mark(store) -> None:
    record, case = accepted()
    own = w.opened("source-objection", w.REPORTER, record=record.pk, form={"error": "可能有误"}, on=D2)
    actions.act(w.BOSS, case.number, "withdraw", on=D3)
    record.refresh_from_db()
    assert record.standing == "disputed"
    actions.act(w.AUDITOR, own.number, "uphold", reason="无误", on=D4)
    record.refresh_from_db()
    assert record.standing == "active"


def test_outside_the_case_the_register_keeps_its_own_rules(store) -> None:
    """A record withdrawn meanwhile cannot be deleted again, and the case says so instead of half a decision."""
    record, case = verified("应当删除")
    change_standing(record.pk, "withdraw", Because("centre", "撤销"))
    with pytest.raises(CaseRefused, match="已撤回"):
        actions.act(w.STEWARD, case.number, "delete", reason="删", on=D4)
    assert actions.act(w.STEWARD, case.number, "refuse", reason="已由撤销处理", on=D4).outcome == "refused"


def test_a_subject_that_was_given_another_code_keeps_its_cases(store) -> None:
    """R-071: the register moves the records to the new code, and the people of the subject with it."""
    record, case = accepted()
    newer = "91320505QX26A002XK"
    type(record.subject).objects.filter(pk=record.subject_id).update(code=newer)
    Organisation.objects.filter(pk="yunling").update(code=newer)
    assert queries.visible(w.AGENT).get().number == case.number
    assert actions.act(w.AGENT, case.number, "withdraw", on=D3).outcome == "withdrawn"


def test_what_a_court_said_can_be_added_after_the_end(store) -> None:
    """R-248."""
    _record, case = verified("记载无误")
    actions.act(w.STEWARD, case.number, "refuse", reason="无误", on=D4)
    with pytest.raises(Moved):
        actions.attach(w.BOSS, case.number, w.upload("proof"))
    kept = actions.attach(w.BOSS, case.number, w.upload("legal_result"))
    assert kept.media == "application/pdf"
    with pytest.raises(Denied):
        actions.attach(w.STRANGER, case.number, w.upload("legal_result"))
