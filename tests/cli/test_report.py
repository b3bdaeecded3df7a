"""`chengxin report …`: the contract that operators script against (issue 5, section 3)."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from chengxin.cli.app import app

from ..reports import world as w


def say(*words: str | Path) -> tuple[int, dict]:
    done = CliRunner().invoke(app, ["report", *map(str, words), "--json"], catch_exceptions=False)
    return done.exit_code, json.loads(done.stdout)


def test_issue_verify_list(store, tmp_path) -> None:
    w.settle()
    pdf, data = tmp_path / "报告.pdf", tmp_path / "报告.json"
    code, made = say("issue", w.YUNLING, "--template", "full", "--purpose", "投标", "--out", pdf)
    assert (code, made["number"], made["asked_as"]) == (0, "QB20260000001", "subject")
    assert pdf.read_bytes()[:5] == b"%PDF-"
    assert say("verify", pdf) == (0, say("verify", pdf)[1]) and say("verify", pdf)[1]["state"] == "genuine"
    say("issue", w.YUNLING, "--template", "certificate", "--field", "environment", "--out", data)
    data.write_text(data.read_text().replace("12 万元", "1 万元"))
    code, verdict = say("verify", data)
    assert (code, verdict["state"]) == (3, "altered") and "处罚内容" in verdict["faults"][0]
    assert [r["template"] for r in say("list", w.YUNLING)[1]["reports"]] == ["certificate", "full"]


def test_refusals_leave_with_two_and_a_sentence(store) -> None:
    w.settle()
    code, said = say("issue", "91320505QX26A0999X", "--template", "full")
    assert code == 2 and "没有代码为" in said["reason"]
    assert say("issue", w.YUNLING, "--template", "natural-person")[0] == 2
    assert "full" in say("issue", w.YUNLING, "--template", "fancy")[1]["reason"]


def test_a_list_is_worked_off(store, tmp_path) -> None:
    w.settle()
    codes = tmp_path / "codes.txt"
    codes.write_text(f"{w.YUNLING}\nnobody\n", "utf-8")
    code, done = say("batch", codes, "--template", "industry", "--purpose", "行业公益报告")
    assert (code, done["done"], done["failed"]) == (0, 1, 1) and done["finished_at"]
    assert say("batch", "--order", str(done["order"]))[1]["done"] == 1, "running again is safe"
    assert say("batch", "--order", "999")[0] == 2
