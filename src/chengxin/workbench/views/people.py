"""People: the system's administrator registers, invites and suspends them (三员, R-024, G-20, domain.md 8.1).

Rights are given by security's administrator (`rights`); nobody does either for themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts import administering, factors
from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.models import KeyState, User
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import allow
from chengxin.audit.actions import record as trace
from chengxin.cases.mandates import matters
from chengxin.design.shapes import Cell, Column, Crumb, Fact, Table
from chengxin.workbench.admin_forms import PeopleFilter, PersonForm

PER_PAGE = 30
Verb = Callable[[HttpRequest, User], None]


def anything(_actor: Actor, **_captured: Any) -> None:
    """What belongs to no unit."""


def person_of(_actor: Actor, pk: int) -> User:
    return User.objects.get(pk=pk)


@may("people.see", of=anything)
@require_safe
def index(request: HttpRequest, _target: None) -> HttpResponse:
    """Everybody who may sign in, narrowed by name, role, unit and state."""
    form = PeopleFilter(request.GET)
    form.is_valid()
    found = _people(form.cleaned_data).prefetch_related("memberships__organisation")
    found = found.annotate(telephones=Count("totpdevice", filter=Q(totpdevice__confirmed=True)))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    actor = actor_of(request)
    shown = {"form": form, "page": page, "table": _table(page), "may_add": allow(actor, "person.keep", None)}
    return render(request, "workbench/admin_people.html", shown)


def _people(told: dict[str, Any]) -> QuerySet[User]:
    found = User.objects.order_by("username")
    if words := told.get("q"):
        found = found.filter(Q(username__icontains=words) | Q(display_name__icontains=words))
    held = {"memberships__role": told.get("role"), "memberships__organisation_id": told.get("unit")}
    if held := {k: v for k, v in held.items() if v}:
        found = found.filter(**held).distinct()
    match told.get("state"):
        case "active":
            return found.filter(is_active=True)
        case "suspended":
            return found.filter(is_active=False)
        case "no-role":
            return found.filter(memberships=None)
    return found


def _table(people: Any) -> Table:
    rows = [
        [
            Cell(str(p), reverse("person", args=[p.pk])), p.username,
            "；".join(f"{m.organisation.name} {m.get_role_display()}" for m in p.memberships.all()) or _("没有角色"),
            Cell(_("已启用"), tone="good") if p.telephones else Cell(_("未启用"), tone=""),
            Cell(_("正常"), tone="good") if p.is_active else Cell(_("停用"), tone="bad"),
            p.last_login or _("从未"),
        ]
        for p in people
    ]  # fmt: skip
    columns = [
        Column(_("姓名")), Column(_("登录名")), Column(_("角色"), wide=True), Column(_("动态口令")), Column(_("状态")),
        Column(_("上次登录")),
    ]  # fmt: skip
    return Table(_("人员"), columns, rows)


@may("person.keep", of=anything)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, _target: None) -> HttpResponse:
    """Register a person; they have no rights and no password yet."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            with transaction.atomic():
                user = administering.add_person(told["username"], told["display_name"])
                trace(actor_of(request).name, "person.add", "person", user.pk)
        except administering.NotPossible as refusal:
            form.add_error("username", str(refusal))
        else:
            messages.success(request, _("已登记。接下来请发出邀请，由本人设置密码；角色由安全管理员授予。"))
            return redirect("person", user.pk)
    shown = {
        "form": form, "heading": _("登记人员"), "send": _("登记"), "crumbs": [Crumb(_("人员"), reverse("people"))],
        "lead": _("登记之后还不能登录：由本人凭邀请设置密码，再由安全管理员授予角色。"),
    }  # fmt: skip
    return render(request, "workbench/admin_form.html", shown, status=422 if form.errors else 200)


@may("people.see", of=person_of)
@require_safe
def show(request: HttpRequest, user: User) -> HttpResponse:
    """One person: rights with their terms, second factor, sessions, keys, and what I may do with them."""
    actor = actor_of(request)
    mine, enrolled = actor.name == user.username, factors.enrolled(user)
    facts = [
        Fact(_("登录名"), user.username, code=True),
        Fact(_("状态"), _("正常") if user.is_active else _("停用")),
        Fact(_("密码"), _("已设置") if user.has_usable_password() else _("尚未设置")),
        Fact(_("动态口令"), _("已启用") if enrolled else _("未启用")),
        Fact(_("上次登录"), user.last_login or _("从未")),
        Fact(_("正在登录的浏览器"), _("%(n)d 个") % {"n": len(administering.sessions_of(user))}),
    ]
    shown = {
        "person": user, "facts": facts, "mine": mine, "roles": _roles(user), "keys": _keys(user),
        "keeps": allow(actor, "person.keep", None) and not mine,
        "enters": user.has_usable_password() or enrolled,
        "grants": allow(actor, "account.grant", None) and not mine,
        "may_key": allow(actor, "key.keep", None), "may_give_key": allow(actor, "key.keep", None) and not mine,
        "crumbs": [Crumb(_("人员"), reverse("people"))],
    }  # fmt: skip
    return render(request, "workbench/admin_person.html", shown)


def _roles(user: User) -> list[dict[str, Any]]:
    """Each right with its term in words, and whether it counts today."""
    today = timezone.localdate()
    names = matters(today)
    found = user.memberships.select_related("organisation").order_by("organisation__name", "role")
    return [
        {"held": m, "counts": m.in_force(today), "scope": "、".join(names.get(s, s) for s in m.scope)} for m in found
    ]


def _keys(user: User) -> Table:
    now = timezone.now()
    rows = [
        [Cell(k.label, reverse("key-revoke", args=[k.pk]) if k.state(now).revocable else ""), k.prefix, k.created_at,
         k.expires_at, key_state(k.state(now))]
        for k in user.api_keys.select_related("user").order_by("-pk")
    ]  # fmt: skip
    columns = [Column(_("用在哪里")), Column(_("前缀")), Column(_("发放")), Column(_("到期")), Column(_("状态"))]
    return Table(_("接口密钥"), columns, rows, empty=_("没有接口密钥。"))


def key_state(state: KeyState) -> Cell:
    """Whether a key works, in a word."""
    if state is KeyState.VALID:
        return Cell(str(state.label), tone="good")
    return Cell(str(state.label), tone="warn" if state is KeyState.EXPIRED else "bad")


def way(user: User) -> list[Crumb]:
    """Back to the person."""
    return [Crumb(_("人员"), reverse("people")), Crumb(str(user), reverse("person", args=[user.pk]))]


def _asked_first(rule: str, heading: Any, lead: Any, send: Any, done: Any, verb: Verb) -> Callable[..., HttpResponse]:
    """A page that asks once more, does it on POST, and goes back to the person. Words are given when the page is made."""

    @may(rule, of=person_of)
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, user: User) -> HttpResponse:
        if request.method == "POST":
            try:
                with transaction.atomic():
                    verb(request, user)
                messages.success(request, done() % {"person": user})
            except Refusal as refusal:
                messages.error(request, str(refusal))
            return redirect("person", user.pk)
        shown = {"heading": heading(), "lead": lead() % {"person": user}, "send": send(), "crumbs": way(user),
                 "back": reverse("person", args=[user.pk])}  # fmt: skip
        return render(request, "workbench/admin_confirm.html", shown)

    return view


def _suspend(request: HttpRequest, user: User) -> None:
    administering.set_active(actor_of(request), user, False)
    trace(actor_of(request).name, "person.suspend", "person", user.pk)


def _resume(request: HttpRequest, user: User) -> None:
    administering.set_active(actor_of(request), user, True)
    trace(actor_of(request).name, "person.resume", "person", user.pk)


def _reset_sign_in(request: HttpRequest, user: User) -> None:
    administering.reset_sign_in(actor_of(request), user)
    trace(actor_of(request).name, "factor.reset", "person", user.pk)


def _end_sessions(request: HttpRequest, user: User) -> None:
    administering.not_oneself(actor_of(request), user)
    count = administering.end_sessions(user)
    trace(actor_of(request).name, "session.end", "person", user.pk, count=count)


suspend = _asked_first(
    "person.keep", lambda: _("停用人员"),
    lambda: _("停用“%(person)s”？正在使用的浏览器会立即退出，密钥也不再有效；做过的事仍记在名下。"),
    lambda: _("停用"), lambda: _("已停用 %(person)s。"), _suspend,
)  # fmt: skip
resume = _asked_first(
    "person.keep", lambda: _("恢复人员"), lambda: _("恢复“%(person)s”？原来的角色和没有到期的密钥重新有效。"),
    lambda: _("恢复"), lambda: _("已恢复 %(person)s。"), _resume,
)  # fmt: skip
reset_sign_in = _asked_first(
    "account.grant", lambda: _("重置登录方式"),
    lambda: _("重置“%(person)s”的密码和动态口令？请先当面或通过电话核实是本人。重置后由系统管理员发出邀请，本人重新设置。"),
    lambda: _("重置"), lambda: _("已重置 %(person)s 的登录方式，所有会话已结束。请通知系统管理员发出邀请。"), _reset_sign_in,
)  # fmt: skip
end_sessions = _asked_first(
    "account.grant", lambda: _("结束全部会话"), lambda: _("让“%(person)s”在所有浏览器里退出登录？没有保存的内容会丢失。"),
    lambda: _("结束会话"), lambda: _("%(person)s 的会话已全部结束。"), _end_sessions,
)  # fmt: skip


@may("person.keep", of=person_of)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invite(request: HttpRequest, user: User) -> HttpResponse:
    """Make an address at which the person sets a password; it is shown once, and works once."""
    shown: dict[str, Any] = {
        "heading": _("邀请设置密码"), "send": _("生成邀请"), "crumbs": way(user), "back": reverse("person", args=[user.pk]),
        "lead": _("为“%(person)s”生成一个一次性地址，由本人设置密码。系统管理员不会知道密码。") % {"person": user},
    }  # fmt: skip
    if request.method == "POST":
        try:
            parts = administering.invitation(actor_of(request), user)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("person", user.pk)
        trace(actor_of(request).name, "person.invite", "person", user.pk)
        shown["address"] = settings.PUBLIC_URL + reverse("invitation", args=parts)
        shown["days"] = settings.PASSWORD_RESET_TIMEOUT // 86400
    return render(request, "workbench/admin_invite.html", shown)
