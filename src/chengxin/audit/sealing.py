"""The one sealer: takes what the sources have, adds it to the tree, signs the new root (never inside a request).

A batch of leaves, its full tiles and, at the end of a round, the checkpoint are written in short transactions. Hashing
happens outside of them. The number of a leaf is its primary key, so that of two sealers at once one finds its place taken
and stops; nothing is sealed twice.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from chengxin.audit import keys
from chengxin.audit.canonical import SALT_BYTES, commitment
from chengxin.audit.models import Checkpoint, Event, Leaf, Log, LogKey, Tile
from chengxin.audit.notes import signed, statement
from chengxin.audit.sources import Sealed, sources
from chengxin.audit.tree import full_tiles, node_of
from chengxin.standards.merkle import SUITES, Suite, root_at

BATCH = 25_000
"""Leaves a transaction; half a second of hashing, and of holding the write lock of SQLite a fraction of it."""


@dataclass
class Sealing:
    """What a round did; `checkpoint` is None when there was nothing new to sign."""

    leaves: int = 0
    size: int = 0
    checkpoint: Checkpoint | None = None
    busy: bool = False


def seal(*, batch: int = BATCH) -> Sealing:
    """Seal everything that is there and sign a checkpoint. Raises `keys.NoLog`; `busy` when another sealer was at it."""
    log = Log.objects.first()
    if log is None:
        raise keys.NoLog("还没有日志，请先运行 chengxin init。")
    used = SUITES[log.suite]
    done = Sealing(size=size_now())
    try:
        for source in sources().values():
            after = Leaf.objects.filter(kind=source.kind).aggregate(last=Max("ref"))["last"] or 0
            upto = source.horizon(after)
            while rows := source.rows(after, upto, batch) if upto > after else []:
                done.size = _add(used, source.kind, rows, done.size)
                done.leaves += len(rows)
                after = rows[-1].ref
        done.checkpoint = _sign(log, used, done.size)
    except IntegrityError:
        done.busy, done.size = True, size_now()
    return done


def size_now() -> int:
    """How many leaves the tree has."""
    last = Leaf.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else int(last) + 1


def _add(used: Suite, kind: str, rows: list[Sealed], size: int) -> int:
    """Add one batch; returns the new size. Raises `IntegrityError` when somebody else has added since."""
    salts = os.urandom(SALT_BYTES * len(rows))
    made: list[tuple[Any, ...]] = []
    commitments: list[bytes] = []
    for place, row in enumerate(rows):
        salt = salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
        bound = commitment(used, salt, row.open_part, row.closed_part)
        commitments.append(bound)
        made.append((size + place, kind, row.ref, salt, row.note, bound))
    tiles = full_tiles(used, size, used.leaves(commitments))
    with transaction.atomic():
        _insert(made)
        Tile.objects.bulk_create(tiles, batch_size=500)
    return size + len(rows)


def _insert(leaves: list[tuple[Any, ...]]) -> None:
    columns = '"index", kind, ref, salt, note, "commitment"'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            try:
                with cursor.copy(f"COPY audit_leaf ({columns}) FROM STDIN") as copy:
                    for leaf in leaves:
                        copy.write_row(leaf)
            except Exception as error:
                # A copy does not pass through Django's cursor, which would name its errors for us.
                if type(error).__name__ == "UniqueViolation":
                    raise IntegrityError(str(error)) from error
                raise
        else:
            cursor.executemany(f"INSERT INTO audit_leaf ({columns}) VALUES (%s, %s, %s, %s, %s, %s)", leaves)


def _sign(log: Log, used: Suite, size: int) -> Checkpoint | None:
    """Sign the root of the whole tree, unless the newest checkpoint has it already."""
    newest = Checkpoint.objects.order_by("-pk").first()
    if size == 0 or (newest is not None and newest.size >= size):
        return None
    key = LogKey.objects.filter(since__gte=0, until=None).order_by("-number").first()
    if key is None:
        raise keys.NoLog("没有可用的签名密钥。")
    now = timezone.now()
    told = statement(log.origin, size, root_at(used, size, node_of(used)), log.suite, now)
    note = signed(told, keys.number_of(key, log.origin), keys.signer(key).sign)
    with transaction.atomic():
        made = Checkpoint.objects.create(
            id=newest.pk + 1 if newest else 1, size=size, root=told.root, at=now, note=note
        )
        _hand_over(key, size)
    return made


def _hand_over(key: LogKey, size: int) -> None:
    """A new key takes over once the checkpoint of the old one covers its announcement."""
    coming = LogKey.objects.filter(number=key.number + 1, since=-1).first()
    if coming is None:
        return
    announced = Event.objects.filter(action="log.key", object=str(coming.number)).order_by("-pk").first()
    if announced and Leaf.objects.filter(kind="event", ref=announced.pk, index__lt=size).exists():
        LogKey.objects.filter(pk=key.pk).update(until=size)
        LogKey.objects.filter(pk=coming.pk).update(since=size)
