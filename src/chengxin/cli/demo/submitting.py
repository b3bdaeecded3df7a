"""`chengxin demo`: an invented province with people, submissions and records, taken in on the same path as everything."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from chengxin.cli.common import out, refuse
from chengxin.paths import repo_root

if TYPE_CHECKING:
    from chengxin.collection.models import Batch

STEWARD = "demo-steward"
_MARK = "demo.json"


@dataclass(frozen=True)
class Example:
    """A file of `examples/`: for which item, from which source unit, and whether the demo also releases it."""

    path: Path
    item: str
    source: str
    release: bool = True


def reporter(agency: str) -> str:
    """The sign-in name of the demo's person who reports for a department."""
    return f"demo-{agency}-reporter"


def auditor(agency: str) -> str:
    """The sign-in name of the demo's person who releases what the department's reporter sent."""
    return f"demo-{agency}-auditor"


def examples(folder: Path | None = None) -> list[Example]:
    """The files of `examples/manifest.toml`, in its order."""
    folder = folder or (repo_root() or Path.cwd()) / "examples"
    listed = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))["file"]
    return [Example(folder / f["name"], f["item"], f["source"], f.get("release", True)) for f in listed]


def prepare() -> None:
    """Make the demo's people, submit every example and release it; a second run changes nothing and takes a moment.

    Only on a store that is empty or was made by the demo: the people share a password that is printed here.
    """
    password = _claim()
    _make_people(password)
    waiting = _take_in(examples())
    _tell(password, waiting)


def _claim() -> str:
    """The demo's password: made once for each store, kept beside it, refused for a store that holds other people's work."""
    from django.conf import settings

    from chengxin.accounts.models import User
    from chengxin.collection.models import Batch

    mark = Path(settings.HOME) / _MARK
    if mark.exists():
        return str(json.loads(mark.read_text("utf-8"))["password"])
    if User.objects.exists() or Batch.objects.exists():
        refuse("这个库里已经有人员或批次，不是示例库，不在其中建示例。请另指定一个空的 CHENGXIN_HOME 再试。")
    password = os.environ.get("CHENGXIN_DEMO_PASSWORD") or f"demo-{secrets.token_hex(4)}"
    handle = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"password": password}, file)
    return password


def _make_people(password: str) -> None:
    """A reporter and an auditor for each department and a steward for the centre, all marked as examples."""
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from chengxin.accounts.actions import make_user
    from chengxin.accounts.models import Organisation, Role, User

    if User.objects.filter(username=STEWARD).exists():
        return
    hashed = make_password(password)  # once for all: a good hash takes half a second
    with transaction.atomic():
        for agency in Organisation.objects.all():
            make_user(reporter(agency.pk), f"（示例）{agency.name}报送人", None, [(agency.pk, Role.REPORTER)])
            make_user(auditor(agency.pk), f"（示例）{agency.name}审核人", None, [(agency.pk, Role.AUDITOR)])
        make_user(STEWARD, "（示例）数据管理员", None, [("centre", Role.STEWARD)])
        User.objects.filter(username__startswith="demo-").update(password=hashed)


def _take_in(files: list[Example]) -> list[Batch]:
    """Submit, check, release and store what is not there yet; returns the batches that wait for a person."""
    from chengxin.collection.models import State

    waiting, known = [], _known()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("示例数据", total=len(files))
        for example in files:
            progress.update(task, description=f"{example.path.name} …")
            key = f"demo:{hashlib.sha256(example.path.read_bytes()).hexdigest()[:32]}"
            batch = known.get((example.source, key))
            if batch is None or batch.state not in _FINAL:
                before = batch.state if batch else None
                batch = _carry_on(example, key)
                if batch.state != before:
                    progress.console.print(_line(example, batch), highlight=False, soft_wrap=True)
            if batch.state == State.CHECKED:
                waiting.append(batch)
            progress.advance(task)
    return waiting


_FINAL = ("stored", "refused", "returned", "withdrawn")


def _known() -> dict[tuple[str, str], Batch]:
    from chengxin.collection.models import Batch

    earlier = Batch.objects.filter(idempotency_key__startswith="demo:").select_related("source")
    return {(b.source_id, b.idempotency_key): b for b in earlier}


def _carry_on(example: Example, key: str) -> Batch:
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


def _line(example: Example, batch: Batch) -> str:
    name = f"  {example.path.name:<48}"
    if batch.reason:
        return f"{name}{batch.get_state_display()}：{batch.reason}"
    told = f"收到 {batch.received}，不予入库 {batch.rejected}，存疑 {batch.doubtful}，提醒 {batch.warned}"
    return f"{name}{batch.get_state_display()}：{told}" + (f"，入库 {batch.stored}" if batch.stored else "")


def _tell(password: str, waiting: list[Batch]) -> None:
    """What a visitor can try."""
    out.print("\n可以试试：", highlight=False)
    out.print(f"  查名称“云岭”（两个字即可），或者查代码 {_telling_code()}", highlight=False)
    people = (
        f"{reporter('ecology-environment')}（报送）、{auditor('ecology-environment')}（审核）、{STEWARD}（数据管理）"
    )
    out.print(f"  登录名 {people}；其他单位把名字中间换成单位编号", highlight=False, soft_wrap=True)
    out.print(f"  密码都是 {password}（只在这个示例库里有效）", highlight=False)
    for batch in waiting:
        out.print(f"  批次 {batch.number} 等待审核：以 {auditor(batch.source_id)} 登录后放行或退回", highlight=False)


def _telling_code() -> str:
    """The code of a registered subject with many and various records."""
    from django.db.models import Count

    from chengxin.registry.models import Subject

    known = Subject.objects.filter(provisional=False)
    various = known.annotate(kinds=Count("records__item", distinct=True), total=Count("records"))
    found = various.order_by("-kinds", "-total", "code").first()
    return found.code if found else "（还没有主体）"
