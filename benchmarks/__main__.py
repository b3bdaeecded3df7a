"""`./dev bench [--small] [checking storing looking rivals]`: run the benches, print and write down what came out."""

from __future__ import annotations

import argparse
import importlib
import tempfile
from functools import partial
from pathlib import Path
from types import ModuleType

from benchmarks.machine import note_load
from benchmarks.measure import Failed, timed
from benchmarks.report import Report, out

BENCHES = ("checking", "storing", "looking", "rivals", "grading", "embedded", "reporting", "sealing", "serving")


def _bench(name: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.{name}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth and less of the rows, under two minutes")
    parser.add_argument("--times", type=int, default=0, help="how often each is run (default: 1 to 5)")
    parser.add_argument("--keep", action="store_true", help="do not write benchmarks/results.md")
    parser.add_argument(
        "--only", default="", help="one part of a bench that has parts (grading: model, touched); keeps"
    )
    parser.add_argument("benches", nargs="*", metavar="bench", help=f"which of {', '.join(BENCHES)} (default: all)")
    chosen = parser.parse_args()
    if unknown := set(chosen.benches) - set(BENCHES):
        parser.error(f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    parts = {part for name in chosen.benches for part in getattr(_bench(name), "PARTS", ())}
    if chosen.only and (chosen.only not in parts or len(chosen.benches) != 1):
        parser.error(
            f"--only goes with one bench that has this part: {', '.join(sorted(parts)) or 'this one has none'}"
        )
    report = Report(chosen.small)
    failed = False
    for name in chosen.benches or BENCHES:
        note_load()
        bench = _bench(name)
        part = {"only": chosen.only} if chosen.only else {}
        try:
            with tempfile.TemporaryDirectory(prefix="chengxin-bench-") as folder:
                work = partial(bench.bench, Path(folder), chosen.small, chosen.times, **part)
                seconds, (lines, notes) = timed(work)
        except Failed as error:
            out.print(f"[bold red]{name} failed[/]: {error}", highlight=False)
            failed = True
            continue
        report.add(bench.TITLE, lines, [*notes, f"this bench took {seconds:.0f} s"])
        if not chosen.keep and not chosen.only:
            report.write()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
