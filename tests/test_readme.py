"""The README's tour is run as it stands: a newcomer must see what it shows (issue: shown by)."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPO, Store

CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


def tour(name: str) -> list[tuple[str, list[str]]]:
    """(command, expected lines) of every console block, in order; … stands for anything."""
    steps: list[tuple[str, list[str]]] = []
    for block in CONSOLE.findall((REPO / name).read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
    return steps


def pattern(expected: list[str]) -> re.Pattern[str]:
    """Expected lines as one expression: … within a line is anything, a line of … alone any number of lines."""
    parts = []
    for line in expected:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(re.sub(r"\s+", " ", p)) for p in line.rstrip().split("…")) + r"[ ]*\n")
    return re.compile("".join(parts))


def run(command: str, store: Store, folder: Path) -> str:
    """The command with ./dev replaced by this environment, in a folder that looks like the repository."""
    words = shlex.split(command)
    if words[:2] == ["./dev", "chengxin"]:
        words = [sys.executable, "-m", "chengxin", *words[2:]]
    env = {**store.env, "COLUMNS": "160", "PYTHONPATH": str(REPO / "src"), "CHENGXIN_POLICIES": str(REPO / "policies")}
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    return re.sub(r"[^\S\n]+", " ", done.stdout + done.stderr)


@pytest.mark.slow
def test_the_tour_shows_what_the_readme_says(store: Store, tmp_path: Path) -> None:
    os.symlink(REPO / "examples", tmp_path / "examples")
    os.symlink(store.home, tmp_path / "var")
    for command, expected in tour("README.md"):
        printed = run(command, store, tmp_path)
        assert pattern(expected).match(printed), f"$ {command}\n{printed}\nexpected\n" + "\n".join(expected)


def test_both_languages_give_the_same_commands() -> None:
    assert [c for c, _ in tour("README.zh.md")] == [c for c, _ in tour("README.md")]
    assert len(tour("README.md")) >= 8
