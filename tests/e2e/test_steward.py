"""A steward's month in a browser: the board, what is missing and whom to ask, doubts with both sides, the catalogue, the
bulletin as page, PDF and workbook, published by a second steward (F-03, F-27, R-047, R-052, R-054, R-060, R-349)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.actors import of_user
from chengxin.accounts.models import Role, User
from chengxin.collection import actions, jobs

from ..collection.files import penalty, text
from . import cast
from .looking import looked_at

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]
TODAY = timezone.localdate()


@pytest.fixture
def stage(store: Any) -> None:
    """Two stewards, and a batch in the register with a rejected row and two that contradict each other."""
    cast.settle()
    for name, display in (("chen", "陈砚秋"), ("liang", "梁若水")):
        make_user(name, display, cast.PASSWORD, [("centre", Role.STEWARD)])
    rows = [penalty(n, CF_JDRQ=TODAY.isoformat(), CF_YXQ="") for n in range(1, 6)]
    rows[1]["CF_JDRQ"] = "2026-13-45"
    rows.append(rows[4] | {"CF_NR": "另外的处罚内容"})
    people = {n: of_user(User.objects.get(username=n)) for n in ("reporter", "auditor")}
    submission = actions.Submission("penalty", cast.ECOLOGY, "处罚.csv", "page")
    batch = jobs.run(actions.submit(people["reporter"], submission, io.BytesIO(text(rows).encode())))
    jobs.run(actions.release(people["auditor"], batch))


def test_a_month_from_board_to_bulletin(enter: Callable[..., Any]) -> None:
    for width in (1280, 390):
        page = enter("chen", width=width)
        looks_at_the_board(page)
        if width == 1280:
            asks(page)
            answers(enter("reporter", width=width))
        compares(page)
        draws_up(page)
    publishes(enter("liang"))


def looks_at_the_board(page: Any) -> None:
    page.goto("/workbench/quality")
    assert "江苏省生态环境厅" in page.inner_text("main")
    looked_at(page, "quality")
    for view in ("按目录项", "逐项明细", "按地区"):
        cast.press(page, f"nav.tabs a:has-text('{view}')")
        assert page.locator("main table").count() >= 1
    page.goto("/workbench/quality?month=2026-13")
    looked_at(page, "quality-wrong")
    page.goto("/workbench/catalogue?q=处罚")
    looked_at(page, "catalogue-desk")
    cast.press(page, "main tbody a >> nth=0")
    cast.press(page, "nav.tabs a:has-text('版本')")
    looked_at(page, "catalogue-item")


def asks(page: Any) -> None:
    page.goto("/workbench/quality")
    cast.press(page, "main a.button:has-text('疑似漏报和迟报')")
    cast.press(page, "main form[method=post] button")
    assert "请至少勾选一处" in page.inner_text(".errors")
    looked_at(page, "omissions-wrong")
    page.check("main table input[type=checkbox] >> nth=0")
    page.fill("#id_answer_by", TODAY.isoformat())
    cast.press(page, "main form[method=post] button")
    assert "已发出 1 件" in page.inner_text("main")
    looked_at(page, "reminders")


def answers(page: Any) -> None:
    page.goto("/workbench/quality/reminders")
    cast.press(page, "main tbody a >> nth=0")
    page.check("input[name=outcome] >> nth=0")
    page.fill("#id_words", "已核对原件，改好后补报。")
    looked_at(page, "reminder")
    cast.press(page, "main form[method=post] button")
    assert "已回复" in page.inner_text("main")


def compares(page: Any) -> None:
    page.goto("/workbench/doubts")
    looked_at(page, "doubts")
    cast.press(page, "main ul.list a >> nth=0")
    assert "不一致" in page.inner_text("main")
    looked_at(page, "doubt")


def draws_up(page: Any) -> None:
    page.goto("/workbench/bulletins")
    looked_at(page, "bulletins")
    page.fill("#id_month", f"{TODAY:%Y-%m}")
    cast.press(page, "main form button >> nth=-1")
    assert "要由另一位数据管理员发布" in page.inner_text("main")
    looked_at(page, "bulletin")


def publishes(page: Any) -> None:
    page.goto("/workbench/bulletins")
    cast.press(page, "main tbody a >> nth=0")
    for words, ending in (("下载 PDF", ".pdf"), ("下载表格", ".xlsx")):
        with page.expect_download() as file:
            page.click(f"main a:has-text('{words}')")
        assert file.value.suggested_filename.endswith(ending)
    cast.press(page, "main form button")
    assert "已发布" in page.inner_text("main")
