"""What administrators fill in: people, rights, units, keys. What may be given is decided by `accounts`."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.accounts import posts
from chengxin.accounts.models import KeyState, Kind, Organisation, Role
from chengxin.accounts.request_signing import HMAC, SM2
from chengxin.cases.mandates import matters
from chengxin.registry.packs import policies

_DATE = gettext_lazy("请写成日期，如 2026-03-01。")


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    box = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=False, widget=box, help_text=help_text, error_messages={"invalid": _DATE}
    )


class PeopleFilter(forms.Form):
    """Which people."""

    q = forms.CharField(label=gettext_lazy("姓名或登录名"), required=False, max_length=60)
    role = forms.ChoiceField(label=gettext_lazy("角色"), required=False)
    unit = forms.CharField(label=gettext_lazy("单位编号"), required=False, max_length=64)
    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("全部")), *Role.choices]  # type: ignore[attr-defined]
        states = [("", _("全部")), ("active", _("正常")), ("suspended", _("停用")), ("no-role", _("没有角色"))]
        self.fields["state"].choices = states  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    """A new person."""

    username = forms.CharField(
        label=gettext_lazy("登录名"), max_length=150, validators=[UnicodeUsernameValidator()],
        help_text=gettext_lazy("字母、数字和 @ . + - _；以后不能修改。"), widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请填写登录名。")},
    )  # fmt: skip
    display_name = forms.CharField(
        label=gettext_lazy("姓名"), max_length=60, help_text=gettext_lazy("同事和审计记录里显示的名字。"),
        error_messages={"required": gettext_lazy("请填写姓名。")},
    )  # fmt: skip


class GrantUnitForm(forms.Form):
    """In which unit a role is to be given: which roles there are goes by what kind of unit it is."""

    organisation = forms.CharField(
        label=gettext_lazy("单位"), max_length=200,
        help_text=gettext_lazy("单位编号、名称或统一社会信用代码，例如 water；编号见“单位”页。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "units"}),
        error_messages={"required": gettext_lazy("请填写在哪个单位担任。")},
    )  # fmt: skip

    def clean_organisation(self) -> Organisation:
        return unit_of(self.cleaned_data["organisation"])


class GrantForm(GrantUnitForm):
    """A role in a unit, its term, and for an agent the matters. Only roles that the kind of the unit has are offered; what
    is sent is asked of `posts` once more, which says why not."""

    role = forms.ChoiceField(
        label=gettext_lazy("角色"), choices=Role.choices, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择角色。")},
    )  # fmt: skip
    since = _day(gettext_lazy("自何日起"), gettext_lazy("不填就是从现在起。"))
    until = _day(gettext_lazy("到何日止"), gettext_lazy("含当日；不填就是长期。"))
    scope = forms.MultipleChoiceField(
        label=gettext_lazy("只限这些事项"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("只用于受托代理人；都不选就是全部事项。"),
    )  # fmt: skip

    def __init__(self, *args: Any, unit: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("organisation", unit.pk)
        self.fields["organisation"].widget = forms.HiddenInput()
        offered = posts.roles_of(unit.kind)
        self.fields["role"].widget.choices = [(r.value, r.label) for r in offered]
        self.fields["role"].help_text = posts.why(unit.kind)
        self.fields["scope"].choices = list(matters(timezone.localdate()).items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = told.get("since"), told.get("until")
        if until and until < (since or timezone.localdate()):
            self.add_error("until", _("「到何日止」不能早于「自何日起」或今天。"))
        if told.get("scope") and told.get("role") != Role.AGENT:
            self.add_error("scope", _("只有受托代理人可以限定事项，请取消勾选或改选角色。"))
        return told


def unit_of(text: str) -> Organisation:
    """A unit by its id, its code or its whole name. Raises `ValidationError`."""
    found = list(Organisation.objects.filter(pk=text.strip().lower())[:1])
    if not found:
        found = list(Organisation.objects.filter(code=text.strip().upper())[:2] if text.strip() else [])
    if not found:
        found = list(Organisation.objects.filter(name=text.strip())[:2])
    if len(found) > 1:
        raise forms.ValidationError(_("有几个单位都叫“%(text)s”，请改填单位编号。") % {"text": text})
    if not found:
        raise forms.ValidationError(_("没有登记“%(text)s”这个单位，请核对编号，或先登记单位。") % {"text": text})
    return found[0]


class UnitForm(forms.Form):
    """A unit."""

    id = forms.SlugField(
        label=gettext_lazy("单位编号"), max_length=64, help_text=gettext_lazy("小写字母、数字和连字符；以后不能修改。"),
        error_messages={"required": gettext_lazy("请填写单位编号。"), "invalid": gettext_lazy("只能有小写字母、数字和连字符。")},
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=200, error_messages={"required": gettext_lazy("请填写名称。")}
    )
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=200, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=Kind.choices)
    code = forms.CharField(label=gettext_lazy("统一社会信用代码"), max_length=18, required=False)
    region = forms.RegexField(
        r"^\d{6}$", label=gettext_lazy("行政区划代码"), required=False, max_length=6,
        error_messages={"invalid": gettext_lazy("应是六位数字，例如 320000。")},
    )  # fmt: skip
    parent = forms.CharField(label=gettext_lazy("上级单位的编号"), max_length=64, required=False)

    def __init__(self, *args: Any, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["id"].disabled = fixed

    def clean_id(self) -> str:
        told: str = self.cleaned_data["id"]
        if told != told.lower():
            raise forms.ValidationError(_("只能有小写字母、数字和连字符。"))
        return told

    def clean_parent(self) -> Organisation | None:
        told: str = self.cleaned_data["parent"]
        return unit_of(told) if told else None


class KeyFilter(forms.Form):
    """Which keys."""

    q = forms.CharField(label=gettext_lazy("用途、登录名或前缀"), required=False, max_length=60)
    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("全部")), *KeyState.choices]  # type: ignore[attr-defined]


class KeyForm(forms.Form):
    """A key for a program that acts for a person, and what it is good for."""

    label = forms.CharField(
        label=gettext_lazy("用在哪个系统"), max_length=100, help_text=gettext_lazy("例如：省市场监管局业务系统，每日报送。"),
        error_messages={"required": gettext_lazy("请写明用在哪个系统，以后好辨认。")},
    )  # fmt: skip
    days = forms.IntegerField(
        label=gettext_lazy("有效天数"), min_value=1,
        max_value=settings.SIGN_IN.key.max_days, initial=settings.SIGN_IN.key.days,
        error_messages={"required": gettext_lazy("请填写有效天数。"), "invalid": gettext_lazy("请填写整数。")},
    )  # fmt: skip
    scopes = forms.CharField(
        label=gettext_lazy("只能用于这些接口"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("一行一个 operationId，见接口文档；不填就是这个人能用的全部接口。"),
    )  # fmt: skip
    items = forms.CharField(
        label=gettext_lazy("只能用于这些目录项"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("一行一个目录项编号，例如 penalty。"),
    )  # fmt: skip
    addresses = forms.CharField(
        label=gettext_lazy("只能从这些地址使用"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("一行一个地址或网段，例如 192.0.2.0/24。"),
    )  # fmt: skip
    signing = forms.ChoiceField(
        label=gettext_lazy("每个请求都要签名"), required=False, widget=forms.RadioSelect,
        choices=[("", gettext_lazy("不要求")), (HMAC, HMAC), (SM2, SM2)],
    )  # fmt: skip
    public = forms.CharField(
        label=gettext_lazy("对方的 SM2 公钥"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("SubjectPublicKeyInfo 的 base64；只在选 SM2-SM3 时填写。"),
    )  # fmt: skip

    def clean_scopes(self) -> tuple[str, ...]:
        found = lines(self.cleaned_data["scopes"])
        if wrong := [name for name in found if not name.isidentifier() or not name.isascii()]:
            raise forms.ValidationError(
                _("“%(name)s”不是 operationId，应只有字母、数字和下划线。") % {"name": wrong[0]}
            )
        return found

    def clean_items(self) -> tuple[str, ...]:
        found = lines(self.cleaned_data["items"])
        known = {c.item.id for c in policies().compiled}
        if wrong := [name for name in found if name not in known]:
            raise forms.ValidationError(_("归集目录里没有“%(item)s”这一项。") % {"item": wrong[0]})
        return found

    def clean_addresses(self) -> tuple[str, ...]:
        found = lines(self.cleaned_data["addresses"])
        for address in found:
            try:
                ipaddress.ip_network(address, strict=False)
            except ValueError as error:
                sentence = _("“%(address)s”不是地址或网段，例如 192.0.2.0/24。")
                raise forms.ValidationError(sentence % {"address": address}) from error
        return found

    def clean_public(self) -> bytes | None:
        told = "".join(self.cleaned_data["public"].split())
        try:
            return base64.b64decode(told, validate=True) if told else None
        except ValueError as error:
            raise forms.ValidationError(_("公钥不是 base64 文本。")) from error

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if "public" in told and (told.get("signing") == SM2) != (told["public"] is not None):
            self.add_error("public", _("选 SM2-SM3 时要填对方的公钥，其他时候不要填。"))
        return told


def lines(text: str) -> tuple[str, ...]:
    """The lines of a box, without blanks and repetitions."""
    found: Iterable[str] = (line.strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in found if line))
