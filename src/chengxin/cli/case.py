"""`chengxin case …`: open cases, take steps, see where they stand, print letters, look after receivers and figures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from chengxin.cli import case_watch
from chengxin.cli.case_common import As, Json, On, acting, actor_named, answers_of, day_of, uploads_of
from chengxin.cli.common import out, print_json, refuse

if TYPE_CHECKING:
    pass

app = typer.Typer(no_args_is_help=True, help="办件：异议、信用修复、信用承诺等")


Form = Annotated[list[str] | None, typer.Option("--form", help="申请表的一问：名字=回答；以 @ 开头的回答读文件")]
Files = Annotated[list[str] | None, typer.Option("--attach", help="材料：名字=文件")]


@app.command("open")
def open_(
    procedure: Annotated[str, typer.Argument(help="办件种类，例如 repair；见 chengxin case procedures")],
    record: Annotated[int | None, typer.Option(help="信用信息编号")] = None,
    subject: Annotated[str, typer.Option(help="信用主体的统一社会信用代码")] = "",
    source: Annotated[str, typer.Option(help="提出的单位，例如 ecology-environment")] = "",
    form: Form = None,
    attach: Files = None,
    key: Annotated[str, typer.Option(help="幂等键：重复提交只办一次")] = "",
    parent: Annotated[str, typer.Option(help="由哪个办件转来")] = "",
    as_: As = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Open a case; --form and --attach as often as needed."""
    with acting(json):
        from chengxin.cases import actions

        with ExitStack() as stack:
            opening = actions.Opening(
                procedure=procedure, record=record, subject=subject, source=source, form=answers_of(form, json), key=key,
                parent=parent, materials=tuple(uploads_of(attach, stack, json)),
            )  # fmt: skip
            case = actions.open_case(actor_named(as_), opening, on=day_of(on))
        _tell(case.number, as_, json)


@app.command()
def act(
    number: Annotated[str, typer.Argument(help="办件编号，例如 修复〔2026〕1号")],
    step: Annotated[str, typer.Argument(help="环节，例如 accept")],
    reason: Annotated[str, typer.Option(help="理由：写进文书和登记库")] = "",
    form: Form = None,
    attach: Files = None,
    expect: Annotated[int | None, typer.Option(help="看到的办件已走几步；已被别人推进的不办")] = None,
    key: Annotated[str, typer.Option(help="幂等键：重复提交只办一次")] = "",
    as_: As = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Take a step of a case."""
    with acting(json):
        from chengxin.cases import actions

        actor, day = actor_named(as_), day_of(on)
        with ExitStack() as stack:
            for upload in uploads_of(attach, stack, json):
                actions.attach(actor, number, upload, on=day)
        actions.act(
            actor, number, step, reason=reason, form=answers_of(form, json), expect=expect, key=key, on=day
        )  # fmt: skip
        _tell(number, as_, json)


@app.command("list")
def list_(
    procedure: Annotated[str, typer.Option(help="只列这一种")] = "",
    state: Annotated[str, typer.Option(help="只列这一状态")] = "",
    subject: Annotated[str, typer.Option(help="只列这个主体的")] = "",
    all_: Annotated[bool, typer.Option("--all", help="包括已经办结的")] = False,
    as_: As = None,
    json: Json = False,
) -> None:
    """The cases that one may see, the most urgent first."""
    with acting(json):
        from chengxin.cases import looking, queries

        if procedure:
            _known(procedure, json)
        actor = actor_named(as_)
        found = queries.visible(actor).select_related("record__subject").prefetch_related("terms")
        wanted = {"procedure": procedure, "state": state, "subject_code": subject}
        found = found.filter(**{k: v for k, v in wanted.items() if v})
        found = found if all_ else found.filter(closed_on=None)
        shown = list(found.order_by("pk"))
        looking.note_lines(actor, shown)
        rows = [queries.summary(case) for case in shown]
        rows.sort(key=lambda r: r["due_on"] or date.max)
        if json:
            print_json(rows)
            return
        table = Table("编号", "种类", "状态", "主体", "期限", box=None, pad_edge=False, padding=(0, 2))
        for r in rows:
            table.add_row(
                r["number"], r["procedure_label"], r["state_label"], r["subject_name"] or "—", str(r["due_on"] or "—")
            )
        out.print(table)


def _known(procedure: str, json: bool) -> None:
    """A word that is mistyped is no kind of case in which there happens to be nothing to do."""
    from chengxin.policy.procedures import Procedure
    from chengxin.registry.packs import policies

    known = sorted({p.id for p in policies().of(Procedure)})
    if procedure not in known:
        refuse(f"没有「{procedure}」这种办件；有：{'、'.join(known)}。", as_json=json)


@app.command()
def show(number: Annotated[str, typer.Argument(help="办件编号")], as_: As = None, json: Json = False) -> None:
    """One case in full: state, terms, timeline, letters, and how far each receiver has followed."""
    with acting(json):
        _tell(number, as_, json)


@app.command()
def letter(
    number: Annotated[str, typer.Argument(help="文书编号，例如 修复函〔2026〕1号")],
    to: Annotated[Path, typer.Option("--out", help="写到哪个 PDF 文件")],
    en: Annotated[bool, typer.Option("--en", help="英文")] = False,
    json: Json = False,
) -> None:
    """A letter as PDF."""
    with acting(json):
        from chengxin.cases import looking, pdf
        from chengxin.cases.models import Letter

        found = Letter.objects.select_related("case__record__subject").filter(number=number).first()
        if found is None:
            refuse(f"没有编号为「{number}」的文书。", as_json=json)
        looking.note(actor_named(None), found.case, found.title)
        to.write_bytes(pdf.render(found, "en" if en else "zh"))
        if json:
            print_json({"letter": number, "file": str(to)})
        else:
            out.print(f"{number} → {to}", highlight=False)


@app.command()
def procedures(json: Json = False) -> None:
    """The procedures in force today: their steps, and what each asks for at the opening."""
    with acting(json):
        from django.utils import timezone

        from chengxin.policy.procedures import Procedure
        from chengxin.registry.packs import policies

        today = timezone.localdate()
        packs = [p for p in policies().of(Procedure) if p.effective.holds(today)]
        if json:
            print_json([p.model_dump(mode="json", by_alias=True, exclude_defaults=True) for p in packs])
            return
        for pack in packs:
            asked = "、".join(f"{a.id}（{a.label}）" for a in pack.asks)
            out.print(f"[bold]{pack.id}[/] {pack.label} · {pack.version}\n  申请表：{asked}", highlight=False)
            out.print("  环节：" + "、".join(f"{s.id}（{s.label}）" for s in pack.steps), highlight=False)


@app.command()
def evidence(
    number: Annotated[str, typer.Argument(help="办件编号")],
    attachment: Annotated[int, typer.Argument(help="材料编号，见 chengxin case show --json")],
    to: Annotated[Path, typer.Option("--out", help="写到哪个文件")],
    form: Annotated[str, typer.Option(help="批量查询、信用审查的结果写成表格：csv 或 xlsx；不写的是原始文件")] = "",
    as_: As = None,
    json: Json = False,
) -> None:
    """A piece of evidence, or the sealed result of a query, as it is or as a table; the look is recorded."""
    with acting(json):
        from chengxin.cases import looking, result_tables

        if form and form not in result_tables.MEDIA:
            refuse(f"没有「{form}」这种表格：{'、'.join(result_tables.MEDIA)}。", as_json=json)
        if form:
            name, content = looking.result_table(actor_named(as_), number, attachment, form)
            to.write_bytes(content)
            if json:
                print_json({"file": str(to), "name": name, "media": result_tables.MEDIA[form]})
            else:
                out.print(f"{name} → {to}", highlight=False)
            return
        kept, place = looking.evidence(actor_named(as_), number, attachment)
        to.write_bytes(place.read_bytes())
        answer = {"file": str(to), "name": kept.file_name, "media": kept.media, "sha256": kept.sha256}
        if json:
            print_json(answer)
        else:
            out.print(f"{kept.file_name} → {to} SHA-256 {kept.sha256}", highlight=False)


def _tell(number: str, as_: str | None, json: bool) -> None:
    from chengxin.cases import looking, queries
    from chengxin.cases.errors import CaseRefused

    actor = actor_named(as_)
    case = queries.visible(actor).select_related("parent").filter(number=number).first()
    if case is None:
        raise CaseRefused("没有编号为「%(number)s」的办件，或者您看不到它。", number=number)
    answer = queries.told(case, actor)
    looking.note(actor, case)
    if json:
        print_json(answer)
        return
    out.print(f"[bold]{answer['number']}[/] {answer['procedure_label']} · {answer['state_label']}", highlight=False)
    out.print(f"  {answer['sees']}", highlight=False)
    for term in answer["terms"]:
        if term["stopped_on"] is None:
            out.print(f"  {term['label']}：{term['due_on'] or '日历未覆盖'}", highlight=False)
    for line in answer["timeline"]:
        known = (line["detail"].get(name) for name in ("clock", "change", "to", "number", "material", "receiver"))
        what = " ".join(filter(None, (line["kind"], line["step"], line["reason"], *known)))
        out.print(f"  {line['day']} {line['actor'] or '—'} {what}", highlight=False)
    _list(answer["letters"], lambda x: f"  文书 {x['number']} {x['title']}")
    _list(answer["receivers"], lambda r: f"  {r['label']}：{r['state']}{'（迟）' if r['late'] else ''}")
    if answer["steps"]:
        out.print(f"  现在可以：{'、'.join(answer['steps'])}", highlight=False)


def _list(rows: list[dict[str, Any]], line: Callable[[dict[str, Any]], str]) -> None:
    for row in rows:
        out.print(line(row), highlight=False)


for _command in (
    case_watch.receiver, case_watch.laggards, case_watch.notices, case_watch.sample, case_watch.judge, case_watch.stats,
):  # fmt: skip
    app.command()(_command)
