"""What the engine is told of an evaluation model: filters, aggregates, points, bands. Texts in it are safe SQL.

The room that knows policies makes it; the engine knows no pack. Everything pickles, so that a Spark task can carry it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Aggregate = Literal["count", "sum", "max", "min", "latest", "days_since", "ratio", "exists", "formula"]
Unit = Literal["days", "months"]


@dataclass(frozen=True)
class Span:
    """A length of time; years are twelve months."""

    count: int
    unit: Unit


@dataclass(frozen=True)
class Filter:
    """Which records: of these items, meeting `where` (SQL), their day `by` inside the time, in force unless `expired`.

    `within` counts back from the end of the period; `observed` without it means the observation period itself.
    """

    items: tuple[str, ...]
    where: str | None = None
    by: str = "decided_on"
    within: Span | None = None
    observed: bool = False
    expired: bool = False


@dataclass(frozen=True)
class Indicator:
    """One indicator. `of` is the filter of a ratio's denominator; `value` SQL over records, for a formula over values."""

    id: str
    aggregate: Aggregate
    filter: Filter | None = None
    of: Filter | None = None
    value: str | None = None
    decay: tuple[tuple[int, Decimal], ...] = ()
    points: Decimal | None = None
    steps: tuple[tuple[Decimal, Decimal], ...] = ()
    map: tuple[tuple[str, Decimal], ...] = ()
    otherwise: Decimal = Decimal(0)
    absent: Decimal = Decimal(0)
    when: str | None = None
    weight: Decimal = Decimal(1)
    floor: Decimal | None = None
    ceiling: Decimal | None = None

    @property
    def textual(self) -> bool:
        """Whether its value is a text: the latest word, looked up in `map`."""
        return bool(self.map)

    @property
    def pointed(self) -> bool:
        """Whether it can add to the score at all."""
        return self.points is not None or bool(self.steps) or bool(self.map) or self.absent != 0


@dataclass(frozen=True)
class Group:
    """Indicators under a common weight and bound; `id` is empty for those that stand alone."""

    id: str
    members: tuple[str, ...]
    weight: Decimal = Decimal(1)
    floor: Decimal | None = None
    ceiling: Decimal | None = None


@dataclass(frozen=True)
class Band:
    """A grade reached by score and condition; the last has neither."""

    grade: str
    at_least: Decimal | None = None
    when: str | None = None


@dataclass(frozen=True)
class Outcome:
    """A grade given by a condition: vetoes first, then direct grades."""

    id: str
    when: str
    grade: str


@dataclass(frozen=True)
class Period:
    """The observation period of a model; `length` None: no period."""

    length: Span | None = None
    ends: Literal["day", "month", "quarter", "year"] = "day"


@dataclass(frozen=True)
class GradingPlan:
    """A whole model, ready to be written as one statement."""

    model: str
    version: str
    kinds: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    groups: tuple[Group, ...]
    outcomes: tuple[Outcome, ...]
    bands: tuple[Band, ...]
    start: Decimal
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    decimals: int = 2
    scope: str | None = None
    has: tuple[Filter, ...] = ()
    match_all: bool = False
    period: Period = Period()
    fields: Mapping[str, str] | None = None
    """Payload field -> SQL type of its column."""
    timely: bool = False
    """Whether the next day on which time alone may change something is computed (`due`)."""
    macros: tuple[str, ...] = ()
    """CREATE statements of the standards' macros."""

    @property
    def items(self) -> tuple[str, ...]:
        """Every item whose records the model reads."""
        filters = [f for i in self.indicators for f in (i.filter, i.of) if f] + list(self.has)
        return tuple(sorted({item for f in filters for item in f.items}))
