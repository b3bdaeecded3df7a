"""`chengxin remind` and `chengxin bulletin`: what the centre asks of source units, and the month told (R-047, R-054, R-060).

The same verbs and rights as the pages of the workbench and the API; `--as` names who acts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from chengxin.cli.case_common import As, Json, actor_named
from chengxin.cli.common import out, print_json, refuse, refusing

if TYPE_CHECKING:
    from chengxin.accounts.actors import Actor
    from chengxin.collection.models import Bulletin, Reminder

remind = typer.Typer(help="催报和督办：列出疑似漏报、催报、回复、办结。", no_args_is_help=True)
bulletin = typer.Typer(help="月通报：生成、发布、导出。", no_args_is_help=True)
Month = Annotated[str, typer.Argument(help="月份，例如 2026-11")]
Number = Annotated[int, typer.Argument(min=1, help="催报的编号，见 chengxin remind list")]
By = Annotated[datetime, typer.Option("--by", formats=["%Y-%m-%d"], help="请在此日期前回复")]


@contextmanager
def _desk(json: bool) -> Iterator[None]:
    """Everything that can be refused leaves with exit code 2 and one sentence, also a month that cannot be measured."""
    with refusing(json):
        from django.core.exceptions import ObjectDoesNotExist

        from chengxin.collection.quality import BadMonth
        from chengxin.policy.policies import UnknownPolicy

        try:
            yield
        except BadMonth as wrong:
            refuse(str(wrong), as_json=json)
        except UnknownPolicy:
            refuse("这个月没有现行的数据质量目标，请换一个月份。", as_json=json)
        except ObjectDoesNotExist:
            refuse("没有这一件，或者您看不到它。", as_json=json)


@remind.command("suspects")
def suspects(month: Month, json: Json = False) -> None:
    """What looks missing, late or faulty in a month, with the words by which it is asked about."""
    with _desk(json):
        from chengxin.collection.quality import suspected

        found = suspected(month)
    if json:
        names = ("source", "item", "defect", "reason")
        print_json([{name: getattr(s, name) for name in names} for s in found])
        return
    for suspect in found:
        about = f"{suspect.source}:{suspect.item}:{suspect.defect}"
        out.print(f"{about}  {suspect.call}", highlight=False)


@remind.command("ask")
def ask(
    month: Month,
    about: Annotated[list[str], typer.Option(help="单位:目录项:问题，见 chengxin remind suspects，可以写几次")],
    by: By,
    level: Annotated[str, typer.Option(help="remind 催报，supervise 督办")] = "remind",
    remark: Annotated[str, typer.Option(help="另外的要求")] = "",
    as_: As = None,
    json: Json = False,
) -> None:
    """Ask source units about what looks wrong; what was asked before at this level is not asked again."""
    named = [tuple(text.split(":")) for text in about]
    if wrong := next((text for text in about if text.count(":") != 2), None):
        refuse(f"--about 写的是「{wrong}」，应为：单位:目录项:问题。", as_json=json)
    with _desk(json):
        from chengxin.collection.reminders import Asking, ask_about

        asking = Asking(level, by.date(), remark.strip())
        made = ask_about(actor_named(as_), month, named, asking)  # type: ignore[arg-type]  # three words, as counted
        _show(made, json)


@remind.command("list")
def list_reminders(
    month: Annotated[str, typer.Option(help="月份")] = "",
    state: Annotated[str, typer.Option(help="open、answered 或 closed")] = "",
    source: Annotated[str, typer.Option(help="信源单位")] = "",
    as_: As = None,
    json: Json = False,
) -> None:
    """What was asked, of whom, by when, and what came back."""
    with _desk(json):
        from chengxin.collection import reminders

        wanted = {"month": month, "state": state, "source_id": source}
        rows = reminders.visible(actor_named(as_)).filter(**{k: v for k, v in wanted.items() if v})
        _show(list(rows), json)


@remind.command("answer")
def answer(
    number: Number,
    outcome: Annotated[str, typer.Option(help="sent 已补报，none 没有发生，later 正在办理")],
    words: Annotated[str, typer.Option(help="查了什么、怎么办的")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Answer for the source unit."""
    with _desk(json):
        from chengxin.collection import reminders

        actor = actor_named(as_)
        _show([reminders.answer(actor, _reminder(actor, number), outcome, words)], json)


@remind.command("close")
def close(number: Number, as_: As = None, json: Json = False) -> None:
    """Be content with the answer."""
    with _desk(json):
        from chengxin.collection import reminders

        actor = actor_named(as_)
        _show([reminders.close(actor, _reminder(actor, number))], json)


@remind.command("reopen")
def reopen(
    number: Number,
    remark: Annotated[str, typer.Option(help="为什么还不行，要对方再做什么")],
    by: By,
    as_: As = None,
    json: Json = False,
) -> None:
    """Ask again, with the reason and a new day."""
    with _desk(json):
        from chengxin.collection import reminders

        actor = actor_named(as_)
        _show([reminders.reopen(actor, _reminder(actor, number), remark, by.date())], json)


@bulletin.command("list")
def list_bulletins(as_: As = None, json: Json = False) -> None:
    """The bulletins that are out, and drafts for those who draw them up."""
    with _desk(json):
        from chengxin.collection import bulletin as bulletins

        found = [_line(row) for row in bulletins.visible(actor_named(as_))]
    if json:
        print_json(found)
        return
    for row in found:
        state = f"已发布 {row['published_at']:%Y-%m-%d}" if row["published_at"] else "草稿"
        out.print(f"{row['month']}  {state}  {row['sha256']}", highlight=False)


@bulletin.command("prepare")
def prepare(
    month: Month,
    foreword: Annotated[str, typer.Option(help="前言")] = "",
    as_: As = None,
    json: Json = False,
) -> None:
    """Draw up the bulletin of a month, or draw it up anew while it is not out."""
    with _desk(json):
        from chengxin.collection import bulletin as bulletins

        _told(bulletins.prepare(actor_named(as_), month, foreword), "已生成草稿，请另一位数据管理员看过后发布", json)


@bulletin.command("publish")
def publish(
    month: Month,
    sha256: Annotated[str, typer.Option(help="看过的那一份的 SHA-256：只发布那一份")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Let a bulletin out as it was read: by somebody else than who drew it up."""
    with _desk(json):
        from chengxin.collection import bulletin as bulletins

        actor = actor_named(as_)
        _told(bulletins.publish(actor, _bulletin(actor, month), sha256), "已发布", json)


@bulletin.command("export")
def export(
    month: Month,
    to: Annotated[Path, typer.Option("--out", help="写到哪个文件：按后缀写成 .pdf、.xlsx 或者 .json")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Write a bulletin to a file: PDF, workbook, or the snapshot they are both made from."""
    with _desk(json):
        from chengxin.collection import bulletin_files

        found = _bulletin(actor_named(as_), month)
        make = {
            ".pdf": lambda: bulletin_files.pdf(found),
            ".xlsx": lambda: bulletin_files.workbook(found),
            ".json": found.snapshot.encode,
        }.get(to.suffix.lower())
        if make is None:
            refuse(f"不会写「{to.suffix}」：请用 .pdf、.xlsx 或者 .json。", as_json=json)
        to.write_bytes(make())
        _told(found, f"→ {to}", json)


def _reminder(actor: Actor, number: int) -> Reminder:
    from chengxin.collection import reminders

    return reminders.visible(actor).get(pk=number)


def _bulletin(actor: Actor, month: str) -> Bulletin:
    from chengxin.collection import bulletin as bulletins

    return bulletins.visible(actor).get(month=month)


def _line(row: Bulletin) -> dict[str, Any]:
    names = ("month", "sha256", "prepared_by", "prepared_at", "published_by", "published_at")
    return {name: getattr(row, name) for name in names}


def _told(row: Bulletin, words: str, json: bool) -> None:
    if json:
        print_json(_line(row))
    else:
        out.print(f"✓ {row.month}：{words}  SHA-256 {row.sha256}", highlight=False, soft_wrap=True)


def _show(rows: list[Reminder], json: bool) -> None:
    names = ("month", "item", "defect", "reason", "level", "state", "answer_by", "outcome", "answer")
    if json:
        print_json([{"id": r.pk, "source": r.source_id, **{n: getattr(r, n) for n in names}} for r in rows])
        return
    table = Table("编号", "月份", "单位", "目录项", "原因", "怎么催", "状态", "期限", "回复", box=None, pad_edge=False)
    for r in rows:
        told = (r.month, r.source_id, r.item, r.reason, r.get_level_display(), r.get_state_display(), r.answer_by)
        table.add_row(str(r.pk), *map(str, told), r.answer)
    out.print(table)
