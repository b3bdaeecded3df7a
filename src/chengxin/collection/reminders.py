"""Reminders and supervised matters (催报、督办): the centre asks, the source unit answers, the centre closes (R-047, R-048,
R-060, R-066)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require, restrict
from chengxin.audit.actions import record as trace
from chengxin.collection import quality
from chengxin.collection.actions import NotAccepted, WrongState
from chengxin.collection.models import Reminder
from chengxin.collection.omissions import Suspect

About = tuple[str, str, str]
"""Source unit, catalogue item and defect: what a suspect is called."""
OUTCOMES = {
    "sent": gettext_lazy("已经补报或改正"),
    "none": gettext_lazy("核实过，确实没有发生"),
    "later": gettext_lazy("正在办理，稍后补报"),
}
"""What a unit can answer (R-048: omissions and their rectification are counted by it)."""


@dataclass(frozen=True)
class Asking:
    """What is asked of the units: by when, with what words, and how urgently."""

    level: str
    answer_by: date
    remark: str = ""


def visible(actor: Actor) -> QuerySet[Reminder]:
    """The reminders that `actor` may see, open ones with the nearest day first."""
    return restrict(actor, "reminder.see", Reminder.objects.select_related("source")).order_by("answer_by", "pk")


def waiting_for(actor: Actor) -> QuerySet[Reminder]:
    """Open reminders that this person can answer for their unit."""
    return restrict(actor, "reminder.answer", Reminder.objects.filter(state=Reminder.State.OPEN)).order_by("answer_by")


def ask(actor: Actor, month: str, suspects: list[Suspect], asking: Asking) -> list[Reminder]:
    """Ask the units about what looks wrong; what was asked before at this level is not asked again."""
    require(actor, "reminder.ask", "")
    _not_past(asking.answer_by)
    made = []
    for suspect in suspects:
        try:
            with transaction.atomic():
                made.append(_opened(actor, month, suspect, asking, *reasons(suspect)))
        except IntegrityError:
            continue
    return made


def ask_about(actor: Actor, month: str, about: Collection[About], asking: Asking) -> list[Reminder]:
    """`ask` about those of the month's suspects that are named so. Raises `NotAccepted` for one that there is none of."""
    require(actor, "reminder.ask", "")
    if asking.level not in Reminder.Level.values:
        raise NotAccepted(_("怎么催请写 %(levels)s 之一。"), levels="、".join(Reminder.Level.values))
    suspects = quality.suspected(month)
    known = {(s.source, s.item, s.defect) for s in suspects}
    for source, item, defect in about:
        if (source, item, defect) not in known:
            told = {"source": source, "item": item, "defect": defect, "month": month}
            raise NotAccepted(_("%(month)s 没有「%(source)s / %(item)s / %(defect)s」这处疑似漏报、迟报。"), **told)
    return ask(actor, month, [s for s in suspects if (s.source, s.item, s.defect) in set(about)], asking)


def reasons(suspect: Suspect) -> tuple[str, str]:
    """Why somebody is asked, in Chinese and in English."""
    with translation.override("zh-hans"):
        told = suspect.reason
    with translation.override("en"):
        return told, suspect.reason


def _opened(actor: Actor, month: str, suspect: Suspect, asking: Asking, reason: str, reason_en: str) -> Reminder:
    reminder = Reminder.objects.create(
        month=month, source_id=suspect.source, item=suspect.item, defect=suspect.defect, reason=reason,
        reason_en=reason_en, level=asking.level, asked_by=actor.name, answer_by=asking.answer_by, remark=asking.remark,
    )  # fmt: skip
    trace(actor.name, "reminder.ask", "reminder", reminder.pk, source=suspect.source, item=suspect.item)
    return reminder


def _not_past(answer_by: date) -> None:
    if answer_by < timezone.localdate():
        raise NotAccepted(_("答复期限已经过去，请写今天或以后的日期。"))


def answer(actor: Actor, reminder: Reminder, outcome: str, words: str) -> Reminder:
    """The unit says what it found and did. Raises `Denied`, `NotAccepted`, `WrongState`."""
    require(actor, "reminder.answer", reminder)
    if outcome not in OUTCOMES or not words.strip():
        raise NotAccepted(_("请选择办理结果，并写明查了什么、怎么办的。"))
    return _move(
        actor, reminder, (Reminder.State.OPEN,), Reminder.State.ANSWERED,
        outcome=outcome, answer=words.strip(), answered_by=actor.name, answered_at=timezone.now(),
    )  # fmt: skip


def close(actor: Actor, reminder: Reminder) -> Reminder:
    """Whoever supervises is content with the answer."""
    require(actor, "reminder.close", reminder)
    states = (Reminder.State.ANSWERED,)
    return _move(actor, reminder, states, Reminder.State.CLOSED, closed_by=actor.name, closed_at=timezone.now())


def reopen(actor: Actor, reminder: Reminder, remark: str, answer_by: date) -> Reminder:
    """The answer does not do: the unit is asked again, with the reason and a new day."""
    require(actor, "reminder.close", reminder)
    _not_past(answer_by)
    if not remark.strip():
        raise NotAccepted(_("请写明为什么还不行，要对方再做什么。"))
    states = (Reminder.State.ANSWERED,)
    return _move(actor, reminder, states, Reminder.State.OPEN, remark=remark.strip(), answer_by=answer_by)


def _move(actor: Actor, reminder: Reminder, before: tuple[str, ...], after: str, **changes: object) -> Reminder:
    with transaction.atomic():
        moved = Reminder.objects.filter(pk=reminder.pk, state__in=before).update(state=after, **changes)
        reminder.refresh_from_db()
        if not moved:
            raise WrongState(_("这一件现在是「%(state)s」，不能这样处理。"), state=Reminder.State(reminder.state).label)
        trace(actor.name, f"reminder.{after}", "reminder", reminder.pk, outcome=reminder.outcome)
    return reminder
