"""Content for the public: write, preview, hand over; a second person lets it through, returns it or takes it down
(R-340, G-16). What may be done when stands in the procedure of the packs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, ask_first, signed_in
from chengxin.accounts.rules import Denied
from chengxin.accounts.words import english
from chengxin.accounts.words import people as names_of
from chengxin.cases import actions, content, people
from chengxin.cases.actions import Opening
from chengxin.cases.errors import CaseRefused
from chengxin.cases.forms import StepForm
from chengxin.cases.models import Case, CaseEvent
from chengxin.cases.packs import procedure_of
from chengxin.cases.queries import steps_for, visible
from chengxin.design.shapes import Cell, Column, Crumb, Event, Fact, Tab, Table
from chengxin.policy.procedures import Procedure, Step

PER_PAGE = 30
_TONES = {"draft": "warn", "returned": "bad", "published": "good"}


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All texts of my unit, state by state; what waits for a second person first."""
    actor, pack = actor_of(request), content.procedure(timezone.localdate())
    mine = _texts(actor)
    states = [s.id for s in pack.states]
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in states else ""
    rows = mine.filter(state=chosen) if chosen else mine
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "tabs": _tabs(pack, chosen),
        "table": _table(page.object_list),
        "page": page,
        "may_write": content.may_write(actor, timezone.localdate()),
    }
    return render(request, "workbench/content_index.html", shown)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a text; the first button shows it as the public would see it, the second hands it over."""
    actor, day = actor_of(request), timezone.localdate()
    if not content.may_write(actor, day):
        raise Denied(_("起草内容需要您在公共信用信息中心担任信息管理员（报送）或发布员。"))
    pack = content.procedure(day)
    form = _form(request, pack, pack.opening)
    if request.method != "POST" or not form.is_valid():
        return _writing(request, form)
    if request.POST.get("go") == "preview":
        return _writing(request, form, preview=True)
    try:
        case = actions.open_case(actor, Opening(pack.id, form=form.answers(), key=form.key))
    except CaseRefused as refused:
        form.refuse(refused)
        return _writing(request, form)
    messages.success(request, _("已提交，等另一位工作人员审核。发布之前公众看不到。"))
    return redirect("content-item", case.pk)


@signed_in
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A text as the public sees or would see it, what the checks say, what has happened, and what I may do."""
    actor = actor_of(request)
    case = get_object_or_404(_texts(actor), pk=pk)
    pack = procedure_of(case)
    allowed = steps_for(actor, case)
    shown = {
        "case": case,
        "crumbs": [Crumb(_("内容发布"), reverse("content"))],
        "facts": _facts(case, pack),
        "steps": [(s, _label(s)) for s in pack.steps_from(case.state) if s.id in allowed],
        "why_not": "" if allowed else _why_not(actor, case, pack),
        "published": getattr(case, "publication", None),
        "events": _events(case, pack),
        **_preview(case.form),
    }
    return render(request, "workbench/content_show.html", shown)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step: mended and handed over again, let through, returned, taken down; each with what the pack asks for."""
    actor = actor_of(request)
    case = get_object_or_404(_texts(actor).select_related(None), pk=pk)
    pack = procedure_of(case)
    wanted = next((s for s in pack.steps_from(case.state) if s.id == step), None)
    if wanted is None:
        messages.error(request, _("这篇内容现在不能这样办理，可能刚刚由他人办理。"))
        return redirect("content-item", case.pk)
    people.require(actor, case, pack, wanted)
    ask_first(request, "case.act", people.Asked(case, pack, wanted))
    form = _form(request, pack, wanted, case)
    if request.method != "POST" or not form.is_valid():
        return _writing(request, form, case=case, step=wanted)
    if request.POST.get("go") == "preview":
        return _writing(request, form, case=case, step=wanted, preview=True)
    try:
        done = actions.act(
            actor, case.number, wanted.id, reason=form.reason, form=form.answers(), expect=form.expect, key=form.key
        )
    except CaseRefused as refused:
        form.refuse(refused)
        return _writing(request, form, case=case, step=wanted)
    state = pack.state(done.state)
    messages.success(
        request, _("已办理。现在是「%(state)s」。") % {"state": state.label_en if english() else state.label}
    )
    return redirect("content-item", case.pk)


def _texts(actor: Actor) -> QuerySet[Case]:
    """The texts that the actor may see, those that were touched last first."""
    ids = [content.procedure(timezone.localdate()).id]
    return visible(actor).filter(procedure__in=ids).select_related("publication").order_by("-opened_on", "-pk")


def _form(request: HttpRequest, pack: Procedure, step: Step, case: Case | None = None) -> StepForm:
    form = StepForm(request.POST if request.method == "POST" else None, procedure=pack, step=step, case=case)
    if "ask_title" in form.fields:
        form.fields["ask_title"].widget = forms.TextInput(attrs={"maxlength": pack_length(pack, "title")})
    if "ask_body" in form.fields:
        form.fields["ask_body"].widget.attrs["rows"] = 16
        form.fields["ask_body"].help_text = _("用 Markdown 书写，写法见下方；不能放 HTML 和外部图片。")
    return form


def pack_length(pack: Procedure, ask: str) -> int:
    """How long an answer may be."""
    found = pack.ask(ask)
    return found.max_length if found else 0


def _writing(
    request: HttpRequest, form: StepForm, *, case: Case | None = None, step: Step | None = None, preview: bool = False
) -> HttpResponse:
    writes = "ask_body" in form.fields
    heading = _label(step) if step else _("起草内容")
    shown: dict[str, Any] = {
        "form": form, "case": case, "heading": heading, "writes": writes, "previewed": preview,
        "danger": bool(step and step.decision and step.needs.reason),
        "crumbs": [Crumb(_("内容发布"), reverse("content"))],
    }  # fmt: skip
    if case:
        shown["crumbs"] += [Crumb(str(case.form.get("title", case.number)), reverse("content-item", args=[case.pk]))]
    if preview:
        shown |= _preview(form.answers())
    elif case and not writes:
        shown |= _preview(case.form)
    return render(request, "workbench/content_form.html", shown, status=422 if form.errors else 200)


def _preview(said: dict[str, Any]) -> dict[str, Any]:
    title, body = str(said.get("title", "")), str(said.get("body", ""))
    return {"title": title, "html": content.html_of(body), "remarks": content.remarks(title, body)}


def _label(step: Step) -> str:
    return step.label_en if english() else step.label


def _tabs(pack: Procedure, chosen: str) -> list[Tab]:
    here = reverse("content")
    every = [Tab(_("全部"), here, current=not chosen)]
    return every + [
        Tab(s.label_en if english() else s.label, f"{here}?state={s.id}", current=s.id == chosen) for s in pack.states
    ]


def _table(cases: Any) -> Table:
    names = names_of(c.opened_by for c in cases)
    rows = []
    for case in cases:
        state = procedure_of(case).state(case.state)
        published = getattr(case, "publication", None)
        rows.append([
            Cell(case.form.get("title", case.number), reverse("content-item", args=[case.pk])),
            case.form.get("column", ""),
            names.get(case.opened_by, case.opened_by),
            Cell(state.label_en if english() else state.label, tone=_TONES.get(state.id, "")),  # type: ignore[arg-type]
            case.opened_on,
            published.published_on if published else "",
        ])  # fmt: skip
    columns = [
        Column(_("标题"), wide=True), Column(_("栏目")), Column(_("起草人")), Column(_("状态")), Column(_("起草日期")),
        Column(_("发布日期")),
    ]  # fmt: skip
    return Table(_("内容"), columns, rows)


def _facts(case: Case, pack: Procedure) -> list[Fact]:
    state = pack.state(case.state)
    facts = [
        Fact(_("编号"), case.number, code=True),
        Fact(_("状态"), state.label_en if english() else state.label),
        Fact(_("栏目"), case.form.get("column", "")),
        Fact(_("起草人"), names_of([case.opened_by]).get(case.opened_by, case.opened_by)),
    ]
    if case.form.get("until"):
        facts.append(Fact(_("发布至"), case.form["until"]))
    due = case.terms.filter(stopped_on=None, due_on__isnull=False).order_by("due_on").first()
    if due is not None and not pack.clock(due.clock).until:
        facts.append(Fact(_("审核不晚于"), due.due_on))
    return facts


def _why_not(actor: Actor, case: Case, pack: Procedure) -> str:
    """Why nothing of what comes next is mine to do."""
    if actor.name == case.opened_by:
        return _("您起草的内容由另一位工作人员审核，结果会显示在这里。")
    for wanted in pack.steps_from(case.state):
        try:
            people.require(actor, case, pack, wanted)
        except Denied as denied:
            return str(denied)
    return ""


def _events(case: Case, pack: Procedure) -> list[Event]:
    found = list(CaseEvent.objects.filter(case=case, kind="step").order_by("-number"))
    names = names_of(e.actor for e in found)
    labels = {s.id: _label(s) for s in pack.steps}
    return [Event(e.at, labels.get(e.step, e.step), e.reason, names.get(e.actor, e.actor)) for e in found]
