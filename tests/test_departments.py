"""What docs/departments.md tells a department's developer is tried out: its program sends a file to a running platform."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chengxin.accounts.actions import make_api_key, make_user
from chengxin.accounts.models import Role
from chengxin.api import uploads
from chengxin.collection.models import Batch
from chengxin.engine.receipt import FINDING_COLUMNS, RESULTS

from .collection.files import penalty, write
from .conftest import REPO, Store

LANGUAGES = ("docs/departments.md", "docs/departments.zh.md")
ECOLOGY = "ecology-environment"


def blocks(name: str) -> list[str]:
    return re.findall(r"```(?:sh|python)\n(.*?)```", (REPO / name).read_text("utf-8"), re.DOTALL)


def program(name: str) -> str:
    return next(block for block in blocks(name) if block.startswith("import"))


@pytest.fixture
def platform(store: Store) -> Iterator[dict[str, str]]:
    """The environment of a department's program: the address of a running platform, and its reporter's key."""
    key = make_api_key(make_user("he", "何青", None, [(ECOLOGY, Role.REPORTER)]), "审批系统")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = [sys.executable, "-m", "chengxin", "serve", "--port", str(port), "--no-with-worker"]
    server = subprocess.Popen(serve, env=store.env)
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.1)
    yield {**os.environ, "CHENGXIN_URL": f"http://127.0.0.1:{port}", "CHENGXIN_KEY": key}
    server.terminate()
    server.wait(timeout=20)


def test_the_program_sends_a_file_once_and_fetches_its_receipt(platform: dict[str, str], tmp_path: Path) -> None:
    file = write(tmp_path / "处罚.csv", [penalty(1), penalty(2, CF_JDRQ="2026-02-30"), penalty(3)])
    script = tmp_path / "send.py"
    script.write_text(program(LANGUAGES[0]), encoding="utf-8")
    sent = [sys.executable, str(script), str(file), "penalty", ECOLOGY, "2026-0001"]
    told = [subprocess.check_output(sent, cwd=tmp_path, env=platform, text=True, timeout=120).split() for _ in range(2)]
    batch = Batch.objects.get()
    assert told[0] == told[1] == [batch.number, "checked", "3", "1", "0", "2"]
    assert (batch.file_name, batch.submitted_by) == ("处罚.csv", "he")
    with (tmp_path / "receipt.csv").open(encoding="utf-8-sig", newline="") as lines:
        receipt = list(csv.DictReader(lines))
    assert [(r["row"], r["rule"]) for r in receipt if r["level"] == "reject"] == [("2", "penalty.decided_on.date")]


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_handbook_names_what_there_is(name: str) -> None:
    text = (REPO / name).read_text("utf-8")
    for word in (*FINDING_COLUMNS, *RESULTS):
        assert f"`{word}`" in text, word
    for header in (uploads.KEY, uploads.ITEM, uploads.SOURCE, uploads.NAME):
        assert f'"{header}"' in program(name)


@pytest.mark.parametrize("name", ["departments", "operators"])
def test_both_languages_show_the_same_commands(name: str) -> None:
    english, chinese = (
        re.findall(r"```\w+\n.*?```", (REPO / f"docs/{name}{end}.md").read_text("utf-8"), re.DOTALL)
        for end in ("", ".zh")
    )
    assert english == chinese and english


@pytest.mark.usefixtures("store")
def test_every_address_in_the_handbook_answers(client: object) -> None:
    text = (REPO / LANGUAGES[0]).read_text("utf-8")
    addresses = sorted(set(re.findall(r"`(/(?:catalogue|api)[\w./-]*)`", text)))
    assert len(addresses) == 8
    assert {a: client.get(a).status_code for a in addresses} == dict.fromkeys(addresses, 200)  # type: ignore[attr-defined]
