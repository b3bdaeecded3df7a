"""Real public registers pass the checks, in the shares that the docstrings state."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chengxin.standards.organisation_code import organisation_code_problem
from chengxin.standards.registration_number import registration_number_problem
from chengxin.standards.tax_number import tax_number_organisation_code, tax_number_problem
from chengxin.standards.text import clean_code
from chengxin.standards.uscc import uscc_inner_ok, uscc_problem

Ask = Callable[..., list[Any]]
Column = Callable[[str, str], list[str]]

pytestmark = pytest.mark.shared_data

JIANGSU = ("jiangsu-enterprises/jiangsu_enterprises_dev.csv", "统一社会信用代码")
SHOPS = "credit-blacklists/ecommerce_severe_dishonesty_2017.csv"
LORRIES = "credit-blacklists/transport_logistics_dishonesty_2017.csv"


def test_every_vector_of_the_unified_code_is_judged_as_the_standard_says(shared: Path, ask: Ask) -> None:
    with (shared / "uscc-vectors/uscc_vectors_dev.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 526
    in_sql = ask("uscc_problem(x)", [row["code"] for row in rows])
    expected = {"valid": None, "invalid:charset": "alphabet", "invalid:checksum": "check", "invalid:length": "length"}
    for row, sql_problem in zip(rows, in_sql, strict=True):
        problem = expected[row["strict_gb32100"]]
        # Published in the place of a unified code: 18 characters with a cooperative's NA where the division should be.
        problem = "division" if "NA" in row["code"][:8] else problem
        assert uscc_problem(row["code"]) == sql_problem == problem, row
        if row["class"] == "natural_lowercase":
            assert uscc_problem(clean_code(row["code"]) or "") is None, row


def test_published_codes_are_valid_inside_and_out(column: Column) -> None:
    files = [
        JIANGSU,
        ("other-provinces-enterprises/other_provinces_dev.csv", "统一社会信用代码"),
        ("non-enterprise-orgs/non_enterprise_orgs_dev.csv", "统一社会信用代码"),
        ("construction-qualifications/construction_registrations.csv", "统一社会信用代码或旧证号"),
        (SHOPS, "统一信用代码"),
    ]
    codes = [code for file, name in files for code in column(file, name) if len(code) == 18]
    valid = [code for code in codes if uscc_problem(code) is None]
    # One code in lower case is the only invalid one.
    assert (len(codes), len(valid)) == (7275, 7274)
    assert all(map(uscc_inner_ok, valid))


def test_old_registration_numbers_of_jiangsu_pass_in_all_three_forms(column: Column, ask: Ask) -> None:
    numbers = [code for code in column(*JIANGSU) if len(code) < 18]
    forms = {"digits15": 0, "digits13": 0, "cooperative": 0}
    for number in numbers:
        forms["cooperative" if "NA" in number else f"digits{len(number)}"] += 1
    assert forms == {"digits15": 219, "digits13": 17, "cooperative": 14}
    assert {registration_number_problem(number) for number in numbers} == {None}
    assert set(ask("registration_number_ok(x)", numbers)) == {True}


def test_old_registration_numbers_of_the_black_lists_pass_but_for_a_damaged_list(column: Column) -> None:
    shops = [number for number in column(SHOPS, "工商注册号") if len(number) == 15]
    assert (len(shops), {registration_number_problem(number) for number in shops}) == (303, {None})
    lorries = [number for number in column(LORRIES, "工商注册号") if len(number) == 15]
    failing = [number for number in lorries if registration_number_problem(number) == "check"]
    assert (len(lorries), len(failing)) == (40, 2)


def test_organisation_codes_of_the_black_lists_pass(column: Column, ask: Ask) -> None:
    codes = column(SHOPS, "组织机构代码") + column(LORRIES, "组织机构代码")
    short = [code for code in codes if len(code.replace("-", "")) == 9]
    assert len(short) == 355
    assert {organisation_code_problem(code) for code in short} == {None}
    assert set(ask("organisation_code_ok(x)", short)) == {True}


def test_tax_numbers_of_an_arrears_notice_pass_and_give_organisation_codes(column: Column, ask: Ask) -> None:
    numbers = column("tax-arrears/tax_arrears_foshan_2015q2.csv", "纳税人识别号")
    assert (len(numbers), {tax_number_problem(number) for number in numbers}) == (104, {None})
    assert [tax_number_organisation_code(number) for number in numbers] == [number[6:] for number in numbers]
    assert set(ask("tax_number_ok(x)", numbers)) == {True}
