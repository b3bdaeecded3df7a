"""A rule's text as an SQL expression, so that a million reminders are written by the engine and not one by one."""

from __future__ import annotations

import string
from collections.abc import Mapping


def text_sql(text: str, places: Mapping[str, str]) -> str:
    """`text` with its {places} filled by these expressions; a place without a value reads as an empty text.

    >>> text_sql("{name}：还有 {days} 天", {"name": "s.name", "days": "d"})
    "concat(s.name, '：还有 ', d, ' 天')"
    """
    parts: list[str] = []
    for literal, name, _, _ in string.Formatter().parse(text):
        if literal:
            parts.append(quoted(literal))
        if name is not None:
            parts.append(places[name])
    return f"concat({', '.join(parts)})"


def quoted(text: str) -> str:
    """An SQL literal."""
    return "'" + text.replace("'", "''") + "'"
