"""Entries of lists in steps, forms and tables: what is done, what comes next, what must be at hand (R-170 to R-186)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengxin.accounts.words import people, worded
from chengxin.design.list_facts import more_facts
from chengxin.design.shapes import Cell, Event, Fact, Step, Table, Tone
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.lists import CreditList
from chengxin.policy.policies import Policies
from chengxin.policy.schema import basis_text
from chengxin.policy.steps import ON_REQUEST, next_step, waits_until
from chengxin.supervision.lists.actions import done_so_far
from chengxin.supervision.lists.queries import coming_of
from chengxin.supervision.lists.refusals import word
from chengxin.supervision.models import Listing, ListingState
from chengxin.supervision.packs import measures_on
from chengxin.workbench import department as desk

_TONES: dict[str, Tone] = {"listed": "bad", "refused": "", "exited": "", "revoked": ""}


def outcome_words() -> dict[str, str]:
    """What the outcomes of steps and answers are called."""
    return {
        "agree": _("同意"),
        "oppose": _("不同意"),
        "list": _("列入"),
        "refuse": _("不列入"),
        "statement": _("陈述、申辩"),
        "waiver": _("放弃陈述、申辩"),
        "hearing": _("要求听证"),
        "objection": _("提出异议"),
        "leave": _("移出"),
        "stay": _("不移出"),
        "expired": _("期满移出"),
        "repaired": _("所依据的信息已修复"),
        "wrong": _("列入有误"),
        "removed": _("原决定机关已移出"),
    }


def state_cell(entry: Listing, rules: CreditList | None) -> Cell:
    """Where an entry stands; being on a favourable list is good."""
    tone = _TONES.get(entry.state, "info")
    if entry.state == ListingState.LISTED and rules is not None and rules.tone != "adverse":
        tone = "good"
    return Cell(entry.get_state_display(), tone=tone)


def entries_table(entries: Iterable[Listing], rules: dict[str, CreditList], day: date) -> Table:
    """Entries with what comes next and how many days are left."""
    return Table(
        _("名单条目"),
        desk.columns(_("主体"), _("编号"), _("名单"), _("状态"), _("下一步"), _("还剩"), wide=(0,)),
        [
            [
                Cell(e.subject.name, href=reverse("listing", args=[e.number]), note=e.subject.code),
                e.number,
                named(rules[e.list]) if e.list in rules else e.list,
                state_cell(e, rules.get(e.list)),
                *_coming(e, day),
            ]
            for e in entries
        ],
        empty=_("没有符合条件的条目。"),
    )


def _coming(entry: Listing, day: date) -> tuple[Any, str]:
    kind, until = coming_of(entry)
    waits = _("%(day)s 期限届满后") % {"day": until} if until and day <= until else ""
    if kind:
        return Cell(word(kind), note=waits), _days((until - day).days) if until and day <= until else "—"
    if entry.ended_on is None and entry.expires_on is not None:
        return "—", _days(max((entry.expires_on - day).days, 0))
    return "—", "—"


def _days(n: int) -> str:
    return ngettext("%(n)s 天", "%(n)s 天", n) % {"n": n}


def list_facts(found: CreditList, packs: Policies) -> list[Fact]:
    """What a list is: competence, basis, term, exit, remedy."""
    months = found.term.months
    term = ngettext("%(n)s 个月", "%(n)s 个月", months) % {"n": months} if months else _("没有固定期限")
    return [
        Fact(_("认定部门"), desk.agency(packs, found.department)),
        Fact(_("由谁认定"), worded(found, "competence")),
        Fact(_("依据"), basis_text(found.basis)),
        Fact(_("公开"), _("向社会公布") if found.public else _("不公布")),
        Fact(_("期限"), term),
        Fact(_("怎样移出"), worded(found.exit, "text")),
        Fact(_("救济"), worded(found, "remedy")),
        *more_facts(found),
    ]


def criteria_table(found: CreditList) -> Table:
    """The grounds for listing; those with conditions can look for candidates."""
    return Table(
        _("认定标准"),
        desk.columns(_("标准"), _("依据"), _("找一找"), wide=(0, 1)),
        [
            [
                named(c),
                basis_text(c.basis) if c.basis else "—",
                Cell(_("找出符合的主体"), href=f"?criterion={c.id}") if c.when else _("要由人判断"),
            ]
            for c in found.criteria
        ],
    )


def candidates_table(list_id: str, rows: Sequence[dict[str, Any]], packs: Policies, may_propose: bool) -> Table:
    """Whom a person might propose: nobody is listed by a condition alone. Who may not propose is led to the subject."""

    def there(code: str) -> str:
        if may_propose:
            return reverse("listing-propose", args=[list_id]) + f"?code={code}"
        return reverse("dept-subject", args=[code])

    return Table(
        _("符合标准、还不在名单中的主体"),
        desk.columns(_("主体"), _("代码"), _("地区"), wide=(0,)),
        [
            [
                Cell(r["name"], href=there(r["code"])),
                r["code"],
                desk.place(packs, r["region"]),
            ]
            for r in rows
        ],
        empty=_("没有主体符合这条标准。"),
    )


def consequences(found: CreditList, day: date) -> Table:
    """What follows from being on the list."""
    rules = measures_on(day).by_list.get(found.id, ())
    return Table(
        _("列入以后的措施"),
        desk.columns(_("措施"), _("实施单位"), _("依据"), wide=(0, 2)),
        [[named(r.measure), r.measure.body, r.basis] for r in rules],
        empty=_("没有措施以这个名单为条件。"),
    )


# -- one entry -------------------------------------------------------------------------------------------------------


def facts(entry: Listing, told: dict[str, Any]) -> list[Fact]:
    """What an entry rests on and how long it lasts."""
    found = [
        Fact(_("条目编号"), entry.number, code=True),
        Fact(_("主体"), f"{told['name']} {told['code']}", href=reverse("dept-subject", args=[told["code"]])),
        Fact(_("认定标准"), worded(told, "criterion") or "—"),
        Fact(_("事实和理由"), told["reason"] or "—"),
        Fact(_("依据的信用信息"), _("%(n)s 条") % {"n": len(told["records"])}),
        Fact(_("依据的规定"), told["basis"]),
    ]
    for label, key in (
        (_("列入日期"), "listed_on"),
        (_("到期日"), "expires_on"),
        (_("公布日期"), "published_on"),
        (_("结束日期"), "ended_on"),
    ):
        if told[key]:
            found.append(Fact(label, told[key]))
    return [*found, Fact(_("怎样移出"), worded(told, "exit")), Fact(_("救济"), worded(told, "remedy"))]


def steps(entry: Listing, rules: CreditList, day: date) -> list[Step]:
    """The steps of the pack: done, the present one, to come."""
    taken = {s.kind: s for s in entry.steps.all()}
    who = people(s.actor for s in entry.steps.all())
    done = done_so_far(entry)
    coming = next_step(rules.steps, done) if entry.ended_on is None else None
    until = waits_until(done)
    shown = []
    last = max((n for n, s in enumerate(rules.steps) if s.kind in taken), default=-1)
    for n, step in enumerate(rules.steps):
        if step.kind in ON_REQUEST and step.kind not in taken and n < last:
            continue  # nobody asked for it, and its time is over
        label = named(step) if step.label else word(step.kind)
        if step.kind in taken:
            row = taken[step.kind]
            note = "，".join(
                part
                for part in (f"{row.on}", who[row.actor], row.document, outcome_words().get(row.outcome, ""))
                if part
            )
            shown.append(Step(label, "done", note))
        elif coming is not None and step.kind == coming.kind:
            waits = _("%(day)s 期限届满后才能办") % {"day": until} if until and day <= until else (step.by or "")
            shown.append(Step(label, "now", waits))
        else:
            shown.append(Step(label, "next", _("当事人提出才办") if step.kind in ON_REQUEST else step.by or ""))
    return shown


def timeline(entry: Listing) -> list[Event]:
    """Everything that happened to an entry, the newest first."""
    words = outcome_words()
    who = people(s.actor for s in entry.steps.all())
    events = []
    for s in sorted(entry.steps.all(), key=lambda s: -s.pk):
        title = word(s.kind) + (f"：{words.get(s.outcome, s.outcome)}" if s.outcome else "")
        until = _("期限至 %(day)s") % {"day": s.until} if s.until else ""
        events.append(Event(s.on, title, "　".join(p for p in (s.document, s.text, until) if p), who[s.actor]))
    return events
