"""Bench (e): the embedded check of one subject, of ten thousand at once, and a random draw, among many subjects."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from benchmarks.measure import fresh
from benchmarks.report import Line
from benchmarks.storing import database, reachable

TITLE = "(e) Supervision: the embedded check and the draw"


def bench(folder: Path, small: bool, often: int = 0) -> tuple[list[Line], list[str]]:
    subjects, asked, batch = (20_000, 500, 10_000) if small else (1_000_000, 5_000, 10_000)
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
            load = fresh("embedded.load", subjects, env=env)
            one = fresh("embedded.check", asked, env=env).answer
            many = fresh("embedded.batch", batch, env=env)
            draw = fresh("embedded.draw", env=env)
        for which, target in (("p50", None), ("p99", 5)):
            lines.append(
                Line(
                    f"{vendor}: embedded check among {subjects:,} subjects, {which}",
                    f"{one['floor'][which]:.2f} ms", f"{one['ours'][which]:.2f} ms",
                    one["ours"][which] / one["floor"][which], target,
                )
            )  # fmt: skip
        lines.append(
            Line(
                f"{vendor}: {batch:,} subjects checked in a batch",
                "-",
                f"{many.seconds:.2f} s",
                many.seconds,
                3,
                unit="s",
            )
        )
        a = draw.answer
        lines.append(
            Line(
                f"{vendor}: plan and draw over {subjects:,} subjects", "-", f"{a['plan']:.1f} + {a['draw']:.1f} s",
                memory=draw.memory,
            )
        )  # fmt: skip
        notes.append(
            f"{vendor}: loaded in {load.seconds:.0f} s; {load.answer['listed']:,} listings, {load.answer['graded']:,} grades;"
            f" {many.answer['found']:,} of {batch:,} had a measure; {a['drawn']:,} drawn; the first reconciliation began"
            f" {a['began']:,} measures in {a['reconcile']:.1f} s"
        )
    return lines, notes
