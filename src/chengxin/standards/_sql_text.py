"""The DuckDB forms of ``text``. Guards come first: most values are clean, and ``translate`` costs 3 µs for each."""

from __future__ import annotations

from typing import Final

from chengxin.standards import text
from chengxin.standards._sql_parts import BLANK_CLASS, Macro, char_class, contains_any, literal, matches, once

FULL_WIDTH: Final = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
HALF_WIDTH: Final = text.halfwidth(FULL_WIDTH)
FULL_WIDTH_CLASS: Final = char_class(ranges=((0xFF01, 0xFF5E), (0x3000, 0x3000)))

# First and last characters between these bounds are visible: the blanks lie at U+3000 and below, and at U+FEFF.
_VISIBLE = "({0} BETWEEN 33 AND 126 OR {0} BETWEEN 12289 AND 65278)"
_CHARACTER: Final = 4
"""Bytes of the longest character of UTF-8."""
_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"


def _starts_ordinary(count: int) -> str:
    """The first characters are digits, capital letters or common ideographs."""
    return f"regexp_matches(x, '^[0-9A-Z\\x{{4E00}}-\\x{{9FFF}}]{{{count}}}')"


def fold_width(value: str) -> str:
    """Fold full-width characters where there are any."""
    folded = f"translate({value}, {literal(FULL_WIDTH + '　')}, {literal(HALF_WIDTH + ' ')})"
    return f"CASE WHEN {contains_any(value, FULL_WIDTH_CLASS)} THEN {folded} ELSE {value} END"


def without_blanks(value: str) -> str:
    """Drop everything invisible."""
    return f"regexp_replace({value}, {literal(f'[{BLANK_CLASS}]+')}, '', 'g')"


def clean_text() -> Macro:
    """Strip invisible characters from both ends."""
    edges = literal(f"^[{BLANK_CLASS}]+|[{BLANK_CLASS}]+$")
    visible = _VISIBLE.format("unicode(ct)") + " AND " + _VISIBLE.format("unicode(ct[-1])")
    body = f"CASE WHEN {visible} THEN ct ELSE nullif(regexp_replace(ct, {edges}, '', 'g'), '') END"
    return Macro("clean_text", "x", once("x", "ct", body))


def clean_code() -> Macro:
    """Fold, upper-case, and drop every blank."""
    source, target = FULL_WIDTH + _LOWER, text.clean_code(HALF_WIDTH + _LOWER) or ""
    ascii_only = f"upper({without_blanks('cc')})"
    any_text = f"translate({without_blanks('cc')}, {literal(source)}, {literal(target)})"
    body = (
        f"CASE WHEN {matches('cc', '[!-`{-~]+')} THEN cc"
        f" WHEN strlen(cc) = length(cc) THEN nullif({ascii_only}, '')"
        f" WHEN {contains_any('cc', char_class(_LOWER) + FULL_WIDTH_CLASS + BLANK_CLASS)} THEN nullif({any_text}, '')"
        " ELSE cc END"
    )
    return Macro("clean_code", "x", once("x", "cc", body))


def is_filler() -> Macro:
    """Recognise placeholders; NULL is none."""
    longest = max(map(len, text.FILLERS))
    words = ", ".join(map(literal, text.FILLERS))
    run = f"length(fi) >= {text.FILLER_RUN} AND fi[1] = fi[2] AND fi = repeat(fi[1], length(fi))"
    body = (
        f"CASE WHEN length(x) <= {longest} AND fi IN ({words}) THEN true"
        f" WHEN {matches('fi', f'[{char_class(text.FILLER_SYMBOLS)}]+')} THEN true"
        f" WHEN {matches('fi', f'0{{{text.FILLER_RUN},}}X?')} THEN true ELSE {run} END"
    )
    # Ordinary characters that are not all the same begin no run and no row of symbols, and no placeholder word is that
    # long or holds a digit: nearly every value of a name, a number or a sentence leaves here, at a fiftieth of the cost.
    # So many bytes are more characters than that; only of what is shorter they are counted.
    two, three = _starts_ordinary(2), _starts_ordinary(3)
    no_word = f"(strlen(x) > {_CHARACTER * longest} OR length(x) > {longest} OR regexp_matches(x, '[0-9]'))"
    surely = f"{no_word} AND {two} AND (x[1] <> x[2] OR ({three} AND x[2] <> x[3]))"
    slow = once("clean_code(x)", "fi", body)
    return Macro("is_filler", "x", f"CASE WHEN x IS NULL OR ({surely}) THEN false ELSE coalesce({slow}, false) END")


def name_key() -> Macro:
    """Compute the comparison key of an organisation's name."""
    return _key("name_key", text.MIDDLE_DOTS, quick=[("（", "("), ("）", ")")])


def document_number_key() -> Macro:
    """Compute the comparison key of a decision number."""
    return _key(
        "document_number_key", "", quick=[*zip("〔[【（", "((((", strict=True), *zip("〕]】）", "))))", strict=True)]
    )


def _key(name: str, dots: str, quick: list[tuple[str, str]]) -> Macro:
    source = FULL_WIDTH + _LOWER + text.OPEN_BRACKETS + text.CLOSE_BRACKETS + dots
    target = (text.document_number_key(source) or "").translate({ord(dot): ord("·") for dot in dots})
    changing = char_class(_LOWER + text.OPEN_BRACKETS + text.CLOSE_BRACKETS + dots) + FULL_WIDTH_CLASS
    whole = f"translate(kr, {literal(source)}, {literal(target)})"
    rest = f"CASE WHEN {contains_any('kr', changing)} THEN {whole} ELSE nullif(kr, '') END"
    # Brackets and blanks are the usual reasons to be here, and replacing is 60 times cheaper than translate.
    replaced = without_blanks("kv")
    for old, new in quick:
        replaced = f"replace({replaced}, {literal(old)}, {literal(new)})"
    changes = contains_any("kv", changing + BLANK_CLASS)
    body = f"CASE WHEN {changes} THEN {once(replaced, 'kr', rest)} ELSE nullif(kv, '') END"
    return Macro(name, "x", once("x", "kv", body))


TEXT_MACROS: Final = (clean_text(), clean_code(), is_filler(), name_key(), document_number_key())
