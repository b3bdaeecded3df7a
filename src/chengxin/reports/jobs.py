"""Works off orders of many reports. Safe to run again: a line that has its report or its reason is left alone."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.refusals import Refusal
from chengxin.reports.actions import issue
from chengxin.reports.asking import Request
from chengxin.reports.models import Order, OrderLine


def work_off(order_id: int, actor: Actor, *, told: Callable[[Order], None] | None = None) -> Order:
    """Issue what is still open of an order, subject by subject; one that is refused has its reason and stops nobody.

    `told` hears of the progress after each line.
    """
    order = Order.objects.get(pk=order_id)
    for line in order.lines.filter(report=None, problem="").order_by("place").iterator(chunk_size=200):
        _one(order, line, actor)
        if told:
            order.refresh_from_db()
            told(order)
    Order.objects.filter(pk=order.pk, finished_at=None).update(finished_at=timezone.now())
    order.refresh_from_db()
    return order


def _one(order: Order, line: OrderLine, actor: Actor) -> None:
    request = Request(
        order.template, (line.subject_code,), purpose=order.purpose, authorisation=order.authorisation,
        language=order.language,
    )  # fmt: skip
    try:
        line.report = issue(actor, request)
    except Refusal as refused:
        line.problem = str(refused)[:500]
    line.save(update_fields=["report", "problem"])
    counter = "failed" if line.problem else "done"
    Order.objects.filter(pk=order.pk).update(**{counter: F(counter) + 1})
