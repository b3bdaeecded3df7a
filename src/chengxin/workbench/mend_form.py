"""The form in which faulty rows are corrected: for each row what is wrong, the blamed cells first, then the others (R-049)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _

from chengxin.accounts.words import english
from chengxin.collection.mending import Row
from chengxin.design.shapes import Tone
from chengxin.design.templatetags.chengxin import level_label, named
from chengxin.policy.fields import Field
from chengxin.policy.policies import Policies
from chengxin.policy.publish import describe
from chengxin.policy.rules import Rule
from chengxin.workbench.batch_findings import sentence, tone_of

MOST_FIELDS = 800
"""So many inputs a page at most; Django itself refuses more than a thousand."""
MOST_ROWS = 20
_LONG = 60
_FEW = 60
"""A code table of up to so many entries is offered as a list to choose from."""


@dataclass(frozen=True)
class Fault:
    """What was found on a row, in words."""

    label: str
    tone: Tone
    sentence: str


@dataclass(frozen=True)
class Block:
    """A row on the page: its faults, the inputs of what is blamed, and of the rest."""

    number: int
    title: str
    faults: Sequence[Fault]
    blamed: Sequence[forms.BoundField]
    rest: Sequence[forms.BoundField]


def rows_per_page(fields: Sequence[Field]) -> int:
    """How many rows fit on a page."""
    return max(1, min(MOST_ROWS, MOST_FIELDS // max(len(fields), 1)))


class MendForm(forms.Form):
    """Every cell of every row shown, as text: what may stand in it is decided by the check, on the way of all files."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(
        self, *args: object, rows: Sequence[Row], fields: Sequence[Field], packs: Policies, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.rows, self.columns, self.packs = rows, fields, packs
        self.initial.setdefault("token", uuid4().hex)
        for row in rows:
            for column in fields:
                text = row.cells.get(column.id, "")
                self.fields[_name(row, column)] = self._input(column, text, blamed=column.id in row.blamed)

    def _input(self, column: Field, text: str, *, blamed: bool) -> forms.Field:
        label = named(column)
        hint = describe(column, self.packs) if blamed and not english() else ""
        common = {"label": label, "required": False, "initial": text, "help_text": hint}
        options = self._options(column, text) if blamed else []
        if options:
            return forms.ChoiceField(choices=options, **common)  # type: ignore[arg-type]
        long = len(text) > _LONG or (column.length or 0) > 3 * _LONG
        widget = forms.Textarea(attrs={"rows": 3}) if long else forms.TextInput()
        return forms.CharField(widget=widget, strip=False, **common)  # type: ignore[arg-type]

    def _options(self, column: Field, text: str) -> list[tuple[str, str]]:
        """The entries of a short code table, and what stands there now."""
        if column.type != "code" or not column.table:
            return []
        labels = self.packs.codes(column.table).labels
        if len(labels) > _FEW:
            return []
        now = [(text, _("现在写的是：%(text)s") % {"text": text})] if text and text not in labels else []
        return [("", _("（空）")), *now, *((x, x) for x in labels)]

    def changes(self) -> dict[int, dict[str, str]]:
        """Row -> field id -> text, of everything that was sent; a cell that was not sent stays as it is."""
        return {
            row.number: {
                c.id: str(self.cleaned_data.get(name, "")) for c in self.columns if (name := _name(row, c)) in self.data
            }
            for row in self.rows
        }

    def blocks(self, rules: Mapping[str, Rule]) -> list[Block]:
        """The rows as the page shows them."""
        return [self._block(row, rules) for row in self.rows]

    def _block(self, row: Row, rules: Mapping[str, Rule]) -> Block:
        found = [_fault(f, rules) for f in row.findings]
        cells = [(c, self[_name(row, c)]) for c in self.columns]
        blamed = [bound for c, bound in cells if c.id in row.blamed]
        rest = [bound for c, bound in cells if c.id not in row.blamed]
        return Block(row.number, row.title, found, blamed, rest)


def _fault(finding: Mapping[str, Any], rules: Mapping[str, Rule]) -> Fault:
    level = str(finding["level"])
    return Fault(level_label(level), tone_of(level), sentence(rules.get(str(finding["rule"])), finding))


def _name(row: Row, column: Field) -> str:
    return f"r{row.number}-{column.id}"
