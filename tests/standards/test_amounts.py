"""Money is exact to the fen: nothing is lost, nothing is guessed."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.standards.amounts import AmountError, parse_amount, wan_from_yuan, yuan_from_wan

FEN = st.integers(0, 10**17).map(lambda fen: Decimal(fen).scaleb(-2))


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("0", "0.00"),
        ("200", "200.00"),
        ("1,234,567.8", "1234567.80"),
        ("１２３．４５", "123.45"),
        ("１，２３４元", "1234.00"),
        (" 5万元\u3000", "50000.00"),
        ("0.000001万元", "0.01"),
        ("1.5 亿元", "150000000.00"),
        (".5", "0.50"),
        ("12.3400000", "12.34"),
        ("999999999999999.99", "999999999999999.99"),
    ],
)
def test_amounts_are_read_in_yuan(text: str, yuan: str) -> None:
    assert str(parse_amount(text)) == yuan


def test_a_column_in_wan_counts_bare_numbers_in_wan_and_written_units_as_written() -> None:
    assert parse_amount("0.000001", unit="万元") == Decimal("0.01")
    assert parse_amount("10", unit="万元") == Decimal("100000.00")
    assert parse_amount("10元", unit="万元") == Decimal("10.00")
    with pytest.raises(AmountError, match="美元"):
        parse_amount("10", unit="美元")


def test_no_text_is_no_amount() -> None:
    assert parse_amount("") is parse_amount("\u3000") is None


@pytest.mark.parametrize(
    "text",
    ["一千元", "1,23", "1,2345", "12,34,567", "1e5", "0x1F", "¥5", "5 美元", "5.", "+5", "--5", "1 000", "NaN", "无",
     "5万", "1.2.3", "0." + "0" * 22 + "1"],
)  # fmt: skip
def test_what_is_not_surely_an_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountError, match="not an amount; expected"):
        parse_amount(text)


def test_negative_amounts_need_permission() -> None:
    with pytest.raises(AmountError, match="negative"):
        parse_amount("-0.01")
    assert parse_amount("-0.01", allow_negative=True) == Decimal("-0.01")
    assert str(parse_amount("-0")) == "0.00"


def test_more_than_a_fen_is_refused_unless_told_how_to_round() -> None:
    with pytest.raises(AmountError, match="more precise than a fen"):
        parse_amount("0.005")
    assert parse_amount("0.005", rounding=ROUND_HALF_UP) == Decimal("0.01")
    assert parse_amount("0.005", rounding=ROUND_DOWN) == Decimal("0.00")


def test_amounts_beyond_a_thousand_billion_billion_are_refused() -> None:
    for text in ("1" * 16, "1" * 12 + "万元", "1" * 8 + "亿元"):
        with pytest.raises(AmountError, match="digits before the point"):
            parse_amount(text)
        assert parse_amount(text[1:]) is not None


@pytest.mark.shared_data
def test_a_real_arrears_notice_is_read_to_the_fen_once_rounding_is_allowed(column: Any) -> None:
    texts = column("tax-arrears/tax_arrears_foshan_2015q2.csv", "欠税余额")
    floats = []
    for text in texts:
        try:
            parse_amount(text, unit="万元")
        except AmountError:
            floats.append(text)
    # Sixteen and more decimals are what a binary float left of a fen: 0.25462199999999996 was 2,546.22 yuan.
    assert floats and all(len(text.partition(".")[2]) > 6 for text in floats)
    for text in texts:
        yuan = parse_amount(text, unit="万元", rounding=ROUND_HALF_UP)
        assert yuan is not None and abs(yuan - Decimal(text) * 10_000) < Decimal("0.000001")


@given(FEN)
def test_yuan_and_wan_turn_into_each_other_without_losing_a_fen(yuan: Decimal) -> None:
    with localcontext() as context:
        context.prec = 5  # somebody else's context must not matter
        wan = wan_from_yuan(yuan)
        assert yuan_from_wan(wan) == yuan
        assert wan.as_tuple().exponent == -6


@given(st.integers(0, 10**17 - 1).map(lambda fen: Decimal(fen).scaleb(-2)))
def test_a_written_amount_reads_back_to_the_fen(yuan: Decimal) -> None:
    assert parse_amount(str(yuan)) == yuan
    assert parse_amount(f"{yuan:,}") == yuan
    wan = wan_from_yuan(yuan)
    assert parse_amount(f"{wan:f}万元") == yuan
    assert parse_amount(f"{wan:f}", unit="万元") == yuan


def test_units_refuse_floats_and_fractions_of_a_fen() -> None:
    with pytest.raises(TypeError, match="float"):
        yuan_from_wan(0.1)  # type: ignore[arg-type]
    with pytest.raises(AmountError, match="fen"):
        yuan_from_wan(Decimal("0.0000001"))
    with pytest.raises(AmountError, match="fen"):
        wan_from_yuan(Decimal("0.001"))
    with pytest.raises(AmountError, match="not an amount"):
        yuan_from_wan(Decimal("NaN"))
    assert yuan_from_wan(Decimal("0.0000005"), rounding=ROUND_HALF_UP) == Decimal("0.01")


def test_no_binary_float_is_named_in_the_source() -> None:
    source = Path(__file__).resolve().parents[2] / "src" / "chengxin" / "standards" / "amounts.py"
    assert "float(" not in source.read_text(encoding="utf-8")
