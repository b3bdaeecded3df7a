"""Text that looks the same is the same, and a placeholder is no value."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from chengxin.standards.text import (
    BLANKS,
    FILLERS,
    bigrams,
    clean_code,
    clean_text,
    document_number_key,
    halfwidth,
    is_filler,
    name_key,
)

Column = Callable[[str, str], list[str]]


def test_full_width_letters_digits_and_signs_become_half_width_and_nothing_else_changes() -> None:
    assert halfwidth("ＡＢｃ１２３（！）～　。、“中文”￥") == "ABc123(!)~ 。、“中文”￥"


@pytest.mark.parametrize(
    "blank",
    [
        " ",
        "\t",
        "\r\n",
        "\u3000",
        "\u00a0",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\x00",
        "\x1f",
        "\x9f",
        "\xad",
        "\u061c",
        "\u180e",
        "\u200f",
        "\u2060",
        "\u206f",
    ],
)
def test_invisible_characters_are_stripped_at_the_ends_only(blank: str) -> None:
    assert clean_text(f"{blank}南京{blank}市{blank}") == f"南京{blank}市"
    assert clean_text(blank) is None
    assert clean_code(f"{blank}9{blank}a{blank}") == "9A"


def test_everything_unicode_calls_white_space_or_control_counts_as_blank() -> None:
    bmp = map(chr, range(0x10000))
    invisible = {c for c in bmp if c.isspace() or unicodedata.category(c) == "Cc" or unicodedata.category(c) == "Zs"}
    assert invisible <= set(BLANKS)
    # Nothing visible hides in the ranges: white space, control, format and unassigned only.
    assert {unicodedata.category(c)[0] for c in BLANKS} <= {"Z", "C"}


def test_a_code_is_written_half_width_upper_case_without_blanks() -> None:
    assert clean_code(" ９１３２ 0100ma1mk83w0f\u200b\n") == "91320100MA1MK83W0F"
    # A dotless i and a long s are not letters of a code, however str.upper() sees them.
    assert clean_code("ıſß") == "ıſß"


@pytest.mark.parametrize(
    "text",
    [
        *FILLERS,
        "n/a",
        " 无 ",
        "——",
        "（）",
        "０００００００００",
        "0" * 18,
        "x" * 18,
        "0" * 17 + "X",
        "*****",
        "/ /",
        "人" * 5,
    ],
)
def test_placeholders_met_in_real_data_are_recognised(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "0", "1111", "00X", "无锡市", "空气产品公司", "12345", "0000000001", "X0000", "不详细", "00000XX"],
)
def test_values_and_absence_are_no_placeholders(text: str) -> None:
    assert not is_filler(text)


def test_a_placeholder_word_stretched_beyond_all_measure_is_left_to_other_checks() -> None:
    assert is_filler("暂      无")
    assert not is_filler("暂        无"), "longer than any placeholder word"


def test_spellings_of_one_name_share_a_key_and_different_names_do_not() -> None:
    spellings = [
        "上海（中国）科技 有限公司",
        "上海(中国)科技有限公司",
        "上海【中国】科技\u3000有限公司",
        "上海﹝中国〕科技有限公司\ufeff",
    ]
    assert {name_key(spelling) for spelling in spellings} == {"上海(中国)科技有限公司"}
    assert name_key("ａbc公司") == name_key("ABC 公司") == "ABC公司"
    assert name_key("买买提•艾力") == name_key("买买提・艾力") == "买买提·艾力"
    # Nothing else is removed: these are different subjects.
    names = ["南京甲有限公司", "南京甲公司", "南京市甲有限公司", "南京甲有限公司分公司", "南京-甲有限公司"]
    assert len({name_key(name) for name in names}) == len(names)
    assert name_key(" \u3000") is None


def test_bracket_styles_of_a_document_number_do_not_matter_but_its_wording_does() -> None:
    styles = [
        "苏环罚〔2024〕12号",
        "苏环罚[2024]12号",
        "苏环罚（2024）12 号",
        "苏环罚【2024】１２号",
        "苏环罚﹝2024﹞12号",
    ]
    assert {document_number_key(style) for style in styles} == {"苏环罚(2024)12号"}
    different = [
        "苏环罚〔2024〕12号",
        "苏环罚〔2024〕第12号",
        "苏环罚〔2024〕012号",
        "苏环罚字〔2024〕12号",
        "苏环罚〔2024〕12",
    ]
    assert len({document_number_key(number) for number in different}) == len(different)


@pytest.mark.shared_data
def test_real_document_numbers_keep_their_wording_and_stay_apart(column: Column) -> None:
    numbers = column("document-numbers/document_numbers_dev.csv", "document_number")
    keys = [document_number_key(number) or "" for number in numbers]
    assert len(set(keys)) == len(numbers)
    assert not any(bracket in key for key in keys for bracket in "〔〕[]【】﹝﹞（） ")
    assert "德工商处字(2015)303号" in keys and "市场(2019)1号" in keys and "苏食药监械生产许20080046号" in keys


def test_search_looks_for_pairs_of_characters() -> None:
    assert bigrams("南京（甲）") == ["南京", "京(", "(甲", "甲)"]
    assert bigrams(" 甲 ") == ["甲"]
    assert bigrams(" ") == []
