"""`chengxin policy check|list|show|diff` and where the policies are looked for."""

from __future__ import annotations

from pathlib import Path

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


def test_diff(province) -> None:
    province.edit(PENALTY, "length = 128", "length = 64")
    code, output = run("diff", PACKS, str(province.folder))
    assert code == 0 and "field document_number length: 128 → 64" in output and "1 differences" in output
    assert "no differences" in run("diff", PACKS, PACKS)[1]


def test_a_folder_that_does_not_load(province) -> None:
    province.edit(PENALTY, 'kind = "catalogue"', 'kind = "lists"')
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
