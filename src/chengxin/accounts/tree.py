"""Units stand under units: a county's bureau under the city's, the city's under the province's (R-023, W-06)."""

from __future__ import annotations

from collections.abc import Iterable

from chengxin.accounts.models import Organisation

DEEPEST = 8
"""Levels; a tree that is deeper, or runs in a circle, is read no further."""


def below(units: Iterable[str]) -> set[str]:
    """These units and all that stand under them; one query a level."""
    found, level = set(units), set(units)
    for _ in range(DEEPEST):
        level = set(Organisation.objects.filter(parent__in=level).values_list("pk", flat=True)) - found
        if not level:
            break
        found |= level
    return found


def above(unit: str) -> list[str]:
    """The units over this one, the nearest first."""
    found: list[str] = []
    here: str | None = unit
    for _ in range(DEEPEST):
        here = Organisation.objects.filter(pk=here).values_list("parent_id", flat=True).first()
        if here is None or here in found or here == unit:
            break
        found.append(here)
    return found
