"""A list the subject is on, or may come on: why, by which steps, until when, and what it can do (R-170, G-05)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import may
from chengxin.accounts.models import Matter
from chengxin.accounts.rules import Denied
from chengxin.accounts.words import english, worded
from chengxin.design.shapes import Crumb, Event, Fact
from chengxin.own import speaking
from chengxin.own.applying import title_of
from chengxin.own.pages import named, page, unit_name
from chengxin.own.speaking import Place
from chengxin.registry.models import Record
from chengxin.supervision.lists import actions
from chengxin.supervision.lists.keeping import Paper
from chengxin.supervision.lists.letters import letter_of, letters_of, render
from chengxin.supervision.lists.letters import title_of as title
from chengxin.supervision.lists.queries import answers_of, rules_of, told_to
from chengxin.supervision.lists.refusals import NotPossible
from chengxin.supervision.lists.telling import told_to_subject
from chengxin.supervision.models import ListingStep


def _of_entry(actor: Any, code: str, entry: int) -> Place:
    found = speaking.subject_place(actor, code)
    if found.subject is None:
        raise Http404
    return speaking.with_thing(found, told_to(found.subject).get(pk=entry))


@may("own.listing", of=_of_entry)
@require_safe
def listing(request: HttpRequest, here: Place) -> HttpResponse:
    """One entry: its ground, its steps, the records it rests on, exit and remedy."""
    told = told_to_subject(here.thing, timezone.localdate())
    facts = [
        Fact(_("现在"), told["state_label"]), Fact(_("认定部门"), unit_name(here.thing.department)),
        Fact(_("认定情形"), worded(told, "criterion")), Fact(_("理由"), told["reason"]), Fact(_("列入日期"), told["listed_on"]),
        Fact(_("期满日期"), told["expires_on"]), Fact(_("移出日期"), told["ended_on"]),
        Fact(_("怎样移出"), worded(told, "exit")), Fact(_("救济途径"), worded(told, "remedy")), Fact(_("依据"), told["basis"]),
    ]  # fmt: skip
    return page(request, "listing", here, {
        "told": told,
        "entry": here.thing,
        "answers": told["answers"] if here.covers(Matter.STATEMENT) else (),
        "crumbs": [_way_back(here)],
        "facts": [f for f in facts if f.value],
        "records": [(title_of(r), _record_page(here, r)) for r in _records(here, told["records"])],
        "letters": [(title(s), reverse("own-listing-letter", args=[here.code, s.listing_id, s.pk]))
                    for s in letters_of(here.thing)],
        "steps": [Event(s["on"], _step(s["kind"]), s["text"], s["document"]) for s in told["steps"]],
    })  # fmt: skip


def _of_letter(actor: Any, code: str, entry: int, step: int) -> Place:
    here = _of_entry(actor, code, entry)
    try:
        return speaking.with_thing(here, letter_of(here.thing, step))
    except ListingStep.DoesNotExist as none:
        raise Http404(_("这一条没有这份文书。")) from none


@may("own.listing", of=_of_letter)
@require_safe
def letter(request: HttpRequest, here: Place) -> HttpResponse:
    """What the authority served, as PDF: the same bytes each time."""
    step = here.thing
    try:
        content = render(step, "en" if english() else "zh")
    except NotPossible as refused:
        messages.error(request, str(refused))
        return redirect("own-listing", here.code, step.listing_id)
    name = {"Content-Disposition": f'attachment; filename="list-letter-{step.pk}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=name)


class AnswerForm(forms.Form):
    """What the subject answers, and its words."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("您要怎样答复"), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择怎样答复。")},
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("内容"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("写明事实、理由和请求；放弃陈述申辩的可以不写。不超过 4000 字。"),
    )  # fmt: skip

    def __init__(self, *args: Any, choices: tuple[str, ...], **more: Any) -> None:
        super().__init__(*args, **more)
        words = {
            "statement": _("陈述申辩"), "hearing": _("要求听证"), "objection": _("对公示提出异议"),
            "waiver": _("放弃陈述申辩，不再等待期限届满"),
        }  # fmt: skip
        self.fields["outcome"].choices = [(c, words.get(c, c)) for c in choices]  # type: ignore[attr-defined]


def _of_answer(actor: Any, code: str, entry: int) -> Place:
    """An entry that may still be answered. Raises `Http404`."""
    here = _of_entry(actor, code, entry)
    if not answers_of(here.thing):
        raise Http404
    return here


@may("own.answer", of=_of_answer)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, here: Place) -> HttpResponse:
    """State one's case before it is decided, ask to be heard, object, or waive."""
    form = AnswerForm(request.POST if request.method == "POST" else None, choices=answers_of(here.thing))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.answer(here.actor, here.thing, here.unit, Paper(text=given["text"], outcome=given["outcome"]))
        except (NotPossible, Denied) as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, _("您的答复已经送到认定部门，决定以前都可以补充。"))
            return redirect("own-listing", here.code, here.thing.pk)
    return page(request, "listing_answer", here, {
        "form": form,
        "label": named(rules_of(here.thing).list),
        "crumbs": [Crumb(here.thing.number, reverse("own-listing", args=[here.code, here.thing.pk]))],
    }, status=422 if form.errors else 200)  # fmt: skip


def _records(here: Place, ids: list[int]) -> list[Record]:
    return list(Record.objects.filter(pk__in=ids, subject=here.subject).order_by("pk"))


def _record_page(here: Place, record: Record) -> str:
    """Where the record is shown; nowhere to whom only answers."""
    return reverse("own-record", args=[here.code, record.pk]) if here.covers(Matter.LOOK) else ""


def _way_back(here: Place) -> Crumb:
    """To the records, or home for an agent who may only answer."""
    if here.covers(Matter.LOOK):
        return Crumb(_("信用记录"), reverse("own-profile", args=[here.code]))
    return Crumb(_("待办"), reverse("own"))


def _step(kind: str) -> str:
    words = {
        "notice": _("告知"), "answer": _("我方陈述申辩"), "hearing": _("听证"), "publicity": _("公示征求意见"),
        "verification": _("核实异议"), "review": _("审核"), "decision": _("决定"), "service": _("送达"),
        "publication": _("公布"),
    }  # fmt: skip
    return words.get(kind, _("移出"))
