"""Components that stand on a page by the dozen, drawn by functions instead of templates (docs/decisions/0008-portal-speed.md).

Django's engine takes twenty microseconds for a cell of a table, which is a millisecond for the smallest chart of a profile.
Every value passes `shown`; tests/design/test_drawing.py feeds markup into each place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from django.core.paginator import Page
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chengxin.accounts.words import english
from chengxin.design import words
from chengxin.design.charts import of_chart
from chengxin.design.shapes import Cell, Chart, Column, Count, Crumb, Fact, Table

_CHINESE = ' lang="zh-Hans"'


def shown(value: Any) -> str:
    """A value as HTML: escaped, unless it is marked as HTML already."""
    if type(value) is str:
        return escape(value)
    return str(value.__html__()) if hasattr(value, "__html__") else escape(str(value))


def facts(facts: Sequence[Fact]) -> SafeString:
    """The lines of a summary list."""
    tongue = _tongue()
    lines = ((fact, words.fact(fact.value)) for fact in facts)
    drawn = "".join(
        f"\n<div><dt>{shown(fact.label)}</dt><dd{_CODE if fact.code else ''}{tongue(value)}>"
        f"{_linked(shown(value), fact.href)}</dd></div>"
        for fact, value in lines
    )
    return SafeString(f'<dl class="facts">{drawn}\n</dl>\n')


_CODE = ' class="code"'


def counts(counts: Sequence[Count]) -> SafeString:
    """Numbers with their names under them."""
    drawn = "".join(
        f"\n<div{_class(count.tone)}><dt>{_linked(shown(count.label), count.href)}</dt>"
        f"<dd>{shown(words.grouped(count.value))}</dd>"
        + (f'<dd class="count-note">{shown(count.note)}</dd>' if count.note else "")
        + "</div>"
        for count in counts
    )
    return SafeString(f'<dl class="counts">{drawn}\n</dl>\n')


def crumbs(crumbs: Sequence[Crumb]) -> SafeString:
    """The way back; nothing where there is none."""
    tongue = _tongue()
    drawn = "".join(f'<li><a href="{shown(c.href)}"{tongue(c.label)}>{shown(c.label)}</a></li>' for c in crumbs or ())
    return SafeString(f'<nav class="trail" aria-label="{_("所在位置")}"><ol>{drawn}</ol></nav>\n' if drawn else "\n")


def pages(page: Page[Any], to: Callable[[int], str]) -> SafeString:
    """The numbers of the pages around this one, each with the address that `to` makes; nothing where there is but one."""
    here, count = page.number, page.paginator.num_pages
    if count <= 1:
        return SafeString("\n")
    word = _("第 %(page)s 页")

    def linked(number: int | str) -> str:
        if not isinstance(number, int):
            return '<li class="far"><span>…</span></li>'
        text, present = words.grouped(number), number == here
        return (
            f'<li{"" if present else _FAR}><a href="{escape(to(number))}"{_PRESENT if present else ""}'
            f' aria-label="{word % {"page": text}}">{text}</a></li>'
        )

    def step(number: int, rel: str, label: str) -> str:
        return f'<li><a class="step" href="{escape(to(number))}" rel="{rel}">{label}</a></li>'

    numbers = "\n".join(map(linked, page.paginator.get_elided_page_range(here, on_each_side=2, on_ends=1)))
    told = _("第 %(number)s 页，共 %(count)s 页") % {"number": words.grouped(here), "count": words.grouped(count)}
    return SafeString(
        f'<nav class="pages" aria-label="{_("翻页")}"><ul>\n{step(here - 1, "prev", _("上一页")) if here > 1 else ""}\n'
        f"{numbers}\n{step(here + 1, 'next', _('下一页')) if here < count else ''}\n</ul>\n"
        f'<p class="soft">{told}</p></nav>\n'
    )


_FAR, _PRESENT = ' class="far"', ' aria-current="page"'


def table(table: Table) -> SafeString:
    """Rows under headings, or the sentence that stands where there are none. Raises `ValueError` for a row of another
    length than the headings."""
    if not table.rows:
        return SafeString(f'<div class="nothing"><p>{shown(table.empty)}</p></div>\n' if table.empty else "\n")
    tongue, columns = _tongue(), table.columns
    labels = [shown(c.label) for c in columns]
    kinds = [_class("number" if c.number else "words" if c.wide else "") for c in columns]
    opened = ['<th scope="row" role="rowheader"', *(f'<td role="cell" data-label="{label}"' for label in labels[1:])]
    places = [
        (c, f"{start}{kind}", "</td>" if n else "</th>")
        for n, (c, start, kind) in enumerate(zip(columns, opened, kinds, strict=True))
    ]
    heads = "".join(
        f'<th scope="col" role="columnheader"{k}>{label}</th>' for k, label in zip(kinds, labels, strict=True)
    )
    rows = "".join(f'\n<tr role="row">{_row(places, row, tongue)}</tr>' for row in table.rows)
    caption = shown(table.caption)
    return SafeString(
        f'<div class="scroll" role="region" tabindex="0" aria-label="{_("表格：%(caption)s") % {"caption": caption}}">\n'
        f'<table class="stack" role="table">\n<caption{"" if table.show_caption else _HIDDEN}>{caption}</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n<tbody role="rowgroup">{rows}\n</tbody>\n'
        "</table>\n</div>\n"
    )


_HIDDEN = ' class="out-of-sight"'


def _row(places: Sequence[tuple[Column, str, str]], row: Sequence[Any], tongue: Any) -> str:
    cells = []
    for (column, start, end), value in zip(places, row, strict=True):
        text = words.cell(value, column)
        inside = _special(value, shown(text)) if isinstance(value, Cell) else shown(text)
        cells.append(f"{start}{tongue(text)}>{inside}{end}")
    return "".join(cells)


def _special(cell: Cell, text: str) -> str:
    """A cell that is a link or a status, or has a note."""
    tagged = text if cell.tone is None else f'<span class="{f"tag {cell.tone}" if cell.tone else "tag"}">{text}</span>'
    note = f' <span class="cell-note">{shown(cell.note)}</span>' if cell.note else ""
    return f"{_linked(tagged, cell.href)}{note}"


def chart(chart: Chart) -> SafeString:
    """A chart with its sentence and its table, which stands open where no script runs."""
    told = of_chart(chart)
    script = f' data-chart="{shown(told["script"])}"' if told["script"] else ""
    return SafeString(
        f'<figure class="chart"{script}>\n'
        f"<figcaption><strong>{shown(chart.title)}</strong> <span>{shown(chart.sentence)}</span></figcaption>\n"
        f'<div class="drawing" hidden></div>\n{json_script(told["data"], told["id"])}\n'
        f"<details open><summary>{_('看数字')}</summary>\n{table(told['table'])}\n</details>\n</figure>\n"
    )


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _linked(inside: str, href: Any) -> str:
    return f'<a href="{shown(href)}">{inside}</a>' if href else inside


def _tongue() -> Any:
    """What marks a text as Chinese on the page that is drawn now: on a Chinese page nothing has to be marked."""
    return (lambda text: _CHINESE if words.tongue(text) else "") if english() else (lambda text: "")
