"""The README's tour is run as it stands: a newcomer must see what it shows (issue: shown by)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPO, Store

pytestmark = pytest.mark.once

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
            parts.append(".*".join(re.escape(re.sub(r"\s+", " ", p)) for p in line.rstrip().split("…")) + r" *\n")
    return re.compile("".join(parts))


DEV = """#!/bin/sh
case "$1" in
chengxin) shift; exec "{python}" -m chengxin "$@" ;;
python) shift; exec "{python}" "$@" ;;
esac
"""
"""What ./dev does once everything is installed; that it installs is tested in test_dev.py."""


@pytest.fixture
def checkout(store: Store, tmp_path: Path) -> Path:
    """A folder in which the tour can be walked: it may change the policies and fills var/."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("policies", "docs"):
        shutil.copytree(REPO / name, folder / name)
    os.symlink(REPO / "examples", folder / "examples")
    os.symlink(store.home, folder / "var")
    dev = folder / "dev"
    dev.write_text(DEV.format(python=sys.executable), encoding="utf-8")
    dev.chmod(0o755)
    return folder


def run(command: str, store: Store, folder: Path) -> str:
    """What a newcomer sees who types the command, blanks collapsed."""
    home = {"CHENGXIN_HOME": str(folder / "var"), "CHENGXIN_POLICIES": str(folder / "policies")}
    env = {**store.env, **home, "COLUMNS": "160"}
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    return re.sub(r"[^\S\n]+", " ", done.stdout + done.stderr)


@pytest.mark.slow
def test_the_tour_shows_what_the_readme_says(store: Store, checkout: Path) -> None:
    for command, expected in tour("README.md"):
        printed = run(command, store, checkout)
        assert pattern(expected).fullmatch(printed), f"$ {command}\n{printed}\nexpected\n" + "\n".join(expected)


def test_both_languages_give_the_same_commands() -> None:
    assert [c for c, _ in tour("README.zh.md")] == [c for c, _ in tour("README.md")]
    assert tour("README.zh.md") == tour("README.md") and len(tour("README.md")) >= 19
