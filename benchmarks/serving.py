"""Bench (g): how many profiles and name searches a second the portal serves, beside a bare Django view on the same server.

Both are served by granian exactly as `chengxin serve --workers 2` runs it and asked by the same client in the same run:
wrk where it is installed, else a small one of our own (which takes more of the machine that both share).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT, Failed, fresh
from benchmarks.report import Line
from benchmarks.storing import database, reachable

TITLE = "(g) Serving: profiles and name searches of the portal"
TARGET = 250
"""Answers a second, each of the two, on two cores."""
WORKERS, CONNECTIONS = 2, 16
ASKED, OFTEN, MEMORY = 30_000, 200, 32
"""So many random profiles and names are asked for; so many profiles often, where a process keeps so many megabytes."""
START = 60
WARM = 10
"""Seconds in which every worker process reads the packs and its templates, before anything counts."""


def bench(folder: Path, small: bool, often: int = 0) -> tuple[list[Line], list[str]]:
    subjects, records, seconds = (20_000, 120_000, 5) if small else (500_000, 3_000_000, 30)
    notes = [_client()]
    if not reachable():
        notes.append("no PostgreSQL at the address of CHENGXIN_BENCH_DATABASE: measured on SQLite")
    with database() if reachable() else nullcontext("") as url:
        env = {"CHENGXIN_HOME": str(folder), "CHENGXIN_DATABASE_URL": url}
        (folder / "static").mkdir()
        load = fresh("looking.load", subjects, records, env=env)
        asked = fresh("serving.questions", folder, ASKED, OFTEN, env=env)
        with served(["benchmarks.bare:application"], {}) as bare:
            floor = rate(bare, folder / "bare.txt", seconds)
        rates: dict[str, float] = {}
        for names, memory in ((("profile", "search"), 0), (("often", "again"), MEMORY)):
            with served(["serve"], {**env, **_limits(memory)}) as ours:
                rate(ours, folder / f"{names[0]}.txt", WARM)
                for name in names:
                    rate(ours, folder / f"{name}.txt", 2)
                    rates[name] = rate(ours, folder / f"{name}.txt", seconds)
    lines = [_line(label, floor, rates[name], subjects, records, target) for name, label, target in _ASKED]
    notes += _mix(asked.answer, floor)
    notes.append(f"loaded in {load.seconds:.0f} s")
    return lines, notes


def _mix(asked: Mapping[str, Any], floor: float) -> list[str]:
    """What was asked for, so that who reads the numbers knows what they are numbers of."""
    return [
        f"bare Django view (no middleware, no database, 50 bytes) on the same server in the same run: {floor:,.0f}/s",
        f"profiles: {asked['profiles']:,} different subjects, drawn by their records, so that those with many come oftener;"
        f" {asked['records']:.1f} records a page, {asked['most_records']} at most, {asked['bytes'] // 1024} KB; none has a"
        " grade or stands on a list",
        f"searches: {asked['names']:,} different pairs of characters of names, each as often; {asked['found']:.0f} subjects"
        f" found on average, {asked['full']:.0%} find more than are listed; counted against the limit of requests",
        "one kind of page at a time, all of them by visitors who have not signed in and bring no cookie",
    ]


def _limits(memory: int) -> dict[str, str]:
    """All visitors come from one address here, and are counted but not turned away; pages are kept or are not."""
    return {"CHENGXIN_RATE_PAGES": "1000000000/60", "CHENGXIN_PAGE_MEMORY": str(memory)}


_ASKED = (
    ("profile", "a profile page, different ones, each drawn anew (no page is kept)", TARGET),
    ("often", f"a profile page out of {OFTEN} that many ask for (kept)", None),
    ("again", "the same pages for whoever has them (304)", None),
    ("search", "a search by two characters of a name", TARGET),
)


def _line(label: str, floor: float, ours: float, subjects: int, records: int, target: int | None) -> Line:
    what = f"{label}, {subjects:,} subjects, {records:,} records"
    told = f"{ours:,.0f}/s (1 : {floor / ours:.1f})" if ours else "0/s"
    return Line(what, f"{floor:,.0f}/s bare view", told, ours, target, at_least=True, unit="/s")


def _client() -> str:
    wrk = shutil.which("wrk")
    what = "wrk" if wrk else "a client of our own, because wrk (Debian package wrk) is not installed"
    return f"{WORKERS} worker processes, {CONNECTIONS} connections, asked by {what} on the same machine"


def rate(port: int, paths: Path, seconds: int) -> float:
    """Answers a second to the addresses in the file, taken in turn. Raises `Failed` where some are refused."""
    wrk = shutil.which("wrk")
    if wrk is None:
        answer = fresh("serving.ask", port, paths, seconds, CONNECTIONS).answer
    else:
        script = Path(__file__).with_name("asking.lua")
        command = [wrk, "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"]
        done = subprocess.run(
            command, env={**os.environ, "PATHS": str(paths)}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Failed(f"wrk: {done.stderr[-500:]}")
        answer = json.loads(done.stdout.splitlines()[-1])
    if answer["bad"]:
        raise Failed(f"{answer['bad']} of {answer['answers']} answers to {paths.name} were no good")
    return float(answer["rate"])


@contextmanager
def served(what: list[str], env: dict[str, str]) -> Iterator[int]:
    """A server in processes of its own; gives its port and ends it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if what == ["serve"]:
        command = ["-m", "chengxin", "serve", "--port", str(port), "--workers", str(WORKERS), "--no-with-worker"]
    else:
        command = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", str(WORKERS),
                   "--blocking-threads", "8", "--no-log", *what]  # fmt: skip
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    server = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env={**os.environ, "PYTHONPATH": path, **env}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port, server)
        yield port
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=20)
        server.kill()


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise Failed("the server did not start")
