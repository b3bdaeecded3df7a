"""Lists as they were published: shops and hauliers on black lists, and a list of judgment debtors read by a scanner.

Two of them name no kind of list, no authority, no day: they are stored, every row in doubt, and shown to nobody. With what the
publishing page said above its table added as columns, in a copy of the test's own, they pass but for what is truly wrong in
them. Requirements: R-049 to R-051 (levels), G-20, and the safeguards of design.md 8 for lists.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from chengxin.registry.models import Record, Subject
from chengxin.registry.profile import public_profile
from chengxin.standards.uscc import uscc_problem

from .way import blamed, counts, receipt, rows_of, rules, submit, take_in, with_columns

pytestmark = [pytest.mark.shared_data, pytest.mark.usefixtures("store")]

SHOPS, LORRIES = "ecommerce_severe_dishonesty_2017.csv", "transport_logistics_dishonesty_2017.csv"
SCANNED = "finance_judgment_debtors_ocr.csv"
LACKS = ("list-type-given", "listing-basis-given", "reason-given", "listed-on-given", "authority-name-given")
PAGE = {
    "名单类别": "其他",
    "列入依据": "《国务院关于建立完善守信联合激励和失信联合惩戒制度加快推进社会诚信建设的指导意见》",
    "列入事由": "见发布页面",
    "列入日期": "2017-11-01",
    "列入决定机关": "发布页面所列主管机关",
}
"""Made up by this test: what such a page says once for the whole table."""


@pytest.mark.parametrize(("name", "source", "rows"), [(SHOPS, "market-regulation", 311), (LORRIES, "transport", 144)])
def test_a_list_that_does_not_say_what_it_is_is_kept_aside_whole(
    blacklists: Path, name: str, source: str, rows: int
) -> None:
    batch = take_in(blacklists / name, "serious-list", source)
    assert counts(batch) == {"received": rows, "created": rows, "doubtful": rows}
    assert {rules(batch)[f"doubt {rule}"] for rule in LACKS} == {rows}
    assert Record.objects.filter(held=True).count() == rows
    profiles = [public_profile(s.code) for s in Subject.objects.all()[::20]]
    assert profiles and not any(profiles), (
        "nothing in doubt is public, not even the name of whom only a doubt speaks of"
    )


def test_shops_pass_once_the_list_says_what_it_is_but_for_one_with_two_different_codes(
    blacklists: Path, tmp_path: Path
) -> None:
    batch = take_in(
        with_columns(blacklists / SHOPS, tmp_path / "shops.csv", **PAGE), "serious-list", "market-regulation"
    )
    assert counts(batch) == {"received": 311, "created": 311, "doubtful": 1, "warned": 310}
    assert rules(batch) == {
        "doubt organisation-code-agrees": 1,  # two codes of two different organisations: whose record is it?
        "warn organisation_code.organisation_code": 50,  # the unified code once more in the column of the older one
        "warn subject.unknown": 311,  # nobody's registration has arrived yet
        "warn source.late": 311,  # a list of 2017
    }
    (row,) = blamed(batch, "organisation-code-agrees")
    shop = rows_of(blacklists / SHOPS)[row - 1]
    assert uscc_problem(shop["统一信用代码"]) is None and shop["组织机构代码"] not in shop["统一信用代码"]
    # Those without a unified code stand under the next best: the old number of their licence.
    assert Counter(Subject.objects.values_list("scheme", flat=True)) == {"uscc": 294, "registration_number": 17}


def test_hauliers_with_broken_names_and_wrong_numbers_are_named(blacklists: Path, tmp_path: Path) -> None:
    columns = PAGE | {"名单类别": "运输物流严重失信"}
    batch = take_in(
        with_columns(blacklists / LORRIES, tmp_path / "lorries.csv", **columns), "serious-list", "transport"
    )
    assert counts(batch) == {"received": 144, "created": 144, "doubtful": 8, "warned": 136}
    assert rules(batch) == {
        "doubt registration_number.registration_number": 5,  # two with a wrong check digit, three with a digit missing
        "doubt name-whole": 3,  # …有限公 | 司…: the table of a PDF, broken across its lines
        "warn subject.unknown": 144,
        "warn source.late": 144,
    }
    names = [rows_of(blacklists / LORRIES)[row - 1]["企业名称"] for row in blamed(batch, "name-whole")]
    assert all(name.endswith("有限公") for name in names)
    said = receipt(batch).filter(pl.col("rule") == "serious-list.name-whole")["message"].to_list()
    assert all(f"「{name}」" in text for name, text in zip(names, said, strict=True))


def test_a_list_read_by_a_scanner_is_rejected_where_codes_are_wrong_and_doubted_everywhere_else(
    blacklists: Path, tmp_path: Path
) -> None:
    batch = take_in(
        with_columns(blacklists / SCANNED, tmp_path / "scanned.csv", 发布日期="2017-06-01"),
        "judgment-defaulter",
        "court",
    )
    # Not one of the 79 rows comes through clean: digits, names (有限 as 有眼) and case numbers are all damaged.
    assert counts(batch) == {"received": 79, "created": 26, "rejected": 53, "doubtful": 26}
    assert rules(batch) == {
        "reject subject_code.subject_code": 53,
        "doubt case_number.pattern": 77,
        "doubt name-whole": 76,
        "doubt organisation-code-agrees": 6,
        "doubt organisation_code.check": 1,
        "warn enforcement-case": 68,  # 执 was misread
        "warn organisation_code.organisation_code": 6,
        "warn province.codes": 5,  # provinces with a misread character
        "warn subject.unknown": 26,
    }
    rows = rows_of(blacklists / SCANNED)
    wrong = [n for n, row in enumerate(rows, 1) if row["统一社会信用代码"] and uscc_problem(row["统一社会信用代码"])]
    assert blamed(batch, "subject_code.subject_code") == wrong
    assert not Record.objects.filter(held=False).exists()


def test_without_the_day_of_publication_every_row_of_the_scanned_list_stays_in_doubt(blacklists: Path) -> None:
    batch = submit(blacklists / SCANNED, "judgment-defaulter", "court")
    assert counts(batch) == {"received": 79, "rejected": 53, "doubtful": 26}
    assert rules(batch)["doubt published-on-given"] == 79
