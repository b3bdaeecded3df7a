"""What a chart's template and its drawing need: the numbers as a table and as data for `charts.js`."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.translation import gettext as _

from chengxin.design.shapes import Chart, Column, Table

_SCRIPT = "chengxin/charts.js"


def of_chart(chart: Chart) -> dict[str, Any]:
    """The chart, the table of its numbers, and the same numbers for the script that draws it."""
    return {
        "chart": chart,
        "table": table_of(chart),
        "script": static(_SCRIPT) if _is_there() else "",
        "id": f"chart-{hashlib.sha256(repr(chart).encode()).hexdigest()[:8]}",  # the same page, the same bytes
        "data": {
            "kind": chart.kind, "title": chart.title, "unit": chart.unit, "categories": list(chart.categories),
            "tones": [tone or "plain" for tone in chart.tones],
            "series": [{"name": s.name, "values": [_plain(v) for v in s.values]} for s in chart.series],
        },
    }  # fmt: skip


def table_of(chart: Chart) -> Table:
    """The numbers of the chart, a row for each category; a missing number is a dash, not nought."""
    unit = _("（%(unit)s）") % {"unit": chart.unit} if chart.unit else ""
    columns = [Column(chart.corner or _("类别")), *(Column(s.name + unit, number=True) for s in chart.series)]
    rows = [[name, *(s.values[n] for s in chart.series)] for n, name in enumerate(chart.categories)]
    return Table(caption=chart.title, columns=columns, rows=rows)


def _plain(value: Any) -> Any:
    """A number as JSON has it: Decimals become floats."""
    return value if value is None or isinstance(value, int | float) else float(value)


@lru_cache(maxsize=1)
def _is_there() -> bool:
    """Whether `./dev` could make the script; without it the tables are the charts."""
    return finders.find(_SCRIPT) is not None
