"""`/styleguide`: every component in every state, at both widths, light and dark, on paper and without JavaScript (F-26)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template import Library
from django.test import Client

from chengxin.design.examples import EXAMPLES
from chengxin.design.templatetags import parts

from ..e2e.conftest import browse, chromium, chromium_address, site, stage  # noqa: F401  (fixtures)
from ..e2e.looking import looked_at, press_on, tab_to

pytestmark = pytest.mark.once


def test_every_component_is_shown_with_its_code(client: Client, store: object) -> None:
    html = client.get("/styleguide").content.decode()
    code = " ".join(e.code for e in EXAMPLES)
    library: Library = parts.register
    frame = {
        "main_menu",
        "footer_menu",
        "scroll",
        "once",
    }  # on every page; around every table; around what stays the same
    assert not [name for name in library.tags if name not in frame and not re.search(rf"{{% {name}\b", code)]
    assert html.count('<section class="example"') == len(EXAMPLES)
    assert "{% button &quot;提交&quot; %}" in html
    assert "autofocus" not in html


@pytest.mark.browser
@pytest.mark.slow
def test_it_is_good_at_both_widths_light_dark_and_without_javascript(browse: Any) -> None:  # noqa: F811
    page = browse()
    page.goto("/styleguide")
    for width, height in ((1280, 900), (390, 844)):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            looked_at(page, f"styleguide-{scheme}")
    if wanted := page.locator("[data-chart]").count():  # none where npm could not be reached
        assert wanted == page.locator("[data-drawn]").count() == page.locator("figure.chart svg").count()
        assert not page.locator("figure.chart details[open]").count(), "the numbers fold when the chart is drawn"

    plain = browse(width=390, script=False)
    plain.goto("/styleguide")
    assert plain.locator("figure.chart details[open] table").first.is_visible(), "the numbers stand open"
    tab_to(plain, "菜单")
    plain.keyboard.press("Enter")
    press_on(plain, "公示名单")
    assert plain.url.endswith("/lists")
