"""Editorial content (R-340, R-346, G-16): what editors write, what automatic checks find in it, how it is shown.

A text is Markdown without HTML and without images of others; publishing it is a case of the procedure that has the effect
`content.publish`. Checks find leaked identity numbers, wrong names and codes and links that lead nowhere; nobody's opinion
is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Procedure
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies
from chengxin.standards.citizen_id import citizen_id_problem
from chengxin.standards.uscc import USCC_LENGTH, uscc_problem

PUBLISH = "content.publish"
_LINK_KINDS = ("http", "https", "mailto")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_TELEPHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{18}(?![0-9A-Za-z])")


@dataclass(frozen=True)
class Remark:
    """What a check found; `stops` keeps the text from being published until it is mended."""

    sentence: str
    stops: bool = False


def procedure(day: date) -> Procedure:
    """The procedure by which content comes out. Raises `UnknownPolicy`."""
    for pack in policies().of(Procedure):
        if pack.effective.holds(day) and any(PUBLISH in step.effects for step in pack.steps):
            return pack
    raise UnknownPolicy(f"no procedure in force on {day} has the effect {PUBLISH}")


def columns(day: date) -> list[tuple[str, str]]:
    """The columns (栏目) of the pack with their English names, in its order."""
    ask = procedure(day).ask("column")
    names = ask.choices if ask else ()
    english = (ask.choices_en if ask else ()) or names
    return list(zip(names, english, strict=True))


def may_write(actor: Actor, day: date) -> bool:
    """Whether the actor holds a role with which one may begin a text."""
    try:
        pack = procedure(day)
    except UnknownPolicy:
        return False
    roles = [Role(w.role) for w in pack.opening.who if w.role in Role.values]
    return any(actor.holds(role, pack.handler) for role in roles)


def html_of(text: str) -> SafeString:
    """The text as HTML: no HTML of the writer's, links only to http, https, mailto and our own pages, headings from h2 on."""
    return mark_safe(_markdown().render(text))  # noqa: S308  (the renderer escapes; HTML in the text is off)


def summary(text: str, length: int = 120) -> str:
    """The first paragraph as plain words, for lists and feeds."""
    tokens = _markdown().parse(text)
    for place, token in enumerate(tokens):
        if token.type == "paragraph_open":
            words = "".join(t.content for t in tokens[place + 1].children or () if t.type in ("text", "code_inline"))
            return words if len(words) <= length else words[: length - 1] + "…"
    return ""


def remarks(title: str, text: str) -> tuple[Remark, ...]:
    """Everything the checks find, what stops first. Nothing that is found is quoted if it may be somebody's."""
    found = [*_personal(f"{title}\n{text}"), *_links(text), *_codes(f"{title}\n{text}")]
    return tuple(sorted(found, key=lambda r: not r.stops))


def _personal(text: str) -> Iterator[Remark]:
    today = timezone.localdate()
    numbers = [n for n in _IDENTITY.findall(text) if citizen_id_problem(n.upper(), today) is None]
    if numbers:
        yield Remark(_("有 %(n)d 处公民身份号码，请删去或遮盖后再发布。") % {"n": len(numbers)}, stops=True)
    if telephones := _TELEPHONE.findall(text):
        yield Remark(_("有 %(n)d 处手机号码，请确认是可以公开的。") % {"n": len(telephones)})


def _links(text: str) -> Iterator[Remark]:
    for address in dict.fromkeys(_addresses(text)):
        parts = urlsplit(address)
        if parts.scheme == "http":
            yield Remark(_("链接 %(address)s 没有加密，请改用 https 地址。") % {"address": address})
        if parts.scheme or not parts.path:
            continue
        try:
            resolve(unquote(parts.path))
        except Resolver404:
            yield Remark(_("链接 %(address)s 在本平台没有对应的页面。") % {"address": address}, stops=True)


def _addresses(text: str) -> Iterator[str]:
    for token in _markdown().parse(text):
        for child in token.children or ():
            if child.type == "link_open":
                yield str(child.attrGet("href") or "")


def _codes(text: str) -> Iterator[Remark]:
    """Codes with a wrong check character, codes nobody has, and codes whose holder is named otherwise."""
    found = [c for c in dict.fromkeys(_CODE.findall(text)) if len(c) == USCC_LENGTH and not _IDENTITY.fullmatch(c)]
    right = [c for c in found if uscc_problem(c) is None]
    for code in found:
        if code not in right:
            yield Remark(_("代码 %(code)s 的校验位对不上，请与证照核对。") % {"code": code})
    names = dict(Subject.objects.filter(code__in=right).values_list("code", "name"))
    for code in right:
        if code not in names:
            yield Remark(_("登记库里没有代码 %(code)s。") % {"code": code})
        elif names[code] not in text:
            told = {"code": code, "name": names[code]}
            yield Remark(_("代码 %(code)s 在登记库里是「%(name)s」，正文里没有这个名称。") % told)


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    made.validateLink = _allowed  # type: ignore[assignment, method-assign]
    made.core.ruler.push("house", _house_style)
    made.add_render_rule("fence", _code)
    made.add_render_rule("code_block", _code)
    made.add_render_rule("table_open", _table_open)
    made.add_render_rule("table_close", _table_close)
    return made


def _allowed(address: str) -> bool:
    parts = urlsplit(address.strip())
    if parts.scheme:
        return parts.scheme in _LINK_KINDS and (bool(parts.netloc) or parts.scheme == "mailto")
    return not parts.netloc and address.startswith(("/", "#")) and not address.startswith(("//", "/\\"))


def _house_style(state: Any) -> None:
    """The page has its own h1: headings of a text begin at h2. Links to others tell them nothing about the reader."""
    headings = [t for t in state.tokens if t.type in ("heading_open", "heading_close")]
    highest = min((int(t.tag[1]) for t in headings), default=1)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - highest + 2)}"
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "link_open" and urlsplit(str(child.attrGet("href"))).netloc:
                child.attrSet("rel", "noopener noreferrer")


def _code(_self: Any, tokens: list[Token], index: int, _options: Any, _env: Any) -> str:
    """Long lines scroll by themselves, also by keyboard."""
    label, told = escape(_("代码")), escape(tokens[index].content)
    return f'<pre tabindex="0" role="region" aria-label="{label}"><code>{told}</code></pre>\n'


def _table_open(_self: Any, tokens: list[Token], index: int, _options: Any, _env: Any) -> str:
    label = escape(next((t.content for t in tokens[index:] if t.type == "inline" and t.content), ""))
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{label}"><table>'


def _table_close(_self: Any, _tokens: list[Token], _index: int, _options: Any, _env: Any) -> str:
    return "</table></div>\n"
