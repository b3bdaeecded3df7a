"""The end of what is kept of persons: the key of a month is deleted, and nobody can read what it sealed (PIPL 47)."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef

from chengxin.accounts.store_key import TermKeys
from chengxin.audit.actions import record as trace
from chengxin.registry.models import Record, Standing, Subject, SubjectKind, SubjectName
from chengxin.registry.personal import NAMELESS


def erase(day: date, actor: str) -> list[str]:
    """Erase the personal values of every month of terms before that of `day`; the months, in their order. Safe to run again.

    A month in which a record is under objection waits for the objection's end. What stays is what proves the log: the
    sealed bytes, which nobody can open (R-230, PIPL 47).
    """
    keys, gone = TermKeys(), []
    for term in keys.terms():
        if term >= f"{day:%Y-%m}":
            break
        year, month = map(int, term.split("-"))
        waits = Record.objects.filter(
            subject__kind=SubjectKind.NATURAL_PERSON, standing=Standing.DISPUTED,
            retain_until__year=year, retain_until__month=month,
        )  # fmt: skip
        if waits.exists():
            continue
        keys.erase(term)
        gone.append(term)
        trace(actor, "person.erase", "register", term, term=term)
    if gone:
        _forget_names(day)
    return gone


def _forget_names(day: date) -> None:
    """A person of whom nothing is kept any more loses even the masked name."""
    kept = Record.objects.filter(subject=OuterRef("pk"), retain_until__gte=day)
    over = Subject.objects.filter(kind=SubjectKind.NATURAL_PERSON).exclude(name=NAMELESS).exclude(Exists(kept))
    SubjectName.objects.filter(subject__in=over).update(name=NAMELESS)
    over.update(name=NAMELESS)
