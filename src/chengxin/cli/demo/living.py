"""The past of the demo's province, day by day: what the departments reported, what happened to it, what followed."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from chengxin.accounts.demonstration import Demonstration
from chengxin.cli.common import out
from chengxin.cli.demo import people
from chengxin.cli.demo.clock import at
from chengxin.cli.demo.stories import Event, Scene, cases, looks, news, practitioners, supervision
from chengxin.cli.demo.submitting import Example, carry_on
from chengxin.tools.generator.province import Sent

log = logging.getLogger(__name__)
_FOLLOWED = (38,)
"""So many days ago the grades, lists and measures were brought up to date for the first time."""


def live(mark: Demonstration, subjects: int, seed: int, keep: Callable[[Demonstration], None]) -> None:
    """Let everything happen that has not happened yet; after each event it is noted, so that a second run goes on."""
    if "alive" in mark.done:
        return
    from django.utils import timezone

    from chengxin.tools.generator.examples import story

    firm = story().row(0, named=True)
    scene = Scene(timezone.localdate(), firm["code"], firm["name"], mark.kept)
    with tempfile.TemporaryDirectory() as folder, out.status(f"生成一个虚构省份：{subjects:,} 个主体……"):
        sent = list(_reports(subjects, seed, scene, Path(folder)))
        happening = sorted([*sent, *_told(scene, mark, firm["person"])], key=lambda e: (e.day, e.hour))
        _happen([e for e in happening if e.name not in mark.done], mark, keep)
    mark.done = ["alive"]
    keep(mark)


def _happen(events: list[Event], mark: Demonstration, keep: Callable[[Demonstration], None]) -> None:
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with _uncounted(), Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("", total=len(events))
        for event in events:
            progress.update(task, description=f"{event.day} {event.label}")
            with at(event.day, event.hour):
                _try(event)
            mark.done.append(event.name)
            keep(mark)
            progress.advance(task)


@contextmanager
def _uncounted() -> Iterator[None]:
    """What the home page counts is counted once at the end, by whoever follows the register, not after every file."""
    from chengxin.registry import tallies

    real = tallies.follow
    tallies.follow = lambda: False
    try:
        yield
    finally:
        tallies.follow = real


def _try(event: Event) -> None:
    """A story that cannot be told as it was meant to leaves the others alone."""
    try:
        event.run()
    except Exception as fault:
        log.warning("示例情节「%s」没有发生：%s: %s", event.name, type(fault).__name__, fault)


def _reports(subjects: int, seed: int, scene: Scene, folder: Path) -> Iterator[Event]:
    """One event for each file of the province."""
    from chengxin.registry.packs import policies
    from chengxin.tools.generator.examples import story
    from chengxin.tools.generator.province import province

    for number, sent in enumerate(province(subjects, seed, scene.today, policies(), story())):
        name = f"sent-{number}"
        yield Event(name, sent.day, partial(_send, sent, folder, name), 9, f"{sent.source} 报送 {sent.item}")


def _send(sent: Sent, folder: Path, name: str) -> None:
    """Write the file as the department would, and take it in; on a working day or not, offices have their machines."""
    place = folder / name
    place.mkdir(exist_ok=True)
    file = place / f"{sent.item}-{sent.source}-{sent.day:%Y%m%d}.csv"
    sent.frame.write_csv(file)
    carry_on(Example(file, sent.item, sent.source), f"demo:{name}")


def _told(scene: Scene, mark: Demonstration, person: str) -> Iterator[Event]:
    """The stories, and what follows the register on its own."""
    from datetime import timedelta

    def settle() -> None:
        own = [*people.speak_for(scene.code, scene.name, person, mark.password), practitioners.settle(mark.password)]
        mark.people = [*own, *mark.people]

    yield Event("speaks", scene.today - timedelta(days=120), settle, 12, "企业代表实名认证")
    for days in _FOLLOWED:
        yield Event(f"followed-{days}", scene.ago(days), _follow, 22, "评价、名单、措施和日志跟上登记库")
    for story in (cases, supervision, looks, practitioners, news):
        yield from story.events(scene)


def _follow() -> None:
    from chengxin.cli.following import Follower

    Follower("worker").changes()
