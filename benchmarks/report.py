"""The table of a run: floor, ours, ratio, target and memory, on the screen and in `benchmarks/results.md`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.machine import described

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

    def cells(self) -> tuple[str, ...]:
        target = "-"
        if self.target is not None:
            target = f"{'>=' if self.at_least else '<='} {self.target:g} {self.unit}"
        memory = "-" if self.memory is None else f"{self.memory:,.0f} MB"
        if self.memory_target is not None:
            memory += f" (<= {self.memory_target:,.0f})"
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f} {self.unit}"
        return (self.what, self.floor, self.ours, ratio, target, self.met, memory)


@dataclass
class Report:
    """The lines of all benches of a run and what should be known about them."""

    small: bool
    sections: list[tuple[str, list[Line], list[str]]] = field(default_factory=list)

    def add(self, title: str, lines: list[Line], notes: list[str]) -> None:
        self.sections.append((title, lines, notes))
        table = Table(*COLUMNS, title=title, title_justify="left")
        for line in lines:
            table.add_row(*line.cells())
        out.print(table)
        for note in notes:
            out.print(f"  {note}", highlight=False)

    def write(self) -> None:
        """Replace the section of this size (full or small) in `results.md` and leave the other as it is."""
        size = "small" if self.small else "full"
        kept = _sections(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
        kept[size] = self._text(size)
        head = "# Measured\n\nWritten by `./dev bench`; every ratio is against a floor of the same run on the same machine.\n"
        RESULTS.write_text(head + "".join(f"\n{kept[s]}" for s in ("full", "small") if s in kept), "utf-8")

    def _text(self, size: str) -> str:
        parts = [f"## {size} run\n\n", *(f"- {fact}\n" for fact in described())]
        for title, lines, notes in self.sections:
            parts.append(f"\n### {title}\n\n| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n")
            parts += [f"| {' | '.join(line.cells())} |\n" for line in lines]
            if notes:
                parts += ["\n", *(f"- {note}\n" for note in notes)]
        return "".join(parts)


def _sections(text: str) -> dict[str, str]:
    found = {}
    for part in text.split("\n## ")[1:]:
        size = part.split(" ", 1)[0]
        found[size] = f"## {part.rstrip()}\n"
    return found
