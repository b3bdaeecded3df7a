"""The components of all pages as template tags: `{% load parts %}` (F-26); `/styleguide` shows each with its code.

Each draws a shape of `design.shapes` or a form field, by a template of `templates/parts/` or, what pages have by the dozen,
by a function of `design.drawing`. None needs JavaScript.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, Form
from django.http import HttpRequest, QueryDict
from django.template import Context, Node, NodeList
from django.template.base import Parser, Token
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from chengxin.design import drawing, navigation, words
from chengxin.design.shapes import (
    Card,
    Chart,
    Count,
    Crumb,
    Event,
    Fact,
    Progress,
    Section,
    Step,
    Tab,
    Table,
    Tag,
)

register = template.Library()
register.filter("tongue", words.tongue)
register.filter("moment", words.moment)
register.filter("grouped", words.grouped)
register.filter("grade_tone", words.grade_tone)

Shown = dict[str, Any]


# -- once ---------------------------------------------------------------------------------------------------------


class OnceNode(Node):
    """Drawn with nothing but the language, and therefore once in each."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self.drawn: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        found = self.drawn.get(language)
        if found is None:
            bare = context.new()
            bare.template = context.template
            found = self.drawn[language] = self.nodelist.render(bare)
        return found


@register.tag
def once(parser: Parser, _token: Token) -> OnceNode:
    """`{% once %}…{% endonce %}`: what stands on every page alike is drawn once a language in each process. Inside it there
    is no value of the page, no person and no request, so that nothing of one visitor can reach another."""
    inside = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(inside)


# -- ways ---------------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def main_menu(context: Context) -> SafeString:
    """The main navigation (主导航) of `design.navigation`; folded on narrow screens, without a script."""
    request: HttpRequest | None = context.get("request")
    here = navigation.here(request.path if request else "")
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return _main_menu(here, user)
    return _public_menu(here, get_language())


def _main_menu(here: str, user: Any = None) -> SafeString:
    tabs = navigation.main_menu(here)
    label = next((t.label for t in tabs if t.current), "")
    return _rendered("parts/main_menu.html", {"tabs": tabs, "here": label, "user": user})


@lru_cache(maxsize=64)
def _public_menu(here: str, language: str | None) -> SafeString:
    """What every visitor is shown on every page is drawn once a process (a third of a millisecond of each page)."""
    return _main_menu(here)


@register.simple_tag
def footer_menu() -> SafeString:
    """The links under every page."""
    return _rendered("parts/footer_menu.html", {"tabs": navigation.footer_menu()})


@register.inclusion_tag("parts/second_menu.html")
def second_menu(sections: Sequence[Section | Tab], label: str) -> Shown:
    """The navigation of a room (第二导航), for the block `side` of base.html: entries, or sections of entries. A
    section of one entry needs no heading."""
    tabs = [t for s in sections for t in _tabs(s)]
    grouped = [s if isinstance(s, Section) and len(s.tabs) > 1 else Section("", _tabs(s)) for s in sections]
    return {"sections": grouped, "label": label, "here": next((t.label for t in tabs if t.current), "")}


@register.simple_tag
def crumbs(crumbs: Sequence[Crumb]) -> SafeString:
    """The way back (面包屑); the page itself is not in it, its h1 follows."""
    return drawing.crumbs(crumbs)


def _tabs(part: Section | Tab) -> Sequence[Tab]:
    return part.tabs if isinstance(part, Section) else (part,)


@register.inclusion_tag("parts/tabs.html")
def tabs(tabs: Sequence[Tab], label: str) -> Shown:
    """Views of the same thing (标签页), each with its own address."""
    return {"tabs": tabs, "label": label}


@register.inclusion_tag("parts/cards.html")
def cards(cards: Sequence[Card]) -> Shown:
    """Ways into things (入口卡片). Their titles are no headings, so that they may stand anywhere."""
    return {"cards": cards}


@register.simple_tag(takes_context=True)
def pages(context: Context, page: Page[Any], name: str = "page", at: str = "") -> SafeString:
    """Numbers of pages (翻页) that keep the rest of the address; `at` is a fragment such as "#findings"."""
    request: HttpRequest | None = context.get("request")
    rest = request.GET.copy() if request else QueryDict(mutable=True)
    rest.pop(name, None)
    before = f"?{rest.urlencode()}&{name}=" if rest else f"?{name}="
    return drawing.pages(page, lambda number: f"{before}{number}{at}")


@register.inclusion_tag("parts/pages_by.html")
def pages_by(previous: str = "", next: str = "") -> Shown:
    """Paging where nobody counts: the addresses before and after, or ""."""
    return {"previous": previous, "next": next}


@register.inclusion_tag("parts/empty.html")
def empty(sentence: str, href: str = "", action: str = "") -> Shown:
    """Nothing is here, and what to do next (空状态)."""
    return {"sentence": sentence, "href": href, "action": action}


# -- doing --------------------------------------------------------------------------------------------------------


@register.simple_tag
def button(text: str, kind: str = "primary", name: str = "", value: str = "", confirm: str = "") -> SafeString:
    """A button (按钮) that sends its form: primary, quiet, danger or plain. `confirm` is a sentence that is asked
    before a dangerous one where JavaScript runs; the server never relies on it."""
    return format_html(
        '<button{}{}{}{}>{}</button>',
        _attribute("class", "" if kind == "primary" else kind), _attribute("name", name),
        _attribute("value", value), _attribute("data-confirm", confirm), text,
    )  # fmt: skip


@register.simple_tag
def action(href: str, text: str, kind: str = "quiet") -> SafeString:
    """A link that looks like a button, for what one does next (按钮式链接)."""
    return format_html('<a class="button{}" href="{}">{}</a>', "" if kind == "primary" else f" {kind}", href, text)


def _attribute(name: str, value: str) -> SafeString:
    return format_html(' {}="{}"', name, value) if value else mark_safe("")


@register.inclusion_tag("parts/field.html")
def field(field: BoundField, bare: bool = False) -> Shown:
    """A field of a form with label, hint and errors (表单字段); choices stand in a fieldset. `bare` does not say of a
    field that it may be left empty, where all may."""
    widget = field.field.widget
    return {
        "field": field, "fieldset": field.use_fieldset, "tick": isinstance(widget, CheckboxInput),
        "optional": not bare and not field.field.required and not isinstance(widget, CheckboxInput),
    }  # fmt: skip


@register.inclusion_tag("parts/fields.html")
def fields(form: Form) -> Shown:
    """All fields of a form in their order."""
    return {"form": form}


@register.inclusion_tag("parts/upload.html")
def upload(field: BoundField) -> Shown:
    """A file field (上传); where JavaScript runs, the way of the file to us is shown."""
    return {"field": field}


@register.inclusion_tag("parts/error_summary.html")
def error_summary(form: Form | None) -> Shown:
    """What is wrong with a form (错误汇总), each error leading to its field; nothing when nothing is wrong."""
    if form is None or not form.errors:
        return {}
    first = next((anchor(f) for f in form.visible_fields()), "")
    found = [(anchor(f), error) for f in form.visible_fields() for error in f.errors]
    found += [("", error) for f in form.hidden_fields() for error in f.errors]
    return {"errors": [*((first, error) for error in form.non_field_errors()), *found]}


def anchor(field: BoundField) -> str:
    """The id that a link to the field leads to: choices have none of their own, their first one has."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.inclusion_tag("parts/filters.html")
def filters(form: Form, tags: Sequence[Tag] = ()) -> Shown:
    """What a list is narrowed by (筛选栏): a form by GET, and what is set as tags that can be taken off."""
    return {"form": form, "tags": tags, "wrong": bool(form.errors)}


# -- telling ------------------------------------------------------------------------------------------------------


@register.simple_tag
def status(text: str, tone: str = "") -> SafeString:
    """A word for how something stands (状态标签); the colour only repeats it."""
    return format_html('<span class="tag{}">{}</span>', f" {tone}" if tone else "", text)


@register.inclusion_tag("parts/grade.html")
def grade(text: str, tone: str = "", meaning: str = "") -> Shown:
    """A grade in words (等级徽标) with what it means."""
    return {"text": text, "tone": tone, "meaning": meaning}


@register.simple_block_tag
def notice(content: str, tone: str = "", title: str = "") -> SafeString:
    """Something the reader must not miss (提示)."""
    return _rendered("parts/notice.html", {"content": mark_safe(content), "tone": tone, "title": title})  # noqa: S308  (rendered by our template)


@register.simple_block_tag
def scroll(content: str, label: str) -> SafeString:
    """Around a table that is wider than its page: it moves by itself, also by keyboard."""
    return _rendered("parts/scroll.html", {"content": mark_safe(content), "label": label})  # noqa: S308  (rendered by our template)


@register.simple_tag
def facts(facts: Sequence[Fact]) -> SafeString:
    """What is known of something (摘要列表)."""
    return drawing.facts(facts)


@register.simple_tag
def table(table: Table) -> SafeString:
    """Rows (表格); the first cell heads its row, on a narrow screen each row becomes a card."""
    return drawing.table(table)


@register.inclusion_tag("parts/timeline.html")
def timeline(events: Sequence[Event]) -> Shown:
    """What happened when (时间线), in the order given."""
    return {"events": events}


@register.inclusion_tag("parts/steps.html")
def steps(steps: Sequence[Step]) -> Shown:
    """Steps of a procedure (步骤) and where it stands."""
    return {"steps": steps}


@register.simple_tag
def counts(counts: Sequence[Count]) -> SafeString:
    """Numbers that stand for themselves (计数)."""
    return drawing.counts(counts)


@register.inclusion_tag("parts/progress.html")
def progress(progress: Progress) -> Shown:
    """How far a long work has come (进度)."""
    share = round(100 * progress.done / progress.total) if progress.total else None
    done, total = words.grouped(progress.done), words.grouped(progress.total)
    return {"progress": progress, "share": share, "done": done, "total": total}


@register.simple_tag
def chart(chart: Chart) -> SafeString:
    """A chart with its sentence and its table (图表); without JavaScript the table stands open."""
    return drawing.chart(chart)


def _rendered(name: str, shown: Shown) -> SafeString:
    return SafeString(render_to_string(name, shown))
