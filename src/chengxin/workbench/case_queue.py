"""The queue of cases as a page shows it: which part of the desk, narrowed how, row by row (R-234, R-245)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.accounts.actors import Actor
from chengxin.cases import desk, queries
from chengxin.cases.models import Case
from chengxin.cases.packs import procedure_of
from chengxin.design.shapes import Cell, Column, Event, Tab, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import labelled
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Procedure
from chengxin.registry.packs import policies
from chengxin.workbench.case_words import due_cell, notice_words, state_cell, waits_for
from chengxin.workbench.labels import agency_label

MINE, LATE, WAITING, CLOSED = "mine", "late", "waiting", "closed"
WHICH = (MINE, LATE, WAITING, CLOSED)
_NOTICES = 5


def rows_of(actor: Actor, which: str, today: date) -> QuerySet[Case]:
    """One part of the desk, the first due first; what is over with the newest first."""
    if which == MINE:
        return desk.to_act(actor)
    if which == LATE:
        return desk.overdue(desk.on_desk(actor), today)
    if which == WAITING:
        return desk.waiting(actor)
    return desk.with_due(queries.visible(actor).exclude(closed_on=None)).order_by("-closed_on", "-pk")


def tabs(actor: Actor, which: str, today: date) -> list[Tab]:
    words = {MINE: _("轮到我办"), LATE: _("已逾期"), WAITING: _("等待他人"), CLOSED: _("已办结")}
    here = reverse("cases")
    return [Tab(words[w], f"{here}?which={w}", w == which, rows_of(actor, w, today).order_by().count()) for w in WHICH]


class QueueForm(forms.Form):
    """What the queue is narrowed by; a value that is none narrows nothing."""

    which = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=gettext_lazy("编号、主体名称或代码"), required=False, max_length=100)
    procedure = forms.ChoiceField(label=gettext_lazy("办件种类"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("信源单位"), required=False)
    due = forms.ChoiceField(label=gettext_lazy("期限"), required=False)

    def __init__(self, data: QueryDict, *, seen: QuerySet[Case]) -> None:
        super().__init__(data)
        self.every = [("", _("全部"))]
        there = sorted(set(seen.order_by().values_list("procedure", "state", "source")))
        newest = {p.id: p for p in policies().of(Procedure)}
        packs = policies()
        self._choose("procedure", {p: named(newest[p]) if p in newest else p for p, _s, _u in there})
        self._choose("state", {f"{p}:{s}": _state_label(newest.get(p), s) for p, s, _u in there})
        self._choose("unit", {u: agency_label(packs, u) for _p, _s, u in there if u})
        self._choose("due", {"late": _("已逾期"), "today": _("今天到期"), "soon": _("快到期")})

    def _choose(self, name: str, pairs: dict[str, str]) -> None:
        self.fields[name].choices = [*self.every, *pairs.items()]  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, str]:
        self.is_valid()
        return {k: v for k, v in self.cleaned_data.items() if v and k != "which"}

    @property
    def narrows(self) -> bool:
        return bool(self.given)

    def narrowed(self, rows: QuerySet[Case], today: date) -> QuerySet[Case]:
        given = self.given
        if "procedure" in given:
            rows = rows.filter(procedure=given["procedure"])
        if "state" in given:
            procedure, _colon, state = given["state"].partition(":")
            rows = rows.filter(procedure=procedure, state=state)
        if "unit" in given:
            rows = rows.filter(source=given["unit"])
        if "q" in given:
            q = given["q"].strip()
            rows = rows.filter(Q(number__icontains=q) | Q(subject_name__icontains=q) | Q(subject_code=q.upper()))
        return self._by_day(rows, given.get("due", ""), today)

    def _by_day(self, rows: QuerySet[Case], due: str, today: date) -> QuerySet[Case]:
        if due == "late":
            return desk.overdue(rows, today)
        if due == "today":
            return rows.filter(Q(("due", today)))
        return desk.due_soon(rows, today) if due == "soon" else rows


def _state_label(procedure: Procedure | None, state: str) -> str:
    found = next((s for s in procedure.states if s.id == state), None) if procedure else None
    if procedure is None or found is None:
        return state
    return f"{named(procedure)} · {named(found)}"


def table(cases: Sequence[Case], which: str, today: date) -> Table:
    """The rows of one page; no question is asked for a single row."""
    columns = [
        Column(_("办件")), Column(_("主体"), wide=True), Column(_("状态")),
        Column(_("办结日期") if which == CLOSED else _("期限")), Column(_("在等谁"), wide=True), Column(_("催办")),
    ]  # fmt: skip
    return Table(_("办件"), columns, [_row(case, today) for case in cases])


def _row(case: Case, today: date) -> list[Any]:
    href = reverse("case", args=[case.number])
    try:
        procedure = procedure_of(case)
    except UnknownPolicy:  # a version that the packs no longer have: the case is still there
        return [Cell(case.number, href, note=case.procedure), case.subject_name, case.state, case.closed_on, "", ""]
    subject = Cell(case.subject_name or agency_label(policies(), case.source) or "—", note=case.subject_code)
    urged: int = getattr(case, "dunned", 0)
    return [
        Cell(case.number, href, note=named(procedure)),
        subject,
        state_cell(procedure.state(case.state)),
        case.closed_on if case.closed_on else due_cell(getattr(case, "due", None), today),
        "" if case.closed_on else waits_for(procedure, case.state),
        Cell(_("%(n)d 次") % {"n": urged}, tone="warn") if urged and not case.closed_on else "",
    ]


def notices(actor: Actor, today: date) -> list[Event]:
    """The last reminders and urgings that concern this person's roles."""
    found = []
    for notice in queries.notices_for(actor)[:_NOTICES]:
        words, tone = notice_words(notice.kind, notice.count)
        procedure = procedure_of(notice.case)
        title = labelled(words, notice.case.number)
        told = _("「%(clock)s」%(due)s 到期") % {
            "clock": named(procedure.clock(notice.term.clock)), "due": notice.term.due_on or "—",
        }  # fmt: skip
        found.append(Event(notice.day, title, told, "", tone, reverse("case", args=[notice.case.number])))
    return found


def empty_words(which: str, narrowed: bool) -> str:
    if narrowed:
        return _("没有符合条件的办件。去掉一些条件再看看。")
    return {
        MINE: _("没有轮到您办的办件。新的办件到您这一环节时会出现在这里。"),
        LATE: _("没有逾期的办件。"),
        WAITING: _("没有在等别人办的办件。"),
        CLOSED: _("还没有办结的办件。"),
    }[which]
