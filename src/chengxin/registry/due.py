"""The daily work of the register: publicity that ends, records whose time of keeping is over (R-091), and
personal values whose time of keeping is over, which are erased (PIPL 47).

Disclosure looks at the dates itself, so that nothing is shown a minute too long even when this did not run; this job
tells the change feed, so that every follower learns of it. Safe to run twice, and to run late.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from chengxin.audit.actions import record as trace
from chengxin.registry.actions import Because, mark_due
from chengxin.registry.erasing import erase
from chengxin.registry.lock import writing
from chengxin.registry.models import Record, Standing, SubjectKind

_STEP = 1000


@dataclass
class Due:
    """What one run did: publicity ended by itself, records archived."""

    day: date
    publicity_ended: int = 0
    archived: int = 0
    erased: list[str] = field(default_factory=list)
    """Months whose personal values were erased, 2031-05."""


def run(day: date, actor: str) -> Due:
    """Do everything that is due up to and including `day`."""
    done = Due(day)
    while _step(done, actor):
        pass
    done.erased = erase(day, actor)
    if done.publicity_ended or done.archived:
        trace(actor, "register.due", "register", day.isoformat(), ended=done.publicity_ended, archived=done.archived)
    return done


def _step(done: Due, actor: str) -> bool:
    """One transaction over the records that have been due longest; False when none is left."""
    with writing():
        due: QuerySet[Record] = Record.objects.filter(due_on__lt=done.day).order_by("due_on", "pk")
        heads = list(due.select_for_update()[:_STEP])
        ended, archived = [], []
        for head in heads:
            if _waits(head):
                head.due_on = done.day  # asked again tomorrow
                head.save(update_fields=["due_on"])
            elif head.retain_until and head.retain_until < done.day:
                archived.append(_archived(head))
            elif head.public_until and head.public_until < done.day:
                ended.append(_ended(head))
            else:
                head.due_on = _next_due(head, done.day)
                head.save(update_fields=["due_on"])
        reason = f"公示期满自动停止公示（{done.day}）"
        done.publicity_ended += mark_due(ended, "publicity-end", Because(actor, reason))
        done.archived += mark_due(archived, "archive", Because(actor, f"保存期限届满，转入档案（{done.day}）"))
    return bool(heads)


def _waits(head: Record) -> bool:
    """What a person objects to is kept until the objection is over, or there would be nothing left to be put right."""
    return head.standing == Standing.DISPUTED and head.subject.kind == SubjectKind.NATURAL_PERSON


def _archived(head: Record) -> Record:
    head.standing, head.due_on = Standing.ARCHIVED, None
    return head


def _ended(head: Record) -> Record:
    head.due_on = head.retain_until
    return head


def _next_due(head: Record, day: date) -> date | None:
    coming = [d for d in (head.public_until, head.retain_until) if d and d >= day]
    return min(coming, default=None)
