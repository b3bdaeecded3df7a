"""`chengxin demo` hands over to a fresh server, and the daily work begins on an empty store."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chengxin.cases import drafts
from chengxin.cli import run
from chengxin.cli.app import app
from chengxin.cli.following import Follower


def test_the_demo_serves_from_a_process_that_has_computed_nothing(store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that compute hung for ever in workers forked from the process that had taken the province in."""
    started: list[list[str]] = []
    monkeypatch.setattr(run, "init", lambda: None)
    monkeypatch.setattr(run, "_free", lambda host, port: None)
    monkeypatch.setattr("chengxin.cli.demo.prepare", lambda subjects: None)
    monkeypatch.setattr(Follower, "changes", lambda self: None)
    monkeypatch.setattr(run.os, "execv", lambda program, words: started.append(words))
    assert CliRunner().invoke(app, ["demo", "--small", "--port", "8123"], catch_exceptions=False).exit_code == 0
    assert started == [[sys.executable, "-m", "chengxin", "serve", "--port", "8123", "--host", "127.0.0.1"]]


def test_drafts_are_swept_also_where_there_never_was_one(store, tmp_path: Path, settings: object) -> None:
    """The daily work of a new store failed on it once a day."""
    settings.HOME = tmp_path / "new"  # type: ignore[attr-defined]
    drafts.sweep()
    old = tmp_path / "new" / "drafts" / "old"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))
    drafts.sweep()
    assert not old.exists()
