"""The subject decides who looks, and sees who looked; its reports and its data are its own (R-094, R-112, G-10, PIPL 45)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.models import Authorisation, Role
from chengxin.policy.queries import suggested_term
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import Ask, NoBasis, look, note
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.reports.models import Report

from . import house as h

pytestmark = pytest.mark.once


def authorise(boss: Client, **more: object) -> Authorisation:
    today = timezone.localdate()
    given = {
        "grantee": "bank",
        "purpose": "申请贷款",
        "since": today,
        "until": today + timedelta(days=9),
        "items": ["penalty"],
    }
    assert boss.post(h.my("authorisations", "new"), {**given, **more}).status_code == 302
    assert "江澜商业银行" in boss.get(h.my("authorisations", "new", "check")).text
    assert (
        boss.post(h.my("authorisations", "new", "check"), {"agreed": "on", "fields_": ["violation"]}).status_code == 302
    )
    return Authorisation.objects.latest("pk")


def test_an_authorisation_is_given_used_seen_and_taken_back_at_once(record: Record) -> None:
    boss = h.boss()
    made = authorise(boss)
    assert (made.items, made.fields, made.given_by) == (["penalty"], ["violation"], "林知夏")
    h.client("顾明远", ("bank", Role.BANK_OFFICER))
    bank = h.actor("顾明远")
    ask = Ask(Audience.AUTHORISED, "申请贷款", made.number, "bank")
    assert [set(s.shown.fields) for s in look(bank, record.subject, ask)] == [{"violation"}]
    seen = boss.get(h.my("looks"))
    for said in ("江澜商业银行", "顾明远", "经本单位授权", "申请贷款", made.number):
        assert said in seen.text
    boss.post(h.my("authorisations", made.number, "revoke"))
    with pytest.raises(NoBasis):
        look(bank, record.subject, ask)
    assert "已拒绝" in boss.get(h.my("looks") + "?basis=refused").text
    assert "已撤回" in boss.get(h.my("authorisations")).text


def test_an_authorisation_without_purpose_term_or_word_is_refused(record: Record) -> None:
    boss = h.boss()
    yesterday = timezone.localdate() - timedelta(days=1)
    page = boss.post(
        h.my("authorisations", "new"), {"grantee": "bank", "purpose": "", "since": yesterday, "until": yesterday}
    )
    assert page.status_code == 422
    assert "请写明用途" in page.text
    assert "截止的日期已经过去" in page.text
    today = timezone.localdate()
    boss.post(h.my("authorisations", "new"), {"grantee": "bank", "purpose": "x", "since": today, "until": today})
    page = boss.post(h.my("authorisations", "new", "check"), {})
    assert (page.status_code, Authorisation.objects.count()) == (422, 0)


def test_taking_back_waits_for_no_password(record: Record) -> None:
    boss = h.boss()
    made = authorise(boss)
    session = boss.session
    session["confirmed"] = 0
    session.save()
    boss.post(h.my("authorisations", made.number, "revoke"))
    assert Authorisation.objects.get(pk=made.pk).revoked_at is not None
    page = boss.post(h.my("authorisations", "new"), {})
    assert page.status_code == 302 and "confirm" in page["Location"], "giving leave does"


def test_nobody_revokes_for_another_subject(record: Record) -> None:
    made = authorise(h.boss())
    stranger = h.client("泊禾代表", ("bohe", Role.REPRESENTATIVE))
    assert stranger.post(h.my("authorisations", made.number, "revoke", code=h.OTHER)).status_code == 404


def test_the_list_of_looks_leaves_as_a_file_that_no_spreadsheet_runs(record: Record) -> None:
    boss = h.boss()
    made = authorise(boss, purpose="=HYPERLINK(1)")
    h.client("顾明远", ("bank", Role.BANK_OFFICER))
    look(h.actor("顾明远"), record.subject, Ask(Audience.AUTHORISED, "=HYPERLINK(1)", made.number, "bank"))
    text = b"".join(boss.get(h.my("looks.csv"))).decode("utf-8-sig")  # type: ignore[call-overload]
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text
    assert boss.get(h.my("looks") + "?since=gestern").status_code == 422


def test_a_report_is_ordered_downloaded_and_verified(record: Record) -> None:
    boss = h.boss()
    page = boss.post(
        h.my("reports", "new", "certificate"), {"language": "zh", "start": "2001-01-01", "end": timezone.localdate()}
    )
    assert page.status_code == 422
    assert "期限从" in page.text
    sent = {"language": "zh", "start": "2026-01-01", "end": timezone.localdate(), "purpose": "投标"}
    answer = boss.post(h.my("reports", "new", "certificate"), sent)
    made = Report.objects.get()
    assert answer["Location"] == h.my("reports", made.number)
    assert made.code in boss.get(answer["Location"]).text
    assert boss.get(h.my("reports", made.number, "pdf")).content.startswith(b"%PDF")
    assert made.number in boss.get(h.my("reports")).text
    verified = Client().get("/verify", {"number": made.number, "code": made.code})
    assert "真实有效" in verified.text
    stranger = h.client("泊禾代表", ("bohe", Role.REPRESENTATIVE))
    assert stranger.get(h.my("reports", made.number, "pdf", code=h.OTHER)).status_code == 404


def test_the_archive_holds_everything_and_says_that_it_was_taken(record: Record) -> None:
    boss = h.boss()
    case = h.objected(boss, record)
    authorise(boss)
    answer = boss.post(h.my("export", "data.zip"))
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    told = {
        name: json.loads(archive.read(f"{name}.json"))
        for name in ("profile", "cases", "authorisations", "looks", "reports")
    }
    assert [r["title"] for r in told["profile"]["records"]] == ["苏环罚〔2026〕7号"]
    assert [c["number"] for c in told["cases"]] == [case.number]
    assert told["authorisations"][0]["grantee_id"] == "bank"
    assert told["looks"][0]["audience"] == "self"
    assert "超标排放水污染物" in archive.read("records.csv").decode()
    assert boss.get(h.my("export", "data.zip")).status_code == 405


def test_the_suggested_term_of_an_authorisation_is_the_packs(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-094: the form begins with the days of the kind `queries`, and with none where the pack has none."""
    boss, where = h.boss(), h.my("authorisations", "new")
    days = suggested_term(policies(), timezone.localdate())
    assert days and boss.get(where).context["form"]["until"].value() == timezone.localdate() + timedelta(days=days)
    monkeypatch.setattr("chengxin.own.leave.suggested_term", lambda *_of: None)
    assert boss.get(where).context["form"]["until"].value() is None


def test_what_a_look_rests_on_is_named_and_not_coded(record: Record) -> None:
    """G-10: whoever reads the book knows no ids of models and lists."""
    for basis in ("evaluation ecology-environment", "candidates environmental-violators", "check bidding"):
        note("职员", record.subject.code, Ask(Audience.DUTY, "核对", basis, "centre"), fields=("grade",))
    page = h.boss().get(h.my("looks")).text
    for words in ("企事业单位环保信用评价", "环境违法者名单", "依法必须招标项目投标"):
        assert words in page
    for code in ("ecology-environment", "environmental-violators", "bidding"):
        assert f">{code}<" not in page
