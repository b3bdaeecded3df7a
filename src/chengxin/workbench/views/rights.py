"""Rights: roles in units, given for a term and taken back by security's administrator (三员, R-024, R-077, G-20)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chengxin.accounts import administering
from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.models import Membership, Organisation, Role, User
from chengxin.accounts.refusals import Refusal
from chengxin.audit.actions import record as trace
from chengxin.design.shapes import Fact
from chengxin.design.templatetags.chengxin import named
from chengxin.workbench.admin_forms import GrantForm, GrantUnitForm
from chengxin.workbench.views.people import person_of, way

_OFFERED = 300
"""Units that the box for a unit proposes; subjects are too many and are typed."""


@may("account.grant", of=person_of)
@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: HttpRequest, user: User) -> HttpResponse:
    """First the unit, then a role that a unit of its kind has, with its term and scope."""
    given = request.POST if request.method == "POST" else request.GET
    first = GrantUnitForm(given if "organisation" in given else None)
    if not first.is_valid():
        return _unit_first(request, user, first)
    unit: Organisation = first.cleaned_data["organisation"]
    form = GrantForm(request.POST if request.method == "POST" else None, unit=unit)
    if request.method == "POST" and form.is_valid():
        try:
            held = _grant(actor_of(request), user, form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            words = {"person": str(user), "unit": held.organisation.name, "role": held.get_role_display()}
            messages.success(request, _("已授予：%(person)s 在%(unit)s担任%(role)s。") % words)
            return redirect("person", user.pk)
    shown = {
        "form": form, "unit": unit, "person": user, "crumbs": way(user),
        "facts": [
            Fact(_("人员"), str(user)), Fact(_("单位"), f"{named(unit)} · {unit.pk}"),
            Fact(_("类别"), unit.get_kind_display()),
        ],
    }  # fmt: skip
    return render(request, "workbench/admin_grant.html", shown, status=422 if form.errors else 200)


def _unit_first(request: HttpRequest, user: User, form: GrantUnitForm) -> HttpResponse:
    units = Organisation.objects.exclude(kind="subject").order_by("pk").values_list("pk", "name")[:_OFFERED]
    shown = {
        "form": form, "heading": _("授予角色"), "send": _("下一步：选择角色"), "units": units, "crumbs": way(user),
        "method": "get",
        "lead": _("给“%(person)s”授予一个角色。先写在哪个单位：能担任什么，看单位的类别。") % {"person": user},
    }  # fmt: skip
    return render(request, "workbench/admin_form.html", shown, status=422 if form.errors else 200)


def _grant(actor: Actor, user: User, told: dict[str, Any]) -> Membership:
    since, until = told["since"], told["until"]
    with transaction.atomic():
        held = administering.grant(
            actor, user, told["organisation"], Role(told["role"]), since=since, until=until, scope=tuple(told["scope"])
        )
        trace(
            actor.name, "role.grant", "person", user.pk, organisation=held.organisation_id, role=held.role,
            scope=held.scope, since=since.isoformat() if since else "", until=until.isoformat() if until else "",
        )  # fmt: skip
    return held


def _membership(_actor: Actor, pk: int, held: int) -> Membership:
    return Membership.objects.select_related("user", "organisation").get(pk=held, user_id=pk)


@may("account.grant", of=_membership)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, held: Membership) -> HttpResponse:
    """Take a role back; asked once more before."""
    words = {"person": str(held.user), "unit": held.organisation.name, "role": held.get_role_display()}
    if request.method == "POST":
        try:
            with transaction.atomic():
                administering.revoke(actor_of(request), held)
                trace(
                    actor_of(request).name, "role.revoke", "person", held.user_id,
                    organisation=held.organisation_id, role=held.role,
                )  # fmt: skip
            messages.success(request, _("已收回：%(person)s 不再担任%(unit)s的%(role)s。") % words)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return redirect("person", held.user_id)
    return render(request, "workbench/admin_confirm.html", {
        "heading": _("收回角色"), "send": _("收回"), "crumbs": way(held.user), "back": reverse("person", args=[held.user_id]),
        "lead": _("收回“%(person)s”在%(unit)s的角色“%(role)s”？立即生效；经办过的事项不受影响。") % words,
    })  # fmt: skip
