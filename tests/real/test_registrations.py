"""Real registers are taken in whole: enterprises of Jiangsu and of thirty other provinces, and organisations of others.

Requirements: R-022 and R-049 (intake and receipt), R-069 to R-072 (subjects and their identifiers), F-02.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from chengxin.registry.models import Record, RecordVersion, Subject
from chengxin.registry.packs import policies

from .way import blamed, counts, receipt, rows_of, rules, take_in

pytestmark = [pytest.mark.shared_data, pytest.mark.usefixtures("store")]

MAIN = "jiangsu_enterprises_dev.csv"
ITEM = ("registration", "market-regulation")


def test_five_thousand_enterprises_are_taken_in_and_nobody_is_turned_away(jiangsu: Path) -> None:
    batch = take_in(jiangsu / MAIN, *ITEM)
    # One row stands twice in the file, word for word. All names and codes are right; nothing is rejected or in doubt.
    assert counts(batch) == {"received": 5000, "created": 4999, "repeated": 1, "warned": 251}
    assert rules(batch) == {
        "warn subject_code.legacy": 250,  # 219 numbers of 15 digits, 17 of 13 and 14 of cooperatives (NA…): all lawful
        "warn code-of-province": 1,  # a firm of Jiangsu with a code from another province: it may have moved
        "warn row.repeated": 1,
    }
    assert (batch.file_format, batch.file_encoding) == ("csv", "utf-8")
    assert Subject.objects.filter(provisional=False).count() == Subject.objects.count() == 4999
    assert dict(Counter(Subject.objects.values_list("scheme", flat=True))) == {"uscc": 4749, "registration_number": 250}

    again = take_in(jiangsu / MAIN, *ITEM)
    assert counts(again) == {"received": 5000, "unchanged": 4999, "repeated": 1, "warned": 251}, "the same file again"
    assert RecordVersion.objects.count() == 4999


def test_the_thirteen_cities_arrive_as_codes_and_a_placeholder_as_nothing(jiangsu: Path) -> None:
    """The file names cities in short (南京 for 南京市, 320100) and writes N/A where it knows nothing."""
    rows = rows_of(jiangsu / MAIN)
    take_in(jiangsu / MAIN, *ITEM)
    known = policies().codes("regions")
    code_of = {row.label: row.code for row in known.rows}
    cities = {row["统一社会信用代码"]: code_of[known.lookup[row["地区"]]] for row in rows}
    assert dict(Subject.objects.values_list("code", "region")) == cities
    assert len(set(cities.values())) == 13
    kinds = Counter(
        json.loads(p).get("kind") is not None for p in RecordVersion.objects.values_list("payload", flat=True)
    )
    told = {row["统一社会信用代码"] for row in rows if row["企业类型"] != "N/A"}
    assert kinds == {True: len(told), False: 4999 - len(told)} and 0 < len(told) < 4999


def test_a_workbook_and_a_gb18030_file_say_the_same_as_the_rows_of_the_main_file(jiangsu: Path) -> None:
    """300 rows of the same register as XLSX and as GB18030: 74 of them stand in the main file too, 9 stand twice."""
    take_in(jiangsu / MAIN, *ITEM)
    workbook = take_in(jiangsu / "format_variant.xlsx", *ITEM)
    text = take_in(jiangsu / "format_variant_gb18030.csv", *ITEM)
    assert counts(workbook) == {"received": 300, "created": 217, "unchanged": 74, "repeated": 9, "warned": 4}
    assert counts(text) == {"received": 300, "unchanged": 291, "repeated": 9, "warned": 4}
    assert rules(workbook) == {"warn row.repeated": 9, "warn subject_code.legacy": 4} == rules(text)
    assert receipt(workbook).equals(receipt(text))
    assert [(b.file_format, b.file_encoding) for b in (workbook, text)] == [("xlsx", ""), ("csv", "gb18030")]
    assert RecordVersion.objects.count() == Record.objects.count() == 4999 + 217


def test_enterprises_of_thirty_other_provinces_pass_too(shared_data: Path) -> None:
    batch = take_in(shared_data / "other-provinces-enterprises" / "other_provinces_dev.csv", *ITEM)
    # All are stored. Their cities are known but for names that fit two places (朝阳, 宝山) and 自贸区, 省直辖县 and
    # the like, which are no administrative division; before the table of divisions was national it was 1,757 of them.
    assert counts(batch) == {"received": 1772, "created": 1772, "warned": 106}
    assert rules(batch) == {"warn region.codes": 106}


def test_institutions_unions_and_social_bodies_pass_and_one_is_claimed_by_two_registrars(shared_data: Path) -> None:
    enterprises = shared_data / "other-provinces-enterprises" / "other_provinces_dev.csv"
    others = shared_data / "non-enterprise-orgs" / "non_enterprise_orgs_dev.csv"
    take_in(enterprises, *ITEM)
    batch = take_in(others, "registration", "civil-affairs")
    assert counts(batch) == {"received": 444, "created": 444, "doubtful": 1, "warned": 12}
    assert rules(batch) == {"doubt key.other-source": 1, "warn region.codes": 8, "warn region.filler": 4}
    # It stands in both files; the second registrar's statement is kept aside and the first one's stays in force.
    both = {r["统一社会信用代码"] for r in rows_of(enterprises)} & {r["统一社会信用代码"] for r in rows_of(others)}
    doubted = Record.objects.filter(held=True)
    assert {r.key for r in doubted} == both and {r.source for r in doubted} == {"civil-affairs"}
    shown = receipt(batch).filter(pl.col("rule") == "registration.key.other-source")
    assert set(shown["expected"]) == {"江苏省市场监督管理局"} and set(shown["found"]) == both


def test_a_list_copied_from_the_construction_market_is_taken_under_its_own_headings(shared_data: Path) -> None:
    batch = take_in(shared_data / "construction-qualifications" / "construction_registrations.csv", *ITEM)
    assert counts(batch) == {"received": 15, "created": 15} and rules(batch) == {}
    assert batch.headings["unknown"] == [] and blamed(batch, "column.unknown") == []
