"""The first page: what is due, what is late, what came back, what is new; and how one comes to speak for a subject (F-26)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, signed_in
from chengxin.accounts.models import Matter
from chengxin.accounts.words import english
from chengxin.cases.applying import awaited, cases_of
from chengxin.cases.course import running
from chengxin.cases.mandates import mandates_of, matters, words_of
from chengxin.cases.models import Case
from chengxin.design.shapes import Card, Count, Event, Tab
from chengxin.design.words import grade_tone
from chengxin.evaluation.public import own_grades
from chengxin.own import casework
from chengxin.own.pages import REMEMBERED, named, page
from chengxin.own.speaking import MYSELF, Place, place, subjects
from chengxin.supervision.alerts.grounds import bases_of
from chengxin.supervision.alerts.queries import copies
from chengxin.supervision.lists.queries import answers_of, rules_of, told_to

SHOWN = 6
_MOST = 200
"""So many open cases are looked through for what is due."""


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for whoever speaks for a subject; without a subject, what this space is and how to enter."""
    actor = actor_of(request)
    mine = subjects(actor)
    codes = [u.code for u in mine]
    wanted = request.GET.get("of", "") or request.session.get(REMEMBERED, "")
    mandates = _mandates(actor, timezone.localdate())
    if not codes:
        shown = {"place": place(actor, MYSELF), "cases": _personal(actor), "mandates": mandates}
        return render(request, "own/first.html", shown)
    here = place(actor, wanted if wanted in codes else codes[0])
    tabs = [Tab(u.name, f"{reverse('own')}?of={u.code}", current=u.code == here.code) for u in mine]
    told = {"tabs": tabs if len(tabs) > 1 else [], "mandates": mandates, **_shown(here, timezone.localdate())}
    return page(request, "home", here, told)


def _shown(here: Place, today: date) -> dict[str, Any]:
    rows = cases_of(here.actor, here.held_code, here.unit).filter(closed_on=None)
    open_cases = list(rows.prefetch_related("terms").order_by("-pk")[:_MOST])
    back, late = _awaited(open_cases, today), _late(open_cases, today)
    under_way = [c for c in open_cases if c not in back and c not in late][:SHOWN]
    looks = here.subject is not None and here.covers(Matter.LOOK)
    grades = own_grades(here.subject, today) if looks and here.subject else []
    reads = here.subject is not None and (looks or here.covers(Matter.STATEMENT))
    rows_of = told_to(here.subject).filter(ended_on=None)[:SHOWN] if reads and here.subject else []
    asked = {e.pk for e in rows_of if here.covers(Matter.STATEMENT) and answers_of(e)}
    listings = [
        (e, named(rules_of(e).list), "good" if e.effect == "favour" else "warn", e.pk in asked) for e in rows_of
    ]
    alerts = _alerts(here) if looks else []
    return {
        "today": today,
        "waiting": casework.table(back, here, today, caption=_("等您办理的")),
        "open": casework.table(under_way, here, today, caption=_("正在办理的")),
        "late": casework.table(late, here, today, caption=_("对方已经超过期限的")),
        "counts": [
            Count(_("等您办理"), len(back) + len(asked), "warn" if back or asked else ""),
            Count(_("正在办理"), len(open_cases), href=reverse("own-cases", args=[here.code])),
            Count(_("已过期限"), len(late), "bad" if late else ""),
        ],
        "grades": [(g, grade_tone(g["common"]), named(g, "model_label"), named(g, "grade_label")) for g in grades],
        "listings": listings,
        "to_answer": [(entry, label) for entry, label, _tone, asks in listings if asks],
        "alerts": alerts,
        "cards": _cards(here),
    }


def _mandates(actor: Actor, today: date) -> list[dict[str, Any]]:
    """For whom an agent acts, in what and until when; and what is over, so that nobody wonders why a subject is gone."""
    held = list(mandates_of(actor))
    known = matters(today) if held else {}
    return [
        {
            "name": (m.organisation.name_en if english() else "") or m.organisation.name,
            "code": m.organisation.code, "until": m.until, "in_force": m.in_force(today),
            "what": _("、").join(words_of(m, known)) or _("全部事项"),
        }
        for m in held
    ]  # fmt: skip


def _awaited(cases: list[Case], today: date) -> list[Case]:
    """What the subject has to do something about, the first due first."""
    due = {c.pk: next((r.term.due_on for r in running(c, today) if r.ours), None) for c in cases}
    return sorted((c for c in cases if awaited(c)), key=lambda c: (due[c.pk] or date.max, c.pk))


def _late(cases: list[Case], today: date) -> list[Case]:
    """Cases that somebody else should have finished."""
    return [c for c in cases if any(r.late and not r.ours for r in running(c, today))]


def _alerts(here: Place) -> list[Event]:
    rows = list(copies(receiver="subject", to=here.held_code)[:SHOWN])
    bases = bases_of(c.alert for c in rows)
    return [
        Event(
            c.alert.found_on, c.alert.text_en if english() else c.alert.text,
            _("依据：%(basis)s") % {"basis": basis} if (basis := bases[c.alert.rule, c.alert.version]) else "", tone="info",
        )
        for c in rows
    ]  # fmt: skip


def _cards(here: Place) -> list[Card]:
    """What one does here most."""
    ways = [
        (
            "look",
            "own-profile",
            _("看我的信用记录"),
            _("登记了什么，哪些公开，到什么时候；对哪一条有异议、何时能修复。"),
        ),
        ("*", "own-choose", _("申请办理"), _("异议、修复、承诺、自主申报等：需要什么、要多久，一步一步填。")),
        ("report", "own-reports", _("要一份信用报告"), _("当场生成带电子签名的 PDF，收到的人可以核验。")),
        ("authorise", "own-authorisations", _("授权银行等查询"), _("给谁看、看什么、到什么时候，由您决定，随时撤回。")),
    ]
    return [
        Card(title, text, reverse(name, args=[here.code]))
        for matter, name, title, text in ways
        if matter == "*" or here.covers(matter)
    ]


def _personal(actor: Actor) -> int:
    return cases_of(actor, "", "").count()
