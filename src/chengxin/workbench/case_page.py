"""What the page of a case shows: side by side what is asked for and the record as it is held, and whose turn it is
(R-228, R-246, R-250, W-18, W-19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengxin.accounts.actors import Actor
from chengxin.accounts.words import english
from chengxin.cases import course, desk, queries
from chengxin.cases.errors import Unmet
from chengxin.cases.models import Case
from chengxin.cases.packs import procedure_of
from chengxin.cases.results import MATERIAL as RESULT
from chengxin.design.shapes import Cell, Column, Crumb, Event, Fact, Step, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.procedures import Procedure
from chengxin.policy.schema import basis_text
from chengxin.registry.packs import policies
from chengxin.workbench import case_words
from chengxin.workbench.case_record import Held, held
from chengxin.workbench.labels import agency_label


@dataclass(frozen=True)
class Way:
    """A step as the page offers it: where it is taken, or why it is not to be taken by this person or not yet."""

    id: str
    label: str
    href: str
    allowed: bool
    ready: bool
    why_not: str
    unmet: list[tuple[str, str]]
    missing: tuple[str, ...]


def context(actor: Actor, case: Case, today: date) -> dict[str, Any]:
    """Everything about one case for one person; the look at its record is written down."""
    procedure = procedure_of(case)
    told = queries.told(case, actor)
    names = case_words.people_of([line["actor"] for line in told["timeline"] if line["actor"]])
    found = sorted(desk.options(case, procedure, actor, today), key=lambda o: not _forward(o, case, procedure))
    ways = [way(option, case) for option in found]
    shown_record = held(actor, case)
    return {
        "case": case,
        "procedure": procedure,
        "crumbs": [Crumb(_("办件"), reverse("cases"))],
        "state": case_words.state_cell(procedure.state(case.state)),
        "sees": _sees(procedure, case),
        "waits_for": "" if case.closed_on else case_words.waits_for(procedure, case.state),
        "stops": _stops(case),
        "ways": ways,
        "mine": [w for w in ways if w.allowed],
        "others": [w for w in ways if not w.allowed],
        "facts": _facts(case, procedure, told, names),
        "attachments": _attachments(case, procedure, told),
        "results": [a for a in told["attachments"] if a["material"] == RESULT],
        "held": shown_record,
        "changes": _changes(case, procedure, shown_record),
        "terms": _terms(case, procedure, today),
        "letters": told["letters"],
        "receivers": _receivers(told),
        "lagging": sum(1 for r in told["receivers"] if _lags(r, today)),
        "related": [c for c in [case.parent, *case.followed_by.order_by("pk")] if c],
        "events": _timeline(case, procedure, told, names),
        "may_attach": any(w.allowed for w in ways) or actor.name == case.opened_by,
    }


def _forward(option: desk.Option, case: Case, procedure: Procedure) -> bool:
    """Whether the step brings the case nearer to what was asked for: such a step is offered first."""
    following = {s.id for s in course.ahead(procedure, case.state)[:1]}
    return option.step.to in following or procedure.state(option.step.to).end in ("granted", "partly", "done")


def way(option: desk.Option, case: Case) -> Way:
    return Way(
        option.step.id, named(option.step), reverse("case-step", args=[case.number, option.step.id]), option.allowed,
        option.ready, option.why_not, [_unmet(u) for u in option.unmet], option.missing,
    )  # fmt: skip


def _unmet(found: Unmet) -> tuple[str, str]:
    return (found.label_en, found.remedy_en) if english() else (found.label, found.remedy)


def _sees(procedure: Procedure, case: Case) -> str:
    state = procedure.state(case.state)
    return state.sees_en if english() else state.sees


def _stops(case: Case) -> list[Step]:
    events = list(case.events.filter(kind="step").order_by("number"))
    return [
        Step(named(s.state) if s.state else _("办结"), "now" if s.now else "done" if s.on else "next",
             s.on.isoformat() if s.on else "")
        for s in course.stops(case, events)
    ]  # fmt: skip


def _facts(case: Case, procedure: Procedure, told: dict[str, Any], names: dict[str, str]) -> list[Fact]:
    """Who applied, for whom, and every answer of the form but the changes, which stand beside the record."""
    packs = policies()
    facts = [Fact(_("办件种类"), named(procedure)), Fact(_("提出日期"), case.opened_on)]
    if case.subject_name:
        facts.append(Fact(_("信用主体"), f"{case.subject_name} {case.subject_code}".strip()))
    if told["opened_by"]:
        facts.append(Fact(_("提出人"), names.get(told["opened_by"], told["opened_by"])))
    else:
        facts.append(Fact(_("提出人"), _("受保护，承办单位看不到")))
    facts += [
        Fact(label, agency_label(packs, unit))
        for label, unit in ((_("信源单位"), case.source), (_("经办单位"), case.handler), (_("承办单位"), case.assigned))
        if unit
    ]
    for ask in procedure.asks:
        if ask.id in case.form and ask.type != "changes":
            facts.append(Fact(named(ask), case_words.answer_words(ask, case.form[ask.id])))
    return facts


def _attachments(case: Case, procedure: Procedure, told: dict[str, Any]) -> Table:
    columns = [Column(_("材料")), Column(_("文件"), wide=True), Column(_("类型")), Column(_("大小"), number=True)]
    rows = []
    for a in told["attachments"]:
        href = reverse("case-evidence", args=[case.number, a["id"]])
        material = procedure.material(a["material"])
        label = _("查询结果") if a["material"] == RESULT else named(material) if material else a["material"]
        file = Cell(a["name"], href, note=f"SHA-256 {a['sha256'][:16]}…")
        rows.append([label, file, _media(a["media"]), filesizeformat(a["size"])])
    return Table(_("申请材料"), columns, rows, empty=_("没有附材料。"))


def _media(media: str) -> str:
    """What a file is, found by its content and not by its name."""
    if media == "application/pdf":
        return "PDF"
    if media.startswith("image/"):
        return _("图片")
    return {"application/zip": _("压缩包"), "text/csv": _("表格")}.get(media, _("表格或文档"))


def _changes(case: Case, procedure: Procedure, record: Held | None) -> Table | None:
    """Field by field what the record says and what is asked for."""
    wanted = {
        k: v for a in procedure.asks if a.type == "changes" for k, v in (case.form.get(a.id) or {}).items()
    }  # fmt: skip
    if not wanted or record is None:
        return None
    columns = [Column(_("栏目")), Column(_("登记库现在的内容"), wide=True), Column(_("要求更正为"), wide=True)]
    rows = [[record.labels.get(name, name), record.values.get(name, "—"), text] for name, text in wanted.items()]
    return Table(_("要求更正的内容"), columns, rows, show_caption=True)


def _terms(case: Case, procedure: Procedure, today: date) -> Table:
    columns = [
        Column(_("期限")), Column(_("开始")), Column(_("截止")), Column(_("情况")), Column(_("依据"), wide=True),
    ]  # fmt: skip
    rows = []
    for term in case.terms.order_by("pk"):
        clock = procedure.clock(term.clock)
        days = ngettext("%(n)d 个工作日", "%(n)d 个工作日", clock.working_days or 0) % {"n": clock.working_days or 0}
        basis = basis_text(clock.basis) + (_("（暂定）") if clock.assumed else "")
        label = Cell(named(clock), note=days if clock.working_days else "")
        rows.append([label, term.started_on, term.due_on or _("工作日历未覆盖"), _how(term, today), basis])
    return Table(_("各项期限"), columns, rows, empty=_("这个办件没有期限。"))


def _how(term: Any, today: date) -> Cell:
    if term.stopped_on:
        late = term.due_on and term.stopped_on > term.due_on
        return Cell(_("逾期办结") if late else _("按期办结"), tone="bad" if late else "good", note=str(term.stopped_on))
    if term.suspended:
        return Cell(_("中止计算"), tone="info")
    if term.due_on is None:
        return Cell("—")
    words, tone = case_words.time_left(term.due_on, today)
    return Cell(words, tone=tone, note=_("已延长 %(n)d 个工作日") % {"n": term.extended} if term.extended else "")


def _receivers(told: dict[str, Any]) -> Table:
    """How far each receiver has followed (R-237): who has answered, who is late, by name."""
    words = {
        "waiting": _("待送达"),
        "sent": _("已送达，等待回执"),
        "acknowledged": _("已回执"),
        "refused": _("对方拒收"),
    }
    tones: dict[str, Any] = {"acknowledged": "good", "refused": "bad"}
    columns = [
        Column(_("接收方")), Column(_("情况")), Column(_("应于")), Column(_("回执")), Column(_("说明"), wide=True),
    ]  # fmt: skip
    rows = []
    for r in told["receivers"]:
        state = Cell(_("迟回执") if r["late"] else words.get(r["state"], r["state"]),
                     tone="warn" if r["late"] else tones.get(r["state"], "info"))  # fmt: skip
        why = r["error"] or r["receipt"] or ""
        tried = _("已尝试 %(n)d 次") % {"n": r["attempts"]} if r["attempts"] > 1 else ""
        rows.append(
            [r["label"], state, r["due_on"] or "—", r["acknowledged_on"] or "—", "；".join(filter(None, (tried, why)))]
        )
    return Table(_("送达各接收方的情况"), columns, rows)


def _lags(receiver: dict[str, Any], today: date) -> bool:
    return bool(receiver["acknowledged_on"] is None and receiver["due_on"] and receiver["due_on"] < today)


def _timeline(case: Case, procedure: Procedure, told: dict[str, Any], names: dict[str, str]) -> list[Event]:
    return case_words.events_of(case, procedure, told["timeline"], names)
