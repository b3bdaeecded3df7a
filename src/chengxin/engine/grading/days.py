"""The days on which a model's times begin and end, computed once so that no row pays for calendar arithmetic.

A record counts within a span from its day on until the day before "its day + span"; that is how all terms of the
platform are computed (standards.months), so that what leaves a window leaves on the day its subject was told.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from chengxin.engine.grading.plan import Period, Span
from chengxin.standards.months import add_months


def after(day: date, span: Span) -> date:
    """`day` + `span`."""
    return add_months(day, span.count) if span.unit == "months" else day + timedelta(days=span.count)


def first_within(end: date, span: Span) -> date:
    """The earliest day whose record still counts on `end`: the first d with d + span > end."""
    if span.unit == "days":
        return end - timedelta(days=span.count - 1)
    day = add_months(end, -span.count) - timedelta(days=3)
    while after(day, span) <= end:
        day += timedelta(days=1)
    return day


def period_of(period: Period, today: date) -> tuple[date | None, date]:
    """First (None: since ever) and last day of the observation period of an evaluation made on `today`."""
    end = _end(period.ends, today)
    return (first_within(end, period.length) if period.length else None), end


def _end(ends: str, today: date) -> date:
    if ends == "day":
        return today
    months = {"month": 1, "quarter": 3, "year": 12}[ends]
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    last = add_months(first, months) - timedelta(days=1)
    return today if today == last else first - timedelta(days=1)


def next_end(period: Period, today: date) -> date:
    """The next day on which the period's last day moves."""
    if period.ends == "day":
        return today + timedelta(days=1)
    months = {"month": 1, "quarter": 3, "year": 12}[period.ends]
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    last = add_months(first, months) - timedelta(days=1)
    if today < last:
        return last
    following = add_months(first, 2 * months) - timedelta(days=1)
    return date(following.year, following.month, monthrange(following.year, following.month)[1])
