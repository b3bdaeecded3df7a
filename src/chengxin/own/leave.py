"""What an authorisation says, in two pages: to whom and why; which fields, and the word that it is meant (R-094, R-105)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.accounts.models import Kind, Organisation
from chengxin.accounts.words import english
from chengxin.own.pages import named
from chengxin.own.speaking import Place
from chengxin.policy.queries import suggested_term
from chengxin.registry.models import Record
from chengxin.registry.packs import policies

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
        days = suggested_term(policies(), today)
        term = {} if days is None else {"until": today + timedelta(days=days)}
        self.initial = {"since": today, **term, **self.initial}

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

    def __init__(self, *args: Any, choices: list[tuple[str, str]], natural: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if natural:
            self.fields["agreed"].label = _("以上内容是本人的真实意思，由我本人授权")
        self.fields["fields_"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["fields_"]

    def clean_proof(self) -> Any:
        file = self.cleaned_data.get("proof")
        if file and file.size > _LARGEST:
            raise forms.ValidationError(_("授权书超过 10 MB，请压缩后再传。"))
        return file


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
