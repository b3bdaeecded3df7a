"""The main job in a real browser: a faulty file goes in, is answered, is released, and the public sees the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from . import cast

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_a_faulty_file_to_a_public_profile(browse: Callable[..., Any], script: bool) -> None:
    for width, number in ((1280, 1), (390, 2)):
        reporter = browse(width=width, script=script)
        cast.sign_in(reporter, "reporter")
        batch = cast.send(reporter, number)
        said = reporter.inner_text("main")
        assert "校验完成，等待审核放行" in said
        assert "不是正确的统一社会信用代码" in said
        assert "周一鸣" in said
        assert reporter.locator("text=放行入库").count() == 0
        with reporter.expect_download() as receipt:
            reporter.click("text=下载回执（XLSX：原表加上问题）")
        assert receipt.value.suggested_filename.endswith(".xlsx")

        auditor = browse(width=width, script=script)
        auditor.goto(batch)
        assert "/sign-in?next=" in auditor.url
        cast.sign_in(auditor, "auditor")
        auditor.goto(batch)
        cast.press(auditor, "main button:has-text('放行入库')")
        assert "已放行并入库" in auditor.inner_text("main")

        visitor = browse(width=width, script=script)
        visitor.goto("/")
        visitor.fill("#q", "泊禾")
        cast.press(visitor, "main form button")
        cast.press(visitor, f"text=苏州泊禾{number:05d}机械有限公司")
        profile = visitor.inner_text("main")
        assert f"苏环罚〔2026〕{number}号" in profile
        assert "失信程度" in profile
        assert "江苏省生态环境厅" in profile
        visitor.click("text=全部内容、出处和办法")
        assert visitor.locator("text=《中华人民共和国大气污染防治法》第九十九条").first.is_visible()
        cast.press(visitor, "text=English")
        assert "Administrative penalty" in visitor.inner_text("main")


def test_by_keyboard_alone(browse: Callable[..., Any]) -> None:
    page = browse()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip")
    assert page.evaluate("document.activeElement.getBoundingClientRect().width") > 50
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto("/sign-in")
    page.keyboard.type("nobody")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector(".errors")
    assert page.evaluate("document.activeElement.className") == "errors"
