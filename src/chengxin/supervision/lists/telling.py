"""An entry of a list as its subject is told it: what happened to it, never who in the office worked on it (R-170, G-05)."""

from __future__ import annotations

from datetime import date
from typing import Any

from chengxin.supervision.lists.queries import answers_of, described
from chengxin.supervision.models import Listing

_INTERNAL = ("proposal",)
"""Steps of the office alone: nothing has been told and nothing decided by them."""


def told_to_subject(entry: Listing, day: date) -> dict[str, Any]:
    """`queries.described` without the office's own steps and without the names of officials.

    `answers` are the answers the subject may give now (empty when its turn is over).
    """
    found = described(entry, day)
    steps = [s for s in found["steps"] if s["kind"] not in _INTERNAL]
    return found | {
        "steps": [{k: v for k, v in s.items() if k != "actor"} for s in steps], "answers": list(answers_of(entry)),
    }  # fmt: skip
