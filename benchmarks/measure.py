"""Run one piece of work in a fresh process and say how long it took and how much memory it held."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 1800


@dataclass(frozen=True)
class Run:
    """One run: `seconds` of the work itself (imports do not count), CPU seconds and peak memory of the whole process."""

    seconds: float
    cpu: float
    memory: float
    answer: Mapping[str, Any] = field(default_factory=dict)


class Failed(Exception):
    """A piece of work ended with an error; the text is what it said last."""


def fresh(task: str, *arguments: object, env: Mapping[str, str] | None = None, limit: int = LONGEST) -> Run:
    """Do `benchmarks.tasks.<task>(*arguments)` in a process of its own. Raises `Failed`."""
    command = [sys.executable, "-m", "benchmarks.tasks", task, *map(str, arguments)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(env), stdout=subprocess.PIPE, stderr=said, start_new_session=True
        )
        assert process.stdout is not None
        output, usage = _wait(process, limit)
        said.seek(0)
        if process.returncode:
            raise Failed(f"{task}: {said.read().decode(errors='replace')[-3000:]}")
    answer = json.loads(output.splitlines()[-1])
    return Run(answer.pop("seconds"), usage.ru_utime + usage.ru_stime, answer.pop("memory"), answer)


def _wait(process: subprocess.Popen[bytes], limit: int) -> tuple[bytes, Any]:
    """Read to the end, then collect the process with what it used; one that takes too long is ended."""
    import threading

    def end() -> None:
        os.killpg(process.pid, 9)

    timer = threading.Timer(limit, end)
    timer.start()
    try:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        timer.cancel()
    return output, usage


def rounds(times: int, *works: Callable[[], Run]) -> list[list[Run]]:
    """Each work `times` times, in turns, so that a busy minute of the machine falls on all of them."""
    runs: list[list[Run]] = [[] for _ in works]
    for _ in range(times):
        for place, work in enumerate(works):
            runs[place].append(work())
    return runs


def median(runs: Sequence[Run]) -> float:
    return statistics.median(r.seconds for r in runs)


def cpu(runs: Sequence[Run]) -> float:
    return statistics.median(r.cpu for r in runs)


def memory(runs: Sequence[Run]) -> float:
    """Peak memory in MB: the highest of the runs."""
    return max(r.memory for r in runs)


def set_up() -> None:
    """Make our rooms importable in a task."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.settings")
    import django

    django.setup()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore", **(more or {})}
