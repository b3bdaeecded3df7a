"""On the way with a phone: what an inspector has to inspect, and one form for what was found (R-166)."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.design.shapes import Crumb, Fact
from chengxin.design.templatetags.chengxin import named
from chengxin.registry.packs import policies
from chengxin.supervision import looking
from chengxin.supervision.inspection import actions, queries
from chengxin.supervision.inspection.packs import policy_on, record_on, result_labels
from chengxin.supervision.inspection.results import enter_results
from chengxin.supervision.models import Task
from chengxin.workbench import department as desk
from chengxin.workbench import dept_inspection_page as pages
from chengxin.workbench.dept_inspection_forms import ResultForm
from chengxin.workbench.views.inspecting import PER_PAGE, home


@signed_in
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """What I have to inspect: large targets, the plan that ends first comes first."""
    actor, packs, today = actor_of(request), policies(), timezone.localdate()
    rows = queries.tasks_of(desk.units_of(actor, packs), actor.name)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    looking.note_tasks(actor, page.object_list)
    todo, done = [t for t in page if not t.result], [t for t in page if t.result]
    shown = {
        "crumbs": [home()],
        "page": page,
        "todo": pages.task_cards(todo, today),
        "done": pages.task_cards(done, today),
    }
    return render(request, "workbench/dept_tasks.html", shown)


def task_of(actor: Actor, pk: int) -> Task:
    """A drawn task of one of the actor's units."""
    units = desk.units_of(actor, policies())
    return Task.objects.select_related("plan", "subject").get(pk=pk, plan__department__in=units)


@may("inspection.work", of=task_of)
@require_http_methods(["GET", "HEAD", "POST"])
def task(request: HttpRequest, task: Task) -> HttpResponse:
    """One subject, one form: what was found."""
    looking.note_tasks(actor_of(request), [task])
    plan = task.plan
    policy = policy_on(plan.policy, plan.starts_on)
    initial = {
        "result": task.result,
        "inspected_on": task.inspected_on or timezone.localdate(),
        "findings": task.findings,
        "matters": task.matters[0].split("；") if task.matters else [],
    }
    form = ResultForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        labels=result_labels(record_on(plan.starts_on)),
        known=[(m.label, named(m)) for m in policy.matters],
    )
    if request.method == "POST" and form.is_valid():
        try:
            enter_results(actor_of(request), plan, _row(task, form.cleaned_data))
        except actions.NotPossible as refusal:
            desk.problem(form, refusal)
        else:
            messages.success(request, _("%(name)s的检查结果已保存。") % {"name": task.subject.name})
            return redirect("dept-inspection-tasks")
    shown = {
        "task": task,
        "form": form,
        "crumbs": [home(), Crumb(_("我的检查任务"), reverse("dept-inspection-tasks"))],
        "facts": [
            Fact(_("代码"), task.code, code=True),
            Fact(_("住所"), task.subject.address or "—"),
            Fact(_("计划"), plan.title, href=reverse("dept-inspection", args=[plan.number])),
            Fact(_("检查人员"), "、".join(task.inspectors)),
            Fact(_("完成期限"), plan.ends_on),
        ],
    }
    return render(request, "workbench/dept_task.html", shown, status=422 if form.errors else 200)


def _row(task: Task, given: dict[str, Any]) -> pl.DataFrame:
    row = {
        "code": [task.code],
        "result": [given["result"]],
        "inspected_on": [given["inspected_on"]],
        "findings": [given["findings"].strip()],
        "matters": [given["matters"]],
    }
    schema: dict[str, Any] = {
        "code": pl.String,
        "result": pl.String,
        "inspected_on": pl.Date,
        "findings": pl.String,
        "matters": pl.List(pl.String),
    }
    return pl.DataFrame(row, schema=schema)
