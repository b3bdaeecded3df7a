"""Search by code and by name: two characters upwards, abbreviations, former names, initials in pinyin (S-11, R-102).

Nothing found is asked again with one character wrong. The index and how it follows the names: `search_index`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection
from django.utils import timezone

from chengxin.registry.public import known_sql
from chengxin.registry.search_index import INITIALS, behind, follow, initials, initials_token, token
from chengxin.registry.sql import asked
from chengxin.standards.text import bigrams, clean_code, name_key

__all__ = ["MIN_LENGTH", "MOST", "Answer", "Hit", "Where", "behind", "find", "follow", "search"]

MIN_LENGTH = 2
MOST = 200
"""Ten pages: whoever finds more needs a better question; counts beyond it are not exact either. Among half a million subjects
two characters find more than five hundred nearly always, and each costs the database a look into three tables."""

ENOUGH = 20
"""Whoever has so many names that say what was typed is not shown those with other characters between: a page of them."""

_SORTED = 200
_LONGEST_ABBREVIATION = 8
_LONGEST_TYPO = 16
_CANDIDATES = 3000
_NARROWED = 20_000
"""So many names are looked at to find those that fit a filter: a common word with a rare filter would read them all."""
_NEAR = 20


@dataclass(frozen=True)
class Hit:
    """A found subject; `name` is the name that matched, which may be a former one."""

    subject_id: int
    code: str
    name: str
    current_name: str
    region: str
    status: str
    provisional: bool
    kind: str = "organisation"


@dataclass(frozen=True)
class Where:
    """What else must be true of a subject: its region (the first digits of a division), kind and status."""

    region: str = ""
    kind: str = ""
    status: str = ""

    @property
    def empty(self) -> bool:
        return not (self.region or self.kind or self.status)


@dataclass
class Answer:
    """Up to `MOST` subjects in order. `near` says that they only nearly match; `counts` per region, kind and status."""

    found: Found
    near: bool = False
    counts: Mapping[str, Counter[str]] = field(default_factory=dict)

    @property
    def capped(self) -> bool:
        return len(self.found) >= MOST

    def hits(self, offset: int, limit: int) -> list[Hit]:
        return _hits(self.found, offset, limit)


Row = tuple[int, str, str, str, str, str, bool, str]
"""What a statement gives of a subject: id, the name that matched, code, current name, region, status, whether it is
provisional, kind. One statement finds hundreds and tells all that a page, its filters and its counts need."""

Found = dict[int, Row]
"""Subject id -> its row, in the order of the answer."""

_TOLD = "u.code, u.name, u.region, u.status, u.provisional, u.kind"


def search(query: str, *, limit: int = 20, offset: int = 0) -> list[Hit]:
    """Subjects for a code, a part of a name, an abbreviation or initials; exact matches first.

    Natural persons are never found, by nobody (design.md section 8): this is the search of the public. Too short a query
    finds nothing.
    """
    return _hits(_found(query, offset + limit, Where()), offset, limit)


def find(query: str, where: Where | None = None) -> Answer:
    """The same for a page with filters: everything up to `MOST`, near names where nothing fits, and counts."""
    where = where or Where()
    found, near = _found(query, MOST, where), False
    if not found and where.empty:
        found, near = _nearly(query), True
    return Answer(found, near and bool(found), _counts(found))


def _found(query: str, wanted: int, where: Where) -> Found:
    key = name_key(query) or ""
    code = clean_code(query) or ""
    if re.fullmatch(r"[0-9A-Z]{6,18}", code):
        found = _by_code(code, where)
        if found:
            return found
    if len(key) < MIN_LENGTH:
        return {}
    found = _exact(key, wanted, where)
    if len(found) < wanted:
        found |= _new(found, _containing(key, wanted, where))
    if len(found) < min(wanted, ENOUGH) and len(key) <= _LONGEST_ABBREVIATION:
        found |= _new(found, _abbreviated(key, wanted, where))
    if len(found) < min(wanted, ENOUGH) and len(key) >= INITIALS and re.fullmatch("[A-Z0-9]*[A-Z][A-Z0-9]*", key):
        found |= _new(found, _by_initials(key, wanted, where))
    return dict(list(found.items())[:wanted])


def _new(found: Found, more: Found) -> Found:
    return {i: row for i, row in more.items() if i not in found}


def _by_code(code: str, where: Where) -> Found:
    seen, values = _seen(where)
    found = _ask(f"SELECT u.id, u.name, {_TOLD} FROM registry_subject u WHERE u.code = %s AND {seen}", [code, *values])
    if not found:
        found = _ask(
            f"""SELECT u.id, u.name, {_TOLD} FROM registry_identifier i JOIN registry_subject u ON u.id = i.subject_id
                WHERE i.value = %s AND {seen} ORDER BY u.id""",
            [code, *values],
        )
    if not found and len(code) == 9:
        found = _ask(
            f"SELECT u.id, u.name, {_TOLD} FROM registry_subject u WHERE u.organisation_code = %s AND {seen} ORDER BY u.id"
            " LIMIT 20",
            [code, *values],
        )
    return found


def _exact(key: str, limit: int, where: Where) -> Found:
    seen, values = _seen(where)
    return _ask(
        f"SELECT u.id, u.name, {_TOLD} FROM registry_subject u WHERE u.name_key = %s AND {seen} ORDER BY u.id LIMIT {limit:d}",
        [key, *values],
    )


def _seen(where: Where) -> tuple[str, list[Any]]:
    """Whom the public may find today: no natural person, and nobody known only from records that are not public."""
    known, values = known_sql(timezone.localdate())
    terms = [known]
    for term, value in (
        ("u.kind = %s", where.kind),
        ("u.status = %s", where.status),
        ("u.region LIKE %s", where.region and f"{where.region}%"),
    ):
        if value:
            terms.append(term)
            values.append(value)
    return " AND ".join(terms), values


def _ask(sql: str, params: list[Any]) -> Found:
    found: Found = {}
    for row in asked(sql, params):
        found.setdefault(row[0], row)
    return found


def _containing(key: str, limit: int, where: Where) -> Found:
    return _matching([_all(bigrams(key))], [f"%{_escaped(key)}%"], limit, where)


def _abbreviated(key: str, limit: int, where: Where) -> Found:
    """Names that have the characters in this order with others between them: 苏云精 finds 苏州云岭精密."""
    return _matching([_all(key)], ["%" + "%".join(_escaped(c) for c in key) + "%"], limit, where)


def _by_initials(key: str, limit: int, where: Where) -> Found:
    """Names whose characters begin so in pinyin: NJWY finds 南京王一. The tokens can stand apart, so each hit is read."""
    threes = [initials_token(key[n : n + INITIALS]) for n in range(len(key) - INITIALS + 1)]
    found = _matching([sorted(set(threes))], ["%"], limit, where)
    read = initials("\n".join(name_key(name) or "" for _, name, *_ in found.values())).split("\n")
    return {i: row for (i, row), letters in zip(found.items(), read, strict=False) if key in letters}


def _nearly(query: str) -> Found:
    """Names that differ from the query by one wrong or one superfluous character."""
    key = name_key(query) or ""
    if not INITIALS <= len(key) <= _LONGEST_TYPO:
        return {}
    tokens, patterns = [], []
    for at in range(len(key)):
        before, after = key[:at], key[at + 1 :]
        pairs = [g for part in (before, after) if len(part) > 1 for g in bigrams(part)]
        tokens.append(_all(pairs or [*before, *after]))
        patterns += [f"%{_escaped(before)}{gap}{_escaped(after)}%" for gap in ("_", "")]
    return _matching(tokens, patterns, _NEAR, Where(), candidates=_CANDIDATES)


def _all(grams: Iterable[str]) -> list[str]:
    return [token(g) for g in sorted(set(grams))]


def _matching(
    tokens: list[list[str]], patterns: list[str], limit: int, where: Where, *, candidates: int | None = None
) -> Found:
    """Subjects with such a name, the oldest entry first: both indexes give rows in the order in which they were added.

    A name has all tokens of one of the groups and fits one of the patterns; at most so many `candidates` are compared.
    """
    seen, values = _seen(where)
    names, condition, params = _names(tokens, candidates or (None if where.empty else _NARROWED))
    likes = " OR ".join(["n.name_key LIKE %s ESCAPE '\\'"] * len(patterns))
    # A sort of all hits of a common word would read a million names; the first so many are the same every time.
    some = f"""SELECT n.id AS place, u.id, n.name AS matched, {_TOLD} FROM {names}
               WHERE {condition} AND ({likes}) AND {seen} LIMIT {max(limit, _SORTED):d}"""
    told = _TOLD.replace("u.", "")
    # How many stands in the statement: a plan that is kept for any number expects a tenth of the table.
    return _ask(
        f"SELECT id, matched, {told} FROM ({some}) AS hit ORDER BY place LIMIT {limit:d}", [*params, *patterns, *values]
    )


def _names(tokens: list[list[str]], candidates: int | None) -> tuple[str, str, list[Any]]:
    """The names that have the tokens (n) with their subjects (u), as a part of FROM, a condition, and the values of both;
    `candidates` are chosen before anything is compared."""
    if connection.vendor == "postgresql":
        return _names_of_array(tokens, candidates)
    asked = " OR ".join(f"({' AND '.join(group)})" for group in tokens)
    rest = "JOIN registry_subjectname n ON n.id = g.rowid JOIN registry_subject u ON u.id = n.subject_id"
    if candidates is None:
        return f"registry_name_grams g {rest}", "registry_name_grams MATCH %s", [asked]
    first = f"SELECT rowid FROM registry_name_grams WHERE registry_name_grams MATCH %s LIMIT {candidates}"
    return f"({first}) AS g {rest}", "1 = 1", [asked]


def _names_of_array(tokens: list[list[str]], candidates: int | None) -> tuple[str, str, list[Any]]:
    """PostgreSQL's planner takes the pairs of a name and its LIKE for independent, expects one name of a million, and
    reads them all; so fences tell it to begin with the index and to follow from name to name, as far as is asked for. A
    LIMIT where none is needed would make it read the table for words that one name in twenty has."""
    fence = f"LIMIT {candidates}" if candidates else "OFFSET 0"
    any_group = " OR ".join(["grams @> %s"] * len(tokens))
    return (
        f"""(SELECT name_id FROM registry_name_grams WHERE {any_group} {fence}) AS g
            CROSS JOIN LATERAL (SELECT id, name, name_key, subject_id FROM registry_subjectname
                                WHERE id = g.name_id LIMIT 1) AS n
            CROSS JOIN LATERAL (SELECT id, code, name, region, status, provisional, kind FROM registry_subject
                                WHERE id = n.subject_id LIMIT 1) AS u""",
        "true",
        list(tokens),
    )


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _hits(found: Found, offset: int, limit: int) -> list[Hit]:
    return [
        Hit(pk, code, name, current, region, status, bool(provisional), kind)
        for pk, name, code, current, region, status, provisional, kind in islice(found.values(), offset, offset + limit)
    ]


def _counts(found: Found) -> dict[str, Counter[str]]:
    """How many of the found stand in each region, are of each kind and have each status: at most `MOST` rows."""
    counts: dict[str, Counter[str]] = {"region": Counter(), "kind": Counter(), "status": Counter()}
    for (region, kind, status), number in Counter((r[4], r[7], r[5]) for r in found.values()).items():
        for name, value in (("region", region), ("kind", kind), ("status", status)):
            counts[name][value] += number
    return counts
