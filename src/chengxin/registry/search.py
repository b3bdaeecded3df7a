"""Search by code and by name, two characters of Chinese upwards, abbreviations included (S-11, R-102).

A bigram index over all names, current and former (trials.md section 4): FTS5 without positions on SQLite, a GIN index
over an array on PostgreSQL; single characters are in it too, for abbreviations whose characters stand apart. The index
follows the names table by id and is brought up to date after every merge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection

from chengxin.registry.lock import writing
from chengxin.registry.models import FeedConsumer, Subject, SubjectKind, SubjectName
from chengxin.registry.sql import false, true
from chengxin.registry.staging import staged
from chengxin.standards.text import bigrams, clean_code, name_key

_CONSUMER = "search"
_STEP = 50_000
MIN_LENGTH = 2
_SORTED = 200


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


def search(query: str, *, limit: int = 20, offset: int = 0) -> list[Hit]:
    """Subjects for a code, a part of a name, or an abbreviation; exact matches first. Too short a query finds nothing.

    Natural persons are never found, by nobody (design.md section 8): this is the search of the public.
    """
    key = name_key(query) or ""
    code = clean_code(query) or ""
    if _looks_like_code(code):
        hits = _by_code(code)
        if hits:
            return hits[offset : offset + limit]
    if len(key) < MIN_LENGTH:
        return []
    wanted = offset + limit
    found = _exact(key, wanted)
    if len(found) < wanted:
        found |= {i: n for i, n in _containing(key, wanted).items() if i not in found}
    if len(found) < wanted and len(key) <= 8:
        found |= {i: n for i, n in _abbreviated(key, wanted).items() if i not in found}
    return _hits(dict(list(found.items())[offset:wanted]))


def follow() -> int:
    """Index names that are not yet in the index; returns how many. Safe to run at any time and twice."""
    count = 0
    while step := _index_step():
        count += step
    return count


def behind() -> bool:
    newest = SubjectName.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    consumer = FeedConsumer.objects.filter(name=_CONSUMER).first()
    return newest > (consumer.position if consumer else 0)


def _index_step() -> int:
    """Index the next names in one set-based step; another follower that was quicker leaves nothing to do."""
    consumer, _ = FeedConsumer.objects.get_or_create(name=_CONSUMER)
    coming = SubjectName.objects.filter(pk__gt=consumer.position).order_by("pk")
    names = list(coming.values_list("pk", "name_key", "subject__kind")[:_STEP])
    if not names:
        return 0
    rows = [(pk, key) for pk, key, kind in names if kind != SubjectKind.NATURAL_PERSON]
    with staged(_grams_of(rows)) as stage, writing(), connection.cursor() as cursor:
        moved = FeedConsumer.objects.filter(name=_CONSUMER, position=consumer.position).update(position=names[-1][0])
        if moved:
            cursor.execute(_INSERT[connection.vendor].format(stage=stage))
    return len(names)


_INSERT = {
    "sqlite": "INSERT INTO registry_name_grams (rowid, grams) SELECT position, grams FROM {stage}",
    "postgresql": "INSERT INTO registry_name_grams (name_id, grams)"
    " SELECT position, string_to_array(grams, ' ') FROM {stage} ON CONFLICT (name_id) DO NOTHING",
}


def _grams_of(rows: list[tuple[int, str]]) -> pa.Table:
    """(name id, all its single characters and pairs as tokens) for the index."""
    names = pa.table({"position": [r[0] for r in rows], "k": [r[1] for r in rows]})
    with duckdb.connect() as con:
        con.register("names", names)
        return (
            con.sql(
                """SELECT position, array_to_string(list_transform(list_sort(list_distinct(list_concat(
                   list_transform(range(1, length(k) + 1), lambda i: substr(k, i, 1)),
                   list_transform(range(1, length(k)), lambda i: substr(k, i, 2))))),
                   lambda g: 'x' || lower(hex(encode(g)))), ' ') AS grams FROM names"""
            )
            .to_arrow_table()
            .cast(pa.schema([("position", pa.int64()), ("grams", pa.string())]))
        )


def _token(gram: str) -> str:
    """A gram as one word of letters and digits, which every tokenizer leaves whole."""
    return "x" + gram.encode().hex()


def _looks_like_code(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9A-Z]{6,18}", text))


Found = dict[int, str]
"""Subject id -> the name that matched, in the order of the answer."""


def _by_code(code: str) -> list[Hit]:
    found = _ask(f"SELECT u.id, u.name FROM registry_subject u WHERE u.code = %s AND {_seen()}", [code])
    if not found:
        found = _ask(
            f"""SELECT u.id, u.name FROM registry_identifier i JOIN registry_subject u ON u.id = i.subject_id
                WHERE i.value = %s AND {_seen()} ORDER BY u.id""",
            [code],
        )
    if not found and len(code) == 9:
        found = _ask(
            f"SELECT u.id, u.name FROM registry_subject u WHERE u.organisation_code = %s AND {_seen()} ORDER BY u.id"
            " LIMIT 20",
            [code],
        )
    return _hits(found)


def _exact(key: str, limit: int) -> Found:
    return _ask(
        f"SELECT u.id, u.name FROM registry_subject u WHERE u.name_key = %s AND {_seen()} ORDER BY u.id LIMIT %s",
        [key, limit],
    )


def _seen() -> str:
    """Whom the public may find: no natural person, and nobody known only from records that are not public."""
    return f"""u.kind <> 'natural_person' AND (u.provisional = {false()} OR EXISTS (
        SELECT 1 FROM registry_record r WHERE r.subject_id = u.id AND r.publish = {true()} AND r.held = {false()}))"""


def _ask(sql: str, params: list[Any]) -> Found:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: Found = {}
        for subject, name in cursor.fetchall():
            found.setdefault(subject, name)
        return found


def _containing(key: str, limit: int) -> Found:
    return _matching(sorted(set(bigrams(key))), f"%{_escaped(key)}%", limit)


def _abbreviated(key: str, limit: int) -> Found:
    """Names that have the characters in this order with others between them: 苏云精 finds 苏州云岭精密."""
    return _matching(sorted(set(key)), "%" + "%".join(_escaped(c) for c in key) + "%", limit)


def _matching(grams: list[str], pattern: str, limit: int) -> Found:
    """Subjects with such a name, the oldest entry first: both indexes give rows in the order in which they were added."""
    if connection.vendor == "postgresql":
        names = """registry_name_grams g JOIN registry_subjectname n ON n.id = g.name_id
                   JOIN registry_subject u ON u.id = n.subject_id WHERE g.grams @> %s AND n.name_key LIKE %s"""
        params: list[Any] = [[_token(g) for g in grams], pattern]
    else:
        names = """registry_name_grams g JOIN registry_subjectname n ON n.id = g.rowid
                   JOIN registry_subject u ON u.id = n.subject_id
                   WHERE registry_name_grams MATCH %s AND n.name_key LIKE %s ESCAPE '\\'"""
        params = [" AND ".join(_token(g) for g in grams), pattern]
    # A sort of all hits of a common word would read a million names; the first so many are the same every time.
    some = f"SELECT n.id, n.subject_id, n.name FROM {names} AND {_seen()} LIMIT %s"
    return _ask(
        f"SELECT subject_id, name FROM ({some}) AS hit ORDER BY id LIMIT %s", [*params, max(limit, _SORTED), limit]
    )


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _hits(found: Found) -> list[Hit]:
    subjects = Subject.objects.in_bulk(list(found))
    return [
        Hit(s.pk, s.code, name, s.name, s.region, s.status, s.provisional)
        for i, name in found.items()
        if (s := subjects.get(i)) is not None
    ]
