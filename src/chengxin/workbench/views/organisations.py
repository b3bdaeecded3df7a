"""Units: the centre, departments and source units as a tree, banks, service agencies, nodes; subjects by search
(R-007, R-023)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts import administering
from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.models import Kind, Organisation
from chengxin.accounts.posts import Unfit
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import allow
from chengxin.audit.actions import record as trace
from chengxin.design.shapes import Cell, Column, Crumb, Fact, Table
from chengxin.registry.packs import policies
from chengxin.workbench.admin_forms import UnitForm
from chengxin.workbench.views.people import anything

_MOST = 500
"""Units on the page of the tree; subjects are not on it, whoever looks for one types its name or code."""
_FOUND = 30
Rows = Sequence[tuple[int, Organisation]]
"""Units with how deep they stand."""


@may("people.see", of=anything)
@require_safe
def index(request: HttpRequest, _target: None) -> HttpResponse:
    """The tree of units, or what was searched for."""
    words = request.GET.get("q", "").strip()[:100]
    counted = Organisation.objects.select_related("parent").annotate(people=Count("memberships", distinct=True))
    if words:
        named = Q(name__icontains=words) | Q(pk=words.lower()) | Q(code=words.upper())
        rows: Rows = [(0, unit) for unit in counted.filter(named).order_by("name")[:_FOUND]]
    else:
        rows = _tree(list(counted.exclude(kind=Kind.SUBJECT).order_by("kind", "pk")[:_MOST]))
    shown = {
        "words": words, "table": _table(rows), "rows": rows,
        "subjects": Organisation.objects.filter(kind=Kind.SUBJECT).count(),
        "may_add": allow(actor_of(request), "person.keep", None),
    }  # fmt: skip
    return render(request, "workbench/admin_units.html", shown)


def _tree(units: list[Organisation]) -> list[tuple[int, Organisation]]:
    """Units under the units they stand under, with how deep; what is in no tree comes as it is."""
    known = {u.pk for u in units}
    under: dict[str | None, list[Organisation]] = {}
    for unit in units:
        under.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
    rows: list[tuple[int, Organisation]] = []

    def add(parent: str | None, depth: int) -> None:
        for unit in under.get(parent, ()):
            rows.append((depth, unit))
            add(unit.pk, depth + 1)

    add(None, 0)
    return rows


def _table(rows: Rows) -> Table:
    told = [
        [Cell(unit.name, reverse("organisation", args=[unit.pk]), note=_below(unit, depth)), unit.pk,
         unit.get_kind_display(), unit.code, unit.region, unit.people]  # type: ignore[attr-defined]
        for depth, unit in rows
    ]  # fmt: skip
    columns = [
        Column(_("名称")), Column(_("编号")), Column(_("类别")), Column(_("统一社会信用代码")), Column(_("行政区划")),
        Column(_("人员"), number=True),
    ]  # fmt: skip
    return Table(_("单位"), columns, told)


def _below(unit: Organisation, depth: int) -> str:
    return _("属于%(parent)s") % {"parent": unit.parent.name} if depth and unit.parent else ""


def _unit(_actor: Actor, unit: str) -> Organisation:
    return Organisation.objects.select_related("parent").get(pk=unit)


@may("people.see", of=_unit)
@require_safe
def show(request: HttpRequest, unit: Organisation) -> HttpResponse:
    """One unit: who it is, who works there, what it may submit."""
    agency = next((a for a in policies().agencies if a.id == unit.pk), None)
    facts = [
        Fact(_("编号"), unit.pk, code=True),
        Fact(_("英文名称"), unit.name_en),
        Fact(_("类别"), unit.get_kind_display()),
        Fact(_("统一社会信用代码"), unit.code, code=True),
        Fact(_("行政区划代码"), unit.region, code=True),
    ]
    if unit.parent:
        facts.append(Fact(_("上级单位"), unit.parent.name, href=reverse("organisation", args=[unit.parent_id])))
    people = unit.memberships.select_related("user").order_by("role", "user__username")[:_MOST]
    table = Table(
        _("在这里任职的人"), [Column(_("姓名")), Column(_("角色")), Column(_("到期"))],
        [[Cell(str(m.user), reverse("person", args=[m.user_id])), m.get_role_display(), m.until or _("长期")] for m in people],
        empty=_("还没有人在这里任职。角色由安全管理员在人员的页面授予。"),
    )  # fmt: skip
    shown = {
        "unit": unit, "facts": facts, "people": table, "agency": agency, "children": unit.units.order_by("pk"),
        "keeps": allow(actor_of(request), "person.keep", None), "crumbs": [Crumb(_("单位"), reverse("organisations"))],
    }  # fmt: skip
    return render(request, "workbench/admin_unit.html", shown)


@may("person.keep", of=anything)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, _target: None) -> HttpResponse:
    """Register a unit that is no source unit of the packs."""
    return _edit(request, None)


@may("person.keep", of=_unit)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, unit: Organisation) -> HttpResponse:
    """Change a unit; what the packs say of a source unit comes from them again."""
    return _edit(request, unit)


def _edit(request: HttpRequest, unit: Organisation | None) -> HttpResponse:
    initial: dict[str, Any] = {"kind": Kind.BANK}
    if unit is not None:
        names = ("id", "name", "name_en", "kind", "code", "region")
        initial = {n: getattr(unit, n) for n in names} | {"parent": unit.parent_id or ""}
    form = UnitForm(request.POST if request.method == "POST" else None, initial=initial, fixed=unit is not None)
    if request.method == "POST" and form.is_valid() and (saved := _save(request, form, unit)):
        messages.success(request, _("已保存：%(name)s。") % {"name": saved.name})
        return redirect("organisation", saved.pk)
    crumbs = [Crumb(_("单位"), reverse("organisations"))]
    if unit is not None:
        crumbs.append(Crumb(unit.name, reverse("organisation", args=[unit.pk])))
    listed = unit is not None and any(a.id == unit.pk for a in policies().agencies)
    shown = {
        "form": form, "heading": _("修改单位") if unit else _("登记单位"), "send": _("保存"), "crumbs": crumbs,
        "lead": _("这是政策包里的信源单位：名称、代码、行政区划和上级以政策包为准，下次装入政策包时会改回来。") if listed else "",
    }  # fmt: skip
    return render(request, "workbench/admin_form.html", shown, status=422 if form.errors else 200)


def _save(request: HttpRequest, form: UnitForm, unit: Organisation | None) -> Organisation | None:
    told = form.cleaned_data
    if unit is None and Organisation.objects.filter(pk=told["id"]).exists():
        form.add_error("id", _("这个编号已经登记了单位，请另取一个编号，或修改那个单位。"))
        return None
    try:
        with transaction.atomic():
            made = administering.set_organisation(told["id"], **{k: v for k, v in told.items() if k != "id"})
            trace(
                actor_of(request).name, "organisation.set", "organisation", made.pk,
                category=made.kind, parent=made.parent_id or "", region=made.region,
            )  # fmt: skip
    except Refusal as refusal:
        form.add_error("kind" if isinstance(refusal, Unfit) else "parent", str(refusal))
        return None
    return made
