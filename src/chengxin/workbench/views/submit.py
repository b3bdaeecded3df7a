"""Sending a file in (F-02, R-022, R-024, R-031)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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
    return render(request, "workbench/submit.html", {"form": form}, status=422 if form.is_bound else 200)
