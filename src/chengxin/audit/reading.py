"""What an auditor asks of the trail: events by who, what, which thing and when, page by page (G-10, R-082, R-363).

Pages go by the event's number, so that the ten-thousandth costs what the first does. A period is turned into a range of
numbers: they grow with time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from chengxin.audit.events import EVENTS
from chengxin.audit.models import Event, Leaf, Look

DENIALS = ("access.denied", "look.refused", "account.sign-in-failed", "account.locked")
"""Acts by which somebody was turned away."""
SIGNING_IN = (
    "account.sign-in", "account.sign-in-failed", "account.locked", "account.sign-out", "account.session-ended",
    "account.step-up", "account.password", "account.factor", "account.real-name", "session.end", "factor.reset",
)  # fmt: skip
_SLACK = timedelta(minutes=5)
"""Numbers are given out at the start of a transaction and moments within it, so that neighbours may stand out of order."""


@dataclass(frozen=True)
class Question:
    """Which events: empty is all. `action` is a word or, with a dot at its end, the beginning of many."""

    actor: str = ""
    action: str = ""
    kind: str = ""
    object: str = ""
    since: date | None = None
    until: date | None = None
    among: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Page:
    """Events with the highest number first; `older` and `newer` are numbers to go on from, None at the ends."""

    events: list[Event]
    older: int | None
    newer: int | None


def page(asked: Question, size: int, *, before: int | None = None, after: int | None = None) -> Page:
    """The events below `before`, or the nearest above `after`, or the newest."""
    found = _found(asked)
    if after is not None:
        rows = list(found.filter(pk__gt=after).order_by("pk")[: size + 1])
        more, rows = len(rows) > size, rows[:size][::-1]
        return Page(rows, rows[-1].pk if rows else None, rows[0].pk if more else None)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    newer = rows[0].pk if rows and before is not None else None
    return Page(rows, rows[-1].pk if more else None, newer)


def _found(asked: Question) -> QuerySet[Event]:
    found = Event.objects.all()
    if asked.actor:
        found = found.filter(actor=asked.actor)
    if asked.among:
        found = found.filter(action__in=asked.among)
    if asked.action.endswith("."):
        found = found.filter(action__gte=asked.action, action__lt=asked.action[:-1] + "/")  # the sign after the dot
    elif asked.action:
        found = found.filter(action=asked.action)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.object:
        found = found.filter(object=asked.object)
    return found.filter(_period(asked))


def _period(asked: Question) -> Q:
    wanted = Q()
    if asked.since:
        start = _midnight(asked.since)
        wanted &= Q(at__gte=start, pk__gte=first_since(start - _SLACK))
    if asked.until:
        end = _midnight(asked.until + timedelta(days=1))
        wanted &= Q(at__lt=end, pk__lt=first_since(end + _SLACK))
    return wanted


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def first_since(moment: datetime) -> int:
    """About the lowest number of an event at `moment` or later, found by halving the range of numbers."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    low, high = 0, newest + 1
    while low < high:
        middle = (low + high) // 2
        here = Event.objects.filter(pk__gte=middle).order_by("pk").values_list("pk", "at").first()
        if here is None or here[1] >= moment:
            high = middle
        else:
            low = here[0] + 1
    return low


def leaf_of(event: Event) -> Leaf | None:
    """Where the event stands in the log; None while it is not sealed."""
    return Leaf.objects.filter(kind="event", ref=event.pk).first()


def families() -> list[tuple[str, str]]:
    """(word, meaning) of every act of the catalogue; those of a family are asked for by its beginning."""
    return [(word.removesuffix("*"), what.label) for word, what in EVENTS.items()]


def kinds() -> list[str]:
    """The kinds of things that events speak of, found by skipping through the index."""
    found: list[str] = []
    while True:
        last = found[-1] if found else ""
        following = Event.objects.filter(kind__gt=last).order_by("kind").values_list("kind", flat=True).first()
        if following is None:
            return found
        found.append(following)


@dataclass(frozen=True)
class LookQuestion:
    """Which looks at non-public data: empty is all."""

    actor: str = ""
    subject: str = ""
    basis: str = ""
    refused: bool = False


def looks(asked: LookQuestion, size: int, *, before: int | None = None) -> tuple[list[Look], int | None]:
    """Looks with the newest first, and the number to go on from."""
    found = Look.objects.order_by("-pk")
    named = {"actor": asked.actor, "subject": asked.subject, "basis": asked.basis}
    found = found.filter(**{k: v for k, v in named.items() if v})
    if asked.refused:
        found = found.exclude(refused="")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None
