"""A department's people in a browser: a draft tried, a draw, a result entered on a phone, a listing taken through notice and
decision by two others (issue 5 section 5; R-144, R-157, R-166, R-170, R-171, G-03)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chengxin.accounts.actions import make_user
from chengxin.accounts.actors import operator
from chengxin.accounts.models import Role
from chengxin.supervision.inspection.actions import draw, plan, register_inspector

from ..workbench import bureau as b
from . import cast
from .looking import looked_at

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]
Enter = Callable[..., Any]


@pytest.fixture
def stage(store: Any) -> None:
    """Polluters with grades; a reporter, two auditors, an inspector with a drawn plan."""
    cast.settle()
    make_user("second", "程若水", cast.PASSWORD, [(cast.ECOLOGY, Role.AUDITOR)])
    make_user("inspector", "陆行舟", cast.PASSWORD, [(cast.ECOLOGY, Role.INSPECTOR)])
    b.polluters(1, 2, 3)
    b.polluters(10, severity="serious")
    b.grade()
    somebody = operator("reporter")
    for number, person in (("E01", "inspector"), ("E02", "")):
        register_inspector(somebody, cast.ECOLOGY, number, "检查员", person=person)
    term = b.TODAY, b.TODAY.replace(month=12, day=31)
    draw(somebody, plan(somebody, b.POLICY, "四季度排污单位双随机抽查", *term), "3D: 4 7 1")
    register_inspector(
        somebody, cast.ECOLOGY, "E03", "检查员"
    )  # nobody goes to the same subject in the same pair twice


def test_a_day_at_the_department(enter: Enter) -> None:
    reporter, first, second = (enter(who) for who in ("reporter", "auditor", "second"))
    simulate(reporter)
    plan_and_draw(reporter, first)
    entry = propose(reporter)
    act(reporter, entry, "事前告知", document="苏环告〔2026〕1号", text="拟列入，五个工作日内可以陈述申辩。")
    act(reporter, entry, "记下当事人的答复", outcome="waiver")
    act(first, entry, "审核", outcome="agree", text="事实清楚。")
    first.goto(entry)
    assert "您做过“审核”，这一步要由另一位办理" in first.inner_text("main")
    act(second, entry, "决定", outcome="list", document="苏环决〔2026〕1号", text="决定列入。")
    assert "已决定列入" in looked_at(second, "dept-listing").inner_text("main")
    for part in ("subjects", f"models/{b.MODEL}", "listings", "measures", "alerts"):
        second.goto(f"/workbench/{part}")
        looked_at(second, f"dept-{part.replace('/', '-')}")


def test_a_result_is_entered_on_a_phone(enter: Enter) -> None:
    phone = enter("inspector", width=390)
    phone.goto("/workbench/inspections/tasks")
    cast.press(looked_at(phone, "dept-tasks"), "ul.cards a >> nth=0")
    name = phone.inner_text("h1")
    cast.press(phone, "main form button")
    assert "请选择一个检查结果" in looked_at(phone, "dept-task-wrong").inner_text("main")
    phone.click("text=发现问题已责令改正")
    phone.fill("#id_findings", "危险废物台账缺页，限期三日补齐。")
    cast.press(phone, "main form button")
    assert f"{name}的检查结果已保存" in looked_at(phone, "dept-tasks-done").inner_text("main")
    for part in ("subjects", "inspections/P000001", "measures"):
        phone.goto(f"/workbench/{part}")
        looked_at(phone, f"dept-{part.replace('/', '-')}")


def simulate(page: Any) -> None:
    """A general penalty costs two points less: who would move, and why."""
    page.goto(f"/workbench/models/{b.MODEL}")
    cast.press(page, "text=试一试别的分值")
    field = page.get_by_label("一般处罚：每项分值")
    assert field.input_value() == "-4"
    field.fill("-2")
    cast.press(looked_at(page, "dept-simulate"), "text=开始模拟")
    said = looked_at(page, "dept-simulation").inner_text("main")
    assert "等级变动 3 个：上升 3 个" in said and b.name(1) in said


def plan_and_draw(reporter: Any, auditor: Any) -> None:
    """One person plans and draws, another publishes; anybody can draw again."""
    reporter.goto("/workbench/inspections/new")
    reporter.fill("#id_title", "十二月专项抽查")
    reporter.fill("#id_starts", b.TODAY.isoformat())
    reporter.fill("#id_ends", b.TODAY.replace(month=12, day=31).isoformat())
    cast.press(reporter, "text=固定名录库，公示指纹")
    where = reporter.url
    reporter.on("dialog", lambda dialog: dialog.accept())
    cast.press(looked_at(reporter, "dept-plan"), "text=现在抽取")
    assert "请另一位审核员公布" in reporter.inner_text("main")
    auditor.goto(where)
    cast.press(auditor, "text=公布抽取结果")
    cast.press(auditor, "text=重抽一遍核对")
    assert "核对一致" in looked_at(auditor, "dept-inspection").inner_text("main")


def propose(page: Any) -> str:
    """From the candidates to a proposal, by way of the reason to look at the records."""
    page.goto(f"/workbench/lists/{b.LIST}")
    cast.press(page, "text=找出符合的主体 >> nth=0")
    cast.press(looked_at(page, "dept-list"), f"text={b.name(10)}")
    page.select_option("#id_matter", "inspection")
    page.fill("#id_purpose", "核对列入名单的依据")
    cast.press(looked_at(page, "dept-reason"), "text=查看信用记录")
    page.click("text=因严重环境违法行为受到行政处罚")
    page.click("text=宁环罚〔2026〕10号")
    page.fill("#id_text", "超标排放，经责令改正拒不改正。")
    cast.press(looked_at(page, "dept-propose"), "main form button")
    return str(page.url)


def act(page: Any, entry: str, what: str, outcome: str = "", **papers: str) -> None:
    """One step: to its page, what it leaves behind, done."""
    page.goto(entry)
    cast.press(page, f"main a.button:has-text('{what}')")
    if outcome:
        page.check(f"input[value={outcome}]")
    for name, words in papers.items():
        page.fill(f"#id_{name}", words)
    cast.press(page, "text=记下这一步")
    assert "已记下" in page.inner_text("main")
