"""Filters for both languages: dates in prose, names by language, values of records, words for levels and schemes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.accounts.words import english, worded

register = template.Library()


@register.filter
def prose_date(day: date | None) -> str:
    """2026年2月1日 or 1 February 2026; tables write 2026-02-01 instead."""
    if day is None:
        return "—"
    return formats.date_format(day, "j F Y" if english() else "Y年n月j日")


@register.filter
def named(thing: Any) -> str:
    """The name of an item, field, code or organisation in the reader's language, as far as it has one."""
    for key in ("label", "name"):
        own = thing.get(key) if isinstance(thing, dict) else getattr(thing, key, None)
        if own:
            return worded(thing, key)
    return str(thing)


@register.filter
def told(value: Any) -> str:
    """A value of a record as text: lists joined, decimals without trailing zeros, yes and no in words."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "、".join(str(v) for v in value)
    return str(value)


@register.filter
def expected(rule: Any) -> str:
    """What a rule wants, in the reader's language."""
    return str(rule.expected_en if english() else rule.expected)


@register.filter
def is_sentence(text: Any) -> bool:
    """Whether an exception's text was written for people: Django's own are class names or English."""
    return isinstance(text, str) and text.endswith(("。", ".")) and not text.startswith("No ")


@register.filter
def level_label(level: str) -> str:
    return {"reject": _("不予入库"), "doubt": _("存疑"), "warn": _("提醒")}.get(level, level)


@register.filter
def scheme_label(scheme: str) -> str:
    """What kind of number an identifier is."""
    return str(_SCHEMES.get(scheme, _OTHER))


_SCHEMES = {
    "uscc": gettext_lazy("统一社会信用代码"),
    "registration_number": gettext_lazy("工商注册号"),
    "organisation_code": gettext_lazy("组织机构代码"),
    "tax_number": gettext_lazy("纳税人识别号"),
}
_OTHER = gettext_lazy("其他编号")


@register.filter
def percent(share: float | None, digits: int = 1) -> str:
    return "—" if share is None else f"{share:.{digits}%}"


@register.filter
def html_language(code: str) -> str:
    """Django's `zh-hans` as browsers and screen readers know it."""
    return "zh-Hans" if code.startswith("zh") else code
