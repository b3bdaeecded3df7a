"""What each field type asks of a cell, in SQL, and the examples that prove it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from chengxin.policy.drafts import Draft, Tables, draft_of
from chengxin.policy.errors import Mismatch
from chengxin.policy.fields import Field
from chengxin.policy.messages import UNITS
from chengxin.policy.packs import CodeTable
from chengxin.standards.citizen_id import citizen_id_problem
from chengxin.standards.organisation_code import organisation_code_problem
from chengxin.standards.registration_number import registration_number_problem
from chengxin.standards.tax_number import tax_number_problem
from chengxin.standards.uscc import uscc_inner_ok, uscc_problem

PARSED = ("date", "amount", "integer", "year", "code", "code_set")
"""Types whose typed column is NULL when the cell cannot be read; of the others it is the text itself."""

PERSONAL = ("citizen_id", "phone")

LETTERS = r"(?s).*\p{L}.*"
OLD_NUMBER = "[0-9]{15}|[0-9]{13}|[0-9]{6}NA[0-9]{6}X"
ORGANISATION_SHAPE = "[0-9A-Z]{8}-?[0-9X]"
PHONE = r"[+]?[0-9(（][0-9()（）转\-,*#]{5,24}"
INNER_WRONG = "91320000MA12345605"
"""A code whose outer check character is right and whose inner one is wrong (domain.md 1.4)."""

OLD_GOOD, OLD_WRONG = "320500000012344", "320500000012345"
DIGITS = {"integer": "-?[0-9]+", "year": "[0-9]{4}"}
LISTED = 12
"""So many values of a code table are named in a message; longer tables are described."""


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def cell(f: Field) -> str:
    """The column with the cleaned text."""
    return f'"{f.id}_text"'


def value(f: Field) -> str:
    """The typed column."""
    return f'"{f.id}"'


def known(f: Field, typed: str) -> str:
    """Whether the cell of a parsed type could be read; a set must be read to the last of its values."""
    if f.type != "code_set":
        return f"{typed} IS NOT NULL"
    return f"len({typed}) > 0 AND len(list_filter({typed}, lambda v: v IS NULL)) = 0"


def unless_filler(f: Field, test: str) -> str:
    """In a column that may be empty a filler has no form to get wrong; it has a warning of its own.

    CASE, because DuckDB then looks for fillers only among the few cells that fail.
    """
    return test if f.required else f"CASE WHEN coalesce({test}, TRUE) THEN TRUE ELSE is_filler({cell(f)}) END"


def filled(f: Field) -> str:
    """Whether there is a value and not only a filler."""
    return f"({cell(f)} IS NOT NULL AND NOT is_filler({cell(f)}))"


def shown(f: Field) -> str:
    """What a receipt may quote of the cell: of personal numbers only the beginning and the end."""
    if f.type in PERSONAL:
        return f"concat(left({cell(f)}, 3), '****', right({cell(f)}, 2))"
    return cell(f)


def of_type(f: Field, number: int, tables: Tables) -> Iterator[Draft]:
    """The checks of the field's type. Raises `Mismatch` when the field's example is not of its type."""
    maker = _TYPES.get(f.type)
    if maker is not None:
        for made in maker(f, tables):
            yield replace(made, test=unless_filler(f, f"({made.test})"), found=shown(f))
    _check_example(f, number)


def _check_example(f: Field, number: int) -> None:
    problem = _EXAMPLES.get(f.type)
    if problem is not None and f.example is not None and (what := problem(f.example)):
        raise Mismatch(f"{f.example!r} ({what})", f"a good value of type {f.type}", ("field", number, "example"))


def _rows(f: Field, bad: str) -> dict[str, object]:
    return {"good": ({f.id: f.example or ""},), "bad": ({f.id: bad},)}


def spoiled(text: str, problem: Callable[[str], str | None]) -> str:
    """The text with its last character changed so that the check fails."""
    for last in "0123456789ABCDEFGHJKLMNPQRTUWXY":
        if problem(text[:-1] + last) == "check":
            return text[:-1] + last
    return text + "0"


def _uscc(f: Field, tables: Tables) -> Iterator[Draft]:
    yield draft_of(f, "uscc", _uscc_or_listed(f, tables), **_rows(f, spoiled(f.example or "", uscc_problem)))
    yield _inner(f, tables)


def _uscc_or_listed(f: Field, tables: Tables) -> str:
    """A right check character, or one of the wrong codes that were really given out and are listed as data."""
    table = tables.get(f.table_of_exceptions)
    listed = [literal(row.code) for row in table.rows] if table else []
    return f"uscc_ok({cell(f)})" + (f" OR {cell(f)} IN ({', '.join(listed)})" if listed else "")


def _inner(f: Field, tables: Tables) -> Draft:
    good = (
        f.example if uscc_problem(f.example or "") is None and uscc_inner_ok(f.example or "") else "91350100M000100Y43"
    )
    test = f"CASE WHEN uscc_inner_ok({cell(f)}) THEN TRUE ELSE NOT uscc_ok({cell(f)}) END"
    return draft_of(f, "inner", test, good=({f.id: good},), bad=({f.id: INNER_WRONG},))


def _subject_code(f: Field, tables: Tables) -> Iterator[Draft]:
    old = f"regexp_full_match({cell(f)}, '{OLD_NUMBER}')"
    bad = spoiled(f.example or "", uscc_problem) if len(f.example or "") == 18 else "32050000001"
    yield draft_of(f, "subject_code", f"{_uscc_or_listed(f, tables)} OR {old}", **_rows(f, bad))
    yield _inner(f, tables)
    yield draft_of(f, "legacy", f"NOT {old}", good=({f.id: "91350100M000100Y43"},), bad=({f.id: OLD_GOOD},))
    test = f"NOT {old} OR registration_number_ok({cell(f)})"
    yield draft_of(f, "legacy-check", test, good=({f.id: OLD_GOOD},), bad=({f.id: OLD_WRONG},))


def _organisation_code(f: Field, tables: Tables) -> Iterator[Draft]:
    shape = f"regexp_full_match({cell(f)}, '{ORGANISATION_SHAPE}')"
    yield draft_of(f, "organisation_code", shape, **_rows(f, "1234"))
    test = f"CASE WHEN organisation_code_ok({cell(f)}) THEN TRUE ELSE NOT {shape} END"
    yield draft_of(f, "check", test, **_rows(f, spoiled(f.example or "", organisation_code_problem)))


def _macro(kind: str, call: str, problem: Callable[[str], str | None]) -> Callable[..., Iterator[Draft]]:
    def made(f: Field, tables: Tables) -> Iterator[Draft]:
        yield draft_of(f, kind, call.format(cell(f)), **_rows(f, spoiled(f.example or "", problem)))

    return made


def _matching(kind: str, pattern: str, bad: str) -> Callable[..., Iterator[Draft]]:
    def made(f: Field, tables: Tables) -> Iterator[Draft]:
        parts = {"other": (f.example or "", f.example or "")}
        yield draft_of(f, kind, f"regexp_full_match({cell(f)}, {literal(pattern)})", parts=parts, **_rows(f, bad))

    return made


def _read(kind: str, bad: str) -> Callable[..., Iterator[Draft]]:
    def made(f: Field, tables: Tables) -> Iterator[Draft]:
        parts = {"limit": UNITS[f.unit]} if f.type == "amount" else {}
        readable = f"{value(f)} IS NOT NULL"
        if kind in DIGITS:  # a cast alone would round 12.5 to 13
            readable += f" AND regexp_full_match({cell(f)}, '{DIGITS[kind]}')"
        yield draft_of(f, kind, f"{cell(f)} IS NULL OR {readable}", parts=parts, **_rows(f, bad))
        if f.type == "amount":
            test = f"{value(f)} = round({value(f)}, 2)"
            yield draft_of(f, "precision", test, parts=parts, **_rows(f, "0.0000001" if f.unit == "wan" else "0.001"))

    return made


def _coded(f: Field, tables: Tables) -> Iterator[Draft]:
    table = tables.get(f.table or "")
    kind = "codes" if f.type == "code" else "code_set"
    words = _values(table)
    parts = {"other": (table.label, table.label_en or table.label) if table else ("", ""), "limit": words}
    test = f"{cell(f)} IS NULL OR ({known(f, value(f))})"
    yield replace(draft_of(f, kind, test, parts=parts, **_rows(f, "代码表里没有的值")), id=f"{f.id}.codes")


def _values(table: CodeTable | None) -> tuple[str, str]:
    labels = table.labels if table else ()
    if len(labels) <= LISTED:
        return "、".join(labels), ", ".join(labels)
    return "、".join(labels[:LISTED]) + f" 等 {len(labels)} 项", ", ".join(
        labels[:LISTED]
    ) + f" … ({len(labels)} values)"


def _citizen_problem(text: str) -> str | None:
    return citizen_id_problem(text, date(2100, 1, 1))


def _date_problem(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        return str(error)
    return None


def _subject_problem(text: str) -> str | None:
    return uscc_problem(text) if len(text) == 18 else registration_number_problem(text)


_TYPES: dict[str, Callable[..., Iterator[Draft]]] = {
    "name": _matching("name", LETTERS, "12345"),
    "person_name": _matching("person_name", LETTERS, "12345"),
    "phone": _matching("phone", PHONE, "12AB"),
    "document_number": _matching("document_number", "(?s).*[0-9０-９〇一二三四五六七八九十].*", "待定"),
    "uscc": _uscc,
    "subject_code": _subject_code,
    "organisation_code": _organisation_code,
    "registration_number": _macro(
        "registration_number", "registration_number_ok({0}) OR uscc_ok({0})", registration_number_problem
    ),
    "tax_number": _macro("tax_number", "tax_number_ok({0})", tax_number_problem),
    "citizen_id": _macro("citizen_id", "citizen_id_ok({0}, today)", _citizen_problem),
    "date": _read("date", "2026-02-30"),
    "amount": _read("amount", "约五万"),
    "integer": _read("integer", "三个"),
    "year": _read("year", "二〇二六"),
    "code": _coded,
    "code_set": _coded,
}

_EXAMPLES: dict[str, Callable[[str], str | None]] = {
    "uscc": uscc_problem,
    "subject_code": _subject_problem,
    "organisation_code": organisation_code_problem,
    "registration_number": registration_number_problem,
    "tax_number": tax_number_problem,
    "citizen_id": _citizen_problem,
    "date": _date_problem,
}
