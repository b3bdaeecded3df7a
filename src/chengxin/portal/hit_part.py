"""What a search has found, drawn by functions instead of a template (docs/decisions/0008-portal-speed.md).

Twenty hits with their facets are five hundred values, and were two thirds of what the page cost. Every value passes `shown`;
tests/portal/test_hit_part.py feeds it markup in each place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from chengxin.design.drawing import shown
from chengxin.design.templatetags.chengxin import named
from chengxin.design.templatetags.parts import status

Facet = tuple[str, Sequence[tuple[str, str, int]]]
"""A heading, and the words, address and number of each way to narrow the search."""


def hits(rows: Iterable[Mapping[str, Any]], first: int) -> SafeString:
    """The found subjects of a page (`searching._rows`) as a list that begins with the number `first`."""
    language = get_language() or ""
    subjects = reverse("subject", args=[_NOBODY])[: -len(_NOBODY)]
    return SafeString(f'<ol class="list" start="{first}">\n{"".join(_hit(r, subjects, language) for r in rows)}</ol>\n')


_NOBODY = "0"


def _hit(row: Mapping[str, Any], subjects: str, language: str) -> str:
    hit, code = row["hit"], row["hit"].code
    address = f"{subjects}{code}" if code.isascii() and code.isalnum() else reverse("subject", args=[code])
    about = [f'<span class="code">{shown(code)}</span>']
    about += [f"<span{_tongue(word)}>{shown(word)}</span>" for word in (row["region"], hit.status) if word]
    about.append(f"<span>{_records(row['records'], language)}</span>")
    if hit.name != hit.current_name:
        about.append(f'<span lang="zh-Hans">{_("曾用名：%(former)s") % {"former": shown(hit.name)}}</span>')
    tags = [status(_("尚未经登记确认"), "warn")] if hit.provisional else []
    tags += [status(named(entry), _tone(entry)) for entry in row["lists"]]
    return (
        f'<li>\n<h2><a href="{shown(address)}" lang="zh-Hans">{shown(hit.current_name)}</a></h2>\n{"".join(tags)}\n'
        f'<p class="about">\n{_NEXT.join(about)}\n</p>\n</li>\n'
    )


_NEXT = "\n"


def _tongue(word: str) -> str:
    """What the register says is Chinese, whatever the page speaks; divisions have names in both languages."""
    return "" if word.isascii() else ' lang="zh-Hans"'


def _tone(entry: Any) -> str:
    """The colour that repeats what being on a list means."""
    return "good" if entry.tone == "favourable" else "bad" if entry.effect == "serious" else "warn"


@lru_cache(maxsize=4096)
def _records(number: int, _language: str) -> str:
    return ngettext("公示信息 %(n)s 条", "公示信息 %(n)s 条", number) % {"n": number}


def facets(found: Iterable[Facet], narrowed: bool) -> SafeString:
    """The ways to narrow the search; they stand open where it is narrowed already."""
    drawn = "".join(
        f'<h2 class="small">{shown(heading)}</h2><p class="about">'
        + "".join(f'<a href="{shown(to)}"><span{_tongue(word)}>{shown(word)}</span> {n}</a>' for word, to, n in rows)
        + "</p>"
        for heading, rows in found
    )
    opened = " open" if narrowed else ""
    summary = f"<summary>{_('缩小范围')}</summary>"
    return SafeString(f'<details class="no-print"{opened}>{summary}\n{drawn}\n</details>\n' if drawn else "")
