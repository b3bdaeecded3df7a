"""The three administrators in a browser, each with their own duty: a person comes in, gets rights, gets a key; policies are
read and compared; a text is written, checked and let out by a second person (三员, G-20, R-340)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role

from . import cast
from .looking import looked_at

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def stage(store: Any) -> None:
    """The administrators, an editor and a publisher."""
    for name, display, role in (
        ("operator", "陆系统", Role.OPERATOR), ("security", "安全全", Role.SECURITY), ("editor", "柳新", Role.REPORTER),
        ("publisher", "方正", Role.PUBLISHER),
    ):  # fmt: skip
        make_user(name, display, cast.PASSWORD, [("centre", role)])


def test_a_person_comes_in_gets_rights_and_a_key(enter: Callable[..., Any]) -> None:
    for width in (1280, 390):
        comes_in(enter, width)


def comes_in(enter: Callable[..., Any], width: int) -> None:
    system = enter("operator", width=width)
    system.goto("/workbench/people/new")
    cast.press(system, "main form >> text=登记")
    looked_at(system, "person-wrong")
    system.fill("#id_username", f"zhou{width}")
    system.fill("#id_display_name", "周一鸣")
    cast.press(system, "main form >> text=登记")
    looked_at(system, "person")
    cast.press(system, "text=邀请设置密码")
    cast.press(system, "text=生成邀请")
    looked_at(system, "person-invite")
    for path in ("/workbench/people", "/workbench/units", "/workbench/running")[: 3 if width > 500 else 1]:
        system.goto(path)
        looked_at(system, f"{path.rsplit('/', 1)[1]}")

    security = enter("security", width=width)
    security.goto(f"/workbench/people?q=zhou{width}")
    cast.press(security, "main tbody a >> nth=0")
    cast.press(security, "text=授予角色")
    looked_at(security, "grant")
    security.fill("#id_organisation", "water")
    cast.press(security, "main form >> text=下一步")
    looked_at(security, "grant-role")
    security.check("main input[name=role][value=reporter]")
    cast.press(security, "main form >> text=授予")
    assert "已授予：周一鸣" in security.inner_text("main")
    cast.press(security, "text=发放密钥")
    looked_at(security, "key-new")
    security.fill("#id_label", "水利厅业务系统")
    cast.press(security, "main form >> text=发放")
    assert "离开这一页就再也看不到" in security.inner_text("main")
    looked_at(security, "key-made")
    if width < 500:
        return
    security.goto("/workbench/policies/compare?a=national/repair-2023.toml&b=national/repair-2026.toml")
    looked_at(security, "policies-compare")
    security.goto("/workbench/policies/national/disclosure-2026.toml")
    looked_at(security, "policy")


def test_a_text_is_let_out_by_a_second_person(enter: Callable[..., Any]) -> None:
    for width in (1280, 390):
        let_out(enter, width)


def let_out(enter: Callable[..., Any], width: int) -> None:
    editor = enter("editor", width=width, script=width > 500)
    editor.goto("/workbench/content/new")
    editor.check("text=通知公告")
    editor.fill("#id_ask_title", "平台周六维护")
    editor.fill("#id_ask_body", "## 时间\n\n周六凌晨，查询可能中断十分钟。见[服务指南](/guide)。")
    cast.press(editor, "text=预览 >> nth=0")
    assert "自动检查没有发现" in editor.inner_text("main")
    if width > 500:  # axe needs scripts, the narrow editor has none
        looked_at(editor, "content-preview")
    cast.press(editor, "text=提交审核")
    assert "等另一位工作人员审核" in editor.inner_text("main")
    publisher = enter("publisher", width=width)
    publisher.goto("/workbench/content?state=draft")
    cast.press(publisher, "main tbody a >> nth=0")
    looked_at(publisher, "content-draft")
    cast.press(publisher, "main p.actions >> text=发布")
    cast.press(publisher, "main form >> text=发布")
    assert "已发布" in publisher.inner_text("main")
    cast.press(publisher, "text=看公开的页面")
    looked_at(publisher, "news-item")
    for path in ("/guide/repair", "/api", "/account", "/news", "/guide", "/feedback")[: 6 if width > 500 else 2]:
        publisher.goto(path)
        looked_at(publisher, f"{path.strip('/').replace('/', '-')}")
    publisher.goto("/feedback")
    cast.press(publisher, "text=提交留言")
    looked_at(publisher, "feedback-wrong")
