"""Bench (c): the profile of one subject among millions of records, and a name by two characters among a million."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from benchmarks.measure import fresh
from benchmarks.report import Line
from benchmarks.storing import database, reachable

TITLE = "(c) Looking up: profiles and names"


def bench(folder: Path, small: bool, often: int = 0) -> tuple[list[Line], list[str]]:
    subjects, records, asked = (20_000, 100_000, 300) if small else (1_000_000, 5_000_000, 2_000)
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
            load = fresh("looking.load", subjects, records, env=env)
            profile = fresh("looking.profile", asked, env=env)
            names = fresh("looking.names", asked, env=env)
        a = profile.answer
        for which, target in (("p50", None), ("p99", 3)):
            lines.append(
                Line(
                    f"{vendor}: profile among {records:,} records, {which}",
                    f"{a['floor'][which]:.2f} ms",
                    f"{a['ours'][which]:.2f} ms",
                    a["ours"][which] / a["floor"][which], target, memory=profile.memory if target else None,
                )
            )  # fmt: skip
        n = names.answer
        for kind, label in (
            ("two", "two characters of a name"),
            ("trade", "a trade word"),
            ("common", "the commonest pairs"),
        ):
            lines.append(
                Line(
                    f"{vendor}: {label} among {subjects:,} names, p95 (p50)", "-",
                    f"{n[kind]['p95']:.1f} ms ({n[kind]['p50']:.1f})",
                    n[kind]["p95"], 50 if kind == "two" else None, unit="ms",
                )
            )  # fmt: skip
        notes.append(
            f"{vendor}: loaded in {load.seconds:.0f} s, name index in {load.answer['index']:.0f} s; profiles have"
            f" {a['records']:.1f} records in the mean, {a['most']} at most;"
            f" {n['two']['hits']:.1f} hits a name search of at most 20"
        )
    return lines, notes
