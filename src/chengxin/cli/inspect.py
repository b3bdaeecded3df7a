"""`chengxin inspect`: plan, draw, verify, enter results, publish a random inspection (双随机、一公开)."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chengxin.cli.common import out, print_json, refuse, refusing, system_user

if TYPE_CHECKING:
    import polars as pl

    from chengxin.accounts.actors import Actor
    from chengxin.supervision.models import Plan

app = typer.Typer(help="双随机抽查：计划、抽取、核验、结果、公布。", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="PLAN", help="抽查计划的编号，例如 P000001")]
As = Annotated[str | None, typer.Option("--as", help="办理人（默认：系统用户）")]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 回答")]


@app.command()
def inspector(
    department: Annotated[str, typer.Argument(help="单位编号")],
    number: Annotated[str, typer.Argument(help="执法证号")],
    name: Annotated[str, typer.Argument(help="姓名")],
    employer: Annotated[list[str] | None, typer.Option(help="现在或者曾经任职单位的统一社会信用代码")] = None,
    recuse: Annotated[list[str] | None, typer.Option(help="应当回避的检查对象的统一社会信用代码")] = None,
    reason: Annotated[str, typer.Option(help="回避的理由")] = "",
    person: Annotated[str, typer.Option(help="本人的登录名：登录后看得到自己的检查任务")] = "",
    as_: As = None,
) -> None:
    """Register an inspector, their employers, and whom they must not inspect."""
    with refusing(False):
        from chengxin.supervision.inspection import actions

        row = actions.register_inspector(_actor(as_), department, number, name, employer or [], person=person)
        for code in recuse or []:
            actions.recuse(_actor(as_), row, code, reason)
    out.print(f"✓ {number} 已登记", highlight=False)


@app.command("plan")
def plan_command(
    policy: Annotated[str, typer.Argument(help="抽查办法，例如 ecology-environment")],
    title: Annotated[str, typer.Option(help="计划名称")],
    from_: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="开始日期")],
    to: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="结束日期")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Fix the pool by today's grades and lists, and commit to a seed: publish what this prints before the draw."""
    with refusing(json):
        from chengxin.supervision.inspection import actions
        from chengxin.supervision.inspection.queries import document

        made = actions.plan(_actor(as_), policy, title, from_.date(), to.date())
        told = document(made)
    told.pop("pool", None)
    if json:
        print_json(told)
        return
    out.print(f"[bold]{made.number}[/] {title}：名录库 {made.pool_size} 户")
    for s in made.strata:
        out.print(f"  {s['label']}：{s['size']} 户，比例 {s['ratio']}，抽 {s['k']} 户", highlight=False)
    for what, value in (("种子 SHA-256", made.seed_sha256), ("种子 SM3", made.seed_sm3), ("名录库 SHA-256", made.pool)):
        out.print(f"  {what:<14} {value}", highlight=False)


@app.command("draw")
def draw_command(
    plan: Number,
    beacon: Annotated[str, typer.Option(help="作计划时谁也不知道的公开数值，例如当天的开奖号码")] = "",
    as_: As = None,
    json: Json = False,
) -> None:
    """Draw subjects and inspectors, and reveal the seed."""
    with refusing(json):
        from chengxin.supervision import looking
        from chengxin.supervision.inspection import actions

        found = _plan(plan, json)
        count = actions.draw(_actor(as_), found, beacon)
        looking.note_tasks(_actor(as_), found.tasks.select_related("plan", "subject"))
    tasks = [
        {"code": t.code, "name": t.subject.name, "stratum": t.stratum, "obliged": t.obliged, "inspectors": t.inspectors}
        for t in found.tasks.select_related("subject").order_by("code")
    ]
    if json:
        print_json({"plan": found.number, "drawn": count, "seed": found.seed, "beacon": found.beacon, "tasks": tasks})
        return
    out.print(f"[bold]{found.number}[/] 抽中 {count} 户，种子 {found.seed}", highlight=False)
    for t in tasks:
        out.print(f"  {t['code']} {t['name']}（{t['stratum']}）检查人员 {'、'.join(t['inspectors'])}", highlight=False)


@app.command("verify")
def verify_command(plan: Number, json: Json = False) -> None:
    """Draw again from what is kept and compare with the tasks; exit code 3 when they differ."""
    with refusing(json):
        from chengxin.supervision.inspection.queries import verify

        differ = verify(_plan(plan, json))
    if json:
        print_json({"plan": plan, "same": not differ, "differ": differ})
    else:
        out.print(
            f"{plan}：" + (f"与种子不符：{'、'.join(differ)}" if differ else "与种子和名录库一致"), highlight=False
        )
    if differ:
        raise typer.Exit(3)


@app.command("results")
def results_command(
    plan: Number,
    file: Annotated[Path, typer.Argument(help="CSV：code、result、inspected_on，可以有 findings、matters（以；分隔）")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Enter what was found at the drawn subjects: all of the file, or nothing of it."""
    with refusing(json):
        from chengxin.supervision.inspection.results import enter_results

        count = enter_results(_actor(as_), _plan(plan, json), _read(file, json))
    print_json({"plan": plan, "entered": count}) if json else out.print(f"✓ 录入 {count} 户的检查结果", highlight=False)


@app.command("publish")
def publish_command(
    plan: Number,
    into: Annotated[Path | None, typer.Option("--out", help="把公开的核验文件写到这里")] = None,
    results: Annotated[bool, typer.Option(help="同时把检查结果报送入库")] = True,
    as_: As = None,
    release_as: Annotated[str | None, typer.Option(help="结果批次的审核人（默认：公布人）")] = None,
    json: Json = False,
) -> None:
    """Publish the draw for anybody to verify, and send the results to the register by the road of all data."""
    import orjson
    from django.utils import timezone

    with refusing(json):
        from chengxin.supervision.inspection import actions, queries

        actor = _actor(as_)
        found = actions.publish(actor, _plan(plan, json))
        told = queries.document(found)
        if into is not None:
            into.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
        sent: dict[str, Any] = {}
        if results and found.tasks.exclude(result="").filter(batch="").exists():
            item, codes, rows = queries.result_rows(found, timezone.localdate().isoformat())
            sent = _send(found, item, codes, rows, release_as or actor.name)
    answer = {"plan": found.number, "published_at": found.published_at, "file": str(into) if into else None, **sent}
    if json:
        print_json(answer)
    else:
        batch = f"；结果批次 {sent['batch']} 入库 {sent['stored']} 条" if sent else ""
        out.print(f"✓ {found.number} 已公布{batch}", highlight=False)


def _send(plan: Plan, item: str, codes: list[str], rows: bytes, release_as: str) -> dict[str, Any]:
    """Hand the results over as a batch of the department: checked, released by another person, stored."""
    from chengxin.accounts.actors import operator
    from chengxin.collection import actions, jobs
    from chengxin.collection.models import State
    from chengxin.supervision.inspection.results import handed_over

    submission = actions.Submission(item, plan.department, f"{plan.number}.jsonl", "inspection")
    batch = jobs.see_through(actions.submit(operator(plan.drawn_by), submission, io.BytesIO(rows)))
    if batch.state == State.CHECKED:
        batch = jobs.see_through(actions.release(operator(release_as), batch))
    if batch.stored:
        handed_over(plan, codes, batch.number)
    return {"batch": batch.number, "state": batch.state, "stored": batch.stored, "rejected": batch.rejected}


def _read(file: Path, json: bool) -> pl.DataFrame:
    import polars as pl

    if not file.is_file():
        refuse(f"找不到文件 {file}", as_json=json)
    rows = pl.read_csv(file, infer_schema=False)
    lacking = {"code", "result", "inspected_on"} - set(rows.columns)
    if lacking:
        refuse(f"{file} 缺少栏目：{'、'.join(sorted(lacking))}；现有：{'、'.join(rows.columns)}。", as_json=json)
    for name in ("findings", "matters"):
        if name not in rows.columns:
            rows = rows.with_columns(pl.lit("").alias(name))
    split = pl.col("matters").fill_null("").str.split("；").list.eval(pl.element().filter(pl.element() != ""))
    day = pl.col("inspected_on").str.to_date("%Y-%m-%d", strict=False)
    return rows.with_columns(day, pl.col("findings").fill_null(""), split.alias("matters"))


def _plan(number: str, json: bool) -> Plan:
    from chengxin.supervision.models import Plan

    found = Plan.objects.filter(pk=int(number[1:]) if number[1:].isdigit() else 0).first()
    if found is None:
        refuse(f"没有 {number} 这个抽查计划。", as_json=json)
    return found


def _actor(name: str | None) -> Actor:
    from chengxin.accounts.actors import operator

    return operator(name or system_user())
