"""`chengxin report`: issue a report, list what was issued, verify a file, work off a list."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from chengxin.cli.common import err, out, print_json, refuse, refusing, system_user

app = typer.Typer(help="信用报告：出具、核验、出具记录。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="以 JSON 回答")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
NOT_GENUINE = 3


@app.command()
def issue(
    codes: Annotated[list[str], typer.Argument(help="统一社会信用代码；信用审查表可以写多个")],
    template: Annotated[str, typer.Option(help="模板，见 chengxin report templates")],
    purpose: Annotated[str, typer.Option(help="用途")] = "",
    authorisation: Annotated[str, typer.Option(help="主体授权书的编号")] = "",
    start: Day = None,
    end: Day = None,
    field: Annotated[list[str] | None, typer.Option(help="领域，可以写几次（专用版）")] = None,
    language: Annotated[str, typer.Option(help="zh 或者 en")] = "zh",
    out_: Annotated[Path | None, typer.Option("--out", help="写到哪个文件：.pdf 或者 .json")] = None,
    json: Json = False,
) -> None:
    """Issue a report; it is sealed, stored, and entered into the history of its subject."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.reports import actions, queries
        from chengxin.reports.asking import Request

        asked = Request(
            template, tuple(codes), purpose, authorisation, start.date() if start else None,
            end.date() if end else None, tuple(field or ()), language,
        )  # fmt: skip
        report = actions.issue(operator(system_user()), asked)
        if out_:
            out_.write_bytes(actions.package(report) if out_.suffix == ".json" else queries.pdf_of(report))
    told = {**queries.line_of(report), "code": report.code, "file": str(out_) if out_ else None}
    if json:
        print_json(told)
        return
    out.print(f"{report.number}  核验码 {report.code}  有效期至 {report.valid_until}", highlight=False)
    if report.unprintable:
        err.print(f"字库没有的字以码位代替：{report.unprintable}", highlight=False)
    if out_:
        out.print(f"  {out_}", highlight=False, soft_wrap=True)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="PDF 或者 JSON")], json: Json = False
) -> None:
    """Say whether a file is a report of this platform as it was issued, and if not, what was altered. Exit 3: it is not."""
    with refusing(json):
        from django.utils import timezone

        from chengxin.reports import verifying

        verdict = verifying.by_file(file.read_bytes(), timezone.localdate())
    if json:
        print_json(asdict(verdict))
    else:
        words = {"genuine": "真实有效", "expired": "真实，但已过有效期", "replaced": "真实，但已有更新的报告",
                 "altered": "被改动过，不可采信", "unknown": "不是本平台出具的报告"}  # fmt: skip
        out.print(f"{words[verdict.state]}  {verdict.number} {verdict.name}", highlight=False)
        for line in (*verdict.faults, *verdict.notes):
            out.print(f"  {line}", highlight=False)
    if verdict.state in (verifying.ALTERED, verifying.UNKNOWN):
        raise typer.Exit(NOT_GENUINE)


@app.command("list")
def list_command(code: Annotated[str, typer.Argument(help="统一社会信用代码")], json: Json = False) -> None:
    """List what was issued on a subject: when, to whom, to which end."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.reports import queries

        rows = [queries.line_of(r) for r in queries.issued(operator(system_user()), code)[:1000]]
    if json:
        print_json({"reports": rows})
        return
    for row in rows:
        out.print(
            f"{row['number']}  {row['day']}  {row['template']} {row['version']}  {row['issued_by']}  {row['purpose']}",
            highlight=False,
        )
    if not rows:
        out.print("没有出具过报告。")


@app.command()
def templates(json: Json = False) -> None:
    """List the templates in force."""
    with refusing(json):
        from django.utils import timezone

        from chengxin.policy.reports import templates as in_force
        from chengxin.registry.packs import policies

        rows: list[dict[str, Any]] = [
            {"id": t.id, "label": t.label, "version": t.version, "for": list(t.askers), "valid_days": t.valid_days,
             "fields": [f.id for f in t.choices.fields] if t.choices else []}
            for t in in_force(policies(), timezone.localdate())
        ]  # fmt: skip
    if json:
        print_json({"templates": rows})
        return
    for row in rows:
        out.print(f"{row['id']:<16} {row['version']}  {row['label']}", highlight=False)


@app.command("batch")
def batch(
    codes: Annotated[Path | None, typer.Argument(help="文本文件，一行一个代码")] = None,
    template: Annotated[str, typer.Option(help="模板")] = "industry",
    purpose: Annotated[str, typer.Option(help="用途")] = "",
    authorisation: Annotated[str, typer.Option(help="授权书的编号")] = "",
    order: Annotated[int | None, typer.Option(help="接着做没有做完的一单")] = None,
    json: Json = False,
) -> None:
    """Issue a report of each subject of a list, with progress; an order that was broken off goes on by `--order`."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.reports import actions, jobs, queries
        from chengxin.reports.models import Order

        actor = operator(system_user())
        if order is None and codes is None:
            refuse("请写明代码文件，或者用 --order 接着做。", as_json=json)
        if order is None:
            assert codes is not None
            lines = [line.strip() for line in codes.read_text("utf-8-sig").splitlines() if line.strip()]
            order = actions.order(actor, template, lines, purpose=purpose, authorisation=authorisation).pk
        elif not Order.objects.filter(pk=order).exists():
            refuse(f"没有第 {order} 单。", as_json=json)

        def told(found: Order) -> None:
            if not json and ((found.done + found.failed) % 50 == 0 or found.done + found.failed == found.total):
                out.print(f"  {found.done + found.failed}/{found.total}", highlight=False)

        done = queries.progress(jobs.work_off(order, actor, told=told))
    if json:
        print_json(done)
        return
    out.print(f"第 {done['order']} 单：出具 {done['done']} 份，不能出具 {done['failed']} 份", highlight=False)
    for line in done["refused"][:20]:
        out.print(f"  {line['subject_code']}  {line['problem']}", highlight=False)
