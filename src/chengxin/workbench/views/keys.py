"""Keys of programs: made by security's administrator for a person, limited, shown once, revoked (R-077, domain.md 8.1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts import administering
from chengxin.accounts.actions import Limits, revoke_api_key
from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.models import ApiKey, KeyState, User
from chengxin.accounts.refusals import Refusal
from chengxin.audit.actions import record as trace
from chengxin.design.shapes import Cell, Column, Crumb, Fact, Table
from chengxin.workbench.admin_forms import KeyFilter, KeyForm
from chengxin.workbench.views.people import anything, key_state, person_of, way

PER_PAGE = 30


@may("key.keep", of=anything)
@require_safe
def index(request: HttpRequest, _target: None) -> HttpResponse:
    """All keys with what they are good for; those that still work first."""
    form = KeyFilter(request.GET)
    form.is_valid()
    page = Paginator(_keys(form.cleaned_data), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "workbench/admin_keys.html", {"form": form, "page": page, "table": _table(page)})


def _keys(told: dict[str, Any]) -> QuerySet[ApiKey]:
    found, now = ApiKey.objects.select_related("user").order_by("-pk"), timezone.now()
    if words := told.get("q"):
        named = Q(label__icontains=words) | Q(user__username__icontains=words) | Q(prefix__startswith=words)
        found = found.filter(named)
    state = told.get("state")
    return found.in_state(KeyState(state), now) if state else found


def _table(keys: Any) -> Table:
    now = timezone.now()
    rows = [
        [Cell(k.label, reverse("key", args=[k.pk])), k.prefix, Cell(str(k.user), reverse("person", args=[k.user_id])),
         timezone.localdate(k.created_at), timezone.localdate(k.expires_at), key_state(k.state(now))]
        for k in keys
    ]  # fmt: skip
    columns = [
        Column(_("用在哪里")), Column(_("前缀")), Column(_("代表谁")), Column(_("发放")), Column(_("到期")), Column(_("状态")),
    ]  # fmt: skip
    return Table(_("接口密钥"), columns, rows)


@may("key.keep", of=person_of)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new(request: HttpRequest, user: User) -> HttpResponse:
    """Make a key for a person's program. The page after it is the only one that ever shows it."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    shown: dict[str, Any] = {"form": form, "person": user, "crumbs": way(user)}
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        limits = Limits(told["scopes"], told["items"], told["addresses"], told["signing"], told["public"])
        try:
            with transaction.atomic():
                made = administering.make_key(actor_of(request), user, told["label"], told["days"], limits)
                trace(
                    actor_of(request).name, "key.make", "person", user.pk, label=told["label"],
                    prefix=made.partition(".")[0], scopes=list(limits.scopes), addresses=list(limits.addresses),
                    signing=limits.signing,
                )  # fmt: skip
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("person", user.pk)
        return render(request, "workbench/admin_key_made.html", {**shown, "made": made, "label": told["label"]})
    return render(request, "workbench/admin_key_new.html", shown, status=422 if form.errors else 200)


def _key(_actor: Actor, pk: int) -> ApiKey:
    return ApiKey.objects.select_related("user").get(pk=pk)


@may("key.keep", of=_key)
@require_safe
def show(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """One key: what it is good for, and whether it still works."""
    every = _("不限")
    facts = [
        Fact(_("前缀"), key.prefix, code=True),
        Fact(_("代表谁"), str(key.user), href=reverse("person", args=[key.user_id])),
        Fact(_("状态"), str(key.state(timezone.now()).label)),
        Fact(_("发放"), key.created_at),
        Fact(_("到期"), key.expires_at),
        Fact(_("接口"), "、".join(key.scopes) or every, code=bool(key.scopes)),
        Fact(_("目录项"), "、".join(key.items) or every, code=bool(key.items)),
        Fact(_("地址"), "、".join(key.addresses) or every, code=bool(key.addresses)),
        Fact(_("签名"), key.signing or _("不要求")),
    ]
    revocable = key.state(timezone.now()).revocable
    shown = {"key": key, "facts": facts, "revocable": revocable, "crumbs": [Crumb(_("接口密钥"), reverse("keys"))]}
    return render(request, "workbench/admin_key.html", shown)


@may("key.keep", of=_key)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Stop a key from working; asked once more before."""
    if request.method == "POST":
        with transaction.atomic():
            found = revoke_api_key(key.prefix)
            if found is not None:
                trace(actor_of(request).name, "key.revoke", "person", key.user_id, prefix=key.prefix)
        if found is None:
            messages.error(request, _("这个密钥已经不能用了，可能刚刚被吊销。"))
        else:
            messages.success(request, _("密钥 %(prefix)s 已吊销，立即生效。") % {"prefix": key.prefix})
        return redirect("key", key.pk)
    return render(request, "workbench/admin_confirm.html", {
        "heading": _("吊销密钥"), "send": _("吊销"), "back": reverse("key", args=[key.pk]),
        "crumbs": [Crumb(_("接口密钥"), reverse("keys")), Crumb(key.label, reverse("key", args=[key.pk]))],
        "lead": _("吊销“%(label)s”（%(prefix)s）？使用它的程序会立即被拒绝，不能恢复。")
        % {"label": key.label, "prefix": key.prefix},
    })  # fmt: skip
