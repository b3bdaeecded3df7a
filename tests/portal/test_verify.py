"""The verification page: a stranger learns the verdict and nothing else of the report (F-08, T16)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chengxin.audit.models import Event
from chengxin.reports import actions, keys, queries
from chengxin.reports.asking import Request
from chengxin.reports.models import Report

from ..conftest import REPO
from ..reports import world as w


@pytest.fixture
def report(store: object, settings: object) -> Report:
    settings.API_RATES = {"key": "0/60", "address": "0/60"}  # type: ignore[attr-defined]
    w.settle()
    return actions.issue(w.BOSS, Request("full", (w.YUNLING,), purpose="投标用途保密"))


def upload(content: bytes, name: str = "report.pdf") -> str:
    response = Client().post("/verify", {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 200 and not response.cookies, "a public page sets no cookie"
    return response.content.decode()


def test_by_number_and_code(report: Report) -> None:
    page = Client().get("/verify", {"number": report.number, "code": report.code}).content.decode()
    assert "真实有效" in page and w.NAME in page and report.number in page
    for hidden in ("投标用途保密", "苏环罚", "林知夏", w.YUNLING):
        assert hidden not in page, "no more than name, number, days and verdict"
    for number, code in ((report.number, "AAAAAAAA"), ("QB20269999999", report.code)):
        page = Client().get("/verify", {"number": number, "code": code}).content.decode()
        assert "不是本平台出具的报告" in page and w.NAME not in page
    assert "请同时填写" in Client().get("/verify", {"number": report.number}).content.decode()
    assert 'role="status"' not in Client().get("/verify").content.decode()


def test_the_address_in_the_code_leads_to_the_verdict(report: Report) -> None:
    address = json.loads(report.snapshot)["verify"]
    assert "真实有效" in Client().get(address.removeprefix("http://127.0.0.1:8000")).content.decode()


def test_by_file(report: Report) -> None:
    whole, package = queries.pdf_of(report), actions.package(report)
    assert "真实有效" in upload(whole) and "真实有效" in upload(package, "report.json")
    forged = package.decode().replace("罚款人民币 12 万元", "罚款人民币 1 万元").encode()
    page = upload(forged, "report.json")
    assert "被改动过" in page and "处罚内容" in page and "1 万元" not in page, "the place, and no value"
    assert w.NAME not in page
    event = Event.objects.get(action="report.altered")
    assert (event.actor, event.object) == ("anonymous", report.number)
    assert "第 1 页的内容被改动" in upload(with_a_byte_of_a_page_changed(whole))
    assert "请选择要核验" in Client().post("/verify").content.decode()


def with_a_byte_of_a_page_changed(pdf: bytes) -> bytes:
    from chengxin.reports.pdffile import page_digests

    right = page_digests(pdf)
    at = 0
    while True:
        at = pdf.index(b"/Filter/FlateDecode>>\nstream\n", at) + 40
        changed = pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]
        found = page_digests(changed)
        if found[0] != right[0]:
            return changed


def test_expired_and_replaced(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = {"number": report.number, "code": report.code}
    actions.issue(w.BOSS, Request("full", (w.YUNLING,), purpose="再次投标"))
    assert "已有更新的报告" in Client().get("/verify", ask).content.decode()
    late = timezone.localdate() + timedelta(days=60)
    monkeypatch.setattr("chengxin.portal.verify.timezone.localdate", lambda: late)
    page = Client().get("/verify", ask).content.decode()
    assert "已有更新的报告" in page and "有效期到" in page


def test_guessing_is_slowed_down(report: Report, settings: object) -> None:
    settings.API_RATES = {"key": "3/3600", "address": "3/3600"}  # type: ignore[attr-defined]
    tries = [Client().get("/verify", {"number": report.number, "code": f"AAAAAAA{n}"}).status_code for n in range(5)]
    assert tries == [200, 200, 200, 429, 429]
    assert Client().get("/verify").status_code == 200, "the empty form stays open"


def test_public_keys_are_given_to_everybody(report: Report) -> None:
    given = Client().get("/verify/keys.json").json()["keys"]
    assert given == keys.published() and all("private" not in k for k in given)


def test_the_programs_that_verify_without_us_are_given_to_everybody(store: object) -> None:
    """G-18: the pages name them, so whoever has nothing but a browser can have them; nothing else of the folder."""
    for name in ("verify_draw", "verify_log", "verify_report"):
        given = Client().get(f"/verify/programs/{name}.py")
        assert given.getvalue() == (REPO / "docs" / f"{name}.py").read_bytes()
        assert given["Content-Disposition"] == f'attachment; filename="{name}.py"'
    assert "/verify/programs/verify_report.py" in Client().get("/verify").content.decode()
    for other in ("verify_nothing", "make"):
        assert Client().get(f"/verify/programs/{other}.py").status_code == 404


def test_in_english(report: Report) -> None:
    page = Client().get("/verify", {"number": report.number, "code": report.code}, headers={"Accept-Language": "en"})
    assert "Genuine and valid" in page.content.decode()
