"""`chengxin demo`: an invented province with people, submissions, records and cases, taken in on the path of everything.

Two sizes: the files of `examples/` alone (quick, for tests), or a whole province before them, whose departments have
reported for most of a year and whose people have been at work (`stories`), all as of the days on which it happened.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from chengxin.accounts import demonstration
from chengxin.accounts.demonstration import Demonstration
from chengxin.cli.common import out, refuse
from chengxin.cli.demo import people
from chengxin.cli.demo.people import STEWARD, auditor, reporter
from chengxin.cli.demo.submitting import FINAL, Example, carry_on, examples, key_of, known, line

if TYPE_CHECKING:
    from chengxin.collection.models import Batch

__all__ = ["SUBJECTS", "Example", "auditor", "examples", "prepare", "reporter"]

SUBJECTS = 20_400
"""How many organisations the province has; some nineteen in twenty of them are in the registers."""
SEED = 20261121


def prepare(subjects: int = 0) -> None:
    """Make the demo's people and their province, submit every example; a second run changes nothing and takes a moment.

    Only on a store that is empty or was made by the demo: the people share a password that is printed here.
    """
    mark = _claim()
    if not mark.people:
        mark.people = people.settle(mark.password)
        _keep(mark)
    if subjects:
        from chengxin.cli.demo.living import live

        live(mark, subjects, SEED, _keep)
    waiting = _take_in(examples())
    _tell(mark.password, waiting)


def _claim() -> Demonstration:
    """The demo's mark: made once for each store, refused for a store that holds other people's work."""
    import os
    import secrets

    from django.conf import settings

    from chengxin.accounts.models import User
    from chengxin.collection.models import Batch

    if mark := demonstration.read(Path(settings.HOME)):
        return mark
    if User.objects.exists() or Batch.objects.exists():
        refuse("这个库里已经有人员或批次，不是示例库，不在其中建示例。请另指定一个空的 CHENGXIN_HOME 再试。")
    mark = Demonstration(os.environ.get("CHENGXIN_DEMO_PASSWORD") or f"demo-{secrets.token_hex(4)}")
    _keep(mark)
    return mark


def _keep(mark: Demonstration) -> None:
    from django.conf import settings

    demonstration.write(Path(settings.HOME), mark)


def _take_in(files: list[Example]) -> list[Batch]:
    """Submit, check, release and store what is not there yet; returns the batches that wait for a person."""
    from chengxin.collection.models import State

    waiting, earlier = [], known()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("示例数据", total=len(files))
        for example in files:
            progress.update(task, description=f"{example.path.name} …")
            key = key_of(example.path)
            batch = earlier.get((example.source, key))
            if batch is None or batch.state not in FINAL:
                before = batch.state if batch else None
                batch = carry_on(example, key)
                if batch.state != before:
                    progress.console.print(line(example, batch), highlight=False, soft_wrap=True)
            if batch.state == State.CHECKED:
                waiting.append(batch)
            progress.advance(task)
    return waiting


def _tell(password: str, waiting: list[Batch]) -> None:
    """What a visitor can try."""
    out.print("\n可以试试：", highlight=False)
    out.print(f"  查名称“云岭”（两个字即可），或者查代码 {_telling_code()}", highlight=False)
    ecology = "ecology-environment"
    some = f"{reporter(ecology)}（报送）、{auditor(ecology)}（审核）、{STEWARD}（数据管理）"
    out.print(f"  登录名 {some}；登录页上可以挑选各种角色", highlight=False, soft_wrap=True)
    out.print(f"  密码都是 {password}（只在这个示例库里有效）", highlight=False)
    for batch in waiting:
        out.print(f"  批次 {batch.number} 等待审核：以 {auditor(batch.source_id)} 登录后放行或退回", highlight=False)


def _telling_code() -> str:
    """The code of a registered subject with many and various records."""
    from django.db.models import Count

    from chengxin.registry.models import Subject
    from chengxin.tools.generator.examples import STORY

    subjects = Subject.objects.filter(provisional=False)
    if told := subjects.filter(name=STORY["name"]).values_list("code", flat=True).first():
        return str(told)
    various = subjects.annotate(kinds=Count("records__item", distinct=True), total=Count("records"))
    found = various.order_by("-kinds", "-total", "code").first()
    return found.code if found else "（还没有主体）"
