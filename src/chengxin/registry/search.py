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
from chengxin.registry.models import FeedConsumer, Subject, SubjectName
from chengxin.registry.staging import staged
from chengxin.standards.text import bigrams, clean_code, name_key

_CONSUMER = "search"
_STEP = 50_000
MIN_LENGTH = 2


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
        found = _by_code(code)
        if found:
            return found[offset : offset + limit]
    if len(key) < MIN_LENGTH:
        return []
    wanted = offset + limit
    ids = _exact(key, wanted)
    if len(ids) < wanted:
        ids += [i for i in _containing(key, wanted) if i not in ids]
    if len(ids) < wanted and len(key) <= 8:
        ids += [i for i in _abbreviated(key, wanted) if i not in ids]
    return _hits(ids[offset:wanted])


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
    rows = list(
        SubjectName.objects.filter(pk__gt=consumer.position).order_by("pk").values_list("pk", "name_key")[:_STEP]
    )
    if not rows:
        return 0
    with staged(_grams_of(rows)) as stage, writing(), connection.cursor() as cursor:
        moved = FeedConsumer.objects.filter(name=_CONSUMER, position=consumer.position).update(position=rows[-1][0])
        if moved:
            cursor.execute(_INSERT[connection.vendor].format(stage=stage))
    return len(rows)


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


def _by_code(code: str) -> list[Hit]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_subject WHERE code = %s", [code])
        ids = [r[0] for r in cursor.fetchall()]
        if not ids:
            cursor.execute("SELECT subject_id FROM registry_identifier WHERE value = %s", [code])
            ids = [r[0] for r in cursor.fetchall()]
        if not ids and len(code) == 9:
            cursor.execute("SELECT id FROM registry_subject WHERE organisation_code = %s LIMIT 20", [code])
            ids = [r[0] for r in cursor.fetchall()]
    return _hits(ids)


def _exact(key: str, limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_subject WHERE name_key = %s ORDER BY id LIMIT %s", [key, limit])
        return [r[0] for r in cursor.fetchall()]


def _containing(key: str, limit: int) -> list[int]:
    return _matching(sorted(set(bigrams(key))), f"%{_escaped(key)}%", limit)


def _abbreviated(key: str, limit: int) -> list[int]:
    """Names that have the characters in this order with others between them: 苏云精 finds 苏州云岭精密."""
    return _matching(sorted(set(key)), "%" + "%".join(_escaped(c) for c in key) + "%", limit)


def _matching(grams: list[str], pattern: str, limit: int) -> list[int]:
    if connection.vendor == "postgresql":
        sql = """SELECT n.subject_id FROM registry_name_grams g JOIN registry_subjectname n ON n.id = g.name_id
                 WHERE g.grams @> %s AND n.name_key LIKE %s LIMIT %s"""
        params: list[Any] = [[_token(g) for g in grams], pattern, limit]
    else:
        sql = """SELECT n.subject_id FROM registry_name_grams g JOIN registry_subjectname n ON n.id = g.rowid
                 WHERE registry_name_grams MATCH %s AND n.name_key LIKE %s ESCAPE '\\' LIMIT %s"""
        params = [" AND ".join(_token(g) for g in grams), pattern, limit]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(dict.fromkeys(r[0] for r in cursor.fetchall()))


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _hits(ids: list[int]) -> list[Hit]:
    if not ids:
        return []
    found = Subject.objects.exclude(kind="natural_person").in_bulk(ids)
    return [
        Hit(s.pk, s.code, s.name, s.name, s.region, s.status, s.provisional)
        for i in ids
        if (s := found.get(i)) is not None
    ]
