"""`chengxin simulate`: what a draft model would do to today's register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user


def simulate(
    draft: Annotated[Path, typer.Argument(help="评价模型的文件", exists=True, dir_okay=False)],
    against: Annotated[str | None, typer.Option(help="对照的模型（默认：现行的同名模型）")] = None,
    to: Annotated[Path | None, typer.Option("--out", help="把 report.html 和各表的 CSV 写到这个文件夹")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Run a draft against today's register beside the model in force: who moves, where, why. Nothing is stored."""
    setup()
    need_store(json)
    from django.utils import timezone

    from chengxin.accounts.actors import operator
    from chengxin.accounts.refusals import Refusal
    from chengxin.evaluation import looking
    from chengxin.evaluation.report import write_report
    from chengxin.evaluation.simulating import codes_in
    from chengxin.evaluation.simulation import simulate as run
    from chengxin.policy.errors import PolicyError
    from chengxin.policy.evaluation import model_of
    from chengxin.policy.evaluation_check import read_model
    from chengxin.policy.policies import UnknownPolicy
    from chengxin.registry.packs import policies

    try:
        model = read_model(draft, policies())
        beside = None
        try:
            beside = model_of(policies(), against or model.id, timezone.localdate())
        except UnknownPolicy:
            if against:
                raise
        if to:
            to.mkdir(parents=True, exist_ok=True)
        done = run(model, operator(system_user()), against=beside, out=to)
    except (PolicyError, UnknownPolicy, Refusal) as refusal:
        refuse(str(refusal), as_json=json)
    files = write_report(done, to) if to else []
    if to:
        fields = (*looking.STANDING, "cause")
        actor, codes = operator(system_user()), codes_in(to / "moves.csv")
        looking.note_listed(actor, codes, looking.SIMULATED, f"simulation {model.id}", "", fields)
    if json:
        print_json(
            {
                "model": model.id, "version": model.version, "against": beside.version if beside else None,
                "subjects": done.subjects, "moved": done.moved, "up": done.up, "down": done.down,
                "grades": done.grades, "migration": done.migration, "indicators": done.indicators,
                "files": [str(f) for f in files],
            }
        )  # fmt: skip
        return
    out.print(
        f"{model.label}（{model.version}）对 {f'{beside.label}（{beside.version}）' if beside else '（无对照）'}："
    )
    out.print(
        f"参评 {done.subjects} 个，变动 {done.moved} 个，上升 {done.up} 个，下降 {done.down} 个。没有存入任何结果。"
    )
    for g in done.grades:
        out.print(f"  {g['label'] or '（不参评）'}：{g['before']} → {g['after']}", highlight=False)
    if files:
        out.print(f"报告：{files[0]}")
