"""The form of a step in the order a person fills it in: questions, fields to correct, files, reason; of the fields to correct
those that have no content yet are folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.forms import BoundField

from chengxin.cases.forms import Entry, StepForm


@dataclass
class Groups:
    """The visible fields of a form by kind."""

    asked: list[BoundField] = field(default_factory=list)
    filled: list[BoundField] = field(default_factory=list)
    blank: list[BoundField] = field(default_factory=list)
    files: list[BoundField] = field(default_factory=list)
    reason: list[BoundField] = field(default_factory=list)

    @property
    def blank_wrong(self) -> bool:
        """Whether the folded part has to be open: something in it was filled in or is wrong."""
        return any(f.errors or f.value() for f in self.blank)


def grouped(form: StepForm, entries: Sequence[Entry]) -> Groups:
    """`entries` are the fields of the record with what they say now."""
    known = {e.id for e in entries if e.value}
    groups = Groups()
    for one in form.shown():
        if one.name.startswith("change_"):
            named = any(one.name.endswith(f"_{id}") for id in known)
            (groups.filled if named else groups.blank).append(one)
        elif one.name.startswith("file_"):
            groups.files.append(one)
        elif one.name == "reason_field":
            groups.reason.append(one)
        else:
            groups.asked.append(one)
    return groups
