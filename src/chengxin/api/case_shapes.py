"""The shapes of procedures and cases (办件)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import ConfigDict, StringConstraints

from chengxin.api.shapes import Slug

Key = Annotated[str, StringConstraints(max_length=100, pattern=r"^[!-~]*$")]
Reason = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
Ref = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f]*$")]


class ProcedureOut(Schema):
    """A procedure in force: what it asks, what must be attached, its steps; in full it stands in the packs."""

    id: str
    label: str
    label_en: str
    version: str
    about: str = Field(description="record, subject, either or none: what a case of it is opened about.")
    handler: str
    asks: list[dict[str, Any]]
    materials: list[dict[str, Any]]
    opening: dict[str, Any]
    steps: list[dict[str, Any]]
    clocks: list[dict[str, Any]]


class ProceduresOut(Schema):
    procedures: list[ProcedureOut]


class MaterialIn(Schema):
    """A file handed in with the opening or with a step; larger ones are sent one by one to `/materials`."""

    model_config = ConfigDict(extra="forbid")
    material: Slug
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
    content: Annotated[str, StringConstraints(max_length=7_000_000)] = Field(description="Base64.")


class CaseIn(Schema):
    """What a case is opened with; the same `key` again is the same case."""

    model_config = ConfigDict(extra="forbid")
    procedure: Slug
    record: Annotated[int, Field(ge=1, le=2**62)] | None = None
    subject: Ref = ""
    source: Ref = ""
    form: dict[str, Any] = {}
    materials: list[MaterialIn] = []
    key: Key = ""
    parent: Ref = ""


class StepIn(Schema):
    """A step: its reasons stand in the letter; `expect` is the `moves` you have seen, so that nobody decides unseen."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason = ""
    form: dict[str, Any] = {}
    expect: Annotated[int, Field(ge=0, le=2**31)] | None = None
    key: Key = ""


class CaseLine(Schema):
    """A case in a list."""

    number: str
    procedure: str
    procedure_label: str
    version: str
    state: str
    state_label: str
    outcome: str | None
    moves: int
    subject_code: str | None
    subject_name: str | None
    source: str | None
    opened_on: date
    closed_on: date | None
    due_on: date | None


class CasePage(Schema):
    cases: list[CaseLine]
    next: str | None


class TermOut(Schema):
    """A clock of the case, in working days of the calendar it names."""

    clock: str
    label: str
    started_on: date
    due_on: date | None
    calendar: str | None
    suspended: bool
    stopped_on: date | None
    extended: Any


class LetterOut(Schema):
    number: str
    title: str
    day: date
    text: str
    text_en: str


class AttachmentOut(Schema):
    id: int
    material: str
    name: str
    media: str
    sha256: str
    size: int


class TimelineOut(Schema):
    number: int
    at: datetime
    day: date
    kind: str
    step: str | None
    before: str | None
    after: str | None
    actor: str | None
    reason: str | None
    detail: dict[str, Any]


class ReceiverOut(Schema):
    """How far a receiver has followed a change that this case made (R-215)."""

    receiver: str
    label: str
    change: str
    state: str
    due_on: date | None
    acknowledged_on: date | None
    receipt: str | None
    late: bool
    attempts: int
    error: str | None


class CaseOut(CaseLine):
    """A case in full, as you may see it; `steps` are those you may take now."""

    sees: str
    sees_en: str
    opened_by: str | None
    applicant: str | None
    form: dict[str, Any]
    record: int | None
    entered: int | None
    parent: str | None
    steps: list[str]
    terms: list[TermOut]
    letters: list[LetterOut]
    attachments: list[AttachmentOut]
    timeline: list[TimelineOut]
    receivers: list[ReceiverOut]


class EligibilityOut(Schema):
    """What a record lacks to be repaired today (R-219); empty: an application can be made."""

    record: int
    day: date
    unmet: list[dict[str, str]]
