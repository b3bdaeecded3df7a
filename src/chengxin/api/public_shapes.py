"""The shapes of what everybody may see: search, profiles, the catalogue, the change feed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema

from chengxin.api.shapes import Label, Level


class Hit(Schema):
    code: str
    name: str
    region: str
    status: str
    provisional: bool
    url: str


class HitPage(Schema):
    subjects: list[Hit]
    next: str | None


class FieldShown(Schema):
    id: str
    label: str
    value: Any
    masked: bool


class RecordOut(Schema):
    """A record (信用信息) as the public sees it."""

    id: int
    item: str
    item_label: str
    item_version: str
    category: str
    nature: str
    title: Any
    source: str
    source_name: str
    standing: str
    standing_label: Label
    severity: str
    severity_label: Label
    decided_on: date | None
    expires_on: date | None
    public_until: date | None
    repair_from: date | None
    version: int
    change: int
    recorded_at: datetime
    basis: str
    fields: list[FieldShown]


class Identifier(Schema):
    scheme: str
    value: str


class SubjectOut(Schema):
    """The public profile (信用档案) of an organisation or individual business."""

    code: str
    scheme: str
    name: str
    kind: str
    kind_label: Label
    provisional: bool
    region: str
    industry: str
    status: str
    address: str
    registered_on: date | None
    former_names: list[str]
    identifiers: list[Identifier]
    day: date
    records: list[RecordOut]


class ItemLine(Schema):
    """A catalogue item (目录项) in the list."""

    id: str
    label: str
    label_en: str
    version: str
    category: str
    nature: str
    disclosure: str
    sharing: str
    cycle: str
    basis: str
    sources: list[str] = Field(description="Source units that submit it.")
    url: str


class RuleOut(Schema):
    """A rule that rows of the item are checked by."""

    id: str
    level: Level
    stage: str
    fields: list[str]
    test: str
    message: str
    message_en: str
    expected: str
    expected_en: str
    basis: str


class ItemOut(ItemLine):
    table_schema: dict[str, Any] = Field(description="Frictionless Table Schema of a file of this item.")
    rules: list[RuleOut]


class CatalogueOut(Schema):
    day: date
    digest: str = Field(description="Digest of all policies; it changes when any of them does.")
    items: list[ItemLine]


class CodeOut(Schema):
    code: str
    label: str
    label_en: str
    aliases: list[str]
    parent: str
    valid_from: date | None
    valid_to: date | None


class CodesOut(Schema):
    id: str
    label: str
    label_en: str
    version: str
    closed: bool
    basis: str
    codes: list[CodeOut]


class ChangeOut(Schema):
    """A change as the public sees it. `hidden`: a copy of this record has to go; nothing else is said of it."""

    number: int
    record: int
    action: str
    subject: str | None
    item: str | None
    standing: str | None
    recorded_at: datetime | None
    public_until: date | None


class ChangePage(Schema):
    changes: list[ChangeOut]
    next: int = Field(description="`after` of the next request, also when this answer is empty.")
    more: bool


class IndexOut(Schema):
    """Where things are."""

    name: str
    version: str
    document: str
    addresses: list[str]
