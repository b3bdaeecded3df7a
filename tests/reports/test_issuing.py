"""Credit reports are issued by template, to whom the template allows, from what the register may tell (F-08, R-112 to R-122)."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.actors import of_user
from chengxin.accounts.models import Organisation, Role, User
from chengxin.accounts.rules import Denied
from chengxin.audit.models import Event, Look
from chengxin.registry import authorising
from chengxin.registry.models import RecordVersion, Subject
from chengxin.registry.packs import policies
from chengxin.registry.queries import find_subject
from chengxin.reports import actions, jobs, keys, pdffile, queries, snapshot, typesetting
from chengxin.reports.asking import Request, granted
from chengxin.reports.errors import ReportRefused
from chengxin.reports.models import Report

from . import world as w


def told(report: Report) -> dict:
    return json.loads(report.snapshot)


def documents(report: Report) -> dict[str, dict]:
    """Title of each record -> the record, over all chapters."""
    return {r["title"]: r for c in told(report)["chapters"] for r in c["records"]}


def values(record: dict) -> dict[str, str]:
    return {f["id"]: f["value"] for f in record["fields"]}


def test_a_full_report_says_what_may_be_said_and_from_where(store) -> None:
    """R-112: number, time, data date, scope; design.md 4: a repaired record leaves all but the file."""
    w.settle()
    report = w.issue("full")
    found, records = told(report), documents(report)
    assert (report.number, found["day"], found["valid_until"]) == ("QB20260000001", "2026-11-20", "2026-12-20")
    assert set(records) == {"苏环罚〔2026〕1号", "苏环罚〔2026〕2号", "江苏省质量奖提名奖"}
    assert values(records["苏环罚〔2026〕1号"])["fine_amount"] == "12", "in the unit of its label"
    assert records["苏环罚〔2026〕1号"]["repair_from"] == "2026-11-10", "from when the reader can act"
    assert found["template"]["version"] == "2026.1" and found["policies"] == policies().digest
    assert found["feed"] == report.feed_position == RecordVersion.objects.order_by("-pk").first().pk
    empty = [c for c in found["chapters"] if not c["records"]]
    assert empty and all("不等于从未发生" in c["empty"] for c in empty), "an empty chapter says what it does not mean"
    assert [s["count"] for s in found["summary"] if s["count"]] == [2, 1]
    event = Event.objects.get(action="report.issue")
    assert (event.actor, event.object, event.detail["template"]) == ("林知夏", report.number, "full 2026.1")
    assert set(event.detail) == {"template", "asked_as", "language", "pdf"}, "the trail names no subject and no purpose"


def test_the_certificate_report_is_cut_by_the_subject(store) -> None:
    """domain.md 7.1: simplified procedures are in, repaired ones are marked, period and fields of law are chosen."""
    w.settle()
    everything = documents(w.issue("certificate"))
    assert set(everything) == {f"苏环罚〔2026〕{n}号" for n in (1, 2, 3)}
    assert values(everything["苏环罚〔2026〕2号"])["procedure"] == "简易程序"
    assert [everything[f"苏环罚〔2026〕{n}号"]["mark"] for n in (1, 2, 3)] == ["", "", "已修复"]
    assert set(documents(w.issue("certificate", start=date(2026, 8, 1)))) == {"苏环罚〔2026〕1号", "苏环罚〔2026〕2号"}
    assert documents(w.issue("certificate", fields=("tax", "labour"))) == {}
    assert set(documents(w.issue("certificate", fields=("environment",)))) == set(everything)
    for wrong in (
        {"start": date(2020, 1, 1)},
        {"end": date(2026, 12, 1)},
        {"end": date(1, 1, 1)},
        {"fields": ("law",)},
    ):
        with pytest.raises(ReportRefused, match=r"最早从 2021-11-20|可以选的有"):
            w.issue("certificate", **wrong)
    assert "simplified" not in str(set(documents(w.issue("concise")))), (
        "penalties by simplified procedure are not public"
    )
    assert set(documents(w.issue("concise"))) == {"苏环罚〔2026〕1号", "江苏省质量奖提名奖"}


def test_personal_fields_are_masked_because_reports_are_passed_on(store) -> None:
    w.settle()
    packs, subject = policies(), Subject.objects.get(code=w.YUNLING)
    made = granted(Request("certificate", (w.YUNLING,)), w.BOSS, packs, w.TODAY).template
    shown = [t.fields for t in snapshot.tellable(subject, made, packs, purpose="x", day=w.TODAY)]
    assert {f["representative"] for f in shown if "representative" in f} == {"林**"}


def test_not_for_everybody(store) -> None:
    """R-092, R-345: who may ask stands in the template, and the refusal says what would be needed."""
    w.settle()
    own = "数据管理员，或者由主体自己"
    for actor, template, why in (
        (w.RIVAL, "full", own),
        (w.RIVAL, "certificate", own),
        (w.CLERK, "certificate", own),
        (w.BOSS, "credit-review", "承担相应职责"),
        (w.person("路人"), "concise", "承担相应职责"),
    ):
        with pytest.raises(Denied, match=why):
            w.issue(template, actor)
    assert not Report.objects.exists()


def test_the_counter_needs_an_authorisation_and_duty_a_purpose(store) -> None:
    w.settle()
    with pytest.raises(ReportRefused, match="授权书的编号"):
        w.issue("full", w.STEWARD)
    report = w.issue("full", w.STEWARD, authorisation="授〔2026〕8号")
    assert (report.asked_as, told(report)["authorisation"]) == ("counter", "授〔2026〕8号")
    with pytest.raises(ReportRefused, match="写明用途"):
        w.issue("concise", w.CLERK, purpose="")
    assert w.issue("concise", w.CLERK).asked_as == "duty"


def test_an_authorisation_of_ours_must_hold(store) -> None:
    """R-094, R-105: it is the subject's own, in force, and for this purpose; what was revoked opens nothing."""
    w.settle()
    subject, until = find_subject(w.YUNLING), timezone.localdate() + timedelta(days=30)
    for code in (w.YUNLING, w.BOHE):
        Organisation.objects.update_or_create(id=code.lower(), defaults={"name": code, "code": code})
    boss = w.person("林知夏", (w.YUNLING.lower(), "representative"))
    terms = authorising.Grant("centre", "办理贷款", timezone.localdate() - timedelta(days=400), until, proof=b"signed")
    given = authorising.grant(boss, subject, terms)
    assert w.issue("full", w.STEWARD, authorisation=given.number, purpose="办理贷款").authorisation == given.number
    with pytest.raises(ReportRefused, match="办理贷款"):
        w.issue("full", w.STEWARD, authorisation=given.number, purpose="招标")
    once = authorising.grant(boss, subject, replace(terms, single=True))
    assert w.issue("full", w.STEWARD, authorisation=once.number, purpose="办理贷款").number
    part = authorising.grant(boss, subject, replace(terms, items=("penalty",)))
    for number, why in ((once.number, "已用完"), (part.number, "部分信息")):
        with pytest.raises(ReportRefused, match=why):
            w.issue("full", w.STEWARD, authorisation=number, purpose="办理贷款")
    authorising.revoke(boss, given.number)
    for number in (given.number, "SQ2026000000000000"):
        with pytest.raises(ReportRefused, match="已撤回"):
            w.issue("full", w.STEWARD, authorisation=number, purpose="办理贷款")


def test_a_natural_person_is_refused_with_the_reason(store) -> None:
    """G-13; a report without data would be taken for a certificate."""
    w.settle()
    with pytest.raises(ReportRefused, match="没有归集这位自然人"):
        w.issue("natural-person", w.OPERATOR, "p" * 40)
    with pytest.raises(ReportRefused, match="不适用于法人"):
        w.issue("natural-person", w.OPERATOR)
    with pytest.raises(ReportRefused, match="没有代码为"):
        w.issue("full", w.OPERATOR, "91320505QX26A0999X")
    with pytest.raises(ReportRefused, match=r"可用的有.*full"):
        w.issue("fancy")


def test_numbers_run_without_gaps_also_when_one_fails(store, monkeypatch) -> None:
    w.settle()
    first = w.issue()
    with monkeypatch.context() as broken, pytest.raises(OSError, match="disk"):
        broken.setattr(actions, "keep", lambda _file: (_ for _ in ()).throw(OSError("disk is full")))
        w.issue()
    assert [first.number, w.issue().number, w.issue("concise").number] == [
        "QB20260000001", "QB20260000002", "JB20260000001"
    ]  # fmt: skip


def test_the_same_snapshot_is_the_same_file(store) -> None:
    """Identical bytes for identical data; the issued file is those bytes and a seal."""
    w.settle()
    report = w.issue()
    pages, seal = pdffile.parted(queries.pdf_of(report))
    typesetting._compiler.cache_clear()
    again, _ = typesetting.render(report.snapshot.encode())
    assert again == pages and seal.decode() == report.seal
    assert pdffile.attached(pages).decode() == report.snapshot, "the data is in the file"
    assert b"pdfaid:part>3" in pages.replace(b" ", b"") and b"pdfuaid:part" in pages
    assert len(pdffile.page_digests(pages)) >= 2
    assert pages.count(b"/FontFile") >= 2, "fonts are embedded"


def test_what_no_font_has_is_reported_and_not_dropped(store) -> None:
    """trials.md 6: a missing glyph gives no error. U+20BB7 is in Noto Sans CJK, a private character in no font."""
    w.penalty(facts="当事人\U00020bb7野\ue863某某在场，承认上述事实。")
    report = w.issue()
    assert report.unprintable == "U+E863"
    assert "\ue863" in report.snapshot, "the data keeps the character"
    assert pdffile.attached(queries.pdf_of(report)).decode() == report.snapshot


def test_a_review_sheet_names_each_ground(store) -> None:
    """R-113, R-114: a line for each applicant, the verdict with its records, unknown codes not passed over."""
    w.settle()
    w.penalty(subject_code=w.BOHE, subject_name=w.OTHER, document_number="苏环罚〔2026〕9号", penalty_kinds="罚款、责令停产停业",
              content="罚款人民币 12 万元，责令停产停业三十日。")  # fmt: skip
    missing = "91320505QX26A0999X"
    sheet = told(w.issue("credit-review", w.CLERK, w.YUNLING, w.BOHE, missing, w.YUNLING))
    assert [(a["code"], a["outcome"]) for a in sheet["applicants"]] == [
        (w.YUNLING, "pass"), (w.BOHE, "note"), (missing, "unknown")
    ]  # fmt: skip
    (ground,) = sheet["applicants"][1]["findings"]
    assert (ground["criterion"], ground["title"]) == ("serious-penalty", "苏环罚〔2026〕9号")
    assert {s["id"]: s["count"] for s in sheet["summary"]} == {"pass": 1, "note": 1, "fail": 0, "unknown": 1}
    with pytest.raises(ReportRefused, match="最多 1 个"):
        w.issue("full", w.OPERATOR, w.YUNLING, w.BOHE)


def test_an_order_is_worked_off_and_taken_up_again(store, monkeypatch) -> None:
    """R-121: free reports for many; what is refused has its reason, what was broken off goes on without a second copy."""
    w.settle()
    w.penalty(subject_code=w.BOHE, subject_name=w.OTHER, document_number="苏环罚〔2026〕9号")
    order = actions.order(w.STEWARD, "industry", [w.YUNLING, "nobody", w.BOHE], purpose="行业公益报告")
    real = jobs.issue

    def killed(actor: Any, asked: Any, **more: Any) -> Any:
        """The process dies in the middle of the last one: after it was made, before the line knows."""
        if w.BOHE in asked.codes:
            more["also"] = lambda _made: sys.exit("killed")
        return real(actor, asked, **more)

    monkeypatch.setattr(jobs, "issue", killed)
    with pytest.raises(SystemExit):
        jobs.work_off(order.pk, w.STEWARD)
    assert Report.objects.count() == 1, "the half-made one went with its transaction"
    monkeypatch.setattr(jobs, "issue", real)
    seen: list[int] = []
    progress = queries.progress(jobs.work_off(order.pk, w.STEWARD, told=lambda o: seen.append(o.done + o.failed)))
    assert (progress["done"], progress["failed"], seen) == (2, 1, [3])
    assert [(r["place"], r["problem"]) for r in progress["refused"]] == [(2, "登记库里没有代码为「nobody」的主体。")]
    assert Report.objects.count() == 2 and order.lines.filter(report=None).count() == 1
    with pytest.raises(Denied):
        actions.order(w.BOSS, "industry", [w.YUNLING])
    with pytest.raises(ReportRefused, match="没有报告模板「credit-review」"):
        actions.order(w.STEWARD, "credit-review", [w.YUNLING])


def test_the_worker_takes_up_orders_in_the_name_of_who_ordered(store, monkeypatch) -> None:
    """Restart safe: an order is held while somebody is at it, and a fault in one line stops no other."""
    w.settle()
    make_user("steward", "陈砚秋", None, [("centre", Role.STEWARD)])
    steward = of_user(User.objects.get(username="steward"))
    order = actions.order(steward, "industry", [w.BOHE, w.YUNLING, w.YUNLING, "nobody"], purpose="行业公益报告")
    assert order.total == 3, "each once"
    type(order).objects.update(lease_until=timezone.now() + jobs.LEASE)
    assert jobs.work() == 0, "somebody else is at it"
    type(order).objects.update(lease_until=timezone.now() - jobs.LEASE)
    real = jobs.issue
    monkeypatch.setattr(
        jobs, "issue", lambda actor, asked, **more: 1 / 0 if w.BOHE in asked.codes else real(actor, asked, **more)
    )
    assert jobs.work(seconds=0) == 0 and jobs.work() == 3
    told = queries.progress(type(order).objects.get())
    assert (told["done"], told["failed"]) == (1, 2) and told["finished_at"]
    assert [r["problem"][:4] for r in told["refused"]] == ["系统出错", "登记库里"]
    assert Report.objects.get().issued_by == "steward"
    second = actions.order(steward, "industry", [w.YUNLING])
    User.objects.filter(username="steward").update(is_active=False)
    assert jobs.work() == 1 and second.lines.get().problem
    assert Report.objects.count() == 1, "who has left orders nothing any more"


def test_the_subject_sees_what_was_issued_to_whom(store) -> None:
    """R-345, design.md 8: the history of a subject, and nobody else's."""
    w.settle()
    w.issue()
    w.issue("concise", w.CLERK, purpose="行政许可审查")
    lines = [queries.line_of(r) for r in queries.issued(w.BOSS, w.YUNLING)]
    assert [(x["issued_by"], x["purpose"]) for x in lines] == [("环境报送", "行政许可审查"), ("林知夏", "投标")]
    (look,) = Look.objects.filter(subject=w.YUNLING)
    assert (look.actor, look.audience, look.purpose, look.records) == ("林知夏", "self", "投标", 3), "G-10: its own"
    for stranger in (w.RIVAL, w.CLERK):
        with pytest.raises(Denied):
            queries.issued(stranger, w.YUNLING)
    assert queries.visible(w.CLERK, lines[0]["number"]).issued_by == "环境报送", "whoever took it may take it again"


def test_keys_lie_where_only_their_owner_reads_them(store) -> None:
    w.settle()
    w.issue()
    for key in keys.ReportKey.objects.all():
        assert stat.S_IMODE(keys.path(key.algorithm, key.number).stat().st_mode) == 0o600
    assert {k["algorithm"] for k in keys.published()} >= {"Ed25519"}


def test_an_english_report(store) -> None:
    w.settle()
    found = told(w.issue(language="en"))
    assert found["template"]["label"].startswith("Public credit information report")
    assert "Administrative penalties" in [c["label"] for c in found["chapters"]]
    assert found["subject"]["name"] == w.NAME, "names stay as they are"
