"""The drawing of what a search has found: no value of it can be markup (S-11, R-102)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from chengxin.portal.hit_part import facets, hits
from chengxin.registry.search import Hit

pytestmark = pytest.mark.once
BAD = "<b>'\"&号"
SAFE = "&lt;b&gt;&#x27;&quot;&amp;号"


def row(code: str = "91320505QX26A0011U", lists: tuple[Any, ...] = (), **more: Any) -> dict[str, Any]:
    given = {"name": BAD, "current_name": f"{BAD}现", "region": "", "status": BAD, "provisional": True, **more}
    return {"hit": Hit(7, code, **given), "region": BAD, "records": 3, "lists": lists}


def entry(tone: str = "", effect: str = "") -> Any:
    return SimpleNamespace(label=BAD, label_en=BAD, tone=tone, effect=effect)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_value_can_be_markup(language: str) -> None:
    with translation.override(language):
        html = hits([row(lists=(entry(),))], 1)
        narrow = facets([(BAD, [(BAD, BAD, 2)])], narrowed=False)
    assert BAD not in html + narrow and "<b>" not in html + narrow
    assert html.count(SAFE) == 5, "both names, region, status, list"
    assert narrow.count(SAFE) == 3


def test_a_hit_leads_to_its_page_and_says_what_it_is() -> None:
    html = hits([row(name="云岭", current_name="云岭", lists=(entry("favourable"), entry("", "serious"), entry()))], 21)
    assert html.startswith('<ol class="list" start="21">') and 'href="/subjects/91320505QX26A0011U"' in html
    assert "曾用名" not in html and "公示信息 3 条" in html and "尚未经登记确认" in html
    assert [tone for tone in ("good", "bad", "warn") if f'class="tag {tone}"' in html] == ["good", "bad", "warn"]
    assert 'href="/subjects/A%20B"' in hits([row(code="A B")], 1), "an old number with other characters"


def test_what_is_narrowed_already_stands_open_and_nothing_to_narrow_is_nothing() -> None:
    assert '<details class="no-print" open>' in facets([("地区", [("苏州市", "?q=a", 2)])], narrowed=True)
    assert facets([], narrowed=True) == ""
