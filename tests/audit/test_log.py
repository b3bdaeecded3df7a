"""The log seals what there is, proves it, and goes on being sound through erasure and new keys (R-082, R-373, G-18)."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

from chengxin.audit import keys, proving, sealing, witnesses
from chengxin.audit.actions import record as trace
from chengxin.audit.erasing import NotSealedYet, erase_events
from chengxin.audit.models import Checkpoint, Event, Leaf, LogKey, Tile, Witness
from chengxin.audit.notes import BadNote, read
from chengxin.audit.verifying import verify
from chengxin.registry.models import RecordVersion
from chengxin.standards.merkle import SUITES, consistent, included

from . import book

pytestmark = pytest.mark.usefixtures("store")


def test_everything_is_sealed_once_and_found_sound() -> None:
    book.fill()
    report = verify()
    assert report.sound, report.faults[:3]
    assert report.rows == {"event": Event.objects.count(), "record": RecordVersion.objects.count()}
    assert report.checkpoints == 2 and report.pending == {"event": 0, "record": 0}
    assert Tile.objects.filter(level=0).count() == report.size // 256 > 1
    before = report.size
    assert sealing.seal().leaves == 0, "there is nothing new, and so no new checkpoint"
    assert Checkpoint.objects.count() == 2
    trace("lin", "batch.download", "batch", 1)
    assert verify().pending["event"] == 1
    assert sealing.seal().size == before + 1 and verify().sound


def test_batches_of_any_size_make_the_same_tree(settings: Any) -> None:
    """Only salts differ; the tiles and the root follow from the leaves."""
    settings.WITNESSES = []
    keys.open_log("operator")
    book.write(530)
    sealing.seal(batch=97)
    assert verify().sound
    book.write(300)
    sealing.seal(batch=256)
    assert verify().sound
    assert Tile.objects.filter(level=0).count() == 3


def test_no_leaf_can_be_guessed_though_the_act_is_known() -> None:
    """Two events that say the same have different commitments, and a leaf holds nothing of what it stands for."""
    keys.open_log("operator")
    book.write(2)
    sealing.seal()
    rows = [bytes(c) for c in Leaf.objects.values_list("commitment", flat=True)]
    assert len(set(rows)) == len(rows)
    assert all(len(row) == 32 for row in rows)


def test_of_two_sealers_one_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    keys.open_log("operator")
    book.write(10)
    real = sealing._add

    def slow(*given: Any) -> int:
        monkeypatch.setattr(sealing, "_add", real)
        assert not sealing.seal().busy
        return real(*given)

    monkeypatch.setattr(sealing, "_add", slow)
    assert sealing.seal().busy
    assert verify().sound and Leaf.objects.count() == 11


def test_the_database_itself_refuses_to_change_the_trail() -> None:
    """T15: the application's own role cannot; what its owner does is found (test_tampering)."""
    book.fill()
    for table, column in (("audit_event", "actor"), ("audit_leaf", "note"), ("audit_checkpoint", "note"),
                          ("audit_tile", "level"), ("registry_recordversion", "reason")):  # fmt: skip
        for sql in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET actor = '', object = '', kind = ''")
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE audit_event")
    assert verify().sound


def test_the_private_key_is_for_its_owner_only() -> None:
    keys.open_log("operator")
    keys.open_log("operator")
    kept = keys.path(1)
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
    assert LogKey.objects.count() == 1


@pytest.mark.parametrize("algorithm", ["Ed25519", "SM2-SM3"])
@pytest.mark.parametrize("suite", ["sm3", "sha256"])
def test_a_stranger_checks_a_published_record(suite: str, algorithm: str, settings: Any) -> None:
    """Both suites of hashes and signatures; nothing that is not public is told with the proof."""
    settings.LOG = {**settings.LOG, "suite": suite, "signature": algorithm}
    record = book.fill()
    told = proving.prove_row("record", record.change, reveal=True)
    used = SUITES[told["suite"]]
    bound = used.digest(bytes.fromhex(told["salt"]) + told["open"].encode() + bytes.fromhex(told["inner"]))
    assert bound.hex() == told["commitment"]
    checkpoint, number, signature = read(told["checkpoint"])
    key = LogKey.objects.get()
    assert number == keys.number_of(key, "chengxin/log") and keys.right(key, checkpoint.text.encode(), signature)
    proof = [bytes.fromhex(step) for step in told["proof"]]
    assert included(used, used.leaf(bound), told["index"], told["size"], proof, checkpoint.root)
    shown = json.loads(told["open"])
    assert shown["fields"]["document_number"] == "苏环罚〔2026〕1号" and shown["standing"] == "active"
    assert not {"actor", "reason", "batch", "payload"} & set(shown)


def test_growth_is_proved_between_any_two_checkpoints() -> None:
    book.fill()
    old, new = Checkpoint.objects.order_by("pk")
    told = proving.prove_consistency(old.size)
    proof = [bytes.fromhex(step) for step in told["proof"]]
    assert consistent(SUITES["sm3"], old.size, new.size, bytes(old.root), bytes(new.root), proof)
    for index, size in ((old.size, old.size), (new.size, None), (0, 5)):
        with pytest.raises(proving.NotSealed):
            proving.prove_inclusion(index, size)
    with pytest.raises(proving.NotSealed):
        proving.prove_row("event", 10**9)


def test_erased_data_is_gone_and_the_log_stays_sound() -> None:
    """PIPL art. 47; the trail says that something was erased, by whom and why, and nothing of what it was."""
    book.fill()
    marked = Event.objects.filter(actor="p3").order_by("pk")[:5]
    numbers = [event.pk for event in marked]
    assert erase_events("keeper", numbers, "保存期满") == 5
    assert erase_events("keeper", numbers, "保存期满") == 0, "running it again is safe"
    assert set(Event.objects.filter(pk__in=numbers).values_list("actor", "object")) == {("", "")}
    report = verify()
    assert report.sound and report.erased == 5
    book.seal()
    assert verify().sound
    fresh = trace("lin", "batch.download", "batch", 1)
    with pytest.raises(NotSealedYet):
        erase_events("keeper", [fresh.pk], "太早")


def test_a_new_key_is_announced_under_the_old_one(settings: Any) -> None:
    """T11: rotation across a batch boundary verifies."""
    book.fill()
    keys.rotate("keeper", "SM2-SM3")
    sealing.seal()
    book.write(5)
    sealing.seal()
    first, second = LogKey.objects.order_by("number")
    assert first.until == second.since
    report = verify()
    assert report.sound, report.faults
    assert [read(c.note)[1] for c in Checkpoint.objects.order_by("pk")][-2:] == [
        keys.number_of(first, "chengxin/log"),
        keys.number_of(second, "chengxin/log"),
    ]


def test_a_witness_that_was_down_is_told_what_it_missed(tmp_path: Path, settings: Any) -> None:
    far = tmp_path / "far"
    settings.WITNESSES = [str(far)]
    keys.open_log("operator")
    book.write(3)
    sealing.seal()
    assert list(witnesses.push()) == [str(far)]
    assert "not there" in Witness.objects.get().trouble
    book.write(3)
    sealing.seal()
    far.mkdir()
    assert witnesses.push() == {}
    assert len(list(far.iterdir())) == 2 and not Witness.objects.get().trouble
    assert verify().sound


def test_a_text_that_is_no_checkpoint_is_refused() -> None:
    book.fill()
    note = Checkpoint.objects.first().note  # type: ignore[union-attr]
    for bad in ("", note[:-9], note.replace("suite ", "suit "), note.replace("\n\n", "\n"), note + "x"):
        with pytest.raises(BadNote):
            read(bad)


def test_the_same_row_is_never_sealed_twice() -> None:
    book.fill()
    leaf = Leaf.objects.first()
    assert leaf is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Leaf.objects.create(index=10**6, kind=leaf.kind, ref=leaf.ref, commitment=b"x" * 32)


def test_a_lost_key_stops_the_sealer_with_a_sentence() -> None:
    book.fill()
    keys.path(1).unlink()
    book.write(1)
    with pytest.raises(keys.NoLog, match="找不到签名密钥"):
        sealing.seal()
    assert settings.HOME
