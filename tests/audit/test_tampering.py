"""T1 to T17 of anchors.md 4.2: whoever reaches beneath the application is found, with the first bad index and the kind.

Each test alters storage as the owner of the database would, then verifies. What the log cannot see is said so.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from chengxin.audit import keys, sealing
from chengxin.audit.models import Checkpoint, Event, Leaf, LogKey, Tile
from chengxin.audit.notes import signed, statement
from chengxin.audit.verifying import Report, verify
from chengxin.registry.models import Record, RecordVersion
from chengxin.standards.merkle import SUITES, included

from . import book
from .book import one, tamper

pytestmark = pytest.mark.usefixtures("store")


def leaf_of(event: int) -> int:
    return Leaf.objects.get(kind="event", ref=event).index


def some_event(place: int = 100) -> int:
    return list(Event.objects.order_by("pk").values_list("pk", flat=True))[place]


def newest_change() -> int:
    return Record.objects.order_by("pk")[1].change


Story = tuple[Callable[[], int], str]
"""A tampering that returns the index it must be found at, and the kind it must be called."""


def change_event(column: str, value: str) -> Callable[[], int]:
    def work() -> int:
        event = some_event()
        tamper(f"UPDATE audit_event SET {column} = %s WHERE id = %s", value, event)
        return leaf_of(event)

    return work


def delete_event(place: int) -> Callable[[], int]:
    def work() -> int:
        event = some_event(place)
        index = leaf_of(event)
        tamper("DELETE FROM audit_event WHERE id = %s", event)
        return index

    return work


def swap_events() -> int:
    a, b = some_event(50), some_event(60)
    tamper("UPDATE audit_event SET object = CASE id WHEN %s THEN '60' ELSE '50' END WHERE id IN (%s, %s)", a, a, b)
    return leaf_of(a)


def flip(value: bytes, bit: int = 0) -> bytes:
    return bytes([value[0] ^ 1 << bit]) + value[1:]


def flip_leaf(index: int) -> Callable[[], int]:
    def work() -> int:
        bound = bytes(Leaf.objects.get(pk=index).commitment)
        tamper('UPDATE audit_leaf SET "commitment" = %s WHERE "index" = %s', flip(bound), index)
        return index

    return work


def flip_tile() -> int:
    tile = Tile.objects.get(level=0, index=1)
    tamper("UPDATE audit_tile SET hashes = %s WHERE id = %s", flip(bytes(tile.hashes)), tile.pk)
    return 256


def flip_tile_root() -> int:
    tile = Tile.objects.get(level=0, index=1)
    tamper("UPDATE audit_tile SET root = %s WHERE id = %s", flip(bytes(tile.root)), tile.pk)
    return 256


def flip_signature() -> int:
    first, second = Checkpoint.objects.order_by("pk")
    text, _, line = second.note.rpartition(" ")
    raw = base64.b64decode(line)
    forged = base64.b64encode(raw[:10] + flip(raw[10:])).decode()
    tamper("UPDATE audit_checkpoint SET note = %s WHERE id = %s", f"{text} {forged}\n", second.pk)
    return first.size


def delete_leaf() -> int:
    tamper('DELETE FROM audit_leaf WHERE "index" = 40')
    return 40


def delete_tile() -> int:
    tamper("DELETE FROM audit_tile WHERE level = 0 AND index = 1".replace("index", '"index"'))
    return 256


def delete_first_checkpoint() -> int:
    tamper("DELETE FROM audit_checkpoint WHERE id = 1")
    return 0


def add_leaf() -> int:
    size = sealing.size_now()
    tamper(
        'INSERT INTO audit_leaf ("index", kind, ref, salt, note, "commitment") VALUES (%s, %s, %s, %s, %s, %s)',
        size, "event", 10**6, b"s" * 32, "", b"c" * 32,
    )  # fmt: skip
    return size


def swap_leaves() -> int:
    a, b = (bytes(Leaf.objects.get(pk=n).commitment) for n in (20, 21))
    tamper(
        'UPDATE audit_leaf SET "commitment" = CASE "index" WHEN 20 THEN %s ELSE %s END WHERE "index" IN (20, 21)', b, a
    )
    return 20


def record_leaf(change: int) -> int:
    return Leaf.objects.get(kind="record", ref=change).index


def change_version(column: str, value: Any) -> Callable[[], int]:
    def work() -> int:
        change = newest_change()
        tamper(f"UPDATE registry_recordversion SET {column} = %s WHERE id = %s", value, change)
        return record_leaf(change)

    return work


def change_head(column: str, value: Any) -> Callable[[], int]:
    def work() -> int:
        head = Record.objects.order_by("pk")[1]
        tamper(f"UPDATE registry_record SET {column} = %s WHERE id = %s", value, head.pk)
        return record_leaf(head.change)

    return work


def delete_version() -> int:
    change = newest_change()
    index = record_leaf(change)
    tamper("DELETE FROM registry_recordversion WHERE id = %s", change)
    return index


def delete_head() -> int:
    head = Record.objects.order_by("pk")[1]
    tamper("DELETE FROM registry_record WHERE id = %s", head.pk)
    return record_leaf(head.change)


def put_back() -> int:
    """The disputed and upheld record is made to show its first state again."""
    head = Record.objects.order_by("pk").first()
    assert head is not None
    old, passed_over = RecordVersion.objects.filter(record=head).order_by("number")[:2]
    tamper("UPDATE registry_record SET change = %s, number = 1 WHERE id = %s", old.pk, head.pk)
    return record_leaf(passed_over.pk)


def insert_version() -> int:
    change = newest_change()
    tamper(
        "INSERT INTO registry_recordversion (id, record_id, number, action, standing, held, severity, subject_id_then,"
        " payload, content_hash, item_version, actor, reason, \"case\", recorded_at)"
        " SELECT -7, record_id, 0, action, standing, held, severity, subject_id_then, payload, content_hash,"
        " item_version, actor, reason, \"case\", recorded_at FROM registry_recordversion WHERE id = %s", change,
    )  # fmt: skip
    return min(leaf.index for leaf in Leaf.objects.filter(kind="record"))


def drop_salt() -> int:
    tamper('UPDATE audit_leaf SET salt = NULL WHERE "index" = 77')
    return 77


def replace_key() -> int:
    made = keys.provider("Ed25519").generate()
    tamper("UPDATE audit_logkey SET public = %s WHERE number = 1", made.public)
    return 0


def announce_late() -> int:
    """A second key that says it took over before anybody heard of it."""
    made = keys.provider("Ed25519").generate()
    first = Checkpoint.objects.order_by("pk").first()
    assert first is not None
    LogKey.objects.create(number=2, algorithm="Ed25519", public=made.public, since=first.size)
    return first.size


STORIES: dict[str, Story] = {
    "T1 the actor of an audit row": (change_event("actor", "somebody"), "event-changed"),
    "T1 the object of an audit row": (change_event("object", "9999"), "event-changed"),
    "T1 the action of an audit row": (change_event("action", "batch.released"), "event-changed"),
    "T1 the moment of an audit row": (change_event("at", "2026-01-01 00:00:00+00:00"), "event-changed"),
    "T1 the detail of an audit row": (change_event("detail", '{"file": "none"}'), "event-changed"),
    "T2 a bit of a leaf in a full tile": (flip_leaf(33), "leaf"),
    "T2 a bit of a node": (flip_tile, "leaf"),
    "T2 a bit of the hash over a tile": (flip_tile_root, "tile"),
    "T2 a bit of a signature": (flip_signature, "signature"),
    "T3 the first row": (delete_event(0), "event-missing"),
    "T3 a row in the middle": (delete_event(350), "event-missing"),
    "T3 the last row": (delete_event(-1), "event-missing"),
    "T3 a leaf": (delete_leaf, "leaf-missing"),
    "T3 a tile": (delete_tile, "tile-missing"),
    "T3 a checkpoint": (delete_first_checkpoint, "checkpoint-missing"),
    "T4 a leaf behind the last": (add_leaf, "leaf-extra"),
    "T5 two rows swapped": (swap_events, "event-changed"),
    "T5 two leaves swapped": (swap_leaves, "leaf"),
    "T9 the content of a published record": (
        change_version("payload", '{"document_number": "别的"}'),
        "record-changed",
    ),
    "T9 the standing of a version": (change_version("standing", "repaired"), "record-changed"),
    "T9 who changed it": (change_version("actor", "nobody"), "record-changed"),
    "T9 a version deleted": (delete_version, "record-missing"),
    "T9 a version slipped in": (insert_version, "record-inserted"),
    "T9 an older state shown again": (put_back, "published-record"),
    "T10 hidden by its standing": (change_head("standing", "withdrawn"), "published-record"),
    "T10 hidden by its mark": (change_head("publish", False), "published-record"),
    "T10 hidden by doubt": (change_head("held", True), "published-record"),
    "T10 publicity cut short": (change_head("public_until", "2026-03-02"), "published-record"),
    "T10 the record deleted": (delete_head, "record-missing"),
    "T11 another key": (replace_key, "key"),
    "T11 a key nobody announced": (announce_late, "key"),
    "erased without a trace": (drop_salt, "erased-without-trace"),
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log, and the folder of a witness that has both checkpoints."""
    witness = tmp_path / "witness"
    witness.mkdir()
    book.fill(witness)
    return witness


def test_it_is_found_where_it_is_and_called_what_it_is(log: Path) -> None:
    """Every story on the same log, each rolled back after it was found."""
    missed = {}
    for story, (work, kind) in STORIES.items():
        with transaction.atomic():
            index = work()
            report = verify()
            transaction.set_rollback(True)
        found = report.first
        if found is None or (found.index, found.kind) != (index, kind):
            missed[story] = ((index, kind), report.faults[:3])
    assert not missed
    assert verify().sound


@pytest.mark.parametrize("story", ["T4 a row slipped in", "T6 a row doubled"])
def test_a_row_among_the_sealed_ones_is_found(story: str, tmp_path: Path) -> None:
    """A number that a rolled-back transaction left free is taken by somebody else's row, or by a copy of another."""
    settings.WITNESSES = []
    keys.open_log("operator")
    book.write(20)
    with book.beneath() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE object = '10'")  # not sealed yet: it never happened
    sealing.seal()
    free, after = (Event.objects.get(object=str(n)).pk for n in (9, 11))
    actor = "'somebody'" if story.startswith("T4") else "actor"
    tamper(
        "INSERT INTO audit_event (id, at, actor, action, kind, object, detail)"
        f" SELECT %s, at, {actor}, action, kind, object, detail FROM audit_event WHERE id = %s", free + 1, free,
    )  # fmt: skip
    found = verify().first
    assert found is not None and (found.index, found.kind) == (leaf_of(after), "event-inserted")


def rebuild(size: int, witness_says: Callable[[], None] = lambda: None) -> None:
    """The operator as attacker: cut the log at `size` and sign what is left with the real key."""
    with book.beneath() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE id IN (SELECT ref FROM audit_leaf WHERE kind = 'event'"
                       ' AND "index" >= %s)', [size])  # fmt: skip
        cursor.execute('DELETE FROM audit_leaf WHERE "index" >= %s', [size])
        cursor.execute("DELETE FROM audit_checkpoint WHERE size > %s", [size])
        cursor.execute('DELETE FROM audit_tile WHERE level > 0 OR "index" >= %s', [size // 256])
        cursor.execute("UPDATE audit_witness SET size = 0")
    witness_says()
    sealing.seal()


def test_t7_a_log_cut_short_and_signed_again_is_found_by_the_witness(log: Path) -> None:
    first = Checkpoint.objects.order_by("pk")[0].size
    rebuild(first)
    report = verify()
    assert report.first is not None and report.first.kind == "truncated"
    settings.WITNESSES = []
    assert verify().sound, "without a witness nobody could tell: that is what witnesses are for"


def test_t8_two_histories_for_two_readers_are_found_by_comparing(log: Path) -> None:
    first = Checkpoint.objects.order_by("pk")[0].size
    rebuild(first, lambda: book.write(600, 5000))
    report = verify()
    assert report.first is not None
    assert report.first.kind == "witness" and report.first.index == first, "the fork lies behind the last common one"


def test_t11_a_retired_key_signs_nothing_new(log: Path) -> None:
    old = LogKey.objects.get()
    keys.rotate("keeper", "Ed25519")
    sealing.seal()
    book.write(3)
    made = sealing.seal().checkpoint
    assert made is not None and verify().sound
    told = statement("chengxin/log", made.size, bytes(made.root), "sm3", made.at)
    note = signed(told, keys.number_of(old, "chengxin/log"), keys.signer(old).sign)
    tamper("UPDATE audit_checkpoint SET note = %s WHERE id = %s", note, made.pk)
    report = verify()
    assert report.first is not None and report.first.kind == "key"


def test_t14_a_server_that_answers_with_something_else_is_not_believed(log: Path) -> None:
    """The neighbour's proof, a stale checkpoint, another body: each is refused by the reader's own check."""
    from chengxin.audit.proving import prove_inclusion, prove_row

    used = SUITES["sm3"]
    mine, neighbour = prove_inclusion(4), prove_inclusion(5)
    old, new = Checkpoint.objects.order_by("pk")

    def right(bound: str, told: dict[str, Any], checkpoint: Checkpoint) -> bool:
        proof = [bytes.fromhex(step) for step in told["proof"]]
        leaf = used.leaf(bytes.fromhex(bound))
        return included(used, leaf, told["index"], checkpoint.size, proof, bytes(checkpoint.root))

    assert right(mine["commitment"], mine, new)
    assert not right(mine["commitment"], neighbour, new)
    assert not right(neighbour["commitment"], mine, new)
    assert not right(mine["commitment"], mine, old)
    shown = prove_row("record", newest_change(), reveal=True)
    swapped = shown["open"].replace("active", "repaired").encode()
    bound = used.digest(bytes.fromhex(shown["salt"]) + swapped + bytes.fromhex(shown["inner"]))
    assert bound.hex() != shown["commitment"]


@pytest.mark.parametrize("seed", range(3))
def test_t17_random_bits_are_found_every_time(seed: int, log: Path) -> None:
    """Single bits of what is sealed, one after the other and each put back: all found, and no false alarm between."""
    chance = random.Random(seed)
    for _ in range(6):
        table, key, column = chance.choice(
            [("audit_leaf", '"index"', "salt"), ("audit_leaf", '"index"', '"commitment"'), ("audit_tile", "id", "hashes"),
             ("audit_checkpoint", "id", "root"), ("audit_logkey", "number", "public")]
        )  # fmt: skip
        row = one(f"SELECT {key}, {column} FROM {table} ORDER BY {key} LIMIT 1 OFFSET %s",
                  chance.randrange(one(f"SELECT count(*) FROM {table}")))  # fmt: skip
        was = bytes(row[1])
        at = chance.randrange(len(was))
        tamper(f"UPDATE {table} SET {column} = %s WHERE {key} = %s",
               was[:at] + flip(was[at:], chance.randrange(8)), row[0])  # fmt: skip
        assert not verify().sound, (table, column, row[0], at)
        tamper(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", was, row[0])
    assert verify().sound


def test_every_tamper_test_is_here_or_says_why_not() -> None:
    source = Path(__file__).read_text("utf-8").lower()
    elsewhere = Path(__file__).with_name("test_log.py").read_text("utf-8").lower()
    archives = Path(__file__).with_name("test_archives.py").read_text("utf-8").lower()
    merkle = Path(__file__).parents[1].joinpath("standards/test_merkle.py").read_text("utf-8").lower()
    reports = Path(__file__).parents[1].joinpath("reports/test_tampering.py").read_text("utf-8").lower()
    for number in range(1, 18):
        name = f"t{number}"
        told = any(f"{name}{c}" in text for c in " _:" for text in (source, elsewhere, archives, merkle, reports))
        assert told, name


def test_nothing_else_raises_an_alarm(log: Path) -> None:
    report: Report = verify()
    assert report.sound and connection.vendor
