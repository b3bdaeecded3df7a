"""The kind `repair`: on what conditions a record is repaired (信用修复), one file for each version of the rules (F-17).

The version in force on the day of the application is asked; how long a record is shown at least and at most stands in
the kind `disclosure`, which `publicities` names, and follows the record's own dates (domain.md 4.1, 4.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy.catalogue import Item
from chengxin.policy.errors import Mismatch, Problem
from chengxin.policy.gathered import Reading, Source
from chengxin.policy.packs import Agencies, Disclosure
from chengxin.policy.schema import Bases, Header, Name, Noted, Severity, Slug, Text

Test = Literal[
    "minimum-reached", "stated", "attached", "no-newer", "not-repaired-within", "severity-in", "item-in", "field-in"
]
"""`minimum-reached`: the minimum publicity is over; `stated`: the form says yes to `ask`; `attached`: `material` is there;
`no-newer`: no further adverse record of the same item since this one's decision; `not-repaired-within`: no other repair
in the last `months`; `severity-in`, `item-in`: the record is of the named degrees or items; `field-in`: its `field` says
one of `values`."""

_NEEDS: dict[str, str] = {
    "stated": "ask", "attached": "material", "not-repaired-within": "months", "severity-in": "severities",
    "item-in": "items", "field-in": "field",
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
    field: Name | None = None
    values: tuple[Text, ...] = ()
    basis: Bases | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        wanted = _NEEDS.get(self.test)
        if wanted and not getattr(self, wanted):
            raise Mismatch(f"test = {self.test!r} alone", f"`{wanted}` with it", ("test",))
        if (self.test == "field-in") != bool(self.values):
            raise Mismatch(
                f"test = {self.test!r} with values = {list(self.values)}", "`field-in` with `values`", ("test",)
            )
        return self


class Repair(Header):
    """One version of the rules of repair."""

    kind: Literal["repair"]
    id: Slug
    label: Text
    label_en: Text
    publicities: tuple[Slug, ...] = ()
    """The publicity rules (kind `disclosure`) whose minimum and maximum it goes by; none for items that are not published."""
    shown_after_maximum: bool = False
    sources: tuple[Slug, ...] = ()
    items: tuple[Slug, ...] = ()
    """Records of which source units and items it is for; nothing is all. The narrowest rules that fit a record are its
    rules: a department's own before those for everybody (市场监管 and 税务 repair by measures of their own, domain.md 4)."""
    conditions: Annotated[tuple[Condition, ...], Key(alias="condition", min_length=1)]

    def fits(self, source: str, item: str) -> bool:
        """Whether a record of that source unit and item is repaired by these rules."""
        return (not self.sources or source in self.sources) and (not self.items or item in self.items)

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if not self.publicities and not self.items:
            raise Mismatch("neither publicities nor items", "`publicities`, or the `items` it is for", ("publicities",))
        return self

    @property
    def narrowness(self) -> int:
        """Of the rules that fit a record those with the greatest count: source and item 3, source 2, item 1, all 0."""
        return 2 * bool(self.sources) + bool(self.items)

    def rivals(self, other: Repair) -> bool:
        """Whether some record would have both as its rules on some day."""
        alike = self.effective.overlaps(other.effective) and self.narrowness == other.narrowness
        shared = (
            set(a) & set(b) or not (a or b) for a, b in ((self.sources, other.sources), (self.items, other.items))
        )
        return alike and all(shared)


def check_repair(reading: Reading) -> Iterator[Problem]:
    """Rules between which nobody could choose, publicities, source units and items that nobody declares."""
    packs = reading.of(Repair)
    units = {a.id for _, pack in reading.of(Agencies) for a in pack.agencies}
    items = {pack.id for _, pack in reading.of(Item)}
    known = {p.id for _, d in reading.of(Disclosure) for p in d.publicities}
    for at, (source, pack) in enumerate(packs):
        for n, name in enumerate(pack.publicities):
            if known and name not in known:
                yield source.problem(("publicities", n), repr(name), f"one of {', '.join(sorted(known))}")
        for field, declared in (("sources", units), ("items", items)):
            for n, name in enumerate(getattr(pack, field)):
                if declared and name not in declared:
                    yield source.problem((field, n), repr(name), f"one of {', '.join(sorted(declared))}")
        yield from _fields(source, pack, reading)
        for earlier, other in packs[:at]:
            if pack.rivals(other):
                found = f"{pack.id} for {pack.effective}, while {other.id} of {earlier.name} says {other.effective}"
                expected = "rules that do not overlap: give the older one `to`, or one of them `sources` or `items`"
                yield source.problem(("effective",), found, expected)


def _fields(source: Source, pack: Repair, reading: Reading) -> Iterator[Problem]:
    """A condition on a field that an item of these rules does not have."""
    for n, condition in enumerate(pack.conditions):
        for _, item in reading.of(Item):
            if condition.field and item.id in pack.items and condition.field not in {f.id for f in item.kept_fields}:
                expected = f"a field of {item.id}: {', '.join(f.id for f in item.kept_fields)}"
                yield source.problem(("condition", n, "field"), repr(condition.field), expected)
