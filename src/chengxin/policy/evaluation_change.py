"""A model with other numbers, to be tried before anybody writes a file: starting score, thresholds, points (R-144)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from chengxin.policy.errors import PolicyError, Problem
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.explain import explain
from chengxin.policy.reading import dotted


@dataclass(frozen=True)
class Number:
    """One number of a model that may be tried otherwise: where it stands, what it is called, what it is now."""

    path: tuple[str | int, ...]
    group: str
    label: str
    label_en: str
    value: Decimal

    @property
    def key(self) -> str:
        return ".".join(map(str, self.path))


def numbers(model: Evaluation) -> list[Number]:
    """The numbers that decide most: where the score starts, from where each grade holds, what each indicator is worth."""
    found = [Number(("score", "start"), "score", "起始分", "Starting score", model.score.start)]
    found += [
        Number(("grade", n, "at_least"), "grade", g.label, g.label_en, g.at_least)
        for n, g in enumerate(model.grades)
        if g.at_least is not None
    ]
    for n, i in enumerate(model.indicators):
        for name in ("points", "floor", "ceiling"):
            value = getattr(i, name)
            if value is not None:
                found.append(Number(("indicator", n, name), name, i.label, i.label_en, value))
    return found


def changed(model: Evaluation, values: Mapping[str, Decimal], version: str) -> Evaluation:
    """The model with these numbers (`Number.key` -> value) under another version name. Raises `PolicyError`."""
    raw = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    raw["version"] = version
    known = {n.key: n for n in numbers(model)}
    for key, value in values.items():
        _put(raw, known[key].path, str(value))
    try:
        return Evaluation.model_validate(raw)
    except ValidationError as error:
        faults = explain(error, Evaluation)
        raise PolicyError([Problem(model.id, 0, dotted(p), f, e) for p, f, e in faults]) from error


def _put(raw: dict[str, Any], path: tuple[str | int, ...], value: str) -> None:
    place: Any = raw
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
