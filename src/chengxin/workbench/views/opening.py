"""Opening a case by staff: what the packs let this person open, about what, with which answers and files (R-113, R-220,
R-236, R-247). Every start page is made from the procedure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, signed_in
from chengxin.cases import actions
from chengxin.cases.actions import Opening
from chengxin.cases.errors import CaseRefused
from chengxin.cases.forms import Entry, StepForm, kinds_of, materials
from chengxin.cases.models import Case
from chengxin.cases.starting import Start, start_of, starts
from chengxin.design.shapes import Card, Column, Crumb, Fact, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.procedures import Procedure
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.registry.queries import find_subject
from chengxin.workbench.case_fields import grouped
from chengxin.workbench.case_record import entries, held
from chengxin.workbench.case_words import waits_for
from chengxin.workbench.labels import agency_label
from chengxin.workbench.starting_page import Choice, choices_for


class AboutForm(forms.Form):
    """Whom a case is about."""

    subject = forms.CharField(
        label=gettext_lazy("统一社会信用代码"), max_length=64, required=False,
        help_text=gettext_lazy("18 位代码，也可以是这个主体曾用的编号。"),
    )  # fmt: skip


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What I may open."""
    found = starts(actor_of(request), timezone.localdate())
    cards = [
        Card(named(s.procedure), _about(s.procedure),
             reverse("applicants") if s.of_list else reverse("new-case-of", args=[s.procedure.id]))
        for s in found
    ]  # fmt: skip
    return render(request, "workbench/case_new.html", {"cards": cards, "crumbs": [Crumb(_("办件"), reverse("cases"))]})


def _about(procedure: Procedure) -> str:
    """How long it takes and what is needed, in one line."""
    days = [c.working_days for c in procedure.clocks if c.working_days]
    needed = [named(m) for m, wanted in materials(procedure, procedure.opening) if wanted]
    told = []
    if days:
        most = max(days)
        told.append(ngettext("期限最长 %(n)d 个工作日", "期限最长 %(n)d 个工作日", most) % {"n": most})
    told.append(_("需要：%(what)s") % {"what": "、".join(needed)} if needed else _("不需要附材料"))
    return "；".join(told)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, procedure: str) -> HttpResponse:
    """First about which record or subject, then the form; sent, the case is open and its clocks run."""
    actor, today = actor_of(request), timezone.localdate()
    start = start_of(actor, procedure, today)
    if start is None:
        raise Http404(_("您不能发起这种办件，或者它现在没有施行。"))
    chosen = _chosen(request, start)
    if start.wants_subject and chosen is None:
        return _ask_about(request, actor, start)
    return _opened(request, actor, start, chosen or Choice())


def _chosen(request: HttpRequest, start: Start) -> Choice | None:
    """The record or the subject as a whole, when it has been chosen in the address."""
    said = request.GET.get("record", "")
    if said.isdigit():
        record = Record.objects.select_related("subject").filter(pk=int(said)).first()
        if record is None or not start.takes(record):
            raise Http404(_("没有这条信用信息，或者它不能办理这种办件。"))
        return Choice(record=record, subject=record.subject)
    whole = request.GET.get("whole", "")
    subject = find_subject(whole) if whole and not start.wants_record else None
    return Choice(subject=subject) if subject else None


def _ask_about(request: HttpRequest, actor: Actor, start: Start) -> HttpResponse:
    given = request.GET.get("subject", "").strip()
    form = AboutForm(request.GET if given else None)
    shown: dict[str, Any] = {"form": form, "start": start, "crumbs": _crumbs(), "status": 200}
    if given and form.is_valid():
        subject = find_subject(given)
        if subject is None:
            form.add_error("subject", _("登记库里没有「%(code)s」这个主体，请核对代码。") % {"code": given[:64]})
        else:
            shown |= choices_for(actor, start, subject)
    return render(request, "workbench/case_about.html", shown, status=422 if form.errors else 200)


def _opened(request: HttpRequest, actor: Actor, start: Start, choice: Choice) -> HttpResponse:
    fields = _fields(actor, start, choice)
    form = _form(request, start, choice, fields)
    if request.method != "POST":
        return _page(request, start, choice, form, fields)
    if not form.is_valid():
        return _page(request, start, choice, form, fields, status=422)
    opening = Opening(
        start.procedure.id, record=choice.record.pk if choice.record else None,
        subject=choice.subject.code if choice.subject and not choice.record else "",
        source="" if choice.record else _unit(form, start), form=form.answers(), materials=form.uploads(), key=form.key,
    )  # fmt: skip
    try:
        case = actions.open_case(actor, opening)
    except CaseRefused as refused:
        form.refuse(refused)
        return _page(request, start, choice, form, fields, status=422)
    told = _("已登记，编号 %(number)s。下一步等：%(next)s。")
    messages.success(request, told % {"number": case.number, "next": waits_for(start.procedure, case.state)})
    return redirect("case", case.number)


def _unit(form: StepForm, start: Start) -> str:
    return str(form.cleaned_data.get("unit") or (start.units[0] if start.who.at == "source" else ""))


def _fields(actor: Actor, start: Start, choice: Choice) -> list[Entry]:
    """The fields of the record as they are held: seeing them is a look."""
    about = Case(number=named(start.procedure), record=choice.record, **_at(start, choice))
    return entries(held(actor, about)) if choice.record else []


def _form(request: HttpRequest, start: Start, choice: Choice, fields: list[Entry]) -> StepForm:
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = StepForm(
        *bound, procedure=start.procedure, step=start.procedure.opening, who=start.who, entries=fields,
        initial=_given(request, start.procedure),
    )  # fmt: skip
    if start.who.at == "source" and not choice.record and len(start.units) > 1:
        pairs = [(u, agency_label(policies(), u)) for u in start.units]
        form.fields["unit"] = forms.ChoiceField(label=_("由哪个单位提出"), choices=pairs)
        form.order_fields(["unit"])
    return form


def _at(start: Start, choice: Choice) -> dict[str, str]:
    return {"handler": start.procedure.handler, "source": choice.record.source if choice.record else ""}


def _given(request: HttpRequest, procedure: Procedure) -> dict[str, str]:
    """Answers that another page has prepared, such as a list that was read out of a file."""
    prepared = request.session.get("prepared", {}) if request.method != "POST" else {}
    return {f"ask_{k}": v for k, v in prepared.items()} if prepared.get("for") == procedure.id else {}


def _page(
    request: HttpRequest, start: Start, choice: Choice, form: StepForm, fields: list[Entry], *, status: int = 200
) -> HttpResponse:
    facts = []
    if choice.subject:
        facts.append(Fact(_("信用主体"), f"{choice.subject.name} {choice.subject.code}"))
    if choice.record:
        facts.append(Fact(_("信用信息"), f"{named(policies().versions(choice.record.item)[-1])} · {choice.record.pk}"))
    needed = Table(
        _("需要的材料"), [Column(_("材料")), Column(_("文件类型")), Column(_("是否必需"))],
        [[named(m), kinds_of(m), _("必需") if wanted else _("可以不附")] for m, wanted in
         materials(start.procedure, start.procedure.opening, start.who)],
        show_caption=True,
    )  # fmt: skip
    shown = {
        "groups": grouped(form, fields),
        "form": form,
        "start": start,
        "facts": facts,
        "needed": needed,
        "crumbs": _crumbs(),
        "basis": start.procedure.basis,
    }
    return render(request, "workbench/case_open.html", shown, status=status)


def _crumbs() -> list[Crumb]:
    return [Crumb(_("办件"), reverse("cases")), Crumb(_("发起办件"), reverse("new-case"))]
