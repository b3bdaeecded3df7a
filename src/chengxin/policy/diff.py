"""What changed between two states of the policies, item by item, field by field, rule by rule (R-006)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from chengxin.policy.catalogue import Item
from chengxin.policy.packs import CodeTable
from chengxin.policy.policies import Policies
from chengxin.policy.schema import Basis, Header


@dataclass(frozen=True)
class Difference:
    """One change; `before` and `after` are None where there was or is nothing."""

    where: str
    what: Literal["added", "removed", "changed"]
    before: str | None = None
    after: str | None = None

    def __str__(self) -> str:
        if self.what == "changed":
            return f"{self.where}: {self.before} → {self.after}"
        value = self.after if self.what == "added" else self.before
        return f"{self.where}: {self.what}" + (f" ({value})" if value else "")


def diff(a: Policies, b: Policies) -> tuple[Difference, ...]:
    """Differences from `a` to `b`, in the order items, code tables, agencies, publicity, retention."""
    return (
        *_items(a, b),
        *_mapping("table", _tables(a), _tables(b)),
        *_mapping("agency", {x.id: x for x in a.agencies}, {x.id: x for x in b.agencies}),
        *_mapping("publicity", _publicities(a), _publicities(b)),
        *_mapping("quality", {q.version: q.goals for q in a.qualities}, {q.version: q.goals for q in b.qualities}),
        *_mapping("retention", a.retention_defaults, b.retention_defaults),
    )


def compare(a: Header, b: Header) -> tuple[Difference, ...]:
    """Differences between two versions of one file, part by part; code tables row by row."""
    if isinstance(a, CodeTable) and isinstance(b, CodeTable):
        before, after = ({row.code: row for row in table.rows} for table in (a, b))
        rows = ("row", "rows")
        head = tuple(d for d in _models("", a, b) if not d.where.strip().startswith(rows))
        return (*head, *_mapping("row", before, after))
    return tuple(_models("", a, b))


def _items(a: Policies, b: Policies) -> Iterator[Difference]:
    """Versions of the same name are compared with each other, a new version with the one before it."""
    for id in sorted({c.item.id for c in (*a.compiled, *b.compiled)}):
        old, new = {i.version: i for i in a.versions(id)}, {i.version: i for i in b.versions(id)}
        if not old or not new:
            item = next(iter((new or old).values()))
            yield _whole(f"item {id}", "added" if new else "removed", item)
            continue
        for version, item in new.items():
            base = old.get(version)
            where = f"item {id} {version}"
            if base is None:
                base = list(old.values())[-1]
                yield Difference(f"{where}", "added", after=f"in force {item.effective}; compared with {base.version}")
            yield from _values(where, base, item)
        for version in old.keys() - new.keys():
            yield Difference(f"item {id} {version}", "removed")


def _tables(policies: Policies) -> dict[str, Mapping[str, Any]]:
    return {
        table.id: {
            "label": table.label,
            "row": {row.code: row.model_dump(exclude={"line"}, exclude_defaults=True) for row in table.rows},
        }
        for table in policies.tables.values()
    }


def _publicities(policies: Policies) -> dict[str, BaseModel]:
    return {f"{entry.id} {d.version}": entry for d in policies.disclosures for entry in d.publicities}


def _mapping(where: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
    for key in (*b, *(k for k in a if k not in b)):
        place = f"{where} {key}"
        if key not in a:
            yield _whole(place, "added", b[key])
        elif key not in b:
            yield _whole(place, "removed", a[key])
        else:
            yield from _values(place, a[key], b[key])


def _whole(where: str, what: Literal["added", "removed"], value: Any) -> Difference:
    name = _name_of(value)
    return Difference(where, what, name if what == "removed" else None, name if what == "added" else None)


def _name_of(value: Any) -> str | None:
    for key in ("label", "name", "message", "document", "text"):
        name = value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)
        if isinstance(name, str):
            return name
    return None


def _values(where: str, a: Any, b: Any) -> Iterator[Difference]:
    if isinstance(a, BaseModel) and isinstance(b, BaseModel):
        yield from _models(where, a, b)
    elif isinstance(a, Mapping) and isinstance(b, Mapping):
        yield from _mapping(where, a, b)
    elif isinstance(a, tuple) and isinstance(b, tuple) and _named(a + b):
        yield from _mapping(where, {x.id: x for x in a}, {x.id: x for x in b})
    elif a != b:
        yield Difference(where, "changed", _shown(a), _shown(b))


def _models(where: str, a: BaseModel, b: BaseModel) -> Iterator[Difference]:
    for name, info in type(b).model_fields.items():
        if isinstance(b, Item) and name == "version":
            continue
        before, after = getattr(a, name, None), getattr(b, name)
        yield from _values(f"{where} {info.alias or name}", before, after)


def _named(values: tuple[Any, ...]) -> bool:
    return bool(values) and all(isinstance(v, BaseModel) and hasattr(v, "id") for v in values)


def _shown(value: Any) -> str:
    if value is None or value == () or value == {}:
        return "nothing"
    if isinstance(value, Basis):
        return value.text
    if isinstance(value, BaseModel):
        return (
            str(value) if type(value).__str__ is not BaseModel.__str__ else str(value.model_dump(exclude_defaults=True))
        )
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(v) for v in value) + "]"
    return str(value)
