"""How cases are handled: figures with their goals, laggards by name, and the checking of reviews by samples (R-228, R-234,
R-237, R-245, R-268)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.accounts.refusals import Refusal
from chengxin.cases import looking, sampling
from chengxin.cases.models import CaseEvent, Sample
from chengxin.cases.packs import procedure_of, serving
from chengxin.cases.statistics import figures
from chengxin.design.shapes import Cell, Column, Crumb, Fact, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import noted
from chengxin.policy.procedures import Procedure
from chengxin.registry.packs import policies
from chengxin.workbench.case_figures import charts, laggards_table, table
from chengxin.workbench.case_words import people_of

PER_PAGE = 30


class PeriodForm(forms.Form):
    """From which to which day."""

    since = forms.DateField(label=gettext_lazy("从"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=gettext_lazy("到"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("结束的日期应当不早于开始的日期。"))
        return cleaned


class DrawForm(PeriodForm):
    """How many closed cases of a procedure are drawn."""

    procedure = forms.ChoiceField(label=gettext_lazy("办件种类"))
    count = forms.IntegerField(label=gettext_lazy("抽多少件"), min_value=1, max_value=1000)
    field_order = ("procedure", "count", "since", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {p.id: named(p) for p in policies().of(Procedure)}
        self.fields["procedure"].choices = list(known.items())  # type: ignore[attr-defined]


class JudgeForm(forms.Form):
    """Whether the reviews of a drawn case were right."""

    RIGHT, WRONG = "right", "wrong"
    verdict = forms.ChoiceField(
        label=gettext_lazy("核查结论"), widget=forms.RadioSelect,
        choices=[(RIGHT, gettext_lazy("没有差错")), (WRONG, gettext_lazy("有差错"))],
        error_messages={"required": gettext_lazy("请选择核查结论。")},
    )  # fmt: skip
    wrong_step = forms.ChoiceField(label=gettext_lazy("哪一环节有差错（没有差错不选）"), required=False)
    finding = forms.CharField(
        label=gettext_lazy("理由（有差错必填）"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, taken: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wrong_step"].choices = [("", _("没有差错")), *taken]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("verdict") == self.WRONG:
            if not cleaned.get("wrong_step"):
                self.add_error("wrong_step", _("请选择是哪一环节有差错。"))
            if not (cleaned.get("finding") or "").strip():
                self.add_error("finding", _("认定有差错须写明理由。"))
        elif cleaned.get("wrong_step"):
            self.add_error("wrong_step", _("结论是没有差错，请不要选择环节，或者改选「有差错」。"))
        return cleaned


@signed_in
@require_safe
def shares(request: HttpRequest) -> HttpResponse:
    """On time, reversed, reviews in error, procedure by procedure; who is behind with following changes."""
    today = timezone.localdate()
    given = {
        "since": request.GET.get("since") or f"{today.year}-01-01",
        "until": request.GET.get("until") or str(today),
    }
    form = PeriodForm(given)
    shown: dict[str, Any] = {"form": form, "crumbs": _crumbs()}
    if form.is_valid():
        found = figures(form.cleaned_data["since"], form.cleaned_data["until"])
        shown |= {"table": table(found), "charts": charts(found), "laggards": laggards_table(today), "any": bool(found)}
    return render(request, "workbench/case_figures.html", shown, status=422 if form.errors else 200)


def _nobody(actor: Actor) -> None:
    return None


@may("case.sample", of=_nobody)
@require_http_methods(["GET", "HEAD", "POST"])
def samples(request: HttpRequest, _target: None) -> HttpResponse:
    """Draw closed cases at random; judge what was drawn."""
    today = timezone.localdate()
    first = {
        "since": date(today.year, 1, 1),
        "until": today,
        "count": 10,
        "procedure": request.GET.get("procedure") or getattr(serving("repair", today), "id", ""),
    }
    form = DrawForm(request.POST) if request.method == "POST" else DrawForm(initial=first)
    if form.is_bound and form.is_valid():
        g = form.cleaned_data
        drawn = sampling.draw(actor_of(request), g["procedure"], g["count"], since=g["since"], until=g["until"])
        if drawn:
            told = ngettext("抽中 %(n)d 件，请逐件核查。", "抽中 %(n)d 件，请逐件核查。", len(drawn))
            messages.success(request, told % {"n": len(drawn)})
        else:
            messages.info(request, _("这段时间没有还没抽过的办结办件，换一个种类或者时间再抽。"))
        return redirect("samples")
    page = Paginator(_in_order(), PER_PAGE).get_page(request.GET.get("page"))
    shown = {"form": form, "page": page, "table": _table(list(page.object_list)), "crumbs": _crumbs()}
    return render(request, "workbench/case_samples.html", shown, status=422 if form.errors else 200)


def _in_order() -> Any:
    """What is still to be judged first."""
    return Sample.objects.select_related("case").order_by(F("judged_on").desc(nulls_first=True), "-pk")


def _table(found: list[Sample]) -> Table:
    columns = [
        Column(_("办件")),
        Column(_("抽取日期")),
        Column(_("结论")),
        Column(_("核查人")),
        Column(_("理由"), wide=True),
    ]
    names = people_of([s.judged_by for s in found if s.judged_by])
    rows = []
    for sample in found:
        if sample.judged_on is None:
            verdict = Cell(_("待核查"), reverse("sample", args=[sample.case.number]), "info")
        else:
            wrong = sample.wrong_step
            verdict = Cell(_("有差错") if wrong else _("没有差错"), tone="bad" if wrong else "good")
        rows.append([
            Cell(sample.case.number, reverse("case", args=[sample.case.number])), sample.drawn_on, verdict,
            names.get(sample.judged_by, ""), sample.finding,
        ])  # fmt: skip
    return Table(_("抽中的办件"), columns, rows, empty=_("还没有抽过。选好种类、数量和时间，点「随机抽取」。"))


def _sample(actor: Actor, number: str) -> Sample:
    return Sample.objects.select_related("case").get(case__number=number)


@may("case.sample", of=_sample)
@require_http_methods(["GET", "HEAD", "POST"])
def judge(request: HttpRequest, sample: Sample) -> HttpResponse:
    """Say whether a drawn case was reviewed rightly; by somebody who took no step of it."""
    case = sample.case
    procedure = procedure_of(case)
    if sample.judged_on is not None:
        raise Http404(_("这个办件已经核查过。"))
    looking.note(actor_of(request), case)
    lines = list(CaseEvent.objects.filter(case=case, kind="step").exclude(before="").order_by("number"))
    names = people_of([e.actor for e in lines])
    taken = [(e.step, noted(named(procedure.step(e.step)), names.get(e.actor, e.actor))) for e in lines]
    form = JudgeForm(request.POST if request.method == "POST" else None, taken=taken)
    if form.is_bound and form.is_valid():
        try:
            sampling.judge(
                actor_of(request), case.number, wrong_step=form.cleaned_data["wrong_step"],
                finding=form.cleaned_data["finding"].strip(),
            )  # fmt: skip
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(number)s 的核查结论已登记。") % {"number": case.number})
            return redirect("samples")
    facts = [
        Fact(named(procedure.step(e.step)), f"{names.get(e.actor, e.actor)} · {e.day}\n{e.reason}".strip())
        for e in lines
    ]
    shown = {"form": form, "case": case, "procedure": procedure, "facts": facts,
             "crumbs": [*_crumbs(), Crumb(_("抽样核查"), reverse("samples"))]}  # fmt: skip
    return render(request, "workbench/case_judge.html", shown, status=422 if form.errors else 200)


def _crumbs() -> list[Crumb]:
    return [Crumb(_("办件"), reverse("cases"))]
