"""The register keeps each record once, every state it ever had, and one feed of changes (R-056, R-071, R-082, R-091)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from chengxin.registry import due
from chengxin.registry.actions import Because, NotPossible, change_standing, settle_doubt
from chengxin.registry.models import Record, RecordVersion, Subject
from chengxin.registry.queries import find_subject, history_of, other_claims, records_of
from chengxin.registry.staging import in_order, staged
from chengxin.standards.registration_number import make_registration_number

from .staged import BOHE, YUNLING, md5, row, send

pytestmark = pytest.mark.usefixtures("store")
WHY = Because("reviewer", "当事人已履行义务并提交证明")


def test_a_new_record_brings_a_provisional_subject_and_a_version() -> None:
    outcome = send(row(1, YUNLING, "苏州云岭精密机械有限公司", "苏环罚〔2026〕1号"))
    assert (outcome.created, outcome.updated, outcome.unchanged, outcome.held) == (1, 0, 0, 0)
    subject = Subject.objects.get()
    assert (subject.code, subject.name, subject.provisional) == (YUNLING, "苏州云岭精密机械有限公司", True)
    version = RecordVersion.objects.get()
    assert (version.action, version.batch, version.row, version.number) == ("created", 1, 1, 1)
    assert Record.objects.get().change == version.pk


def test_the_same_again_changes_nothing() -> None:
    one, two = row(1, YUNLING, "云岭", "1号"), row(2, BOHE, "泊禾", "2号")
    send(one, two)
    again = send(one, two, batch=2)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert (Record.objects.count(), RecordVersion.objects.count(), Subject.objects.count()) == (2, 2, 2)


def test_a_changed_row_with_the_same_key_makes_a_new_version() -> None:
    send(row(1, YUNLING, "云岭", "1号", content={"fine": "100"}))
    outcome = send(row(7, YUNLING, "云岭", "1号", content={"fine": "200"}), batch=2)
    assert outcome.updated == 1
    first, second = history_of(Record.objects.get())
    assert (first.payload, second.payload) == ('{"fine": "100"}', '{"fine": "200"}')
    assert (second.number, second.action, second.batch, second.row) == (2, "updated", 2, 7)
    assert Record.objects.get().change == second.pk > first.pk


def test_numbers_of_the_feed_rise_with_every_merge_and_stay_close_together() -> None:
    for batch in range(1, 6):
        send(row(900_000 + batch, YUNLING, "云岭", f"{batch}号"), batch=batch)
    feed = list(RecordVersion.objects.order_by("recorded_at", "pk").values_list("pk", flat=True))
    assert feed == sorted(set(feed)) and feed[-1] <= 5


def test_another_source_units_claim_to_the_same_key_is_held_and_seen_by_both() -> None:
    send(row(1, YUNLING, "云岭", "1号", content={"fine": "100"}))
    outcome = send(row(3, YUNLING, "云岭", "1号", content={"fine": "900"}), source="emergency", batch=2)
    assert (outcome.created, outcome.held) == (1, 1)
    assert outcome.judged == [(3, "rival", "1号", "ecology-environment")]
    first, second = Record.objects.get(source="ecology-environment"), Record.objects.get(source="emergency")
    assert (first.held, second.held) == (False, True)
    today = timezone.localdate()
    assert other_claims(first, today) == [second] and other_claims(second, today) == [first]


def test_a_name_that_contradicts_the_code_is_held_and_the_register_says_its_name() -> None:
    send(row(1, YUNLING, "苏州云岭精密机械有限公司", "1号"))
    outcome = send(row(2, YUNLING, "苏州云岑精密机械有限公司", "2号"), batch=2)
    assert outcome.judged == [(2, "name", "苏州云岑精密机械有限公司", "苏州云岭精密机械有限公司")]
    assert Record.objects.get(key="2号").held
    assert Subject.objects.get().name == "苏州云岭精密机械有限公司"


def test_brackets_and_width_are_not_a_contradiction() -> None:
    send(row(1, YUNLING, "云岭（苏州）机械有限公司", "1号"))
    assert send(row(2, YUNLING, "云岭(苏州)机械有限公司", "2号"), batch=2).held == 0


def test_a_settled_doubt_stays_settled_until_the_content_changes() -> None:
    send(row(1, YUNLING, "云岭", "1号", held=1))
    record = Record.objects.get()
    settle_doubt(record.pk, WHY)
    assert send(row(1, YUNLING, "云岭", "1号", held=1), batch=2).unchanged == 1
    assert not Record.objects.get().held
    send(row(1, YUNLING, "云岭", "1号", held=1, content={"fine": "5"}), batch=3)
    assert Record.objects.get().held


def test_a_repaired_record_sent_again_does_not_come_back() -> None:
    send(row(1, YUNLING, "云岭", "1号"))
    change_standing(Record.objects.get().pk, "repair", WHY)
    send(row(1, YUNLING, "云岭", "1号"), batch=2)
    send(row(1, YUNLING, "云岭", "1号", content={"fine": "9"}), batch=3)
    assert Record.objects.get().standing == "repaired"
    assert [v.standing for v in history_of(Record.objects.get())] == ["active", "repaired", "repaired"]


def test_a_verb_that_does_not_fit_is_refused_and_leaves_no_trace() -> None:
    send(row(1, YUNLING, "云岭", "1号"))
    with pytest.raises(NotPossible, match="reinstate needs"):
        change_standing(Record.objects.get().pk, "reinstate", WHY)
    assert RecordVersion.objects.count() == 1


def test_registration_confirms_names_and_keeps_the_old_name() -> None:
    send(row(1, YUNLING, "云岭旧名", "1号"))
    registered = row(1, YUNLING, "云岭新名", YUNLING, industry="C34", status="存续", address="苏州")
    send(registered, item="registration", source="market-regulation", batch=2)
    subject = Subject.objects.get()
    assert (subject.name, subject.provisional, subject.industry) == ("云岭新名", False, "C34")
    assert [(n.name, n.current) for n in subject.names.order_by("pk")] == [("云岭旧名", False), ("云岭新名", True)]
    assert send(row(2, YUNLING, "云岭旧名", "2号"), batch=3).held == 0, "a former name is no contradiction"


def test_other_peoples_records_never_overwrite_master_data() -> None:
    send(row(1, YUNLING, "云岭", YUNLING), item="registration", source="market-regulation")
    send(row(1, YUNLING, "冒名", "1号"), batch=2)
    assert Subject.objects.get().name == "云岭"


def test_old_numbers_lead_to_the_subject_once_its_registration_names_both() -> None:
    old = make_registration_number("32050000012345")
    send(row(1, old, "云岭", "1号", scheme="registration_number"))
    send(row(1, YUNLING, "云岭", YUNLING, former_code=old), item="registration", source="market-regulation", batch=2)
    subject = Subject.objects.get()
    assert (subject.code, subject.scheme) == (YUNLING, "uscc")
    assert find_subject(old) == subject
    send(row(2, old, "云岭", "2号", scheme="registration_number"), batch=3)
    assert {v.head.key for v in records_of(subject)} == {"1号", "2号", YUNLING}


def test_two_subjects_that_turn_out_to_be_one_are_joined() -> None:
    old = make_registration_number("32050000012345")
    send(row(1, old, "云岭旧", "1号", scheme="registration_number"), row(2, YUNLING, "云岭", "2号"))
    send(row(1, YUNLING, "云岭", YUNLING, former_code=old), item="registration", source="market-regulation", batch=2)
    subject = Subject.objects.get()
    assert {v.head.key for v in records_of(subject)} == {"1号", "2号", YUNLING}


def test_a_tax_number_leads_to_the_subject_by_the_organisation_code_inside() -> None:
    send(row(1, YUNLING, "云岭", YUNLING), item="registration", source="market-regulation")
    inner = YUNLING[8:17]
    send(row(1, "320500" + inner, "云岭", "欠税1", scheme="tax_number", organisation_code=inner), batch=2)
    assert Subject.objects.count() == 1


def test_subjects_are_never_joined_by_name() -> None:
    send(row(1, YUNLING, "同名公司", "1号"), row(2, BOHE, "同名公司", "2号"))
    assert Subject.objects.count() == 2


def test_what_the_register_said_on_a_past_day() -> None:
    send(row(1, YUNLING, "云岭", "1号", content={"fine": "100"}))
    subject = Subject.objects.get()
    today = timezone.localdate()
    change_standing(Record.objects.get().pk, "withdraw", WHY)
    assert records_of(subject, as_of=today - timedelta(days=1)) == []
    assert [v.standing for v in records_of(subject, as_of=today)] == ["withdrawn"]


def test_publicity_ends_by_itself_once_and_keeping_ends_in_the_archive() -> None:
    send(row(1, YUNLING, "云岭", "1号"))
    record = Record.objects.get()
    last = record.public_until
    assert last is not None and record.retain_until is not None
    assert due.run(last, "operator").publicity_ended == 0, "the last day still counts"
    assert due.run(last + timedelta(days=1), "operator").publicity_ended == 1
    assert due.run(last + timedelta(days=1), "operator").publicity_ended == 0
    assert due.run(record.retain_until + timedelta(days=1), "operator").archived == 1
    assert [v.action for v in history_of(Record.objects.get())] == ["created", "publicity-end", "archive"]


@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["registry_recordversion", "audit_event"])
def test_the_database_itself_refuses_to_change_the_past(statement: str, table: str) -> None:
    send(row(1, YUNLING, "云岭", "1号"))
    change_standing(Record.objects.get().pk, "repair", WHY)
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by what the tables hold")
def test_a_chunk_is_merged_without_reading_the_whole_register() -> None:
    """A small batch must stay quick in a large register: only the chunk itself is scanned, all else is looked up."""
    send(row(1, YUNLING, "云岭", "1号"))
    scanned: set[str] = set()

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.split()[0] in ("INSERT", "UPDATE") or "TABLE merged AS" in sql:
            plan = (
                context["cursor"]
                .connection.cursor()
                .execute(f"EXPLAIN QUERY PLAN {sql}".replace("%s", "?"), params or ())
            )
            scanned.update(step[3].split()[1] for step in plan if step[3].startswith("SCAN"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        outcome = send(row(1, YUNLING, "云岭", "1号", content={"fine": "2"}), row(2, BOHE, "泊禾", "2号"), batch=2)
    assert (outcome.created, outcome.updated) == (1, 1)
    assert "s" in scanned, "the chunk is what a merge goes through"
    assert not scanned - {"s", "m"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="memory maps are SQLite's")
def test_bulk_work_maps_nothing_takes_less_and_leaves_the_connection_as_it_was() -> None:
    def held() -> dict[str, int]:
        with connection.cursor() as cursor:
            return {p: cursor.execute(f"PRAGMA {p}").fetchone()[0] for p in ("mmap_size", "cache_size")}

    before, rows = held(), pa.table({"row": [1]})
    with staged(rows):
        assert held()["mmap_size"] == 0
        assert abs(held()["cache_size"]) < abs(before["cache_size"])
    assert held() == before
    assert before["mmap_size"] > 0


def test_records_are_entered_in_the_order_of_their_keys_and_still_know_their_row() -> None:
    numbers = range(1, 30)
    send(*(row(n, YUNLING, "云岭", f"{n}号") for n in numbers))
    entered = list(Record.objects.order_by("pk").values_list("key_hash", "key", "versions__row"))
    assert [key_hash for key_hash, _, _ in entered] == sorted(md5(f"{n}号") for n in numbers)
    assert {key: number for _, key, number in entered} == {f"{n}号": n for n in numbers}


def test_pieces_of_a_chunk_are_numbered_through() -> None:
    pieces = [
        pa.table({"key": ["b", "a"]}),
        pa.table({"key": pa.array([], pa.string())}),
        pa.table({"key": ["d", "c", "c"]}),
    ]
    assert pa.concat_tables(in_order(pieces, "key")).to_pydict() == {
        "key": ["a", "b", "c", "c", "d"],
        "position": [1, 2, 3, 4, 5],
    }
