"""Evaluation models in words a department can check, and the grade of one subject with everything behind it (R-144, R-154)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.audit.actions import record as trace
from chengxin.design.shapes import Cell, Crumb, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.evaluation.models import Simulation
from chengxin.evaluation.queries import why as explained
from chengxin.evaluation.roster import in_force, models_of
from chengxin.evaluation.waiting import Burden, burden, waits
from chengxin.policy.evaluation import Evaluation
from chengxin.registry import looks
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies
from chengxin.workbench import department as desk
from chengxin.workbench import dept_model_page as pages
from chengxin.workbench import dept_why_page as behind
from chengxin.workbench.views.subjects import subject_of

_SIMULATIONS = 20


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The department's models and what was tried with them lately."""
    packs, day = policies(), timezone.localdate()
    units = desk.units_of(actor_of(request), packs)
    mine = in_force(models_of(units, packs), day)
    waiting = burden((m.id for m in mine), day)
    tried = Simulation.objects.filter(unit__in=units).defer("draft", "result").order_by("-pk")[:_SIMULATIONS]
    table = Table(
        _("本部门的评价模型"),
        desk.columns(
            _("模型"), _("版本"), _("施行"), _("周期"), _("结果给谁看"), _("指标"), _("等核实"), wide=(0,), number=(5,)
        ),
        [
            [
                Cell(named(m), href=reverse("model", args=[m.id])),
                m.version,
                Cell(_("草案"), tone="warn") if m.draft else Cell(_("施行中"), tone="good"),
                pages.cycle(m),
                pages.audience(m),
                len(m.indicators),
                _waiting_cell(m, waiting.get(m.id)),
            ]
            for m in mine
        ],
        empty=_("政策包里还没有以本部门为制定机关的评价模型。"),
    )
    return render(request, "workbench/dept_models.html", {"table": table, "tried": pages.tried(list(tried))})


def _waiting_cell(model: Evaluation, found: Burden | None) -> Cell:
    """How many results wait to be verified, where it is done, and how many of them are late."""
    if found is None:
        return Cell("—")
    note = _("%(n)d 个已逾期") % {"n": found.late} if found.late else ""
    words = _("%(n)d 个") % {"n": found.results}
    return Cell(words, href=reverse("model-verification", args=[model.id]), tone="bad" if found.late else "", note=note)


def model_of(actor: Actor, id: str, **_more: str) -> Evaluation:
    """The model of one of the actor's units that is in force, else its newest version."""
    found = [m for m in models_of(desk.units_of(actor, policies()), policies()) if m.id == id]
    if not found:
        raise Http404(_("本部门没有这个评价模型。"))
    return next(iter(in_force(found, timezone.localdate())), found[0])


@may("evaluation.why", of=model_of)
@require_safe
def model(request: HttpRequest, model: Evaluation) -> HttpResponse:
    """One model, readable: whom it grades, what counts, from where each grade holds, on which basis, what is assumed."""
    packs = policies()
    units = desk.units_of(actor_of(request), packs)
    versions = [m for m in models_of(units, packs) if m.id == model.id]
    wanted = request.GET.get("version", "")
    shown = next((m for m in versions if m.version == wanted), model)
    told = {
        "model": shown,
        "crumbs": [Crumb(_("评价模型"), reverse("models"))],
        "tabs": pages.versions(versions, shown) if len(versions) > 1 else [],
        "waiting": sum(waits(shown).values()),
        **pages.told(shown),
    }
    return render(request, "workbench/dept_model.html", told)


@may("evaluation.why", of=lambda actor, code, model: (subject_of(actor, code), model_of(actor, model)))
@require_safe
def why(request: HttpRequest, pair: tuple[Subject, Evaluation]) -> HttpResponse:
    """Why a subject has its grade, and what would change it; the records behind it need a reason to look.

    A result that waits to be verified is explained where there is no grade yet, or asked for by `?waiting=1`.
    """
    subject, model = pair
    actor = actor_of(request)
    page = reverse("dept-subject", args=[subject.code])
    ask = desk.reason_for(request, subject.code, {item for i in model.indicators for item in i.items})
    if ask is None:
        return redirect(f"{page}?next={request.path}#reason")
    try:
        seen = {s.view.head.pk for s in looks.look(actor, subject, ask)}
    except looks.NoBasis:
        desk.forget_reason(request, subject.code)
        return redirect(f"{page}?next={request.path}#reason")
    wanted = request.GET.get("waiting") == "1"
    told = explained(subject.code, model.id, waiting=wanted) or explained(subject.code, model.id, waiting=True)
    if told is None:
        raise Http404(_("这个模型没有给它评定等级。"))
    trace(actor.name, "evaluation.look", "subject", subject.code, model=model.id, channel="page")
    shown: dict[str, Any] = {
        "subject": subject,
        "told": told,
        "crumbs": [Crumb(_("本部门主体"), reverse("subjects-of-mine")), Crumb(subject.name, page)],
        **behind.explained(model, told, seen),
    }
    return render(request, "workbench/dept_why.html", shown)
