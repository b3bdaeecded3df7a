"""The other procedures of the packs, each as the story of its requirement (F-09, F-10, F-16, F-20; W-08, W-09, W-10, W-17,
W-21, W-27)."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import time
import zipfile
from datetime import date, timedelta
from types import SimpleNamespace

import openpyxl
import pytest
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Kind, Organisation
from chengxin.accounts.rules import Denied
from chengxin.audit.models import Event, Look
from chengxin.cases import actions, jobs, looking, queries
from chengxin.cases.applying import cases_of
from chengxin.cases.errors import CaseRefused, NotMet
from chengxin.cases.models import Attachment, Case
from chengxin.cases.packs import signed_template, templates
from chengxin.policy.commitments import Commitments
from chengxin.policy.schema import Effective
from chengxin.registry import evidence
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.standards.uscc import make_uscc

from . import world as w

D2, D3, D4 = date(2026, 6, 2), date(2026, 6, 3), date(2026, 6, 4)
MARKET = ("market-regulation", "auditor")
INSPECTOR = w.person("市监审核", MARKET)
PROMISE = {"template": "tolerance", "authority": "market-regulation", "due_on": "2026-06-30", "truth": "是"}


def promised() -> Case:
    w.settle()
    case = w.opened("commitment", w.BOSS, subject=w.YUNLING, form=PROMISE)
    return actions.act(INSPECTOR, case.number, "publish", on=D2)


def state_of(case: Case) -> str:
    case.refresh_from_db()
    return str(w.content(Record.objects.get(pk=case.entered_id))["state"])


def test_a_commitment_is_published_and_its_fulfilment_recorded(store) -> None:
    """R-123 to R-125: the template's words become fields of a public record of the commitment's own item."""
    case = promised()
    entered = Record.objects.get(pk=case.entered_id)
    told = w.content(entered)
    assert (entered.item, entered.publish, told["commitment_type"]) == ("commitment", True, "容缺受理型")
    assert told["authority_name"] == "江苏省市场监督管理局" and told["due_on"] == "2026-06-30"
    with pytest.raises(Denied):
        actions.act(w.AUDITOR, case.number, "fulfil", on=D3)
    done = actions.act(INSPECTOR, case.number, "fulfil", on=D3)
    assert done.outcome == "granted" and state_of(done) == "已履行"
    assert entered.versions.count() == 2, "one record, its history kept"


def test_a_breach_is_recorded_and_its_correction_opens_repair(store) -> None:
    """R-126, X-33, G-22: found after the term has run out, corrected in time, repair may follow out of this very case."""
    case = promised()
    jobs.run(date(2026, 7, 1), "daily")
    case.refresh_from_db()
    assert case.state == "due"
    facts = {"consequence": "撤销许可"}
    actions.act(INSPECTOR, case.number, "breach", reason="逾期未补齐材料", form=facts, on=date(2026, 7, 2))
    assert state_of(case) == "违反承诺" and case.letters.last().letter == "breached"
    with pytest.raises(CaseRefused, match="不能转入"):
        w.opened("repair", w.BOSS, record=w.settle().pk, parent=case.number, form=_REPAIR, files=_files())
    actions.attach(w.BOSS, case.number, w.upload("fulfilment"), on=date(2026, 7, 6))
    actions.act(w.BOSS, case.number, "correct", on=date(2026, 7, 6))
    done = actions.act(INSPECTOR, case.number, "confirm", reason="已补齐", on=date(2026, 7, 7))
    assert done.outcome == "partly" and state_of(done) == "已履行"
    follow = w.opened("repair", w.BOSS, record=w.settle().pk, parent=case.number, form=_REPAIR, files=_files())
    assert follow.parent_id == case.pk


_REPAIR = {"corrected": "是", "duties_done": "是", "truth": "是"}


def _files() -> tuple:
    return (w.upload("commitment"), w.upload("fulfilment"))


def test_a_breach_that_nobody_corrects_stays(store) -> None:
    case = promised()
    actions.act(INSPECTOR, case.number, "false", reason="材料系伪造", form={"consequence": "撤销许可"}, on=D3)
    jobs.run(date(2026, 7, 31), "daily")
    case.refresh_from_db()
    assert (case.state, case.outcome, state_of(case)) == ("broken", "refused", "虚假承诺")
    assert case.letters.last().letter == "broken"


DECLARED = {
    "kind": "资质证照", "title": "质量管理体系认证证书", "content": "证书编号 CN-2026-00871", "happened_on": "2026-01-20",
    "valid_until": "2026-12-31", "truth": "是", "authorised": "是",
}  # fmt: skip


def declared(**changes: object) -> Case:
    w.settle()
    form = DECLARED | changes
    return w.opened("declaration", w.BOSS, subject=w.YUNLING, form=form, files=(w.upload("proof"),))


def test_a_declaration_is_kept_apart_until_verified_and_gone_when_revoked(store) -> None:
    """R-134, R-136 to R-139."""
    with pytest.raises(CaseRefused, match="真实"):
        declared(truth="否")
    case = declared()
    entered = Record.objects.get(pk=case.entered_id)
    assert w.content(entered)["verified"] == "否"
    with pytest.raises(Denied):
        actions.act(w.BOSS, case.number, "verify", reason="自己核", on=D2)
    actions.act(w.STEWARD, case.number, "verify", reason="与发证机构核对一致", on=D2)
    assert w.content(entered)["verified"] == "是" and w.content(entered)["verified_by"] == "江苏省公共信用信息中心"
    done = actions.act(w.BOSS, case.number, "revoke", on=D3)
    entered.refresh_from_db()
    assert done.outcome == "withdrawn" and entered.standing == "withdrawn"


def test_an_expired_declaration_is_used_no_more(store) -> None:
    case = declared(valid_until="2026-06-10")
    jobs.run(date(2026, 6, 11), "daily")
    case.refresh_from_db()
    assert case.state == "expired" and Record.objects.get(pk=case.entered_id).standing == "withdrawn"


def test_rectification_is_ordered_by_a_second_person_and_ends_in_an_interview_when_late(store) -> None:
    """R-220 to R-223: reminder or warning interview, on file and shared."""
    w.settle()
    form = {"facts": "在线监测设备停运", "demand": "十日内恢复", "term": "2026-06-12"}
    case = w.opened("rectification", w.REPORTER, subject=w.YUNLING, source=w.SOURCE, form=form)
    actions.attach(w.REPORTER, case.number, w.upload("order"), on=D2)
    with pytest.raises(Denied):
        actions.act(w.REPORTER, case.number, "order", reason="自批", on=D2)
    actions.act(w.AUDITOR, case.number, "order", reason="违反第二十三条", on=D2)
    jobs.run(date(2026, 6, 15), "daily")
    case.refresh_from_db()
    assert case.state == "overdue" and case.terms.get(clock="interview").due_on == date(2026, 6, 30)
    actions.attach(w.AUDITOR, case.number, w.upload("minutes"), on=date(2026, 6, 16))
    talk = {"interview": "提示性约谈", "interview_on": "2026-06-16", "person": "总经理"}
    actions.act(w.AUDITOR, case.number, "interview", reason="逾期未整改", form=talk, on=date(2026, 6, 16))
    case.refresh_from_db()
    entered = Record.objects.get(pk=case.entered_id)
    assert entered.item == "interview" and w.content(entered)["kind"] == "提示性约谈" and not entered.publish
    actions.attach(w.BOSS, case.number, w.upload("report"), on=date(2026, 6, 17))
    actions.act(w.BOSS, case.number, "report", on=date(2026, 6, 17))
    done = actions.act(w.AUDITOR, case.number, "close", reason="验收合格", on=date(2026, 6, 18))
    assert done.outcome == "granted" and done.letters.last().to_name == w.NAME


def test_the_subject_does_not_see_an_order_before_it_is_issued(store) -> None:
    """G-05: neither the list nor the case nor its papers tell of a draft; one that was dropped is never told."""
    w.settle()
    form = {"facts": "在线监测设备停运", "demand": "十日内恢复", "term": "2026-06-12"}
    case, dropped = (
        w.opened("rectification", w.REPORTER, subject=w.YUNLING, source=w.SOURCE, form=form) for _ in range(2)
    )
    paper = actions.attach(w.REPORTER, case.number, w.upload("order"), on=D2)
    for who in (w.BOSS, w.AGENT):
        assert not queries.visible(who).exists() and not cases_of(who, w.YUNLING, "yunling").exists()
        with pytest.raises(CaseRefused):
            queries.evidence_of(who, case.number, paper.pk)
    assert queries.visible(w.AUDITOR).count() == queries.visible(w.REPORTER).count() == 2
    actions.act(w.AUDITOR, case.number, "order", reason="违反第二十三条", on=D2)
    actions.act(w.AUDITOR, dropped.number, "drop", reason="事实不清", on=D2)
    assert [c.number for c in queries.visible(w.BOSS)] == [case.number]
    assert queries.evidence_of(w.BOSS, case.number, paper.pk)
    assert [c.number for c in cases_of(w.BOSS, w.YUNLING, "yunling")] == [case.number]


QUERY = {"purpose": "专项资金申报审查", "basis": "《优化营商环境条例》第五十三条", "subjects": w.YUNLING}


def asked(procedure: str, **changes: object) -> Case:
    case = w.opened(procedure, w.REPORTER, source=w.SOURCE, form=QUERY | changes, files=(w.upload("letter"),))
    return actions.act(w.AUDITOR, case.number, "approve", reason="属于职责范围", on=D2)


def result_of(case: Case) -> tuple[dict, list[dict]]:
    kept = Attachment.objects.get(case=case, material="result")
    with zipfile.ZipFile(evidence.place(kept.sha256)) as archive:
        data, manifest = archive.read("data.jsonl"), json.loads(archive.read("manifest.json"))
    assert hashlib.sha256(data).hexdigest() == manifest["sha256"]
    return manifest, [json.loads(line) for line in data.splitlines()]


def test_a_batch_query_is_registered_approved_twice_sealed_and_accounted_for(store) -> None:
    """W-08, R-113, G-10: purpose and basis, the department's and the centre's approval, a manifest, each look on record."""
    record = w.settle()
    case = asked("batch-query")
    with pytest.raises(Denied):
        actions.act(w.person("兼职", (w.SOURCE, "auditor")), case.number, "release", reason="x", on=D3)
    ready = actions.act(w.STEWARD, case.number, "release", reason="同意", on=D3)
    manifest, rows = result_of(ready)
    assert manifest["purpose"] == QUERY["purpose"] and manifest["approved_by"] == w.STEWARD.name
    assert [(r["code"], [x["record"] for x in r["records"]]) for r in rows] == [(w.YUNLING, [record.pk])]
    assert Event.objects.filter(action="subject.look", object=w.YUNLING).count() == 1
    [look] = Look.objects.filter(subject=w.YUNLING, basis=case.number)
    assert (look.actor, look.for_whom, look.items, look.records) == (w.STEWARD.name, w.SOURCE, ["penalty"], 1)
    told = set(rows[0]["records"][0]) - {"item", "record", "standing"}
    assert "violation" in told and set(look.fields) == told, "the subject is told every field that was handed out"
    with pytest.raises(CaseRefused, match="使用情况"):
        actions.act(w.REPORTER, case.number, "destroy", on=D4)
    assert (
        actions.act(w.REPORTER, case.number, "destroy", form={"used_for": "已审查并销毁"}, on=D4).outcome == "granted"
    )


@pytest.mark.parametrize("procedure", ["batch-query", "credit-review"])
def test_a_bank_gets_no_batch_by_duty(store, procedure: str) -> None:
    """R-094: whoever has no duties by law asks the subject for its leave, one by one or in a batch."""
    w.settle()
    case = asked(procedure)
    Organisation.objects.filter(pk=w.SOURCE).update(kind=Kind.BANK)
    with pytest.raises(CaseRefused, match="请凭信用主体的授权查询"):
        actions.act(w.STEWARD, case.number, "release", reason="同意", on=D3)
    assert not Look.objects.filter(subject=w.YUNLING, basis=case.number).exists()
    case.refresh_from_db()
    assert case.state == "approved" and not case.attachments.filter(material="result").exists()


def test_a_query_about_somebody_unknown_is_told_and_no_one_may_ask_without_a_basis(store) -> None:
    w.settle()
    with pytest.raises(CaseRefused, match="法律依据"):
        asked("batch-query", basis="")
    case = asked("batch-query", subjects=[w.YUNLING, "91320000QX26ZZZZ00"])
    with pytest.raises(NotMet, match="91320000QX26ZZZZ00"):
        actions.act(w.STEWARD, case.number, "release", reason="同意", on=D3)


def test_a_credit_review_counts_and_judges_nothing(store) -> None:
    w.settle()
    ready = actions.act(w.STEWARD, asked("credit-review").number, "release", reason="同意", on=D3)
    _manifest, rows = result_of(ready)
    assert rows == [{"code": w.YUNLING, "name": w.NAME, "found": {"penalty:general": 1}}]


def released(procedure: str, **changes: object) -> Attachment:
    """The result of a query that went through both approvals."""
    case = asked(procedure, **changes)
    actions.act(w.STEWARD, case.number, "release", reason="同意", on=D3)
    return Attachment.objects.get(case=case, material="result")


def drawn_as(kept: Attachment, form: str, actor: Actor = w.REPORTER) -> bytes:
    return looking.result_table(actor, kept.case.number, kept.pk, form)[1]


def csv_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_result_of_a_batch_query_is_a_table_too(store) -> None:
    """R-113: every record with the fields that were handed out, a sheet an item, the manifest with it; the same each time."""
    record = w.settle(violation="=HYPERLINK(1)")
    kept = released("batch-query")
    _manifest, [sealed] = result_of(kept.case)
    [row] = csv_of(drawn_as(kept, "csv"))
    assert (row["统一社会信用代码"], row["主体名称"], row["记录编号"]) == (w.YUNLING, w.NAME, str(record.pk))
    assert row["违法行为类型"] == "'=HYPERLINK(1)", "a spreadsheet computes nothing of it"
    assert len(row) == 5 + len(set(sealed["records"][0]) - {"item", "record", "standing"})
    book = openpyxl.load_workbook(io.BytesIO(drawn_as(kept, "xlsx")))
    [penalties, told] = book.worksheets
    heads, cells = penalties.iter_rows(values_only=True)
    assert list(row) == list(heads) and dict(zip(heads, cells, strict=True))["违法行为类型"] == "=HYPERLINK(1)"
    assert penalties.cell(2, heads.index("违法行为类型") + 1).data_type == "s", "text, and no formula"
    said = dict(told.iter_rows(values_only=True))
    assert (said["办件"], said["SHA-256"]) == (kept.case.number, _manifest["sha256"])
    first = drawn_as(kept, "xlsx")
    time.sleep(2.1)  # times inside such a file count by two seconds
    assert drawn_as(kept, "xlsx") == first, "when it was drawn is not in it"


def test_whoever_takes_a_result_as_a_table_is_told_to_the_subject_and_a_stranger_gets_none(store) -> None:
    """G-10: the same look as at the sealed file."""
    w.settle()
    kept = released("batch-query")
    for form in ("csv", "xlsx"):
        drawn_as(kept, form)
    looks = Look.objects.filter(subject=w.YUNLING, basis=kept.case.number, actor=w.REPORTER.name)
    assert [(x.purpose, x.records, x.items) for x in looks] == [(QUERY["purpose"], 1, ["penalty"])] * 2
    with pytest.raises(CaseRefused):
        drawn_as(kept, "csv", w.STRANGER)
    letter = Attachment.objects.get(case=kept.case, material="letter")
    with pytest.raises(CaseRefused, match="没有表格"):
        drawn_as(letter, "csv")
    assert looks.count() == 2 and not Look.objects.filter(actor=w.STRANGER.name).exists()


def test_a_long_purpose_hides_no_look_at_a_result(store) -> None:
    """G-10: the packs let a purpose be longer than what a look keeps of it; who opens the result is told all the same."""
    w.settle()
    purpose = "为政府采购项目核查投标单位的信用状况，" * 24
    kept = released("batch-query", purpose=purpose)
    assert len(purpose) > 200
    drawn_as(kept, "csv")
    [look] = Look.objects.filter(subject=w.YUNLING, basis=kept.case.number, actor=w.REPORTER.name)
    assert purpose.startswith(look.purpose) and look.items == ["penalty"]


def test_a_credit_review_is_a_table_with_a_line_for_each_item_and_degree(store) -> None:
    """R-114."""
    w.settle()
    [row] = csv_of(drawn_as(released("credit-review"), "csv"))
    assert row == {
        "统一社会信用代码": w.YUNLING, "主体名称": w.NAME, "目录项": "行政处罚", "失信程度": "一般", "条数": "1",
    }  # fmt: skip


def test_a_subject_without_a_record_has_its_line_and_a_result_that_was_altered_gives_no_table(store) -> None:
    """Nothing on record is an answer too; and what is not what was sealed is not shown as if it were."""
    w.settle()
    clean = Subject.objects.create(
        code=make_uscc("9", "1", "320505", "QX26A002"), name="苏州清白有限公司", name_key="苏州清白有限公司",
        updated_at=timezone.now(),
    )  # fmt: skip
    kept = released("batch-query", subjects=[w.YUNLING, clean.code])
    rows = csv_of(drawn_as(kept, "csv"))
    assert [(r["统一社会信用代码"], r["目录项"]) for r in rows] == [(w.YUNLING, "行政处罚"), (clean.code, "没有记录")]
    lies = evidence.place(kept.sha256)
    with zipfile.ZipFile(lies) as archive:
        manifest = archive.read("manifest.json")
    lies.chmod(0o600)
    with zipfile.ZipFile(lies, "w") as archive:
        archive.writestr("data.jsonl", b'{"code":"x","name":"x","records":[]}\n')
        archive.writestr("manifest.json", manifest)
    with pytest.raises(CaseRefused, match="校验清单"):
        drawn_as(kept, "xlsx")


def test_content_is_published_by_a_second_person_and_ends_by_itself(store) -> None:
    """R-340, G-16."""
    form = {"column": "政策动态", "title": "信用修复指南", "body": "修复不收费。", "until": "2026-06-30"}
    case = w.opened("publication", w.PUBLISHER, form=form)
    with pytest.raises(Denied):
        actions.act(w.PUBLISHER, case.number, "publish", on=D2)
    second = w.person("发布员乙", ("centre", "publisher"))
    actions.act(second, case.number, "publish", on=D2)
    assert [p.title for p in queries.publications(D2)] == ["信用修复指南"]
    assert list(queries.publications(date(2026, 7, 1))) == [], "even when the daily work is late"
    jobs.run(date(2026, 7, 1), "daily")
    case.refresh_from_db()
    assert case.state == "retracted" and case.publication.retracted_on == date(2026, 7, 1)


def test_a_complaint_about_a_government_body_is_supervised_and_protects_who_complained(store) -> None:
    """R-268, G-19, W-21: dispatched, dunned, answered, checked by somebody else, closed with figures."""
    citizen = w.person("市民张三")
    form = {"body": "market-regulation", "matter": "拖欠工程款", "field": "拖欠账款", "statement": "应付 30 万元未付"}
    case = w.opened("complaint", citizen, form=form)
    clerk = w.person("市监经办", ("market-regulation", "reporter"))
    assert not queries.visible(clerk).exists()
    actions.act(w.STEWARD, case.number, "accept", reason="属于受理范围", on=D2)
    assert queries.visible(clerk).get().number == case.number
    told = queries.told(Case.objects.get(pk=case.pk), clerk)
    assert "市民张三" not in json.dumps(told, default=str, ensure_ascii=False)
    jobs.run(date(2026, 6, 26), "daily")
    assert queries.notices_for(INSPECTOR).filter(kind="escalation").count() == 1
    actions.act(w.STEWARD, case.number, "supervise", reason="逾期未答复", on=date(2026, 6, 29))
    actions.act(clerk, case.number, "answer", form={"answer": "已付清"}, on=date(2026, 6, 30))
    with pytest.raises(Denied):
        actions.act(clerk, case.number, "settle", reason="已付", on=date(2026, 7, 1))
    done = actions.act(w.STEWARD, case.number, "settle", reason="银行回单核实", on=date(2026, 7, 1))
    assert done.outcome == "granted"
    with pytest.raises(Denied):
        w.opened("complaint", w.person(""), form=form)


def _signed(template: str, **more: str) -> Case:
    form = {"template": template, "authority": "culture-tourism", "truth": "是", **more}
    return w.opened("commitment", w.BOSS, subject=w.YUNLING, form=form)


def test_the_day_of_a_commitment_is_its_templates(store) -> None:
    """R-123: the last day where the signer names none, an earlier one as it is named, no later one."""
    w.settle()
    template = next(t for t in templates(w.FILED).values() if t.term_days == 20)
    last = w.FILED + timedelta(days=20)
    assert _signed(template.id).form["due_on"] == last.isoformat()
    earlier = (last - timedelta(days=1)).isoformat()
    assert _signed(template.id, due_on=earlier).form["due_on"] == earlier
    with pytest.raises(CaseRefused, match=f"不晚于 {last}"):
        _signed(template.id, due_on=(last + timedelta(days=1)).isoformat())
    assert next(t for t in templates(w.FILED).values() if t.id == "tolerance").term_days is None
    with pytest.raises(CaseRefused, match="还缺：履行期限"):
        _signed("tolerance")


def test_a_template_is_offered_only_while_it_is_in_force(store, monkeypatch) -> None:
    """policies/README: an ended and a future version stay readable, and nobody signs them."""
    w.settle()
    pack = next(p for p in policies().of(Commitments) if any(t.id == "tolerance" for t in p.templates))
    held = Effective.model_validate({"from": w.FILED, "to": w.FILED})
    ending = pack.model_copy(update={"effective": held})
    stub = SimpleNamespace(of=lambda _kind: (ending,))
    monkeypatch.setattr("chengxin.cases.packs.policies", lambda: stub)
    days = (w.FILED - timedelta(days=1), w.FILED, w.FILED + timedelta(days=1))
    assert ["tolerance" in templates(day) for day in days] == [False, True, False]
    assert signed_template("tolerance") == templates(w.FILED)["tolerance"]
