"""A model tried on today's register before anybody enacts it: other numbers, or a draft file; the report and its tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.rules import restrict
from chengxin.design.shapes import Crumb, Progress, Tab
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import labelled, noted
from chengxin.evaluation import looking, simulating
from chengxin.evaluation.models import Simulation
from chengxin.evaluation.roster import models_of
from chengxin.policy.errors import PolicyError
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_change import changed, numbers
from chengxin.policy.evaluation_check import read_model
from chengxin.registry.packs import policies
from chengxin.workbench import department as desk
from chengxin.workbench import dept_simulation_page as pages
from chengxin.workbench.dept_simulation_forms import AgainstForm, DraftForm, VersionForm
from chengxin.workbench.dept_simulation_page import NumbersForm
from chengxin.workbench.views.grading import model_of

REFRESH_SECONDS = 4


@may("evaluation.why", of=model_of)
@require_http_methods(["GET", "HEAD", "POST"])
def simulate(request: HttpRequest, model: Evaluation) -> HttpResponse:
    """Other numbers of the model in force (by default), or a draft as a file (`?how=file`), beside a version."""
    how = request.GET.get("how", "")
    how = how if how in ("file", "version") else ""
    units = desk.units_of(actor_of(request), policies())
    known = {f"{m.id} {m.version}": m for m in models_of(units, policies())}
    versions = [(key, noted(named(m), m.version)) for key, m in known.items()]
    initial = {"against": f"{model.id} {model.version}"}
    sent, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form: NumbersForm | AgainstForm = NumbersForm(sent, model=model)
    if how:
        kind = DraftForm if how == "file" else VersionForm
        form = kind(sent, files, versions=versions, initial=initial)
    if request.method == "POST" and form.is_valid():
        beside = known.get(form.cleaned_data.get("against", "")) if how else model
        row = _asked(request, form, known.get(form.cleaned_data.get("draft", ""), model), beside)
        if row is not None:
            return redirect("model-simulation", row.pk)
    shown = {
        "model": model,
        "form": form,
        "how": how,
        "crumbs": [Crumb(_("评价模型"), reverse("models")), Crumb(named(model), reverse("model", args=[model.id]))],
        "tabs": [
            Tab(_("改几个数"), request.path, not how),
            Tab(_("用草案文件"), f"{request.path}?how=file", how == "file"),
            Tab(_("比两个版本"), f"{request.path}?how=version", how == "version"),
        ],
    }
    return render(request, "workbench/dept_simulate.html", shown, status=422 if form.errors else 200)


def _asked(request: HttpRequest, form: Any, model: Evaluation, beside: Evaluation | None) -> Simulation | None:
    """The simulation that was asked for, run at once when small; None when the draft is wrong, which the form says."""
    try:
        words: list[str] = []
        if isinstance(form, DraftForm):
            draft = _read(form.cleaned_data["file"])
        elif isinstance(form, VersionForm):
            draft = model
        else:
            draft, words = _changed(form, model)
        row = simulating.ask(actor_of(request), draft, beside, words)
    except PolicyError as wrong:
        for fault in wrong.problems[:20]:
            form.add_error(None, str(fault))
        return None
    except simulating.NotPossible as refusal:
        form.add_error(None, str(refusal))
        return None
    return simulating.run(row) if simulating.small(row) else row


def _read(upload: Any) -> Evaluation:
    """The draft of a file, checked like a pack; faults are named by line. Raises `PolicyError`."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "draft.toml"
        place.write_bytes(upload.read())
        return read_model(place, policies())


def _changed(form: NumbersForm, model: Evaluation) -> tuple[Evaluation, list[str]]:
    """The model with the numbers that differ, and what differs in words. Raises `PolicyError`."""
    differing: dict[str, Decimal] = {}
    words = []
    for n in numbers(model):
        value = form.cleaned_data.get(n.key)
        if value is not None and value != n.value:
            differing[n.key] = value
            words.append(labelled(pages.label(n), f"{n.value.normalize():f} → {value.normalize():f}"))
    return changed(model, differing, f"{model.version}-{_('试算')}"), words


# -- what came out ---------------------------------------------------------------------------------------------------


def simulation_of(actor: Actor, pk: int, **_more: str) -> Simulation:
    """One of the simulations that this actor may see."""
    return restrict(actor, "simulation.see", Simulation.objects.all()).get(pk=pk)


@may("simulation.see", of=simulation_of)
@require_safe
def report(request: HttpRequest, row: Simulation) -> HttpResponse:
    """How far it has come, then who would move where and why."""
    shown: dict[str, Any] = {
        "row": row,
        "crumbs": [Crumb(_("评价模型"), reverse("models")), Crumb(row.label, reverse("model", args=[row.model]))],
        "facts": pages.facts(row),
    }
    if row.state == Simulation.State.DONE:
        _note(request, row, [m["code"] for m in row.result["moves"][: pages.SHOWN]])
        shown |= pages.report(row, policies())
    working = row.state in (Simulation.State.WAITING, Simulation.State.RUNNING)
    if working:
        shown["progress"] = Progress(_("正在用今天的登记库计算"), row.done, row.total)
    response = render(request, "workbench/dept_simulation.html", shown | {"working": working})
    if working and request.GET.get("watch") != "0":
        response["Refresh"] = str(REFRESH_SECONDS)  # as a header it works without JavaScript (WCAG 2.2, 2.2.1)
    return response


def _note(request: HttpRequest, row: Simulation, codes: Iterable[str]) -> None:
    """Tell those who are named that they were looked at, on the page and in the files alike (G-10)."""
    fields = (*looking.STANDING, "cause")
    looking.note_listed(actor_of(request), codes, looking.SIMULATED, f"simulation {row.model}", row.unit, fields)


@may("simulation.see", of=simulation_of)
@require_safe
def table(request: HttpRequest, row: Simulation) -> HttpResponseBase:
    """One table of a simulation, or the page that stands alone, to take away."""
    name = request.resolver_match.kwargs["name"] if request.resolver_match else ""
    known = {"report.html", *(f"{n}.csv" for n in simulating.FILES)}
    path = simulating.folder_of(row) / name
    if name not in known or not path.is_file():
        raise Http404(_("这次模拟没有这张表。"))
    _note(request, row, simulating.movers(row, name))
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"simulation-{row.pk}-{name}")


@may("simulation.see", of=simulation_of)
@require_http_methods(["POST"])
def again(request: HttpRequest, row: Simulation) -> HttpResponse:
    """The same draft once more, on the register of now: after a fault, or when the register has moved."""
    draft = Evaluation.model_validate_json(row.draft)
    made = simulating.ask(actor_of(request), draft, simulating.against_of(row, policies()), row.changes)
    if simulating.small(made):
        made = simulating.run(made)
    messages.success(request, _("已按现在的登记库重新计算。"))
    return redirect("model-simulation", made.pk)
