"""Whom the subject lets look at what is not public: give leave in two pages, take it back at once (R-094, R-105, G-09)."""

from __future__ import annotations

from datetime import date, timedelta
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

from chengxin.accounts.guards import may
from chengxin.accounts.models import Authorisation, Kind, Organisation
from chengxin.accounts.rules import Denied
from chengxin.audit.canonical import canonical
from chengxin.design.shapes import Cell, Crumb, Fact
from chengxin.own import speaking
from chengxin.own.pages import english, named, page, unit_names
from chengxin.own.speaking import Place
from chengxin.registry import authorising
from chengxin.registry.models import Record
from chengxin.registry.packs import policies

_KEPT = "own-authorisation"
_DAYS = 30
"""A term that the form suggests; whoever gives leave changes it."""
_LARGEST = 10 << 20


class Whom(forms.Form):
    """To whom, why, until when, of which kinds of information."""

    grantee = forms.ChoiceField(
        label=gettext_lazy("授权给谁"), error_messages={"required": gettext_lazy("请选择授权给哪一个单位。")}
    )
    purpose = forms.CharField(
        label=gettext_lazy("用途"), max_length=200, help_text=gettext_lazy("对方只能为这个目的查询，例如：申请流动资金贷款。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请写明用途，对方只能为这个目的查询。")},
    )  # fmt: skip
    since = forms.DateField(
        label=gettext_lazy("从哪一天起"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("请填写开始的日期。"), "invalid": gettext_lazy("请写成日期，如 2026-03-01。")},
    )  # fmt: skip
    until = forms.DateField(
        label=gettext_lazy("到哪一天止"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("请填写截止的日期。"), "invalid": gettext_lazy("请写成日期，如 2026-03-01。")},
    )  # fmt: skip
    single = forms.BooleanField(
        label=gettext_lazy("只能查询一次"), required=False, help_text=gettext_lazy("对方查询一次以后，授权自动失效。")
    )
    items = forms.MultipleChoiceField(
        label=gettext_lazy("可以看哪几类信息"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("一类也不选，就是全部。"),
    )  # fmt: skip

    def __init__(self, *args: Any, here: Place, **more: Any) -> None:
        super().__init__(*args, **more)
        today = timezone.localdate()
        self.fields["grantee"].choices = [("", _("请选择")), *_grantees()]  # type: ignore[attr-defined]
        self.fields["items"].choices = _items(here)  # type: ignore[attr-defined]
        self.initial = {"since": today, "until": today + timedelta(days=_DAYS), **self.initial}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if until and until < timezone.localdate():
            self.add_error("until", _("截止的日期已经过去，请填今天或以后的日期。"))
        elif since and until and until < since:
            self.add_error("until", _("截止的日期早于开始的日期。"))
        return given


class Confirm(forms.Form):
    """Only some fields, where the subject wants it; the paper, where there is one; and its word."""

    fields_ = forms.MultipleChoiceField(
        label=gettext_lazy("只给看这些栏目"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("一栏也不选，就是全部栏目。"),
    )  # fmt: skip
    proof = forms.FileField(
        label=gettext_lazy("签章的授权书"), required=False,
        help_text=gettext_lazy("没有纸质授权书就不用传：您登录后的确认会作为凭证。不超过 10 MB。"),
    )  # fmt: skip
    agreed = forms.BooleanField(
        label=gettext_lazy("以上内容是本单位的真实意思，我有权代表本单位授权"),
        error_messages={"required": gettext_lazy("请勾选确认，授权才能生效。")},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["fields_"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["fields_"]

    def clean_proof(self) -> Any:
        file = self.cleaned_data.get("proof")
        if file and file.size > _LARGEST:
            raise forms.ValidationError(_("授权书超过 10 MB，请压缩后再传。"))
        return file


@may("own.authorise", of=speaking.subject_place)
@require_safe
def authorisations(request: HttpRequest, here: Place) -> HttpResponse:
    """What is allowed now, and what was."""
    today = timezone.localdate()
    rows = list(Authorisation.objects.filter(subject=here.held_code).select_related("grantee").order_by("-pk"))
    told = [_told(row, today, here) for row in rows]
    return page(request, "authorisations", here, {
        "now": [t for t in told if t["in_force"]], "past": [t for t in told if not t["in_force"]],
    })  # fmt: skip


@may("own.authorise", of=speaking.subject_place)
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, here: Place) -> HttpResponse:
    """The first page: to whom, why, until when."""
    kept = request.session.get(_KEPT, {}).get(here.code) or {}
    form = Whom(request.POST if request.method == "POST" else None, here=here, initial=kept)
    if request.method == "POST" and form.is_valid():
        given = {k: v.isoformat() if isinstance(v, date) else v for k, v in form.cleaned_data.items()}
        request.session[_KEPT] = {here.code: given}
        return redirect("own-authorise-check", here.code)
    return page(request, "authorise", here, {"form": form, "crumbs": _crumbs(here)}, status=422 if form.errors else 200)


@may("own.authorise", of=speaking.subject_place)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, here: Place) -> HttpResponse:
    """The second page: check, narrow to fields, confirm."""
    kept = request.session.get(_KEPT, {}).get(here.code)
    if not kept or here.subject is None:
        return redirect("own-authorise", here.code)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = Confirm(*given, choices=_fields(kept["items"]))
    if request.method == "POST" and form.is_valid():
        try:
            made = authorising.grant(here.actor, here.subject, _grant(kept, form, here))
        except (authorising.NotGranted, Denied) as refused:
            form.add_error(None, str(refused))
        else:
            request.session.pop(_KEPT, None)
            messages.success(request, _("授权 %(number)s 已生效。对方每次查询都会记在「谁看过」里，您随时可以撤回。") % {
                "number": made.number})  # fmt: skip
            return redirect("own-authorisations", here.code)
    return page(request, "authorise_check", here, {
        "form": form, "facts": _summary(kept), "crumbs": _crumbs(here),
    }, status=422 if form.errors else 200)  # fmt: skip


def _of_authorisation(actor: Any, code: str, number: str) -> Place:
    here = speaking.subject_place(actor, code)
    return speaking.with_thing(here, Authorisation.objects.get(number=number, subject=here.held_code))


@may("own.authorise", of=_of_authorisation)
@require_POST
def revoke(request: HttpRequest, here: Place) -> HttpResponse:
    """Take it back; from now on no query can rest on it."""
    authorising.revoke(here.actor, here.thing.number)
    messages.success(request, _("授权 %(number)s 已撤回，对方从现在起不能再查询。") % {"number": here.thing.number})
    return redirect("own-authorisations", here.code)


def _grant(kept: dict[str, Any], form: Confirm, here: Place) -> authorising.Grant:
    """The paper is the proof, else the statement that was confirmed, word for word, with who and when."""
    chosen = form.cleaned_data.get("fields_") or []
    said = {**kept, "fields": chosen, "subject": here.held_code, "by": here.actor.name, "on": str(timezone.localdate())}
    file = form.cleaned_data.get("proof")
    return authorising.Grant(
        kept["grantee"], kept["purpose"], date.fromisoformat(kept["since"]), date.fromisoformat(kept["until"]),
        kept["items"], chosen, kept["single"], file.read() if file else canonical(said),
    )  # fmt: skip


def _grantees() -> list[Any]:
    """Whom one can authorise: banks, service agencies, public bodies, each in their group."""
    groups: dict[str, list[tuple[str, str]]] = {}
    kinds = [Kind.BANK, Kind.SERVICE, Kind.DEPARTMENT, Kind.SOURCE, Kind.CENTRE]
    titles = {Kind.BANK: _("金融机构"), Kind.SERVICE: _("信用服务机构")}
    rows = Organisation.objects.filter(kind__in=kinds).order_by("name", "pk")
    for unit in sorted(rows, key=lambda u: kinds.index(Kind(u.kind))):
        name = (unit.name_en if english() else "") or unit.name
        groups.setdefault(titles.get(Kind(unit.kind), _("行政机关和其他单位")), []).append((unit.pk, name))
    return list(groups.items())


def _items(here: Place) -> list[tuple[str, str]]:
    """The kinds of information that are held of the subject."""
    packs = policies()
    held = Record.objects.filter(subject=here.subject).values_list("item", flat=True).distinct().order_by("item")
    return [(i, named(packs.versions(i)[-1])) for i in held if packs.versions(i)]


def _fields(items: list[str]) -> list[tuple[str, str]]:
    """The fields of the chosen kinds; with none chosen, leave is not narrowed further."""
    packs = policies()
    found: dict[str, str] = {}
    for item in items:
        for one in packs.versions(item)[-1].kept_fields:
            if one.disclosure in ("public", "shared"):
                found.setdefault(one.id, named(one))
    return list(found.items())


def _summary(kept: dict[str, Any]) -> list[Fact]:
    packs = policies()
    names = [named(packs.versions(i)[-1]) for i in kept["items"]]
    return [
        Fact(_("授权给谁"), unit_names({kept["grantee"]}).get(kept["grantee"], kept["grantee"])),
        Fact(_("用途"), kept["purpose"]),
        Fact(_("期限"), _("%(a)s 至 %(b)s") % {"a": kept["since"], "b": kept["until"]}),
        Fact(_("次数"), _("只能查询一次") if kept["single"] else _("期限内不限次数")),
        Fact(_("哪几类信息"), _("、").join(names) or _("全部")),
    ]


def _told(row: Authorisation, today: date, here: Place) -> dict[str, Any]:
    packs = policies()
    items = [named(packs.versions(i)[-1]) for i in row.items if packs.versions(i)]
    return {
        "number": row.number,
        "in_force": row.in_force(today) or (row.revoked_at is None and row.since > today),
        "name": (row.grantee.name_en if english() else "") or row.grantee.name,
        "state": _state(row, today),
        "revoke": reverse("own-revoke", args=[here.code, row.number]),
        "facts": [
            Fact(_("用途"), row.purpose), Fact(_("期限"), _("%(a)s 至 %(b)s") % {"a": row.since, "b": row.until}),
            Fact(_("次数"), _("只能查询一次") if row.single else _("期限内不限次数")),
            Fact(_("哪几类信息"), _("、").join(items) or _("全部")),
            Fact(_("栏目"), _("%(n)d 个栏目") % {"n": len(row.fields)} if row.fields else _("全部")),
            Fact(_("授权编号"), row.number, code=True), Fact(_("最近一次使用"), row.used_at or _("还没有用过")),
        ],
    }  # fmt: skip


def _state(row: Authorisation, today: date) -> Cell:
    if row.revoked_at:
        return Cell(_("已撤回"), tone="")
    if row.single and row.used_at:
        return Cell(_("已用完"), tone="")
    if row.until < today:
        return Cell(_("已到期"), tone="")
    return Cell(_("还没有开始"), tone="info") if row.since > today else Cell(_("生效中"), tone="good")


def _crumbs(here: Place) -> list[Crumb]:
    return [Crumb(_("授权"), reverse("own-authorisations", args=[here.code]))]
