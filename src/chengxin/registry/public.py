"""Which records and subjects the public may see on a day: said once, for queries of the ORM and for statements in SQL.

The same as `disclosure.refusal` for the public, as far as the database can tell; what is asked of sets is asked by these
conditions, and disclosure has the last word on each record (G-09, G-13). tests/registry/test_public.py holds them equal.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from chengxin.registry.models import Record, Standing, Subject, SubjectKind
from chengxin.registry.sql import false, true

SHOWN: Final = (Standing.ACTIVE, Standing.DISPUTED)
"""The standings in which a record may be shown: what was repaired, withdrawn, shielded or archived may not."""


def public_records(day: date) -> Q:
    """Records that may be shown on that day; whose they are is another question (`no_person`)."""
    shown = Q(publish=True, held=False, standing__in=SHOWN)
    shown &= Q(public_until=None) | Q(public_until__gte=day)
    return shown & (Q(retain_until=None) | Q(retain_until__gte=day))


def public_sql(day: date, record: str = "r") -> tuple[str, list[Any]]:
    """The same of a row of `registry_record` under that alias, with the values it asks for."""
    standings = ", ".join(f"'{s.value}'" for s in SHOWN)
    until = connection.ops.adapt_datefield_value(day)
    return (
        f"""{record}.publish = {true()} AND {record}.held = {false()} AND {record}.standing IN ({standings})
        AND ({record}.public_until IS NULL OR {record}.public_until >= %s)
        AND ({record}.retain_until IS NULL OR {record}.retain_until >= %s)""",
        [until, until],
    )


def no_person(subject: str = "u") -> str:
    """Natural persons are shown to nobody, whatever their records say (G-13): a condition in SQL."""
    return f"{subject}.kind <> '{SubjectKind.NATURAL_PERSON.value}'"


def known_sql(day: date, subject: str = "u") -> tuple[str, list[Any]]:
    """`publicly_known` of a row of `registry_subject` under that alias, with the values it asks for."""
    shown, values = public_sql(day)
    return (
        f"""{no_person(subject)} AND ({subject}.provisional = {false()} OR EXISTS (
        SELECT 1 FROM registry_record r WHERE r.subject_id = {subject}.id AND {shown}))""",
        values,
    )


def publicly_known(subject: Subject, day: date | None = None) -> bool:
    """Whether the public may hear of a subject at all: no natural person, and nobody who has no registration and of whom
    no record may be shown any more. A repaired record must not go on speaking through the name it was found by (R-237)."""
    if subject.kind == SubjectKind.NATURAL_PERSON:
        return False
    shown = Record.objects.filter(public_records(day or timezone.localdate()), subject_id=subject.pk)
    return not subject.provisional or shown.exists()
