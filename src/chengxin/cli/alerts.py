"""`chengxin alerts`: find reminders and warnings, list them, acknowledge them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from chengxin.cli.common import out, print_json, refuse, refusing, system_user

app = typer.Typer(help="提醒和预警。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="以 JSON 回答")]


@app.command()
def run(
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="按这一天（默认：今天）")] = None,
    json: Json = False,
) -> None:
    """The daily work of supervision: follow the register, end terms, match measures, find alerts. Safe to run twice."""
    with refusing(json):
        from django.utils import timezone

        from chengxin.accounts.actors import operator
        from chengxin.accounts.rules import require
        from chengxin.supervision import jobs

        actor = operator(system_user())
        require(actor, "supervision.run", None)
        work = asdict(jobs.daily(on.date() if on else timezone.localdate(), actor.name))
    if json:
        print_json(work)
        return
    out.print(
        f"跟进变更 {work['changes']} 条；名单移出 {work['ended']}、同步列入 {work['mirrored']}、同步移出 {work['removed']}；"
        f"措施新增 {work['began']}、终止 {work['lifted']}；新提醒 {work['alerts']} 条", highlight=False
    )  # fmt: skip
    for rule, why in work["not_run"].items():
        out.print(f"  规则 {rule} 没有运行：{why}", highlight=False)


@app.command("list")
def list_command(
    receiver: Annotated[str, typer.Option(help="subject、department 或者 city")] = "",
    to: Annotated[str, typer.Option(help="谁的：统一社会信用代码、单位编号、四位地区代码")] = "",
    rule: Annotated[str, typer.Option(help="规则")] = "",
    all_: Annotated[bool, typer.Option("--all", help="也列出已经看过的")] = False,
    json: Json = False,
) -> None:
    """List alerts, the newest first."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.supervision import looking
        from chengxin.supervision.alerts.queries import copies

        found = list(copies(receiver=receiver, to=to, rule=rule, unseen=not all_)[:1000])
        looking.note_alerts(operator(system_user()), found)
        rows = [
            {
                "id": c.pk, "rule": c.alert.rule, "receiver": c.receiver, "to": c.to, "about": c.alert.whom,
                "found_on": c.alert.found_on, "text": c.alert.text, "text_en": c.alert.text_en,
                "seen_on": c.seen_on, "cause": c.alert.cause,
            }
            for c in found
        ]  # fmt: skip
    if json:
        print_json(rows)
        return
    for r in rows:
        out.print(f"{r['id']:>6} {r['found_on']} → {r['receiver']} {r['to']}：{r['text']}", highlight=False)


@app.command()
def ack(
    id: Annotated[int, typer.Argument(help="提醒的编号")],
    as_: Annotated[str | None, typer.Option("--as", help="办理人（默认：系统用户）")] = None,
    json: Json = False,
) -> None:
    """Say that an alert has been seen."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.supervision.alerts.actions import acknowledge
        from chengxin.supervision.models import AlertCopy

        copy = AlertCopy.objects.filter(pk=id).first()
        if copy is None:
            refuse(f"没有编号 {id} 的提醒。", as_json=json)
        copy = acknowledge(operator(as_ or system_user()), copy)
    print_json({"id": id, "seen_on": copy.seen_on}) if json else out.print(f"✓ {id} 已看", highlight=False)
