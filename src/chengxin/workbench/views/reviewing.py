"""Taking a step of a case: its form, a look at the letter, the act; and evidence that is added (R-024, R-228, R-242).

One thing a page: fill in, check with the letter as it will be, confirm. Whoever loses a race is told who was quicker.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, ask_first, signed_in
from chengxin.accounts.refusals import Refusal
from chengxin.cases import actions, desk, letters, looking, people
from chengxin.cases.actions import Upload
from chengxin.cases.errors import CaseRefused, Moved
from chengxin.cases.forms import Entry, Part, StepForm, kinds_of, questions
from chengxin.cases.models import Case, Letter
from chengxin.cases.packs import procedure_of
from chengxin.design.shapes import Fact
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.procedures import Procedure
from chengxin.policy.procedures import Step as Declared
from chengxin.workbench.case_fields import grouped
from chengxin.workbench.case_page import way
from chengxin.workbench.case_record import entries, held
from chengxin.workbench.case_words import answer_words
from chengxin.workbench.views.cases import case_for, crumbs_of, pdf_response

_PARTS: tuple[Part, ...] = ("questions", "changes", "reason")
"""Files are handed in on a page of their own, so that they are not lost between filling in and confirming."""


@dataclass
class Turn:
    """A step that this person is about to take."""

    actor: Actor
    case: Case
    procedure: Procedure
    step: Declared
    standing: people.Standing

    @cached_property
    def entries(self) -> list[Entry]:
        """Seeing what there is to change is a look at the record; every other step's form shows nothing of it."""
        wanted = any(a.type == "changes" for a, _needed in questions(self.procedure, self.step))
        return entries(held(self.actor, self.case)) if wanted else []

    def form(self, data: Any = None) -> StepForm:
        return StepForm(
            data, procedure=self.procedure, step=self.step, case=self.case, who=self.standing.who,
            entries=self.entries, parts=_PARTS,
        )  # fmt: skip

    def option(self) -> desk.Option:
        found = desk.options(self.case, self.procedure, self.actor, timezone.localdate())
        return next(o for o in found if o.step.id == self.step.id)

    def preview(self, form: StepForm) -> Letter | None:
        return letters.preview(
            self.case, self.procedure, self.step, day=timezone.localdate(), actor=self.actor.name, reason=form.reason,
            answers=form.answers(),
        )  # fmt: skip


def _turn(request: HttpRequest, number: str, step: str) -> Turn | None:
    """The step if the case still stands before it, else None. Raises `Http404`, `Denied`."""
    actor = actor_of(request)
    case = case_for(actor, number)
    procedure = procedure_of(case)
    try:
        declared = procedure.step(step)
    except KeyError as unknown:
        raise Http404(_("这种办件没有这一环节。")) from unknown
    if case.state not in declared.start:
        return None
    return Turn(actor, case, procedure, declared, people.require(actor, case, procedure, declared))


def _moved(request: HttpRequest, number: str) -> HttpResponse:
    case = case_for(actor_of(request), number)
    state = procedure_of(case).state(case.state)
    told = _("办件现在是「%(state)s」，这一环节已经不能办了，可能别人刚刚办理过。下面是最新的情况。")
    messages.error(request, told % {"state": named(state)})
    return redirect("case", case.number)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Fill in, check, confirm."""
    turn = _turn(request, number, step)
    if turn is None:
        return _moved(request, number)
    ask_first(request, "case.act", people.Asked(turn.case, turn.procedure, turn.step))
    looking.note(turn.actor, turn.case, once=True)
    if request.method != "POST":
        return _ask(request, turn, turn.form())
    form = turn.form(request.POST)
    if not form.is_valid():
        return _ask(request, turn, form, status=422)
    if request.POST.get("stage") == "back":
        return _ask(request, turn, form)
    if request.POST.get("stage") != "confirm":
        return _check(request, turn, form)
    return _act(request, turn, form)


@signed_in
@require_POST
def preview(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """The letter as PDF before anything is decided; nothing is kept and no number is used up."""
    turn = _turn(request, number, step)
    if turn is None:
        return _moved(request, number)
    form = turn.form(request.POST)
    if not form.is_valid():
        return _ask(request, turn, form, status=422)
    letter = turn.preview(form)
    if letter is None:
        raise Http404(_("这一环节不发文书。"))
    try:
        return pdf_response(letter, "zh")
    except CaseRefused as refused:
        return _check(request, turn, form, problem=str(refused), status=422)


def _act(request: HttpRequest, turn: Turn, form: StepForm) -> HttpResponse:
    try:
        case = actions.act(
            turn.actor, turn.case.number, turn.step.id, reason=form.reason, form=form.answers(), expect=form.expect,
            key=form.key,
        )  # fmt: skip
    except Moved:
        return _moved(request, turn.case.number)
    except CaseRefused as refused:
        return _check(request, turn, form, problem=str(refused), status=422)
    state = turn.procedure.state(case.state)
    told = _("「%(step)s」已办理，办件现在是「%(state)s」。")
    messages.success(request, told % {"step": named(turn.step), "state": named(state)})
    return redirect("case", case.number)


def _ask(request: HttpRequest, turn: Turn, form: StepForm, *, status: int = 200) -> HttpResponse:
    declared = turn.procedure.letter(turn.step.letter) if turn.step.letter else None
    shown = {
        **_shown(turn),
        "form": form,
        "groups": grouped(form, turn.entries),
        "after": turn.procedure.state(turn.step.to),
        "letter": declared.title if declared else "",
        "decision": turn.step.decision,
    }
    return render(request, "workbench/case_step.html", shown, status=status)


def _check(request: HttpRequest, turn: Turn, form: StepForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    answers = form.answers()
    facts = [Fact(named(ask), answer_words(ask, answers[ask.id])) for ask in turn.procedure.asks if ask.id in answers]
    if form.reason:
        facts.append(Fact(_("理由"), form.reason))
    facts.append(Fact(_("办理后"), named(turn.procedure.state(turn.step.to))))
    shown = {**_shown(turn), "form": form, "answers": facts, "problem": problem, "preview": turn.preview(form)}
    return render(request, "workbench/case_check.html", shown, status=status)


def _shown(turn: Turn) -> dict[str, Any]:
    option = turn.option()
    return {
        "case": turn.case,
        "procedure": turn.procedure,
        "crumbs": crumbs_of(turn.case),
        "way": way(option, turn.case),
    }


class AttachForm(forms.Form):
    """A file and what it is; which types are taken stands beside each material."""

    material = forms.ChoiceField(
        label=gettext_lazy("是什么材料"), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择是什么材料。")},
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("文件"),
        error_messages={
            "required": gettext_lazy("请选择文件。"),
            "empty": gettext_lazy("这个文件是空的，请确认后再选。"),
        },
    )

    def __init__(self, *args: Any, case: Case, procedure: Procedure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["material"].choices = [  # type: ignore[attr-defined]
            (
                m.id,
                _("%(label)s（%(kinds)s，不超过 %(mb)d MB）")
                % {"label": named(m), "kinds": kinds_of(m), "mb": m.max_mb},
            )
            for m in procedure.materials
            if m.after_end or not case.closed_on
        ]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def attach(request: HttpRequest, number: str) -> HttpResponse:
    """Add evidence to a case."""
    actor = actor_of(request)
    case = case_for(actor, number)
    procedure = procedure_of(case)
    looking.note(actor, case, once=True)
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AttachForm(*bound, case=case, procedure=procedure)
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = actions.attach(actor, number, Upload(form.cleaned_data["material"], file.name, file))
        except CaseRefused as refused:
            form.add_error("file", str(refused))
        except Refusal as denied:
            form.add_error(None, str(denied))
        else:
            messages.success(request, _("已收下「%(name)s」。") % {"name": kept.file_name})
            return redirect("case", number)
    shown = {"case": case, "procedure": procedure, "crumbs": crumbs_of(case), "form": form}
    return render(request, "workbench/case_attach.html", shown, status=422 if form.errors else 200)
