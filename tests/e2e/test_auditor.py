"""An auditor's day in a browser: who was turned away, who looked, one event with its proof, the log checked (G-10, R-082)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role
from chengxin.audit import sealing
from chengxin.audit.actions import record as trace
from chengxin.audit.keys import open_log
from chengxin.audit.models import Look

from . import cast
from .looking import looked_at

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def stage(store: Any) -> None:
    """An auditor, a sealed log, a denial and a look."""
    make_user("shen", "沈立", cast.PASSWORD, [("centre", Role.AUDIT)])
    make_user("lin", "林知夏", cast.PASSWORD, [(cast.ECOLOGY, Role.REPORTER)])
    open_log("init")
    trace("lin", "batch.submit", "batch", 7, item="penalty", source=cast.ECOLOGY)
    trace("lin", "access.denied", "route", "keys", method="GET", status=403)
    Look.objects.create(actor="lin", subject="91320500MA1QX26A00", audience="duty", basis="licence", purpose="许可审查")
    sealing.seal()


def test_from_a_denial_to_its_proof(enter: Callable[..., Any]) -> None:
    for width in (1280, 390):
        from_a_denial(enter("shen", width=width))


def from_a_denial(page: Any) -> None:
    page.goto("/workbench/audit")
    looked_at(page, "audit")
    cast.press(page, "nav.tabs >> text=被拒绝的")
    assert "越权访问被拒绝" in page.inner_text("main")
    cast.press(page, "main tbody a >> nth=0")
    assert "检查点里" in page.inner_text("main")
    page.click("summary >> nth=-1")
    looked_at(page, "audit-event")
    page.goto("/workbench/audit/looks")
    assert "许可审查" in page.inner_text("main")
    looked_at(page, "audit-looks")
    page.goto("/workbench/audit/log")
    cast.press(page, "text=现在核验最新部分")
    assert "最新部分完好" in page.inner_text("main")
    looked_at(page, "audit-log")
    page.goto("/workbench/audit?since=2026-13-45")
    looked_at(page, "audit-wrong")
