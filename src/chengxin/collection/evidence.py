"""Evidence of a batch: the submitted file, and the folder in which the batch keeps what it writes (R-035, G-20)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from chengxin.accounts.store_key import Gone
from chengxin.collection.models import Batch
from chengxin.engine.readers.refusals import FileRefused
from chengxin.policy.catalogue import Item
from chengxin.registry import evidence as store
from chengxin.registry.evidence import Evidence, keep, place
from chengxin.registry.packs import policies
from chengxin.standards.months import add_months

__all__ = ["Evidence", "file_of", "folder_of", "forget", "keep", "opened", "place", "term_of"]


def term_of(item: Item, day: date) -> str:
    """The month until which the file of a batch may be known, 2031-05; empty where the packs' term for all evidence is
    enough. A file about persons lives no longer than what may be kept of it."""
    if not item.personal or item.retention is None:
        return ""
    return f"{add_months(day, 12 * (item.retention.years or 0) + (item.retention.months or 0)):%Y-%m}"


def file_of(batch: Batch) -> Path:
    """Where the submitted file lies. Raises `FileRefused` when its term is over and it has been deleted."""
    if batch.file_gone_on is not None:
        raise FileRefused(
            "deleted",
            f"报送的原件保存期满，已于 {batch.file_gone_on} 删除；哈希、大小和回执（CSV）仍然保留。",
            f"The submitted file was deleted on {batch.file_gone_on}, when its term was over; its hash, its size and the"
            " receipt (CSV) are kept.",
        )
    return place(batch.file_sha256)


@contextmanager
def opened(batch: Batch) -> Iterator[Path]:
    """The submitted file, to be read while the context lasts. Raises `FileRefused` when its term is over."""
    file_of(batch)
    try:
        with store.opened(batch.file_sha256, sealed=_sealed(batch)) as path:
            yield path
    except Gone:
        raise FileRefused(
            "deleted",
            "报送的原件含有个人信息，保存期满已经删除；回执（CSV）仍然保留。",
            "The submitted file held personal data and was erased when its term was over; the receipt (CSV) is kept.",
        ) from None


def _sealed(batch: Batch) -> bool:
    """Whether the file was kept sealed: what the item's version of the day on which it came in says."""
    day = timezone.localdate(batch.submitted_at)
    return bool(term_of(policies().item(batch.item, day), day))


def folder_of(batch_id: int) -> Path:
    """Where a batch keeps what it writes: receipts and the verdict of the check."""
    folder = Path(settings.HOME) / "batches" / f"{batch_id:09d}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def forget(batch_id: int) -> None:
    shutil.rmtree(folder_of(batch_id), ignore_errors=True)
