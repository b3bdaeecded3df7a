"""`chengxin policy check|list|show|schema|diff` and where the policies are looked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import frictionless
import pytest
from typer.testing import CliRunner

from chengxin.cli.policy import app
from chengxin.paths import home, policies_dir, repo_root

PENALTY = "national/catalogue/penalty.toml"
PACKS = str(Path(__file__).parent / "packs")


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_check_says_that_all_is_well() -> None:
    code, output = run("check", "--policies", PACKS, "--assumptions")
    assert code == 0, output
    assert "2 items" in output and "is in order" in output
    assert "assumed  national/catalogue/penalty.toml: retention: 保存期限未读到原文" in output
    assert "0 examples run" not in output


def test_check_runs_the_examples_in_a_process_of_its_own_where_no_store_is(tmp_path: Path) -> None:
    """As ./dev check and whoever writes a pack call it: nothing has been set up, and there is no store to be opened."""
    words = [sys.executable, "-m", "chengxin", "policy", "check", "--policies", PACKS]
    done = subprocess.run(
        words, env={**os.environ, "CHENGXIN_HOME": str(tmp_path)}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and "is in order" in done.stdout, done.stderr[-500:]
    assert not list(tmp_path.glob("*.sqlite3"))


def test_check_names_file_line_found_and_expected(province) -> None:
    province.edit(PENALTY, 'type = "code_set"', 'type = "codeset"')
    code, output = run("check", "--policies", str(province.folder))
    line = province.line(PENALTY, "codeset")
    assert code == 1
    assert f"{PENALTY}:{line}: field[10].type: found 'codeset'; expected one of" in output


def test_check_runs_the_examples_with_the_engine(province) -> None:
    province.edit(
        PENALTY, 'bad = [{ procedure = "简易程序", fine = "0.31" }]', 'bad = [{ procedure = "简易程序", fine = "0.1" }]'
    )
    code, output = run("check", "--policies", str(province.folder))
    assert code == 1 and "penalty.simplified-fine-limit" in output and "expected a failure (bad example)" in output
    assert run("check", "--policies", str(province.folder), "--no-examples")[0] == 0


def test_list_by_day() -> None:
    code, output = run("list", "--policies", PACKS, "--on", "2026-11-21")
    assert code == 0 and "penalty" in output and "发改财金规〔2024〕203号" in output
    code, output = run("list", "--policies", PACKS, "--on", "2020-06-01")
    assert code == 0 and "penalty" not in output and "registration" in output


def test_show() -> None:
    code, output = run("show", "penalty", "--policies", PACKS, "--on", "2026-11-21")
    assert code == 0
    for words in (
        "行政处罚",
        "penalty.document_number.length",
        "dropped",
        "severity minor",
        'list_contains("penalty_kinds"',
    ):
        assert words in output
    code, output = run("show", "nothing", "--policies", PACKS)
    assert code == 1 and "there are penalty, registration" in output


def test_schema_of_an_item_and_of_a_file_as_it_is_laid_out(tmp_path: Path) -> None:
    """A department checks its own file, with its own headings in its own order, by any tool (R-005)."""
    code, output = run("schema", "penalty", "--policies", PACKS, "--on", "2026-11-21")
    assert code == 0 and json.loads(output)["fields"][0]["title"] == "行政相对人名称"
    file = tmp_path / "penalties.csv"
    rows = ["处罚决定日期,CF_XDR_LB,流水号", "2026/3/1,自然人,1", "2026-02-30,路人,2"]
    file.write_text("\n".join(rows), encoding="utf-8")
    code, output = run("schema", "penalty", "--for", str(file), "--policies", PACKS, "--on", "2026-11-21")
    schema = json.loads(output)
    assert code == 0 and [f["name"] for f in schema["fields"]][:3] == ["处罚决定日期", "CF_XDR_LB", "流水号"]
    resource = frictionless.Resource(path=str(file), schema=frictionless.Schema.from_descriptor(schema))
    with frictionless.system.use_context(trusted=True):
        found = resource.validate().flatten(["type", "rowNumber", "fieldName"])
    assert {tuple(f[1:]) for f in found if f[0] in ("type-error", "constraint-error")} == {
        (3, "处罚决定日期"),
        (3, "CF_XDR_LB"),
    }
    lacking = {f[2] for f in found if f[0] == "missing-label"}
    assert {"行政处罚决定书文号", "行政相对人名称"} <= lacking and "处罚决定日期" not in lacking
    code, output = run("schema", "nothing", "--policies", PACKS)
    assert code == 1 and "there are penalty, registration" in output
    code, output = run("schema", "penalty", "--for", str(tmp_path / "absent.csv"), "--policies", PACKS)
    assert code == 1 and "absent.csv" in output


def test_diff(province) -> None:
    province.edit(PENALTY, "length = 128", "length = 64")
    code, output = run("diff", PACKS, str(province.folder))
    assert code == 0 and "field document_number length: 128 → 64" in output and "1 differences" in output
    assert "no differences" in run("diff", PACKS, PACKS)[1]


def test_a_folder_that_does_not_load(province) -> None:
    province.edit(PENALTY, 'kind = "catalogue"', 'kind = "reports"')
    for command in (["list"], ["show", "penalty"]):
        code, output = run(*command, "--policies", str(province.folder))
        assert code == 1 and "later version" in output


def test_where_things_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CHENGXIN_POLICIES", "CHENGXIN_HOME"):
        monkeypatch.delenv(name, raising=False)
    root = repo_root()
    assert root is not None and policies_dir() == root / "policies"
    monkeypatch.chdir(tmp_path)
    assert home() == tmp_path / "var"
    monkeypatch.setenv("CHENGXIN_POLICIES", str(tmp_path / "p"))
    monkeypatch.setenv("CHENGXIN_HOME", str(tmp_path / "h"))
    assert (policies_dir(), home()) == (tmp_path / "p", tmp_path / "h")
