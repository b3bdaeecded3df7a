"""The table of a run: floor, ours, ratio, target and memory, on the screen and in `benchmarks/results.md`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.machine import described, when

RESULTS = Path(__file__).with_name("results.md")
COLUMNS = ("what", "floor", "ours", "ratio", "target", "met", "memory")
out = Console()


@dataclass(frozen=True)
class Line:
    """A measured thing. `target` is the highest (or, with `at_least`, the lowest) `ratio` that is wanted; None: no target."""

    what: str
    floor: str
    ours: str
    ratio: float | None = None
    target: float | None = None
    at_least: bool = False
    memory: float | None = None
    memory_target: float | None = None
    unit: str = "x"

    @property
    def met(self) -> str:
        if self.ratio is None or self.target is None:
            ok = True
        else:
            ok = self.ratio >= self.target if self.at_least else self.ratio <= self.target
        if self.memory is not None and self.memory_target is not None:
            ok = ok and self.memory <= self.memory_target
        told = self.target is not None or self.memory_target is not None
        return ("yes" if ok else "NO") if told else "-"

    def cells(self, small: bool) -> tuple[str, ...]:
        target = "-"
        if self.target is not None:
            target = f"{'>=' if self.at_least else '<='} {self.target:g} {self.unit}"
        memory = "-" if self.memory is None else f"{self.memory:,.0f} MB"
        if self.memory_target is not None:
            memory += f" (<= {self.memory_target:,.0f})"
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f} {self.unit}"
        return (self.what, self.floor, self.ours, ratio, target, "small" if small else self.met, memory)


@dataclass
class Report:
    """What a run measured, shown at once and written down bench by bench."""

    small: bool
    benches: dict[str, str] = field(default_factory=dict)

    def add(self, title: str, lines: list[Line], notes: list[str]) -> None:
        table = Table(*COLUMNS, title=title, title_justify="left")
        for line in lines:
            table.add_row(*line.cells(self.small))
        out.print(table)
        for note in notes:
            out.print(f"  {note}", highlight=False)
        rows = [f"| {' | '.join(cells)} |\n" for cells in (COLUMNS, *(line.cells(self.small) for line in lines))]
        rows.insert(1, f"|{'---|' * len(COLUMNS)}\n")
        self.benches[title] = f"{''.join(rows)}\n" + "".join(f"- {note}\n" for note in (*notes, when()))

    def write(self) -> None:
        """Put what was measured into `results.md`; benches that did not run keep their last figures."""
        size = "small" if self.small else "full"
        known = _known()
        known.setdefault(size, {}).update(self.benches)
        parts = [_HEAD, *(f"- {fact}\n" for fact in described())]
        for name in ("full", "small"):
            for title, text in sorted(known.get(name, {}).items()):
                parts.append(f"\n## {name}: {title}\n\n{text}")
        RESULTS.write_text("".join(parts), "utf-8")


_HEAD = """# Measured

Written by `./dev bench`; every ratio is against a floor of the same run on the same machine. Small runs (`--small`) are
ruled by fixed costs; targets are judged in full runs only.

"""


def _known() -> dict[str, dict[str, str]]:
    """What `results.md` holds: size, title, text."""
    known: dict[str, dict[str, str]] = {}
    text = RESULTS.read_text("utf-8") if RESULTS.exists() else ""
    for part in text.split("\n## ")[1:]:
        heading, _, body = part.partition("\n\n")
        size, _, title = heading.partition(": ")
        known.setdefault(size, {})[title] = body.rstrip() + "\n"
    return known
