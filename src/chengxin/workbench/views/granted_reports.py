"""Reports by authorisation: whom a subject has authorised on this platform, such as its bank, takes the report it covers
(R-094, R-105, R-112). Each is a look that the subject sees; an authorisation for a single query is used up by one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.models import Authorisation
from chengxin.accounts.refusals import Refusal
from chengxin.design.shapes import Cell, Column, Crumb, Fact, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.reports import Report as Template
from chengxin.policy.reports import templates
from chengxin.registry.authorising import usable_by
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import units_for
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies
from chengxin.registry.queries import find_subject
from chengxin.reports import actions
from chengxin.reports.asking import Request
from chengxin.reports.models import Report
from chengxin.workbench.report_file import as_pdf

PER_PAGE = 20


class TakeForm(forms.Form):
    """Which report, in which language; purpose and subject are the authorisation's."""

    template = forms.ChoiceField(
        label=gettext_lazy("哪一种报告"), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择哪一种报告。")},
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("语言"), choices=[("zh", "中文"), ("en", "English")], initial="zh")

    def __init__(self, *args: Any, offered: list[Template], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["template"].choices = [(t.id, named(t)) for t in offered]  # type: ignore[attr-defined]
        if offered:
            self.initial.setdefault("template", offered[0].id)


def anything(_actor: Actor, **_captured: Any) -> None:
    """What belongs to no unit."""


def _usable(actor: Actor, authorisation: str) -> Authorisation:
    """An authorisation that covers a whole report and is still good, given to a unit in which the actor works."""
    units = units_for(actor, Audience.AUTHORISED)
    return next(a for a in _whole(units) if a.number == authorisation)


def _of_authorisation(actor: Actor, authorisation: str) -> Authorisation:
    try:
        return _usable(actor, authorisation)
    except StopIteration:
        raise Http404(_("没有这份授权，或者它已撤回、已到期、已用完，或者只及于部分信息。")) from None


def _whole(units: list[str]) -> list[Authorisation]:
    """Those that say nothing of items and fields: a report is a whole (reports/asking.py)."""
    return [a for a in usable_by(units, timezone.localdate()) if not a.items and not a.fields]


def _mine(actor: Actor, number: str) -> Report:
    return Report.objects.get(number=number, issued_by=actor.name, asked_as="grantee")


@may("report.issue-granted", of=anything)
@require_safe
def index(request: HttpRequest, _target: None) -> HttpResponse:
    """Which authorisations cover a report now, and which reports I have taken."""
    actor = actor_of(request)
    rows = _whole(units_for(actor, Audience.AUTHORISED))
    names = dict(Subject.objects.filter(code__in=[a.subject for a in rows]).values_list("code", "name"))
    usable = [
        [Cell(names.get(a.subject, a.subject), reverse("granted-report-order", args=[a.number]), note=a.subject), a.purpose,
         a.until, _("只能用一次") if a.single else _("期限内可以多次"), Cell(a.number)]
        for a in rows
    ]  # fmt: skip
    mine = Report.objects.filter(issued_by=actor.name, asked_as="grantee").order_by("-pk")
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    taken = [
        [Cell(r.number, reverse("granted-report", args=[r.number])), r.subject_name, r.purpose, r.day, r.valid_until]
        for r in page
    ]
    return render(request, "workbench/granted_reports.html", {
        "usable": Table(
            _("可以取用报告的授权"),
            [Column(_("主体"), wide=True), Column(_("用途"), wide=True), Column(_("有效期至")), Column(_("次数")),
             Column(_("授权编号"))],
            usable, show_caption=True,
            empty=_("没有可以取用报告的授权。只授权部分信息的，请到「依据查询」逐项查询。"),
        ),
        "taken": Table(
            _("我取用的报告"),
            [Column(_("报告编号")), Column(_("主体"), wide=True), Column(_("用途"), wide=True), Column(_("出具日期")),
             Column(_("有效期至"))],
            taken, show_caption=True, empty=_("还没有取用过报告。"),
        ),
        "page": page,
    })  # fmt: skip


@may("report.issue-granted", of=_of_authorisation)
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, given: Authorisation) -> HttpResponse:
    """Choose the report; it is made at once, and the subject sees that it was taken."""
    subject = find_subject(given.subject)
    if subject is None:
        raise Http404
    form = TakeForm(request.POST if request.method == "POST" else None, offered=_offered(subject))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        wanted = Request(
            told["template"],
            (subject.code,),
            purpose=given.purpose,
            authorisation=given.number,
            language=told["language"],
        )
        try:
            made = actions.issue(actor_of(request), wanted)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("报告 %(number)s 已生成，信用主体看得到这次取用。") % {"number": made.number})
            return redirect("granted-report", made.number)
    facts = [
        Fact(_("主体"), f"{subject.name} {subject.code}"), Fact(_("用途"), given.purpose),
        Fact(_("授权编号"), given.number, code=True), Fact(_("有效期至"), given.until),
        Fact(_("次数"), _("只能用一次") if given.single else _("期限内可以多次")),
    ]  # fmt: skip
    shown = {"form": form, "facts": facts, "crumbs": [_home()]}
    return render(request, "workbench/granted_report_order.html", shown, status=422 if form.errors else 200)


@may("report.issue-granted", of=_mine)
@require_safe
def show(request: HttpRequest, made: Report) -> HttpResponse:
    """One report that I took: download it, and how others verify it."""
    template = next((t for t in policies().of(Template) if t.id == made.template), None)
    facts = [
        Fact(_("报告编号"), made.number, code=True), Fact(_("核验码"), made.code, code=True),
        Fact(_("主体"), f"{made.subject_name} {made.subject_code}"), Fact(_("用途"), made.purpose),
        Fact(_("授权编号"), made.authorisation, code=True), Fact(_("出具日期"), made.day),
        Fact(_("有效期至"), made.valid_until),
    ]  # fmt: skip
    return render(request, "workbench/granted_report.html", {
        "made": made, "label": named(template) if template else made.template, "facts": facts, "crumbs": [_home()],
        "expired": made.valid_until < timezone.localdate(),
    })  # fmt: skip


@may("report.issue-granted", of=_mine)
@require_safe
def pdf(request: HttpRequest, made: Report) -> HttpResponse:
    """The PDF as it was issued, seal included; taking it is on record and seen by the subject."""
    return as_pdf(request, made)


def _offered(subject: Subject) -> list[Template]:
    """The reports that whom the subject has authorised may take."""
    return [
        t for t in templates(policies(), timezone.localdate())
        if t.about == "subject" and "grantee" in t.askers and subject.kind in t.subjects
        and (not t.industries or subject.industry.startswith(tuple(t.industries)))
    ]  # fmt: skip


def _home() -> Crumb:
    return Crumb(_("授权报告"), reverse("granted-reports"))
