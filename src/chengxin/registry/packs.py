"""The policy packs in force, for every room from the register upwards."""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chengxin.policy.loader import load
from chengxin.policy.policies import Policies

Stamp = tuple[int, int]
"""How many files a folder has and when the latest of them was changed."""

_LOOK_AGAIN = 1.0
"""Seconds after which the folder is looked at again: a page asks many times, and hundreds of files are many to ask."""

_looked: dict[Path, tuple[float, Stamp]] = {}


def policies() -> Policies:
    """The packs of `settings.POLICIES`; a changed file is seen a second later. Raises `PolicyError`."""
    folder = Path(settings.POLICIES)
    now = time.monotonic()
    at, stamp = _looked.get(folder, (0.0, (0, 0)))
    if now - at > _LOOK_AGAIN or not stamp[0]:
        stamp = _stamp(folder)
        _looked[folder] = (now, stamp)
    return _loaded(folder, stamp)


def _stamp(folder: Path) -> Stamp:
    times = [p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()]
    return len(times), max(times, default=0)


@lru_cache(maxsize=4)
def _loaded(folder: Path, _stamp: Stamp) -> Policies:
    return load(folder)
