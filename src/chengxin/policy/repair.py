"""The kind `repair`: on what conditions a record is repaired (信用修复), one file for each version of the rules (F-17).

The version in force on the day of the application is asked; how long a record is shown at least and at most stands in
the kind `disclosure`, which `publicities` names, and follows the record's own dates (domain.md 4.1, 4.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy.errors import Mismatch, Problem
from chengxin.policy.gathered import Reading
from chengxin.policy.packs import Disclosure
from chengxin.policy.schema import Bases, Header, Name, Noted, Severity, Slug, Text

Test = Literal["minimum-reached", "stated", "attached", "no-newer", "not-repaired-within", "severity-in", "item-in"]
"""`minimum-reached`: the minimum publicity is over; `stated`: the form says yes to `ask`; `attached`: `material` is there;
`no-newer`: no further adverse record of the same item since this one's decision; `not-repaired-within`: no other repair
in the last `months`; `severity-in`, `item-in`: the record is of the named degrees or items."""

_NEEDS: dict[str, str] = {
    "stated": "ask", "attached": "material", "not-repaired-within": "months", "severity-in": "severities",
    "item-in": "items",
}  # fmt: skip


class Condition(Noted):
    """One condition, and what the applicant can do where it does not hold (R-242)."""

    id: Slug
    test: Test
    label: Text
    label_en: Text
    remedy: Text
    remedy_en: Text
    ask: Name | None = None
    material: Name | None = None
    months: Annotated[int, Key(gt=0)] | None = None
    severities: tuple[Severity, ...] = ()
    items: tuple[Slug, ...] = ()
    basis: Bases | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        wanted = _NEEDS.get(self.test)
        if wanted and not getattr(self, wanted):
            raise Mismatch(f"test = {self.test!r} alone", f"`{wanted}` with it", ("test",))
        return self


class Repair(Header):
    """One version of the rules of repair."""

    kind: Literal["repair"]
    id: Slug
    label: Text
    label_en: Text
    publicities: Annotated[tuple[Slug, ...], Key(min_length=1)]
    """The publicity rules (kind `disclosure`) whose minimum and maximum it goes by."""
    shown_after_maximum: bool = False
    conditions: Annotated[tuple[Condition, ...], Key(alias="condition", min_length=1)]


def check_repair(reading: Reading) -> Iterator[Problem]:
    """Versions that overlap, publicities that nobody declares."""
    packs = reading.of(Repair)
    known = {p.id for _, d in reading.of(Disclosure) for p in d.publicities}
    for at, (source, pack) in enumerate(packs):
        for n, name in enumerate(pack.publicities):
            if known and name not in known:
                yield source.problem(("publicities", n), repr(name), f"one of {', '.join(sorted(known))}")
        for earlier, other in packs[:at]:
            if other.id == pack.id and other.effective.overlaps(pack.effective):
                found = f"{pack.id} for {pack.effective}, while {earlier.name} says {other.effective}"
                yield source.problem(("effective",), found, "versions that do not overlap: give the older one `to`")
