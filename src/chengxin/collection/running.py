"""What whoever operates the platform needs to know: does a worker live, what waits, what failed (R-359, design.md section 7).

A worker leaves a mark in CHENGXIN_HOME each time it looks for work; while it works, the lease of its batch says so.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from chengxin.collection.jobs import waiting
from chengxin.collection.models import Batch, State
from chengxin.collection.states import WORKING

_FOLDER = "workers"
_EVERY = 10.0
"""Seconds between two marks; looking for work happens more often."""
ALIVE = timedelta(minutes=2)
"""A worker that has not been seen for so long is gone, or so busy that its lease speaks for it."""


class Beat:
    """The mark of this process: `beat()` whenever it looks for work."""

    def __init__(self) -> None:
        self.path = Path(settings.HOME) / _FOLDER / f"{socket.gethostname()}-{os.getpid()}"
        self.last = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self.last < _EVERY:
            return
        self.last = now
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()

    def end(self) -> None:
        """This process stops on purpose."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Worker:
    """A worker and when it was last seen."""

    name: str
    seen: datetime

    @property
    def alive(self) -> bool:
        return timezone.now() - self.seen <= ALIVE


def workers() -> list[Worker]:
    """Every worker that left a mark within a day, the latest first; older marks are of processes long gone."""
    folder, found = Path(settings.HOME) / _FOLDER, []
    for path in folder.iterdir() if folder.is_dir() else ():
        seen = datetime.fromtimestamp(path.stat().st_mtime, timezone.get_current_timezone())
        if timezone.now() - seen < timedelta(days=1):
            found.append(Worker(path.name, seen))
    return sorted(found, key=lambda w: w.seen, reverse=True)


@dataclass(frozen=True)
class Queue:
    """What is to be done: batches that wait for a worker, are being worked on, or wait for the operator."""

    waiting: int
    oldest: datetime | None
    working: int
    stopped: int

    @property
    def late(self) -> bool:
        """Whether somebody has been waiting for longer than a worker needs to notice."""
        return self.oldest is not None and timezone.now() - self.oldest > timedelta(minutes=10)


def queue() -> Queue:
    """How the queue stands."""
    found = waiting()
    first = found.order_by("submitted_at").first()
    working = Batch.objects.filter(state__in=WORKING, lease_until__gt=timezone.now()).count()
    stopped = Batch.objects.filter(state=State.WAITING).count()
    return Queue(found.count(), first.submitted_at if first else None, working, stopped)


def stopped(limit: int = 20) -> list[Batch]:
    """Batches that wait for the operator because something of ours failed, with their reason."""
    return list(Batch.objects.filter(state=State.WAITING).select_related("source").order_by("-pk")[:limit])
