"""Evidence of a batch: the submitted file, and the folder in which the batch keeps what it writes (R-035, G-20)."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from chengxin.registry.evidence import Evidence, keep, place

__all__ = ["Evidence", "folder_of", "forget", "keep", "place"]


def folder_of(batch_id: int) -> Path:
    """Where a batch keeps what it writes: receipts and the verdict of the check."""
    folder = Path(settings.HOME) / "batches" / f"{batch_id:09d}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def forget(batch_id: int) -> None:
    shutil.rmtree(folder_of(batch_id), ignore_errors=True)
