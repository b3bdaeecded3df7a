"""R-069: subjects are identified by their codes, and check characters are checked."""

from __future__ import annotations

from datetime import date

import pytest

from chengxin.standards.citizen_id import (
    birth_date,
    citizen_id_check_character,
    citizen_id_problem,
    is_minor,
    upgrade_citizen_id,
)
from chengxin.standards.organisation_code import make_organisation_code, organisation_code_problem
from chengxin.standards.registration_number import make_registration_number, registration_number_problem
from chengxin.standards.tax_number import tax_number_organisation_code, tax_number_problem
from chengxin.standards.uscc import UsccParts, make_uscc, uscc_check_character, uscc_inner_ok, uscc_parts, uscc_problem

TODAY = date(2026, 11, 21)


def citizen(body17: str) -> str:
    return body17 + citizen_id_check_character(body17)


def test_the_worked_example_of_the_unified_code() -> None:
    assert uscc_check_character("91350100M000100Y4") == "3"
    assert uscc_problem("91350100M000100Y43") is None
    assert uscc_parts("91350100M000100Y43") == UsccParts("9", "1", "350100", "M000100Y4")


def test_a_sum_that_31_divides_gives_check_character_0() -> None:
    # Position 1 weighs 1, so one of the 31 symbols there makes the sum divisible.
    bodies = [first + "1320100MA1MK83W0" for first in "0123456789ABCDEFGHJKLMNPQRTUWXY"]
    assert sorted(map(uscc_check_character, bodies)) == sorted("0123456789ABCDEFGHJKLMNPQRTUWXY")


@pytest.mark.parametrize("code", ["N2320102MF1234567N", "Y1320000MA1234569B", "A1110000123456788L"])
def test_codes_that_begin_with_a_letter_are_lawful(code: str) -> None:
    assert uscc_problem(code) is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("91350100M000100Y44", "check"),
        ("91350100M000100Y4", "length"),
        ("91350100M000100Y433", "length"),
        ("", "length"),
        ("91350100M000100Y4O", "alphabet"),
        ("91350100m000100y43", "alphabet"),
        ("9135010AM000100Y43", "division"),
        ("000000000000000000", "filler"),
        ("00000000000000000X", "filler"),
        ("N/A", "filler"),
    ],
)
def test_each_fault_of_a_unified_code_has_its_name(code: str, problem: str) -> None:
    assert uscc_problem(code) == problem


def test_a_wrong_embedded_organisation_code_is_a_doubt_and_not_a_fault() -> None:
    code = "91320000MA12345605"
    assert uscc_problem(code) is None
    assert not uscc_inner_ok(code)
    assert uscc_inner_ok("91350100M000100Y43")
    assert uscc_inner_ok(make_uscc("9", "1", "320100", "00000011"[:8]))
    assert not uscc_inner_ok("91350100M000100Y4")


def test_codes_can_be_made_and_impossible_ones_cannot() -> None:
    code = make_uscc("5", "2", "320100", "MJ000001")
    assert uscc_problem(code) is None and uscc_inner_ok(code) and code.startswith("52320100MJ000001")
    with pytest.raises(ValueError, match="division"):
        make_uscc("9", "1", "3201AB", "MA1MK83W")
    with pytest.raises(ValueError, match="17 characters"):
        make_uscc("9", "1", "320100", "MA1MK83O")
    with pytest.raises(ValueError, match="eight"):
        make_uscc("9", "1", "320100", "MA1MK8")


def test_the_unified_code_agrees_with_an_independent_implementation() -> None:
    stdnum = pytest.importorskip("stdnum.cn.uscc", reason="python-stdnum is not installed")
    for number in range(300):
        code = make_uscc("9", str(1 + number % 3), f"32{number % 14:02d}00", f"MA{number * 7919 % 10**6:06d}")
        assert stdnum.is_valid(code)
        wrong = code[:17] + ("0" if code[17] != "0" else "1")
        assert uscc_problem(wrong) == "check" and not stdnum.is_valid(wrong)


def test_organisation_codes_by_known_examples() -> None:
    assert make_organisation_code("60003734") == "600037341"
    assert make_organisation_code("00175530") == "001755309"
    assert organisation_code_problem("60003734-1") is None
    assert organisation_code_problem("600037341") is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("600037342", "check"),
        ("60003734", "length"),
        ("6000-37341", "length"),
        ("60003734-X", "check"),
        ("6000373A-A", "alphabet"),
        ("000000000", "filler"),
        ("00000000-0", "filler"),
    ],
)
def test_each_fault_of_an_organisation_code_has_its_name(code: str, problem: str) -> None:
    assert organisation_code_problem(code) == problem


def test_all_eleven_check_characters_of_an_organisation_code_occur() -> None:
    assert {make_organisation_code(f"{number:08d}")[-1] for number in range(100)} == set("0123456789X")


def test_the_example_of_the_identity_number_standard() -> None:
    assert citizen_id_problem("11010519491231002X", TODAY) is None
    assert birth_date("11010519491231002X") == date(1949, 12, 31)


def test_an_unknown_place_is_no_fault_and_residence_permits_are_lawful() -> None:
    for place in ("810000", "820000", "830000", "999999"):
        assert citizen_id_problem(citizen(place + "19900101001"), TODAY) is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("110105194912310021", "check"),
        ("110105491231002", "length"),
        ("1101051949123100XX", "alphabet"),
        (citizen("11010519490229002"), "birth_date"),
        (citizen("11010518991231002"), "birth_date"),
        (citizen("11010521000101002"), "birth_date"),
        (citizen("11010520261122002"), "future"),
        ("1" * 18, "filler"),
    ],
)
def test_each_fault_of_an_identity_number_has_its_name(code: str, problem: str) -> None:
    assert citizen_id_problem(code, TODAY) == problem


def test_someone_born_today_is_born() -> None:
    assert citizen_id_problem(citizen("11010520261121002"), TODAY) is None


def test_first_generation_numbers_are_lengthened() -> None:
    assert upgrade_citizen_id("110105491231002") == "11010519491231002X"
    for wrong in ("11010549123100", "110105491331002", "11010549123100X"):
        with pytest.raises(ValueError, match="first-generation"):
            upgrade_citizen_id(wrong)


def test_minors_are_recognised_to_the_day() -> None:
    code = citizen("32010220081121001")
    assert is_minor(code, date(2026, 11, 20))
    assert not is_minor(code, date(2026, 11, 21))
    leap = citizen("32010220080229001")
    assert is_minor(leap, date(2026, 2, 28))
    assert not is_minor(leap, date(2026, 3, 1))
    with pytest.raises(ValueError, match="birth date"):
        is_minor("320102", TODAY)


def test_an_identity_number_is_not_quoted_in_an_error() -> None:
    for refused in (birth_date, upgrade_citizen_id, citizen_id_check_character):
        with pytest.raises(ValueError) as error:
            refused("11010519491331002X")
        assert "1949" not in str(error.value)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("110105010247558", None),
        ("1101082953931", None),
        ("321183NA000069X", None),
        ("110105010247559", "check"),
        ("11010501024755", "length"),
        ("11010501024755X", "alphabet"),
        ("321183NA0000691", "alphabet"),
        ("0" * 13, "filler"),
        ("0" * 15, "filler"),
    ],
)
def test_business_registration_numbers_of_three_generations(code: str, problem: str | None) -> None:
    assert registration_number_problem(code) == problem


def test_one_wrong_digit_of_a_registration_number_is_always_found() -> None:
    code = make_registration_number("32010000012345")
    wrong = [code[:i] + d + code[i + 1 :] for i in range(15) for d in "0123456789" if d != code[i]]
    assert {registration_number_problem(number) for number in wrong} == {"check"}


@pytest.mark.parametrize(
    ("code", "problem", "organisation_code"),
    [
        ("440604577900388", None, "577900388"),
        ("91350100M000100Y43", None, "M000100Y4"),
        ("440604577900389", "check", None),
        ("44060457790038", "length", None),
        ("44O604577900388", "alphabet", None),
        ("91350100M000100Y44", "check", None),
        ("440604000000000", "check", None),
        ("0" * 15, "filler", None),
        ("11010519491231002X01", "length", None),
    ],
)
def test_tax_numbers_lead_to_the_organisation_code(
    code: str, problem: str | None, organisation_code: str | None
) -> None:
    assert tax_number_problem(code) == problem
    assert tax_number_organisation_code(code) == organisation_code
