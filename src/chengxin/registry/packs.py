"""The policy packs in force, for every room from the register upwards."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings

import chengxin
from chengxin.policy.loader import digest_of, load
from chengxin.policy.policies import Policies

Stamp = tuple[int, int]
"""How many files a folder has and when the latest of them was changed."""

_LOOK_AGAIN = 1.0
"""Seconds after which the folder is looked at again: a page asks many times, and hundreds of files are many to ask."""

_looked: dict[object, tuple[float, Policies]] = {}
"""What a folder held when it was last looked at: a page asks for the packs dozens of times."""
log = logging.getLogger(__name__)


def policies() -> Policies:
    """The packs of `settings.POLICIES`; a changed file is seen a second later. Raises `PolicyError`."""
    named, now = settings.POLICIES, time.monotonic()
    known = _looked.get(named)
    if known is not None and now - known[0] <= _LOOK_AGAIN:
        return known[1]
    folder = Path(named)
    packs = _loaded(folder, _stamp(folder))
    _looked[named] = (now, packs)
    return packs


def _stamp(folder: Path, ending: str = "") -> Stamp:
    """Asked every second by whoever is at work: `os.walk` takes a third of the time of `rglob`."""
    paths = (os.path.join(root, name) for root, _, names in os.walk(folder) for name in names if name.endswith(ending))
    times = [os.stat(path).st_mtime_ns for path in paths]
    return len(times), max(times, default=0)


@lru_cache(maxsize=8)
def _loaded(folder: Path, _stamp: Stamp) -> Policies:
    """Read and checked once; a command that starts later takes what an earlier one has checked, if nothing has changed.

    The copy lies in CHENGXIN_HOME beside the keys and the database: whoever can write there needs no pickle.
    """
    place = Path(settings.CACHE) / f"policies-{_key(folder)}.pickle"
    try:
        found = pickle.loads(place.read_bytes())  # noqa: S301
        if isinstance(found, Policies) and found.folder == folder:
            return found
    except FileNotFoundError:
        pass
    except Exception as error:
        log.warning("%s cannot be read (%s); the packs are read anew", place, error)
    packs = load(folder)
    _keep(packs, place)
    return packs


def _key(folder: Path) -> str:
    """Changes with every file of the packs and every line of the code that reads them."""
    code = [_stamp(Path(chengxin.__file__).parent / room, ".py") for room in ("policy", "standards")]
    parts = (digest_of(folder), str(folder), chengxin.__version__, sys.version, code)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _keep(packs: Policies, place: Path) -> None:
    """Replace the copy as a whole, and earlier ones with it; a folder that cannot be written is no trouble."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(handle, "wb") as file:
            pickle.dump(packs, file)
        for old in sorted(place.parent.glob("policies-*.pickle"), key=lambda p: p.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)
        Path(draft).replace(place)
    except OSError as error:
        log.info("the checked packs are not kept: %s", error)


_KEPT = 3
