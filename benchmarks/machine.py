"""What a run was measured on: machine, versions, day, how busy it was."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

_PACKAGES = (
    "Django",
    "duckdb",
    "polars",
    "pyarrow",
    "numpy",
    "psycopg",
    "adbc-driver-postgresql",
    "pandera",
    "pydantic",
    "frictionless",
)
POSTGRESQL = os.environ.get("CHENGXIN_BENCH_DATABASE", "postgresql://postgres@127.0.0.1:5432/postgres")
_busy: list[float] = []


def note_load() -> None:
    """Remember how busy the machine is now; called before each bench."""
    _busy.append(os.getloadavg()[0])


def when() -> str:
    """When the bench that has just ended was run, on which commit and machine, and how busy it was before: benches of one
    table may have been run on different machines."""
    busy = f", load average {_busy[-1]:.1f} before it (below 1 is quiet)" if _busy else ""
    return f"{datetime.now().astimezone():%Y-%m-%d %H:%M}, {commit()}, {os.cpu_count()} CPUs ({_processor()}){busy}"


def commit() -> str:
    """The commit that is measured, and whether the tree differed from it; "unknown" outside a checkout."""
    said = [
        _git("rev-parse", "--short=12", "HEAD"),
        _git("status", "--porcelain", "--untracked-files=no", "src", "benchmarks"),
    ]
    if said[0] is None:
        return "commit unknown"
    return f"commit {said[0]}{' with changes' if said[1] else ''}"


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *words], cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def described() -> list[str]:
    return [
        f"{_memory()}, {platform.system()} {platform.release()}; each bench names its processor",
        f"Python {platform.python_version()}, " + ", ".join(f"{p} {version(p)}" for p in _PACKAGES),
        _postgresql(),
    ]


def _postgresql() -> str:
    import psycopg

    try:
        with psycopg.connect(POSTGRESQL, connect_timeout=3) as connection:
            shown = [f"{name} {connection.execute(f'SHOW {name}').fetchone()[0]}" for name in
                     ("server_version", "shared_buffers", "max_wal_size", "fsync", "lc_ctype")]  # type: ignore[index]  # fmt: skip
    except psycopg.Error:
        return "no PostgreSQL"
    return "PostgreSQL: " + ", ".join(shown)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"
    except (ValueError, OSError):
        return "memory unknown"
