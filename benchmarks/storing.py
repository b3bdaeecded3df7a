"""Bench (b): a million rows from the file to committed records on both databases, and the same million again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from benchmarks.files import penalty_file, registration_file
from benchmarks.machine import POSTGRESQL
from benchmarks.measure import Failed, Run, cpu, fresh, median, memory, rounds
from benchmarks.report import Line

TITLE = "(b) From a file to committed records, everything included"
TARGETS = {"postgresql": 2.0, "sqlite": 2.5}


def bench(folder: Path, small: bool, often: int = 0) -> tuple[list[Line], list[str]]:
    rows, times = (20_000, often or 1) if small else (1_000_000, often or 1)
    path = folder / "penalties.csv"
    penalty_file(path, rows, 0.0, date.today())
    register = folder / "register.csv"
    registration_file(register, rows)
    staged = folder / "rows.parquet"
    fresh("storing.prepare", path, staged)
    lines: list[Line] = []
    notes = ["the register knows all but 3 % of the subjects from their registration, which is not timed"]
    for vendor in ("sqlite", "postgresql"):
        if vendor == "postgresql" and not reachable():
            notes.append("no PostgreSQL at the address of CHENGXIN_BENCH_DATABASE: left out")
            continue
        floor, ours = rounds(
            times, partial(_floor, vendor, staged, folder), partial(_ours, vendor, path, register, folder)
        )
        lines += _lines(vendor, rows, floor, ours)
        notes.append(_told(vendor, floor, ours))
    return lines, notes


def _lines(vendor: str, rows: int, floor: list[Run], ours: list[Run]) -> list[Line]:
    again = [Run(float(r.answer["again"]), 0, r.memory) for r in ours]
    return [
        Line(
            f"{vendor}: {rows:,} rows, first time",
            f"{median(floor):.1f} s ({rows / median(floor):,.0f} rows/s)",
            f"{median(ours):.1f} s ({rows / median(ours):,.0f} rows/s)",
            median(ours) / median(floor), TARGETS[vendor], memory=memory(ours),
        ),
        Line(
            f"{vendor}: the same {rows:,} again",
            f"first time {median(ours):.1f} s",
            f"{median(again):.1f} s",
            median(again) / median(ours), 1,
        ),
    ]  # fmt: skip


def _told(vendor: str, floor: list[Run], ours: list[Run]) -> str:
    a, f = ours[0].answer, floor[0].answer
    return (
        f"{vendor}: floor = staging {f['staging']:.1f} s + upsert {f['upsert']:.1f} s; ours = check {a['check']:.1f} s + merge"
        f" {a['merge']:.1f} s, {a['created']:,} records of {a['subjects']:,} subjects; again: {a['unchanged']:,} unchanged,"
        f" check {a['again_check']:.1f} s; CPU of our process {cpu(floor):.1f} and {cpu(ours):.1f} s (both times)"
    )


def _floor(vendor: str, staged: Path, folder: Path) -> Run:
    if vendor == "sqlite":
        place = folder / f"floor-{uuid4().hex[:8]}"
        place.mkdir()
        return fresh("storing.floor_sqlite", staged, place)
    with database() as url:
        return fresh("storing.floor_postgresql", staged, url)


def _ours(vendor: str, path: Path, register: Path, folder: Path) -> Run:
    home = folder / f"home-{uuid4().hex[:8]}"
    home.mkdir()
    if vendor == "sqlite":
        return fresh("storing.ours", path, register, env={"CHENGXIN_HOME": str(home), "CHENGXIN_DATABASE_URL": ""})
    with database() as url:
        return fresh("storing.ours", path, register, env={"CHENGXIN_HOME": str(home), "CHENGXIN_DATABASE_URL": url})


def reachable() -> bool:
    import psycopg

    try:
        psycopg.connect(POSTGRESQL, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


@contextmanager
def database() -> Iterator[str]:
    """A database of our own on the PostgreSQL of this machine, dropped at the end."""
    import psycopg

    if urlsplit(POSTGRESQL).hostname not in ("127.0.0.1", "localhost", "::1", None):
        raise Failed("benches use a PostgreSQL of this machine only")
    name = f"cx_bench_{uuid4().hex[:8]}"
    with psycopg.connect(POSTGRESQL, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(POSTGRESQL)._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
