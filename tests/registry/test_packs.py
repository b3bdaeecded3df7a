"""Packs are read and checked once; whoever starts later takes the checked copy, and never an old one (R-049)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chengxin.paths import policies_dir
from chengxin.policy.policies import Policies
from chengxin.registry import packs


@pytest.fixture
def folder(tmp_path: Path, settings: object) -> Path:
    """A small folder of packs and a cache of this test's own."""
    target = tmp_path / "policies"
    shutil.copytree(policies_dir() / "national" / "codes", target / "national" / "codes")
    shutil.copyfile(policies_dir() / "national" / "forbidden.toml", target / "national" / "forbidden.toml")
    settings.POLICIES, settings.CACHE = target, tmp_path / "cache"  # type: ignore[attr-defined]
    return target


def started_anew() -> Policies:
    packs._loaded.cache_clear()
    packs._looked.clear()
    return packs.policies()


def test_a_second_start_reads_nothing_anew_and_a_changed_file_everything(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    load = packs.load
    monkeypatch.setattr(packs, "load", lambda f: read.append(f) or load(f))
    first, second = started_anew(), started_anew()
    assert len(read) == 1 and second.digest == first.digest and second.tables.keys() == first.tables.keys()
    codes = folder / "national" / "codes" / "yes_no.csv"
    codes.write_text(codes.read_text("utf-8").replace("是", "是的", 1), "utf-8")
    third = started_anew()
    assert len(read) == 2 and third.digest != first.digest


def test_a_damaged_copy_is_no_trouble(folder: Path, settings: object, caplog: pytest.LogCaptureFixture) -> None:
    first = started_anew()
    [copy] = Path(settings.CACHE).glob("policies-*.pickle")  # type: ignore[attr-defined]
    assert copy.stat().st_mode & 0o077 == 0
    copy.write_bytes(b"nothing of ours")
    assert started_anew().digest == first.digest and "cannot be read" in caplog.text
