"""The policy packs in force, for every room from the register upwards."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chengxin.policy.loader import load
from chengxin.policy.policies import Policies


def policies() -> Policies:
    """The packs of `settings.POLICIES`, read again when a file of theirs has changed. Raises `PolicyError`."""
    folder = Path(settings.POLICIES)
    stamp = max((p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()), default=0)
    return _loaded(folder, stamp)


@lru_cache(maxsize=4)
def _loaded(folder: Path, _stamp: int) -> Policies:
    return load(folder)
