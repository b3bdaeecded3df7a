"""Seeing why somebody has a grade is a look at what is not public: traced, and written down for the subject (R-154, G-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_noop

from chengxin.accounts.actors import Actor
from chengxin.audit.actions import record as trace
from chengxin.registry import looks
from chengxin.registry.disclosure import Audience

PURPOSE = gettext_noop("查看评价说明")
ROSTER = gettext_noop("查看本部门评价名册")
EXPORT = gettext_noop("导出本部门评价名册")
VERIFIED = gettext_noop("核实评价结果")
SIMULATED = gettext_noop("试算评价模型，查看等级会变动的主体")
STANDING = ("grade", "score")
"""What a roster says of a subject; `own.lookbook` has the words."""


def note(actor: str, told: Mapping[str, Any], channel: str, unit: str = "") -> None:
    """`told` is the answer of `queries.why`; `unit` is for whom it was asked."""
    trace(actor, "evaluation.look", "subject", told["code"], model=told["model"], channel=channel)
    behind = {r["id"]: r for i in told["indicators"] for r in i["records"]}
    items = frozenset(str(r["item"]) for r in behind.values())
    ask = looks.Ask(Audience.DUTY, PURPOSE, f"evaluation {told['model']}", unit, items)
    looks.note(actor, told["code"], ask, records=len(behind))


def note_listed(
    actor: Actor, codes: Iterable[str], purpose: str, basis: str, unit: str, fields: Iterable[str] = STANDING
) -> None:
    """Whose grades a list of `unit` showed, or a file took away (G-10). Natural persons and empty codes are none of them.

    A list that is opened again on the same day leaves no second row (`looks.note_shown`).
    """
    looks.note_shown(actor, ((unit, code) for code in codes), purpose, basis, fields)
