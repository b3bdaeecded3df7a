"""Who acts for the subject: its representative entrusts an agent with matters for a term, and takes it back (R-094, R-236)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.accounts.guards import ask_first, may
from chengxin.accounts.models import Membership, Organisation, Role
from chengxin.accounts.refusals import Refusal
from chengxin.cases.mandates import Mandate, agents_of, matters, words_of
from chengxin.cases.mandates import entrust as give
from chengxin.cases.mandates import recall as take_back
from chengxin.design.shapes import Cell, Crumb, Fact
from chengxin.own import speaking
from chengxin.own.pages import page
from chengxin.own.speaking import Place


class EntrustForm(forms.Form):
    """Whom, with what, until when."""

    username = forms.CharField(
        label=gettext_lazy("受托人的登录名"), max_length=150, help_text=gettext_lazy("受托人先在本平台注册，把登录名告诉您。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("请填写受托人的登录名。")},
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("受托人的姓名"), max_length=60, help_text=gettext_lazy("与登录名对得上才能委托，以免委托错人。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请填写受托人的姓名。")},
    )  # fmt: skip
    matters = forms.MultipleChoiceField(
        label=gettext_lazy("委托哪些事项"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("受托人只能办理选中的事项。"),
        error_messages={"required": gettext_lazy("请至少选一个事项。")},
    )  # fmt: skip
    until = forms.DateField(
        label=gettext_lazy("到哪一天止"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("含当日；随时可以提前收回。"),
        error_messages={"required": gettext_lazy("请填写截止的日期。"), "invalid": gettext_lazy("请写成日期，如 2026-03-01。")},
    )  # fmt: skip

    def __init__(self, *args: Any, day: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["matters"].choices = list(matters(day).items())  # type: ignore[attr-defined]


@may("own.entrust", of=speaking.subject_place)
@require_safe
def mandates(request: HttpRequest, here: Place) -> HttpResponse:
    """Who acts for the subject now, and who did."""
    today = timezone.localdate()
    known = matters(today)
    told = [_told(held, here, today, known) for held in agents_of(here.unit)]
    return page(request, "mandates", here, {
        "now": [t for t in told if not t["over"]], "past": [t for t in told if t["over"]],
    })  # fmt: skip


@may("own.entrust", of=speaking.subject_place)
@require_http_methods(["GET", "HEAD", "POST"])
def entrust(request: HttpRequest, here: Place) -> HttpResponse:
    """Entrust somebody; given again, matters and term are replaced."""
    ask_first(request, "mandate.keep", here.unit)
    form = EntrustForm(request.POST if request.method == "POST" else None, day=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        what = Mandate(given["username"], given["name"], given["matters"], given["until"])
        try:
            made = give(here.actor, Organisation.objects.get(pk=here.unit), what)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已委托 %(name)s，从现在起到 %(day)s 有效。对方登录后就能看到。") % {
                "name": made.user, "day": made.until})  # fmt: skip
            return redirect("own-mandates", here.code)
    shown = {"form": form, "crumbs": [Crumb(_("代理人"), reverse("own-mandates", args=[here.code]))]}
    return page(request, "entrust", here, shown, status=422 if form.errors else 200)


def _of_mandate(actor: Any, code: str, held: int) -> Place:
    here = speaking.subject_place(actor, code)
    return speaking.with_thing(here, Membership.objects.get(pk=held, organisation=here.unit, role=Role.AGENT))


@may("own.entrust", of=_of_mandate)
@require_POST
def recall(request: HttpRequest, here: Place) -> HttpResponse:
    """Take it back; the agent can do nothing more from the next request on."""
    kept = take_back(here.actor, here.thing)
    messages.success(request, _("已收回对 %(name)s 的委托，立即生效。") % {"name": kept.user})
    return redirect("own-mandates", here.code)


def _told(held: Membership, here: Place, today: date, known: dict[str, str]) -> dict[str, Any]:
    return {
        "id": held.pk,
        "name": str(held.user),
        "over": held.until is not None and held.until < today,
        "state": Cell(_("生效中"), tone="good") if held.in_force(today) else Cell(_("已失效"), tone=""),
        "recall": reverse("own-recall", args=[here.code, held.pk]),
        "facts": [
            Fact(_("登录名"), held.user.username, code=True),
            Fact(_("事项"), _("、").join(words_of(held, known)) or _("全部事项")),
            Fact(_("从哪一天起"), held.since or ""), Fact(_("到哪一天止"), held.until or _("没有写明")),
        ],
    }  # fmt: skip
