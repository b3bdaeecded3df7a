"""`chengxin verify`: what waits to be verified before it is a grade, and one step of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user

if TYPE_CHECKING:
    from chengxin.policy.evaluation import Evaluation


def verify(
    model: Annotated[str, typer.Argument(help="评价模型的编号，例如 grain-reserves")],
    code: Annotated[list[str] | None, typer.Option(help="只办这些主体，可以写多次；不写就是全部")] = None,
    step: Annotated[str, typer.Option(help="哪一步；不写就是现在等着的第一步")] = "",
    outcome: Annotated[str, typer.Option(help="confirm 核实无误、return 不予采用、change 改定等级；不写只列出")] = "",
    grade: Annotated[str, typer.Option(help="改定为哪一级")] = "",
    reason: Annotated[str, typer.Option(help="理由，主体可以看到")] = "",
    name: Annotated[str | None, typer.Option("--as", help="办理人（默认：系统用户）")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List the results that are no grades yet, or take the step they wait for: they take effect when all are done."""
    setup()
    need_store(json)
    from django.utils import timezone

    from chengxin.accounts.actors import operator
    from chengxin.accounts.refusals import Refusal
    from chengxin.evaluation.verifying import Decision, decide
    from chengxin.evaluation.waiting import waits
    from chengxin.policy.evaluation import model_of
    from chengxin.policy.policies import UnknownPolicy
    from chengxin.registry.packs import policies

    try:
        found = model_of(policies(), model, timezone.localdate())
        waiting = waits(found)
        if not outcome:
            _show(found, waiting, step, json)
            return
        decision = Decision(step or next(iter(waiting), ""), outcome, reason, grade)
        done = decide(operator(name or system_user()), found, decision, _subjects(code, json))
    except (UnknownPolicy, Refusal) as refusal:
        refuse(str(refusal), as_json=json)
    if json:
        print_json({"model": model, "step": decision.step, **vars(done), "waiting": waits(found)})
        return
    out.print(f"办了 {done.decided} 个，其中 {done.in_effect} 个等级生效。")
    if done.left:
        out.print(f"有 {done.left} 个是您自己经手的，留给另一位办理。")


def _subjects(codes: list[str] | None, json: bool) -> list[int] | None:
    from chengxin.registry.queries import find_subject

    if not codes:
        return None
    known = {code: find_subject(code) for code in codes}
    if lost := [code for code, subject in known.items() if subject is None]:
        refuse(f"登记库里没有：{'、'.join(lost)}", as_json=json)
    return [subject.pk for subject in known.values() if subject is not None]


def _show(model: Evaluation, waiting: dict[str, int], step: str, json: bool) -> None:
    from chengxin.accounts.actors import operator
    from chengxin.evaluation import looking
    from chengxin.evaluation.waiting import step_of, waiting_of
    from chengxin.policy.evaluation import unit_of
    from chengxin.registry.packs import policies

    found = list(waiting_of(model.id, step)[:_MOST])
    codes, unit = [w.subject.code for w in found], unit_of(model, policies())
    looking.note_listed(operator(system_user()), codes, looking.VERIFIED, f"evaluation {model.id}", unit)
    rows: list[dict[str, Any]] = [
        {
            "code": w.subject.code, "name": w.subject.name, "grade": w.grade, "score": float(w.score), "before": w.before,
            "step": w.step, "since": w.since.isoformat(), "due": w.due.isoformat() if w.due else None,
            "application": bool(w.asked_by),
        }
        for w in found
    ]  # fmt: skip
    if json:
        print_json({"model": model.id, "waiting": waiting, "results": rows})
        return
    for id, count in waiting.items():
        out.print(f"{step_of(model, id).label}（{id}）：{count:,} 个")
    if not waiting:
        out.print("没有在等核实的结果。")
        return
    table = Table(
        "代码", "名称", "新等级", "得分", "现在的等级", "在等", "期限", box=None, pad_edge=False, padding=(0, 2)
    )
    for r in rows:
        table.add_row(
            r["code"], r["name"], r["grade"], f"{r['score']:g}", r["before"] or "—", r["step"], r["due"] or "—"
        )
    out.print(table)


_MOST = 200
"""So many results are listed; the rest are counted."""
