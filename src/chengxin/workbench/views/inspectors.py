"""The roll of inspectors (执法检查人员名录库): who may be drawn, and whom they must not inspect (R-158)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.accounts.models import Role
from chengxin.accounts.rules import require
from chengxin.design.shapes import Crumb, Fact, Table
from chengxin.registry.packs import policies
from chengxin.supervision.inspection import actions
from chengxin.supervision.models import Inspector
from chengxin.workbench import department as desk
from chengxin.workbench import dept_inspection_page as pages
from chengxin.workbench.dept_inspection_forms import InspectorForm, RecuseForm
from chengxin.workbench.views.inspecting import home


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The roll of my units; those who prepare plans add to it, or change an entry by its number."""
    actor, packs = actor_of(request), policies()
    units = desk.units_of(actor, packs)
    prepares = actor.organisations(Role.REPORTER)
    form = InspectorForm(request.POST if request.method == "POST" else None)
    form.fields["unit"].choices = [(u, desk.agency(packs, u)) for u in prepares]  # type: ignore[attr-defined]
    if len(prepares) == 1:
        form.fields["unit"].widget = form.fields["unit"].hidden_widget()
        form.initial["unit"] = prepares[0]
    if request.method == "POST":
        if not prepares:
            require(actor, "inspection.prepare", "")
        if form.is_valid():
            return _registered(request, actor, form)
    rows = list(Inspector.objects.filter(department__in=units).order_by("department", "-active", "number"))
    shown = {
        "form": form,
        "prepares": bool(prepares),
        "crumbs": [home()],
        "table": pages.inspectors_table(packs, rows, len(units) > 1),
    }
    return render(request, "workbench/dept_inspectors.html", shown, status=422 if form.errors else 200)


def _registered(request: HttpRequest, actor: Actor, form: InspectorForm) -> HttpResponse:
    given = form.cleaned_data
    employers = given["employers"].split()
    actions.register_inspector(
        actor, given["unit"], given["number"], given["name"].strip(), employers, person=given["person"]
    )
    messages.success(request, _("%(name)s已登记。") % {"name": given["name"]})
    return redirect("dept-inspection-inspectors")


def inspector_of(actor: Actor, pk: int) -> Inspector:
    """An inspector of one of the actor's units."""
    return Inspector.objects.get(pk=pk, department__in=desk.units_of(actor, policies()))


@may("inspection.see", of=inspector_of)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, inspector: Inspector) -> HttpResponse:
    """One inspector: whom they must not inspect; declare one more, or take them off the roll."""
    form = RecuseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.recuse(actor_of(request), inspector, form.cleaned_data["code"], form.cleaned_data["reason"])
        messages.success(request, _("回避已登记，抽取时不会派到这个单位。"))
        return redirect("dept-inspection-inspector", inspector.pk)
    rows = list(inspector.recusals.order_by("code"))
    shown = {
        "inspector": inspector,
        "form": form,
        "crumbs": [home(), Crumb(_("检查人员"), reverse("dept-inspection-inspectors"))],
        "facts": [
            Fact(_("执法证号"), inspector.number, code=True),
            Fact(_("登录名"), inspector.person or "—"),
            Fact(_("自动回避的单位"), "、".join(inspector.employers) or "—"),
            Fact(_("状态"), _("在册") if inspector.active else _("已退出")),
        ],
        "recusals": Table(
            _("声明的回避"),
            desk.columns(_("检查对象"), _("理由"), wide=(1,)),
            [[r.code, r.reason] for r in rows],
            empty=_("没有声明过回避。"),
        ),
    }
    return render(request, "workbench/dept_inspector.html", shown, status=422 if form.errors else 200)


@may("inspection.see", of=inspector_of)
@require_POST
def dismiss(request: HttpRequest, inspector: Inspector) -> HttpResponse:
    """Take an inspector off the roll; the next registration under the same number brings them back."""
    actions.dismiss(actor_of(request), inspector)
    messages.success(request, _("%(name)s已退出名录库，以后不再抽到。") % {"name": inspector.name})
    return redirect("dept-inspection-inspectors")
