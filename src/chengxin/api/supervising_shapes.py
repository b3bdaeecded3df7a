"""The shapes of supervision: entries of lists with their steps, measures, alerts, plans and results of inspection."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import ConfigDict, StringConstraints

from chengxin.api.shapes import Slug

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=r"^[^\x00]*$")]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")
]
Code = Annotated[str, StringConstraints(min_length=2, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Records = list[Annotated[int, Field(ge=1, le=2**62)]]
Document = dict[str, Any]


class PaperIn(Schema):
    """What a step leaves behind: the document's number, its words, its outcome, the day it was done (today)."""

    model_config = ConfigDict(extra="forbid")
    document: Line = ""
    text: Words = ""
    outcome: Line = ""
    on: date | None = None


class ProposalIn(PaperIn):
    """A proposal for a list, on records of the subject that show the criterion."""

    list: Slug
    code: Code
    criterion: Slug
    records: Records = []


class ExitIn(PaperIn):
    """`ask` to leave early with the numbers of the conditions that are met, `decide` on it, or `undo` a wrong listing."""

    act: Literal["ask", "decide", "undo"]
    conditions: list[Annotated[int, Field(ge=1, le=100)]] = []


class EntryStep(Schema):
    kind: str
    actor: str
    on: date
    outcome: str
    until: date | None
    calendar: str
    document: str
    text: str
    letter: int | None = Field(description="Where it was served in writing: the number of its letter.")


EntrySteps = list[EntryStep]


class EntryTold(Schema):
    """What anybody concerned is told of an entry of a list: where it stands, why, until when, and the way out."""

    number: str
    list: str
    list_label: str
    code: str
    name: str
    state: str
    state_label: str
    in_force: bool
    criterion: str
    reason: str
    records: Records
    listed_on: date | None
    expires_on: date | None
    ended_on: date | None
    basis: str
    remedy: str | None
    remedy_en: str | None
    exit: str
    exit_en: str
    not_before: date | None


class EntryOut(EntryTold):
    """An entry of a list: where it stands, each step, what comes next and from when on, what the subject can do."""

    list_version: str
    effect: str
    ending: str
    published_on: date | None
    competence: str
    next: str
    steps: EntrySteps


class EntryPage(Schema):
    entries: list[EntryOut]
    next: str | None


class MeasureOut(Schema):
    """What an implementing body owes because of a list or a grade."""

    id: int
    measure: str
    agency: str
    code: str
    name: str
    cause: str
    since: date
    respond_by: date | None
    response: str
    note: str
    ended_on: date | None
    lift_by: date | None
    lifted_on: date | None


class MeasurePage(Schema):
    measures: list[MeasureOut]
    next: str | None


class ResponseIn(Schema):
    """Applied (`accepted`, with all three judgements), or `not-applicable` with the reason (R-187)."""

    model_config = ConfigDict(extra="forbid")
    response: Literal["accepted", "not-applicable"]
    note: Words
    legal: bool = False
    associated: bool = False
    proportionate: bool = False


class EffectLine(Schema):
    subject: str
    code: str
    measure: str
    agency: str
    on: date | None
    matter: str
    detail: str


class EffectsOut(Schema):
    month: str
    effects: list[EffectLine]


class AlertOut(Schema):
    """A reminder or warning (提醒、预警) to a department, a city or a subject."""

    id: int
    rule: str
    receiver: str
    to: str
    code: str | None
    about: str = Field(
        description="The subject's code; else the industry's number, or the model whose results wait to be verified."
    )
    found_on: date
    text: str
    text_en: str
    basis: str = Field(
        description="Of the rule, or of the model whose grade moved; empty where the packs have it no longer."
    )
    seen_on: date | None


class AlertPage(Schema):
    alerts: list[AlertOut]
    next: str | None


class PlanIn(Schema):
    """A random inspection: its policy, name and period; the pool is fixed by today's grades and lists."""

    model_config = ConfigDict(extra="forbid")
    policy: Slug
    title: Title
    starts_on: date
    ends_on: date


class DrawIn(Schema):
    """A public value that nobody knew when the plan was made; may be empty."""

    model_config = ConfigDict(extra="forbid")
    beacon: Line = ""


class ResultIn(Schema):
    model_config = ConfigDict(extra="forbid")
    code: Code
    result: Line
    inspected_on: date
    findings: Words = ""
    matters: list[Line] = []


class ResultsIn(Schema):
    """What was found at the drawn subjects: all of it is entered, or nothing."""

    model_config = ConfigDict(extra="forbid")
    results: Annotated[list[ResultIn], Field(min_length=1, max_length=10_000)]


class Entered(Schema):
    entered: int
