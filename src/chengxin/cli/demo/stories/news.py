"""What the portal tells: written by one person, published by another (S-23, the procedure `publication`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from chengxin.cli.demo.people import EDITOR, PUBLISHER
from chengxin.cli.demo.stories import Event, Scene

_FILE = Path(__file__).with_name("news.csv")


def events(scene: Scene) -> Iterator[Event]:
    """The pieces of the stock, each published on the day it was written, and a draft that waits."""
    import polars as pl

    for number, row in enumerate(pl.read_csv(_FILE).iter_rows(named=True)):
        yield Event(f"news-{number}", scene.ago(row["days"]), _published(scene, number, row))
    yield Event("news-draft", scene.ago(1), lambda: _draft(scene, "draft", {
        "column": "通知公告", "title": "岁末信用服务窗口安排",
        "body": "十二月最后一周，信用服务窗口照常受理异议和修复申请；网上办理不受影响。"}))  # fmt: skip


def _published(scene: Scene, number: int, row: dict[str, str]) -> Callable[[], None]:
    def run() -> None:
        from chengxin.cases.actions import act

        name = f"news-{number}"
        _draft(scene, name, {**{k: row[k] for k in ("column", "title")}, "body": row["body"].replace("\\n", "\n")})
        act(scene.actor(PUBLISHER), scene.kept[name], "publish", reason="内容属实，可以发布。", key=f"demo-{name}-out")

    return run


def _draft(scene: Scene, name: str, form: dict[str, str]) -> None:
    from chengxin.cases.actions import Opening, open_case

    scene.kept[name] = open_case(scene.actor(EDITOR), Opening("publication", form=form, key=f"demo-{name}")).number
