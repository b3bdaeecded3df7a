"""Names of places and trades for readers of English: data of the code tables, one for each, and none like another (R-349)."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from chengxin.policy.policies import Policies
from chengxin.registry.packs import policies

TODAY = date(2026, 11, 22)


@pytest.fixture
def shipped() -> Policies:
    return policies()


@pytest.mark.parametrize("table", ["regions", "industries"])
def test_every_place_and_trade_has_an_english_name_of_its_own(table: str, shipped: Policies) -> None:
    rows = shipped.codes(table).rows
    assert all(r.label_en and not any("\u4e00" <= c <= "\u9fff" for c in r.label_en) for r in rows)
    names = Counter(r.label_en for r in shipped.codes(table).current(TODAY))
    assert not [n for n, k in names.items() if k > 1], "a reader could not tell them apart"


def test_names_are_those_that_are_in_use(shipped: Policies) -> None:
    """Established names stand where pinyin would be wrong; readings that a dictionary gets wrong are right."""
    names = {c: r.label_en for c, r in shipped.codes("regions").by_code.items()}
    assert [names[c] for c in ("320000", "320100", "610000", "150000", "650100", "341500", "320830", "320116", "331000")] == [
        "Jiangsu Province", "Nanjing", "Shaanxi Province", "Inner Mongolia Autonomous Region", "Urumqi", "Lu'an",
        "Xuyi County, Huai'an", "Luhe District, Nanjing", "Taizhou (Zhejiang)",
    ]  # fmt: skip
