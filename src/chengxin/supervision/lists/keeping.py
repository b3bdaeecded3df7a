"""How a step of a listing is written down: its paper, its row, its event of the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.audit.actions import record as trace
from chengxin.registry.packs import policies
from chengxin.standards.calendar import CalendarEnds
from chengxin.supervision.lists.refusals import NotPossible
from chengxin.supervision.measures.actions import end
from chengxin.supervision.models import Ending, Listing, ListingState, ListingStep
from chengxin.supervision.packs import list_on

WITH_DOCUMENT = ("notice", "decision", "service")
WITH_TEXT = ("proposal", "notice", "answer", "hearing", "verification", "review", "decision")


@dataclass(frozen=True)
class Paper:
    """What a step leaves behind: its document's number, its words, its outcome, the day it was done."""

    document: str = ""
    text: str = ""
    outcome: str = ""
    on: date | None = None


def need(paper: Paper, kind: str) -> None:
    """Refuse a step without the document or the words it must leave behind."""
    if kind in WITH_DOCUMENT and not paper.document.strip():
        raise NotPossible(_("请写明文书的文号。"))
    if (kind in WITH_TEXT or kind.startswith("exit")) and not paper.text.strip() and paper.outcome != "waiver":
        raise NotPossible(_("请写明理由或者内容，当事人有权知道。"))


def add(
    entry: Listing, kind: str, actor: Actor, paper: Paper, day: date, *, working_days: int | None = None
) -> ListingStep:
    """Add the row of a step, with the last day of the term it opens, and its event."""
    calendar = policies().calendar
    try:
        until = calendar.add_working_days(day, working_days) if working_days else None
    except CalendarEnds as ends:
        raise NotPossible(_("期限算不出来：%(reason)s"), reason=ends) from ends
    step = ListingStep.objects.create(
        listing=entry, kind=kind, actor=actor.name, on=day, outcome=paper.outcome, until=until,
        calendar=calendar.version if until else "", document=paper.document.strip(), text=paper.text.strip(),
    )  # fmt: skip
    trace(
        actor.name,
        f"listing.{kind}",
        "listing",
        entry.pk,
        list=entry.list,
        outcome=paper.outcome,
        document=step.document,
    )
    return step


def close(entry: Listing, ending: Ending, day: date) -> None:
    """End an entry: its measures end with it. The caller saves."""
    entry.state = {Ending.REFUSED: ListingState.REFUSED, Ending.WRONG: ListingState.REVOKED}.get(
        ending, ListingState.EXITED
    )
    entry.ended_on, entry.ending = day, ending
    entry.owed = entry.listed_on is not None and list_on(entry.list, entry.proposed_on).list.recorded is not None
    end([entry.pk], day)


def locked(pk: int) -> Listing:
    """The entry, held until the transaction ends: of two people who decide at once one is second."""
    return Listing.objects.select_for_update().get(pk=pk)
