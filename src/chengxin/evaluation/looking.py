"""Seeing why somebody has a grade is a look at what is not public: traced, and written down for the subject (R-154, G-10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chengxin.audit.actions import record as trace
from chengxin.registry import looks
from chengxin.registry.disclosure import Audience

PURPOSE = "查看评价说明"


def note(actor: str, told: Mapping[str, Any], channel: str, unit: str = "") -> None:
    """`told` is the answer of `queries.why`; `unit` is for whom it was asked."""
    trace(actor, "evaluation.look", "subject", told["code"], model=told["model"], channel=channel)
    behind = {r["id"]: r for i in told["indicators"] for r in i["records"]}
    items = frozenset(str(r["item"]) for r in behind.values())
    ask = looks.Ask(Audience.DUTY, PURPOSE, f"evaluation {told['model']}", unit, items)
    looks.note(actor, told["code"], ask, records=len(behind))
