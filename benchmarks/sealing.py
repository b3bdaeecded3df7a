"""Bench (sealing): a million events sealed and verified; what an event costs the request that writes it (issue 4, part 6)."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from benchmarks.measure import fresh
from benchmarks.report import Line
from benchmarks.storing import database, reachable

TITLE = "(sealing) The provable log"


def bench(folder: Path, small: bool, often: int = 0) -> tuple[list[Line], list[str]]:
    events, asked = (50_000, 200) if small else (1_000_000, 1_000)
    lines: list[Line] = []
    notes: list[str] = []
    for vendor in ("sqlite", "postgresql"):
        if vendor == "postgresql" and not reachable():
            notes.append("no PostgreSQL at the address of CHENGXIN_BENCH_DATABASE: left out")
            continue
        with nullcontext("") if vendor == "sqlite" else database() as url:
            home = folder / vendor
            home.mkdir()
            env = {"CHENGXIN_HOME": str(home), "CHENGXIN_DATABASE_URL": url}
            run = fresh("sealing.seal", events, env=env)
            asked_run = fresh("sealing.request", asked, env=env)
        a, r = run.answer, asked_run.answer
        for what in ("seal", "verify"):
            lines.append(
                Line(
                    f"{vendor}: {what} {events:,} events (against bare hashing)", f"{a['floor']:.1f} s",
                    f"{a[what]:.1f} s", a[what] / a["floor"], None, memory=run.memory,
                )
            )  # fmt: skip
        lines.append(
            Line(
                f"{vendor}: a request with its event, p50",
                f"{r['off']:.2f} ms",
                f"{r['on']:.2f} ms",
                r["on"] / r["off"],
                1.3,
            )
        )
        notes.append(f"{vendor}: a proof of inclusion takes {a['prove']:.1f} ms")
    return lines, notes
