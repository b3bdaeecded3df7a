"""Data quality by month: my units', or everybody's for a steward (R-044, R-061)."""

from __future__ import annotations

import pytest
from django.test import Client

from chengxin.collection.models import Batch

from . import desk


def test_my_units_with_rates_and_reminders(people: dict[str, Client], stored_batch: Batch) -> None:
    html = desk.seen(people["reporter"], "/workbench/quality")
    for told in ("江苏省生态环境厅", "行政处罚", "71.4%", "低于 95%", "催报清单"):
        assert told in html
    assert "江苏省生态环境厅" not in desk.seen(people["stranger"], "/workbench/quality")
    assert "江苏省生态环境厅" in desk.seen(people["steward"], "/workbench/quality")


@pytest.mark.parametrize("month", ["2026-13", "11/2026", "x" * 500, "1999-01"])
def test_a_month_that_is_none_is_told_so(people: dict[str, Client], month: str) -> None:
    response = people["reporter"].get("/workbench/quality", {"month": month})
    assert (response.status_code, 'href="#id_month"' in response.content.decode()) == (422, True)
