"""The words in which the workbench tells of cases: clocks, events, roles, answers (办件用语)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengxin.accounts.models import Role
from chengxin.accounts.words import people, worded
from chengxin.cases.applying import of_party
from chengxin.cases.course import working_days_left
from chengxin.cases.models import Case
from chengxin.cases.packs import signed_template
from chengxin.cases.timeline import SYSTEM
from chengxin.design.shapes import Cell, Event, Tone
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import labelled
from chengxin.policy.procedures import Ask, Procedure, Relation, State, Who
from chengxin.registry.packs import policies
from chengxin.workbench.labels import agency_label

_SHOWN_LINES = 20


def due_cell(due: date | None, today: date) -> Cell:
    """A day with how many working days are left, in words and a tone."""
    if due is None:
        return Cell(_("没有期限在走"))
    words, tone = time_left(due, today)
    return Cell(words, tone=tone, note=due.isoformat())


def time_left(due: date | None, today: date) -> tuple[str, Tone]:
    """「还剩 3 个工作日」「今天到期」「已逾期 2 个工作日」."""
    left = working_days_left(due, today)
    if left is None:
        return _("工作日历未覆盖"), ""
    if left < 0:
        return ngettext("已逾期 %(n)d 个工作日", "已逾期 %(n)d 个工作日", -left) % {"n": -left}, "bad"
    if due == today:
        return _("今天到期"), "warn"
    words = ngettext("还剩 %(n)d 个工作日", "还剩 %(n)d 个工作日", left) % {"n": left}
    return words, "warn" if left <= 1 else ""


def state_cell(state: State) -> Cell:
    tones: dict[str, Tone] = {"granted": "good", "partly": "good", "done": "good", "refused": "bad"}
    return Cell(named(state), tone=tones.get(state.end or "", "" if state.end else "info"))


def waits_for(procedure: Procedure, state: str) -> str:
    """Whom a case waits for in that state, by role and relation: not who could withdraw it or lengthen a term, and of those
    who may do it in the applicant's place only the applicant."""
    found: list[str] = []
    for step in procedure.steps_from(state):
        if step.to == state or procedure.state(step.to).end in ("withdrawn", "lapsed"):
            continue
        found += [_("申请人")] if of_party(step) else [who_words(w) for w in step.who if w.role != "system"]
    return "、".join(dict.fromkeys(found)) or _("期限届满")


def who_words(who: Who) -> str:
    if who.role == "anyone":
        return _("申请人")
    role = str(dict(Role.choices).get(who.role, who.role))
    return role if who.at == "handler" else _("%(unit)s的%(role)s") % {"unit": relation(who.at), "role": role}


def relation(at: Relation) -> str:
    return {
        "applicant": _("申请单位"), "subject": _("信用主体"), "source": _("信源单位"), "handler": _("经办单位"),
        "assigned": _("承办单位"),
    }[at]  # fmt: skip


def answer_words(ask: Ask, answer: Any) -> str:
    """An answer of the form as it is read: choices by their labels, long lists cut with their number."""
    if isinstance(answer, list):
        more = _("……共 %(n)d 个") % {"n": len(answer)} if len(answer) > _SHOWN_LINES else ""
        return "\n".join([*map(str, answer[:_SHOWN_LINES]), *([more] if more else [])])
    if isinstance(answer, Mapping):
        return _("；").join(labelled(k, v) for k, v in answer.items())
    if ask.type == "agency":
        return agency_label(policies(), str(answer))
    if ask.templates and (found := signed_template(str(answer))):
        return worded(found, "title")
    return str(answer)


def people_of(names: Iterable[str]) -> dict[str, str]:
    """Account -> the name that is shown."""
    return {**people(set(names) - {SYSTEM}), SYSTEM: _("系统")}


def events_of(
    case: Case, procedure: Procedure, lines: Iterable[Mapping[str, Any]], names: Mapping[str, str]
) -> list[Event]:
    """The lines of `queries.told`, the latest first, in words."""
    told = [_event(line, procedure, names) for line in lines]
    return list(reversed(told))


def _event(line: Mapping[str, Any], procedure: Procedure, names: Mapping[str, str]) -> Event:
    who = names.get(line["actor"] or "", "") if line["actor"] else _("申请人（受保护）")
    title, tone = _TELLERS.get(line["kind"], _note)(line, procedure)
    return Event(line["at"], title, line["reason"] or "", who, tone)


def _step(line: Mapping[str, Any], procedure: Procedure) -> tuple[str, Tone]:
    step, state = procedure.step(line["step"]), procedure.state(line["after"])
    tone: Tone = {"granted": "good", "refused": "bad"}.get(state.end or "", "info")  # type: ignore[assignment]
    return _("%(step)s → %(state)s") % {"step": named(step), "state": named(state)}, tone


def _attachment(line: Mapping[str, Any], procedure: Procedure) -> tuple[str, Tone]:
    material = procedure.material(line["detail"].get("material", ""))
    return _("提交材料：%(what)s") % {"what": named(material) if material else ""}, ""


def _letter(line: Mapping[str, Any], procedure: Procedure) -> tuple[str, Tone]:
    detail = line["detail"]
    title = next((x.title for x in procedure.letters if x.id == detail.get("letter")), "")
    return _("发出文书：%(title)s %(number)s") % {"title": title, "number": detail.get("number", "")}, ""


def _term(line: Mapping[str, Any], procedure: Procedure) -> tuple[str, Tone]:
    detail = line["detail"]
    words = {
        "started": _("「%(clock)s」开始计算，至 %(to)s"), "stopped": _("「%(clock)s」停止计算"),
        "suspended": _("「%(clock)s」中止计算"), "resumed": _("「%(clock)s」恢复计算，至 %(to)s"),
        "extended": _("「%(clock)s」延长至 %(to)s"),
    }.get(detail.get("change", ""), _("工作日历变动，「%(clock)s」改为 %(to)s"))  # fmt: skip
    return words % {"clock": _clock(procedure, detail), "to": detail.get("to") or _("日历未覆盖")}, ""


def _reminder(line: Mapping[str, Any], procedure: Procedure) -> tuple[str, Tone]:
    detail = line["detail"]
    words, tone = notice_words(detail.get("kind", ""), detail.get("count", 1))
    return _("%(what)s：「%(clock)s」%(due)s 到期") % {
        "what": words, "clock": _clock(procedure, detail), "due": detail.get("due", ""),
    }, tone  # fmt: skip


def notice_words(kind: str, count: int) -> tuple[str, Tone]:
    """提醒, 第 n 次催办, 督办."""
    if kind == "overdue":
        return _("第 %(n)d 次催办") % {"n": count}, "warn"
    if kind == "escalation":
        return _("督办"), "bad"
    return _("到期提醒"), "info"


def _delivery(line: Mapping[str, Any], procedure: Procedure) -> tuple[str, Tone]:
    state, receiver = line["detail"].get("state", ""), line["detail"].get("receiver", "")
    if state == "refused":
        return _("接收方拒收：%(receiver)s") % {"receiver": receiver}, "bad"
    return _("接收方已回执：%(receiver)s") % {"receiver": receiver}, "good"


def _note(line: Mapping[str, Any], procedure: Procedure) -> tuple[str, Tone]:
    return (_("抽样核查"), "") if "wrong_step" in line["detail"] else (_("记录"), "")


def _clock(procedure: Procedure, detail: Mapping[str, Any]) -> str:
    return next((named(c) for c in procedure.clocks if c.id == detail.get("clock")), "")


_TELLERS = {
    "step": _step, "attachment": _attachment, "letter": _letter, "term": _term, "calendar": _term,
    "reminder": _reminder, "escalation": _reminder, "delivery": _delivery,
}  # fmt: skip
