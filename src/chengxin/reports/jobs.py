"""Works off orders of many reports: the worker by itself, or a command that waits for it. Safe to kill at any moment.

A report and the line that asked for it are one transaction, so that nothing is issued twice; a line that has its report or
its reason is left alone. An order is held for a minute at a time, renewed with every line: who dies leaves it to the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import OperationalError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor, of_user, operator
from chengxin.accounts.models import User
from chengxin.accounts.refusals import Refusal
from chengxin.reports.actions import issue
from chengxin.reports.asking import Request
from chengxin.reports.models import Order, OrderLine, Report

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=1)
SLICE = 20.0
"""Seconds after which the worker looks whether something more urgent waits."""


class _Gone(Exception):
    """Another worker has done the line meanwhile; what was made for it is taken back with its transaction."""


def work(seconds: float = SLICE) -> int:
    """Issue what is open, the oldest order first, for about so many seconds; returns how many lines were done.

    Each is issued in the name of who ordered it, with the rights they have on this day.
    """
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until and (order := _claimed()) is not None:
        count += _work(order, person_of(order), until)
    return count


def work_off(order_id: int, actor: Actor, *, told: Callable[[Order], None] | None = None, pause: float = 0.5) -> Order:
    """Issue here and now what is still open of an order, or wait for the worker that has it; `told` hears of every line."""
    while Order.objects.filter(pk=order_id, finished_at=None).exists():
        order = _claimed(order_id)
        if order is None:
            time.sleep(pause)
            continue
        _work(order, actor, float("inf"), told)
    return Order.objects.get(pk=order_id)


def waiting() -> QuerySet[Order]:
    """Orders with open lines that nobody is at, the oldest first."""
    free = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    return Order.objects.filter(free, finished_at=None).order_by("pk")


def person_of(order: Order) -> Actor:
    """Who ordered, as they are today: whoever has left since may not issue any more."""
    if order.by_operator:
        return operator(order.ordered_by)
    return of_user(User.objects.filter(username=order.ordered_by).first())


def _claimed(order_id: int | None = None) -> Order | None:
    """The order, or the oldest, if this process could take it; None where there is nothing to take."""
    wanted = waiting() if order_id is None else waiting().filter(pk=order_id)
    for pk in wanted.values_list("pk", flat=True)[:20]:
        if waiting().filter(pk=pk).update(lease_until=timezone.now() + LEASE):
            return Order.objects.get(pk=pk)
    return None


def _work(order: Order, actor: Actor, until: float, told: Callable[[Order], None] | None = None) -> int:
    """Line by line; the order is finished when none is open, and given back when the time is up."""
    count = 0
    try:
        for line in order.lines.filter(report=None, problem="").order_by("place").iterator(chunk_size=200):
            count += _one(order, line, actor)
            if told:
                order.refresh_from_db()
                told(order)
            if time.monotonic() >= until:
                break
    finally:
        Order.objects.filter(pk=order.pk).update(lease_until=None)
    if not order.lines.filter(report=None, problem="").exists():
        Order.objects.filter(pk=order.pk, finished_at=None).update(finished_at=timezone.now())
    return count


def _one(order: Order, line: OrderLine, actor: Actor) -> int:
    """Issue one; a refusal is its answer, and so is a fault of ours, or one poisoned line would hold up all after it."""
    request = Request(
        order.template, (line.subject_code,), purpose=order.purpose, authorisation=order.authorisation,
        language=order.language,
    )  # fmt: skip
    try:
        issue(actor, request, also=lambda made: _close(line, report=made))
    except _Gone:
        return 0
    except Refusal as refused:
        return _refuse(line, str(refused))
    except OperationalError:  # the database is busy or away: not the line's fault
        raise
    except Exception:
        log.exception("line %s of report order %s failed", line.place, order.pk)
        return _refuse(line, _("系统出错，这一份没有出具；运行人员看得到原因。"))
    return 1


def _refuse(line: OrderLine, problem: str) -> int:
    try:
        _close(line, problem=problem[:500])
    except _Gone:
        return 0
    return 1


def _close(line: OrderLine, *, report: Report | None = None, problem: str = "") -> None:
    """The answer of a line, and the count of its order. Raises `_Gone` when it has one already."""
    counter = "done" if report else "failed"
    with transaction.atomic():
        mine = OrderLine.objects.filter(pk=line.pk, report=None, problem="").update(report=report, problem=problem)
        if not mine:
            raise _Gone
        held = {counter: F(counter) + 1, "lease_until": timezone.now() + LEASE}
        Order.objects.filter(pk=line.order_id).update(**held)
