"""The catalogue by API: items with their Table Schema and rules, code tables (R-005, R-008)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.urls import reverse
from django.utils import timezone
from ninja import Path, Router

from chengxin.api.door import Asked, operation, public
from chengxin.api.errors import Problem
from chengxin.api.public_shapes import CatalogueOut, CodesOut, ItemOut
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.policy.publish import table_schema
from chengxin.policy.rules import Rule
from chengxin.registry.packs import policies

router = Router(tags=["catalogue"])
_OPEN = public("what may be collected, and how it is checked, is public")
_LINE = ("id", "label", "label_en", "version", "category", "nature", "disclosure", "sharing", "cycle")
_RULE = ("id", "level", "stage", "test", "message", "message_en", "expected", "expected_en", "basis")


@operation(router, "GET", "/catalogue", _OPEN, response={200: CatalogueOut, 304: None})
def get_catalogue(request: Asked) -> Any:
    """The items in force today, and who submits them."""
    packs, day = policies(), timezone.localdate()
    return {"day": day, "digest": packs.digest, "items": [_line(i, packs) for i in packs.items(day)]}


@operation(router, "GET", "/catalogue/{item}", _OPEN, response={200: ItemOut, 304: None}, errors=(404,))
def get_item(request: Asked, item: Annotated[str, Path(description="Such as penalty.")]) -> Any:
    """An item: its Frictionless Table Schema and every rule that its rows are checked by."""
    packs, day = policies(), timezone.localdate()
    try:
        found = packs.item(item, day)
    except UnknownPolicy as unknown:
        raise Problem("not-found") from unknown
    return {**_line(found, packs), "table_schema": table_schema(found, packs), "rules": _rules(found, packs, day)}


@operation(router, "GET", "/codes/{table}", _OPEN, response={200: CodesOut, 304: None}, errors=(404,))
def get_codes(request: Asked, table: Annotated[str, Path(description="Such as penalty_kinds.")]) -> Any:
    """A code table: codes, labels and the other words that are understood for them."""
    try:
        found = policies().codes(table)
    except UnknownPolicy as unknown:
        raise Problem("not-found") from unknown
    codes = [
        {
            "code": c.code,
            "label": c.label,
            "label_en": c.label_en,
            "aliases": list(c.aliases),
            "parent": c.parent,
            "valid_from": c.start,
            "valid_to": c.end,
        }
        for c in found.rows
    ]
    told = {name: getattr(found, name) for name in ("id", "label", "label_en", "version", "closed")}
    return {**told, "basis": "；".join(b.text for b in found.basis), "codes": codes}


def _line(item: Item, packs: Policies) -> dict[str, Any]:
    return {
        **{name: getattr(item, name) for name in _LINE},
        "basis": item.basis_text,
        "sources": [a.id for a in packs.agencies if a.may_submit(item.id)],
        "url": reverse("api:get_item", kwargs={"item": item.id}),
    }


def _rules(item: Item, packs: Policies, day: date) -> list[dict[str, Any]]:
    return [_rule(rule) for rule in packs.rules(item.id, day)]


def _rule(rule: Rule) -> dict[str, Any]:
    return {**{name: getattr(rule, name) for name in _RULE}, "fields": list(rule.fields)}
