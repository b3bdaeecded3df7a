"""Lists, measures, alerts and inspections are not public while they are worked on: whoever is shown them leaves a look, once
a day for each subject (G-10). Pages and API note what they have shown here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop

from chengxin.accounts.actors import Actor
from chengxin.registry.looks import note_shown
from chengxin.supervision.models import AlertCopy, Enforcement, Listing, Task

LISTINGS, CANDIDATES = gettext_noop("办理名单认定"), gettext_noop("查看符合名单标准的主体")
MEASURES, EFFECTS = gettext_noop("办理奖惩措施"), gettext_noop("查看奖惩成效清单")
ALERTS, INSPECTIONS = gettext_noop("查看预警提示"), gettext_noop("办理抽查检查")


def note_listings(actor: Actor, entries: Iterable[Listing]) -> None:
    """Entries of lists, from the proposal on."""
    note_shown(actor, ((e.department, e.subject.code) for e in entries), LISTINGS, "listings", ("list",))


def note_candidates(actor: Actor, unit: str, list_id: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Whom a criterion of a list would find."""
    note_shown(actor, ((unit, r["code"]) for r in rows), CANDIDATES, f"candidates {list_id}", ("list",))


def note_measures(actor: Actor, rows: Iterable[Enforcement]) -> None:
    """Measures that a unit has to carry out, with their cause."""
    note_shown(actor, ((e.agency, e.subject.code) for e in rows), MEASURES, "measures", ("measure", "cause"))


def note_effects(actor: Actor, rows: Iterable[Mapping[str, Any]]) -> None:
    """Lines of the effect list of a month."""
    note_shown(actor, ((r["agency"], r["code"]) for r in rows), EFFECTS, "effects", ("measure",))


def note_alerts(actor: Actor, rows: Iterable[AlertCopy]) -> None:
    """Reminders and warnings; those about nobody in particular are none."""
    told = ((c.to, c.alert.subject.code) for c in rows if c.alert.subject)
    note_shown(actor, told, ALERTS, "alerts", ("alert",))


def note_tasks(actor: Actor, tasks: Iterable[Task]) -> None:
    """Who is drawn for an inspection, and what was found."""
    told = ((t.plan.department, t.subject.code) for t in tasks)
    note_shown(actor, told, INSPECTIONS, "inspections", ("inspection",))


def note_photo(actor: Actor, task: Task) -> None:
    """A photo of an inspection was opened."""
    note_shown(actor, [(task.plan.department, task.subject.code)], INSPECTIONS, "inspections", ("inspection-photo",))


def note_pool(actor: Actor, unit: str, rows: Iterable[Sequence[Any]]) -> None:
    """Who may be drawn, and from which stratum: rows that begin with a code."""
    note_shown(actor, ((unit, row[0]) for row in rows), INSPECTIONS, "inspections", ("inspection",))
