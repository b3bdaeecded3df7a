"""`chengxin audit`, `backup` and `restore`: exit codes for scripts, and the drill that a backup brings everything back (F17)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from django.db import connection
from typer.testing import CliRunner

from chengxin.accounts import factors
from chengxin.accounts.actions import make_user
from chengxin.audit.models import Event
from chengxin.cli.app import app
from chengxin.registry.models import Record

from ..audit import book
from ..conftest import Store, _administer

_TELEPHONE = (
    "import django; django.setup(); from chengxin.accounts.models import Telephone;"
    " print(Telephone.objects.get().bin_key.hex())"
)


def said(*words: str) -> tuple[int, Any]:
    done = CliRunner().invoke(app, [*words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_checkpoint_prove_and_verify_tell_a_script_what_it_needs(store: Store) -> None:
    code, refused = said("audit", "verify")
    assert code == 2 and refused["state"] == "refused"
    record = book.fill()
    book.write(2)
    code, told = said("audit", "checkpoint")
    assert code == 0 and told["leaves"] == 2 and told["witnesses"] == {}
    for what in ("0", f"record:{record.change}", "event:1", f"growth:{told['size'] - 2}"):
        code, proof = said("audit", "prove", what)
        assert code == 0 and proof["proof"], what
    assert said("audit", "prove", "event:999999")[0] == said("audit", "prove", "?")[0] == 2
    code, told = said("audit", "verify")
    assert (code, told["state"], told["index"]) == (0, "sound", None)
    book.tamper("UPDATE audit_event SET actor = 'x' WHERE id = 5")
    code, told = said("audit", "verify")
    assert (code, told["state"], told["index"], told["kind"]) == (3, "tampered", 4, "event-changed")
    assert told["faults"][0]["detail"]


def test_the_drill_everything_comes_back_and_verifies(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backup, loss of everything, restore into an empty place: same rows, same files, and the log is sound."""
    book.fill()
    device = factors.begin(make_user("he", "何青", None, []))
    (store.home / "evidence").mkdir(exist_ok=True)
    (store.home / "evidence" / "a.csv").write_bytes(b"a,b\n1,2\n")
    safe, fresh = tmp_path / "safe", tmp_path / "fresh"
    monkeypatch.setenv("CHENGXIN_HOME", str(store.home))
    if "CHENGXIN_DATABASE_URL" in store.env:
        monkeypatch.setenv("CHENGXIN_DATABASE_URL", store.env["CHENGXIN_DATABASE_URL"])
    code, told = said("backup", str(safe))
    assert code == 0 and told["files"] >= 3
    assert oct((safe / "home" / "keys" / "log-1.key").stat().st_mode)[-3:] == "600"
    assert said("backup", str(safe))[0] == 2, "it does not write over one"
    assert said("restore", str(safe))[0] == 2, "nor restore over something"
    bent = tmp_path / "bent"
    shutil.copytree(safe, bent)
    (bent / "home" / "evidence" / "a.csv").write_bytes(b"a,b\n1,3\n")
    monkeypatch.setenv("CHENGXIN_HOME", str(fresh))
    code, refused = said("restore", str(bent))
    assert code == 2 and "a.csv" in refused["reason"] and not fresh.exists()

    env = {**store.env, "CHENGXIN_HOME": str(fresh)}
    database = ""
    if connection.vendor == "postgresql":
        database = f"cx_drill_{uuid4().hex[:8]}"
        _administer(f'CREATE DATABASE "{database}"')
        env["CHENGXIN_DATABASE_URL"] = urlunsplit(urlsplit(env["CHENGXIN_DATABASE_URL"])._replace(path=f"/{database}"))
    try:
        assert _run(env, "restore", str(safe), "--json").returncode == 0
        verified = json.loads(_run(env, "audit", "verify", "--json").stdout)
        assert verified["state"] == "sound" and verified["rows"]["record"] == Record.objects.count() + 2
        assert verified["rows"]["event"] + verified["pending"]["event"] == Event.objects.count()
        assert (fresh / "evidence" / "a.csv").read_bytes() == b"a,b\n1,2\n"
        opened = subprocess.check_output([sys.executable, "-c", _TELEPHONE], env={**os.environ, **env}, text=True)
        assert opened.strip() == device.bin_key.hex(), "sealed secrets come back with the key that opens them"
    finally:
        if database:
            _administer(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


@pytest.mark.parametrize("words", [["restore", "/nowhere"], ["audit", "prove", "event:x"]])
def test_what_cannot_be_read_is_refused_with_one_sentence(words: list[str], store: Store) -> None:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 2 and json.loads(done.stdout)["reason"]


def _run(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chengxin", *words],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
