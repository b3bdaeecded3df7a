"""`chengxin subject`, `chengxin due` and `chengxin open-data`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user


def subject(
    code: Annotated[str, typer.Argument(help="统一社会信用代码，或主体曾用的其他编号")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="按那一天结束时登记库的记载")] = None,
    purpose: Annotated[str, typer.Option(help="为什么查看，主体可以看到")] = "运行维护",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The credit profile of a subject as the operator sees it: everything, with what the public sees marked.

    The subject sees the look, under the machine's account and with this purpose (G-10).
    """
    setup()
    need_store(json)
    from chengxin.audit.actions import record as trace
    from chengxin.registry.looks import note_operator
    from chengxin.registry.profile import operator_profile

    profile = operator_profile(code, as_of=as_of.date() if as_of else None)
    if profile is None:
        refuse(f"登记库里没有 {code} 这个主体。", as_json=json)
    trace(system_user(), "subject.look", "subject", profile["code"], purpose="operator", channel="cli")
    note_operator(system_user(), profile["code"], purpose, [record["item"] for record in profile["records"]])
    if json:
        print_json(profile)
    else:
        _show(profile)


def _show(profile: dict[str, Any]) -> None:
    out.print(
        f"[bold]{profile['name']}[/]  {profile['code']}  {'（临时主体，尚未登记）' if profile['provisional'] else ''}"
    )
    if profile["former_names"]:
        out.print(f"  曾用名：{'、'.join(profile['former_names'])}")
    if profile["unknown_items"]:
        out.print(f"  政策包里已经没有这些目录项，它们的记录没有列出：{'、'.join(profile['unknown_items'])}")
    table = Table(
        "目录项", "摘要", "日期", "程度", "状态", "存疑", "公示至", "来源", box=None, pad_edge=False, padding=(0, 2)
    )
    for record in profile["records"]:
        table.add_row(
            record["item_label"],
            record["title"] or "",
            str(record["decided_on"] or ""),
            record["severity_label"],
            record["standing_label"],
            "是" if record["held"] else "",
            str(record["public_until"] or ("—" if not record["publish"] else "长期")),
            record["source_name"],
        )
    out.print(table)


_DUE = ("register", "evidence", "evaluation", "supervision", "cases", "deliveries", "looks")
"""What `due` does of the daily work, by the names of `following`; it stops at the first that fails."""


def due(
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="处理到这一天（默认：今天）")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The daily work: publicity that has ended, records whose time of keeping is over, grades and lists that time moves,
    alerts, clocks of cases (reminders, supervision, steps that time takes), deliveries to receivers. Safe to run twice."""
    setup()
    need_store(json)
    from django.utils import timezone

    from chengxin.accounts.actors import operator
    from chengxin.cases import fanout
    from chengxin.cases import jobs as cases
    from chengxin.cli.following import retire_files, told
    from chengxin.evaluation import jobs as evaluation
    from chengxin.registry import due as daily
    from chengxin.registry import looks
    from chengxin.supervision import jobs as supervision

    day: date = on.date() if on else timezone.localdate()
    done = daily.run(day, system_user())
    files = retire_files(day, system_user())
    graded = evaluation.follow(operator(system_user()), day=day)
    supervised = supervision.daily(day, system_user())
    clocks = cases.run(day, system_user())
    sent = fanout.run()
    looks.purge(system_user(), day)
    told(system_user(), day, _DUE, len(_DUE))
    answer = {"day": day.isoformat(), "publicity_ended": done.publicity_ended, "archived": done.archived}
    answer |= {"files_deleted": files, "erased": done.erased}
    answer |= {"grades": {g.model: g.moved for g in graded}, "supervision": vars(supervised)}
    answer |= {"cases": {k: v for k, v in vars(clocks).items() if k != "day"}, "deliveries": vars(sent)}
    if json:
        print_json(answer)
    else:
        out.print(f"{day}：公示期满 {done.publicity_ended} 条，转入档案 {done.archived} 条，到期删除原件 {files} 份")
        if done.erased:
            out.print(f"  个人信息：{'、'.join(done.erased)} 到期的已经删除，密文不能再打开")
        out.print(f"  评价：{sum(g.moved for g in graded)} 个等级有变化（{len(graded)} 个模型）")
        out.print(
            f"  名单和措施：期满移出 {supervised.ended}，措施生效 {supervised.began}，解除 {supervised.lifted}，"
            f"预警提醒 {supervised.alerts}"
        )
        for rule, why in supervised.not_run.items():
            out.print(f"  预警规则 {rule} 没有运行：{why}", highlight=False)
        out.print(f"  办件：提醒和催办 {clocks.reminders}，督办 {clocks.escalations}，期满自动办理 {clocks.steps}")
        out.print(f"  送达：送出 {sent.sent}，回执 {sent.acknowledged}，未能送达 {sent.failed}")


def open_data(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Make the files of open data anew from what is public today; a worker that stays does it once a day."""
    setup()
    need_store(json)
    from django.utils import timezone

    from chengxin.registry import open_data as files

    made = files.make(timezone.localdate())
    if json:
        print_json(made)
        return
    for item in made["items"]:
        out.print(f"{item['label']}：{item['rows']} 条")
    out.print(f"✓ 已写入 {files.folder()}，变更序号 {made['change']}。", highlight=False)
