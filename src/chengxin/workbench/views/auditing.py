"""What an auditor reads: the trail with its filters, denials, sign-ins, looks at non-public data, and the log that proves
it (G-10, R-082, R-361, R-363, R-366; docs/audit.md). Nobody changes anything here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.words import people
from chengxin.audit import proving, reading
from chengxin.audit.actions import record as trace
from chengxin.audit.models import Event
from chengxin.design.filters import filter_tags
from chengxin.design.shapes import Cell, Column, Crumb, Fact, Tab, Table
from chengxin.design.words import noted
from chengxin.registry.look_words import purposes
from chengxin.workbench.trail_words import day_of, detail_label, kind_label, meaning, plain, short, who

PER_PAGE = 30
VIEWS = {"denied": reading.DENIALS, "signing": reading.SIGNING_IN}


def anybody(_actor: Actor, **_captured: Any) -> None:
    """The trail belongs to no unit."""


guard = may("trail.read", of=anybody)


class TrailForm(forms.Form):
    """Which events."""

    actor = forms.CharField(label=gettext_lazy("谁（登录名）"), required=False, max_length=150)
    action = forms.ChoiceField(label=gettext_lazy("做了什么"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("对象类别"), required=False)
    object = forms.CharField(label=gettext_lazy("对象编号"), required=False, max_length=120)
    since = forms.DateField(
        label=gettext_lazy("从"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("请写成日期，如 2026-03-01。")},
    )  # fmt: skip
    until = forms.DateField(
        label=gettext_lazy("到"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("请写成日期，如 2026-03-01。")},
    )  # fmt: skip
    view = forms.CharField(required=False, widget=forms.HiddenInput, max_length=10)

    def __init__(self, *args: Any, among: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(w, noted(m, w)) for w, m in reading.families() if not among or w in among]
        self.fields["action"].choices = [("", _("全部")), *words]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("全部")), *((k, kind_label(k)) for k in reading.kinds())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = told.get("since"), told.get("until")
        if since and until and until < since:
            self.add_error("until", _("「到」早于「从」，请对调。"))
        return told


class LookForm(forms.Form):
    """Which looks at non-public data."""

    actor = forms.CharField(label=gettext_lazy("谁（登录名）"), required=False, max_length=150)
    subject = forms.CharField(label=gettext_lazy("主体代码"), required=False, max_length=64)
    basis = forms.CharField(label=gettext_lazy("依据"), required=False, max_length=100)
    refused = forms.BooleanField(label=gettext_lazy("只看被拒绝的"), required=False)


@guard
@require_safe
def index(request: HttpRequest, _target: None) -> HttpResponse:
    """The trail: who did what to which thing, newest first; `view` narrows it to denials or to sign-ins."""
    view = request.GET.get("view", "")
    among = VIEWS.get(view, ())
    form = TrailForm(request.GET, among=among)
    asked = reading.Question(among=among)
    if form.is_valid():
        told = {k: v for k, v in form.cleaned_data.items() if k != "view" and v}
        asked = reading.Question(among=among, **told)
    page = reading.page(asked, PER_PAGE, before=_number(request, "before"), after=_number(request, "after"))
    shown = {
        "form": form, "tags": filter_tags(form, request.GET), "tabs": tabs(view if among else "trail"), "page": page,
        "table": _table(page.events), "view": view,
        "older": _with(request, before=page.older) if page.older else "",
        "newer": _with(request, after=page.newer) if page.newer else "",
    }  # fmt: skip
    return render(request, "workbench/audit_index.html", shown, status=422 if form.errors else 200)


@guard
@require_safe
def looks(request: HttpRequest, _target: None) -> HttpResponse:
    """Looks at what is not public; the same rows that the subject sees of itself. Reading them is itself an event."""
    form = LookForm(request.GET)
    form.is_valid()
    asked = reading.LookQuestion(**{k: v for k, v in form.cleaned_data.items() if v})
    rows, older = reading.looks(asked, PER_PAGE, before=_number(request, "before"))
    trace(actor_of(request).name, "trail.read", "trail", "looks", shown=len(rows))
    names, purpose = people(r.actor for r in rows), purposes()
    table = Table(
        _("查看非公开信息的记录"),
        [Column(_("时间")), Column(_("谁")), Column(_("为哪个单位")), Column(_("主体代码")), Column(_("依据")),
         Column(_("事由"), wide=True), Column(_("条数"), number=True), Column(_("结果"))],
        [
            [day_of(r.at), who(r.actor, names), r.for_whom, r.subject, r.basis, purpose(r.purpose), r.records,
             Cell(r.refused or _("已提供"), tone="bad" if r.refused else "good")]
            for r in rows
        ],
    )  # fmt: skip
    shown = {
        "form": form, "tags": filter_tags(form, request.GET), "tabs": tabs("looks"), "table": table, "rows": rows,
        "older": _with(request, before=older) if older else "",
    }  # fmt: skip
    return render(request, "workbench/audit_looks.html", shown)


def _event(_actor: Actor, pk: int) -> Event:
    return Event.objects.get(pk=pk)


@may("trail.read", of=_event)
@require_safe
def show(request: HttpRequest, event: Event) -> HttpResponse:
    """One event in full, what it means, and the proof that it is in the log."""
    facts = [
        Fact(_("编号"), event.pk, code=True),
        Fact(_("时间"), event.at),
        Fact(_("谁"), who(event.actor, people([event.actor]))),
        Fact(_("登录名"), event.actor or "—", code=True),
        Fact(_("做了什么"), meaning(event.action)),
        Fact(_("代号"), event.action, code=True),
        Fact(_("对象"), f"{kind_label(event.kind)} {event.object}", href=_with_object(event)),
    ]
    facts += [Fact(detail_label(name), plain(value), code=True) for name, value in event.detail.items()]
    shown = {
        "event": event, "facts": facts, "proof": _proof(event), "leaf": reading.leaf_of(event),
        "crumbs": [Crumb(_("审计"), reverse("audit"))],
    }  # fmt: skip
    return render(request, "workbench/audit_event.html", shown)


@may("trail.read", of=_event)
@require_safe
def proof_json(request: HttpRequest, event: Event) -> HttpResponse:
    """The proof as a file that `docs/verify_log.py` checks without us."""
    found = _proof(event)
    if found is None:
        raise Http404(_("这一条还没有封存，请过一会儿再来。"))
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="event-{event.pk}.json"'
    return response


def tabs(here: str) -> list[Tab]:
    """What an auditor may look at."""
    audit = reverse("audit")
    return [
        Tab(_("全部操作"), audit, here == "trail"),
        Tab(_("被拒绝的"), f"{audit}?view=denied", here == "denied"),
        Tab(_("登录与会话"), f"{audit}?view=signing", here == "signing"),
        Tab(_("查看非公开信息"), reverse("audit-looks"), here == "looks"),
        Tab(_("日志与核验"), reverse("audit-log"), here == "log"),
    ]


def _table(events: list[Event]) -> Table:
    names = people(e.actor for e in events)
    rows = []
    for event in events:
        tone: Any = "bad" if event.action in reading.DENIALS else None
        rows.append([
            Cell(day_of(event.at), reverse("audit-event", args=[event.pk])),
            who(event.actor, names),
            Cell(meaning(event.action), note=event.action, tone=tone),
            f"{kind_label(event.kind)} {event.object}",
            short(event.detail),
        ])  # fmt: skip
    columns = [
        Column(_("时间")), Column(_("谁")), Column(_("做了什么")), Column(_("对象")), Column(_("详情"), wide=True),
    ]  # fmt: skip
    return Table(_("操作记录"), columns, rows)


def _proof(event: Event) -> dict[str, Any] | None:
    try:
        return proving.prove_row("event", event.pk, reveal=True)
    except (proving.NotSealed, ObjectDoesNotExist):
        return None


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _with(request: HttpRequest, **changes: Any) -> str:
    """This address with other numbers to go on from."""
    query = {k: v for k, v in request.GET.items() if k not in ("before", "after") and v}
    return "?" + urlencode({**query, **changes})


def _with_object(event: Event) -> str:
    return f"{reverse('audit')}?{urlencode({'kind': event.kind, 'object': event.object})}"
