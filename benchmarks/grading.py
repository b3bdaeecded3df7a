"""Bench (f): thirty indicators over millions of records, against the same model by hand and against a plain group-by."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.measure import Failed, Run, cpu, fresh, median, memory, rounds
from benchmarks.report import Line

TITLE = "(f) Evaluation: a model of thirty indicators"


PARTS = ("model", "touched")


def bench(folder: Path, small: bool, often: int = 0, only: str = "") -> tuple[list[Line], list[str]]:
    """The whole bench, or one of its `PARTS`: the model over Parquet (about a minute), or a store that is touched."""
    lines, notes = ([], []) if only == "touched" else _model(folder, small, often)
    if only != "model":
        touched, more = _touched(folder, *((20_000, 100_000) if small else (2_000_000, 4_000_000)))
        lines, notes = lines + touched, notes + more
    return lines, notes


def _model(folder: Path, small: bool, often: int) -> tuple[list[Line], list[str]]:
    subjects, records, times = (50_000, 500_000, often or 2) if small else (2_000_000, 20_000_000, often or 3)
    half = _measured(folder / "half", subjects // 2, records // 2, 1, ("ours",))
    runs = _measured(folder / "whole", subjects, records, times, ("floor", "by_hand", "ours", "kept"))
    floor, hand, ours, kept = (runs[name] for name in ("floor", "by_hand", "ours", "kept"))
    agreed = fresh("grading.same", folder / "whole").answer
    if agreed["different"]:
        raise Failed(f"{agreed['different']} subjects got another answer by hand: the bench compares two things")
    what = f"{subjects:,} subjects, {records:,} records, 30 indicators, contributions written"
    seconds = median(ours)
    lines = [
        Line(
            f"{what}, against the same by hand", f"{median(hand):.2f} s", f"{seconds:.2f} s",
            seconds / median(hand), 1.2, memory=memory(ours), memory_target=1000,
        ),
        Line(
            "the same, against one plain group-by of the same Parquet by subject", f"{median(floor):.2f} s",
            f"{seconds:.2f} s", seconds / median(floor), 8,
        ),
        Line(
            "the same with the records behind every grade, as it is stored", f"{median(floor):.2f} s",
            f"{median(kept):.2f} s", median(kept) / median(floor), memory=memory(kept), memory_target=1000,
        ),
        Line(
            f"{records:,} records against {records // 2:,}", f"{median(half['ours']):.2f} s", f"{seconds:.2f} s",
            seconds / median(half["ours"]), 2.1,
        ),
    ]  # fmt: skip
    notes = [
        f"all {agreed['subjects']:,} subjects have the same score, grade and thirty contributions by hand",
        f"CPU seconds: plain group-by {cpu(floor):.1f}, by hand {cpu(hand):.1f}, ours {cpu(ours):.1f};"
        f" peak memory {memory(floor):,.0f}, {memory(hand):,.0f}, {memory(ours):,.0f} MB",
    ]
    return lines, notes


def _touched(folder: Path, subjects: int, records: int) -> tuple[list[Line], list[str]]:
    """A thousand changed subjects in a store of millions: graded again, stored, visible."""
    home = folder / "home"
    home.mkdir()
    env = {"CHENGXIN_HOME": str(home), "CHENGXIN_DATABASE_URL": ""}
    fresh("looking.load", subjects, records, env=env)
    run = fresh("grading.touch", 1000, env=env)
    a = run.answer
    lines = [
        Line(
            f"sqlite: {a['touched']:,} changed subjects of {subjects:,} graded again and stored ({a['added']:,} new grades)",
            "-", f"{run.seconds:.2f} s", run.seconds, 2, unit="s",
        ),
        Line(
            f"sqlite: {a['graded']:,} subjects with {records:,} records read, graded and stored for the first time",
            "-", f"{a['first']:.1f} s", memory=run.memory,
        ),
    ]  # fmt: skip
    return lines, [f"touched: {a['cpu']:.2f} CPU seconds of {run.seconds:.2f} s"]


def _measured(folder: Path, subjects: int, records: int, times: int, works: tuple[str, ...]) -> dict[str, list[Run]]:
    folder.mkdir()
    fresh("grading.make", folder, subjects, records)
    return dict(zip(works, rounds(times, *(partial(fresh, f"grading.{w}", folder) for w in works)), strict=True))
