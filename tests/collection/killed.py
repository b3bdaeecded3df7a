"""Runs a command of ours in this process and kills it with SIGKILL at a named step.

    python -m tests.collection.killed chengxin.collection.checking.check_file before 1 -- submit FILE …

The process dies at the `nth` call of the function, before it or after it, as a machine loses its power: nothing is
flushed, nothing is cleaned up. With `never` it runs to its end.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def main() -> None:
    target, when, nth = sys.argv[1:4]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.settings")
    import django

    django.setup()
    if when != "never":
        _arm(target, when, int(nth))
    sys.argv = ["chengxin", *sys.argv[5:]]
    from chengxin.cli import main as chengxin

    chengxin()


def _arm(target: str, when: str, nth: int) -> None:
    owner_name, name = target.rsplit(".", 1)
    try:
        owner: Any = importlib.import_module(owner_name)
    except ModuleNotFoundError:
        module, holder = owner_name.rsplit(".", 1)
        owner = getattr(importlib.import_module(module), holder)
    calls = 0
    original: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(original)
    def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if calls == nth and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)


if __name__ == "__main__":
    main()
