"""Sending a file in (F-02, R-022, R-024, R-031)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, signed_in
from chengxin.accounts.models import Role
from chengxin.accounts.rules import Denied
from chengxin.collection import actions, jobs
from chengxin.collection.models import Batch
from chengxin.collection.uploads import was_too_large
from chengxin.design.shapes import Cell, Column, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import within
from chengxin.registry.packs import policies
from chengxin.workbench.forms import Choices, SubmitForm
from chengxin.workbench.labels import agency_label, item_label


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """Choose what it is and the file; a small file is answered at once, a large one waits for the worker."""
    actor = actor_of(request)
    choices = _choices(actor)
    if not choices:
        raise Denied(_("报送需要您在一个信源单位担任信息管理员（报送），并且目录允许该单位报送。"))
    if request.method != "POST":
        chosen = {"what": request.GET.get("what", "")}
        return _page(request, SubmitForm(choices=choices, initial=chosen))
    form = SubmitForm(request.POST, request.FILES, choices=choices, too_large=was_too_large(request))
    if not form.is_valid():
        return _page(request, form)
    try:
        batch = _submit(actor, form)
    except actions.NotAccepted as refusal:
        form.add_error("file", str(refusal))
        return _page(request, form)
    return redirect("batch", jobs.run_if_small(batch).pk)


def _submit(actor: Actor, form: SubmitForm) -> Batch:
    source, _colon, item = form.cleaned_data["what"].partition(":")
    file = form.cleaned_data["file"]
    key = form.idempotency_key
    return actions.submit(actor, actions.Submission(item, source, file.name, "page", key), file)


def _choices(actor: Actor) -> Choices:
    """What this person's source units may submit, unit by unit (R-001, R-007)."""
    packs, day = policies(), timezone.localdate()
    known = {i.id for i in packs.items(day)}
    groups: Choices = []
    for unit in sorted(actor.organisations(Role.REPORTER)):
        agency = next((a for a in packs.agencies if a.id == unit), None)
        if agency is None:
            continue
        items = [(f"{unit}:{d.id}", item_label(packs, d.id)) for d in agency.items if d.id in known]
        if items:
            groups.append((agency_label(packs, unit), items))
    return groups


def _page(request: HttpRequest, form: SubmitForm) -> HttpResponse:
    shown = {"form": form, "templates": _templates(actor_of(request))}
    return render(request, "workbench/submit.html", shown, status=422 if form.is_bound else 200)


def _templates(actor: Actor) -> Table:
    """What may be submitted, each with the workbook to fill in and the page that explains every column (R-005)."""
    packs, day = policies(), timezone.localdate()
    known = {i.id: i for i in packs.items(day)}
    mine = actor.organisations(Role.REPORTER)
    duties = [d.id for a in packs.agencies if a.id in mine for d in a.items]
    items = [known[i] for i in dict.fromkeys(duties) if i in known]
    rows = [
        [
            Cell(named(i), reverse("workbench-catalogue-item", args=[i.id])),
            i.cycle,
            within(i.timeliness.working_days) if i.timeliness else "—",
            Cell(_("下载模板（XLSX）"), reverse("item-template", args=[i.id]), note=i.version),
        ]
        for i in items
    ]
    columns = [Column(_("目录项")), Column(_("报送周期"), wide=True), Column(_("报送时限")), Column(_("填报模板"))]
    return Table(_("我能报送的目录项和模板"), columns, rows)
