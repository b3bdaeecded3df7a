"""The single-file verifier believes what is right and nothing else, without a line of ours (G-18; T12 for exports)."""

from __future__ import annotations

import base64
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chengxin.audit import keys, proving, sealing
from chengxin.audit.exporting import export
from chengxin.audit.models import Checkpoint, LogKey
from chengxin.standards.signing import Ed25519Provider, OpenSSLSM2Provider

from ..conftest import REPO
from . import book

FILE = REPO / "docs" / "verify_log.py"


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_log", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask(verifier: ModuleType, capsys: Any, *words: str) -> tuple[int, str]:
    code = verifier.main(list(words))
    return code, capsys.readouterr().out


def test_it_imports_nothing_of_ours_and_nothing_that_is_not_pythons() -> None:
    found = subprocess.run(
        [sys.executable, "-I", "-S", "-c",
         f"import runpy, sys; runpy.run_path({str(FILE)!r}); print([m for m in sys.modules if 'django' in m"
         " or 'chengxin' in m or 'cryptography' in m])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("provider", [Ed25519Provider(), OpenSSLSM2Provider()])
def test_its_signatures_agree_with_the_libraries(provider: Any, verifier: ModuleType) -> None:
    pair = provider.generate()
    raw = pair.public[-32:] if provider.algorithm == "Ed25519" else pair.public[-64:]
    check = verifier.ed25519 if provider.algorithm == "Ed25519" else verifier.sm2
    for message in (b"", b"abc", b"x" * 200):
        signature = provider.signer(pair.private).sign(message)
        assert check(raw, message, signature)
        assert not check(raw, message + b"!", signature)
        for at in (0, 5, len(signature) // 2, len(signature) - 1):
            bent = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
            assert not check(raw, message, bent), at
        assert not check(raw, message, signature[:-1]) and not check(raw, message, b"")


@pytest.mark.parametrize("algorithm", ["Ed25519", "SM2-SM3"])
def test_an_export_and_proofs_are_checked_and_every_bend_is_named(
    algorithm: str, store: object, settings: Any, verifier: ModuleType, tmp_path: Path, capsys: Any
) -> None:
    settings.LOG = {**settings.LOG, "signature": algorithm}
    record = book.fill()
    keys.rotate("keeper", "Ed25519")
    sealing.seal()
    book.write(4)
    sealing.seal()
    whole = tmp_path / "whole"
    count = export(whole)
    first = LogKey.objects.get(number=1)
    printed = keys.fingerprint(bytes(first.public))
    code, said = ask(verifier, capsys, "export", str(whole), "--fingerprint", printed)
    assert code == 0 and f"{count} leaves and 4 checkpoints" in said, said
    _bent_exports(verifier, capsys, whole, printed)

    key = base64.b64encode(bytes(LogKey.objects.get(number=2).public)).decode()
    told = proving.prove_row("record", record.change, reveal=True)
    assert _asked(verifier, capsys, tmp_path, "inclusion", told, key)[0] == 0
    for change in ({"open": told["open"].replace("active", "repaired")}, {"index": told["index"] + 1},
                   {"proof": told["proof"][:-1]}, {"size": told["size"] - 1}, {"commitment": "00" * 32},
                   {"checkpoint": Checkpoint.objects.first().note}):  # type: ignore[union-attr]  # fmt: skip
        assert _asked(verifier, capsys, tmp_path, "inclusion", told | change, key)[0] == 3, change
    old, new = Checkpoint.objects.order_by("pk")[2:4]
    both = [base64.b64encode(bytes(k.public)).decode() for k in LogKey.objects.order_by("number")]
    grown = proving.prove_consistency(old.size, new.size)
    assert _asked(verifier, capsys, tmp_path, "consistency", grown, *both)[0] == 0
    assert _asked(verifier, capsys, tmp_path, "consistency", grown, both[1])[0] == 3, "the old one is not its"
    assert _asked(verifier, capsys, tmp_path, "consistency", grown | {"proof": grown["proof"][1:]}, *both)[0] == 3


def _asked(verifier: ModuleType, capsys: Any, folder: Path, what: str, told: Any, *of: str) -> tuple[int, str]:
    file = folder / "proof.json"
    file.write_text(json.dumps(told), "utf-8")
    return ask(verifier, capsys, what, str(file), *(word for key in of for word in ("--key", key)))


def _bent_exports(verifier: ModuleType, capsys: Any, whole: Path, printed: str) -> None:
    def bend(name: str, change: Any, words: str) -> None:
        folder = whole.with_name("bent")
        shutil.copytree(whole, folder)
        file = folder / name
        file.write_text(change(file.read_text("utf-8")), "utf-8")
        code, said = ask(verifier, capsys, "export", str(folder), "--fingerprint", printed)
        shutil.rmtree(folder)
        assert code == 3 and words in said, (name, words, said)

    def lines(text: str) -> list[str]:
        return text.splitlines(keepends=True)

    bend("leaves.txt", lambda t: "00" + t[2:], "index 0 or later")
    bend("leaves.txt", lambda t: "".join(lines(t)[1:]), "index 0 or later")
    bend("leaves.txt", lambda t: "".join(lines(t)[:-1]), "the leaves end")
    bend("leaves.txt", lambda t: t + lines(t)[0], "no checkpoint covers")
    bend("leaves.txt", lambda t: "".join([*lines(t)[:7], lines(t)[8], lines(t)[7], *lines(t)[9:]]), "index 0 or later")
    bend("checkpoints.txt", lambda t: t.replace("time 2", "time 3"), "not signed by this key")
    bend("log.json", lambda t: t.replace('"since": 0', '"since": 9999'), "not signed by this key")
    other = base64.b64encode(Ed25519Provider().generate().public).decode()
    bend("log.json", lambda t: json.dumps(json.loads(t) | {"keys": [{"number": 1, "algorithm": "Ed25519", "public": other,
                                                                    "since": 0, "until": None}]}), "fingerprint")  # fmt: skip
