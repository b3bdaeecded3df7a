"""`chengxin evaluate`: grade everybody by a model."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user


class Engine(StrEnum):
    """Where the statement runs."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def evaluate(
    model: Annotated[str, typer.Argument(help="评价模型的编号，例如 ecology-environment")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="按那一天评定，只看不存")] = None,
    engine: Annotated[Engine, typer.Option(help="在本机运行，还是交给 Spark 集群")] = Engine.DUCKDB,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Grade every subject in the scope of a model; today's grades are stored, those of another day only shown."""
    setup()
    need_store(json)
    from chengxin.accounts.actors import operator
    from chengxin.accounts.refusals import Refusal
    from chengxin.evaluation.actions import evaluate as run
    from chengxin.policy.policies import UnknownPolicy

    try:
        done = run(model, operator(system_user()), as_of=as_of.date() if as_of else None, engine=engine.value)
    except (UnknownPolicy, Refusal) as refusal:
        refuse(str(refusal), as_json=json)
    if json:
        print_json(
            {
                "model": done.model,
                "version": done.version,
                "day": done.day.isoformat(),
                "subjects": done.subjects,
                "grades": done.grades,
                "seconds": round(done.seconds, 3),
                "stored": done.stored,
                "changed": done.changed,
                "waiting": done.waiting,
            }
        )
        return
    out.print(
        f"{done.model}（{done.version}）{done.day}：参评 {done.subjects} 个，用时 {done.seconds:.1f} 秒",
        highlight=False,
    )
    table = Table("等级", "主体数", box=None, pad_edge=False, padding=(0, 2))
    for grade, count in done.grades.items():
        table.add_row(grade, f"{count:,}")
    out.print(table)
    out.print(f"存入变动 {done.changed} 条。" if done.stored else "不是今天，没有存入。")
    for step, count in done.waiting.items():
        out.print(f"有 {count:,} 个结果要先经过“{step}”这一步，办完才生效（chengxin verify {done.model}）。")


def follow(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Grade again whomever something has touched since the last time: changes of the register, and the calendar."""
    setup()
    need_store(json)
    from chengxin.accounts.actors import operator
    from chengxin.evaluation.jobs import follow as run

    found = run(operator(system_user()))
    if json:
        print_json([vars(f) for f in found])
        return
    for f in found:
        out.print(
            f"{f.model}：{f.kind}，涉及 {f.touched} 个，变动 {f.changed} 条，等级变动 {f.moved} 个，{f.seconds:.2f} 秒"
        )
