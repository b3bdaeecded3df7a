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
from chengxin.accounts.rules import restrict
from chengxin.design.shapes import Crumb, Fact
from chengxin.design.templatetags.chengxin import named
from chengxin.registry.packs import policies
from chengxin.supervision import looking
from chengxin.supervision.inspection import actions, photos, queries
from chengxin.supervision.inspection.packs import policy_on, record_on, result_labels
from chengxin.supervision.inspection.results import enter_results
from chengxin.supervision.models import Task, TaskPhoto
from chengxin.workbench import department as desk
from chengxin.workbench import dept_inspection_page as pages
from chengxin.workbench.dept_inspection_forms import ResultForm
from chengxin.workbench.views.inspecting import PER_PAGE, home


@signed_in
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """What I have to inspect: large targets, the plan that ends first comes first."""
    actor, packs, today = actor_of(request), policies(), timezone.localdate()
    rows = restrict(actor, "inspection.work", queries.tasks_of(desk.units_of(actor, packs), actor.name))
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
    pictures = pages.pictures_of(task)
    form = ResultForm(
        *((request.POST, request.FILES) if request.method == "POST" else ()),
        initial=initial,
        labels=result_labels(record_on(plan.starts_on)),
        known=[(m.label, named(m)) for m in policy.matters],
        there=[(str(pk), p.words) for pk, p in pictures.items()],
    )
    if request.method == "POST" and form.is_valid():
        try:
            enter_results(actor_of(request), plan, _row(task, form.cleaned_data))
            placed = _pictured(actor_of(request), task, form)
        except actions.NotPossible as refusal:
            desk.problem(form, refusal)
        else:
            said = _("%(name)s的检查结果已保存。") % {"name": task.subject.name}
            messages.success(request, said + (_("照片里的拍摄位置已经去掉。") if placed else ""))
            return redirect("dept-inspection-tasks")
    shown = {
        "task": task,
        "form": form,
        "pictures": list(pictures.values()),
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


def _pictured(actor: Actor, task: Task, form: ResultForm) -> bool:
    """Take photos off and add those that came; whether one of them had said where it was taken."""
    for photo in photos.photos_of(task).filter(pk__in=form.cleaned_data.get("drop") or []):
        photos.remove(actor, photo)
    for drawn in form.drawn:
        photos.add(actor, task, drawn)
    return any(d.placed for d in form.drawn)


def seen_task(_actor: Actor, pk: int) -> Task:
    """A drawn task, wherever it is; whether it may be seen is asked of the rule."""
    return Task.objects.select_related("plan", "subject").get(pk=pk, plan__drawn_at__isnull=False)


@may("inspection.photos", of=seen_task)
@require_safe
def task_photos(request: HttpRequest, task: Task) -> HttpResponse:
    """The photos of a task, for whoever sees its plan: before the results are released, and after."""
    looking.note_tasks(actor_of(request), [task])
    plan = task.plan
    shown = {
        "task": task, "pictures": list(pages.pictures_of(task).values()),
        "crumbs": [home(), Crumb(plan.title, reverse("dept-inspection", args=[plan.number]))],
        "facts": [
            Fact(_("代码"), task.code, code=True), Fact(_("检查日期"), task.inspected_on or "—"),
            Fact(_("检查结果"), task.result or "—"), Fact(_("发现的问题"), task.findings or "—"),
        ],
    }  # fmt: skip
    return render(request, "workbench/dept_task_photos.html", shown)


def photo_of(_actor: Actor, pk: int, photo: int) -> TaskPhoto:
    found = TaskPhoto.objects.select_related("task__plan", "task__subject")
    return found.get(pk=photo, task_id=pk, removed_at=None)


@may("inspection.photo", of=photo_of)
@require_safe
def photo(request: HttpRequest, photo: TaskPhoto) -> HttpResponse:
    """One photo as it is kept; opening it is a look that the subject sees."""
    looking.note_photo(actor_of(request), photo.task)
    return HttpResponse(photos.content_of(photo), content_type="image/jpeg")


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
