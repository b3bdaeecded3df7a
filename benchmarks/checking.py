"""Bench (a): a million penalties checked by every rule of the item, receipt written, against bare typed reads."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.files import DAY, penalty_file
from benchmarks.measure import Run, cpu, fresh, median, memory, rounds
from benchmarks.report import Line

TITLE = "(a) Checking a file of penalties"


def bench(folder: Path, small: bool, often: int = 0) -> tuple[list[Line], list[str]]:
    rows, times = (50_000, often or 1) if small else (1_000_000, often or 3)
    path = folder / "penalties.csv"
    size = penalty_file(path, rows, 0.03)
    reads = ("polars", "polars_streaming", "duckdb")
    works = [partial(fresh, f"checking.{name}", path) for name in reads]
    some = partial(fresh, "checking.ours", path, DAY, "-", "rejecting")
    *floors, few, ours = rounds(times, *works, some, partial(fresh, "checking.ours", path, DAY))
    quickest = min(zip(reads, floors, strict=True), key=lambda read: median(read[1]))
    seconds = median(ours)
    answer = ours[0].answer
    lines = [
        Line(
            f"{rows:,} rows x 25 columns, the {few[0].answer['rules']} rules that reject by form, 3 % faults",
            f"{quickest[0]} {median(quickest[1]):.2f} s",
            f"{median(few):.2f} s ({rows / median(few):,.0f} rows/s)",
            median(few) / median(quickest[1]), 3, memory=memory(few), memory_target=1500,
        ),
        Line(
            f"{rows:,} rows x 25 columns, all {answer['rules']} rules, 3 % faults",
            f"{quickest[0]} {median(quickest[1]):.2f} s",
            f"{seconds:.2f} s ({rows / seconds:,.0f} rows/s)",
            seconds / median(quickest[1]), None, memory=memory(ours), memory_target=1500,
        ),
    ]  # fmt: skip
    notes = [
        f"file {size / 1e6:,.0f} MB; "
        + ", ".join(f"{n} {median(f):.2f} s, {memory(f):,.0f} MB" for n, f in zip(reads, floors, strict=True)),
        f"found {answer['faults']:,} faults by {answer['fired']} rules in {rows:,} rows: {answer['rejected']:,} rejected,"
        f" {answer['doubtful']:,} doubtful; receipt {answer['receipt'] / 1e6:.1f} MB",
        f"CPU seconds, which a busy machine changes less: floor {cpu(quickest[1]):.1f},"
        f" {few[0].answer['rules']} rules {cpu(few):.1f}, all {cpu(ours):.1f}",
    ]
    path.unlink()
    lines += _bad(folder, rows, times)
    if not small:
        lines += _ten_times(folder, rows, seconds)
    return lines, notes


def _bad(folder: Path, rows: int, times: int) -> list[Line]:
    """A file in which every row is bad against one in which none is."""
    files = {name: folder / f"{name}.csv" for name in ("clean", "bad")}
    penalty_file(files["clean"], rows, 0.0)
    penalty_file(files["bad"], rows, 1.0)
    clean, bad = rounds(times, *(partial(fresh, "checking.ours", path, DAY) for path in files.values()))
    for path in files.values():
        path.unlink()
    wrong = bad[0].answer["rejected"] + bad[0].answer["doubtful"]
    return [
        Line(
            f"every row bad ({wrong:,} of {rows:,}, {bad[0].answer['fired']} rules fire) against every row clean",
            f"{median(clean):.2f} s ({clean[0].answer['faults']:,} faults)",
            f"{median(bad):.2f} s ({bad[0].answer['faults']:,} faults)",
            median(bad) / median(clean), 1.5, memory=memory(bad), memory_target=1500,
        )
    ]  # fmt: skip


def _ten_times(folder: Path, rows: int, seconds: float) -> list[Line]:
    path = folder / "ten.csv"
    penalty_file(path, 10 * rows, 0.03)
    run: Run = fresh("checking.ours", path, DAY, "big", limit=3600)
    path.unlink()
    return [
        Line(
            f"{10 * rows:,} rows against {rows:,}",
            f"{seconds:.2f} s",
            f"{run.seconds:.2f} s",
            run.seconds / seconds, 11, memory=run.memory, memory_target=4000,
        )
    ]  # fmt: skip
