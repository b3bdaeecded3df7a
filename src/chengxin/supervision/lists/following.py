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
_WORDS = {Ending.WRONG: "所依据的信息已全部撤回", Ending.REPAIRED: "所依据的信息已全部修复"}
_GONE: dict[str, Ending] = {Standing.REPAIRED: Ending.REPAIRED, Standing.WITHDRAWN: Ending.WRONG}
_OWN_WORDS = {Ending.WRONG: "列入信息已经撤回", Ending.REPAIRED: "列入信息已经修复"}
_MIRROR = pa.schema(
    [("position", pa.int64()), ("subject_id", pa.int64()), ("record", pa.int64()), ("since", pa.date32()), ("until", pa.date32())]
)  # fmt: skip


def follow_grounds(records: Iterable[int] | None, actor: str, day: date) -> int:
    """End the listings whose last ground is gone with these changed records (None: any); returns how many."""
    resting = ListingGround.objects.filter(listing__ended_on=None)
    if records is not None:
        resting = resting.filter(record__in=list(records))
    count = 0
    for listing in Listing.objects.filter(pk__in=resting.values("listing"), ended_on=None):
        ending = _ending(listing)
        if ending is not None:
            leave(listing.pk, ending, actor, _WORDS[ending], day)
            count += 1
    return count + _follow_entered(records, actor, day)


def _follow_entered(records: Iterable[int] | None, actor: str, day: date) -> int:
    """End the entries whose own record was repaired or withdrawn in the register, by a case or by its source unit."""
    mine = Listing.objects.filter(ended_on=None, entered__isnull=False)
    if records is not None:
        mine = mine.filter(entered__in=list(records))
    standing = dict(Record.objects.filter(pk__in=mine.values("entered")).values_list("pk", "standing"))
    gone = {
        pk: ending
        for pk, record in mine.values_list("pk", "entered")
        if (ending := _GONE.get(standing.get(record or 0, "")))
    }
    for pk, ending in sorted(gone.items()):
        leave(pk, ending, actor, _OWN_WORDS[ending], day)
    return len(gone)


def _ending(listing: Listing) -> Ending | None:
    """How the standing of its records ends a listing; None while one of them holds, or where repair does not end it."""
    grounds = list(listing.grounds.values_list("record", flat=True))
    standing = Record.objects.filter(pk__in=grounds).aggregate(
        holding=Count("pk", filter=Q(standing__in=_HOLDING)),
        withdrawn=Count("pk", filter=Q(standing=Standing.WITHDRAWN)),
    )
    if standing["holding"]:
        return None
    if standing["withdrawn"] == len(grounds):
        return Ending.WRONG
    return Ending.REPAIRED if list_on(listing.list, listing.proposed_on).list.exit.on_repair else None


def mirror(actor: str, day: date, *, only: Sequence[int] | None = None) -> tuple[int, int]:
    """Bring the lists decided elsewhere up to their records, for `only` these subjects or all: (listed, removed)."""
    packs = policies()
    elsewhere = [f for f in lists_on(day, packs).values() if f.list.mirrors is not None]
    if not elsewhere:
        return 0, 0
    compiler = Compiler(packs, day)
    selects = {f.list.id: _select(f, compiler, day) for f in elsewhere}
    kinds = sorted({kind for f in elsewhere for kind in f.list.subjects})
    with opened(compiler.needs, packs, day, kinds=kinds, only=only) as con:
        rows = {name: con.sql(select).pl() for name, select in selects.items()}
    listed = removed = 0
    for found in elsewhere:
        came, went = _bring_up(found, rows[found.list.id], actor, day, only)
        listed, removed = listed + came, removed + went
    return listed, removed


def _select(found: ListVersion, compiler: Compiler, day: date) -> str:
    """The records that make an entry of one list today."""
    assert found.list.mirrors is not None
    columns = "_subject AS subject_id, _record AS record, coalesce(_decided_on, today) AS since, _expires_on AS until"
    kinds = ", ".join(f"'{k}'" for k in found.list.subjects)
    return (
        f"SELECT row_number() OVER () AS position, m.* FROM ({compiler.records(found.list.mirrors, columns)}) m"
        f" JOIN subjects s ON s.id = m.subject_id AND s.kind IN ({kinds}) WHERE m.until IS NULL OR m.until >= DATE '{day}'"
    )


def _bring_up(
    found: ListVersion, rows: pl.DataFrame, actor: str, day: date, only: Sequence[int] | None
) -> tuple[int, int]:
    name = found.list.id
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
    """Entries whose record no longer makes one; while it is disputed nothing new rests on it, and nothing falls (R-250)."""
    which = "" if only is None else f" AND l.subject_id IN ({', '.join(['%s'] * len(only)) or 'NULL'})"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id FROM supervision_listing l WHERE l.list = %s AND l.record IS NOT NULL AND l.ended_on IS NULL"
            f"{which} AND NOT EXISTS (SELECT 1 FROM {stage} w WHERE w.record = l.record)"
            " AND NOT EXISTS (SELECT 1 FROM registry_record r WHERE r.id = l.record AND r.standing = %s)",
            [name, *(only or ()), Standing.DISPUTED],
        )
        return [id for (id,) in cursor.fetchall()]
