"""A demonstration's store (示例库): how everybody tells it from a real one, and who its invented people are.

`chengxin demo` puts a mark beside a store that it has found empty. A store with that mark lets its people in without a
second factor and shows them, with their common password, where people sign in; `check --deploy` refuses it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

MARK = "demo.json"
EXEMPT = "demo-*"
"""Names of the invented people, as CHENGXIN_EXEMPT takes them."""


@dataclass(frozen=True)
class Person:
    """An invented person: sign-in name, name, for whom they work, and what they do there, in plain words."""

    username: str
    name: str
    unit: str
    does: str


@dataclass
class Demonstration:
    """What the mark says: the common password, the people to choose from, which events are done and what they left."""

    password: str
    people: list[Person] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)


def read(home: Path) -> Demonstration | None:
    """The mark of the store in `home`; None for a real one, and for a mark that cannot be read."""
    try:
        said = json.loads((home / MARK).read_text("utf-8"))
        people = [Person(**p) for p in said.get("people", [])]
        return Demonstration(str(said["password"]), people, list(said.get("done", [])), dict(said.get("kept", {})))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(home: Path, demonstration: Demonstration) -> None:
    """Replace the mark in one step; only this account may read it."""
    part = home / f".{MARK}.part"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(demonstration), file, ensure_ascii=False)
    part.replace(home / MARK)


def shown() -> Demonstration | None:
    """The demonstration whose people may be shown to whoever signs in: only while they are let in as such."""
    from django.conf import settings

    return read(Path(settings.HOME)) if EXEMPT in settings.SECOND_FACTOR_EXEMPT else None
