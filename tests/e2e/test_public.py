"""The citizen's way through the portal, with and without JavaScript, wide and narrow, by hand and by keyboard (S-11, R-104)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chengxin.registry import open_data, tallies

from ..portal import shelf
from . import cast
from .looking import looked_at, press_on, tab_to

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]
FIRM = "苏州云岭精密机械有限公司"
CODE = "91320505QX26A0011U"


@pytest.fixture
def stage(store: Any) -> None:
    """Two firms, more penalties than a page holds, one of them in dispute, a licence; counted and taken as open data."""
    firm = shelf.subject(FIRM, CODE, former=("苏州云岭五金厂",), found=False)
    other = shelf.subject("南京云岭食品有限公司", "91320105QX26A00B9N", region="320105")
    for n in range(24):
        shelf.record(firm if n % 3 else other, f"苏环罚〔2026〕{n}号", decided_on=shelf.TODAY - timedelta(days=n))
    later = shelf.TODAY + timedelta(days=30)
    shelf.record(firm, "苏环罚〔2026〕77号", standing="disputed", decided_on=shelf.TODAY, repair_from=later)
    shelf.record(firm, "许可1", item="licence", severity="", public_until=None)
    tallies.refresh(shelf.TODAY)
    open_data.make(shelf.TODAY)


@pytest.mark.parametrize(
    ("width", "script"), [(1280, True), (390, True), (390, False)], ids=["wide", "narrow", "narrow-no-script"]
)
def test_a_citizen_looks_a_firm_up_and_follows_what_is_published(
    browse: Callable[..., Any], width: int, script: bool
) -> None:
    page = browse(width=width, script=script)
    check = looked_at if script else (lambda shown, _name: shown)  # axe itself is a script
    look_up(page, check)
    read_the_subject(page, check)
    narrow_the_column(page, check)
    look_around(page, check)


def look_up(page: Any, check: Callable[..., Any]) -> None:
    page.goto("/", timeout=60_000)  # the first page of a new server reads the packs
    check(page, "home")
    page.fill("#q", "szylwj")
    cast.press(page, "main form button")
    assert FIRM in page.inner_text("main") and "曾用名：苏州云岭五金厂" in page.inner_text("main")
    page.goto("/search?q=云岭")
    check(page, "search")
    page.click("summary:has-text('缩小范围')")
    cast.press(page, "details a:has-text('南京市')")
    assert "查到 1 个单位" in page.inner_text("main")
    check(page, "search-narrowed")
    cast.press(page, ".tags a")
    assert "查到 2 个单位" in page.inner_text("main")
    page.goto("/search?q=苏州云玲精密")
    assert "没有完全相符的单位" in page.inner_text("main")
    check(page, "search-near")
    cast.press(page, "ol.list a >> nth=0")


def read_the_subject(page: Any, check: Callable[..., Any]) -> None:
    assert page.inner_text("h1") == FIRM
    assert "异议处理中" in page.inner_text("main")
    assert page.locator("article:visible").count() < page.locator("article").count(), "what is long is folded"
    page.click("summary:has-text('另外')")
    page.click("summary:has-text('全部内容') >> nth=1")
    assert "怎样修复" in page.inner_text("main")
    check(page, "subject-opened")
    cast.press(page, "main a:has-text('对这条信息提出异议') >> nth=0")
    assert "/sign-in?next=/my/" in page.url, "one's own space opens at this record"


def narrow_the_column(page: Any, check: Callable[..., Any]) -> None:
    page.goto("/publicity/penalty")
    check(page, "publicity")
    cast.press(page, "a[rel=next]")
    assert page.locator("ol.list > li").count() == 5
    page.fill("#id_name", "南京云岭")
    cast.press(page, "form.filters button")
    assert page.locator("ol.list > li").count() == 8
    check(page, "publicity-narrowed")
    page.goto("/publicity/penalty?since=2026-05-02&until=2026-05-01")
    assert "结束日期早于开始日期" in page.inner_text("main")
    check(page, "publicity-wrong")


def look_around(page: Any, check: Callable[..., Any]) -> None:
    for path in ("commitments", "lists", "statistics", "open-data", "site-map", "search", "inspections"):
        page.goto(f"/{path}")
        assert page.locator("h1").count() == 1, path
        check(page, path)


def test_the_whole_way_by_keyboard_alone(browse: Callable[..., Any]) -> None:
    page = browse()
    page.goto("/", timeout=60_000)
    tab_to(page, "单位名称或统一社会信用代码")
    page.keyboard.type("苏州云岭")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press_on(page, FIRM)
    tab_to(page, "全部内容、出处和办法")
    page.keyboard.press("Enter")
    assert page.locator("details[open] dt:has-text('归集依据')").count() == 1
    page.goto("/publicity/penalty")
    press_on(page, "下一页")
    assert re.search("older=", page.url)
