"""Which column of a file is which field: by code, label or alias, and what to say about the rest (F-02)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chengxin.engine.plan import Column
from chengxin.standards.text import clean_text, halfwidth

_NOISE = str.maketrans("", "", " \t\u3000\u00a0_-*＊:：（）()[]【】")


@dataclass(frozen=True)
class Heading:
    """A heading of the file that is no field of the item; `nearest` is the label it most resembles, if any."""

    text: str
    nearest: str | None


@dataclass(frozen=True)
class Match:
    """`position` maps field id to the column number in the file (0-based); the rest is for the receipt."""

    position: dict[str, int]
    unknown: tuple[Heading, ...]
    missing: tuple[Column, ...]
    dropped: tuple[Column, ...]
    doubled: tuple[tuple[str, str], ...]


def heading_key(text: str) -> str:
    """The form in which headings are compared: half-width, lower case, without blanks, brackets and marks."""
    return halfwidth(clean_text(text) or "").lower().translate(_NOISE)


def match_headings(headings: Sequence[str], columns: Iterable[Column]) -> Match:
    """Match a file's headings to fields; the first of two headings for one field wins and the other is reported."""
    columns = list(columns)
    names = _names(columns)
    position: dict[str, int] = {}
    unknown: list[Heading] = []
    doubled: list[tuple[str, str]] = []
    for number, heading in enumerate(headings):
        owner = names.get(heading_key(heading))
        if owner is None:
            unknown.append(Heading(heading, _nearest(heading, names)))
        elif owner.id in position:
            doubled.append((headings[position[owner.id]], heading))
        else:
            position[owner.id] = number
    return Match(
        position=position,
        unknown=tuple(unknown),
        missing=tuple(c for c in columns if c.keep and c.id not in position),
        dropped=tuple(c for c in columns if not c.keep and c.id in position),
        doubled=tuple(doubled),
    )


def _names(columns: Iterable[Column]) -> dict[str, Column]:
    """Heading key -> field; a field's own id and label win over another field's alias."""
    names: dict[str, Column] = {}
    for strength in range(3):
        for column in columns:
            offered = ((column.id,), (column.label,), column.names)[strength]
            for name in offered:
                names.setdefault(heading_key(name), column)
    return names


def _nearest(heading: str, names: dict[str, Column]) -> str | None:
    close = difflib.get_close_matches(heading_key(heading), list(names), n=1, cutoff=0.6)
    return names[close[0]].label if close else None
