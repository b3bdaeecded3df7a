"""Files of the demo on the way of all files: submitted, checked, released by another person, stored."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chengxin.cli.demo.people import auditor, reporter
from chengxin.paths import repo_root

if TYPE_CHECKING:
    from chengxin.collection.models import Batch

FINAL = ("stored", "refused", "returned", "withdrawn")


@dataclass(frozen=True)
class Example:
    """A file: for which item, from which source unit, and whether the demo also releases it."""

    path: Path
    item: str
    source: str
    release: bool = True


def examples(folder: Path | None = None) -> list[Example]:
    """The files of `examples/manifest.toml`, in its order."""
    folder = folder or (repo_root() or Path.cwd()) / "examples"
    listed = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))["file"]
    return [Example(folder / f["name"], f["item"], f["source"], f.get("release", True)) for f in listed]


def key_of(path: Path) -> str:
    """The same file is the same submission."""
    return f"demo:{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}"


def known() -> dict[tuple[str, str], Batch]:
    """What the demo has submitted before, by source unit and key."""
    from chengxin.collection.models import Batch

    earlier = Batch.objects.filter(idempotency_key__startswith="demo:").select_related("source")
    return {(b.source_id, b.idempotency_key): b for b in earlier}


def carry_on(example: Example, key: str) -> Batch:
    """Bring one file as far as it goes, whatever an interrupted run left behind."""
    from chengxin.accounts.actors import of_user
    from chengxin.accounts.models import User
    from chengxin.collection import actions, jobs
    from chengxin.collection.models import State

    two = [reporter(example.source), auditor(example.source)]
    people = {u.username: of_user(u) for u in User.objects.filter(username__in=two)}
    submission = actions.Submission(example.item, example.source, example.path.name, "cli", idempotency_key=key)
    with example.path.open("rb") as file:
        batch = actions.submit(people[reporter(example.source)], submission, file)
    batch = jobs.see_through(batch)
    if batch.state == State.CHECKED and example.release:
        batch = jobs.see_through(actions.release(people[auditor(example.source)], batch))
    return batch


def line(example: Example, batch: Batch) -> str:
    """What became of a file, in one line."""
    name = f"  {example.path.name:<48}"
    if batch.reason:
        return f"{name}{batch.get_state_display()}：{batch.reason}"
    told = f"收到 {batch.received}，不予入库 {batch.rejected}，存疑 {batch.doubtful}，提醒 {batch.warned}"
    return f"{name}{batch.get_state_display()}：{told}" + (f"，入库 {batch.stored}" if batch.stored else "")
