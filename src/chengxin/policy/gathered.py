"""What has been read of a folder so far: every file with its lines, every pack that is sound, every fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from chengxin.policy.errors import Problem
from chengxin.policy.packs import CodeTable
from chengxin.policy.reading import Lines, TomlPath, dotted
from chengxin.policy.schema import Header

Pack = TypeVar("Pack", bound=Header)


@dataclass(frozen=True)
class Source:
    """One TOML file: its name inside the folder, its contents, its lines."""

    name: str
    raw: dict[str, Any]
    lines: Lines

    def problem(self, path: TomlPath, found: str, expected: str) -> Problem:
        return Problem(self.name, self.lines.of(path), dotted(path), found, expected)


@dataclass
class Reading:
    """What has been read so far, and what was wrong with it."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    packs: list[tuple[Source, Header]] = field(default_factory=list)
    tables: dict[str, CodeTable] = field(default_factory=dict)
    declared: set[tuple[str, str]] = field(default_factory=set)
    """(kind, id) of everything that some file declares, even wrongly: one fault is not told twice."""

    def of(self, kind: type[Pack]) -> list[tuple[Source, Pack]]:
        return [(source, pack) for source, pack in self.packs if isinstance(pack, kind)]


def twice(reading: Reading, kind: type[Pack], **parts: Callable[[Pack], Sequence[Any]]) -> Iterator[Problem]:
    """Ids that two parts of files of one kind have on the same day. `parts` gives the parts of each table by its name; all
    tables named share their ids. A file that ends before the other begins is its older version and no fault."""
    seen: list[tuple[str, Pack, str]] = []
    for source, pack in reading.of(kind):
        here = [(name, n, part.id) for name, of in parts.items() for n, part in enumerate(of(pack))]
        for name, n, id in here:
            for file, other, known in seen:
                if known == id and other.effective.overlaps(pack.effective):
                    found = f"a second {name} {id!r} (the first is in {file})"
                    yield source.problem((name, n, "id"), found, "each id once")
                    break
            seen.append((source.name, pack, id))
