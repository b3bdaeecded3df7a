"""The environment's story by commands: a penalty, a lower grade, denser inspection, measures, a list, and back (issue 3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from chengxin.cli.app import app
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Record

from ..supervision.helpers import BOHE, YUNLING, penalty, records, send

MODEL = "ecology-environment"
TODAY = timezone.localdate()
NAME = "苏州云岭精密机械有限公司"
Run = Callable[..., object]


@pytest.fixture
def run(store: object) -> Run:
    def call(*arguments: str, expect: int = 0) -> object:
        result = CliRunner().invoke(app, [*arguments, "--json"])
        assert result.exit_code == expect, result.output
        return json.loads(result.output)

    return call


@pytest.fixture
def world(store: object) -> None:
    """Two polluters: one with a fresh serious penalty, one with an old record only."""
    fresh = penalty(1, YUNLING, NAME, "苏环罚〔2026〕1号", severity="serious", decided_on=TODAY - timedelta(days=30))
    old = penalty(2, BOHE, "南京泊禾商贸有限公司", "苏环罚〔2015〕2号", decided_on=TODAY - timedelta(days=4000))
    send(fresh, old)


@pytest.mark.usefixtures("world")
def test_from_a_penalty_to_grade_inspection_measures_and_back(run: Run, tmp_path: Path) -> None:
    """R-433, R-434, R-187, R-157, R-201: each step by a command, each answer with its basis."""
    assert run("check", YUNLING, "--matter", "environment-awards")["reason"] == "no-measure"
    grades = run("evaluate", MODEL)["grades"]
    assert grades["blue"] == 1 and sum(grades.values()) == 2
    assert run("alerts", "run")["began"] >= 2
    told = run("check", YUNLING, "--matter", "environment-permit-nothing")
    assert (told["answer"], told["reason"]) == ("", "unknown-matter")
    told = run("check", YUNLING, "--matter", "discharge-permit")
    assert told["answer"] == "must-examine" and "生态环境" in told["findings"][0]["basis"]
    assert run("check", BOHE, "--matter", "discharge-permit")["why"].startswith("没有可以适用的措施")

    run_plain("inspect", "inspector", MODEL, "E01", "甲")
    run_plain("inspect", "inspector", MODEL, "E02", "乙", "--employer", BOHE)
    run_plain("inspect", "inspector", MODEL, "E03", "丙")
    period = ("--from", f"{TODAY}", "--to", f"{TODAY.year}-12-31", "--as", "anna")
    plan = run("inspect", "plan", MODEL, "--title", "四季度双随机抽查", *period)
    assert "seed" not in plan and plan["commitment"]["pool_size"] == 2
    number = plan["plan"]
    drawn = run("inspect", "draw", number, "--beacon", "471", "--as", "anna")
    tasks = {t["code"]: t for t in drawn["tasks"]}
    assert YUNLING in tasks and "E02" not in tasks.get(BOHE, {"inspectors": []})["inspectors"]
    assert run("inspect", "verify", number)["same"]

    found = tmp_path / "results.csv"
    lines = [f"{code},发现问题已责令改正,{TODAY},台账不全" for code in tasks]
    found.write_text("\n".join(["code,result,inspected_on,findings", *lines]) + "\n", "utf-8")
    assert run("inspect", "results", number, str(found), "--as", "anna")["entered"] == len(tasks)
    told = run("inspect", "publish", number, "--out", str(tmp_path / "draw.json"), "--as", "boris")
    assert (told["state"], told["stored"]) == ("stored", len(tasks)), told
    record = Record.objects.get(item="inspection", subject__code=YUNLING)
    assert (record.source, record.decided_on) == (MODEL, TODAY)
    assert json.loads((tmp_path / "draw.json").read_text("utf-8"))["seed"] == drawn["seed"]

    change_standing(min(records(YUNLING)), "repair", Because("boris", "已履行处罚并纠正"))
    run("evaluate", MODEL)
    assert run("check", YUNLING, "--matter", "discharge-permit")["answer"] == ""
    assert run("alerts", "run")["lifted"] >= 2
    assert run("alerts", "list", "--receiver", "department") == run("alerts", "list", "--to", MODEL)


@pytest.mark.usefixtures("world")
def test_a_listing_by_commands(run: Run, tmp_path: Path) -> None:
    """R-170, R-171: one command a step; who may not, learns why."""
    assert "environmental-violators" in {k["id"] for k in run("lists", "kinds")}
    named = run("lists", "kinds", "--find", "环保“黑名单”")
    assert [k["id"] for k in named] == ["environmental-violators"], "by the name the plan of 2020 gives it"
    args = (
        "lists",
        "propose",
        "environmental-violators",
        YUNLING,
        "--criterion",
        "serious-penalty",
        "--text",
        "超标排放",
    )
    assert "写明依据哪些记录" in run(*args, "--as", "anna", expect=2)["reason"]
    start = f"{TODAY - timedelta(days=25)}"
    entry = run(*args, "--record", str(records(YUNLING)[0]), "--as", "anna", "--on", start)
    number = entry["number"]

    def step(name: str, who: str, days: int, *more: str, expect: int = 0) -> dict[str, object]:
        on = f"{TODAY - timedelta(days=25 - days)}"
        paper = ("--document", f"{name}1号", "--text", "理由", "--as", who, "--on", on)
        return run("lists", name, number, *paper, *more, expect=expect)

    assert "应先做「事前告知」" in step("publish", "chen", 0, expect=2)["reason"]
    step("notify", "anna", 0)
    step("answer", "anna", 1, "--outcome", "statement")
    step("review", "boris", 14, "--outcome", "agree")
    assert "请由另一位办理" in step("decide", "boris", 15, "--outcome", "list", expect=2)["reason"]
    step("decide", "chen", 15, "--outcome", "list")
    step("serve", "anna", 16)
    assert step("publish", "chen", 17)["state"] == "listed"
    assert run("check", YUNLING, "--matter", "environment-funds")["answer"] == "must-refuse"
    assert "最早自" in run("lists", "exit", number, "--text", "申请", expect=2)["reason"]
    gone = run("lists", "exit", number, "--wrong", "--document", "9号", "--text", "认定有误", "--as", "chen")
    assert gone["state"] == "revoked" and run("check", YUNLING, "--matter", "environment-funds")["answer"] == ""
    assert [e["state"] for e in run("lists", "show", YUNLING)] == ["revoked"]
    assert "没有" in run("lists", "show", "L999999", expect=2)["reason"]
    [shown], paper = run("lists", "show", number), tmp_path / "letter.pdf"
    letters = {s["kind"]: s["letter"] for s in shown["steps"]}
    assert "decide1号" in run("lists", "letter", number, str(letters["decision"]), "--out", str(paper))["title"]
    assert paper.read_bytes().startswith(b"%PDF") and letters["review"] is None
    other = next(s["letter"] for s in shown["steps"] if s["kind"] == "notice") + 999
    assert "没有这份文书" in run("lists", "letter", number, str(other), "--out", str(paper), expect=2)["reason"]


def run_plain(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("world")
def test_a_criterion_that_a_list_does_not_have_is_refused_and_not_answered_with_nobody(run: Run) -> None:
    told = run("lists", "candidates", "environmental-violators", "--criterion", "gossip", expect=2)
    assert "没有「gossip」" in told["reason"] and "serious-penalty" in told["reason"]
