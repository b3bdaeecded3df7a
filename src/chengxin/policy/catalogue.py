"""The schema of a catalogue item: what is collected, checked, graded, shown and kept, and on which basis (R-001, R-005)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy.errors import Mismatch
from chengxin.policy.fields import Field
from chengxin.policy.schema import (
    Bases,
    Header,
    Level,
    Name,
    Noted,
    Row,
    Severity,
    Slug,
    Stage,
    SubjectKind,
    Text,
    basis_text,
)  # fmt: skip

Attribute = Literal[
    "name", "region", "industry", "status", "address", "kind", "registered_on", "ended_on", "capital", "representative",
    "scope", "registry", "phone", "name_en", "former_name",
]  # fmt: skip


ItemCheck = Literal[
    "column-unknown", "column-missing", "column-dropped", "column-doubled", "key-duplicate", "key-other-source",
    "row-repeated", "subject-unknown", "subject-name-contradicts", "subject-kind", "source-late", "one-of-required",
]  # fmt: skip
"""Checks that every item has; their levels can be changed in [item]."""

BARE_MESSAGES = ("格式错误", "数据错误", "校验不通过", "不合法", "invalid", "format error", "error")
"""What a message must not consist of (design.md section 6)."""


class Record(Noted):
    """How a row becomes a record of the register; values are field ids."""

    master: bool = False
    subject_code: Name | None = None
    subject_name: Name | None = None
    subject_kind: Name | None = None
    subject_kinds: Mapping[str, SubjectKind] = {}
    identifiers: Mapping[Literal["registration_number", "organisation_code", "tax_number", "citizen_id"], Name] = {}
    key: Annotated[tuple[Name, ...], Key(min_length=1)]
    title: Name
    decided: Name | None = None
    document: Name | None = None
    published: Name | None = None
    effective: Name | None = None
    expires: Name | None = None
    authority: Name | None = None
    authority_code: Name | None = None
    source_code: Name | None = None
    status: Name | None = None
    summary: tuple[Name, ...] = ()
    attributes: Mapping[Attribute, Name] = {}

    @property
    def names(self) -> dict[str, str]:
        """Every field id used here, with the key that uses it."""
        given = self.model_dump(exclude={"master", "assumed", "note", "subject_kinds"}, exclude_none=True)
        used: dict[str, str] = {}
        for key, value in given.items():
            for name in value.values() if isinstance(value, dict) else [value] if isinstance(value, str) else value:
                used.setdefault(name, key)
        return used


class Retention(Noted):
    """How long a record is kept and from which date on; `from` is a field id or `entered`."""

    years: Annotated[int, Key(gt=0)] | None = None
    months: Annotated[int, Key(gt=0)] | None = None
    permanent: bool = False
    start: Name | None = Key(default=None, alias="from")
    then: Literal["archive", "delete"] = "archive"
    basis: Bases

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        given = [k for k in ("years", "months") if getattr(self, k)] + ["permanent"] * self.permanent
        if len(given) != 1:
            raise Mismatch(" and ".join(given) or "no length", "one of years, months, permanent = true")
        return self


class Timeliness(Noted):
    """Within how many working days from a date the row has to be reported (R-059)."""

    working_days: Annotated[int, Key(gt=0)]
    start: Name = Key(alias="from")
    basis: Bases


class Constraint(Noted):
    """A named constraint that stands in a rule, because it needs the rule's own message."""

    field: Name | None = None
    required_when: Text | None = None
    not_before: Name | None = None
    pattern: Text | None = None
    one_of_required: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        kinds = ("required_when", "not_before", "pattern", "one_of_required")
        given = [k for k in kinds if getattr(self, k)]
        if len(given) != 1:
            raise Mismatch(" and ".join(given) or "no constraint", "exactly one of " + ", ".join(kinds))
        if self.field is None and not self.one_of_required:
            raise Mismatch("no field", f"`field`: the field that {given[0]} is about")
        return self


class WrittenRule(Noted):
    """A [[rule]] of the file: a test or a constraint with its own words and examples (design.md section 6)."""

    id: Slug
    level: Level = "reject"
    stage: Stage | None = None
    fields: tuple[Name, ...] = ()
    test: Text | None = None
    constraint: Constraint | None = None
    message: Text
    message_en: Text
    expected: Text
    expected_en: Text
    found: Text | None = None
    basis: Bases
    start: date | None = Key(default=None, alias="from")
    end: date | None = Key(default=None, alias="to")
    checked_on: date | None = None
    good: Annotated[tuple[Row, ...], Key(min_length=1)]
    bad: Annotated[tuple[Row, ...], Key(min_length=1)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.test is None) == (self.constraint is None):
            raise Mismatch("both test and constraint" if self.test else "no test", "either `test` or `constraint`")
        for key in ("message", "message_en"):
            words = getattr(self, key).strip("。.！! ").lower()
            if words in BARE_MESSAGES or len(words) < 10:
                raise Mismatch(
                    f"{words!r}", "a sentence: what was found, what was expected, how to put it right", (key,)
                )
        return self


class SeverityRule(Noted):
    """One [[severity]]: the first whose test holds wins, and the last has none (domain.md 4.2)."""

    level: Severity
    test: Text | None = None
    basis: Bases | None = None
    examples: tuple[Row, ...] = ()


class Occupation(Noted):
    """[occupation]: the one ground on which an item takes natural persons (从业人员信用记录; S-17, R-256, R-257).

    `group` is the field that names the occupation by its code table, `authority` who keeps the register by law. Who is
    younger than `minimum_age` is refused (R-264; 民法典 art. 17); no pack may go below fourteen, under which every datum of a
    person is sensitive (个人信息保护法 art. 28).
    """

    group: Name
    authority: Text
    minimum_age: Annotated[int, Key(ge=14)]
    basis: Bases


class Item(Header):
    """A catalogue item in one version: the keys of the file's head and of its [item] table together."""

    kind: Literal["catalogue"]
    id: Slug
    label: Text
    label_en: Text
    description: Text | None = None
    category: Slug
    subjects: Annotated[tuple[SubjectKind, ...], Key(min_length=1)]
    nature: Literal["identity", "neutral", "favourable", "adverse"]
    channel: Annotated[tuple[Literal["file", "api", "database", "form"], ...], Key(min_length=1)]
    cycle: Text
    disclosure: Literal["public", "not_public"]
    sharing: Literal["unconditional", "conditional", "none"]
    sharing_condition: Text | None = None
    publicity: Slug | None = None
    double_publicity: bool = False
    """Shown in a column of its own where everybody looks (双公示: 行政许可、行政处罚)."""
    commitments: bool = False
    """Its records are commitments: shown in a column of their own, counted by how they stand (履行情况, R-125)."""
    occupation: Occupation | None = None
    retention: Retention | None = None
    timeliness: Timeliness | None = None
    one_of_required: tuple[tuple[Name, ...], ...] = ()
    levels: Mapping[ItemCheck, Level] = {}
    record: Record
    fields: Annotated[tuple[Field, ...], Key(alias="field", min_length=1)]
    written_rules: tuple[WrittenRule, ...] = Key(default=(), alias="rule")
    severities: tuple[SeverityRule, ...] = Key(default=(), alias="severity")

    def field(self, id: str) -> Field:
        """The field of that id. Raises `KeyError`."""
        if id not in self.by_id:
            raise KeyError(f"{self.id} has no field {id!r}")
        return self.by_id[id]

    @cached_property
    def by_id(self) -> Mapping[str, Field]:
        """Field id -> field."""
        return {f.id: f for f in self.fields}

    @cached_property
    def kept_fields(self) -> tuple[Field, ...]:
        """The fields that become columns; those with disclosure `never` do not."""
        return tuple(f for f in self.fields if f.kept)

    @property
    def personal(self) -> bool:
        """Whether its records are about natural persons: kept under a hash and sealed, never public (G-13)."""
        return "natural_person" in self.subjects

    @cached_property
    def sealed_fields(self) -> tuple[Field, ...]:
        """The fields whose values are kept encrypted."""
        return tuple(f for f in self.fields if f.sealed)

    @model_validator(mode="after")
    def _standing_of_commitments(self) -> Self:
        if self.commitments and self.record.status is None:
            raise Mismatch(
                "commitments without record.status", "`status`: the field that says how they stand", ("item",)
            )
        return self

    @cached_property
    def basis_text(self) -> str:
        return basis_text(self.basis)

    @model_validator(mode="before")
    @classmethod
    def _shorthands(cls, raw: Any) -> Any:
        return with_defaults(raw) if isinstance(raw, dict) else raw


def with_defaults(raw: dict[str, Any]) -> dict[str, Any]:
    """Write out what a file may leave to be understood: a field's disclosure, its English label, single lists."""
    public = "public" if raw.get("disclosure") == "public" else "shared"
    fields = raw.get("field")
    if isinstance(fields, list):
        fields = [_field_defaults(f, public) if isinstance(f, dict) else f for f in fields]
    one_of = raw.get("one_of_required", ())
    if one_of and isinstance(one_of[0], str):
        one_of = (one_of,)
    return {**raw, "field": fields, "one_of_required": one_of}


def _field_defaults(raw: dict[str, Any], disclosure: str) -> dict[str, Any]:
    return {"disclosure": disclosure, "label_en": str(raw.get("id", "")).replace("_", " ").capitalize(), **raw}
