"""The desk of the source units by API: suspected omissions, reminders and their answers, the monthly bulletin.

The same verbs, rights and sentences as the pages of the workbench (R-047, R-048, R-054, R-060, R-349).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Status

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Organisation
from chengxin.accounts.rules import allow, require
from chengxin.api.cursors import paged
from chengxin.api.desk_shapes import (
    AgainIn,
    AnswerIn,
    AskedOut,
    AskIn,
    BulletinIn,
    BulletinOut,
    BulletinPage,
    PublishIn,
    ReminderOut,
    ReminderPage,
    SuspectsOut,
)
from chengxin.api.door import Asked, may, operation, signed_in
from chengxin.api.errors import Problem
from chengxin.api.shapes import MONTH, Cursor, Limit, QualityOut, Slug
from chengxin.collection import bulletin as bulletins
from chengxin.collection import bulletin_files, reminders
from chengxin.collection.bulletin_told import title
from chengxin.collection.models import Bulletin, Reminder
from chengxin.collection.quality import monthly, suspected
from chengxin.policy.policies import UnknownPolicy

router = Router(tags=["quality"])
Id = Annotated[int, Path(ge=1, le=2**62)]
InMonth = Annotated[str | None, Query(None, pattern=MONTH, description="Such as 2026-11; without it, this month.")]
OfMonth = Annotated[str, Path(pattern=MONTH)]
_REMINDER = tuple(ReminderOut.model_fields)
_LINE = ("month", "sha256", "prepared_by", "prepared_at", "published_by", "published_at")
_MEDIA = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def anything(_actor: Actor, **_captured: str) -> None:
    """What belongs to no unit."""


def _reminder(actor: Actor, id: str) -> Reminder:
    """The door looks before the address is read: what is no number is nothing's number."""
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
    found: Reminder = reminders.visible(actor).get(pk=number)
    return found


def _bulletin(actor: Actor, month: str, **_more: str) -> Bulletin:
    found: Bulletin = bulletins.visible(actor).get(month=month[:7])
    return found


@operation(router, "GET", "/quality", signed_in(), response={200: QualityOut}, errors=(403, 422))
def get_quality(request: Asked, month: InMonth = None) -> Any:
    """Data quality of a month: of your source units, or of all for a data steward."""
    sources = _sources(request.auth.actor)
    with _with_goals():
        return monthly(month or _this_month(), sources=sources).as_dict()


@operation(router, "GET", "/suspects", signed_in(), response={200: SuspectsOut}, errors=(403, 422))
def list_suspects(request: Asked, month: InMonth = None) -> Any:
    """What looks missing, late or faulty in a month: of your source units, or of all for a data steward."""
    sources, month = _sources(request.auth.actor), month or _this_month()
    with _with_goals():
        found = suspected(month, sources=sources)
    told = [(s, *reminders.reasons(s)) for s in found]
    return {
        "month": month,
        "suspects": [
            {"source": s.source, "item": s.item, "defect": s.defect, "reason": zh, "reason_en": en}
            for s, zh, en in told
        ],
    }


@operation(router, "GET", "/reminders", signed_in(), response={200: ReminderPage}, errors=(400, 422))
def list_reminders(
    request: Asked,
    state: Slug | None = None,
    level: Slug | None = None,
    source: Slug | None = None,
    month: Annotated[str | None, Query(None, pattern=MONTH)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """What was asked of your source units, or of all for a data steward, and what came back; the newest first."""
    wanted = {"state": state, "level": level, "source_id": source, "month": month}
    rows = reminders.visible(request.auth.actor).filter(**{k: v for k, v in wanted.items() if v is not None})
    found, following = paged(rows, limit, cursor)
    return {"reminders": [_told(row) for row in found], "next": following}


@operation(
    router, "POST", "/reminders", may("reminder.ask"), of=anything,
    response={201: AskedOut}, errors=(400, 403, 413, 422),
)  # fmt: skip
def ask_reminders(request: Asked, payload: AskIn) -> Any:
    """Ask source units about what looks wrong (`list_suspects`): a reminder or a supervised matter."""
    about = [(a.source, a.item, a.defect) for a in payload.about]
    asking = reminders.Asking(payload.level, payload.answer_by, payload.remark.strip())
    with _with_goals():
        made = reminders.ask_about(request.auth.actor, payload.month, about, asking)
    return Status(201, {"reminders": [_told(row) for row in made]})


@operation(
    router, "GET", "/reminders/{id}", may("reminder.see"), of=_reminder, response={200: ReminderOut}, errors=(404, 422)
)
def get_reminder(request: Asked, id: Id) -> Any:
    """One reminder with the answer of the unit."""
    return _told(request.auth.target)


@operation(
    router, "POST", "/reminders/{id}/answer", may("reminder.answer"), of=_reminder,
    response={200: ReminderOut}, errors=(400, 403, 404, 409, 413, 422),
)  # fmt: skip
def answer_reminder(request: Asked, id: Id, payload: AnswerIn) -> Any:
    """Say for your unit what you found and did."""
    return _told(reminders.answer(request.auth.actor, request.auth.target, payload.outcome, payload.words))


@operation(
    router, "POST", "/reminders/{id}/close", may("reminder.close"), of=_reminder,
    response={200: ReminderOut}, errors=(403, 404, 409, 422),
)  # fmt: skip
def close_reminder(request: Asked, id: Id) -> Any:
    """Be content with the answer."""
    return _told(reminders.close(request.auth.actor, request.auth.target))


@operation(
    router, "POST", "/reminders/{id}/reopen", may("reminder.close"), of=_reminder,
    response={200: ReminderOut}, errors=(400, 403, 404, 409, 413, 422),
)  # fmt: skip
def reopen_reminder(request: Asked, id: Id, payload: AgainIn) -> Any:
    """Ask the unit again, with the reason and a new day."""
    return _told(reminders.reopen(request.auth.actor, request.auth.target, payload.remark, payload.answer_by))


@operation(
    router, "GET", "/bulletins", may("bulletin.see"), of=anything, response={200: BulletinPage}, errors=(400, 403, 422)
)
def list_bulletins(request: Asked, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """The monthly bulletins (月通报) that are out, and drafts for data stewards; the newest first."""
    found, following = paged(bulletins.visible(request.auth.actor), limit, cursor)
    return {"bulletins": [_line(row) for row in found], "next": following}


@operation(
    router, "POST", "/bulletins", may("bulletin.prepare"), of=anything,
    response={201: BulletinOut}, errors=(400, 403, 409, 413, 422),
)  # fmt: skip
def prepare_bulletin(request: Asked, payload: BulletinIn) -> Any:
    """Draw up the bulletin of a month, or draw it up anew while it is not out."""
    with _with_goals():
        return Status(201, _whole(bulletins.prepare(request.auth.actor, payload.month, payload.foreword)))


@operation(
    router, "GET", "/bulletins/{month}", may("bulletin.see"), of=_bulletin,
    response={200: BulletinOut}, errors=(404, 422),
)  # fmt: skip
def get_bulletin(request: Asked, month: OfMonth) -> Any:
    """A bulletin with the snapshot of all its figures, names in both languages."""
    return _whole(request.auth.target)


@operation(
    router, "GET", "/bulletins/{month}/file.{form}", may("bulletin.see"), of=_bulletin,
    response={200: None}, errors=(404, 422),
    extra={"responses": {200: {"description": "The bulletin", "content": {
        media: {"schema": {"type": "string", "format": "binary"}} for media in _MEDIA.values()
    }}}},
)  # fmt: skip
def get_bulletin_file(request: Asked, month: OfMonth, form: Literal["pdf", "xlsx"]) -> HttpResponse:
    """A bulletin as PDF or as workbook, from the same snapshot."""
    make = {"pdf": bulletin_files.pdf, "xlsx": bulletin_files.workbook}[form]
    name = {"Content-Disposition": f'attachment; filename="bulletin-{month}.{form}"'}
    return HttpResponse(make(request.auth.target), content_type=_MEDIA[form], headers=name)


@operation(
    router, "POST", "/bulletins/{month}/publish", may("bulletin.publish"), of=_bulletin,
    response={200: BulletinOut}, errors=(400, 403, 404, 409, 413, 422),
)  # fmt: skip
def publish_bulletin(request: Asked, month: OfMonth, payload: PublishIn) -> Any:
    """Let out what was read and nothing else: by another data steward than who drew it up."""
    return _whole(bulletins.publish(request.auth.actor, request.auth.target, payload.sha256))


def _sources(actor: Actor) -> list[str]:
    """The source units whose quality the actor may see. Raises `Denied` where there is none."""
    everybody = Organisation.objects.order_by("pk").values_list("pk", flat=True)
    sources = [pk for pk in everybody if allow(actor, "quality.see", pk)]
    if not sources:
        require(actor, "quality.see", "")
    return sources


@contextmanager
def _with_goals() -> Iterator[None]:
    """A month that has no goals of quality is not measured, and that is said of the field."""
    try:
        yield
    except UnknownPolicy as unknown:
        detail = {
            "field": "query.month",
            "code": "no_policy",
            "message": "这个月没有生效的数据质量目标。",
            "message_en": "No quality goals are in force in that month.",
        }
        raise Problem("invalid", count=1, details=[detail]) from unknown


def _this_month() -> str:
    return f"{timezone.localdate():%Y-%m}"


def _told(row: Reminder) -> dict[str, Any]:
    return {**{n: getattr(row, n) for n in _REMINDER if n != "source"}, "source": row.source_id}


def _line(row: Bulletin) -> dict[str, Any]:
    return {**{n: getattr(row, n) for n in _LINE}, "title": title(row.month)}


def _whole(row: Bulletin) -> dict[str, Any]:
    return {**_line(row), "foreword": row.foreword, "snapshot": json.loads(row.snapshot)}
