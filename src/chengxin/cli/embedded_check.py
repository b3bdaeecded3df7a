"""`chengxin check`: what a department's business system asks before it handles a matter for a subject."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from chengxin.cli.common import out, print_json, refusing, system_user

WHY = {
    "no-measure": "没有可以适用的措施：这件事没有依据作任何限制或者给予便利，照常办理。",
    "unknown-subject": "登记库里没有这个主体，无法核查。",
    "unknown-matter": "政策包里没有这个办事事项，没有依据，不作回答。",
    "natural-person": "自然人不适用奖惩措施核查。",
}


def check(
    code: Annotated[str, typer.Argument(help="统一社会信用代码")],
    matter: Annotated[str, typer.Option(help="办事事项，例如 environment-funds")],
    as_: Annotated[str | None, typer.Option("--as", help="查询人（默认：系统用户）")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Must refuse, must examine, may favour, or nothing: each with its basis, or why there is none."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.supervision.measures.asking import ask

        answer = ask(operator(as_ or system_user()), [code], matter)[0]
    if json:
        print_json({**asdict(answer), "why": WHY.get(answer.reason, "")})
        return
    out.print(f"[bold]{answer.code}[/] · {matter} · [bold]{answer.answer or '—'}[/]")
    if answer.reason:
        out.print(f"  {WHY[answer.reason]}", highlight=False)
    for f in answer.findings:
        out.print(f"  {f.answer}：{f.label}（{f.cause_label}，自 {f.since}）", highlight=False)
        out.print(f"    依据：{f.basis}　实施：{f.body}", highlight=False)
        out.print(f"    关联：{f.association}　比例：{f.proportionality}", highlight=False)
