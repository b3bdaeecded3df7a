"""What the components show: plain values that a view fills and a tag of `{% load parts %}` draws (F-26).

A shape carries words that are already in the reader's language. A tone is "", "good", "warn", "bad" or "info"; it only
colours what the words say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Tone = Literal["", "good", "warn", "bad", "info"]
Moment = date | datetime | None


@dataclass(frozen=True)
class Fact:
    """A line of a summary list (摘要列表). `code` sets a number or identifier in tabular figures."""

    label: str
    value: Any
    href: str = ""
    code: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers stand right with their unit in the heading."""

    label: str
    number: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell that is more than its text: a link, a status or a day."""

    text: Any
    href: str = ""
    tone: Tone | None = None
    """Drawn as a status tag when not None."""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading. On a narrow screen each row becomes a card."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    show_caption: bool = False
    empty: str = ""
    """The sentence that stands where there are no rows."""


@dataclass(frozen=True)
class Event:
    """A point of a timeline (时间线)."""

    when: Moment
    title: str
    text: str = ""
    who: str = ""
    tone: Tone = ""
    href: str = ""


@dataclass(frozen=True)
class Step:
    """A step of a list of steps (步骤): done, the present one, to come, or late."""

    label: str
    state: Literal["done", "now", "next", "late"] = "next"
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class Tab:
    """One of several views of the same thing, each with its own address."""

    label: str
    href: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Section:
    """A part of a second navigation: a heading and the entries under it."""

    label: str
    tabs: Sequence[Tab]


@dataclass(frozen=True)
class Card:
    """A way into something: what it is, what one does there, how much waits."""

    title: str
    text: str
    href: str
    count: int | None = None
    tone: Tone = ""


@dataclass(frozen=True)
class Count:
    """A number that stands for itself, with its name under it."""

    label: str
    value: Any
    tone: Tone = ""
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Series:
    """A row of numbers of a chart, one for each category; None where there is no value."""

    name: str
    values: Sequence[float | int | None]


@dataclass(frozen=True)
class Chart:
    """A chart with the sentence that says what it shows and the table of its numbers (anchors.md 5.1).

    `unit` stands at the axis and in the headings of the table ("条", "%").
    """

    title: str
    sentence: str
    categories: Sequence[str]
    series: Sequence[Series]
    kind: Literal["bar", "line", "stack", "pie"] = "bar"
    unit: str = ""
    corner: str = ""
    """The heading of the column of categories in the table."""
    tones: Sequence[Tone] = ()
    """A tone for each category (of a pie, or of one row of bars) or, with several rows, for each row: grades, results."""


@dataclass(frozen=True)
class Tag:
    """A filter that is set, with the address that takes it off."""

    label: str
    href: str


@dataclass(frozen=True)
class Crumb:
    """A step of the way back to where the reader came from."""

    label: str
    href: str


@dataclass(frozen=True)
class Progress:
    """How far a long work has come; `total` None while nobody knows."""

    label: str
    done: int
    total: int | None = None
    steps: Sequence[Step] = field(default_factory=tuple)
