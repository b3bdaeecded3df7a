"""`chengxin lists`: from a proposal to the public list and out again, one command a step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from chengxin.cli.common import out, print_json, refuse, refusing, setup, system_user

if TYPE_CHECKING:
    from chengxin.supervision.lists.keeping import Paper
    from chengxin.supervision.models import Listing

app = typer.Typer(help="名单：提出、告知、听证、审核、决定、送达、公布、移出。", no_args_is_help=True)

Entry = Annotated[str, typer.Argument(help="名单条目的编号，例如 L000001")]
As = Annotated[str | None, typer.Option("--as", help="办理人（默认：系统用户）")]
On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="办理日期（默认：今天）")]
Document = Annotated[str, typer.Option("--document", help="文书的文号")]
Words = Annotated[str, typer.Option("--text", help="理由、内容或者意见，当事人可以看到")]
Outcome = Annotated[str, typer.Option("--outcome", help="结果")]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 回答")]


@app.command()
def kinds(
    find: Annotated[str, typer.Option("--find", help="编号、名称或者别称里的字，如 黑名单")] = "", json: Json = False
) -> None:
    """List the lists in force: effect, competence, basis, term, whether public; by any name that a plan gives them."""
    setup()
    from chengxin.policy.schema import basis_text
    from chengxin.supervision.packs import lists_on

    rows: list[dict[str, Any]] = [
        {
            "id": f.list.id, "label": f.list.label, "aliases": list(f.list.aliases), "effect": f.list.effect,
            "public": f.list.public, "department": f.list.department, "competence": f.list.competence,
            "basis": basis_text(f.list.basis), "term_months": f.list.term.months, "steps": [s.kind for s in f.list.steps],
            "criteria": {c.id: c.label for c in f.list.criteria}, "decided_here": f.list.decided_here,
        }
        for f in lists_on(_today()).values()
        if any(find in name for name in (f.list.id, f.list.label, f.list.label_en, *f.list.aliases))
    ]  # fmt: skip
    if json:
        print_json(rows)
        return
    table = Table(
        "名单", "名称", "作用", "认定部门", "期限（月）", "公开", "依据", box=None, pad_edge=False, padding=(0, 2)
    )
    for r in rows:
        months = str(r["term_months"] or "—")
        table.add_row(
            r["id"], r["label"], r["effect"], r["department"], months, "是" if r["public"] else "", r["basis"]
        )
    out.print(table)


@app.command("candidates")
def candidates_command(
    list_id: Annotated[str, typer.Argument(metavar="LIST", help="名单")],
    criterion: Annotated[str, typer.Option(help="认定标准")],
    json: Json = False,
) -> None:
    """Subjects that meet a criterion and are not on the list: a person decides whether to propose any of them."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.supervision import looking
        from chengxin.supervision.lists.queries import candidates

        found = candidates(list_id, criterion, _today())
        looking.note_candidates(operator(system_user()), "", list_id, found)
    if json:
        print_json(found)
    for row in () if json else found:
        out.print(f"{row['code']}  {row['name']}", highlight=False)


@app.command("propose")
def propose_command(
    list_id: Annotated[str, typer.Argument(metavar="LIST", help="名单")],
    code: Annotated[str, typer.Argument(help="统一社会信用代码")],
    criterion: Annotated[str, typer.Option(help="认定标准")],
    text: Words,
    record: Annotated[list[int] | None, typer.Option(help="所依据的信用信息的编号，可以有几个")] = None,
    as_: As = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Propose a subject for a list, on its own records."""

    def act(paper: Paper) -> Listing:
        from chengxin.accounts.actors import operator
        from chengxin.supervision.lists.actions import propose

        return propose(operator(as_ or system_user()), list_id, code, criterion, record or [], paper)

    _do(act, "", text, "", on, json)


def _command(name: str, kind: str, help: str) -> None:
    """One command a step: they differ in their name only; what each needs is told by the step itself."""

    @app.command(name, help=help)
    def command(
        entry: Entry, document: Document = "", text: Words = "", outcome: Outcome = "", as_: As = None, on: On = None,
        json: Json = False,
    ) -> None:  # fmt: skip
        def act(paper: Paper) -> Listing:
            from chengxin.accounts.actors import operator
            from chengxin.supervision.lists.actions import take

            return take(operator(as_ or system_user()), _entry(entry, json), kind, paper)

        _do(act, document, text, outcome, on, json)


for _name, _kind, _help in (
    ("notify", "notice", "Tell the subject beforehand: reason, basis, rights; the term to answer begins."),
    ("answer", "answer", "Put down what the subject answers: --outcome statement, waiver, hearing or objection."),
    ("hear", "hearing", "Put down the hearing that was asked for."),
    ("announce", "publicity", "Announce a proposal for comments; the term begins."),
    ("verify", "verification", "Put down what the verification of an objection found."),
    ("review", "review", "Legal review: --outcome agree or oppose."),
    ("decide", "decision", "Decide: --outcome list or refuse."),
    ("serve", "service", "Put down the service of the decision."),
    ("publish", "publication", "Publish the entry."),
):
    _command(_name, _kind, _help)


@app.command("exit")
def exit_command(
    entry: Entry,
    condition: Annotated[list[int] | None, typer.Option(help="已经满足的移出条件的序号")] = None,
    decide: Annotated[str, typer.Option(help="对申请作出决定：leave 移出，stay 不移出")] = "",
    wrong: Annotated[bool, typer.Option("--wrong", help="列入有误，撤销")] = False,
    document: Document = "",
    text: Words = "",
    as_: As = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Ask to leave early (--condition), decide on it (--decide), or undo a wrong listing (--wrong)."""

    def act(paper: Paper) -> Listing:
        from chengxin.accounts.actors import operator
        from chengxin.supervision.lists.leaving import ask_exit, decide_exit, revoke

        actor, listing = operator(as_ or system_user()), _entry(entry, json)
        if wrong:
            return revoke(actor, listing, paper)
        return decide_exit(actor, listing, paper) if decide else ask_exit(actor, listing, condition or [], paper)

    _do(act, document, text, decide, on, json)


@app.command("letter")
def letter_command(
    entry: Entry,
    number: Annotated[int, typer.Argument(min=1, help="文书的编号：chengxin lists show --json 里环节的 letter")],
    to: Annotated[Path, typer.Option("--out", help="写到哪个文件（PDF）")],
    english: Annotated[bool, typer.Option("--english", help="英文")] = False,
    json: Json = False,
) -> None:
    """Write what was served on the subject by a step as PDF: the same bytes each time."""
    with refusing(json):
        from chengxin.accounts.actors import operator
        from chengxin.supervision import looking
        from chengxin.supervision.lists.letters import letter_of, render, title_of
        from chengxin.supervision.models import ListingStep

        try:
            listing = _entry(entry, json)
            step = letter_of(listing, number)
        except ListingStep.DoesNotExist:
            refuse("这一条没有这份文书。", as_json=json)
        looking.note_listings(operator(system_user()), [listing])
        to.write_bytes(render(step, "en" if english else "zh"))
        told = title_of(step)
    print_json({"file": str(to), "title": told}) if json else out.print(f"{told} → {to}", highlight=False)


@app.command()
def show(
    what: Annotated[str, typer.Argument(help="条目编号、统一社会信用代码，或者名单")],
    json: Json = False,
) -> None:
    """Show an entry, the entries of a subject, or those of a list: steps, deadlines, basis, what the subject can do."""
    with refusing(json):
        from django.db.models import Q

        from chengxin.accounts.actors import operator
        from chengxin.registry.queries import find_subject
        from chengxin.supervision import looking
        from chengxin.supervision.lists.queries import described
        from chengxin.supervision.models import Listing

        subject = find_subject(what)
        number = int(what[1:]) if what[:1] == "L" and what[1:].isdigit() else 0
        wanted = Q(pk=number) | Q(list=what) | Q(subject_id=subject.pk if subject else 0)
        found = list(Listing.objects.filter(wanted).select_related("subject").order_by("pk"))
        looking.note_listings(operator(system_user()), found)
        rows = [described(listing, _today()) for listing in found]
    if not rows:
        refuse(f"没有 {what} 的名单条目。", as_json=json)
    if json:
        print_json(rows)
    for row in () if json else rows:
        _print(row)


def _do(
    act: Callable[[Paper], Listing], document: str, text: str, outcome: str, on: datetime | None, json: bool
) -> None:
    with refusing(json):
        from chengxin.supervision.lists.keeping import Paper
        from chengxin.supervision.lists.queries import described

        listing = act(Paper(document, text, outcome, on.date() if on else None))
    told = described(listing, _today())
    print_json(told) if json else _print(told)


def _print(row: dict[str, Any]) -> None:
    from chengxin.supervision.lists.refusals import word

    out.print(f"[bold]{row['number']}[/] {row['list_label']} · {row['name']} {row['code']} · {row['state_label']}")
    for step in row["steps"]:
        until = f"，期限至 {step['until']}" if step["until"] else ""
        papers = "　".join(p for p in (step["document"], step["outcome"], step["text"]) if p)
        out.print(f"  {step['on']} {word(step['kind'])}（{step['actor']}）{papers}{until}", highlight=False)
    if row["next"]:
        wait = f"（{row['not_before']} 之后，当事人已答复的除外）" if row["not_before"] else ""
        out.print(f"  下一步：{word(row['next'])}{wait}", highlight=False)
    out.print(f"  依据：{row['basis']}　救济：{row['remedy']}", highlight=False)


def _entry(number: str, json: bool) -> Listing:
    from chengxin.supervision.models import Listing

    found = Listing.objects.filter(pk=int(number[1:]) if number[1:].isdigit() else 0).select_related("subject").first()
    if found is None:
        refuse(f"没有 {number} 这个名单条目。", as_json=json)
    return found


def _today() -> date:
    from django.utils import timezone

    return timezone.localdate()
