"""Bench (g): a full credit report of a subject with 200 records, issued, sealed, stored and verified (issue 5, section 3)."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import fresh
from benchmarks.report import Line

TITLE = "(g) Credit reports: one of 200 records"
RECORDS = 200
SECONDS = 1
"""What was asked for: at most one second."""


def bench(folder: Path, small: bool, often: int = 0) -> tuple[list[Line], list[str]]:
    times = often or (3 if small else 10)
    done = fresh("reporting.issue", RECORDS, times, env={"CHENGXIN_HOME": str(folder), "CHENGXIN_DATABASE_URL": ""})
    a = done.answer
    lines = [
        Line(
            f"issue a full report of {a['records']} records ({a['pages']} pages), the median of {times}",
            f"{a['setting']:.2f} s (setting the pages alone)",
            f"{a['issue']:.2f} s",
            a["issue"], SECONDS, memory=done.memory, unit="s",
        ),
        Line("the first report of a process, fonts read", "-", f"{a['first']:.2f} s"),
        Line("verify its PDF, altered on one page", "-", f"{a['verify']:.2f} s"),
    ]  # fmt: skip
    return lines, [
        f"{a['cpu']:.2f} s of CPU an issue; the file has {a['bytes'] / 1e3:,.0f} kB, its data {a['data'] / 1e3:,.0f} kB"
    ]
