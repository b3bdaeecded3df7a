"""The form of a procedure: what may be answered, and one clear sentence where an answer cannot be taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from chengxin.cases.errors import CaseRefused
from chengxin.cases.packs import templates
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Ask, Procedure, Step
from chengxin.registry.models import Record
from chengxin.registry.packs import policies

YES, NO = "是", "否"
MAX_LINES = 10_000
_YES = {True: YES, "true": YES, "yes": YES, "1": YES, YES: YES, False: NO, "false": NO, "no": NO, "0": NO, NO: NO}


def checked(procedure: Procedure, step: Step, given: Mapping[str, Any], day: date) -> dict[str, Any]:
    """The answers given with a step that day as they are kept: dates as ISO text, yes and no as 是 and 否, no blank lines.

    Raises `CaseRefused` naming the question, what was found and what was expected; also for a question that this step does
    not put, so that nobody answers in another's place. A day that a template limits (`Ask.term_of`) is filled in
    where none is given (R-123).
    """
    kept: dict[str, Any] = {}
    mine = procedure.answerable(step)
    for name, answer in given.items():
        ask = procedure.ask(name)
        if ask is None:
            known = "、".join(f"{a.id}（{a.label}）" for a in procedure.asks)
            raise CaseRefused(_("申请表没有「%(name)s」这一问；有：%(known)s。"), name=name, known=known)
        if answer is None or answer == "":
            continue
        if name not in mine:
            raise CaseRefused(_("「%(ask)s」不在「%(step)s」这一环节填写。"), ask=ask.label, step=step.label)
        value = _template(ask, answer, day) if ask.templates else _TAKE[ask.type](ask, answer)
        if ask.must is not None and value != ask.must:
            raise _wrong(ask, value, ask.must)
        kept[name] = value
    for ask in (a for a in procedure.asks if a.term_of in kept and a.id in mine):
        _keep_term(ask, kept, day)
    return kept


def without_sealed(procedure: Procedure, answers: Mapping[str, Any], record: Record | None) -> None:
    """Corrections of what is kept sealed of a person are not taken: the answers of a case lie open. The source unit reports the
    right values again instead. Raises `CaseRefused`."""
    if record is None or not (versions := policies().versions(record.item)):
        return
    sealed = {f.id: f.label for f in versions[-1].sealed_fields}
    named = {name for a in procedure.asks if a.type == "changes" for name in answers.get(a.id) or ()}
    if hidden := sorted(named & sealed.keys()):
        raise CaseRefused(
            _("%(fields)s 是加密保存的个人信息，不能写在办件里更正；请写明有误，由信源单位核实后重新报送。"),
            fields="、".join(sealed[name] for name in hidden),
        )


def _keep_term(ask: Ask, kept: dict[str, Any], day: date) -> None:
    """The last day of the template that was chosen: kept where none was named, and none later is taken."""
    template = templates(day)[kept[ask.term_of or ""]]
    if template.term_days is None:
        return
    last = day + timedelta(days=template.term_days)
    if date.fromisoformat(kept.setdefault(ask.id, last.isoformat())) > last:
        expected = _("不晚于 %(last)s（承诺书写明自签署之日起 %(n)d 日）") % {"last": last, "n": template.term_days}
        raise _wrong(ask, kept[ask.id], expected)


def _wrong(ask: Ask, found: object, expected: str) -> CaseRefused:
    said = str(found)
    return CaseRefused(
        _("「%(ask)s」填的是「%(found)s」，应为：%(expected)s。"),
        ask=ask.label,
        found=said if len(said) <= 60 else said[:60] + "…",
        expected=expected,
    )


def _text(ask: Ask, answer: Any) -> str:
    text = str(answer).strip()
    if len(text) > ask.max_length:
        raise _wrong(ask, text, _("不超过 %(n)d 字") % {"n": ask.max_length})
    return text


def _date(ask: Ask, answer: Any) -> str:
    try:
        return date.fromisoformat(str(answer)).isoformat()
    except ValueError as error:
        raise _wrong(ask, answer, _("日期，如 2026-03-01")) from error


def _yes(ask: Ask, answer: Any) -> str:
    found = _YES.get(answer.lower() if isinstance(answer, str) else answer)
    if found is None:
        raise _wrong(ask, answer, f"{YES} / {NO}")
    return found


def _template(ask: Ask, answer: Any, day: date) -> str:
    known = templates(day)
    if str(answer) not in known:
        raise _wrong(ask, str(answer), "、".join(known))
    return str(answer)


def _choice(ask: Ask, answer: Any) -> str:
    text = str(answer)
    if ask.table:
        table = policies().codes(ask.table)
        if text not in table.lookup:
            raise _wrong(ask, text, "、".join(table.labels[:20]))
        return table.lookup[text]
    if text not in ask.choices:
        raise _wrong(ask, text, "、".join(ask.choices))
    return text


def _lines(ask: Ask, answer: Any) -> list[str]:
    rows = answer.splitlines() if isinstance(answer, str) else list(answer)
    found = list(dict.fromkeys(str(row).strip() for row in rows if str(row).strip()))
    if not 0 < len(found) <= MAX_LINES:
        raise _wrong(ask, _("%(n)d 行") % {"n": len(found)}, _("1 至 %(n)d 行") % {"n": MAX_LINES})
    return found


def _changes(ask: Ask, answer: Any) -> dict[str, str]:
    if not isinstance(answer, Mapping) or not answer:
        raise _wrong(ask, answer, _('栏目和更正后的内容，如 {"violation": "…"}'))
    return {str(name): str(text).strip() for name, text in answer.items()}


def _agency(ask: Ask, answer: Any) -> str:
    try:
        return policies().agency(str(answer)).id
    except UnknownPolicy as error:
        raise _wrong(ask, answer, _("信源单位的编号")) from error


_TAKE: dict[str, Callable[[Ask, Any], Any]] = {
    "text": _text,
    "date": _date,
    "yes": _yes,
    "choice": _choice,
    "lines": _lines,
    "changes": _changes,
    "agency": _agency,
}
