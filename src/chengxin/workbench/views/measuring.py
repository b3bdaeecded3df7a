"""Measures that a unit has to carry out, its answers, lifting, and the monthly effect list (R-187 to R-191, R-201)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.accounts.rules import allow, restrict
from chengxin.accounts.words import people, worded
from chengxin.design.shapes import Cell, Crumb, Fact, Tab, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import labelled
from chengxin.policy.policies import Policies
from chengxin.registry.packs import policies
from chengxin.supervision import looking
from chengxin.supervision.measures import actions
from chengxin.supervision.measures.queries import overdue, waiting
from chengxin.supervision.models import Enforcement
from chengxin.supervision.packs import MeasureIndex, measures_on
from chengxin.workbench import department as desk
from chengxin.workbench.dept_forms import ResponseForm

PER_PAGE = 30


def home() -> Crumb:
    """The way back to all measures."""
    return Crumb(_("奖惩措施"), reverse("measures"))


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What my units have to answer for, to lift, and what is late."""
    actor, packs, day = actor_of(request), policies(), timezone.localdate()
    units = desk.units_of(actor, packs)
    mine = Enforcement.objects.filter(agency__in=units).select_related("subject")
    sets = _sets(mine, day)
    wanted = request.GET.get("show", "")
    wanted = wanted if wanted in sets else "respond"
    names = {"respond": _("待反馈"), "lift": _("待确认解除"), "late": _("逾期"), "answered": _("已办")}
    tabs = [Tab(names[k], f"?show={k}", k == wanted, rows.count()) for k, rows in sets.items()]
    page = Paginator(sets[wanted].order_by("respond_by", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    looking.note_measures(actor, page.object_list)
    shown = {"tabs": tabs, "page": page, "table": _table(packs, page.object_list, day, len(units) > 1)}
    return render(request, "workbench/dept_measures.html", shown)


def _sets(mine: QuerySet[Enforcement], day: date) -> dict[str, QuerySet[Enforcement]]:
    open_ = waiting(mine)
    late = mine.filter(pk__in=overdue(day).values("pk"))
    return {
        "respond": open_.filter(ended_on=None),
        "lift": open_.filter(ended_on__isnull=False),
        "late": late,
        "answered": mine.exclude(response="").filter(Q(ended_on=None) | Q(lifted_on__isnull=False)),
    }


def _table(packs: Policies, rows: Any, day: date, several: bool) -> Table:
    index = measures_on(day)
    return Table(
        _("奖惩措施"),
        desk.columns(_("措施"), _("主体"), _("原因"), _("期限"), _("状态"), wide=(0, 1)),
        [
            [
                Cell(
                    label_of(index, e.measure),
                    href=reverse("measure", args=[e.pk]),
                    note=desk.agency(packs, e.agency) if several else "",
                ),
                Cell(e.subject.name, note=e.subject.code),
                cause_of(index, e),
                _until(e, day),
                state_of(e),
            ]
            for e in rows
        ],
        empty=_("这里没有要办的措施。有主体列入名单或者变了等级，要由您的单位实施的措施会列在这里。"),
    )


def label_of(index: MeasureIndex, measure: str) -> str:
    """The name of a measure, or its id where the packs have it no longer."""
    return named(index.rules[measure].measure) if measure in index.rules else measure


def cause_of(index: MeasureIndex, e: Enforcement) -> Cell:
    """Because of which list entry or grade, with the way there."""
    kind, _colon, rest = e.cause.partition(":")
    if kind == "listing":
        number = f"L{int(rest):06d}"
        return Cell(_("名单条目 %(number)s") % {"number": number})
    return Cell(index.labels.get(rest, rest))


def state_of(e: Enforcement) -> Cell:
    """Whether it is answered, ended, lifted."""
    if e.lifted_on:
        return Cell(_("已解除"), tone="good")
    if e.ended_on:
        return Cell(_("待确认解除"), tone="warn")
    return Cell(e.get_response_display(), tone="warn" if not e.response else "good")


def _until(e: Enforcement, day: date) -> Any:
    until = e.lift_by if e.ended_on else e.respond_by
    if until is None or e.lifted_on or (e.response and not e.ended_on):
        return "—"
    if until < day:
        late = (day - until).days
        return Cell(ngettext("逾期 %(n)s 天", "逾期 %(n)s 天", late) % {"n": late}, tone="bad", note=until.isoformat())
    left = (until - day).days
    return Cell(until, note=ngettext("还剩 %(n)s 天", "还剩 %(n)s 天", left) % {"n": left})


def enforcement_of(actor: Actor, pk: int) -> Enforcement:
    """A measure of one of the actor's units."""
    return restrict(actor, "measure.see", Enforcement.objects.select_related("subject")).get(pk=pk)


@may("measure.see", of=enforcement_of)
@require_safe
def show(request: HttpRequest, e: Enforcement) -> HttpResponse:
    """One measure: because of what, on which basis, and the answer."""
    return _page(request, e, ResponseForm(initial={"response": e.response, "note": e.note}))


def _page(request: HttpRequest, e: Enforcement, form: ResponseForm) -> HttpResponse:
    looking.note_measures(actor_of(request), [e])
    packs, index = policies(), measures_on(timezone.localdate())
    may_act = allow(actor_of(request), "measure.respond", e.agency)
    shown = {
        "measure": e,
        "label": label_of(index, e.measure),
        "crumbs": [home()],
        "facts": _facts(packs, index, e),
        "form": form,
        "to_respond": may_act and e.ended_on is None,
        "to_lift": may_act and e.ended_on is not None and e.lifted_on is None,
    }
    return render(request, "workbench/dept_measure.html", shown, status=422 if form.errors else 200)


def _facts(packs: Policies, index: MeasureIndex, e: Enforcement) -> list[Fact]:
    rule = index.rules.get(e.measure)
    where = reverse("dept-subject", args=[e.subject.code])
    who = people([e.responded_by, e.lifted_by])
    facts = [
        Fact(_("对象"), f"{e.subject.name} {e.subject.code}", href=where),
        Fact(_("原因"), cause_of(index, e).text),
        Fact(_("实施单位"), desk.agency(packs, e.agency)),
        Fact(_("自"), e.since),
        Fact(_("反馈期限"), e.respond_by or "—"),
    ]
    if rule is not None:
        facts += [
            Fact(_("回答"), named(rule.answer)),
            Fact(_("依据"), rule.basis),
            Fact(_("关联"), worded(rule.measure, "association")),
            Fact(_("比例"), worded(rule.measure, "proportionality")),
        ]
    if e.response:
        facts += [
            Fact(_("反馈"), labelled(e.get_response_display(), e.note)),
            Fact(_("反馈人"), f"{who[e.responded_by]} · {e.responded_on}"),
        ]
    if e.ended_on:
        facts += [Fact(_("终止日期"), e.ended_on), Fact(_("解除期限"), e.lift_by or "—")]
    if e.lifted_on:
        facts.append(Fact(_("确认解除"), f"{who[e.lifted_by]} · {e.lifted_on}"))
    return facts


@may("measure.see", of=enforcement_of)
@require_POST
def respond(request: HttpRequest, e: Enforcement) -> HttpResponse:
    """Applied, with the three judgements, or not applicable, with the reason."""
    form = ResponseForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        checks = actions.Checks(*(name in given["checks"] for name in ("legal", "associated", "proportionate")))
        try:
            actions.respond(actor_of(request), e, given["response"], checks, given["note"])
        except actions.NotPossible as refusal:
            desk.problem(form, refusal)
        else:
            messages.success(request, _("已反馈。"))
            return redirect("measure", e.pk)
    return _page(request, e, form)


@may("measure.see", of=enforcement_of)
@require_POST
def lift(request: HttpRequest, e: Enforcement) -> HttpResponse:
    """Confirm that a measure that has ended is lifted."""
    try:
        actions.lift(actor_of(request), e)
    except actions.NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已确认解除。"))
    return redirect("measure", e.pk)
