"""`chengxin case …` for those who look after the room: receivers, notices, samples, figures."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from chengxin.cli.case_common import As, Json, On, acting, actor_named, day_of
from chengxin.cli.common import out, print_json, system_user


def laggards(on: On = None, json: Json = False) -> None:
    """Receivers that have not acknowledged in time, or did so late."""
    with acting(json):
        from django.utils import timezone

        from chengxin.cases import fanout

        behind = fanout.laggards(day_of(on) or timezone.localdate())
        if json:
            print_json([vars(x) for x in behind])
            return
        for x in behind:
            out.print(f"{x.label}（{x.receiver}）：{x.overdue} 条逾期未回执，{x.late} 条迟回执", highlight=False)


def receiver(
    id: Annotated[str, typer.Argument(help="接收方，见 policies/jiangsu/receivers.toml")],
    folder: Annotated[Path | None, typer.Option(help="双方都能读写的文件夹")] = None,
    url: Annotated[str, typer.Option(help="接收 JSON 的地址")] = "",
    paused: Annotated[bool | None, typer.Option("--pause/--resume", help="暂停或恢复送达")] = None,
    json: Json = False,
) -> None:
    """Where a receiver can be reached; without options, say it."""
    with acting(json):
        from chengxin.cases import settingup

        made = settingup.set_receiver(system_user(), id, folder=folder, url=url, paused=paused)
        answer = {"id": made.pk, "channel": made.channel, "address": made.address, "paused": made.paused}
        if json:
            print_json(answer)
        else:
            out.print(f"{made.pk}：{made.channel} {made.address or '（本机数据文件夹）'}", highlight=False)


def notices(as_: As = None, json: Json = False) -> None:
    """Reminders, dunning and supervision for one's roles, of cases that are still open."""
    with acting(json):
        from chengxin.cases import queries

        rows = [
            {"day": n.day, "kind": n.kind, "count": n.count, "case": n.case.number, "clock": n.term.clock,
             "due_on": n.term.due_on, "role": n.role, "organisation": n.organisation}
            for n in queries.notices_for(actor_named(as_))[:500]
        ]  # fmt: skip
        if json:
            print_json(rows)
            return
        for r in rows:
            out.print(f"{r['day']} {r['kind']} {r['case']} 期限 {r['due_on']} → {r['organisation']} {r['role']}")


def sample(
    procedure: Annotated[str, typer.Argument(help="办件种类，例如 repair")],
    count: Annotated[int, typer.Option(min=1, help="抽多少件")],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="办结日期从")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="办结日期到")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Draw closed cases at random, to check their reviews."""
    with acting(json):
        from chengxin.cases import sampling

        drawn = sampling.draw(actor_named(as_), procedure, count, since=since.date(), until=until.date())
        numbers = [s.case.number for s in drawn]
        if json:
            print_json(numbers)
        else:
            out.print("、".join(numbers) or "没有可抽的办件", highlight=False)


def judge(
    number: Annotated[str, typer.Argument(help="被抽中的办件编号")],
    wrong_step: Annotated[str, typer.Option("--wrong", help="哪一环节有差错；没有差错不写")] = "",
    finding: Annotated[str, typer.Option(help="理由")] = "",
    as_: As = None,
    json: Json = False,
) -> None:
    """Say whether a sampled case was reviewed rightly."""
    with acting(json):
        from chengxin.cases import sampling

        found = sampling.judge(actor_named(as_), number, wrong_step=wrong_step, finding=finding)
        if json:
            print_json({"case": number, "wrong_step": found.wrong_step or None, "finding": found.finding})
        else:
            out.print(f"{number}：{'有差错' if found.wrong_step else '无差错'}", highlight=False)


def stats(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="从哪一天")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="到哪一天")],
    json: Json = False,
) -> None:
    """On-time, reversal and review-error rates, procedure by procedure."""
    with acting(json):
        from chengxin.cases.statistics import figures

        found = figures(since.date(), until.date())
        if json:
            print_json([f.as_dict() for f in found])
            return
        table = Table(
            "办件", "新收", "办结", "在办", "逾期", "按期率", "改判率", "核查差错率", box=None, pad_edge=False
        )
        for f in found:
            rates = [f"{r:.1%}" if r is not None else "—" for r in (f.on_time, f.reversal, f.review_error)]
            table.add_row(f.label, str(f.opened), str(f.closed), str(f.pending), str(f.overdue), *rates)
        out.print(table)
