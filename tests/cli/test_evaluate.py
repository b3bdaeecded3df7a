"""The commands of evaluation keep their contract: evaluate, follow, why, simulate (issue 3, part 4)."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from chengxin.audit.models import Look
from chengxin.cli.app import app

from ..conftest import REPO
from ..evaluation.world import MODEL, code, few_packs, penalty, register

DRAFT = REPO / "policies" / "departments" / "ecology-environment" / "evaluation.toml"


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    return few_packs(tmp_path_factory.mktemp("packs") / "policies")


@pytest.fixture
def run(store, settings, packs):
    settings.POLICIES = packs

    def call(*arguments: str, expect: int = 0) -> str:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == expect, result.output
        return result.output

    return call


def test_evaluate_and_why_say_what_scripts_expect(run) -> None:
    register(1, 2)
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    told = json.loads(run("evaluate", MODEL, "--json"))
    assert {"model", "version", "subjects", "grades", "seconds"} <= set(told)
    assert (told["model"], told["subjects"], told["grades"]["yellow"], told["stored"]) == (MODEL, 1, 1, True)
    assert "黄色" in run("why", code(1), "--model", MODEL)
    why = json.loads(run("why", code(1), "--model", MODEL, "--json"))
    assert why["grade"] == "yellow" and why["outlook"]["records"][0]["if_repaired"]["grade"] == "blue"
    assert "nothing" in run("follow")
    past = json.loads(run("evaluate", MODEL, "--as-of", "2026-01-01", "--json"))
    assert (past["subjects"], past["stored"]) == (0, False)


def test_what_is_not_there_is_refused_in_a_sentence(run) -> None:
    assert "there are" in json.loads(run("evaluate", "nothing", "--json", expect=2))["reason"]
    assert "没有" in json.loads(run("why", code(9), "--model", MODEL, "--json", expect=2))["reason"]


def test_simulate_writes_a_page_and_tables(run, tmp_path) -> None:
    register(1)
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    file = tmp_path / "draft.toml"
    file.write_text(DRAFT.read_text("utf-8").replace("points = -4", "points = -9"), "utf-8")
    told = json.loads(run("simulate", str(file), "--against", MODEL, "--out", str(tmp_path / "out"), "--json"))
    assert (told["subjects"], told["moved"], told["down"]) == (1, 1, 1)
    look = Look.objects.get(basis=f"simulation {MODEL}")
    assert look.subject == code(1), "whom the files name sees it (G-10)"
    assert {"report.html", "moves.csv", "migration.csv"} <= {f.name for f in (tmp_path / "out").iterdir()}
    file.write_text(file.read_text("utf-8").replace("[[veto]]", "[[vetto]]"), "utf-8")
    assert "vetto" in json.loads(run("simulate", str(file), "--json", expect=2))["reason"]


def test_verify_lists_what_waits_and_takes_the_step(run) -> None:
    """A result becomes a grade when its steps are done, by somebody else than who ran the evaluation (R-024, R-144)."""
    register(1, 2)
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    assert json.loads(run("evaluate", "checked", "--json"))["waiting"] == {"first": 2}
    assert "还没有核实" in run("why", code(1), "--model", "checked")
    told = json.loads(run("verify", "checked", "--json"))
    assert told["waiting"] == {"first": 2} and {r["grade"] for r in told["results"]} == {"A", "B"}
    assert {look.subject for look in Look.objects.filter(basis="evaluation checked")} == {code(1), code(2)}
    assert "另一位" in json.loads(run("verify", "checked", "--outcome", "confirm", "--json", expect=2))["reason"]
    one = ("verify", "checked", "--code", code(1), "--as", "another")
    assert "理由" in json.loads(run(*one, "--outcome", "return", "--json", expect=2))["reason"]
    done = json.loads(run(*one, "--outcome", "confirm", "--json"))
    assert (done["in_effect"], done["waiting"]) == (1, {"first": 1})
    assert "1 个" in run("verify", "checked") and "没有" in run(
        "verify", "checked", "--code", "nobody", "--outcome", "confirm", expect=2
    )
    assert "核实无误" in run("why", code(1), "--model", "checked")
    assert json.loads(run("why", code(1), "--model", "checked", "--json"))["provisional"] is False
