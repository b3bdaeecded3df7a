"""One indicator of an evaluation model: what is measured over which records, and what it is worth (R-144)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy.errors import Mismatch
from chengxin.policy.evaluation_parts import Bounded, Span
from chengxin.policy.schema import Bases, Model, Name, Slug, Text

Aggregate = Literal["count", "sum", "max", "min", "latest", "days_since", "ratio", "exists", "formula"]
VALUED = ("sum", "max", "min", "latest", "formula")
DECAYING = ("count", "sum")


class Decay(Model):
    """From so many months after its day a record counts for this share only."""

    after_months: Annotated[int, Key(gt=0)]
    share: Annotated[Decimal, Key(ge=0, le=1)]


class Points(Model):
    """One step of a table: from this value on, these points."""

    at_least: Decimal
    points: Decimal


class Indicator(Bounded):
    """What is measured over which records, and what it is worth."""

    id: Name
    label: Text
    label_en: Text
    explain: Text
    explain_en: Text | None = None
    basis: Bases
    group: Name | None = None
    items: tuple[Slug, ...] = ()
    where: Text | None = None
    of: Text | None = None
    aggregate: Aggregate
    value: Text | None = None
    by: Name = "decided_on"
    window: Literal["observation", "all"] = "observation"
    within: Span | None = None
    expired: bool = False
    decay: tuple[Decay, ...] = ()
    points: Decimal | None = None
    steps: tuple[Points, ...] = ()
    map: Mapping[Text, Decimal] = {}
    otherwise: Decimal = Decimal(0)
    absent: Decimal = Decimal(0)
    when: Text | None = None
    weight: Decimal = Decimal(1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for wrong, found, expected, key in _indicator_faults(self):
            if wrong:
                raise Mismatch(found, expected, (key,))
        return self


def _indicator_faults(i: Indicator) -> list[tuple[bool, str, str, str]]:
    formula, valued = i.aggregate == "formula", i.aggregate in VALUED
    worth = [k for k in ("points", "steps", "map") if getattr(i, k) not in (None, (), {})]
    ladders: tuple[tuple[str, list[Any]], ...] = (
        ("steps", [s.at_least for s in i.steps]),
        ("decay", [d.after_months for d in i.decay]),
    )
    return [
        (not formula and not i.items, "no items", "`items`: the catalogue items that are looked at", "items"),
        (formula and bool(i.items), "items with a formula", "only `value`: an expression over indicators", "items"),
        (valued and i.value is None, "no value", f"`value`: an expression; {i.aggregate} needs one", "aggregate"),
        (not valued and i.value is not None, f"value with {i.aggregate}", f"one of {', '.join(VALUED)}", "value"),
        (i.aggregate == "ratio" and i.of is None, "no `of`", "`of`: which records the share is taken of", "aggregate"),
        (i.aggregate != "ratio" and i.of is not None, f"`of` with {i.aggregate}", 'aggregate = "ratio"', "of"),
        (bool(i.map) and i.aggregate != "latest", f"map with {i.aggregate}", 'aggregate = "latest"', "map"),
        (bool(i.decay) and i.aggregate not in DECAYING, f"decay with {i.aggregate}", "count or sum", "decay"),
        (i.within is not None and "window" in i.model_fields_set, "within and window", "one of them", "window"),
        (len(worth) > 1, " and ".join(worth), "one of points, steps, map (or none: it only serves others)", "points"),
        *((ladder != sorted(set(ladder)), "steps out of order", "rising steps", key) for key, ladder in ladders),
    ]
