"""Proposing a subject for a list, on its own records (R-171, R-181); looking at them is a look by duty (R-092)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, require
from chengxin.design.shapes import Crumb
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.lists import CreditList
from chengxin.registry import looks
from chengxin.registry.models import Standing, Subject
from chengxin.registry.queries import find_subject
from chengxin.supervision.lists.actions import propose
from chengxin.supervision.lists.keeping import Paper
from chengxin.workbench import department as desk
from chengxin.workbench import dept_listing_page as pages
from chengxin.workbench.dept_forms import CodeForm, ProposalForm
from chengxin.workbench.views.listing import home, list_of


@may("list.see", of=list_of)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, found: CreditList) -> HttpResponse:
    """First whom, then why and on which records."""
    require(actor_of(request), "list.prepare", found.department)
    crumbs = [home(), Crumb(named(found), reverse("listing-list", args=[found.id]))]
    code = request.GET.get("code", "")
    subject = find_subject(code) if code else None
    if subject is None:
        form = CodeForm({"code": code} if code else None)
        if code and form.is_valid():
            form.add_error("code", _("登记库里没有这个代码，请核对。"))
        shown = {"list": found, "form": form, "crumbs": crumbs}
        return render(request, "workbench/dept_propose_whom.html", shown, status=422 if form.errors else 200)
    return _proposal(request, found, subject, crumbs)


def _proposal(request: HttpRequest, found: CreditList, subject: Subject, crumbs: list[Crumb]) -> HttpResponse:
    actor = actor_of(request)
    ask = desk.reason_for(request, subject.code)
    here = f"{request.path}?code={subject.code}"
    if ask is None:
        return redirect(reverse("dept-subject", args=[subject.code]) + f"?next={here}#reason")
    try:
        seen = looks.look(actor, subject, ask)
    except looks.NoBasis as refusal:
        desk.forget_reason(request, subject.code)
        messages.error(request, str(refusal))
        return redirect(reverse("dept-subject", args=[subject.code]) + f"?next={here}#reason")
    form = ProposalForm(
        request.POST if request.method == "POST" else None,
        criteria=[(c.id, named(c)) for c in found.criteria],
        records=_grounds(seen),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        records = [int(pk) for pk in given.get("records", [])]
        try:
            entry = propose(actor, found.id, subject.code, given["criterion"], records, Paper(text=given["text"]))
        except Denied:
            raise
        except Refusal as refusal:
            desk.problem(form, refusal)
        else:
            messages.success(request, _("已提出。下一步：事前告知当事人，由本部门办理。"))
            return redirect("listing", entry.number)
    shown: dict[str, Any] = {
        "list": found,
        "subject": subject,
        "form": form,
        "crumbs": crumbs,
        "consequences": pages.consequences(found, timezone.localdate()),
    }
    return render(request, "workbench/dept_propose.html", shown, status=422 if form.errors else 200)


def _grounds(seen: list[looks.Seen]) -> desk.Pairs:
    """The records on which a proposal may rest: active and beyond doubt, the newest first."""
    good = [
        s for s in seen if s.view.standing == Standing.ACTIVE and not s.view.version.held and s.item.nature == "adverse"
    ]
    good.sort(key=lambda s: str(s.view.head.decided_on or ""), reverse=True)
    return [(str(s.view.head.pk), _line(s)) for s in good]


def _line(s: looks.Seen) -> str:
    title = s.shown.fields.get(s.item.record.title) or s.view.head.key
    parts = (str(title), named(s.item), str(s.view.head.decided_on or ""), s.view.head.get_severity_display())
    return " · ".join(p for p in parts if p and p != "—")
