"""What many tests begin with is worked out once in each process; the others begin with a copy of what that left.

    @pytest.fixture
    def people(scene):
        return scene(desk.settle)            # as `desk.settle()`, and quick from the second test on

A copy is taken only where the work would find the same as the first time: the same rows and files in the store and the
same settings. So the order of tests, or what a fixture did before, can never bring a test into another one's world. What
the work returns must be data: models, browsers, and lists, tuples and dictionaries of them.
"""

from __future__ import annotations

import copy
import hashlib
import shutil
import time
from collections.abc import Callable, Hashable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from chengxin.accounts.sessions import BEGAN, CONFIRMED, SEEN

Made = TypeVar("Made")
STORE = "chengxin.sqlite3"


class Scenes:
    """The kept scenes of one process, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[Hashable, tuple[Path, Any, float]] = {}

    def __call__(self, home: Path, work: Callable[..., Made], *args: Hashable) -> Made:
        """What `work(*args)` returns, with the store at `home` as it leaves it."""
        if connection.vendor != "sqlite":  # a database of its own for each test is a file only there
            return work(*args)
        key = (work.__module__, work.__qualname__, args, _overridden(), _digest(home))
        if key in self.kept:
            folder, made, since = self.kept[key]
            shutil.copytree(folder, home, dirs_exist_ok=True)
            _as_now(time.time() - since)
            return _anew(made)
        made = work(*args)
        connection.close()  # the last to leave writes everything into the one file
        if not home.joinpath(STORE + "-wal").exists():
            folder = self.folder / str(len(self.kept))
            shutil.copytree(home, folder)
            self.kept[key] = folder, _anew(made), time.time()
        return made


def _digest(home: Path) -> str:
    """Changes with every row and every file of the store."""
    connection.close()
    found = hashlib.blake2b()
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        found.update(f"{path.relative_to(home)}\0".encode())
        found.update(hashlib.blake2b(path.read_bytes()).digest())
    return found.hexdigest()


def _as_now(seconds: float) -> None:
    """Whoever had just signed in then has just signed in now: no session ages with the suite."""
    sessions = list(Session.objects.all())
    for session in sessions:
        said = session.get_decoded()
        said |= {moment: said[moment] + seconds for moment in (BEGAN, SEEN, CONFIRMED) if said.get(moment)}
        session.session_data = Session.objects.encode(said)
    Session.objects.bulk_update(sessions, ["session_data"])


def _overridden() -> str:
    """The settings that this test has changed, but for the folder of its store."""
    holder, changed = settings._wrapped, {}  # type: ignore[misc]
    while hasattr(holder, "default_settings"):
        changed = {k: v for k, v in vars(holder).items() if k.isupper()} | changed
        holder = holder.default_settings
    changed.pop("HOME", None)
    return repr(sorted(changed.items()))


def _anew(made: Any) -> Any:
    """The same for another test: nobody else has changed it, and browsers have sent nothing yet."""
    if isinstance(made, Client):
        browser = Client(raise_request_exception=made.raise_request_exception)
        browser.cookies = SimpleCookie(made.cookies)
        browser.defaults, browser.headers = dict(made.defaults), made.headers
        return browser
    if type(made) is dict:
        return {key: _anew(value) for key, value in made.items()}
    if type(made) in (list, tuple):
        return type(made)(map(_anew, made))
    return copy.deepcopy(made)
