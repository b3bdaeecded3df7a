"""Messages to the platform, by anybody and without a name (issue 5 section 2: feedback; R-340)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import public
from chengxin.accounts.limits import Rate, address_of, count
from chengxin.accounts.words import english
from chengxin.cases import feedback
from chengxin.cases.content import remarks
from chengxin.cases.errors import CaseRefused
from chengxin.cases.packs import procedure_of
from chengxin.design.shapes import Crumb, Fact

RATE = Rate(10, 3600)
"""Messages of one network address an hour: enough for an office, too few for a machine."""
MAX_LENGTH = 2000


class MessageForm(forms.Form):
    """What it is about and what is to be said; `code` finds it again and makes a second click the same message."""

    kind = forms.ChoiceField(
        label=gettext_lazy("类别"), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择类别。")},
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("内容"),
        help_text=gettext_lazy("请不要写身份证号、电话、住址等个人信息；答复时不需要它们。"),
        widget=forms.Textarea(attrs={"rows": 8}), max_length=MAX_LENGTH,
        error_messages={"required": gettext_lazy("请写下您要说的。")},
    )  # fmt: skip
    code = forms.RegexField(r"^[0-9a-f]{16}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask = feedback.rules(timezone.localdate()).ask("kind")
        in_english = bool(ask and ask.choices_en) and english()
        choices = ask.choices if ask else ()
        shown = ask.choices_en if ask and in_english else choices
        self.fields["kind"].choices = list(zip(choices, shown, strict=True))  # type: ignore[attr-defined]
        self.initial.setdefault("code", feedback.new_code())

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if any(r.stops for r in remarks("", text)):
            raise forms.ValidationError(_("内容里像是有公民身份号码，请删去后再提交；我们不需要它。"))
        return text


@public("everybody may write to us; nothing is asked about who writes")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Write a message; afterwards the page with its number and its code."""
    form = MessageForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        used = count(f"feedback {address_of(request)}", RATE)
        if used.exceeded:
            form.add_error(None, _("这个网络地址一小时内留言太多，请稍后再试。"))
            response = _page(request, form, 429)
            response.headers["Retry-After"] = str(used.wait)
            return response
        told = form.cleaned_data
        try:
            code = feedback.leave(told["kind"], told["text"], told["code"])
        except CaseRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("feedback-answer", code)
    return _page(request, form, 422 if form.errors else 200)


def _page(request: HttpRequest, form: MessageForm, status: int) -> HttpResponse:
    clocks = feedback.rules(timezone.localdate()).clocks
    days = max((c.working_days or 0 for c in clocks), default=0)
    return render(request, "portal/content_feedback.html", {"form": form, "days": days}, status=status)


@public("only who has the code of a message finds it")
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """To the answer of the code that was typed."""
    code = request.GET.get("code", "").strip().lower()
    if code and feedback.found(code):
        return redirect("feedback-answer", code)
    shown = {"form": MessageForm(), "days": 0, "asked": code, "missing": bool(code)}
    return render(request, "portal/content_find.html", shown, status=404 if code else 200)


@public("only who has the code of a message finds it")
@require_safe
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """Where a message stands, and what was said to it."""
    case = feedback.found(code)
    if case is None:
        raise Http404(_("没有这个查询码的留言，请核对查询码。"))
    state = procedure_of(case).state(case.state)
    in_english = english()
    due = case.terms.filter(stopped_on=None).order_by("due_on").first()
    facts = [
        Fact(_("留言编号"), case.number, code=True),
        Fact(_("查询码"), code, code=True),
        Fact(_("提交日期"), case.opened_on),
        Fact(_("现在"), state.label_en if in_english else state.label),
    ]
    if due is not None and due.due_on:
        facts.append(Fact(_("答复不晚于"), due.due_on))
    shown = {
        "case": case, "facts": facts, "ended": bool(state.end), "answer": feedback.answer_of(case),
        "sees": state.sees_en if in_english else state.sees, "crumbs": [Crumb(_("留言"), reverse("feedback"))],
    }  # fmt: skip
    response = render(request, "portal/content_answer.html", shown)
    add_never_cache_headers(response)
    return response
