"""What narrows a list is said in one way: a label and a value, and an address that takes just that off."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import QueryDict
from django.utils import translation

from chengxin.design.filters import filter_tags


class Narrowing(forms.Form):
    which = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label="名称", required=False)
    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), ("a", "甲类")])
    since = forms.DateField(label="从", required=False)
    late = forms.BooleanField(label="只看逾期", required=False)


def tags(query: str, keep: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    given = QueryDict(query)
    form = Narrowing(given)
    form.is_valid()
    with translation.override("zh-hans"):
        return [(t.label, t.href) for t in filter_tags(form, given, keep)]


def test_each_filter_is_told_and_taken_off_alone_from_the_beginning_of_the_list() -> None:
    day = date(2026, 3, 1)
    found = dict(tags(f"which=late&q=云岭&kind=a&since={day}&late=on&page=3&before=77"))
    assert set(found) == {"名称：云岭", "种类：甲类", "从：2026-03-01", "只看逾期"}
    left = QueryDict(found["种类：甲类"].removeprefix("?"))
    assert left.dict() == {"which": "late", "q": "云岭", "since": "2026-03-01", "late": "on"}


def test_what_is_empty_wrong_or_kept_has_no_tag() -> None:
    assert tags("which=late&q=&kind=nonsense&since=gestern") == []
    assert tags("q=云岭&kind=a", keep=("kind",)) == [("名称：云岭", "?kind=a")]
    assert filter_tags(Narrowing(), QueryDict("q=云岭")) == []
