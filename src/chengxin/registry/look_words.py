"""Why somebody looked, in the reader's language. The row keeps what was said on the day, in Chinese (R-093)."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from chengxin.accounts.words import english, worded
from chengxin.policy.measures import Measures
from chengxin.policy.procedures import Procedure
from chengxin.registry.packs import policies

JOINT = "："
"""Between what a look was for and the paper that was opened: 「信用修复：信用修复承诺书」."""


def purposes() -> Callable[[str], str]:
    """What turns a stored purpose into the reader's words: sentences of the platform by the messages, names of the packs by
    the packs. What a person wrote stays as it was written."""
    if not english():
        return str
    known = _names()

    def said(purpose: str) -> str:
        parts = purpose.split(JOINT)
        whole = [known.get(part) or (_(part) if part else part) for part in parts]
        return (_("：") if whole != parts else JOINT).join(whole)

    return said


def _names() -> dict[str, str]:
    """What packs call procedures, their materials and letters, and the matters of the embedded check: Chinese to English."""
    found: dict[str, str] = {}
    for procedure in policies().of(Procedure):
        found[procedure.label] = worded(procedure, "label")
        found |= {material.label: worded(material, "label") for material in procedure.materials}
        found |= {letter.title: worded(letter, "title") for letter in procedure.letters}
    return found | {m.label: worded(m, "label") for pack in policies().of(Measures) for m in pack.matters}
