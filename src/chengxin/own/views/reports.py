"""The subject's credit reports: which there are, order one, download it, how others verify it, who was given which (F-08)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import may
from chengxin.accounts.rules import Denied
from chengxin.accounts.words import english
from chengxin.audit.actions import record as trace
from chengxin.design.shapes import Card, Cell, Column, Crumb, Fact, Table
from chengxin.own import speaking
from chengxin.own.pages import named, page
from chengxin.own.speaking import Place
from chengxin.policy.reports import Report as Template
from chengxin.policy.reports import templates
from chengxin.registry.packs import policies
from chengxin.reports import actions, queries
from chengxin.reports.asking import PURPOSE_LENGTH, Request
from chengxin.reports.errors import ReportRefused
from chengxin.reports.models import Report
from chengxin.standards.months import add_months

_A_PAGE = 20


class OrderForm(forms.Form):
    """What the template leaves to the subject: the use, period and fields of law where it offers them."""

    purpose = forms.CharField(
        label=gettext_lazy("用途"), required=False, max_length=PURPOSE_LENGTH,
        help_text=gettext_lazy("写在出具记录里，例如：参加某项目投标。"), widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("语言"), choices=[("zh", "中文"), ("en", "English")], initial="zh")

    def __init__(self, *args: Any, template: Template, **more: Any) -> None:
        super().__init__(*args, **more)
        if template.choices:
            today = timezone.localdate()
            first = add_months(today, -template.choices.max_months)
            said = _("最早 %(first)s。") % {"first": first.isoformat()}
            self.fields["start"] = _day(_("从哪一天起"), said, add_months(today, -template.choices.months))
            self.fields["end"] = _day(_("到哪一天止"), _("最晚今天。"), today)
            fields = [(f.id, named(f)) for f in template.choices.fields]
            if fields:
                self.fields["law"] = forms.MultipleChoiceField(
                    label=_("哪些领域"), required=False, choices=fields, widget=forms.CheckboxSelectMultiple,
                    help_text=_("一个也不选，就是全部领域。"),
                )  # fmt: skip

    def request(self, template: str, code: str) -> Request:
        """What is asked for."""
        given = self.cleaned_data
        return Request(
            template, (code,), purpose=given["purpose"], start=given.get("start"), end=given.get("end"),
            fields=tuple(given.get("law") or ()), language=given["language"],
        )  # fmt: skip


def _day(label: str, hint: str, initial: date) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=hint, initial=initial, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写「%(label)s」。") % {"label": label}, "invalid": _("请写成日期，如 2026-03-01。")},
    )  # fmt: skip


def _templates(here: Place) -> list[Template]:
    """The templates that the subject may ask for."""
    if here.subject is None:
        return []
    found = templates(policies(), timezone.localdate())
    return [
        t for t in found
        if t.about == "subject" and "subject" in t.askers and here.subject.kind in t.subjects
        and (not t.industries or here.subject.industry.startswith(tuple(t.industries)))
    ]  # fmt: skip


@may("own.report", of=speaking.subject_place)
@require_safe
def reports(request: HttpRequest, here: Place) -> HttpResponse:
    """The versions to choose from, and what was issued to whom."""
    offered = [Card(named(t), _what(t), reverse("own-report-order", args=[here.code, t.id])) for t in _templates(here)]
    part = Paginator(queries.issued(here.actor, here.held_code), _A_PAGE).get_page(request.GET.get("page"))
    labels = {t.id: named(t) for t in policies().of(Template)}
    columns = (Column(_("报告编号")), Column(_("报告"), wide=True), Column(_("出具日期")), Column(_("有效期至")),
               Column(_("谁要的")), Column(_("用途"), wide=True))  # fmt: skip
    asked = {
        "subject": _("本人") if here.natural else _("本单位"),
        "duty": _("单位依职权"),
        "counter": _("窗口代办"),
        "grantee": _("被授权单位"),
    }
    rows = [
        [Cell(r.number, href=reverse("own-report", args=[here.code, r.number])), labels.get(r.template, r.template), r.day,
         r.valid_until, asked.get(r.asked_as, r.asked_as), r.purpose]
        for r in part.object_list
    ]  # fmt: skip
    return page(
        request, "reports", here, {"cards": offered, "table": Table(_("出具记录"), columns, rows), "page": part}
    )


def _what(template: Template) -> str:
    days = _("有效期 %(n)d 天") % {"n": template.valid_days}
    if template.choices:
        return _("%(days)s；可以自选期限和领域。") % {"days": days}
    return _("%(days)s。") % {"days": days}


def _of_template(actor: Any, code: str, template: str) -> Place:
    here = speaking.subject_place(actor, code)
    found = next((t for t in _templates(here) if t.id == template), None)
    if found is None:
        raise Http404
    return speaking.with_thing(here, found)


@may("own.report", of=_of_template)
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, here: Place) -> HttpResponse:
    """Choose what the template leaves open; the report is made at once."""
    template: Template = here.thing
    form = OrderForm(request.POST if request.method == "POST" else None, template=template)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.issue(here.actor, form.request(template.id, here.held_code))
        except (ReportRefused, Denied) as refused:
            form.add_error("start" if "start" in form.fields else None, str(refused))
        else:
            messages.success(request, _("报告 %(number)s 已生成。") % {"number": made.number})
            return redirect("own-report", here.code, made.number)
    return page(request, "report_order", here, {
        "form": form, "label": named(template), "what": _what(template),
        "chapters": [named(c) for c in template.chapters],
        "notes": [(named(s, "title"), s.text_en if english() else s.text) for s in template.statements],
        "crumbs": [Crumb(_("信用报告"), reverse("own-reports", args=[here.code]))],
    }, status=422 if form.errors else 200)  # fmt: skip


def _of_report(actor: Any, code: str, number: str) -> Place:
    here = speaking.subject_place(actor, code)
    return speaking.with_thing(here, Report.objects.get(number=number, subject_code=here.held_code))


@may("own.report", of=_of_report)
@require_safe
def report(request: HttpRequest, here: Place) -> HttpResponse:
    """One report: download, and what its receiver needs to verify it."""
    made: Report = here.thing
    template = next((t for t in policies().of(Template) if t.id == made.template), None)
    facts = [
        Fact(_("报告编号"), made.number, code=True), Fact(_("核验码"), made.code, code=True),
        Fact(_("出具日期"), made.day), Fact(_("有效期至"), made.valid_until), Fact(_("用途"), made.purpose or "—"),
    ]  # fmt: skip
    return page(request, "report", here, {
        "made": made, "label": named(template) if template else made.template, "facts": facts,
        "expired": made.valid_until < timezone.localdate(),
        "verify": actions.address_of(made.number, made.code),
        "crumbs": [Crumb(_("信用报告"), reverse("own-reports", args=[here.code]))],
    })  # fmt: skip


@may("own.report", of=_of_report)
@require_safe
def pdf(request: HttpRequest, here: Place) -> HttpResponse:
    """The PDF as it was issued, seal included; the download is on record."""
    made: Report = here.thing
    trace(here.actor.name, "report.download", "report", made.number, file="pdf", channel="page")
    name = {"Content-Disposition": f'attachment; filename="{made.number}.pdf"'}
    return HttpResponse(queries.pdf_of(made), content_type="application/pdf", headers=name)
