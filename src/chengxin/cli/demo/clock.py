"""The demo's clock: what the invented province did last month is done as if it were last month.

Only `chengxin demo` turns it, and only in a store of its own: the register, the clocks of cases, the trail and the log
then tell a past that anybody can walk through.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from django.utils import timezone

_latest: list[datetime] = []


@contextmanager
def at(day: date, hour: int = 9) -> Iterator[None]:
    """Let it be `day` inside; time goes on from there, and never back behind what has been done already."""
    real = timezone.now
    if day >= timezone.localdate():
        yield
        return
    start = timezone.make_aware(datetime.combine(day, time(hour)))
    if _latest and _latest[-1] >= start:
        start = _latest[-1] + timedelta(seconds=20)
    began = real()
    timezone.now = lambda: start + (real() - began)
    try:
        yield
    finally:
        _latest[:] = [timezone.now()]
        timezone.now = real
