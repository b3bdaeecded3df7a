"""Suspected omissions of a month with their reasons, and what was asked of the units about them (R-047, R-048, R-060)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.accounts.rules import allow, require
from chengxin.accounts.words import english
from chengxin.collection import actions, quality, reminders
from chengxin.collection.models import Reminder
from chengxin.collection.omissions import Suspect
from chengxin.collection.quality import BadMonth
from chengxin.design.filters import filter_tags
from chengxin.design.shapes import Crumb, Fact
from chengxin.policy.policies import UnknownPolicy
from chengxin.registry.packs import policies
from chengxin.workbench import omission_page as shapes
from chengxin.workbench.labels import agency_label, item_label
from chengxin.workbench.omission_forms import AnswerForm, AskForm, CloseForm, ReminderFilterForm
from chengxin.workbench.views.quality import chosen_units, form_of

PER_PAGE = 30


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What looks wrong in a month and why; a steward ticks what the units are asked about."""
    actor = actor_of(request)
    month = request.GET.get("month") or f"{timezone.localdate():%Y-%m}"
    form = form_of(request, actor, month)
    try:
        suspects = _suspects(actor, form)
    except BadMonth as wrong:
        form.add_error("month", str(wrong))
        suspects = []
    except UnknownPolicy:
        form.add_error("month", _("这个月没有现行的数据质量目标，请换一个月份。"))
        suspects = []
    asks = allow(actor, "reminder.ask", "")
    known = {(r.source_id, r.item, r.defect): r for r in reminders.visible(actor).filter(month=month[:7])}
    ask = AskForm(request.POST if request.method == "POST" else None, rows=shapes.choices(suspects))
    if request.method == "POST":
        require(actor, "reminder.ask", "")
        if not form.errors and ask.is_valid() and _asked(request, actor, month, suspects, ask):
            return redirect(f"{reverse('quality-reminders')}?month={month}")
    shown = {
        "form": form, "ask": ask if asks else None, "month": month, "tags": filter_tags(form, request.GET),
        "crumbs": [Crumb(_("数据质量"), reverse("quality"))],
        "rows": shapes.rows(policies(), suspects, known, ask), "wrong": form if form.errors else ask,
    }  # fmt: skip
    return render(request, "workbench/omissions.html", shown, status=422 if form.errors or ask.errors else 200)


def _suspects(actor: Actor, form: Any) -> list[Suspect]:
    month, item = form.cleaned_data.get("month", ""), form.cleaned_data.get("item") or ""
    return quality.suspected(month, sources=chosen_units(form, actor), item=item)


def _asked(request: HttpRequest, actor: Actor, month: str, suspects: Sequence[Suspect], ask: AskForm) -> bool:
    try:
        made = reminders.ask(actor, month, [suspects[n] for n in ask.chosen()], ask.asking())
    except actions.NotAccepted as refusal:
        ask.add_error("answer_by", str(refusal))
        return False
    n = len(made)
    messages.success(
        request,
        ngettext(
            "已发出 %(n)s 件，信源单位会在自己的工作台上看到。", "已发出 %(n)s 件，信源单位会在自己的工作台上看到。", n
        )
        % {"n": n}
        if n
        else _("选中的都已经催过，没有重复发出。"),
    )
    return True


@signed_in
@require_safe
def reminders_page(request: HttpRequest) -> HttpResponse:
    """What was asked, of whom, by when, and what came back: the dunning list."""
    actor = actor_of(request)
    packs, mine = policies(), reminders.visible(actor_of(request))
    ids = sorted(set(mine.order_by().values_list("source_id", flat=True)))
    form = ReminderFilterForm(request.GET, sources=[(s, agency_label(packs, s)) for s in ids])
    page = Paginator(mine.filter(**form.lookups()), PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "form": form, "tags": filter_tags(form, request.GET), "page": page,
        "table": shapes.reminder_table(packs, page.object_list), "asks": allow(actor, "reminder.ask", ""),
        "crumbs": [Crumb(_("数据质量"), reverse("quality"))],
    }  # fmt: skip
    return render(request, "workbench/reminders.html", shown)


def _reminder(actor: Actor, pk: int) -> Reminder:
    return reminders.visible(actor).get(pk=pk)


@may("reminder.see", of=_reminder)
@require_http_methods(["GET", "HEAD", "POST"])
def reminder(request: HttpRequest, asked: Reminder) -> HttpResponse:
    """One matter: the unit answers it, the centre closes it or asks again."""
    actor = actor_of(request)
    answers = asked.state == Reminder.State.OPEN and allow(actor, "reminder.answer", asked)
    closes = asked.state == Reminder.State.ANSWERED and allow(actor, "reminder.close", asked)
    data = request.POST if request.method == "POST" else None
    form = CloseForm(data) if closes else AnswerForm(data)
    if request.method == "POST":
        require(actor, "reminder.close" if closes else "reminder.answer", asked)
        if form.is_valid() and (done := _moved(request, actor, asked, form)):
            return done
    packs = policies()
    shown = {
        "asked": asked,
        "form": form if answers or closes else None,
        "closes": closes,
        "item": item_label(packs, asked.item),
        "facts": _facts(asked),
        "events": shapes.events(asked),
        "crumbs": [Crumb(_("数据质量"), reverse("quality")), Crumb(_("催报和督办"), reverse("quality-reminders"))],
    }
    return render(request, "workbench/reminder.html", shown, status=422 if form.errors else 200)


def _moved(request: HttpRequest, actor: Actor, asked: Reminder, form: Any) -> HttpResponse | None:
    given = form.cleaned_data
    try:
        if isinstance(form, AnswerForm):
            reminders.answer(actor, asked, given["outcome"], given["words"])
            messages.success(request, _("已回复，等公共信用信息中心确认。"))
        elif given["verdict"] == "close":
            reminders.close(actor, asked)
            messages.success(request, _("已办结。"))
        else:
            reminders.reopen(actor, asked, given["remark"], given["answer_by"])
            messages.success(request, _("已再次要求，信源单位会看到您写的原因。"))
    except actions.WrongState as late:
        messages.error(request, str(late))
    except actions.NotAccepted as refusal:
        form.add_error(None, str(refusal))
        return None
    return redirect("quality-reminder", asked.pk)


def _facts(asked: Reminder) -> list[Fact]:
    packs = policies()
    link = f"{reverse('batches')}?month={asked.month}&item={asked.item}"
    facts = [
        Fact(_("信源单位"), agency_label(packs, asked.source_id)),
        Fact(_("目录项"), item_label(packs, asked.item), link),
        Fact(_("月份"), asked.month),
        Fact(_("原因"), asked.reason_en if english() and asked.reason_en else asked.reason),
        Fact(_("请在此日期前回复"), asked.answer_by),
    ]
    return facts + ([Fact(_("要求"), asked.remark)] if asked.remark else [])
