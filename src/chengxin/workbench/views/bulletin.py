"""The monthly bulletin (月通报): drawn up by one steward, let out by another; as page, PDF and workbook (R-054, R-349)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.accounts.rules import allow, require
from chengxin.accounts.words import people
from chengxin.collection import actions, bulletin_files, bulletin_told
from chengxin.collection import bulletin as bulletins
from chengxin.collection.models import Bulletin
from chengxin.collection.quality import BadMonth, shifted
from chengxin.design.shapes import Crumb, Fact
from chengxin.policy.policies import UnknownPolicy
from chengxin.workbench.bulletin_page import charts, index_table, shown_sections
from chengxin.workbench.forms import BulletinForm

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _bulletin(actor: Actor, month: str) -> Bulletin:
    return bulletins.visible(actor).get(month=month)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All bulletins; a steward draws up the next one here."""
    actor = actor_of(request)
    require(actor, "bulletin.see", "")
    last = shifted(f"{timezone.localdate():%Y-%m}", -1)
    form = BulletinForm(request.POST if request.method == "POST" else None, initial={"month": last})
    if request.method == "POST":
        require(actor, "bulletin.prepare", "")
        if form.is_valid() and (made := _prepared(request, actor, form)):
            return made
    found = list(bulletins.visible(actor))
    shown = {
        "table": index_table(found) if found else None,
        "form": form if allow(actor, "bulletin.prepare", "") else None,
    }
    return render(request, "workbench/bulletins.html", shown, status=422 if form.errors else 200)


def _prepared(request: HttpRequest, actor: Actor, form: BulletinForm) -> HttpResponse | None:
    try:
        made = bulletins.prepare(actor, form.cleaned_data["month"], form.cleaned_data["foreword"])
    except (BadMonth, actions.WrongState) as wrong:
        form.add_error("month", str(wrong))
        return None
    except UnknownPolicy:
        form.add_error("month", _("这个月没有现行的数据质量目标，请换一个月份。"))
        return None
    messages.success(request, _("已生成草稿。请另一位数据管理员看过后发布；发布之前可以重新生成。"))
    return redirect("bulletin", made.month)


@may("bulletin.see", of=_bulletin)
@require_safe
def show(request: HttpRequest, found: Bulletin) -> HttpResponse:
    """The bulletin as a page."""
    return render(request, "workbench/bulletin.html", _shown(actor_of(request), found))


def _shown(actor: Actor, found: Bulletin) -> dict[str, Any]:
    said = bulletin_told.figures(found)
    names = people((found.prepared_by, found.published_by))
    facts = [
        Fact(_("生成"), f"{timezone.localtime(found.prepared_at):%Y-%m-%d %H:%M} · {names.get(found.prepared_by, '')}"),
        Fact("SHA-256", found.sha256, code=True),
    ]
    if found.published_at:
        told = f"{timezone.localtime(found.published_at):%Y-%m-%d %H:%M} · {names.get(found.published_by, '')}"
        facts.insert(1, Fact(_("发布"), told))
    waits = not found.published_at
    return {
        "bulletin": found,
        "title": bulletin_told.title(found.month),
        "sections": shown_sections(said),
        "charts": charts(said),
        "facts": facts,
        "waits": waits,
        "may_publish": waits and allow(actor, "bulletin.publish", found),
        "mine": waits and found.prepared_by == actor.name,
        "may_prepare": waits and allow(actor, "bulletin.prepare", ""),
        "crumbs": [Crumb(_("月通报"), reverse("bulletins"))],
    }


@may("bulletin.publish", of=_bulletin)
@require_POST
def publish(request: HttpRequest, found: Bulletin) -> HttpResponse:
    """Let it out as it was read."""
    try:
        bulletins.publish(actor_of(request), found, request.POST.get("sha256", ""))
    except (actions.NotAccepted, actions.WrongState) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已发布，各单位的工作人员都能看到。"))
    return redirect("bulletin", found.month)


@may("bulletin.see", of=_bulletin)
@require_safe
def pdf(request: HttpRequest, found: Bulletin) -> HttpResponse:
    """The bulletin to print."""
    try:
        made = bulletin_files.pdf(found)
    except bulletin_files.NotPrintable as missing:
        messages.error(request, str(missing))
        return redirect("bulletin", found.month)
    return _file(made, "application/pdf", f"bulletin-{found.month}.pdf")


@may("bulletin.see", of=_bulletin)
@require_safe
def xlsx(request: HttpRequest, found: Bulletin) -> HttpResponse:
    """The bulletin to reckon with."""
    return _file(bulletin_files.workbook(found), _XLSX, f"bulletin-{found.month}.xlsx")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
