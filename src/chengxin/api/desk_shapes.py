"""What the desk of the source units says by API: suspected omissions, reminders, monthly bulletins."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import StringConstraints

from chengxin.api.shapes import MONTH, Label, Slug
from chengxin.collection.models import Reminder
from chengxin.collection.reminders import OUTCOMES

Words = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$")]
Month = Annotated[str, StringConstraints(pattern=MONTH)]
Level = Annotated[str, Field(json_schema_extra={"enum": list(Reminder.Level.values)})]


class SuspectOut(Schema):
    """What looks wrong with one source unit and item in a month: it is asked about by these three words."""

    source: str
    item: str
    defect: str
    reason: str
    reason_en: str


class SuspectsOut(Schema):
    month: str
    suspects: list[SuspectOut]


class AboutIn(Schema):
    """One of `list_suspects`."""

    source: Slug
    item: Slug
    defect: Slug


class AskIn(Schema):
    """What the units are asked about, how urgently (remind or supervise) and by when they are to answer."""

    month: Month
    about: Annotated[list[AboutIn], Field(min_length=1, max_length=500)]
    level: Level = str(Reminder.Level.REMIND)
    answer_by: date
    remark: Words = ""


class AnswerIn(Schema):
    """What the unit found and did."""

    outcome: Annotated[str, Field(json_schema_extra={"enum": list(OUTCOMES)})]
    words: Words


class AgainIn(Schema):
    """Why the answer does not do, and the new day."""

    remark: Words
    answer_by: date


class ReminderOut(Schema):
    """A reminder (催报) or supervised matter (督办) with the answer of the unit, where there is one."""

    id: int
    month: str
    source: str
    item: str
    defect: str
    reason: str
    reason_en: str
    level: str
    state: str
    asked_by: str
    asked_at: datetime
    answer_by: date
    remark: str
    outcome: str
    answer: str
    answered_by: str
    answered_at: datetime | None
    closed_by: str
    closed_at: datetime | None


class ReminderPage(Schema):
    reminders: list[ReminderOut]
    next: str | None


class AskedOut(Schema):
    """The reminders that were made; what was asked before at this level is not asked again."""

    reminders: list[ReminderOut]


class BulletinIn(Schema):
    month: Month
    foreword: Words = ""


class PublishIn(Schema):
    """The hash of the snapshot that was read: only that is let out."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class BulletinLine(Schema):
    """A bulletin in a list; without `published_at` it is a draft."""

    month: str
    title: Label
    sha256: str
    prepared_by: str
    prepared_at: datetime
    published_by: str
    published_at: datetime | None


class BulletinOut(BulletinLine):
    """A bulletin in full: the snapshot from which page, PDF and workbook are made."""

    foreword: str
    snapshot: dict[str, Any]


class BulletinPage(Schema):
    bulletins: list[BulletinLine]
    next: str | None
