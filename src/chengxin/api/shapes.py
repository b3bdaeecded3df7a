"""The shapes of what goes in and out. They are the contract: what is not written here is not answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Query, Schema
from pydantic import BeforeValidator, ConfigDict, StringConstraints

from chengxin.collection.models import State

Limit = Annotated[int, Query(50, ge=1, le=200, description="At most so many in one answer.")]
Cursor = Annotated[
    str | None, Query(None, max_length=40, description="`next` of the answer before; without it, the beginning.")
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
Label = Annotated[str, BeforeValidator(str)]
"""A word in the language of the moment, which lower rooms may hand over as a promise."""
Level = Literal["reject", "doubt", "warn"]


class Fault(Schema):
    rule: str
    field: str
    level: Level
    count: int


class FileOut(Schema):
    """The submitted file as it is kept in evidence."""

    name: str
    sha256: str
    size: int
    format: str
    encoding: str


class BatchLine(Schema):
    """A batch (批次) in a list."""

    batch: str = Field(description="The number by which people call it.", examples=["202611-000042"])
    item: str
    source: str
    month: str
    state: State
    received: int
    stored: int
    rejected: int
    doubtful: int
    warned: int
    submitted_by: str
    submitted_at: datetime
    url: str


class Headings(Schema):
    """How the file's headings were understood: field id -> heading, and what was not recognised, dropped or missing."""

    matched: dict[str, str] = {}
    unknown: list[dict[str, Any]] = []
    dropped: list[str] = []
    missing: list[str] = []
    notes: list[Any] = []


class BatchOut(BatchLine):
    """A batch and how it came out; the counts and faults are those of `chengxin submit --json`."""

    state_label: Label
    next_step: str = Field(description="What whoever waits for the batch can do now.")
    channel: str
    created: int
    updated: int
    unchanged: int
    repeated: int
    late: int
    seconds: float
    faults: list[Fault]
    reason: str | None
    reason_en: str | None
    checked_at: datetime | None
    released_by: str | None
    released_at: datetime | None
    stored_at: datetime | None
    file: FileOut
    headings: Headings
    receipt: str | None = Field(description="Address of the receipt (CSV); null until the file has been checked.")


class BatchPage(Schema):
    batches: list[BatchLine]
    next: str | None


class Finding(Schema):
    """One fault of one row; row counts data rows from 1, 0 is the header."""

    row: int | None
    rule: str
    level: Level
    field: str | None
    found: str | None
    expected: str | None
    message: str | None


class FindingPage(Schema):
    findings: list[Finding]
    next: str | None


class ReturnIn(Schema):
    """Why the auditor does not let the batch in."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern="^[^\\x00]+$")
    ]


class QualityLine(Schema):
    """One source unit and item in one month; rates are shares of 1, null where nothing was reported."""

    source: str
    source_name: str
    item: str
    item_label: str
    batches: int
    reported: int
    stored: int
    rejected: int
    doubtful: int
    late: int | None
    intake: float | None
    compliance: float | None
    timeliness: float | None
    doubt: float | None
    hints: list[str]


class QualityOut(Schema):
    month: str
    goal: float
    reported: int
    stored: int
    intake: float | None
    lines: list[QualityLine]
    dunning: list[str]
