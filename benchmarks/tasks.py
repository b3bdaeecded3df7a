"""What runs in a process of its own: each task does one thing, times it and prints an answer as one line of JSON."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Task = Callable[..., dict[str, Any]]


def main() -> None:
    name, *arguments = sys.argv[1:]
    answer = find(name)(*arguments)
    print(json.dumps({**answer, "memory": peak()}))


def peak() -> float:
    """Highest memory of this process in MB. The kernel's figure for a child would hold that of its parent before exec."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def find(name: str) -> Task:
    """`module.task`, for example `checking.ours`; only the module wanted is imported, so that memory is its own."""
    from importlib import import_module

    module, task = name.split(".")
    return getattr(import_module(f"benchmarks.work_{module}"), task)


if __name__ == "__main__":
    main()
