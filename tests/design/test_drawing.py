"""What is drawn by functions instead of templates: no value of it can be markup, HTML that is marked as such stays (F-26)."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import engines
from django.utils import translation
from django.utils.safestring import mark_safe

from chengxin.design import drawing
from chengxin.design.shapes import Cell, Chart, Column, Count, Crumb, Fact, Series, Table

pytestmark = pytest.mark.once
BAD = "<b>'\"&号"
SAFE = "&lt;b&gt;&#x27;&quot;&amp;号"
GOOD = mark_safe("<i>好</i>")
TABLE = Table(BAD, [Column(BAD), Column(BAD, number=True)], [[BAD, Cell(BAD, href=BAD, tone="bad", note=BAD)]])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("drawn", "places"),
    [
        (lambda: drawing.facts([Fact(BAD, BAD, href=BAD)]), 3),
        (lambda: drawing.counts([Count(BAD, BAD, href=BAD, note=BAD)]), 4),
        (lambda: drawing.crumbs([Crumb(BAD, BAD)]), 2),
        (lambda: drawing.table(TABLE), 2 + 2 + 1 + 1 + 3),  # caption, headings, label of the cell, head, text, link, note
        (lambda: drawing.table(Table("", [], [], empty=BAD)), 1),
        # title, sentence; caption, headings (one of them with its unit), label of the cell, category
        (lambda: drawing.chart(Chart(BAD, BAD, [BAD], [Series(BAD, [1])], unit=BAD, corner=BAD)), 2 + 2 + 2 + 1 + 1 + 2),
    ],
    ids=["facts", "counts", "crumbs", "table", "empty table", "chart"],
)  # fmt: skip
def test_no_value_can_be_markup(language: str, drawn: Any, places: int) -> None:
    with translation.override(language):
        html = drawn()
    assert BAD not in html and "<b>" not in html
    assert html.count(SAFE) == places


def test_what_is_html_already_stays_html() -> None:
    assert "<dd><i>好</i></dd>" in drawing.facts([Fact("a", GOOD)])
    assert '<th scope="row" role="rowheader"><i>好</i></th>' in drawing.table(Table("t", [Column("a")], [[GOOD]]))


def test_a_tone_of_nothing_is_a_plain_tag_and_none_is_no_tag() -> None:
    cells = [[Cell("甲", tone=""), Cell("乙")]]
    html = drawing.table(Table("t", [Column("a"), Column("b", wide=True)], cells))
    assert '<span class="tag">甲</span>' in html and '<td role="cell" data-label="b" class="words">乙</td>' in html


def test_what_is_drawn_once_knows_the_language_and_nothing_of_the_page() -> None:
    code = "{% load parts i18n %}{% once %}{% translate '查询' %}{{ who }}{{ request }}{{ user }}{{ csrf_token }}{% endonce %}"
    template = engines["django"].from_string(code)
    for who in ("甲", "乙"):
        assert template.render({"who": who}) == "查询"
        with translation.override("en"):
            assert template.render({"who": who}) == "Search"
