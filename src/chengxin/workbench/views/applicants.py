"""Review of applicants (信用审查) and batch queries: a list is read and handed to a case (W-08, R-113, R-114)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chengxin.accounts.guards import actor_of, signed_in
from chengxin.accounts.rules import Denied
from chengxin.cases.models import Case
from chengxin.cases.results import MATERIAL as RESULT
from chengxin.cases.starting import Resolved, Start, resolve, starts
from chengxin.design.shapes import Column, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.reports import Report, templates
from chengxin.registry.packs import policies
from chengxin.reports.actions import issue
from chengxin.reports.asking import PURPOSE_LENGTH, Request
from chengxin.reports.errors import ReportRefused
from chengxin.reports.queries import pdf_of
from chengxin.workbench.list_form import ListForm
from chengxin.workbench.views.cases import case_for

_SHOWN = 200


class ApplicantsForm(ListForm):
    """For what, and the list."""

    procedure = forms.ChoiceField(
        label=gettext_lazy("要办什么"), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择要办什么。")},
    )  # fmt: skip
    field_order = ("procedure",)

    def __init__(self, *args: Any, known: list[Start], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = [(s.procedure.id, named(s.procedure)) for s in known]
        self.fields["procedure"].choices = pairs  # type: ignore[attr-defined]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def applicants(request: HttpRequest) -> HttpResponse:
    """Read the list, show whom the register knows, and go on to the form of the procedure."""
    known = [s for s in starts(actor_of(request), timezone.localdate()) if s.of_list]
    if not known:
        raise Denied(_("名单审查需要您在一个信源单位担任信息管理员（报送）。"))
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ApplicantsForm(
        *bound, known=known, initial={"procedure": request.GET.get("procedure", known[0].procedure.id)}
    )
    shown: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        found = resolve(form.lines)
        start = next(s for s in known if s.procedure.id == form.cleaned_data["procedure"])
        ask = next(a.id for a in start.procedure.asks if a.type == "lines")
        if found.codes:
            request.session["prepared"] = {"for": start.procedure.id, ask: "\n".join(found.codes)}
        if request.POST.get("stage") == "go" and found.codes:
            return redirect("new-case-of", start.procedure.id)
        shown |= _told(found) | {"procedure": start.procedure}
        return render(request, "workbench/case_applicants_read.html", shown)
    return render(request, "workbench/case_applicants.html", shown, status=422 if form.errors else 200)


@signed_in
@require_POST
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The credit review sheet (信用审查表) on the list of an approved case, issued and sealed like every report; the looks are
    each subject's to see (R-113, R-114)."""
    actor = actor_of(request)
    case = case_for(actor, number)
    made = sheet_template(case)
    if made is None or not case.attachments.filter(material=RESULT).exists():
        raise Http404(_("这个办件没有已经批准的名单，不能出具信用审查表。"))
    asked = Request(made.id, tuple(case.form["subjects"]), purpose=str(case.form.get("purpose", ""))[:PURPOSE_LENGTH])
    try:
        report = issue(actor, asked)
    except ReportRefused as refused:
        messages.error(request, str(refused))
        return redirect("case", number)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(report.number)}.pdf"}
    return HttpResponse(pdf_of(report), content_type="application/pdf", headers=headers)


def sheet_template(case: Case) -> Report | None:
    """The sheet of the department that asks, where its packs have one of its own; otherwise the sheet of whoever handles it."""
    packs = policies()
    sheets = {t.authority: t for t in templates(packs, timezone.localdate()) if t.about == "list"}
    return sheets.get(packs.agency_name(case.source)) or sheets.get(packs.agency_name(case.handler))


def _told(found: Resolved) -> dict[str, Any]:
    several = [[name, "、".join(codes)] for name, codes in found.several[:_SHOWN]]
    return {
        "found": Table(
            _("登记库认得的"), [Column(_("名称"), wide=True), Column(_("统一社会信用代码"))],
            [[name, code] for code, name in found.found[:_SHOWN]], show_caption=True,
        ),
        "count": len(found.found),
        "shown": min(len(found.found), _SHOWN),
        "unknown": found.unknown[:_SHOWN],
        "unknown_count": len(found.unknown),
        "several": Table(
            _("同名的有几个，请改用代码"), [Column(_("名称")), Column(_("代码"), wide=True)], several, show_caption=True
        ),
    }  # fmt: skip
