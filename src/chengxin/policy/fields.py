"""The schema of one field of a catalogue item: its names, its type, its constraints, who may see it (R-005)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy.errors import Mismatch
from chengxin.policy.schema import Bases, Cell, Level, Name, Noted, Row, Text

FieldType = Literal[
    "text", "name", "person_name", "uscc", "subject_code", "organisation_code", "registration_number", "tax_number",
    "citizen_id", "date", "amount", "integer", "year", "code", "code_set", "phone", "document_number",
]  # fmt: skip
FieldDisclosure = Literal["public", "shared", "subject", "never"]
Mask = Literal["name", "id", "phone", "account", "address"]
CODED = ("code", "code_set")
PERSONAL = ("citizen_id", "phone", "person_name")
SEALABLE = ("text", *PERSONAL)
NUMERIC = ("amount", "integer", "year")
RESERVED = re.compile(r"^(today|reported_on)$|_(text|raw)$")


class Field(Noted):
    """One column of an item and its named constraints (design.md section 6)."""

    id: Name
    label: Text
    label_en: str = ""
    description: Text | None = None
    codes: tuple[Text, ...] = ()
    aliases: tuple[Text, ...] = ()
    type: FieldType = "text"
    table: Name | None = None
    table_of_exceptions: Name = "uscc_exceptions"
    unit: Literal["yuan", "wan"] = "yuan"
    length: Annotated[int, Key(gt=0)] | None = None
    min_length: Annotated[int, Key(gt=0)] | None = None
    required: bool = False
    required_when: Text | None = None
    when: Row | None = None
    pattern: Text | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    not_future: bool = False
    not_before: Name | None = None
    levels: Mapping[Name, Level] = {}
    example: Cell | None = None
    bad: Cell | None = None
    disclosure: FieldDisclosure = "shared"
    mask: Mask | None = None
    sealed: bool = False
    """Kept encrypted, and shown masked to everybody but the person: the personal data of an item about persons."""
    basis: Bases | None = None

    @property
    def personal(self) -> bool:
        """Whether it holds what points to a person."""
        return self.type in PERSONAL or self.mask is not None

    @property
    def kept(self) -> bool:
        """False: the column is recognised, dropped and said so (data minimisation, PIPL art. 6 and 19)."""
        return self.disclosure != "never"

    @property
    def scale(self) -> int:
        """What a cell's number is multiplied with to give yuan."""
        return 10_000 if self.unit == "wan" else 1

    def as_written(self, value: object) -> object:
        """A kept value in the unit that the label speaks of: 5000 yuan under a label in 万元 is 0.5 again.

        Amounts are kept in yuan, to the fen; whoever shows one beside its label shows this.
        """
        if self.type != "amount" or self.scale == 1 or not isinstance(value, int | str | Decimal):
            return value
        return f"{(Decimal(value) / self.scale).normalize():f}"

    @property
    def headings(self) -> tuple[str, ...]:
        """All headings by which a file may call this column, the label first."""
        return (self.label, *self.codes, *self.aliases)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for wrong, found, expected, key in _field_faults(self):
            if wrong:
                raise Mismatch(found, expected, (key,))
        return self


def _field_faults(f: Field) -> list[tuple[bool, str, str, str]]:
    coded, numeric, dated = f.type in CODED, f.type in NUMERIC, f.type == "date"
    return [
        (bool(RESERVED.search(f.id)), f'id = "{f.id}"', "an id other than today, reported_on, …_text, …_raw", "id"),
        (
            f.kept and f.example is None,
            "no example",
            f"`example`: one good value of {f.id}; rules are tested with it",
            "id",
        ),
        (coded and f.table is None, "no table", f"`table`: the code table of a field of type {f.type}", "type"),
        (not coded and f.table is not None, f"table with type {f.type}", 'type "code" or "code_set"', "table"),
        (f.unit == "wan" and f.type != "amount", f"unit with type {f.type}", 'type "amount"', "unit"),
        (not numeric and f.min is not None, f"min with type {f.type}", "type amount, integer or year", "min"),
        (not numeric and f.max is not None, f"max with type {f.type}", "type amount, integer or year", "max"),
        (not dated and f.not_future, f"not_future with type {f.type}", 'type "date"', "not_future"),
        (not dated and f.not_before is not None, f"not_before with type {f.type}", 'type "date"', "not_before"),
        (
            f.pattern is not None and f.bad is None,
            "pattern without bad",
            "`bad`: a value that breaks the pattern",
            "pattern",
        ),
        (f.when is not None and f.required_when is None, "when", "`when` only beside required_when", "when"),
        (f.required and f.required_when is not None, "required and required_when", "one of them", "required_when"),
        (f.sealed and f.mask is None, "sealed without mask", "`mask`: how everybody but the person sees it", "sealed"),
        (f.sealed and f.type not in SEALABLE, f"sealed with type {f.type}", f"type {', '.join(SEALABLE)}", "sealed"),
        (
            f.sealed and f.disclosure in ("public", "never"),
            f"sealed with disclosure {f.disclosure}",
            "shared or subject",
            "disclosure",
        ),
        (
            f.required and not f.kept,
            "required with disclosure never",
            "a column that is dropped is not required",
            "required",
        ),
        (_bad_pattern(f.pattern) is not None, str(_bad_pattern(f.pattern)), "a regular expression of RE2", "pattern"),
    ]


def _bad_pattern(pattern: str | None) -> str | None:
    """Why RE2 (DuckDB) will not take a pattern, or None."""
    if pattern is None:
        return None
    if match := re.search(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|[+*?}]\+", pattern):
        return f"{match[0]!r} in the pattern"
    try:
        re.compile(re.sub(r"\\p\{\w+\}", ".", pattern))
    except re.error as error:
        return f"a broken pattern ({error})"
    return None
