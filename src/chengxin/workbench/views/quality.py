"""Data quality month by month (R-044 to R-048, R-061)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import actor_of, signed_in
from chengxin.accounts.models import Role
from chengxin.collection.quality import BadMonth, monthly
from chengxin.policy.policies import UnknownPolicy
from chengxin.workbench.forms import MonthForm


@signed_in
@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """The month's rates and reminders: of my source units; of all of them for a steward."""
    actor = actor_of(request)
    everything = bool(actor.organisations(Role.STEWARD))
    sources = None if everything else actor.organisations(Role.REPORTER, Role.AUDITOR)
    month = request.GET.get("month") or f"{timezone.localdate():%Y-%m}"
    form = MonthForm({"month": month})
    form.is_valid()
    report = None
    try:
        report = monthly(month, sources=sources)
    except BadMonth as wrong:
        form.add_error("month", str(wrong))
    except UnknownPolicy:
        form.add_error("month", _("这个月没有现行的数据质量目标，请换一个月份。"))
    shown = {"form": form, "report": report, "everything": everything}
    return render(request, "workbench/quality.html", shown, status=422 if form.errors else 200)
