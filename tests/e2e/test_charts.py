"""No word of a chart is cut off at its edge, however long its language makes the unit (F-26, F-27)."""

from __future__ import annotations

from typing import Any

import pytest

from .looking import looked_at

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow]

DRAWN_AGAIN = """unit => {
  for (const figure of document.querySelectorAll("[data-chart]")) {
    const told = figure.querySelector("script[type='application/json']");
    told.textContent = JSON.stringify({...JSON.parse(told.textContent), unit});
    const place = figure.querySelector(".drawing"), fresh = place.cloneNode(false);
    fresh.removeAttribute("_echarts_instance_");
    place.replaceWith(fresh);
    delete figure.dataset.drawn;
  }
  window.chengxinCharts.draw();
}"""
"""Every chart of the page with another unit."""
CUT = """() => [...document.querySelectorAll(".drawing svg")].flatMap(svg => {
  const edge = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()])
    .filter(([_, box]) => box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1)
    .map(([words]) => words);
})"""
"""The texts that reach over the edge of their drawing."""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_unit_of_a_chart_is_read_whole(browse: Any, width: int) -> None:
    page = browse(width=width, english=True)
    page.goto("/styleguide")
    page.wait_for_selector(".drawing svg")
    for unit in ("条", "records", "items of evidence"):
        page.evaluate(DRAWN_AGAIN, unit)
        page.wait_for_timeout(300)  # charts are painted once more when their place is measured
        assert unit in page.locator(".drawing svg text").all_text_contents()
        assert page.evaluate(CUT) == [], unit
    looked_at(page, "charts")
