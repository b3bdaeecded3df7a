"""Witnesses: others who keep our checkpoints, so that we cannot rewrite what we have told them (anchors.md 1.2).

`settings.WITNESSES` are folders (a share of the upper platform, a write-once disk) or addresses that take a POST. A
witness that is down is told everything it has missed when it is back.
"""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from chengxin.audit.models import Checkpoint, Witness

_SECONDS = 10
_SUFFIX = ".checkpoint"


def push() -> dict[str, str]:
    """Tell every witness what it does not know yet; returns the trouble with each one that could not be told."""
    troubles = {}
    for address in settings.WITNESSES:
        state, _new = Witness.objects.get_or_create(address=address)
        state.trouble = ""
        try:
            for checkpoint in Checkpoint.objects.filter(size__gt=state.size).order_by("size").iterator():
                _tell(address, checkpoint)
                state.size, state.told_at = checkpoint.size, timezone.now()
        except OSError as error:
            state.trouble = troubles[address] = str(error)[:300]
        state.save()
    return troubles


def _tell(address: str, checkpoint: Checkpoint) -> None:
    """Raises `OSError`."""
    if _is_web(address):
        told = checkpoint.note.encode()
        request = urllib.request.Request(  # noqa: S310  (an address of our own settings, http or https only)
            address, data=told, method="POST", headers={"Content-Type": "text/plain; charset=utf-8"}
        )
        with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
            return
    folder = Path(address)
    if not folder.is_dir():
        raise OSError(f"{folder} is not there")
    target = folder / f"{checkpoint.size:020d}{_SUFFIX}"
    if target.exists():
        return  # what a witness has seen is not ours to change
    part = target.with_suffix(".part")
    part.write_text(checkpoint.note, "utf-8")
    os.replace(part, target)


def remembered() -> Iterator[tuple[str, str]]:
    """(where, note) of every checkpoint that the folders among the witnesses hold."""
    for address in settings.WITNESSES:
        if not _is_web(address) and Path(address).is_dir():
            for file in sorted(Path(address).glob(f"*{_SUFFIX}")):
                yield str(file), file.read_text("utf-8")


def _is_web(address: str) -> bool:
    return urlsplit(address).scheme in ("http", "https")
