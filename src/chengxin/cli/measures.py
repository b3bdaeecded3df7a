"""`chengxin measures`: what implementing bodies owe because of lists and grades, what they did, and the monthly effect list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chengxin.cli.common import out, print_json, refuse, refusing, system_user

if TYPE_CHECKING:
    from chengxin.supervision.models import Enforcement

app = typer.Typer(help="奖惩措施：待办、响应、解除、成效。", no_args_is_help=True)

Id = Annotated[int, typer.Argument(help="措施任务的编号")]
As = Annotated[str | None, typer.Option("--as", help="办理人（默认：系统用户）")]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 回答")]


@app.command("list")
def list_command(
    agency: Annotated[str, typer.Option(help="实施单位")] = "",
    late: Annotated[bool, typer.Option("--late", help="只列出逾期未响应、逾期未解除的")] = False,
    json: Json = False,
) -> None:
    """What is to be answered for or lifted, agency by agency."""
    with refusing(json):
        from django.utils import timezone

        from chengxin.accounts.actors import operator
        from chengxin.supervision import looking
        from chengxin.supervision.measures.queries import overdue, to_do

        found = list((overdue(timezone.localdate(), agency) if late else to_do(agency))[:1000])
        looking.note_measures(operator(system_user()), found)
        rows = [_row(e) for e in found]
    if json:
        print_json(rows)
    for r in () if json else rows:
        todo = f"请在 {r['lift_by']} 前确认解除" if r["ended_on"] else f"请在 {r['respond_by']} 前响应"
        out.print(f"{r['id']:>6} {r['agency']} {r['measure']} {r['code']} {r['name']}：{todo}", highlight=False)


@app.command()
def respond(
    id: Id,
    note: Annotated[str, typer.Option(help="怎样执行，或者为什么不适用")],
    not_applicable: Annotated[bool, typer.Option("--not-applicable", help="不适用")] = False,
    legal: Annotated[bool, typer.Option("--legal", help="确认合法：措施在清单之内，有依据")] = False,
    associated: Annotated[bool, typer.Option("--associated", help="确认关联：与失信行为有关")] = False,
    proportionate: Annotated[bool, typer.Option("--proportionate", help="确认比例：与严重程度相当")] = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """Answer for a measure: applied with all three judgements, or not applicable with the reason (R-187)."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.supervision.measures import actions

        checks = actions.Checks(legal, associated, proportionate)
        response = "not-applicable" if not_applicable else "accepted"
        row = actions.respond(operator(as_ or system_user()), _found(id, json), response, checks, note)
    print_json(_row(row)) if json else out.print(f"✓ {id} {row.get_response_display()}", highlight=False)


@app.command()
def lift(id: Id, as_: As = None, json: Json = False) -> None:
    """Confirm that a measure that has ended is lifted."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.supervision.measures.actions import lift as confirm

        row = confirm(operator(as_ or system_user()), _found(id, json))
    print_json(_row(row)) if json else out.print(f"✓ {id} 已于 {row.lifted_on} 解除", highlight=False)


@app.command()
def use(
    measure: Annotated[str, typer.Argument(help="措施")],
    code: Annotated[str, typer.Argument(help="统一社会信用代码")],
    agency: Annotated[str, typer.Option(help="实施单位")],
    matter: Annotated[str, typer.Option(help="办事事项")],
    detail: Annotated[str, typer.Option(help="具体事项")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Record that a measure was used in a matter: only one that the check really answers with (R-191)."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.supervision.measures.actions import use as used

        row = used(operator(as_ or system_user()), measure, agency, code, matter, detail)
    print_json({"id": row.pk, "on": row.on}) if json else out.print(f"✓ 已登记（{row.on}）", highlight=False)


@app.command()
def effects(
    month: Annotated[str, typer.Argument(help="月份，例如 2026-11")],
    json: Json = False,
) -> None:
    """The effect list of a month: subject, measure, department, day, matter (R-191); and how lifting goes."""
    with refusing(json):
        from django.utils import timezone

        from chengxin.accounts.actors import operator
        from chengxin.supervision import looking
        from chengxin.supervision.measures.queries import effects as listed
        from chengxin.supervision.measures.queries import to_lift

        if len(month) != 7 or not (month[:4] + month[5:]).isdigit() or not 1 <= int(month[5:]) <= 12:
            refuse(f"「{month}」不是月份，应写成 2026-11。", as_json=json)
        rows, lifting = listed(month), to_lift(timezone.localdate())
        looking.note_effects(operator(system_user()), rows)
    if json:
        print_json({"month": month, "effects": rows, "lifting": lifting})
        return
    for r in rows:
        out.print(f"{r['on']} {r['agency']} {r['measure']} {r['code']} {r['subject']} {r['detail']}", highlight=False)
    for r in lifting:
        out.print(f"解除：{r['agency']} 应解除 {r['ended']}，已确认 {r['lifted']}，逾期 {r['late']}", highlight=False)


def _row(e: Enforcement) -> dict[str, Any]:
    return {
        "id": e.pk, "measure": e.measure, "agency": e.agency, "code": e.subject.code, "name": e.subject.name,
        "cause": e.cause, "since": e.since, "respond_by": e.respond_by, "response": e.response, "note": e.note,
        "ended_on": e.ended_on, "lift_by": e.lift_by, "lifted_on": e.lifted_on,
    }  # fmt: skip


def _found(id: int, json: bool) -> Enforcement:
    from chengxin.supervision.models import Enforcement

    found = Enforcement.objects.filter(pk=id).select_related("subject").first()
    if found is None:
        refuse(f"没有编号 {id} 的措施任务。", as_json=json)
    return found
