"""How values read inside components: days, moments, numbers, and the language a piece of text is in."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengxin.accounts.words import english
from chengxin.design.shapes import Cell, Column, Tone
from chengxin.design.templatetags.chengxin import prose_date, told

_HAN = re.compile("[㐀-鿿]")


def labelled(label: Any, value: Any) -> str:
    """A value behind its label, with the colon of the reader's language."""
    return _("%(label)s：%(value)s") % {"label": label, "value": value}


def noted(text: Any, note: Any) -> str:
    """A text with a note in brackets, those of the reader's language."""
    return _("%(text)s（%(note)s）") % {"text": text, "note": note}


def within(working_days: int) -> str:
    """A term in working days, in words."""
    return ngettext("%(n)s 个工作日内", "%(n)s 个工作日内", working_days) % {"n": working_days}


def moment(when: Any) -> str:
    """A day as 2026-02-01, a moment as 2026-02-01 14:05 by the platform's clock: how tables and timelines write them."""
    if isinstance(when, datetime):
        return f"{timezone.localtime(when) if timezone.is_aware(when) else when:%Y-%m-%d %H:%M}"
    return when.isoformat() if isinstance(when, date) else ""


def fact(value: Any) -> Any:
    """The value of a summary list: days in prose, moments exactly, the rest as records tell it."""
    if isinstance(value, SafeString):
        return value
    if isinstance(value, datetime):
        return moment(value)
    return prose_date(value) if isinstance(value, date) else told(value)


def cell(value: Any, column: Column | None = None) -> Any:
    """The text of a cell; whole numbers of a number column with thousands separators."""
    text = value.text if isinstance(value, Cell) else value
    if isinstance(text, SafeString):
        return text
    if isinstance(text, date):
        return moment(text)
    if column and column.number and isinstance(text, int) and not isinstance(text, bool):
        return grouped(text)
    return told(text)


_GRADES: dict[str, Tone] = {"excellent": "good", "good": "info", "fair": "warn", "poor": "bad"}


def grade_tone(common: str) -> Tone:
    """The tone of a grade, on every page the same: by the word that all models' grades share (R-146), which their scale in
    the pack names; none for a grade that says nothing."""
    return _GRADES.get(common, "")


def tongue(text: Any) -> str:
    """`zh-Hans` for Chinese text on an English page, so that a screen reader changes its voice; otherwise nothing."""
    return "zh-Hans" if english() and _HAN.search(str(text)) else ""


def grouped(value: Any) -> str:
    """A number with thousands separators, in both languages alike (Django's `intcomma` has none for Chinese pages)."""
    return f"{value:,}" if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else told(value)
