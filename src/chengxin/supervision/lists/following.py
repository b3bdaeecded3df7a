"""What the register's changes mean for lists: grounds that are repaired or withdrawn, and lists decided elsewhere.

A listing rests on records. When all of them are withdrawn, it was wrong and is undone; when all are repaired (or some
withdrawn), it ends where its pack says so. A list that another authority decides mirrors its records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date

import polars as pl
import pyarrow as pa
from django.db import connection
from django.db.models import Count, Q

from chengxin.audit.actions import record as trace
from chengxin.policy.policies import Policies
from chengxin.registry.lock import writing
from chengxin.registry.models import Record, Standing
from chengxin.registry.packs import policies
from chengxin.registry.staging import staged
from chengxin.supervision.lists.leaving import leave
from chengxin.supervision.matching import Compiler
from chengxin.supervision.measures.actions import end
from chengxin.supervision.models import Ending, Listing, ListingGround, ListingState
from chengxin.supervision.packs import ListVersion, list_on, lists_on
from chengxin.supervision.tables import opened

_HOLDING = (Standing.ACTIVE, Standing.DISPUTED)
_MIRROR = pa.schema(
    [("position", pa.int64()), ("subject_id", pa.int64()), ("record", pa.int64()), ("since", pa.date32()), ("until", pa.date32())]
)  # fmt: skip


def follow_grounds(records: Iterable[int], actor: str, day: date) -> int:
    """End the listings whose last ground is gone with these changed records; returns how many."""
    resting = ListingGround.objects.filter(record__in=list(records), listing__ended_on=None).values_list("listing")
    count = 0
    for listing in Listing.objects.filter(pk__in=resting, ended_on=None):
        grounds = list(listing.grounds.values_list("record", flat=True))
        standing = Record.objects.filter(pk__in=grounds).aggregate(
            holding=Count("pk", filter=Q(standing__in=_HOLDING)),
            withdrawn=Count("pk", filter=Q(standing=Standing.WITHDRAWN)),
        )
        if standing["holding"]:
            continue
        if standing["withdrawn"] == len(grounds):
            leave(listing.pk, Ending.WRONG, actor, "所依据的信息已全部撤回", day)
        elif list_on(listing.list, listing.proposed_on).list.exit.on_repair:
            leave(listing.pk, Ending.REPAIRED, actor, "所依据的信息已全部修复", day)
        else:
            continue
        count += 1
    return count


def mirror(actor: str, day: date, *, only: Sequence[int] | None = None) -> tuple[int, int]:
    """Bring the lists decided elsewhere up to their records, for `only` these subjects or all: (listed, removed)."""
    packs = policies()
    listed = removed = 0
    for name, found in lists_on(day, packs).items():
        if not found.list.decided_here:
            came, went = _mirror_one(name, found, packs, actor, day, only)
            listed, removed = listed + came, removed + went
    return listed, removed


def _mirror_one(
    name: str, found: ListVersion, packs: Policies, actor: str, day: date, only: Sequence[int] | None
) -> tuple[int, int]:
    compiler = Compiler(packs, day)
    assert found.list.mirrors is not None
    columns = "_subject AS subject_id, _record AS record, coalesce(_decided_on, today) AS since, _expires_on AS until"
    select = compiler.records(found.list.mirrors, columns)
    with opened(compiler.needs, packs, day, kinds=found.list.subjects, only=only) as con:
        rows: pl.DataFrame = con.sql(
            f"SELECT row_number() OVER () AS position, m.* FROM ({select}) m JOIN subjects s ON s.id = m.subject_id"
            f" WHERE m.until IS NULL OR m.until >= DATE '{day}'"
        ).pl()
    with ExitStack() as stack:
        stage = stack.enter_context(staged(rows.to_arrow().cast(_MIRROR)))
        stack.enter_context(writing())
        came = _add(stage, name, found, day)
        gone = _gone(stage, name, only)
        for n in range(0, len(gone), 500):
            piece = Listing.objects.filter(pk__in=gone[n : n + 500])
            end(gone[n : n + 500], day)
            piece.update(ended_on=day, ending=Ending.REMOVED, state=ListingState.EXITED)
        if came or gone:
            trace(actor, "listing.mirror", "list", name, listed=came, removed=len(gone))
    return came, len(gone)


def _add(stage: str, name: str, found: ListVersion, day: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO supervision_listing (list, list_version, effect, department, subject_id, state, criterion, reason,"
            " record, proposed_on, listed_on, expires_on, ending)"
            f" SELECT %s, %s, %s, %s, w.subject_id, %s, '', '', w.record, w.since, w.since, w.until, ''"
            f" FROM {stage} w WHERE NOT EXISTS (SELECT 1 FROM supervision_listing l"
            "  WHERE l.list = %s AND l.record = w.record AND l.ended_on IS NULL)",
            [name, found.version, found.list.effect, found.list.department, ListingState.LISTED, name],
        )
        return int(cursor.rowcount)


def _gone(stage: str, name: str, only: Sequence[int] | None) -> list[int]:
    which = "" if only is None else f" AND l.subject_id IN ({', '.join(['%s'] * len(only)) or 'NULL'})"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id FROM supervision_listing l WHERE l.list = %s AND l.record IS NOT NULL AND l.ended_on IS NULL"
            f"{which} AND NOT EXISTS (SELECT 1 FROM {stage} w WHERE w.record = l.record)",
            [name, *(only or ())],
        )
        return [id for (id,) in cursor.fetchall()]
