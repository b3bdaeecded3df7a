"""The drawing of a record: no value of it can be markup, and what it says goes by the record (S-11, R-080)."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import translation

from chengxin.portal.record_part import Page, drawn, ways_of
from chengxin.registry.packs import policies

BAD = "<b>'\"&"
SAFE = "&lt;b&gt;&#x27;&quot;&amp;"
DAY = date(2026, 11, 20)
WAYS = {"own_record": "/my/91320505QX26A0011U/records/0", "proof": "/api/v1/log/records/0", "repair": "/guide/repair"}


def record(**more: Any) -> dict[str, Any]:
    return {
        "id": 7, "title": BAD, "severity": "general", "severity_label": BAD, "standing": "disputed", "standing_label": BAD,
        "main": [{"label": BAD, "label_en": BAD, "value": BAD, "masked": True}],
        "other": [{"label": BAD, "label_en": "", "value": [BAD, BAD], "masked": False}],
        "source_name": BAD, "decided_on": DAY, "public_until": None, "version": 2, "basis": BAD, "row": BAD,
        "recorded_at": datetime(2026, 11, 20, 23, 30, tzinfo=ZoneInfo("UTC")), "batch_number": BAD, "change": 99,
        "repair": outlook(unmet=(text(),), to_show=(text(),)), **more,
    }  # fmt: skip


def text() -> Any:
    return SimpleNamespace(remedy=BAD, remedy_en=BAD, label=BAD, label_en=BAD)


def outlook(**more: Any) -> Any:
    given = {"earliest": None, "unmet": (), "to_show": (), **more}
    return SimpleNamespace(**given, open_now=not given["unmet"])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_value_can_be_markup(language: str) -> None:
    with translation.override(language):
        html = drawn(record(), Page.of(DAY, WAYS))
    assert BAD not in html and "<b>" not in html
    # title and its two repetitions, severity, standing twice, labels and values of two fields, source, basis, batch, row,
    # what is missing, what is to be shown
    assert html.count(SAFE) == 3 + 1 + 2 + 5 + 4 + 2


def test_addresses_dates_and_numbers_are_those_of_the_record() -> None:
    html = drawn(record(title="苏环罚〔2026〕1号"), Page.of(DAY, WAYS))
    assert 'id="r7"' in html and "/my/91320505QX26A0011U/records/7" in html and "/api/v1/log/records/99" in html
    assert "2026-11-21 07:30" in html, "the platform's clock, not the database's"
    assert "公示至：长期" in html and "7-2" in html


@pytest.mark.parametrize("code", ["91320505QX26A0011U", "苏 1"])
def test_ways_are_those_that_the_routes_have(code: str) -> None:
    """Also of an old number that an address writes with other characters."""
    for _again in range(2):
        ways = ways_of(code, policies(), DAY)
        assert ways["json"] == reverse("subject-json", args=[code])
        assert ways["own"] == reverse("own-profile", args=[code])
        assert ways["own_record"] == reverse("own-record", args=[code, 0])
        assert ways["proof"] == reverse("api:get_record_proof", args=[0])


@pytest.mark.parametrize(
    ("repair", "said"),
    [
        (outlook(), "怎样修复：现在可以申请"),
        (outlook(unmet=(text(),), earliest=date(2026, 12, 1)), "怎样修复：2026-12-01 起可以申请"),
        (outlook(unmet=(text(),), earliest=DAY), "怎样修复：条件还不具备"),
        (None, "对这条信息提出异议"),
    ],
)
def test_when_it_can_be_repaired(repair: Any, said: str) -> None:
    html = drawn(record(repair=repair), Page.of(DAY, WAYS))
    assert said in html
    assert ("怎样修复" in html) is (repair is not None)
