"""Bench (d): the same twenty rules on the same file in what a team would otherwise pick, beside ours."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks import twenty, twenty_file
from benchmarks.measure import Run, fresh, median, memory, rounds
from benchmarks.report import Line

TITLE = "(d) Twenty rules beside other people's engines"
QUICK = ("polars", "ours", "pandera", "pydantic")
TARGETS = {"light": 0.5, "heavy": 250 / 600}
"""Ours at least 300,000 (light) and 250,000 (heavy) rows/s where plain Polars does 600,000."""


def bench(folder: Path, small: bool, often: int = 0) -> tuple[list[Line], list[str]]:
    rows, times = (20_000, often or 1) if small else (200_000, often or 5)
    lines, notes = [], []
    for faults in ("light", "heavy"):
        path = folder / f"{faults}.csv"
        twenty_file.write(path, rows, faults)
        runs = dict(zip(QUICK, rounds(times, *(partial(fresh, f"rivals.{n}", path, rows) for n in QUICK)), strict=True))
        few = rows if faults == "light" and not small else 1_000 if small else 20_000
        short = folder / "short.csv"
        twenty_file.write(short, few, faults)
        slow = [fresh("rivals.frictionless", short, few)]
        lines += [_line(faults, name, runs[name], runs["polars"], rows) for name in QUICK]
        lines.append(_line(faults, "frictionless", slow, runs["polars"], rows, few))
        told = ", ".join(f"{n} {r[0].answer['findings']:,} by {r[0].answer['fired']}" for n, r in runs.items())
        notes.append(
            f"{faults}: findings by rules that fired: {told}; frictionless {slow[0].answer['findings']:,} of {few:,} rows"
        )
        if runs["ours"][0].answer["fired"] != len(twenty.RULES):
            notes.append(f"**{faults}: not every one of ours fired**")
    return lines, notes


def _line(faults: str, name: str, runs: list[Run], floor: list[Run], rows: int, few: int = 0) -> Line:
    speed, bare = (few or rows) / median(runs), rows / median(floor)
    return Line(
        f"{name}, {few or rows:,} rows, {faults}",
        f"polars {bare:,.0f} rows/s",
        f"{speed:,.0f} rows/s ({median(runs):.2f} s)",
        speed / bare,
        TARGETS[faults] if name == "ours" else None,
        at_least=True,
        memory=memory(runs),
        unit="x polars",
    )
