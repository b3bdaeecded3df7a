"""Every page, in both languages, light and dark, wide and narrow: no violation of WCAG 2.2 AA that axe can see, nothing
wider than the screen, targets large enough (anchors.md 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from . import cast
from .looking import faults

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]

LOOKS = {"wide": [{"width": 1280, "dark": True}], "narrow": [{"width": 390, "english": True}]}
"""Light and in Chinese the journeys look at their pages themselves, at both widths."""
PUBLIC = [
    "/",
    "/search",
    "/search?q=泊禾",
    "/search?q=没有这家",
    "/search?q=云",
    "/nowhere",
    "/catalogue",
    "/catalogue/penalty",
]


def pages(reporter: Any, auditor: Any, visitor: Any, batch: str) -> Iterator[tuple[str, Any]]:
    """Every page in every state that looks different, each opened."""
    for path in PUBLIC:
        yield path, _open(visitor, path)
    visitor.goto("/search?q=泊禾")
    cast.press(visitor, "ol.list a >> nth=0")
    yield "profile", visitor
    yield "sign-in", _open(visitor, "/sign-in")
    cast.press(visitor, "main button")
    yield "sign-in with errors", visitor
    for path in ("/workbench", "/workbench/batches", "/workbench/doubts", "/workbench/quality", "/workbench/submit"):
        yield path, _open(reporter, path)
    cast.press(reporter, "main button")
    yield "submit with errors", reporter
    yield "batch, reporter", _open(reporter, batch)
    yield "batch, auditor", _open(auditor, batch)
    auditor.click("main summary >> nth=0")
    cast.press(auditor, "form[action$='/return'] button")
    yield "return with errors", auditor
    yield "denied", _open(auditor, "/workbench/submit")


def _open(page: Any, path: str) -> Any:
    page.goto(path)
    return page


@pytest.mark.parametrize("looks", LOOKS.values(), ids=LOOKS)
def test_no_violation_on_any_page(browse: Callable[..., Any], looks: list[dict[str, Any]]) -> None:
    reporter, auditor = browse(), browse()
    cast.sign_in(reporter, "reporter")
    cast.sign_in(auditor, "auditor")
    auditor.goto(cast.send(reporter, 1))
    cast.press(auditor, "form[action$='/release'] button")
    batch = cast.send(reporter, 2, 3)
    found = []
    for look in looks:
        reporter, auditor, visitor = (browse(**look) for _ in range(3))
        cast.sign_in(reporter, "reporter")
        cast.sign_in(auditor, "auditor")
        for name, page in pages(reporter, auditor, visitor, batch):
            found += [f"{look} {name}: {fault}" for fault in faults(page)]
    assert not found
