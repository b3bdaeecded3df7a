"""Random inspection (双随机、一公开): plan, draw, publish by a second person, enter results on a phone (R-157 to R-166)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.accounts.models import Role
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, allow
from chengxin.accounts.words import people
from chengxin.design.shapes import Crumb
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.inspection import Inspection
from chengxin.registry.packs import policies
from chengxin.supervision import looking
from chengxin.supervision.inspection import actions, queries
from chengxin.supervision.models import Plan
from chengxin.workbench import department as desk
from chengxin.workbench import dept_inspection_page as pages
from chengxin.workbench.dept_inspection_forms import DrawForm, PlanForm

PER_PAGE = 30


def home() -> Crumb:
    """The way back to all plans."""
    return Crumb(_("随机抽查"), reverse("inspections-of-mine"))


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The plans of my units, and what there is to do."""
    actor, packs = actor_of(request), policies()
    units = desk.units_of(actor, packs)
    page = Paginator(Plan.objects.filter(department__in=units).order_by("-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    shown = {
        "page": page,
        "table": pages.plans_table(
            packs, list(page.object_list), queries.progress_of(list(page.object_list)), len(units) > 1
        ),
        "prepares": bool(actor.organisations(Role.REPORTER)),
        "mine": queries.tasks_of(units, actor.name).filter(result="").count(),
    }
    return render(request, "workbench/dept_inspections.html", shown)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A plan: by which policy, for which period; the pool and the commitment are fixed at once."""
    actor, day = actor_of(request), timezone.localdate()
    mine = [
        p
        for p in policies().of(Inspection)
        if p.effective.holds(day) and p.department in actor.organisations(Role.REPORTER)
    ]
    if not mine:
        raise Denied(_("制定抽查计划需要您在有抽查办法的部门担任信息管理员（报送）。"))
    form = PlanForm(request.POST if request.method == "POST" else None)
    form.fields["policy"].choices = [(p.id, named(p)) for p in mine]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            plan = actions.plan(actor, given["policy"], given["title"], given["starts"], given["ends"])
        except Refusal as refusal:
            desk.problem(form, refusal)
        else:
            messages.success(request, _("计划已定，名录库和种子的指纹已在门户公示。下一步：抽取。"))
            return redirect("dept-inspection", plan.number)
    shown = {"form": form, "crumbs": [home()], "classes": [pages.classes_table(p) for p in mine]}
    return render(request, "workbench/dept_inspection_new.html", shown, status=422 if form.errors else 200)


def plan_of(actor: Actor, number: str) -> Plan:
    """The plan of this number, among those of the actor's units."""
    found = queries.find_plan(number)
    if found is None or found.department not in desk.units_of(actor, policies()):
        raise ObjectDoesNotExist
    return found


@may("inspection.see", of=plan_of)
@require_safe
def show(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Where a plan stands, what is next, who is drawn."""
    return _page(request, plan, DrawForm())


def _page(request: HttpRequest, plan: Plan, form: DrawForm, **more: Any) -> HttpResponse:
    actor, packs, today = actor_of(request), policies(), timezone.localdate()
    counts = queries.progress_of([plan]).get(plan.pk, {})
    tasks = queries.with_photos(plan.tasks.select_related("subject", "plan")).order_by("pk")
    page = Paginator(tasks, PER_PAGE).get_page(request.GET.get("page"))
    looking.note_tasks(actor, page.object_list)
    shown = {
        "plan": plan,
        "drawn_by": people([plan.drawn_by])[plan.drawn_by],
        "crumbs": [home()],
        "form": form,
        "facts": pages.facts(packs, plan),
        "steps": pages.steps(plan, counts, today),
        "strata": pages.strata_table(plan),
        "page": page,
        "tasks": pages.tasks_table(plan, list(page.object_list), allow(actor, "inspection.enter", plan.department)),
        "may_prepare": allow(actor, "inspection.prepare", plan.department),
        "may_publish": allow(actor, "inspection.publish", plan.department) and plan.drawn_by != actor.name,
        "batches": pages.batches_of(plan),
        "to_send": pages.waiting(plan),
        **more,
    }
    return render(request, "workbench/dept_inspection.html", shown, status=422 if form.errors else 200)


@may("inspection.see", of=plan_of)
@require_POST
def draw(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Draw subjects and inspectors, and reveal the seed."""
    form = DrawForm(request.POST)
    if form.is_valid():
        try:
            count = actions.draw(actor_of(request), plan, form.cleaned_data["beacon"].strip())
        except actions.NotPossible as refusal:
            desk.problem(form, refusal)
        else:
            messages.success(request, _("抽中 %(n)s 户。下一步：请另一位审核员公布。") % {"n": count})
            return redirect("dept-inspection", plan.number)
    return _page(request, plan, form)


@may("inspection.see", of=plan_of)
@require_POST
def publish(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Publish the draw; another person than the one who drew."""
    return _done(
        request, plan, lambda: actions.publish(actor_of(request), plan), _("已公布，任何人都可以照着重抽一遍。")
    )


@may("inspection.see", of=plan_of)
@require_POST
def send(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Hand the results to the register as a batch, to be released by an auditor."""
    sent = _("结果已送交，请审核员在“批次”里放行。")
    return _done(request, plan, lambda: pages.send(actor_of(request), plan), sent)


def _done(request: HttpRequest, plan: Plan, work: Any, words: str) -> HttpResponse:
    try:
        work()
    except Denied:
        raise
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, words)
    return redirect("dept-inspection", plan.number)


@may("inspection.see", of=plan_of)
@require_safe
def verify(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Draw again from what is kept and compare: what anybody outside can do, done here."""
    return _page(request, plan, DrawForm(), verified=True, differ=queries.verify(plan))
