"""`chengxin why`: what made a grade, and what would change it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user


def why(
    code: Annotated[str, typer.Argument(help="统一社会信用代码，或主体曾用的其他编号")],
    model: Annotated[str, typer.Option(help="评价模型的编号")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="那一天的等级")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Explain a subject's grade: indicators, records and basis behind it, and what lapse or repair of each would do."""
    setup()
    need_store(json)
    from chengxin.accounts.actors import operator
    from chengxin.accounts.refusals import Refusal
    from chengxin.accounts.rules import require
    from chengxin.evaluation import looking
    from chengxin.evaluation.queries import why as ask
    from chengxin.policy.policies import UnknownPolicy

    actor = operator(system_user())
    try:
        require(actor, "evaluation.why", code)
        told = ask(code, model, as_of.date() if as_of else None)
        if told is None and as_of is None:
            told = ask(code, model, waiting=True)
    except (UnknownPolicy, Refusal) as refusal:
        refuse(str(refusal), as_json=json)
    if told is None:
        refuse(
            f"{code} 没有“{model}”的等级：登记库里没有这个主体，或者它不在模型的范围里，或者还没有评定过。",
            as_json=json,
        )
    looking.note(actor.name, told, "cli")
    if json:
        print_json(told)
    else:
        _show(told)


def _show(told: dict[str, Any]) -> None:
    out.print(f"[bold]{told['name']}[/]  {told['code']}", highlight=False)
    out.print(
        f"{told['model_label']}（{told['version']}）：[bold]{told['grade_label']}[/]，{told['score']:g} 分，自 {told['since']} 起"
    )
    out.print(f"  {told['meaning']}")
    if told["provisional"]:
        out.print("  [bold]这个结果还没有核实，不是生效的等级。[/]")
    if waiting := told["waiting"]:
        out.print(
            f"  {waiting['grade_label']} 在等“{waiting['step_label']}”（{waiting['who']}），期限 {waiting['due'] or '未定'}"
        )
    for taken in told["steps"]:
        out.print(
            f"  {taken['day']} {taken['step_label']}：{taken['outcome_label']} {taken['reason']}".rstrip(),
            highlight=False,
        )
    if told["decided_by"]:
        out.print(f"  由“{told['decided_by']['label']}”直接决定，依据：{told['decided_by']['basis']}")
    table = Table("指标", "分值", "依据的信用信息", "规定", box=None, pad_edge=False, padding=(0, 2))
    for i in told["indicators"]:
        if i["points"] or i["records"]:
            records = "\n".join(
                f"{r['item_label']} {r['title'] or ''} {r['decided_on'] or ''} {r['source_name']}" for r in i["records"]
            )
            table.add_row(i["label"], f"{i['points']:+g}", records, i["explain"])
    out.print(table)
    outlook = told["outlook"]
    if outlook is None:
        return
    if not outlook["current"]:
        out.print("登记库已有变动，等级即将重新评定（chengxin follow）。")
    for r in outlook["records"]:
        if r["nature"] == "adverse":
            lapse = f"{r['lapses_on']} 起不再计入，届时 {_told(r['then'])}" if r["lapses_on"] else "不会自行失效"
            out.print(f"  {r['title']}：{lapse}；如经修复，现在即为 {_told(r['if_repaired'])}", highlight=False)
    for move in outlook["course"]:
        out.print(f"  没有新的变动时，{move['day']} 起为 {_told(move)}", highlight=False)


def _told(answer: dict[str, Any] | None) -> str:
    if not answer or not answer["grade"]:
        return "不参评"
    return f"{answer['grade_label']}（{answer['score']:g} 分）"
