"""`chengxin case …`: open cases, take steps, see where they stand, print letters, look after receivers and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.table import Table

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user

if TYPE_CHECKING:
    from chengxin.accounts.actors import Actor
    from chengxin.cases.attaching import Upload

app = typer.Typer(no_args_is_help=True, help="办件：异议、信用修复、信用承诺等")

As = Annotated[str | None, typer.Option("--as", help="经办人（默认：系统用户）")]
On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="办理日期（默认：今天）")]
Form = Annotated[list[str] | None, typer.Option("--form", help="申请表的一问：名字=回答；以 @ 开头的回答读文件")]
Files = Annotated[list[str] | None, typer.Option("--attach", help="材料：名字=文件")]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 回答")]


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
    with _acting(json):
        from chengxin.cases import actions

        with ExitStack() as stack:
            opening = actions.Opening(
                procedure=procedure, record=record, subject=subject, source=source, form=_answers(form, json), key=key,
                parent=parent, materials=tuple(_uploads(attach, stack, json)),
            )  # fmt: skip
            case = actions.open_case(_actor(as_), opening, on=_day(on))
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
    with _acting(json):
        from chengxin.cases import actions

        actor, day = _actor(as_), _day(on)
        with ExitStack() as stack:
            for upload in _uploads(attach, stack, json):
                actions.attach(actor, number, upload, on=day)
        actions.act(
            actor, number, step, reason=reason, form=_answers(form, json), expect=expect, key=key, on=day
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
    with _acting(json):
        from chengxin.cases import queries

        found = queries.visible(_actor(as_)).prefetch_related("terms")
        wanted = {"procedure": procedure, "state": state, "subject_code": subject}
        found = found.filter(**{k: v for k, v in wanted.items() if v})
        found = found if all_ else found.filter(closed_on=None)
        rows = [queries.summary(case) for case in found.order_by("pk")]
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


@app.command()
def show(number: Annotated[str, typer.Argument(help="办件编号")], as_: As = None, json: Json = False) -> None:
    """One case in full: state, terms, timeline, letters, and how far each receiver has followed."""
    with _acting(json):
        _tell(number, as_, json)


@app.command()
def letter(
    number: Annotated[str, typer.Argument(help="文书编号，例如 修复函〔2026〕1号")],
    to: Annotated[Path, typer.Option("--out", help="写到哪个 PDF 文件")],
    en: Annotated[bool, typer.Option("--en", help="英文")] = False,
    json: Json = False,
) -> None:
    """A letter as PDF."""
    with _acting(json):
        from chengxin.cases import pdf
        from chengxin.cases.models import Letter

        found = Letter.objects.filter(number=number).first()
        if found is None:
            refuse(f"没有编号为「{number}」的文书。", as_json=json)
        to.write_bytes(pdf.render(found, "en" if en else "zh"))
        if json:
            print_json({"letter": number, "file": str(to)})
        else:
            out.print(f"{number} → {to}", highlight=False)


@app.command()
def procedures(json: Json = False) -> None:
    """The procedures in force today: their steps, and what each asks for at the opening."""
    with _acting(json):
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
def laggards(on: On = None, json: Json = False) -> None:
    """Receivers that have not acknowledged in time, or did so late."""
    with _acting(json):
        from django.utils import timezone

        from chengxin.cases import fanout

        behind = fanout.laggards(_day(on) or timezone.localdate())
        if json:
            print_json([vars(x) for x in behind])
            return
        for x in behind:
            out.print(f"{x.label}（{x.receiver}）：{x.overdue} 条逾期未回执，{x.late} 条迟回执", highlight=False)


@app.command()
def receiver(
    id: Annotated[str, typer.Argument(help="接收方，见 policies/jiangsu/receivers.toml")],
    folder: Annotated[Path | None, typer.Option(help="双方都能读写的文件夹")] = None,
    url: Annotated[str, typer.Option(help="接收 JSON 的地址")] = "",
    paused: Annotated[bool | None, typer.Option("--pause/--resume", help="暂停或恢复送达")] = None,
    json: Json = False,
) -> None:
    """Where a receiver can be reached; without options, say it."""
    with _acting(json):
        from chengxin.cases import settingup

        made = settingup.set_receiver(system_user(), id, folder=folder, url=url, paused=paused)
        answer = {"id": made.pk, "channel": made.channel, "address": made.address, "paused": made.paused}
        if json:
            print_json(answer)
        else:
            out.print(f"{made.pk}：{made.channel} {made.address or '（本机数据文件夹）'}", highlight=False)


@app.command()
def notices(as_: As = None, json: Json = False) -> None:
    """Reminders, dunning and supervision for one's roles, of cases that are still open."""
    with _acting(json):
        from chengxin.cases import queries

        rows = [
            {"day": n.day, "kind": n.kind, "count": n.count, "case": n.case.number, "clock": n.term.clock,
             "due_on": n.term.due_on, "role": n.role, "organisation": n.organisation}
            for n in queries.notices_for(_actor(as_))[:500]
        ]  # fmt: skip
        if json:
            print_json(rows)
            return
        for r in rows:
            out.print(f"{r['day']} {r['kind']} {r['case']} 期限 {r['due_on']} → {r['organisation']} {r['role']}")


@app.command()
def evidence(
    number: Annotated[str, typer.Argument(help="办件编号")],
    attachment: Annotated[int, typer.Argument(help="材料编号，见 chengxin case show --json")],
    to: Annotated[Path, typer.Option("--out", help="写到哪个文件")],
    as_: As = None,
    json: Json = False,
) -> None:
    """A piece of evidence, or the sealed result of a query; the look is recorded."""
    with _acting(json):
        from chengxin.cases import queries

        kept, place = queries.evidence_of(_actor(as_), number, attachment)
        to.write_bytes(place.read_bytes())
        answer = {"file": str(to), "name": kept.file_name, "media": kept.media, "sha256": kept.sha256}
        if json:
            print_json(answer)
        else:
            out.print(f"{kept.file_name} → {to} SHA-256 {kept.sha256}", highlight=False)


@app.command()
def sample(
    procedure: Annotated[str, typer.Argument(help="办件种类，例如 repair")],
    count: Annotated[int, typer.Option(min=1, help="抽多少件")],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="办结日期从")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="办结日期到")],
    as_: As = None,
    json: Json = False,
) -> None:
    """Draw closed cases at random, to check their reviews."""
    with _acting(json):
        from chengxin.cases import sampling

        drawn = sampling.draw(_actor(as_), procedure, count, since=since.date(), until=until.date())
        numbers = [s.case.number for s in drawn]
        if json:
            print_json(numbers)
        else:
            out.print("、".join(numbers) or "没有可抽的办件", highlight=False)


@app.command()
def judge(
    number: Annotated[str, typer.Argument(help="被抽中的办件编号")],
    wrong_step: Annotated[str, typer.Option("--wrong", help="哪一环节有差错；没有差错不写")] = "",
    finding: Annotated[str, typer.Option(help="理由")] = "",
    as_: As = None,
    json: Json = False,
) -> None:
    """Say whether a sampled case was reviewed rightly."""
    with _acting(json):
        from chengxin.cases import sampling

        found = sampling.judge(_actor(as_), number, wrong_step=wrong_step, finding=finding)
        if json:
            print_json({"case": number, "wrong_step": found.wrong_step or None, "finding": found.finding})
        else:
            out.print(f"{number}：{'有差错' if found.wrong_step else '无差错'}", highlight=False)


@app.command()
def stats(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="从哪一天")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="到哪一天")],
    json: Json = False,
) -> None:
    """On-time, reversal and review-error rates, procedure by procedure."""
    with _acting(json):
        from chengxin.cases.statistics import figures

        found = figures(since.date(), until.date())
        if json:
            print_json([f.as_dict() for f in found])
            return
        table = Table(
            "办件", "新收", "办结", "在办", "逾期", "按期率", "改判率", "核查差错率", box=None, pad_edge=False
        )
        for f in found:
            rates = [f"{r:.1%}" if r is not None else "—" for r in (f.on_time, f.reversal, f.review_error)]
            table.add_row(f.label, str(f.opened), str(f.closed), str(f.pending), str(f.overdue), *rates)
        out.print(table)


@contextmanager
def _acting(json: bool) -> Iterator[None]:
    """Everything that can be refused leaves with exit code 2 and one sentence."""
    setup()
    need_store(json)
    from chengxin.accounts.rules import Denied
    from chengxin.cases.errors import CaseRefused, Moved, NotMet
    from chengxin.policy.policies import UnknownPolicy

    try:
        yield
    except Moved as moved:
        refuse(str(moved), as_json=json, kind="moved", now=moved.state)
    except NotMet as error:
        refuse(str(error), as_json=json, kind="conditions", unmet=[vars(u) for u in error.unmet])
    except Denied as error:
        refuse(str(error), as_json=json, kind="denied")
    except (CaseRefused, UnknownPolicy) as error:
        refuse(str(error), as_json=json)


def _actor(name: str | None) -> Actor:
    """A person of this platform acts with their own rights; any other name is the machine's operator under that name."""
    from chengxin.accounts.actors import of_user, operator
    from chengxin.accounts.models import User

    found = User.objects.filter(username=name).first() if name else None
    return of_user(found) if found else operator(name or system_user())


def _day(on: datetime | None) -> date | None:
    return on.date() if on else None


def _answers(form: list[str] | None, json: bool) -> dict[str, Any]:
    """name=answer pairs; `@file` is read, and JSON in it is taken as it is."""
    answers: dict[str, Any] = {}
    for pair in form or []:
        name, found, answer = pair.partition("=")
        if not found:
            refuse(f"--form 写的是「{pair}」，应为：名字=回答。", as_json=json)
        answers[name] = _read(Path(answer[1:]), json) if answer.startswith("@") else _loaded(answer)
    return answers


def _read(path: Path, json: bool) -> Any:
    try:
        return _loaded(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"读不出文件 {path}：{error}", as_json=json)


def _loaded(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _uploads(attach: list[str] | None, stack: ExitStack, json: bool) -> Iterator[Upload]:
    from chengxin.cases.attaching import Upload

    for pair in attach or []:
        name, found, file = pair.partition("=")
        path = Path(file)
        if not found or not path.is_file():
            refuse(f"--attach 写的是「{pair}」，应为：材料=存在的文件。", as_json=json)
        yield Upload(name, path.name, stack.enter_context(path.open("rb")))


def _tell(number: str, as_: str | None, json: bool) -> None:
    from chengxin.cases import queries
    from chengxin.cases.errors import CaseRefused

    actor = _actor(as_)
    case = queries.visible(actor).select_related("parent").filter(number=number).first()
    if case is None:
        raise CaseRefused("没有编号为「%(number)s」的办件，或者您看不到它。", number=number)
    answer = queries.told(case, actor)
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
