"""The subject's cases: the list with its clocks, one case, the steps it can take now, materials and letters (F-26, R-212)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import may
from chengxin.accounts.rules import Denied
from chengxin.accounts.words import english
from chengxin.cases import actions, queries
from chengxin.cases.applying import cases_of, offers
from chengxin.cases.course import running
from chengxin.cases.errors import CaseRefused
from chengxin.cases.forms import Entry, StepForm, label_of, questions
from chengxin.cases.models import Case, CaseEvent
from chengxin.cases.packs import procedure_of
from chengxin.cases.people import standing_of
from chengxin.design.shapes import Crumb, Fact
from chengxin.own import casework, speaking
from chengxin.own.applying import entries_of, title_of
from chengxin.own.pages import named, page, spoken, unit_name
from chengxin.own.speaking import Place
from chengxin.own.views.papers import attachable
from chengxin.policy.procedures import Procedure, Step
from chengxin.registry.packs import policies

_A_PAGE = 20


class Which(forms.Form):
    """Which cases to list."""

    state = forms.ChoiceField(
        label=gettext_lazy("进展"), required=False,
        choices=[("", gettext_lazy("全部")), ("open", gettext_lazy("正在办理")), ("closed", gettext_lazy("已办结"))],
    )  # fmt: skip


@may("own.enter", of=speaking.place)
@require_safe
def cases(request: HttpRequest, here: Place) -> HttpResponse:
    """The cases of the subject, the newest first."""
    today = timezone.localdate()
    rows = cases_of(here.actor, here.held_code, here.unit).prefetch_related("terms").order_by("-pk")
    which = Which(request.GET)
    wanted = which.cleaned_data["state"] if which.is_valid() else ""
    if wanted:
        rows = rows.filter(closed_on__isnull=wanted == "open")
    part = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    return page(request, "cases", here, {
        "table": casework.table(part.object_list, here, today, caption=_("办件")),
        "page": part, "which": which, "any": bool(part.paginator.count) or bool(wanted),
    })  # fmt: skip


@may("own.enter", of=speaking.case)
@require_safe
def case(request: HttpRequest, here: Place) -> HttpResponse:
    """One case: where it stands, what comes next by when, what can be done, letters, materials, what happened."""
    return page(request, "case", here, _case_shown(here))


def _case_shown(here: Place) -> dict[str, Any]:
    one: Case = here.thing
    procedure, today = procedure_of(one), timezone.localdate()
    events = list(one.events.order_by("number"))
    now = procedure.state(one.state)
    mine = [procedure.step(s) for s in queries.steps_for(here.actor, one)]
    return {
        "case": one,
        "procedure": procedure,
        "label": named(procedure),
        "crumbs": [Crumb(_("办事"), reverse("own-cases", args=[here.code]))],
        "state": casework.state(one),
        "sees": now.sees_en if english() else now.sees,
        "said": _said(events),
        "steps": casework.way(one, events, today),
        "clocks": [(named(r.clock), casework.told(r), r.ours, r.late) for r in running(one, today)],
        "next": casework.next_turn(one),
        "facts": _facts(here, one, procedure),
        "doing": [
            (named(s), reverse("own-step", args=[here.code, one.number, s.id]), _leaves(procedure, s)) for s in mine
        ],
        "letters": [
            (x, x.title_en if english() else x.title, reverse("own-letter", args=[here.code, one.number, x.pk]))
            for x in one.letters.order_by("-pk")
        ],
        "materials": _materials(here, one, procedure),
        "attachable": attachable(one, procedure),
        "timeline": casework.happened(one, events, me=here.actor.name),
        "onward": _onward(here, one, procedure),
    }


@may("own.enter", of=speaking.case)
@require_safe
def sent(request: HttpRequest, here: Place) -> HttpResponse:
    """The confirmation: the number, what happens next and by when."""
    one: Case = here.thing
    state = procedure_of(one).state(one.state)
    clocks = [(named(r.clock), casework.told(r)) for r in running(one, timezone.localdate())]
    return page(request, "sent", here, {
        "case": one, "label": named(procedure_of(one)), "sees": state.sees_en if english() else state.sees,
        "clocks": clocks, "next": casework.next_turn(one),
    })  # fmt: skip


def _entries(here: Place, one: Case, wanted: Step) -> list[Entry]:
    """The fields that may be corrected with this step, where it asks for them."""
    asked = any(a.type == "changes" for a, _needed in questions(procedure_of(one), wanted))
    return entries_of(here, one.record) if asked and one.record else []


def _of_step(actor: Any, code: str, number: str, step: str) -> Place:
    """A case with a step that the actor may take now. Raises `Http404`."""
    here = speaking.case(actor, code, number)
    if step not in queries.steps_for(actor, here.thing):
        raise Http404
    return speaking.with_thing(here, (here.thing, procedure_of(here.thing).step(step)))


@may("own.enter", of=_of_step)
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, here: Place) -> HttpResponse:
    """Take a step: its questions, its materials, its reason, on one page."""
    one, wanted = here.thing
    procedure, standing = procedure_of(one), standing_of(here.actor, one, here.thing[1])
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = StepForm(*given, procedure=procedure, step=wanted, case=one, who=standing.who if standing else None,
                    entries=_entries(here, one, wanted))  # fmt: skip
    unmet: Any = ()
    if request.method == "POST" and form.is_valid():
        try:
            for upload in form.uploads():
                actions.attach(here.actor, one.number, upload)
            actions.act(here.actor, one.number, wanted.id, reason=form.reason, form=form.answers(), expect=form.expect,
                        key=form.key)  # fmt: skip
        except (CaseRefused, Denied) as refused:
            form.refuse(refused)
            unmet = getattr(refused, "unmet", ())
        else:
            messages.success(request, _("已办理「%(step)s」。") % {"step": named(wanted)})
            return redirect("own-case", here.code, one.number)
    return page(request, "step", here, {
        "form": form, "case": one, "label": named(wanted), "leaves": _leaves(procedure, wanted),
        "unmet": [spoken(u) for u in unmet],
        "crumbs": [Crumb(one.number, reverse("own-case", args=[here.code, one.number]))],
    }, status=422 if form.errors else 200)  # fmt: skip


def _said(events: list[CaseEvent]) -> str:
    """The reason that was given with the last step, when it was not the party's own."""
    last = next((e for e in reversed(events) if e.kind == "step"), None)
    return last.reason if last and not last.party else ""


def _facts(here: Place, one: Case, procedure: Procedure) -> list[Fact]:
    """What was applied for, and what was answered."""
    about = title_of(one.record) if one.record else one.subject_name
    href = reverse("own-record", args=[here.code, one.record_id]) if one.record and here.covers("look") else ""
    facts = [
        Fact(_("办件编号"), one.number, code=True), Fact(_("事项"), about, href=href), Fact(_("申请日期"), one.opened_on),
        Fact(_("受理单位"), unit_name(one.handler)), Fact(_("承办单位"), unit_name(one.assigned) if one.assigned else ""),
    ]  # fmt: skip
    opening = procedure.answerable(procedure.opening)
    facts += [
        Fact(label_of(a), _answer(one, one.form[a.id])) for a in procedure.asks if a.id in one.form and a.id in opening
    ]
    return [f for f in facts if f.value]


def _answer(one: Case, answer: Any) -> str:
    if isinstance(answer, dict):
        known = policies().versions(one.record.item)[-1].by_id if one.record else {}
        return _("；").join(f"{named(known[k]) if k in known else k} → {v}" for k, v in answer.items())
    return "\n".join(answer) if isinstance(answer, list) else str(answer)


def _leaves(procedure: Procedure, step: Step) -> bool:
    """Whether the step ends the case (a withdrawal): it is not what one does by default."""
    return procedure.state(step.to).end is not None


def _materials(here: Place, one: Case, procedure: Procedure) -> list[tuple[str, Any, str]]:
    labels = {m.id: named(m) for m in procedure.materials}
    return [
        (labels.get(a.material, a.material), a, reverse("own-material", args=[here.code, one.number, a.pk]))
        for a in one.attachments.order_by("pk")
    ]


def _onward(here: Place, one: Case, procedure: Procedure) -> list[tuple[str, str]]:
    """Procedures with which the applicant may go on out of this case."""
    taken = set(one.events.filter(kind="step").values_list("step", flat=True))
    opened = {s.opens for s in procedure.steps if s.opens and s.id in taken}
    if not opened or one.record is None:
        return []
    day = timezone.localdate()
    found = [o for o in offers(here.actor, here.held_code, day, here.kind) if o.procedure.id in opened]
    return [
        (named(o.procedure), f"{reverse('own-start', args=[here.code, o.procedure.id])}?record={one.record_id}")
        for o in found
        if o.takes(one.record)
    ]
