"""Signing in and what belongs to it: second factor, confirming the password, changing it, real-name entry (domain.md 8.1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chengxin.accounts import demonstration, factors, real_name
from chengxin.accounts.guards import SIGNED_IN, Guard, declare, public, signed_in
from chengxin.accounts.models import CITIZENS, User
from chengxin.accounts.passwords import remember
from chengxin.accounts.sessions import FACTOR, complete, confirm, exempt
from chengxin.audit.actions import record as trace

PENDING, NEXT = "pending", "pending_next"
_MINUTES = 5


class _SignIn(LoginView):
    """Name and password; whoever has a telephone enrolled is not signed in before its code."""

    template_name = "portal/sign_in.html"
    person: User | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and complete(request):
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """In a demonstration's store its invented people stand beside the form, and fill it when one is chosen."""
        context = super().get_context_data(**kwargs)
        demo = demonstration.shown()
        if demo and not self.request.POST:
            chosen = next((p for p in demo.people if p.username == self.request.GET.get("as")), None)
            if chosen:
                form = context["form"]
                form.initial = {"username": chosen.username, "password": demo.password}
                form.fields["password"].widget.render_value = True
            context["chosen"] = chosen
        return {**context, "demo": demo}

    def get_default_redirect_url(self) -> str:
        """Whoever only speaks for subjects, or for nobody yet, begins in their own space; staff on the workbench."""
        user = self.person or self.request.user
        roles = set(user.memberships.values_list("role", flat=True)) if isinstance(user, User) else set()
        return reverse("own") if roles <= set(CITIZENS) else super().get_default_redirect_url()

    def form_valid(self, form: Any) -> HttpResponse:
        user = self.person = form.get_user()
        if factors.enrolled(user) and not exempt(user):
            self.request.session.cycle_key()
            self.request.session[PENDING] = user.pk
            self.request.session[NEXT] = self.get_success_url()
            return redirect("sign-in-code")
        response = super().form_valid(form)
        trace(user.username, "account.sign-in", "user", user.pk, factor="")
        return response


sign_in = public("where people sign in")(require_http_methods(["GET", "HEAD", "POST"])(_SignIn.as_view()))


class CodeForm(forms.Form):
    """Six digits of the telephone, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("动态口令或恢复码"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label=gettext_lazy("密码"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class ClaimForm(forms.Form):
    """For which subject somebody speaks, and how the provider knows."""

    code = forms.CharField(label=gettext_lazy("统一社会信用代码"), max_length=18)
    name = forms.CharField(label=gettext_lazy("主体名称"), max_length=200)
    person = forms.CharField(label=gettext_lazy("您的姓名"), max_length=60)
    token = forms.CharField(label=gettext_lazy("核验码"), max_length=64)


class OneselfForm(forms.Form):
    """Who somebody is, and how the provider knows."""

    name = forms.CharField(label=gettext_lazy("您的姓名"), max_length=60)
    id_number = forms.CharField(
        label=gettext_lazy("公民身份号码"), max_length=18, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    token = forms.CharField(label=gettext_lazy("核验码"), max_length=64)


@public("the second step of signing in; the first one has been taken in this session")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code of the telephone; a wrong one is written down and slows the next try."""
    user = User.objects.filter(pk=request.session.get(PENDING, 0), is_active=True).first()
    if user is None:
        return redirect("sign-in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        used = factors.check(user, form.cleaned_data["code"])
        if used:
            target = request.session.get(NEXT) or settings.LOGIN_REDIRECT_URL
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            request.session.pop(PENDING, None)
            request.session[FACTOR] = used
            trace(user.username, "account.sign-in", "user", user.pk, factor=used)
            return redirect(target)
        trace(user.username, "account.sign-in-failed", "user", user.pk, reason="code")
        form.add_error("code", _("口令不对或已经用过；请等手机上换了下一个再试。"))
    return render(request, "portal/form.html", {
        "form": form, "heading": _("第二步：动态口令"), "action": _("登录"),
        "lead": _("请输入手机验证器上显示的六位数字；手机不在身边时，输入一个恢复码。"),
    }, status=422 if form.errors else 200)  # fmt: skip


@declare(Guard(SIGNED_IN))
@require_http_methods(["GET", "HEAD", "POST"])
def factor(request: HttpRequest) -> HttpResponse:
    """Enrol a telephone; staff get no further without it. Whoever has one shows its code at sign-in, not here."""
    user = request.user
    if not isinstance(user, User):
        return redirect("sign-in")
    if factors.enrolled(user) and not request.session.get(FACTOR):
        return redirect("sign-in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        recovery = factors.finish(user, form.cleaned_data["code"])
        if recovery is not None:
            request.session[FACTOR] = "totp"
            trace(user.username, "account.factor", "user", user.pk, how="totp")
            return render(request, "portal/recovery.html", {"codes": recovery})
        form.add_error("code", _("口令不对：请用刚才扫码添加的条目，等它换了下一个再试。"))
    device = factors.begin(user)
    shown = {"form": form, "qr": mark_safe(factors.qr(device)), "key": factors.typed_key(device)}  # noqa: S308  (our own SVG)
    return render(request, "portal/factor.html", shown, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_password(request: HttpRequest) -> HttpResponse:
    """The password once more, before what publishes, withdraws, signs or handles keys (step-up)."""
    assert isinstance(request.user, User)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = settings.LOGIN_REDIRECT_URL
    if request.method == "POST" and form.is_valid():
        if request.user.check_password(form.cleaned_data["password"]):
            confirm(request)
            trace(request.user.username, "account.step-up", "user", request.user.pk)
            messages.success(request, _("已确认身份，请再做一次刚才的操作。"))
            return redirect(target)
        trace(request.user.username, "account.sign-in-failed", "user", request.user.pk, reason="step-up")
        form.add_error("password", _("密码不对。"))
    return render(request, "portal/form.html", {
        "form": form, "heading": _("请再输入一次密码"), "action": _("确认"),
        "lead": _("作决定、公布、撤回、授权和发放密钥之前要确认是您本人。"),
    }, status=422 if form.errors else 200)  # fmt: skip


class _ChangePassword(PasswordChangeView):
    template_name = "portal/form.html"
    success_url = reverse_lazy("account")
    extra_context = {
        "heading": gettext_lazy("修改密码"), "action": gettext_lazy("修改"),
        "lead": format_lazy(
            gettext_lazy("至少 {n} 个字符，不能是常见密码，也不能是最近用过的。"), n=settings.SIGN_IN.password.length
        ),
    }  # fmt: skip

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.user
        assert isinstance(user, User)
        user.refresh_from_db()
        remember(user)
        kept = self.request.session.get(FACTOR)
        response = super().form_valid(form)
        if kept:
            self.request.session[FACTOR] = kept
        trace(user.username, "account.password", "user", user.pk)
        messages.success(self.request, _("密码已修改。"))
        return response


change_password = signed_in(_ChangePassword.as_view())


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """Become a subject's representative, once the real-name provider confirms it."""
    assert isinstance(request.user, User)
    oneself = request.GET.get("as") == "oneself"
    wanted = OneselfForm if oneself else ClaimForm
    form = wanted(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            unit = (
                real_name.enter_oneself(request.user, real_name.Oneself(**given))
                if oneself
                else real_name.enter(request.user, real_name.Claim(**given))
            )
        except real_name.NotProved as refusal:
            form.add_error(None, str(refusal))
        else:
            trace(
                request.user.username, "account.real-name", "organisation", unit.pk, provider=real_name.provider().name
            )
            done = (
                _("已通过实名核验，您现在可以查看自己的信用档案。")
                if oneself
                else _("已通过实名核验，您现在可以代表 %(name)s。")
            )
            messages.success(request, done % {"name": unit.name})
            return redirect("own")
    if oneself:
        return render(request, "portal/form.html", {
            "form": form, "heading": _("本人实名认证"), "action": _("核验"),
            "lead": _(
                "通过核验后，您可以查看关于您本人的执业信用记录、谁看过，导出、提出异议、授权别人查询。"
                "姓名和号码只用来核验，不另外保存。"
            ),
        }, status=422 if form.errors else 200)  # fmt: skip
    return render(request, "portal/form.html", {
        "form": form, "heading": _("信用主体实名认证"), "action": _("核验"),
        "lead": _("通过核验后，您可以查看本单位的信用记录和查询记录，提出异议、申请修复。"),
    }, status=422 if form.errors else 200)  # fmt: skip
