"""The log as files that anybody can check with docs/verify_log.py: commitments, checkpoints, public keys."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from chengxin.audit.models import Checkpoint, Leaf, Log, LogKey


def export(folder: Path) -> int:
    """Write `log.json`, `leaves.txt` (one commitment a line, in order) and `checkpoints.txt`; returns the leaves.

    Raises `FileExistsError` when the folder is there already.
    """
    folder.mkdir(parents=True)
    log = Log.objects.get()
    keys = [
        {
            "number": key.number, "algorithm": key.algorithm, "public": base64.b64encode(bytes(key.public)).decode(),
            "since": key.since, "until": key.until,
        }
        for key in LogKey.objects.order_by("number")
    ]  # fmt: skip
    about = {"origin": log.origin, "suite": log.suite, "keys": keys}
    (folder / "log.json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    with (folder / "leaves.txt").open("w", encoding="ascii") as file:
        rows = Leaf.objects.order_by("index").values_list("commitment", flat=True)
        file.writelines(bytes(bound).hex() + "\n" for bound in rows.iterator(chunk_size=10_000))
    with (folder / "checkpoints.txt").open("w", encoding="utf-8") as file:
        for note in Checkpoint.objects.order_by("pk").values_list("note", flat=True):
            file.write(note + "\n")
    return Leaf.objects.count()
