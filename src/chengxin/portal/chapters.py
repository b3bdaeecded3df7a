"""A public profile cut into chapters: one for each class of the catalogue, the empty ones too (R-080, anchors.md 5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chengxin.accounts.words import english, worded
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies

_CLASSES = "catalogue_kinds"


OPEN_RECORDS = 3
"""So many records of a section stand open on a page; the others are a click away."""


@dataclass
class Section:
    """One catalogue item of a chapter, with the subject's public records of it; each has `main` and `other` fields."""

    item: Item
    records: list[dict[str, Any]] = field(default_factory=list)

    @property
    def open(self) -> list[dict[str, Any]]:
        return self.records[:OPEN_RECORDS]

    @property
    def folded(self) -> list[dict[str, Any]]:
        return self.records[OPEN_RECORDS:]

    @property
    def rest(self) -> int:
        return max(0, len(self.records) - OPEN_RECORDS)


def _parted(item: Item, record: Mapping[str, Any], english: Policies | None) -> dict[str, Any]:
    """The record with the fields that its item sums it up by apart from the others; both in the item's order. For readers of
    English (`english`: the packs that have the words) what comes from a code table is told in its words."""
    fields = record["fields"] if english is None else [_translated(f, item, english) for f in record["fields"]]
    first = {*item.record.summary} or {f["id"] for f in fields}
    return {
        **record,
        "main": [f for f in fields if f["id"] in first],
        "other": [f for f in fields if f["id"] not in first],
    }


def _translated(told: Mapping[str, Any], item: Item, packs: Policies) -> Mapping[str, Any]:
    """A field whose value, or each value of several, has an English word in its table: with those words, and `english`."""
    known = item.by_id.get(told["id"])
    table = packs.tables.get(known.table) if known and known.table and not told["masked"] else None
    if table is None:
        return told
    words, value = table.in_english, told["value"]
    if isinstance(value, list):
        said: Any = [words[v] for v in value if v in words]
        return {**told, "value": said, "english": True} if value and len(said) == len(value) else told
    return {**told, "value": words[value], "english": True} if value in words else told


@dataclass
class Chapter:
    """A class of the catalogue. `sections` are the items of it that may be public, `closed` those that never are."""

    id: str
    label: str
    label_en: str
    sections: list[Section] = field(default_factory=list)
    closed: list[Item] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(s.records) for s in self.sections)

    @property
    def missing(self) -> list[Item]:
        """Items that may be public and of which nothing was found."""
        return [s.item for s in self.sections if not s.records]

    @property
    def latest(self) -> date | None:
        return max((r["decided_on"] for s in self.sections for r in s.records if r["decided_on"]), default=None)


def chapters(packs: Policies, day: date, records: Iterable[Mapping[str, Any]] = ()) -> list[Chapter]:
    """The classes of the catalogue in its own order, each with its items and what `records` has for them.

    An item that is no longer collected still has its section when there are records of it.
    """
    by_item: dict[str, list[Mapping[str, Any]]] = {}
    speaking = packs if english() else None
    for record in records:
        by_item.setdefault(record["item"], []).append(record)
    classes, items = _arranged(packs, day)
    found = {c.id: Chapter(c.id, c.label, c.label_en) for c in classes}
    former = [packs.versions(id)[-1] for id in by_item.keys() - items.keys()]
    for item in (*items.values(), *former):
        chapter = found.get(item.category)
        if chapter is None:
            chapter = found[item.category] = Chapter(item.category, item.category, item.category)
        own = by_item.get(item.id)
        if own or item.disclosure == "public":
            chapter.sections.append(Section(item, [_parted(item, r, speaking) for r in own] if own else []))
        else:
            chapter.closed.append(item)
    return list(found.values())


def _arranged(packs: Policies, day: date) -> tuple[Sequence[Chapter], Mapping[str, Item]]:
    """The classes and the items in force on that day, found once: every profile asks for them."""
    known, arranged = _days.get(day, (None, None))
    if known is not packs or arranged is None:
        table = packs.tables.get(_CLASSES)
        arranged = (
            [Chapter(c.code, c.label, c.label_en or c.label) for c in table.current(day)] if table else [],
            {i.id: i for i in packs.items(day)},
        )
        if len(_days) >= _MOST_DAYS:
            _days.clear()
        _days[day] = packs, arranged
    return arranged


_days: dict[date, tuple[Policies, tuple[Sequence[Chapter], Mapping[str, Item]]]] = {}
_MOST_DAYS = 8


def status_name(packs: Policies, status: str) -> str:
    """A registration status (登记状态) in the reader's language; as it is stored where its table has no other word for it."""
    table = packs.tables.get("subject_status") if english() else None
    return table.in_english.get(status, status) if table else status


def region_name(packs: Policies, code: str) -> str:
    """A division's name for its GB/T 2260 code, in the reader's language; the code itself where the table does not have it."""
    table = packs.tables.get("regions")
    row = table.by_code.get(code) if table else None
    return worded(row, "label") if row else code
