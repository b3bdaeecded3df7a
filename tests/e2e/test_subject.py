"""A representative's day in a browser: why yellow, object with a file, the clock, authorise a bank, see its look, order a
report and verify it; wide with everything looked at, narrow in short (issue 5 section 5, F-08, R-094, R-154, R-212)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from chengxin.accounts.actions import make_api_key, make_user
from chengxin.accounts.actors import operator
from chengxin.accounts.models import Role
from chengxin.evaluation.actions import full
from chengxin.policy.evaluation import model_of
from chengxin.registry.packs import policies

from ..own import house as h
from . import cast
from .looking import WIDER, looked_at

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]

MODEL = "ecology-environment"
KEYS: dict[str, str] = {}


@pytest.fixture
def stage(store: Any) -> None:
    """The firm with its penalty, graded; its representative; a bank whose program has a key."""
    h.settle()
    packs, today = policies(), timezone.localdate()
    full(model_of(packs, MODEL, today), packs, operator("tester"), today)
    make_user("boss", "林知夏", cast.PASSWORD, [(h.UNIT, Role.REPRESENTATIVE)])
    bank = make_user("banker", "顾明远", cast.PASSWORD, [("bank", Role.BANK_OFFICER)])
    KEYS["bank"] = make_api_key(bank, "bank")


def test_the_day_of_a_representative(browse: Callable[..., Any]) -> None:
    page = browse(width=1280)
    cast.sign_in(page, "boss")
    assert page.url.endswith("/my")
    looked_at(page, "own-home")
    why(page)
    object_to_the_penalty(page)
    authorise_the_bank(page)
    the_bank_looks(page)
    page.goto(h.my("looks"))
    told = looked_at(page, "own-looks").inner_text("main")
    assert "江澜商业银行" in told and "申请贷款" in told and "行政处罚" in told
    report(page)
    for part in ("", "/export", "/apply", "/reports", "/grades"):
        page.goto(h.my() + part)
        looked_at(page, f"own{part.replace('/', '-') or '-profile'}")
    the_same_on_a_telephone(browse(width=390))


def the_same_on_a_telephone(page: Any) -> None:
    """In short: what waits, why the grade, how the case stands, what is held, and a form that was not filled in."""
    cast.sign_in(page, "boss")
    looked_at(page, "own-home")
    why(page)
    cast.press(page, "text=异议〔")
    assert "个工作日" in looked_at(page, "own-case").inner_text("main")
    for where, name in (("", "own-profile"), ("/looks", "own-looks")):
        page.goto(h.my() + where)
        assert page.evaluate(WIDER) <= 0, name
    page.goto(h.my("authorisations", "new"))
    cast.press(page, "main form button")
    looked_at(page, "own-authorise-wrong")


def why(page: Any) -> None:
    """From the first page to the grade, and from the grade to the record behind it."""
    cast.press(page, "text=企事业单位环保信用评价")
    told = looked_at(page, "own-grade").inner_text("main")
    assert "黄色" in told and "为什么是这个等级" in told and "-4" in told
    assert "如果现在修复" in told
    cast.press(page, "section.way a >> nth=0")
    assert "苏环罚〔2026〕7号" in looked_at(page, "own-record").inner_text("h1")


def object_to_the_penalty(page: Any) -> None:
    """One thing a page, wrong at first; then the number and the clock."""
    cast.press(page, "text=提出异议")
    looked_at(page, "own-start")
    cast.press(page, "text=开始填写")
    cast.press(page, "main form button")
    looked_at(page, "own-questions-wrong")
    page.check("input[name=ask_claim] >> nth=0")
    page.fill("#id_ask_statement", "监测数据来自已经停用的设备。")
    cast.press(page, "main form button")
    looked_at(page, "own-changes")
    page.fill("#id_change_changes_violation", "未按规定保存监测记录")
    cast.press(page, "main form button")
    page.set_input_files("#id_file_proof", {"name": "监测报告.pdf", "mimeType": "application/pdf", "buffer": h.w.PDF})
    looked_at(page, "own-materials")
    cast.press(page, "main form button")
    assert "监测报告.pdf" in looked_at(page, "own-check").inner_text("main")
    cast.press(page, "main form button")
    assert "异议〔" in looked_at(page, "own-sent").inner_text("main")
    cast.press(page, "text=查看这个办件")
    assert "个工作日" in looked_at(page, "own-case").inner_text("main")


def authorise_the_bank(page: Any) -> None:
    page.goto(h.my("authorisations", "new"))
    page.select_option("#id_grantee", "bank")
    page.fill("#id_purpose", "申请贷款")
    looked_at(page, "own-authorise")
    cast.press(page, "main form button")
    page.check("#id_agreed")
    looked_at(page, "own-authorise-check")
    cast.press(page, "main form button")
    assert "生效中" in looked_at(page, "own-authorisations").inner_text("main")


def the_bank_looks(page: Any) -> None:
    """The bank's program asks with the authorisation."""
    number = page.inner_text("section.way h3 + dl dd.code")
    body = {"code": h.CODE, "audience": "authorised", "purpose": "申请贷款", "basis": number, "unit": "bank"}
    headers = {"Authorization": f"Bearer {KEYS['bank']}"}
    answer = page.context.request.post("/api/v1/looks", data=body, headers=headers)
    assert answer.status == 200, answer.text()


def report(page: Any) -> None:
    """Ordered, and verified by whoever is shown it."""
    page.goto(h.my("reports", "new", "certificate"))
    looked_at(page, "own-report-order")
    page.fill("#id_purpose", "投标")
    cast.press(page, "main form button")
    looked_at(page, "own-report")
    cast.press(page, "text=核验这份报告")
    assert "真实有效" in page.inner_text("main")
