"""Evidence of a batch: the submitted file, and the folder in which the batch keeps what it writes (R-035, G-20)."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from chengxin.collection.models import Batch
from chengxin.engine.readers.refusals import FileRefused
from chengxin.registry.evidence import Evidence, keep, place

__all__ = ["Evidence", "file_of", "folder_of", "forget", "keep", "place"]


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


def folder_of(batch_id: int) -> Path:
    """Where a batch keeps what it writes: receipts and the verdict of the check."""
    folder = Path(settings.HOME) / "batches" / f"{batch_id:09d}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def forget(batch_id: int) -> None:
    shutil.rmtree(folder_of(batch_id), ignore_errors=True)
