"""Two reviewers in the browser: the first at a desk, the second on a phone; the case, the decision, its letter (F-07, R-228)."""

from __future__ import annotations

from typing import Any

import pytest

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role

from ..cases import world as w
from . import cast
from .cast import press
from .looking import looked_at, press_on

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]

DONE = {"corrected": "是", "duties_done": "是", "truth": "是"}


@pytest.fixture
def stage(store: Any) -> None:
    """An application for repair that waits for its first reviewer, and one that lacks what it needs."""
    make_user("first", "孙初见", cast.PASSWORD, [("centre", Role.FIRST_REVIEWER)])
    make_user("second", "钱复明", cast.PASSWORD, [("centre", Role.SECOND_REVIEWER)])
    files = (w.upload("commitment", name="信用修复承诺书.pdf"), w.upload("fulfilment", name="缴款凭证.pdf"))
    again = (w.upload("commitment"),)
    w.opened("repair", w.BOSS, on=None, record=w.settle().pk, form=DONE, files=files)
    other = w.settle(document_number="苏环罚〔2026〕2号")
    w.opened("repair", w.BOSS, on=None, record=other.pk, form=DONE | {"duties_done": "否"}, files=again)


def test_a_repair_from_the_queue_to_its_letter(enter: Any) -> None:
    first = enter("first", width=1280)
    looked_at(first, "reviewer-home")
    first.goto("/workbench/cases")
    looked_at(first, "reviewer-queue")
    press(first, "text=修复〔2026〕2号")
    assert "还不能办" in looked_at(first, "reviewer-unmet").text_content("main")
    first.goto("/workbench/cases/修复〔2026〕1号")
    looked_at(first, "reviewer-case")
    press_on(first, "受理")
    press(first, "button[value=check]")
    looked_at(first, "reviewer-check")
    press(first, "button[value=confirm]")
    press(first, "text=初审通过 >> nth=0")
    press(first, "button[value=check]")
    assert "请写明理由" in looked_at(first, "reviewer-wrong").text_content("main")
    first.fill("#id_reason_field", "承诺书和缴款凭证齐全，最短公示期已满。")
    press(first, "button[value=check]")
    press(first, "button[value=confirm]")
    assert "初审通过，待复审" in first.text_content("main")

    second = enter("second", width=390)
    second.goto("/workbench/cases")
    looked_at(second, "reviewer-queue")
    press(second, "text=修复〔2026〕1号")
    looked_at(second, "reviewer-case")
    press(second, "a.button >> nth=0")
    second.fill("#id_reason_field", "条件具备，同意修复。")
    press(second, "button[value=check]")
    assert "将要发出的文书" in looked_at(second, "reviewer-check").text_content("main")
    press(second, "button[value=confirm]")
    assert "已修复" in looked_at(second, "reviewer-decided").text_content("h1")
