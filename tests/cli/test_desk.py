"""`chengxin remind` and `chengxin bulletin`: the centre's month from the command line (R-047, R-054, R-060)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils import timezone
from typer.testing import CliRunner

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role
from chengxin.cli.app import app
from chengxin.collection.models import Bulletin, Reminder, State

from ..api.world import CENTRE, ECOLOGY, batch

MONTH = f"{timezone.localdate():%Y-%m}"
SOON = (timezone.localdate() + timedelta(days=5)).isoformat()


def say(*words: str | int | Path) -> tuple[int, Any]:
    done = CliRunner().invoke(app, [*map(str, words), "--json"], catch_exceptions=False)
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture(autouse=True)
def _month(store: object) -> None:
    """A batch below the goal, its unit's reporter, and two stewards."""
    batch(State.STORED, received=7, created=5, rejected=2, checked_at=timezone.now())
    make_user("reporter", "林知夏", None, [(ECOLOGY, Role.REPORTER)])
    for name in ("steward", "steward-2"):
        make_user(name, name, None, [(CENTRE, Role.STEWARD)])


def asked(*more: str) -> tuple[int, Any]:
    about = f"{ECOLOGY}:penalty:intake"
    return say("remind", "ask", MONTH, "--about", about, "--by", SOON, *(more or ("--as", "steward")))


def test_a_reminder_from_the_command_line() -> None:
    [found] = [s for s in say("remind", "suspects", MONTH)[1] if s["defect"] == "intake"]
    assert "71.4%" in found["reason"]
    code, [told] = asked()
    assert (code, told["source"], told["state"]) == (0, ECOLOGY, "open")
    assert asked() == (0, []), "not asked twice"
    words = ("--outcome", "sent", "--words", "已补报")
    assert say("remind", "answer", told["id"], *words, "--as", "steward")[0] == 2
    assert say("remind", "answer", told["id"], *words, "--as", "reporter")[1][0]["state"] == "answered"
    again = ("--remark", "缺第 3 号", "--by", SOON)
    assert say("remind", "reopen", told["id"], *again, "--as", "steward")[1][0]["state"] == "open"
    say("remind", "answer", told["id"], *words, "--as", "reporter")
    assert say("remind", "close", told["id"], "--as", "reporter")[0] == 2
    assert say("remind", "close", told["id"], "--as", "steward")[1][0]["state"] == "closed"
    assert [r["id"] for r in say("remind", "list", "--state", "closed", "--as", "reporter")[1]] == [told["id"]]
    table = CliRunner().invoke(app, ["remind", "list"], env={"COLUMNS": "200"})
    assert "已补报" in table.stdout


def test_what_does_not_fit_is_refused_with_one_sentence() -> None:
    for words, expected in [
        (("suspects", "2026-13"), "2026-13"),
        (("suspects", "2001-01"), "目标"),
        (("ask", MONTH, "--about", "x", "--by", SOON), "单位:目录项:问题"),
        (("ask", MONTH, "--about", "x:y:z", "--by", SOON), "x / y / z"),
        (("close", 99), "没有这一件"),
    ]:
        code, told = say("remind", *words)
        assert code == 2 and expected in told["reason"], told
    assert asked("--as", "reporter")[0] == 2 and not Reminder.objects.exists()


def test_a_bulletin_from_the_command_line(tmp_path: Path) -> None:
    code, draft = say("bulletin", "prepare", MONTH, "--foreword", "请抓紧整改。", "--as", "steward")
    assert (code, draft["published_at"]) == (0, None)
    assert say("bulletin", "list", "--as", "reporter") == (0, [])
    out = ("bulletin", "publish", MONTH, "--sha256", draft["sha256"])
    assert say(*out, "--as", "steward")[0] == 2, "four eyes"
    assert say("bulletin", "publish", MONTH, "--sha256", "0" * 64, "--as", "steward-2")[0] == 2
    assert say(*out, "--as", "steward-2")[1]["published_by"] == "steward-2"
    assert say("bulletin", "prepare", MONTH, "--as", "steward")[0] == 2, "what is out never changes"
    for form, begin in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b"{")):
        file = tmp_path / f"b.{form}"
        assert say("bulletin", "export", MONTH, "--out", file, "--as", "reporter")[0] == 0
        assert file.read_bytes().startswith(begin)
    assert openpyxl.load_workbook(tmp_path / "b.xlsx")["各信源单位排名"]["B5"].value == "江苏省生态环境厅"
    assert json.loads((tmp_path / "b.json").read_text()) == json.loads(Bulletin.objects.get().snapshot)
    assert say("bulletin", "export", MONTH, "--out", tmp_path / "b.doc")[0] == 2
