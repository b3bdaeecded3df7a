"""Results that wait to be verified before they are grades, and one step of it for some or all of them (R-144, R-024)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, ask_first, may
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, allow
from chengxin.design.shapes import Crumb, Tab
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import noted
from chengxin.evaluation import looking
from chengxin.evaluation.models import Verification, Waiting
from chengxin.evaluation.verifying import Decision, decide
from chengxin.evaluation.waiting import step_of, waiting_of, waits
from chengxin.policy.evaluation import Evaluation, unit_of
from chengxin.policy.evaluation_parts import Step
from chengxin.registry.packs import policies
from chengxin.workbench import department as desk
from chengxin.workbench.dept_forms import VerifyForm
from chengxin.workbench.views.grading import model_of

PER_PAGE = 50


@may("evaluation.why", of=model_of)
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest, model: Evaluation) -> HttpResponse:
    """What waits, step by step; whoever may verify ticks results and decides, asked for the password before
    anything is typed. Four eyes: one's own work is refused."""
    actor, counts = actor_of(request), waits(model)
    step = _step(request, model, counts)
    if step is not None:
        ask_first(request, "evaluation.verify", unit_of(model, policies()))
    allowed = step is not None and allow(actor, "evaluation.verify", unit_of(model, policies()))
    form = _form(request, model, step, counts) if step and allowed else None
    asked = step is not None and form is not None and request.method == "POST" and form.is_valid()
    if asked and step and form and _decided(request, actor, model, step, form):
        return redirect(f"{request.path}?step={step.id}")
    page = Paginator(waiting_of(model.id, step.id if step else "-"), PER_PAGE).get_page(request.GET.get("page"))
    codes = [w.subject.code for w in page.object_list]
    looking.note_listed(actor, codes, looking.VERIFIED, f"evaluation {model.id}", unit_of(model, policies()))
    shown: dict[str, Any] = {
        "model": model,
        "crumbs": [Crumb(_("评价模型"), reverse("models")), Crumb(named(model), reverse("model", args=[model.id]))],
        "tabs": [
            Tab(noted(named(step_of(model, id)), n), f"{request.path}?step={id}", bool(step and id == step.id))
            for id, n in counts.items()
        ],
        "step": step,
        "form": form,
        "page": page,
        "rows": _rows(model, page, set(request.POST.getlist("subject"))),
    }
    return render(request, "workbench/dept_verification.html", shown, status=422 if form and form.errors else 200)


def _step(request: HttpRequest, model: Evaluation, counts: dict[str, int]) -> Step | None:
    wanted = request.GET.get("step", "")
    id = wanted if wanted in counts else next(iter(counts), "")
    return step_of(model, id) if id else None


def _form(request: HttpRequest, model: Evaluation, step: Step, counts: dict[str, int]) -> VerifyForm:
    outcomes = [
        (value, str(label))
        for value, label in Verification.Outcome.choices
        if value in ("confirm", "return") or (value == "change" and step.may_change)
    ]
    grades = [(g.id, named(g)) for g in model.grades] if step.may_change else []
    sent = request.POST if request.method == "POST" else None
    return VerifyForm(sent, outcomes=outcomes, grades=grades, total=counts[step.id])


def _decided(request: HttpRequest, actor: Actor, model: Evaluation, step: Step, form: VerifyForm) -> bool:
    """Take the step; what stands in its way is said in the form."""
    given = form.cleaned_data
    ticked = [int(pk) for pk in request.POST.getlist("subject") if pk.isascii() and pk.isdigit() and len(pk) < 18]
    decision = Decision(step.id, given["outcome"], given["reason"], given.get("grade", ""))
    try:
        done = decide(actor, model, decision, ticked[:PER_PAGE] if given["whom"] == "ticked" else None)
    except (Refusal, Denied) as refusal:
        form.add_error(None, str(refusal))
        return False
    words = _("办了 %(n)s 个，其中 %(m)s 个等级生效。") % {"n": done.decided, "m": done.in_effect}
    if done.left:
        words += _("有 %(n)s 个是您自己经手的，留给另一位审核员。") % {"n": done.left}
    messages.success(request, words)
    return True


def _rows(model: Evaluation, page: Page[Waiting], ticked: set[str]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    return [
        {
            "waiting": w,
            "grade": desk.grade_cell(model, w.grade),
            "before": desk.grade_cell(model, w.before) if w.before else None,
            "ticked": str(w.subject_id) in ticked,
            "late": w.due is not None and w.due < today,
            "href": reverse("dept-subject-why", args=[w.subject.code, model.id]) + "?waiting=1",
        }
        for w in page
    ]
