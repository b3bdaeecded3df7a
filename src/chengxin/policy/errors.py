"""What is wrong with a policy file, where, and what was expected instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of one file. `line` is 1-based, 0 when the fault is not on a line (a missing file, an overlap)."""

    file: str
    line: int
    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        name = f" {self.where}:" if self.where else ""
        return f"{place}:{name} found {self.found}; expected {self.expected}"


class PolicyError(Exception):
    """All faults of a folder of policies, in file order; `file`, `line`, `found`, `expected` are those of the first.

    The whole folder is read before this is raised, so that an author sees everything at once (design.md section 5).
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def file(self) -> str:
        return self.problems[0].file

    @property
    def line(self) -> int:
        return self.problems[0].line

    @property
    def found(self) -> str:
        return self.problems[0].found

    @property
    def expected(self) -> str:
        return self.problems[0].expected


class Mismatch(ValueError):
    """Raised inside a model: what stood there and what should have stood there (`path` is relative to the model)."""

    def __init__(self, found: str, expected: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.found = found
        self.expected = expected
        self.path = path
