"""A batch survives a kill -9 at any moment, and the register holds each row once (F11, R-082).

The command is killed at each step in turn; then somebody does what people do: sends the file again if nothing of it
arrived, and lets the worker run. The end must be the same as without the accident.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chengxin.accounts.actors import operator
from chengxin.collection import actions, jobs
from chengxin.collection.models import Batch, State
from chengxin.registry import search, search_index
from chengxin.registry.models import Record, RecordVersion, Subject

from ..conftest import REPO, Store
from .files import penalty, write

ROWS = 2_500
CHUNK = "1000"
STEPS = [
    ("chengxin.collection.evidence.keep", "before", 1),
    ("chengxin.collection.evidence.keep", "after", 1),
    ("chengxin.collection.actions._open", "after", 1),
    ("chengxin.collection.persons.check_file", "before", 1),
    ("chengxin.engine.check.Checker.check", "after", 2),
    ("chengxin.collection.receipts.Receipt.finish", "before", 1),
    ("chengxin.collection.receipts.Receipt.finish", "after", 1),
    ("chengxin.collection.verdict.Verdict.save", "after", 1),
    ("chengxin.collection.jobs._finish", "before", 1),
    ("chengxin.collection.jobs._finish", "after", 1),
    ("chengxin.collection.actions.release", "after", 1),
    ("chengxin.registry.merge._insert_subjects", "after", 1),
    ("chengxin.registry.merge._insert_records", "after", 2),
    ("chengxin.registry.merge._insert_versions", "after", 2),
    ("chengxin.collection.jobs._merged", "after", 1),
    ("chengxin.collection.jobs._merged", "after", 3),
    ("chengxin.collection.merging.merge", "after", 1),
    ("chengxin.collection.merging.merge", "after", 3),
    ("chengxin.collection.jobs._finish", "after", 2),
    ("chengxin.registry.search_index._index_step", "after", 1),
]


def run(store: Store, target: str, when: str, nth: int, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.collection.killed", target, when, str(nth), "--", *command],
        cwd=REPO, env={**store.env, "CHENGXIN_CHUNK_ROWS": CHUNK}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def send_again(file: Path) -> Batch:
    with file.open("rb") as stream:
        batch = actions.submit(
            operator("he"), actions.Submission("penalty", "ecology-environment", file.name, "cli"), stream
        )
    return jobs.run(batch)


@pytest.mark.slow
@pytest.mark.parametrize(("target", "when", "nth"), STEPS, ids=lambda v: str(v).rsplit(".", 1)[-1])
def test_killed_at_any_step_the_register_ends_up_the_same(
    store: Store, tmp_path: Path, target: str, when: str, nth: int
) -> None:
    file = write(
        tmp_path / "penalties.csv", [penalty(n) for n in range(ROWS - 1)] + [penalty(ROWS, CF_JDRQ="2026-02-30")]
    )
    submit = (
        "submit",
        str(file),
        "--item",
        "penalty",
        "--source",
        "ecology-environment",
        "--as",
        "he",
        "--release-as",
        "she",
        "--json",
    )
    died = run(store, target, when, nth, *submit)
    assert died.returncode == -signal.SIGKILL, died.stderr[-2000:]

    jobs.work(once=True)
    batch = Batch.objects.first() or send_again(file)
    if batch.state == State.CHECKED:
        jobs.run(actions.release(operator("she"), batch))
    batch.refresh_from_db()
    assert (batch.state, batch.received, batch.rejected, batch.created) == (State.STORED, ROWS, 1, ROWS - 1)
    assert (batch.updated, batch.unchanged) == (0, 0)
    assert (Record.objects.count(), RecordVersion.objects.count(), Subject.objects.count()) == (ROWS - 1,) * 3
    search_index.follow()
    assert [h.current_name for h in search.search("泊禾01234")] == ["苏州泊禾01234机械有限公司"]


def test_sending_the_same_file_again_stores_nothing_twice(store: Store, tmp_path: Path) -> None:
    file = write(tmp_path / "penalties.csv", [penalty(n) for n in range(50)])
    submit = (
        "submit",
        str(file),
        "--item",
        "penalty",
        "--source",
        "ecology-environment",
        "--as",
        "he",
        "--release-as",
        "she",
        "--json",
    )
    first, second = (json.loads(run(store, "x.y", "never", 0, *submit).stdout) for _ in range(2))
    assert (first["created"], second["created"], second["unchanged"]) == (50, 0, 50)
    assert Record.objects.count() == RecordVersion.objects.count() == 50
