"""Words that every face and room needs of people and readers: which language is read, and what people are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language

from chengxin.accounts.models import User


def english() -> bool:
    """Whether the reader has chosen English."""
    return (get_language() or "").startswith("en")


def worded(thing: Any, key: str) -> str:
    """What a pack, or a mapping made of one, says under `key`: its `key_en` for a reader of English, where it has one."""
    keys = (key, f"{key}_en")
    own, other = (thing.get(k, "") if isinstance(thing, Mapping) else getattr(thing, k, "") for k in keys)
    return str(other or own) if english() else str(own)


def people(names: Iterable[str]) -> dict[str, str]:
    """Sign-in name -> what the person is called; one query. Who has left keeps the sign-in name, nobody is empty."""
    wanted = {n for n in names if n}
    rows = User.objects.filter(username__in=wanted) if wanted else ()
    found = {u.username: str(u) for u in rows}
    return {n: found.get(n, n) for n in wanted} | {"": ""}
