"""What an auditor reads: the trail with its filters, denials, sign-ins, looks at non-public data, and the log that proves
it (G-10, R-082, R-361, R-363, R-366; docs/audit.md). Nobody changes anything here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.audit import keys, proving, reading
from chengxin.audit.actions import record as trace
from chengxin.audit.events import known
from chengxin.audit.models import Checkpoint, Event, Leaf, Log, LogKey, Witness
from chengxin.audit.recent import Recent, verify_newest
from chengxin.design.shapes import Cell, Column, Count, Crumb, Fact, Tab, Table, Tag
from chengxin.design.words import moment
from chengxin.workbench.views.content import names_of

PER_PAGE = 30
_MANY = 10_000
"""Rows that are counted before the page says "more than"."""
VIEWS = {"denied": reading.DENIALS, "signing": reading.SIGNING_IN}


def _anybody(_actor: Actor, **_captured: Any) -> None:
    """The trail belongs to no unit."""


_guard = may("trail.read", of=_anybody)


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
        words = [(w, f"{m}（{w}）") for w, m in reading.families() if not among or w in among]
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


@_guard
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
        "form": form, "tags": _tags(request, form), "tabs": _tabs(view if among else "trail"), "page": page,
        "table": _table(page.events), "view": view,
        "older": _with(request, before=page.older) if page.older else "",
        "newer": _with(request, after=page.newer) if page.newer else "",
    }  # fmt: skip
    return render(request, "workbench/audit_index.html", shown, status=422 if form.errors else 200)


@_guard
@require_safe
def looks(request: HttpRequest, _target: None) -> HttpResponse:
    """Looks at what is not public; the same rows that the subject sees of itself. Reading them is itself an event."""
    form = LookForm(request.GET)
    form.is_valid()
    asked = reading.LookQuestion(**{k: v for k, v in form.cleaned_data.items() if v})
    rows, older = reading.looks(asked, PER_PAGE, before=_number(request, "before"))
    trace(actor_of(request).name, "trail.read", "trail", "looks", shown=len(rows))
    names = names_of(r.actor for r in rows)
    table = Table(
        _("查看非公开信息的记录"),
        [Column(_("时间")), Column(_("谁")), Column(_("为哪个单位")), Column(_("主体代码")), Column(_("依据")),
         Column(_("事由"), wide=True), Column(_("条数"), number=True), Column(_("结果"))],
        [
            [_day(r.at), who(r.actor, names), r.for_whom, r.subject, r.basis, r.purpose, r.records,
             Cell(r.refused or _("已提供"), tone="bad" if r.refused else "good")]
            for r in rows
        ],
    )  # fmt: skip
    shown = {
        "form": form, "tags": _tags(request, form), "tabs": _tabs("looks"), "table": table, "rows": rows,
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
        Fact(_("谁"), who(event.actor, names_of([event.actor]))),
        Fact(_("登录名"), event.actor or "—", code=True),
        Fact(_("做了什么"), meaning(event.action)),
        Fact(_("代号"), event.action, code=True),
        Fact(_("对象"), f"{kind_label(event.kind)} {event.object}", href=_with_object(event)),
    ]
    facts += [Fact(name, _plain(value), code=True) for name, value in event.detail.items()]
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


@_guard
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest, _target: None) -> HttpResponse:
    """How the log stands: newest checkpoint, key, witnesses, what waits; `POST` verifies its newest part."""
    checked: Recent | None = None
    if request.method == "POST":
        checked = verify_newest()
        if checked is not None:
            sound = "sound" if checked.sound else "tampered"
            trace(actor_of(request).name, "log.verify", "log", checked.size, result=sound, leaves=checked.leaves)
    found = Log.objects.first()
    newest = Checkpoint.objects.order_by("-pk").first()
    shown = {
        "tabs": _tabs("log"), "log": found, "newest": newest, "checked": checked,
        "counts": _counts(newest), "facts": _log_facts(found, newest), "witnesses": _witnesses(newest),
        "checkpoints": _checkpoints(),
    }  # fmt: skip
    return render(request, "workbench/audit_log.html", shown)


def kind_label(kind: str) -> str:
    """What a kind of thing is called; the word of the trail itself where there is no other."""
    return {
        "user": _("账号"), "person": _("人员"), "organisation": _("单位"), "route": _("页面或接口"), "case": _("办件"),
        "batch": _("批次"), "record": _("信用信息"), "subject": _("主体"), "look": _("查看记录"), "log": _("日志"),
        "log-key": _("日志密钥"), "leaf": _("日志条目"), "report": _("信用报告"), "alert": _("预警"), "entry": _("名单条目"),
        "plan": _("抽查计划"), "inspector": _("检查人员"), "authorisation": _("授权"), "delivery": _("投递"),
        "receiver": _("接收方"), "register": _("登记库"), "system": _("系统"), "evaluation": _("评价"), "trail": _("审计记录"),
        "key": _("密钥"), "measure": _("奖惩措施"), "list": _("名单"), "model": _("评价模型"),
    }.get(kind, kind)  # fmt: skip


def meaning(action: str) -> str:
    """What an act is called; its word where the catalogue has none."""
    what = known(action)
    return what.meaning if what else action


def who(actor: str, names: dict[str, str]) -> str:
    """What somebody is called: people by their names, the platform itself as such."""
    return {"": _("未登录的访问者"), "system": _("系统")}.get(actor) or names.get(actor, actor)


def _day(when: datetime) -> SafeString:
    return format_html('<span class="day">{}</span>', moment(when))


def _tabs(here: str) -> list[Tab]:
    audit = reverse("audit")
    return [
        Tab(_("全部操作"), audit, here == "trail"),
        Tab(_("被拒绝的"), f"{audit}?view=denied", here == "denied"),
        Tab(_("登录与会话"), f"{audit}?view=signing", here == "signing"),
        Tab(_("查看非公开信息"), reverse("audit-looks"), here == "looks"),
        Tab(_("日志与核验"), reverse("audit-log"), here == "log"),
    ]


def _table(events: list[Event]) -> Table:
    names = names_of(e.actor for e in events)
    rows = []
    for event in events:
        tone: Any = "bad" if event.action in reading.DENIALS else None
        rows.append([
            Cell(_day(event.at), reverse("audit-event", args=[event.pk])),
            who(event.actor, names),
            Cell(meaning(event.action), note=event.action, tone=tone),
            f"{kind_label(event.kind)} {event.object}",
            _short(event.detail),
        ])  # fmt: skip
    columns = [
        Column(_("时间")), Column(_("谁")), Column(_("做了什么")), Column(_("对象")), Column(_("详情"), wide=True),
    ]  # fmt: skip
    return Table(_("操作记录"), columns, rows)


def _short(detail: dict[str, Any]) -> str:
    told = "；".join(f"{n} {_brief(_plain(value))}" for n, value in detail.items() if value not in ("", None, [], {}))
    return told if len(told) <= 160 else told[:159] + "…"


def _brief(text: str) -> str:
    """Digests by their beginning; the event's own page has them whole."""
    return f"{text[:10]}…" if len(text) >= 32 and text.isalnum() else text


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "，".join(f"{k} {_plain(v)}" for k, v in value.items())
    if isinstance(value, list):
        return "、".join(_plain(v) for v in value)
    return "—" if value in ("", None) else str(value)


def _proof(event: Event) -> dict[str, Any] | None:
    try:
        return proving.prove_row("event", event.pk, reveal=True)
    except (proving.NotSealed, ObjectDoesNotExist):
        return None


def _counts(newest: Checkpoint | None) -> list[Count]:
    size = newest.size if newest else 0
    sealed = Leaf.objects.filter(kind="event").order_by("-ref").values_list("ref", flat=True).first() or 0
    waiting = Event.objects.filter(pk__gt=sealed)[: _MANY + 1].count()
    said: Any = waiting if waiting <= _MANY else _("%(n)d 以上") % {"n": _MANY}
    return [
        Count(_("已封存条目"), size),
        Count(_("检查点"), Checkpoint.objects.count()),
        Count(_("待封存操作"), said, tone="warn" if waiting > _MANY else ""),
    ]


def _log_facts(log: Log | None, newest: Checkpoint | None) -> list[Fact]:
    if log is None or newest is None:
        return []
    key = LogKey.objects.filter(since__gte=0, until=None).order_by("-number").first()
    facts = [
        Fact(_("日志名称"), log.origin, code=True),
        Fact(_("杂凑算法"), log.suite.upper(), code=True),
        Fact(_("最新检查点"), newest.at),
        Fact(_("根"), bytes(newest.root).hex(), code=True),
    ]
    if key is not None:
        facts.append(Fact(_("签名密钥"), f"{key.number} · {key.algorithm}", code=True))
        facts.append(Fact(_("公钥指纹（SHA-256）"), keys.fingerprint(bytes(key.public)), code=True))
    return facts


def _witnesses(newest: Checkpoint | None) -> Table:
    told = {w.address: w for w in Witness.objects.filter(address__in=settings.WITNESSES)}
    rows = []
    for address in settings.WITNESSES:
        known = told.get(address)
        up_to_date = bool(known and newest and known.size >= newest.size)
        words = (
            _("联系不上：%(why)s") % {"why": known.trouble} if known and known.trouble
            else _("已知道最新检查点") if up_to_date else _("等待送达")
        )  # fmt: skip
        tone: Any = "bad" if known and known.trouble else "good" if up_to_date else "warn"
        rows.append([address, Cell(words, tone=tone), known.size if known else 0, (known and known.told_at) or "—"])
    columns = [Column(_("见证方")), Column(_("状态")), Column(_("已知条目"), number=True), Column(_("最近应答"))]
    return Table(_("见证方"), columns, rows)


def _checkpoints() -> Table:
    rows = [[c.at, c.size, bytes(c.root).hex()[:16] + "…"] for c in Checkpoint.objects.order_by("-pk")[:10]]
    return Table(_("最近的检查点"), [Column(_("时间")), Column(_("条目"), number=True), Column(_("根"))], rows)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _with(request: HttpRequest, **changes: Any) -> str:
    """This address with other numbers to go on from."""
    query = {k: v for k, v in request.GET.items() if k not in ("before", "after") and v}
    return "?" + urlencode({**query, **changes})


def _with_object(event: Event) -> str:
    return f"{reverse('audit')}?{urlencode({'kind': event.kind, 'object': event.object})}"


def _tags(request: HttpRequest, form: forms.Form) -> list[Tag]:
    """What is set, each with the address without it."""
    tags = []
    for bound in form.visible_fields():
        value = form.cleaned_data.get(bound.name) if form.is_bound and hasattr(form, "cleaned_data") else None
        if not value:
            continue
        rest = {k: v for k, v in request.GET.items() if k not in (bound.name, "before", "after") and v}
        shown = dict(getattr(bound.field, "choices", ())).get(value, value)
        words = (
            bound.label
            if value is True
            else f"{bound.label}：{shown.isoformat() if isinstance(shown, date) else shown}"
        )
        tags.append(Tag(str(words), "?" + urlencode(rest)))
    return tags
