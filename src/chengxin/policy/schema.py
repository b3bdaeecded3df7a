"""What every policy file says about itself, and the small shapes that all kinds share.

Unknown keys are refused everywhere and nothing can be changed after loading (design.md section 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from chengxin.policy.errors import Mismatch

Level = Literal["reject", "doubt", "warn"]
Stage = Literal["form", "meaning", "file", "register"]
Severity = Literal["none", "minor", "general", "serious"]
SubjectKind = Literal["organisation", "individual_business", "natural_person"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""Id of a field or a table: small letters, digits and `_`."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=60)]
"""Id of an item, an agency or a rule: words joined by `-`."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Model(BaseModel):
    """A frozen shape that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


class Noted(Model):
    """Anything that may stand on an assumption: `assumed = true` needs a `note` that says what has to be found out."""

    assumed: bool = False
    note: Text | None = None

    @model_validator(mode="after")
    def _assumption_explained(self) -> Noted:
        if self.assumed and not self.note:
            raise Mismatch("assumed = true without a note", "a `note` that says what is assumed and why", ("assumed",))
        return self


class Basis(Noted):
    """A law, document or standard, and the place in it."""

    document: Text
    section: Text | None = None
    number: Text | None = None
    url: Text | None = None

    @property
    def text(self) -> str:
        """One line for a reader: 《行政处罚法》第四十八条."""
        title = self.document if self.document.startswith("《") or self.section is None else f"《{self.document}》"
        return title + (f"（{self.number}）" if self.number else "") + (self.section or "")


def _as_bases(value: Any) -> Any:
    if isinstance(value, str):
        return [{"document": value}]
    return [value] if isinstance(value, dict) else value


Bases = Annotated[tuple[Basis, ...], BeforeValidator(_as_bases), Field(min_length=1)]
"""One or more bases; a plain text is one basis without a section."""


def basis_text(bases: tuple[Basis, ...]) -> str:
    return "；".join(b.text for b in bases)


def _as_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int | float | Decimal) else value


Cell = Annotated[str, BeforeValidator(_as_cell)]
"""Text of one cell; dates and numbers of TOML are taken as their text."""

Row = Mapping[Name, Cell]
"""An example row: field id -> text of the cell. `today` and `reported_on` may be given too."""


class Effective(Model):
    """From the first to the last day (both included) on which something holds; without `to` until further notice."""

    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Effective:
        if self.end and self.end < self.start:
            raise Mismatch(f"to = {self.end} before from = {self.start}", "a last day after the first", ("to",))
        return self

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on <= self.end)

    def overlaps(self, other: Effective) -> bool:
        return self.start <= (other.end or date.max) and other.start <= (self.end or date.max)

    def __str__(self) -> str:
        return f"{self.start} – {self.end or '…'}"


class Header(Noted):
    """What stands at the top of every file. No file without a basis (design.md section 1.2)."""

    kind: str
    authority: Text
    version: Text
    effective: Effective
    basis: Bases
