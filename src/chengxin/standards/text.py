"""Cleaning and comparing Chinese text: widths, blanks, fillers, comparison keys."""

from __future__ import annotations

from typing import Final

BLANK_RANGES: Final[tuple[tuple[int, int], ...]] = (
    (0x00, 0x20),
    (0x7F, 0xA0),
    (0xAD, 0xAD),
    (0x61C, 0x61C),
    (0x1680, 0x1680),
    (0x180E, 0x180E),
    (0x2000, 0x200F),
    (0x2028, 0x202F),
    (0x205F, 0x206F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
"""Code points nobody can see: white space, control characters, zero-width marks, direction marks, byte order mark."""

BLANKS: Final = "".join(chr(code) for first, last in BLANK_RANGES for code in range(first, last + 1))

OPEN_BRACKETS: Final = "[〔【﹝﹙〖"
CLOSE_BRACKETS: Final = "]〕】﹞﹚〗"
"""Brackets that stand for ``(`` and ``)`` in a key. The full-width ones arrive here already folded."""

MIDDLE_DOTS: Final = "•‧∙⋅・･"
"""Middle dots (间隔号) that stand for U+00B7 in a name key."""

FILLER_SYMBOLS: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~·‐–—―−…、。《》〈〉【】「」『』〔〕￥"
"""A text made only of these says nothing, however long it is: ``-``, ``--``, ``/``, ``***``, ``（）``."""

FILLERS: Final = (
    "N/A", "NA", "NAN", "NIL", "NULL", "NONE", "UNDEFINED", "UNKNOWN", "TEST",
    "无", "暂无", "没有", "不详", "未知", "不明", "空", "未填", "未填写", "待补", "待补充", "测试",
    "-", "--", "/", "*",
)  # fmt: skip
"""Placeholders (占位符) written where a value was missing, in the form ``clean_code`` gives them."""

_LONGEST: Final = max(map(len, FILLERS))
"""In a text longer than this no placeholder word is sought, whatever blanks it is stretched with."""

FILLER_RUN: Final = 5
"""From this length on, one repeated letter, digit or ideograph is a filler: ``00000``, ``XXXXX``."""

_FULL_TO_HALF: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DROP_BLANKS: Final[dict[int, None]] = {ord(blank): None for blank in BLANKS}
# ASCII letters only: str.upper() would turn a dotless i or a long s into a letter of a lawful code.
_UPPER: Final = {code: code - 0x20 for code in range(ord("a"), ord("z") + 1)}
_UPPER_FULL: Final = {code: code - 0xFEE0 - 0x20 for code in range(ord("ａ"), ord("ｚ") + 1)}
_CODE: Final[dict[int, int | None]] = {**_FULL_TO_HALF, **_UPPER, **_UPPER_FULL, **_DROP_BLANKS}
_BRACKETS: Final = (
    {ord(bracket): ord("(") for bracket in OPEN_BRACKETS + "［"}
    | {ord(bracket): ord(")") for bracket in CLOSE_BRACKETS + "］"}
)  # fmt: skip
_DOTS: Final = {ord(dot): ord("·") for dot in MIDDLE_DOTS}
_DOCUMENT: Final[dict[int, int | None]] = {**_CODE, **_BRACKETS}
_NAME: Final[dict[int, int | None]] = {**_DOCUMENT, **_DOTS}


def halfwidth(s: str) -> str:
    """Fold full-width ASCII (全角, U+FF01-FF5E) and the ideographic space to plain ASCII; leave all else alone.

    Source: DB32 collection rules, letters, digits and symbols are written half-width (domain.md 2.7).
    """
    return s.translate(_FULL_TO_HALF)


def clean_text(s: str) -> str | None:
    """Strip everything invisible from both ends and leave the inside alone; ``None`` if nothing is left.

    Empty text is absence once and for all (design.md 6), so no caller has to ask twice.
    """
    return s.strip(BLANKS) or None


def clean_code(s: str) -> str | None:
    """Bring a code to its written form: half-width, upper-case ASCII, no blank anywhere; ``None`` if nothing is left.

    All identifier functions of this package expect their input in this form. Real registers write codes with lower
    case ``x``, inner blanks and full-width digits (R-069).
    """
    return s.translate(_CODE) or None


def is_filler(s: str | None) -> bool:
    """Tell whether the text is a placeholder (占位符) rather than a value; absence itself is not a filler.

    A filler is one of ``FILLERS``, a text of symbols only, one character repeated ``FILLER_RUN`` times or more, or
    zeros with an X behind them. ``000000000000000000`` has a right check character, so no checksum finds it.
    Source: domain.md 1.4, fillers met as agency codes.
    """
    code = clean_code(s) if s else None
    if code is None:
        return False
    if (code in FILLERS and len(s or "") <= _LONGEST) or not code.strip(FILLER_SYMBOLS):
        return True
    run = code.removesuffix("X") if code.startswith("0") else code
    return len(run) >= FILLER_RUN and run == run[0] * len(run)


def name_key(s: str) -> str | None:
    """Give the key under which two spellings of one organisation name (机构名称) are the same; ``None`` if empty.

    Half-width, no blanks, all brackets ``()``, all middle dots ``·``, upper-case ASCII. Nothing else is removed: a key
    that drops 有限公司 or a place would join different firms, and no record may reach the wrong subject (domain.md 9).
    """
    return s.translate(_NAME) or None


def document_number_key(s: str) -> str | None:
    """Give the key under which two spellings of a decision number (决定书文号) are the same; ``None`` if empty.

    Only width, blanks, letter case and bracket style are unified: 〔2024〕, [2024], 【2024】 and （2024） agree. 第 and
    号, leading zeros and dashes stay, because numbers that differ in them do exist (domain.md 2.2, CF_WSH).
    """
    return s.translate(_DOCUMENT) or None


def bigrams(s: str) -> list[str]:
    """Cut the name key into overlapping pairs, in order, for the search index; a single character gives itself."""
    key = name_key(s)
    if key is None:
        return []
    return [key] if len(key) == 1 else [key[i : i + 2] for i in range(len(key) - 1)]
