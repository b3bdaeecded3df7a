"""`chengxin submit` and `chengxin quality`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user

if TYPE_CHECKING:
    from chengxin.collection.models import Batch


def submit(
    file: Annotated[Path, typer.Argument(help="要报送的文件（CSV、XLSX、JSON Lines、Parquet）")],
    item: Annotated[str, typer.Option(help="目录项，例如 penalty")],
    source: Annotated[str, typer.Option(help="信源单位，例如 ecology-environment")],
    as_: Annotated[str | None, typer.Option("--as", help="报送人（默认：系统用户）")] = None,
    release_as: Annotated[str | None, typer.Option(help="审核人；给出时校验后立即放行，不能与报送人相同")] = None,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 回答")] = False,
) -> None:
    """Submit a file: every row is checked and answered; with --release-as the good rows are stored at once."""
    setup()
    need_store(json)
    from chengxin.accounts.actors import operator
    from chengxin.collection import actions, jobs
    from chengxin.collection.models import State
    from chengxin.collection.queries import answer

    reporter = as_ or system_user()
    if release_as is not None and release_as == reporter:
        refuse("报送人和审核人不能是同一个人：--as 与 --release-as 写了同一个名字。", as_json=json)
    if not file.is_file():
        refuse(f"找不到文件 {file}", as_json=json)
    submission = actions.Submission(item=item, source=source, file_name=file.name, channel="cli")
    try:
        with file.open("rb") as stream:
            batch = actions.submit(operator(reporter), submission, stream)
        batch = jobs.see_through(batch)
        if release_as is not None and batch.state == State.CHECKED:
            batch = jobs.see_through(actions.release(operator(release_as), batch))
    except (actions.NotAccepted, actions.Denied, actions.WrongState) as error:
        refuse(str(error), as_json=json)
    if json:
        print_json(answer(batch))
    else:
        _show(batch)
    if batch.state in (State.REFUSED, State.WAITING):
        raise typer.Exit(2)


def _show(batch: Batch) -> None:
    from chengxin.collection.queries import answer

    receipt = answer(batch)["receipt"]
    out.print(f"批次 [bold]{batch.number}[/] · {batch.item} · {batch.source.name} · {batch.get_state_display()}")
    if batch.reason:
        out.print(f"  {batch.reason}", highlight=False)
    if not batch.received:
        return
    out.print(
        f"  收到 {batch.received} 行：入库 {batch.stored}（新增 {batch.created}、更新 {batch.updated}、"
        f"未变 {batch.unchanged}），不予入库 {batch.rejected}，重复 {batch.repeated}，"
        f"存疑 {batch.doubtful}，提醒 {batch.warned} · {batch.seconds:.1f} 秒"
    )
    if batch.faults:
        table = Table("规则", "栏目", "级别", "行数", box=None, pad_edge=False, padding=(0, 2))
        for fault in batch.faults[:12]:
            table.add_row(fault["rule"], fault["field"], fault["level"], str(fault["count"]))
        out.print(table)
    if receipt:
        out.print(f"  回执：{receipt}", soft_wrap=True, highlight=False)


def quality(
    month: Annotated[str | None, typer.Option(help="月份，例如 2026-11（默认：本月）")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Data quality per source unit and item: intake, compliance, timeliness and doubt rates, omissions, dunning list."""
    setup()
    need_store(json)
    from django.utils import timezone

    from chengxin.collection.quality import BadMonth, monthly

    try:
        report = monthly(month or f"{timezone.localdate():%Y-%m}")
    except BadMonth as error:
        refuse(str(error), as_json=json)
    if json:
        print_json(report.as_dict())
        return
    table = Table(
        "信源单位",
        "目录项",
        "上报",
        "入库",
        "入库率",
        "合规率",
        "及时率",
        "存疑率",
        title=f"数据质量 {report.month}",
    )
    for line in report.lines:
        rates = [
            f"{r:.1%}" if r is not None else "—" for r in (line.intake, line.compliance, line.timeliness, line.doubt)
        ]
        table.add_row(line.source_name, line.item_label, str(line.reported), str(line.stored), *rates)
    out.print(table)
    for call in report.dunning:
        out.print(f"  催报：{call}", highlight=False)
