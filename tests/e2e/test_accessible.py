"""Every page and state that the journeys do not stop at, in English and narrow, light and dark: no violation of WCAG 2.2 AA
that axe can see, nothing wider than the screen, targets large enough (anchors.md 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from . import cast
from .looking import faults

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]

LOOKS = {"width": 390, "english": True}
"""In Chinese the journeys look at their pages themselves, at both widths, light and dark."""
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


def test_no_violation_on_any_page(browse: Callable[..., Any]) -> None:
    reporter, auditor, visitor = (browse(**LOOKS) for _ in range(3))
    cast.sign_in(reporter, "reporter")
    cast.sign_in(auditor, "auditor")
    auditor.goto(cast.send(reporter, 1))
    cast.press(auditor, "form[action$='/release'] button")
    batch = cast.send(reporter, 2, 3)
    opened = pages(reporter, auditor, visitor, batch)
    assert not [f"{name}: {fault}" for name, page in opened for fault in faults(page)]
