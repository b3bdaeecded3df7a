"""Names for what the pages list: a batch keeps ids, its reader wants words in their language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chengxin.accounts.words import english
from chengxin.collection.models import Batch
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies


def item_of(packs: Policies, item: str) -> Item | dict[str, str]:
    """The newest version of an item, or its bare id where the packs have it no longer."""
    versions = packs.versions(item)
    return versions[-1] if versions else {"label": item}


def item_label(packs: Policies, item: str) -> str:
    """The name of an item in the reader's language."""
    found = item_of(packs, item)
    if isinstance(found, dict):
        return found["label"]
    return found.label_en if english() else found.label


def agency_label(packs: Policies, agency: str) -> str:
    """The name of a source unit in the reader's language."""
    found = next((a for a in packs.agencies if a.id == agency), None)
    if found is None:
        return agency
    return found.name_en if english() else found.name


def with_items(packs: Policies, batches: Iterable[Batch]) -> list[dict[str, Any]]:
    """Each batch with its catalogue item."""
    return [{"batch": b, "item": item_of(packs, b.item)} for b in batches]
