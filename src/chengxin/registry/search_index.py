"""The index under the search of names: pairs of characters, single characters, and initials in pinyin (S-11, R-102).

FTS5 without positions on SQLite, a GIN index over an array on PostgreSQL (trials.md section 4). Single characters serve
abbreviations whose characters stand apart; three initials in a row serve those who type 拼音首字母. The index follows the
names table by id and is brought up to date after every merge.
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa
from django.db import connection
from pypinyin import Style, lazy_pinyin

from chengxin.registry.lock import writing
from chengxin.registry.models import FeedConsumer, SubjectKind, SubjectName
from chengxin.registry.staging import staged

CONSUMER = "search"
INITIALS = 3
"""So many initials make a token: fewer of them fit every other name."""

_STEP = 50_000
_READINGS = {"银行": "YH", "重庆": "CQ", "厦门": "XM", "长春": "CC", "音乐": "YY", "会计": "KJ", "朝阳": "CY"}
"""Common words in which a character is not read as it is alone."""
_SILENT = re.compile(r"[^A-Z0-9\n]")


def follow() -> int:
    """Index names that are not yet in the index; returns how many. Safe to run at any time and twice."""
    count = 0
    while step := _index_step():
        count += step
    return count


def behind() -> bool:
    newest = SubjectName.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    consumer = FeedConsumer.objects.filter(name=CONSUMER).first()
    return newest > (consumer.position if consumer else 0)


def token(gram: str) -> str:
    """A gram as one word of letters and digits, which every tokenizer leaves whole."""
    return "x" + gram.encode().hex()


def initials_token(three: str) -> str:
    """Three initials as a word that no gram of a name can be."""
    return "p" + three.lower()


def initials(keys: str) -> str:
    """The initials of names in pinyin, line by line: letters and digits stay, what is not read falls away.

    One pass over the whole text; only its distinct characters are looked up one by one.
    """
    for word, letters in _READINGS.items():
        keys = keys.replace(word, letters)
    return _SILENT.sub("", keys.upper().translate(_letters(frozenset(keys))))


def _letters(characters: frozenset[str]) -> dict[int, str]:
    chinese = [c for c in characters if ord(c) > 0x2E7F]
    read = zip(chinese, (lazy_pinyin(c, style=Style.FIRST_LETTER)[0] for c in chinese), strict=True)
    return {ord(c): letter[:1].upper() for c, letter in read}


def _index_step() -> int:
    """Index the next names in one set-based step; another follower that was quicker leaves nothing to do."""
    consumer, _ = FeedConsumer.objects.get_or_create(name=CONSUMER)
    coming = SubjectName.objects.filter(pk__gt=consumer.position).order_by("pk")
    names = list(coming.values_list("pk", "name_key", "subject__kind")[:_STEP])
    if not names:
        return 0
    rows = [(pk, key) for pk, key, kind in names if kind != SubjectKind.NATURAL_PERSON]
    with staged(_grams_of(rows)) as stage, writing(), connection.cursor() as cursor:
        moved = FeedConsumer.objects.filter(name=CONSUMER, position=consumer.position).update(position=names[-1][0])
        if moved:
            cursor.execute(_INSERT[connection.vendor].format(stage=stage))
    return len(names)


_INSERT = {
    "sqlite": "INSERT INTO registry_name_grams (rowid, grams) SELECT position, grams FROM {stage}",
    "postgresql": "INSERT INTO registry_name_grams (name_id, grams)"
    " SELECT position, string_to_array(grams, ' ') FROM {stage} ON CONFLICT (name_id) DO NOTHING",
}


def _grams_of(rows: list[tuple[int, str]]) -> pa.Table:
    """(name id, all its single characters, pairs and threes of initials as tokens) for the index."""
    keys = [key.replace("\n", "") for _, key in rows]
    names = pa.table(
        {"position": [pk for pk, _ in rows], "k": keys, "i": initials("\n".join(keys)).split("\n")[: len(rows)]}
    )
    with duckdb.connect() as con:
        con.register("names", names)
        return (
            con.sql(
                f"""SELECT position, array_to_string(list_sort(list_distinct(list_concat(
                   list_transform(list_concat(
                       list_transform(range(1, length(k) + 1), lambda i: substr(k, i, 1)),
                       list_transform(range(1, length(k)), lambda i: substr(k, i, 2))),
                       lambda g: 'x' || lower(hex(encode(g)))),
                   list_transform(range(1, length(i) - {INITIALS - 2}), lambda n: 'p' || lower(substr(i, n, {INITIALS})))))),
                   ' ') AS grams FROM names"""
            )
            .to_arrow_table()
            .cast(pa.schema([("position", pa.int64()), ("grams", pa.string())]))
        )
