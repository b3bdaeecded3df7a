"""R-365: what is shown of a person is enough to recognise the own entry, and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.standards.masking import MASKS, mask


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("name", "王小明", "王**"),
        ("name", "欧阳娜娜", "欧***"),
        ("name", "买买提·艾力", "买*****"),
        ("name", "王五", "王*"),
        ("name", "王", "*"),
        ("id", "11010519491231002X", "110*************2X"),
        ("id", "110105491231002", "110**********02"),
        ("id", "G12345678", "G*******8"),
        ("id", "G123456789", "G12*****89"),
        ("id", "12345", "1***5"),
        ("id", "1234", "****"),
        ("phone", "13812345678", "138****5678"),
        ("phone", "83212345", "******45"),
        ("phone", "83212345678", "832****5678"),
        ("phone", "8321234567", "********67"),
        ("phone", "8321234", "*****34"),
        ("phone", "832123", "******"),
        ("account", "6222021234567890123", "***************0123"),
        ("account", "123456789012", "********9012"),
        ("account", "12345678901", "*********01"),
        ("account", "123456", "****56"),
        ("account", "12345", "*****"),
        ("address", "江苏省南京市玄武区中山路1号3幢201室", "江苏省南京市玄武区****"),
        ("address", "南京市江宁区东山街道1号", "南京市江宁区****"),
        ("address", "新疆维吾尔自治区伊犁哈萨克自治州伊宁县某镇2号", "新疆维吾尔自治区伊犁哈萨克自治州伊宁县****"),
        ("address", "江苏省苏州市姑苏区平江路3号", "江苏省苏州市姑苏区****"),
        ("address", "常州市武进区湖塘镇5号", "常州市武进区****"),
        ("address", "贵州省大理白族自治州大理市某路1号", "贵州省大理白族自治州大理市****"),
        ("address", "南通市通州区金沙街道8号", "南通市通州区****"),
        ("address", "苏州工业园区星湖街1号", "****"),
        ("address", "江苏省1号信箱", "江苏省****"),
        ("address", "南京市阳光小区3幢", "南京市****"),
        ("address", "中山路1号南京市", "****"),
        ("address", "玄武区中山路1号", "****"),
        ("address", "", ""),
        ("name", "\u3000 ", ""),
    ],
)
def test_each_kind_keeps_its_agreed_part(kind: str, text: str, shown: str) -> None:
    assert mask(kind, text) == shown


def test_an_unknown_kind_shows_nothing_rather_than_everything() -> None:
    with pytest.raises(ValueError, match="no mask for 'nickname'"):
        mask("nickname", "王小明")


def test_the_birth_date_of_an_identity_number_is_never_shown() -> None:
    assert "1949" not in mask("id", "11010519491231002X") and "1231" not in mask("id", "11010519491231002X")


@given(st.sampled_from(sorted(set(MASKS) - {"address"})), st.text("赵钱孙李0123456789X", min_size=1, max_size=30))
def test_at_least_half_of_every_text_is_hidden_and_its_length_kept(kind: str, text: str) -> None:
    shown = mask(kind, text)
    assert len(shown) == len(text)
    # A phone number of eleven digits keeps seven of them; everything else hides half or more.
    assert shown.count("*") >= (len(text) / 2 if kind != "phone" else min(4, len(text)))
    assert all(shown_character in ("*", character) for shown_character, character in zip(shown, text, strict=True))


@given(st.text("省市区县州盟旗路街道村镇室幢小园发0123456789南京苏玄武 ", max_size=40))
def test_no_digit_and_no_street_of_an_address_is_ever_shown(text: str) -> None:
    shown = mask("address", text).removesuffix("****")
    assert not set(shown) & set("0123456789路街道村镇室幢")
