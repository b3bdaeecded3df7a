"""One's own account: roles, password, second factor, where one is signed in; and setting a password by invitation
(domain.md 8.1, R-024)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.accounts import administering, factors
from chengxin.accounts.guards import public, signed_in
from chengxin.accounts.models import KeyState, User
from chengxin.accounts.sessions import FACTOR, needs_factor
from chengxin.audit.actions import record as trace
from chengxin.design.shapes import Cell, Column, Fact, Table


@signed_in
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who I am here, what I may do and until when, and how my account is protected."""
    user = request.user
    assert isinstance(user, User)
    enrolled = factors.enrolled(user)
    facts = [Fact(_("姓名"), user.display_name or user.username), Fact(_("登录名"), user.username, code=True)]
    sessions = administering.sessions_of(user)
    shown = {
        "facts": facts, "enrolled": enrolled, "needed": needs_factor(user), "roles": _roles(user),
        "sessions": _sessions(request, sessions), "others": len(sessions) - 1, "keys": _keys(user),
        "with_factor": bool(request.session.get(FACTOR)),
    }  # fmt: skip
    return render(request, "portal/account.html", shown)


def _roles(user: User) -> Table:
    today = timezone.localdate()
    rows = [
        [m.organisation.name, m.get_role_display(), m.until or _("长期"),
         Cell(_("有效"), tone="good") if m.in_force(today) else Cell(_("不在期限内"), tone="warn")]
        for m in user.memberships.select_related("organisation").order_by("organisation__name")
    ]  # fmt: skip
    columns = [Column(_("单位")), Column(_("角色")), Column(_("到何日止")), Column(_("现在"))]
    return Table(_("我的角色"), columns, rows, empty=_("您还没有角色，请联系本单位的管理员。"))


def _sessions(request: HttpRequest, found: list[administering.OpenSession]) -> Table:
    here = request.session.session_key
    rows = [
        [s.began or "—", s.seen or "—", Cell(_("现在这个浏览器"), tone="good") if s.key == here else _("其他浏览器")]
        for s in found
    ]
    return Table(_("登录着的浏览器"), [Column(_("登录于")), Column(_("最近使用")), Column(_("哪一个"))], rows)


def _keys(user: User) -> Table:
    now = timezone.now()
    rows = [
        [k.label, k.prefix, timezone.localdate(k.expires_at)]
        for k in user.api_keys.in_state(KeyState.VALID, now).order_by("expires_at")
    ]
    columns = [Column(_("用在哪里")), Column(_("前缀")), Column(_("到期"))]
    return Table(_("代表我的接口密钥"), columns, rows, empty=_("没有。密钥由安全管理员发放。"))


@signed_in
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    user = request.user
    assert isinstance(user, User)
    count = administering.end_sessions(user, but=request.session.session_key)
    trace(user.username, "session.end", "person", user.pk, count=count)
    messages.success(request, _("其他浏览器都已退出登录。"))
    return redirect("account")


@public("who holds an invitation sets the password of its person, once")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Set a password by the address that an administrator handed over."""
    user = administering.invited(uid, token)
    if user is None:
        raise Http404(_("这个邀请已经用过或者过期，请向系统管理员要一个新的。"))
    form = SetPasswordForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        administering.set_password(user, form.cleaned_data["new_password1"])
        trace(user.username, "account.password", "user", user.pk)
        messages.success(request, _("密码已设置，请登录。"))
        return redirect("sign-in")
    shown = {
        "form": form, "heading": _("设置密码"), "action": _("设置"),
        "lead": _("为登录名“%(name)s”设置密码：至少 %(n)d 个字符，不能是常见密码，也不能全是数字。")
        % {"name": user.username, "n": settings.SIGN_IN.password.length},
    }  # fmt: skip
    response = render(request, "portal/form.html", shown, status=422 if form.errors else 200)
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "no-referrer"  # the address is a secret
    return response
