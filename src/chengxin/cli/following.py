"""Who follows the register: the work that comes after every change, and the work that comes with every day.

The rooms that follow do not know each other; here they take their turns. One that fails is written to the log and tried
again next time; the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

log = logging.getLogger("chengxin.following")


class Follower:
    """Remembers how far the register had come when it last followed, so that an idle worker stays idle."""

    def __init__(self, actor: str) -> None:
        self.actor = actor
        self.position = -1

    def changes(self) -> None:
        """Everything that follows the change feed, if it has moved: search, grades, lists and measures, deliveries.

        Open data is looked at every time: what it must not tell any more is taken away first and made anew last.
        Simulations and reports that somebody asked for wait for nothing but a worker.
        """
        from django.utils import timezone

        from chengxin.evaluation import simulating
        from chengxin.evaluation.actions import newest_change
        from chengxin.registry import open_data
        from chengxin.reports import jobs as reports

        day = timezone.localdate()
        attempt("open data", lambda: open_data.retract(day))
        attempt("simulations", simulating.work)
        attempt("reports", reports.work)
        newest = newest_change()
        if newest != self.position:
            for name, work in self._after_changes():
                attempt(name, work)
            self.position = newest
        attempt("open data", lambda: open_data.renew(day))

    def day(self, day: date) -> dict[str, Any]:
        """Everything that the calendar brings: publicity, keeping, grades, lists, measures, alerts, clocks, seals.

        That it was done is written down also where there was nothing to do, and so is what failed: a quiet day must not
        look like one on which nobody worked (R-359).
        """
        works = self._daily(day)
        done = {name: attempt(name, work, FAILED) for name, work in works}
        told(self.actor, day, [n for n, answer in done.items() if answer is not FAILED], len(works))
        return {name: None if answer is FAILED else answer for name, answer in done.items()}

    def _after_changes(self) -> list[tuple[str, Callable[[], Any]]]:
        from django.utils import timezone

        from chengxin.accounts.actors import operator
        from chengxin.audit import sealing
        from chengxin.cases import fanout
        from chengxin.evaluation import jobs as evaluation
        from chengxin.registry import search, tallies
        from chengxin.supervision import jobs as supervision

        return [
            ("search", search.follow),
            ("tallies", tallies.follow),
            ("evaluation", lambda: evaluation.follow(operator(self.actor))),
            ("supervision", lambda: supervision.follow(timezone.localdate(), self.actor)),
            ("deliveries", fanout.run),
            ("seal", sealing.seal),
        ]

    def _daily(self, day: date) -> list[tuple[str, Callable[[], Any]]]:
        from chengxin.accounts.actors import operator
        from chengxin.audit import sealing, witnesses
        from chengxin.cases import drafts, fanout
        from chengxin.cases import jobs as cases
        from chengxin.evaluation import jobs as evaluation
        from chengxin.registry import due, looks, open_data, tallies
        from chengxin.supervision import jobs as supervision

        return [
            ("register", lambda: due.run(day, self.actor)),
            ("evidence", lambda: retire_files(day, self.actor)),
            ("tallies", lambda: tallies.refresh(day)),
            ("evaluation", lambda: evaluation.follow(operator(self.actor), day=day)),
            ("supervision", lambda: supervision.daily(day, self.actor)),
            ("cases", lambda: cases.run(day, self.actor)),
            ("drafts", drafts.sweep),
            ("deliveries", fanout.run),
            ("looks", lambda: looks.purge(self.actor, day)),
            ("seal", sealing.seal),
            ("witnesses", witnesses.push),
            ("open data", lambda: open_data.make(day)),
        ]


def retire_files(day: date, actor: str) -> int:
    """Delete the submitted files whose term is over and that neither a case nor a report needs; returns how many."""
    from chengxin.cases import queries as cases
    from chengxin.collection.retiring import Needed, retire
    from chengxin.reports import queries as reports
    from chengxin.supervision.inspection import photos

    keepers = (
        lambda ids, files: Needed(cases.batches_at_issue(ids), cases.papers(files)),
        lambda _ids, files: Needed(files=reports.papers(files)),
        lambda _ids, files: Needed(files=photos.papers(files)),
    )
    return retire(day, actor, keepers)


FAILED = object()
"""Stands for the answer of a piece of daily work that failed."""


def told(actor: str, day: date, done: Sequence[str], of: int) -> None:
    """Write down which pieces of the daily work were done, out of how many; the page of the running state reads it."""
    from chengxin.audit.actions import record as trace

    attempt("trail", lambda: trace(actor, "system.daily", "system", day.isoformat(), done=list(done), of=of))


def attempt(name: str, work: Callable[[], Any], failed: Any = None) -> Any:
    """The answer of `work`; `failed`, and a line in the log, where it raised."""
    try:
        return work()
    except Exception:
        log.exception("%s could not follow; it is tried again", name)
        return failed
