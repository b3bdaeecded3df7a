"""Whom the subject lets look at what is not public: give leave in two pages, take it back at once (R-094, R-105, G-09)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.accounts.guards import may
from chengxin.accounts.models import Authorisation
from chengxin.accounts.rules import Denied
from chengxin.accounts.words import english
from chengxin.audit.canonical import canonical
from chengxin.design.shapes import Cell, Crumb, Fact
from chengxin.own import speaking
from chengxin.own.leave import Confirm, Whom
from chengxin.own.pages import named, page, unit_names
from chengxin.own.speaking import Place
from chengxin.registry import authorising
from chengxin.registry.packs import policies

_KEPT = "own-authorisation"


@may("own.authorise", of=speaking.subject_place)
@require_safe
def authorisations(request: HttpRequest, here: Place) -> HttpResponse:
    """What is allowed now, and what was."""
    today = timezone.localdate()
    rows = list(Authorisation.objects.filter(subject=here.held_code).select_related("grantee").order_by("-pk"))
    told = [_told(row, today, here) for row in rows]
    return page(request, "authorisations", here, {
        "now": [t for t in told if t["in_force"]], "past": [t for t in told if not t["in_force"]],
    })  # fmt: skip


@may("own.authorise", of=speaking.subject_place)
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, here: Place) -> HttpResponse:
    """The first page: to whom, why, until when."""
    kept = request.session.get(_KEPT, {}).get(here.code) or {}
    form = Whom(request.POST if request.method == "POST" else None, here=here, initial=kept)
    if request.method == "POST" and form.is_valid():
        given = {k: v.isoformat() if isinstance(v, date) else v for k, v in form.cleaned_data.items()}
        request.session[_KEPT] = {here.code: given}
        return redirect("own-authorise-check", here.code)
    return page(request, "authorise", here, {"form": form, "crumbs": _crumbs(here)}, status=422 if form.errors else 200)


@may("own.authorise", of=speaking.subject_place)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, here: Place) -> HttpResponse:
    """The second page: check, narrow to fields, confirm."""
    kept = request.session.get(_KEPT, {}).get(here.code)
    if not kept or here.subject is None:
        return redirect("own-authorise", here.code)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = Confirm(*given, choices=_fields(kept["items"]), natural=here.natural)
    if request.method == "POST" and form.is_valid():
        try:
            made = authorising.grant(here.actor, here.subject, _grant(kept, form, here))
        except (authorising.NotGranted, Denied) as refused:
            form.add_error(None, str(refused))
        else:
            request.session.pop(_KEPT, None)
            messages.success(request, _("授权 %(number)s 已生效。对方每次查询都会记在「谁看过」里，您随时可以撤回。") % {
                "number": made.number})  # fmt: skip
            return redirect("own-authorisations", here.code)
    return page(request, "authorise_check", here, {
        "form": form, "facts": _summary(kept), "crumbs": _crumbs(here),
    }, status=422 if form.errors else 200)  # fmt: skip


def _of_authorisation(actor: Any, code: str, number: str) -> Place:
    here = speaking.subject_place(actor, code)
    return speaking.with_thing(here, Authorisation.objects.get(number=number, subject=here.held_code))


@may("own.take-back", of=_of_authorisation)
@require_POST
def revoke(request: HttpRequest, here: Place) -> HttpResponse:
    """Take it back; from now on no query can rest on it."""
    authorising.revoke(here.actor, here.thing.number)
    messages.success(request, _("授权 %(number)s 已撤回，对方从现在起不能再查询。") % {"number": here.thing.number})
    return redirect("own-authorisations", here.code)


def _grant(kept: dict[str, Any], form: Confirm, here: Place) -> authorising.Grant:
    """The paper is the proof, else the statement that was confirmed, word for word, with who and when."""
    chosen = form.cleaned_data.get("fields_") or []
    said = {**kept, "fields": chosen, "subject": here.held_code, "by": here.actor.name, "on": str(timezone.localdate())}
    file = form.cleaned_data.get("proof")
    return authorising.Grant(
        kept["grantee"], kept["purpose"], date.fromisoformat(kept["since"]), date.fromisoformat(kept["until"]),
        kept["items"], chosen, kept["single"], file.read() if file else canonical(said),
    )  # fmt: skip


def _fields(items: list[str]) -> list[tuple[str, str]]:
    """The fields of the chosen kinds; with none chosen, leave is not narrowed further."""
    packs = policies()
    found: dict[str, str] = {}
    for item in items:
        for one in packs.versions(item)[-1].kept_fields:
            if one.disclosure in ("public", "shared"):
                found.setdefault(one.id, named(one))
    return list(found.items())


def _summary(kept: dict[str, Any]) -> list[Fact]:
    packs = policies()
    names = [named(packs.versions(i)[-1]) for i in kept["items"]]
    return [
        Fact(_("授权给谁"), unit_names({kept["grantee"]}).get(kept["grantee"], kept["grantee"])),
        Fact(_("用途"), kept["purpose"]),
        Fact(_("期限"), _("%(a)s 至 %(b)s") % {"a": kept["since"], "b": kept["until"]}),
        Fact(_("次数"), _("只能查询一次") if kept["single"] else _("期限内不限次数")),
        Fact(_("哪几类信息"), _("、").join(names) or _("全部")),
    ]


def _told(row: Authorisation, today: date, here: Place) -> dict[str, Any]:
    packs = policies()
    items = [named(packs.versions(i)[-1]) for i in row.items if packs.versions(i)]
    return {
        "number": row.number,
        "in_force": row.in_force(today) or (row.revoked_at is None and row.since > today),
        "name": (row.grantee.name_en if english() else "") or row.grantee.name,
        "state": _state(row, today),
        "revoke": reverse("own-revoke", args=[here.code, row.number]),
        "facts": [
            Fact(_("用途"), row.purpose), Fact(_("期限"), _("%(a)s 至 %(b)s") % {"a": row.since, "b": row.until}),
            Fact(_("次数"), _("只能查询一次") if row.single else _("期限内不限次数")),
            Fact(_("哪几类信息"), _("、").join(items) or _("全部")),
            Fact(_("栏目"), _("%(n)d 个栏目") % {"n": len(row.fields)} if row.fields else _("全部")),
            Fact(_("授权编号"), row.number, code=True), Fact(_("最近一次使用"), row.used_at or _("还没有用过")),
        ],
    }  # fmt: skip


def _state(row: Authorisation, today: date) -> Cell:
    if row.revoked_at:
        return Cell(_("已撤回"), tone="")
    if row.single and row.used_at:
        return Cell(_("已用完"), tone="")
    if row.until < today:
        return Cell(_("已到期"), tone="")
    return Cell(_("还没有开始"), tone="info") if row.since > today else Cell(_("生效中"), tone="good")


def _crumbs(here: Place) -> list[Crumb]:
    return [Crumb(_("授权"), reverse("own-authorisations", args=[here.code]))]
