"""Submitted files are deleted when the packs' term for evidence is over (kind `retention`, `[evidence]`; R-035, R-091).

What stays is what proves the file for ever: its SHA-256 and size with the batch, the receipt, the trail. A file is kept
beyond its term while anybody still needs it: a batch with the same content that is younger or not over, a record of the
batch in doubt, and whatever other rooms name (a case that is open, a case's evidence, an issued report).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction

from chengxin.audit.actions import record as trace
from chengxin.collection import evidence
from chengxin.collection.models import Batch
from chengxin.collection.states import OVER
from chengxin.policy.packs import RetentionDefaults
from chengxin.registry.models import RecordVersion
from chengxin.registry.packs import policies
from chengxin.standards.months import add_months

_STEP = 500
_SETTLED = 24 * 3600
"""Seconds since a file was last written: one that somebody hands in again right now is written anew, and stays."""
_WORKBOOKS = ("receipt.xlsx", "receipt-en.xlsx")
"""They repeat the whole file."""


class Needed(NamedTuple):
    """What may not be deleted yet: batches by id, contents by SHA-256."""

    batches: frozenset[int] = frozenset()
    files: frozenset[str] = frozenset()


Keeper = Callable[[Collection[int], Collection[str]], Needed]
"""Says of batches and contents that could be deleted which of them a room needs."""


def retire(day: date, actor: str, keepers: Iterable[Keeper] = ()) -> int:
    """Delete the files whose term ended before `day`; returns how many batches lost theirs. Safe to run again.

    Nothing is deleted where the packs in force on `day` name no term.
    """
    term = next((p.evidence for p in policies().of(RetentionDefaults) if p.evidence and p.effective.holds(day)), None)
    if term is None:
        return 0
    before, asked, count, last = add_months(day, -12 * term.years), (_own, *keepers), 0, ""
    old = Batch.objects.filter(submitted_at__date__lt=before, file_gone_on=None, state__in=OVER)
    contents = old.order_by("file_sha256").values_list("file_sha256", flat=True).distinct()
    # By content: of two old batches of one content each would keep the other's, were they not looked at together.
    while files := list(contents.filter(file_sha256__gt=last)[:_STEP]):
        last = files[-1]
        for batch in _free(list(old.filter(file_sha256__in=files)), asked):
            count += _retire(batch, day, actor)
    return count


def _free(batches: Sequence[Batch], keepers: Iterable[Keeper]) -> list[Batch]:
    ids, files = {b.pk for b in batches}, {b.file_sha256 for b in batches}
    needed = [keeper(ids, files) for keeper in keepers]
    kept, contents = {i for n in needed for i in n.batches}, {f for n in needed for f in n.files}
    # One content may be that of several batches: it stays while any of them needs it.
    contents |= {b.file_sha256 for b in batches if b.pk in kept}
    return [b for b in batches if b.file_sha256 not in contents]


def _own(ids: Collection[int], files: Collection[str]) -> Needed:
    """What batches themselves need: records in doubt, and other batches of the same content that stand after these."""
    doubtful = RecordVersion.objects.filter(record__held=True, batch__in=ids).values_list("batch", flat=True)
    others = Batch.objects.filter(file_sha256__in=files, file_gone_on=None).exclude(pk__in=ids)
    return Needed(
        frozenset(b for b in doubtful if b is not None), frozenset(others.values_list("file_sha256", flat=True))
    )


def _retire(batch: Batch, day: date, actor: str) -> bool:
    """The file is deleted before the transaction ends: one that dies in between does the same again."""
    lies = evidence.place(batch.file_sha256)
    if lies.exists() and time.time() - lies.stat().st_mtime < _SETTLED:
        return False
    with transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(file_gone_on=day)
        trace(actor, "evidence.delete", "batch", batch.pk, sha256=batch.file_sha256, size=batch.file_size)
        for path in (lies, *(evidence.folder_of(batch.pk) / name for name in _WORKBOOKS)):
            path.unlink(missing_ok=True)
    return True
