"""Looking at a page as its readers do: with axe's eyes, at its width, with nothing but a keyboard.

    looked_at(page, "search")             nothing axe objects to, nothing wider than the screen, a picture is kept
    tab_to(page, "查询")                   Tab until the link, button or field with this name has the focus
    press_on(page, "查询")                 the same, then Enter, and wait for the page that follows

Pictures are kept in `artefacts/screens/<name>-<width>.png`, which git ignores; CI may offer them.
"""

from __future__ import annotations

import importlib.util
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

SCREENS = Path(__file__).resolve().parents[2] / "artefacts" / "screens"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
DARK = {"runOnly": ["color-contrast"], "resultTypes": ["violations"], "preload": False}
"""All that darkness can change; nothing has to be fetched for it again."""
RUN = """rules => axe.run(document, rules).then(told => told.violations.map(
    v => [v.id, JSON.stringify(v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)))]))"""
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
FOCUSED = """() => {
    const a = document.activeElement;
    const text = a.getAttribute("aria-label") || a.labels?.[0]?.innerText || a.innerText || a.value || "";
    return text.replace(/\\s+/g, " ").trim();
}"""


def faults(page: Any) -> list[str]:
    """What is wrong with how the page stands there: violations of WCAG 2.2 AA that axe can see, its contrast in the
    dark too, and overflow."""
    found = _violations(page, RULES)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # colours on their way to the dark are neither
    found += [f"dark: {violation}" for violation in _violations(page, DARK)]
    page.emulate_media(color_scheme="light")
    too_wide = page.evaluate(WIDER)
    return [*found, f"{too_wide} px wider than the screen"] if too_wide > 0 else found


def _violations(page: Any, rules: dict[str, Any]) -> list[str]:
    """What axe objects to. Its half a megabyte of script is brought to a page once, and only what is wrong brought back."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    return [f"{rule}: {where}" for rule, where in page.evaluate(RUN, rules)]


def looked_at(page: Any, name: str) -> Any:
    """Keep a picture of the page, and fail when anything is wrong with it. Returns the page."""
    width = page.viewport_size["width"]
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}-{width}.png", full_page=True)
    assert not (wrong := faults(page)), f"{name} at {width} px ({page.url}): {wrong}"
    return page


def tab_to(page: Any, name: str, limit: int = 150) -> None:
    """Press Tab until something whose name is (or begins with) `name` has the focus, and check that it shows."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(name):
            box = page.evaluate(
                "(() => { const r = document.activeElement.getBoundingClientRect(); return [r.width, r.top] })()"
            )
            assert box[0] > 0 and 0 <= box[1] < page.viewport_size["height"], f"the focus on {name!r} cannot be seen"
            return
    pytest.fail(f"{limit} times Tab did not lead to {name!r} on {page.url}")


def press_on(page: Any, name: str) -> None:
    """Tab to the link or button with this name, press Enter, and wait for what follows."""
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@lru_cache(maxsize=1)
def _axe() -> str:
    """The script of axe."""
    if importlib.util.find_spec("axe_playwright_python") is None:
        missing("axe-playwright-python is not installed: ./dev lock, then ./dev test")
    from axe_playwright_python.base import AXE_SCRIPT

    return str(AXE_SCRIPT)


def missing(what: str) -> None:
    """Skip with a reason; in CI nothing may be missing."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(what)
