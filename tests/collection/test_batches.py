"""A batch from submission to the register: four eyes, levels, conflicts, faults of ours (R-024, R-031, R-049, R-060)."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from chengxin.accounts.actors import Actor, operator
from chengxin.accounts.models import Role
from chengxin.audit.models import Event
from chengxin.collection import actions, evidence, jobs, persons, receipts
from chengxin.collection.models import Batch, State
from chengxin.collection.quality import BadMonth, monthly
from chengxin.engine.check import RuleFault
from chengxin.registry.models import Record, RecordVersion, Subject
from chengxin.registry.queries import records_of

from .files import code_of, penalty, text

pytestmark = pytest.mark.usefixtures("store")
ECOLOGY, EMERGENCY = "ecology-environment", "emergency"
HE, SHE = operator("he"), operator("she")


def person(name: str, role: Role, source: str = ECOLOGY) -> Actor:
    return Actor(name, {source: frozenset({role})})


def submit(
    *rows: dict[str, str],
    source: str = ECOLOGY,
    actor: Actor = HE,
    item: str = "penalty",
    key: str = "",
    raw: bytes | None = None,
) -> Batch:
    content = raw if raw is not None else text(list(rows)).encode()
    submission = actions.Submission(item, source, "penalties.csv", "api", idempotency_key=key)
    return jobs.see_through(actions.submit(actor, submission, io.BytesIO(content)))


def store(*rows: dict[str, str], source: str = ECOLOGY) -> Batch:
    return jobs.see_through(actions.release(SHE, submit(*rows, source=source)))


def rules_at(batch: Batch, row: int) -> set[str]:
    found = receipts.read(evidence.folder_of(batch.pk))
    return set(found.filter(pl.col("row") == row)["rule"].to_list())


def test_nothing_is_in_the_register_before_somebody_else_has_released_it() -> None:
    batch = submit(penalty(1))
    assert (batch.state, batch.received, Record.objects.count()) == (State.CHECKED, 1, 0)
    with pytest.raises(actions.Denied, match="不能审核自己报送的批次"):
        actions.release(operator("he"), batch)
    jobs.see_through(actions.release(SHE, batch))
    assert Record.objects.count() == 1


def test_only_the_source_units_own_people_may_act_and_only_in_their_role() -> None:
    reporter, auditor = person("li", Role.REPORTER), person("wang", Role.AUDITOR)
    batch = submit(penalty(1), actor=reporter)
    for stranger in (
        person("li", Role.AUDITOR),
        person("zhao", Role.AUDITOR, EMERGENCY),
        person("qian", Role.REPORTER),
        Actor(""),
    ):
        with pytest.raises(actions.Denied):
            actions.release(stranger, batch)
    for stranger in (auditor, person("zhao", Role.REPORTER, EMERGENCY)):
        with pytest.raises(actions.Denied):
            submit(penalty(2), actor=stranger)
    assert actions.release(auditor, batch).state == State.RELEASED


def test_of_two_auditors_who_decide_at_once_one_wins_and_the_other_is_told() -> None:
    batch = submit(penalty(1))
    stale = Batch.objects.get(pk=batch.pk)
    actions.release(SHE, batch)
    with pytest.raises(actions.WrongState, match="已放行"):
        actions.give_back(operator("third"), stale, "文号不对")


def test_an_auditor_returns_a_batch_with_a_reason_and_nothing_is_stored() -> None:
    batch = submit(penalty(1))
    with pytest.raises(actions.NotAccepted, match="写明退回的原因"):
        actions.give_back(SHE, batch, "  ")
    batch = actions.give_back(SHE, batch, "第 1 行的文号请核对")
    assert (batch.state, batch.reason, Record.objects.count()) == (State.RETURNED, "第 1 行的文号请核对", 0)


@pytest.mark.parametrize(
    ("item", "source", "words"),
    [
        ("penalty", "nobody", "没有登记"),
        ("blood-type", ECOLOGY, "目录里没有"),
        ("tax-grade", ECOLOGY, "不报送"),
    ],
)
def test_only_catalogue_items_and_only_from_their_source_units(item: str, source: str, words: str) -> None:
    with pytest.raises(actions.NotAccepted, match=words):
        submit(penalty(1), item=item, source=source)
    assert Batch.objects.count() == 0


def test_each_level_does_what_it_says() -> None:
    batch = store(
        penalty(1),
        penalty(2, CF_JDRQ="2026-02-30"),
        penalty(3, CF_JDRQ="2026-01-05"),
        penalty(4, CF_XDR_SHXYM=code_of(5), CF_XDR_MC="另一家机械有限公司"),
        penalty(5),
    )
    assert (batch.received, batch.rejected, batch.doubtful, batch.late) == (5, 1, 2, 1)
    assert "penalty.decided_on.date" in rules_at(batch, 2)
    assert "penalty.source.late" in rules_at(batch, 3)
    assert "penalty.subject.name-contradicts" in rules_at(batch, 4) & rules_at(batch, 5)
    assert set(Record.objects.filter(held=True).values_list("key", flat=True)) == {
        r.key for r in Record.objects.all() if "〕4号" in r.key or "〕5号" in r.key
    }
    assert Record.objects.filter(held=False).count() == 2


def test_the_same_row_twice_counts_once_and_contradicting_rows_are_both_doubts() -> None:
    batch = store(penalty(1), penalty(1), penalty(2, CF_NR_FK="1"), penalty(2, CF_NR_FK="2"), penalty(3))
    assert (batch.received, batch.repeated, batch.doubtful, batch.created) == (5, 1, 2, 4)
    assert "penalty.row.repeated" in rules_at(batch, 2)
    assert "penalty.key.duplicate" in rules_at(batch, 3) & rules_at(batch, 4)
    assert Record.objects.filter(held=True).count() == 2
    again = store(penalty(1), penalty(1), penalty(2, CF_NR_FK="1"), penalty(2, CF_NR_FK="2"), penalty(3))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 4)


def test_the_same_document_from_another_source_unit_is_held_and_named_in_the_receipt() -> None:
    store(penalty(1, CF_NR_FK="1"))
    batch = store(penalty(1, CF_NR_FK="9"), source=EMERGENCY)
    assert (batch.doubtful, batch.held) == (1, 1)
    found = receipts.read(evidence.folder_of(batch.pk)).filter(pl.col("rule") == "penalty.key.other-source")
    assert found["row"].to_list() == [1] and "江苏省生态环境厅" in found["message"][0]
    assert {"rule": "penalty.key.other-source", "count": 1}.items() <= batch.faults[-1].items()


def test_a_corrected_row_takes_the_place_of_the_doubtful_one() -> None:
    store(penalty(1))
    store(penalty(2, CF_XDR_SHXYM=code_of(1), CF_XDR_MC="写错的名字有限公司"))
    assert Record.objects.get(held=True).number == 1
    store(penalty(2, CF_XDR_SHXYM=code_of(1), CF_XDR_MC=penalty(1)["CF_XDR_MC"]))
    assert not Record.objects.filter(held=True).exists()


def test_full_width_digits_and_lower_case_are_the_same_code_and_nothing_else_is_changed() -> None:
    wide = code_of(1).translate({c: c + 0xFEE0 for c in range(0x30, 0x3A)}).lower()
    store(penalty(1, CF_XDR_SHXYM=wide, CF_SY=" 事实（一）　"))
    subject = Subject.objects.get()
    assert subject.code == code_of(1)
    payload = records_of(subject)[0].payload
    assert payload["facts"] == "事实（一）"
    assert payload["fine_amount"] == "10000", "1 万元 is stored as yuan"
    assert None not in payload.values(), "what a row does not say takes no room"


def test_a_file_without_a_required_column_is_refused_whole_and_says_which() -> None:
    raw = text([penalty(1)], headings=("CF_XDR_MC", "CF_XDR_LB", "CF_XDR_SHXYM")).encode()
    batch = submit(raw=raw)
    assert batch.state == State.REFUSED
    assert "决定书文号" in batch.reason and batch.received == 0


def test_a_file_that_only_begins_like_sealed_evidence_is_read_as_what_it_is() -> None:
    batch = submit(raw=b"chengxin sealed evidence 1\nabc,def\n1,2\n")
    assert batch.state == State.REFUSED, "told to whoever sent it, and no fault of the platform"
    assert "决定书文号" in batch.reason


def test_unknown_columns_are_named_with_the_nearest_and_personal_ones_are_dropped() -> None:
    row = penalty(1) | {"CF_FR_ZJHM": "11010519491231002X", "决定书文号码": "x"}
    raw = text([row], headings=(*penalty(1), "CF_FR_ZJHM", "决定书文号码")).encode()
    batch = jobs.see_through(actions.release(SHE, submit(raw=raw)))
    assert batch.state == State.STORED
    assert batch.headings["unknown"] == [
        {"heading": "决定书文号码", "nearest": batch.headings["unknown"][0]["nearest"]}
    ]
    assert "文号" in batch.headings["unknown"][0]["nearest"]
    assert batch.headings["dropped"] == ["CF_FR_ZJHM"]
    assert "11010519491231002X" not in RecordVersion.objects.get().payload
    assert "11010519491231002X" not in (evidence.folder_of(batch.pk) / "receipt.csv").read_text()


def test_an_idempotency_key_gives_the_same_batch_and_refuses_another_file() -> None:
    first, again = submit(penalty(1), key="k1"), submit(penalty(1), key="k1")
    assert first.pk == again.pk
    with pytest.raises(actions.KeyReused, match="换一个键"):
        submit(penalty(2), key="k1")


def test_a_rule_of_ours_that_fails_makes_the_batch_wait_and_blames_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuleFault("penalty.ours", "division by zero")

    monkeypatch.setattr(persons, "check_file", broken)
    batch = submit(penalty(1))
    assert (batch.state, batch.rejected, "penalty.ours" in batch.reason) == (State.WAITING, 0, True)
    monkeypatch.undo()
    assert jobs.retry() == 1
    assert jobs.see_through(batch).state == State.CHECKED


def test_a_poisoned_batch_waits_and_does_not_stop_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = actions.release(SHE, submit(penalty(1)))
    monkeypatch.setattr(persons, "merge_file", lambda *_, **__: 1 / 0)
    assert jobs.work(once=True) == 1
    batch.refresh_from_db()
    assert (batch.state, Record.objects.count()) == (State.WAITING, 0)
    monkeypatch.undo()
    jobs.retry()
    assert jobs.see_through(batch).state == State.STORED


def test_every_act_leaves_its_trace() -> None:
    batch = store(penalty(1))
    trail = list(Event.objects.filter(kind="batch", object=str(batch.pk)).order_by("pk").values_list("actor", "action"))
    assert trail == [
        ("he", "batch.submit"),
        ("system", "batch.checked"),
        ("she", "batch.released"),
        ("system", "batch.stored"),
    ]


def test_the_evidence_is_the_file_byte_for_byte() -> None:
    raw = text([penalty(1)]).encode("gb18030")
    batch = submit(raw=raw)
    assert evidence.place(batch.file_sha256).read_bytes() == raw
    assert (batch.file_encoding, batch.state) == ("gb18030", State.CHECKED)


def test_the_workbook_comes_back_corrected(tmp_path: Path) -> None:
    batch = store(penalty(1), penalty(2, CF_JDRQ="2026-02-30"))
    book = receipts.workbook_of(batch)
    again = submit(raw=book.read_bytes())
    assert (again.state, again.received, again.rejected) == (State.CHECKED, 2, 1)


def test_quality_of_a_month() -> None:
    batch = store(
        *(penalty(n) for n in range(1, 10)), penalty(10, CF_JDRQ="2026-02-30"), penalty(15, CF_JDRQ="2026-01-05")
    )
    report = monthly(batch.month)
    line = report.lines[0]
    assert (line.reported, line.stored, line.rejected, line.late) == (11, 10, 1, 1)
    assert (line.intake, line.timeliness) == (pytest.approx(10 / 11, abs=1e-6), pytest.approx(10 / 11, abs=1e-6))
    assert any("入库率" in hint and "低于 95%" in hint for hint in line.hints)
    assert any("缺 5 个" in hint for hint in line.hints), "numbers 10 to 14 were never stored"
    assert report.dunning
    with pytest.raises(BadMonth, match="2026-11 这样"):
        monthly("2026-13")


def test_a_unit_that_fell_silent_is_on_the_dunning_list() -> None:
    for month in ("2026-06", "2026-07", "2026-08", "2026-09"):
        batch = store(*(penalty(n) for n in range(1, 40)))
        Batch.objects.filter(pk=batch.pk).update(month=month)
    report = monthly("2026-10")
    assert report.lines == []
    assert any("江苏省生态环境厅" in call and "疑似漏报" in call for call in report.dunning)


def test_a_row_about_a_natural_person_never_reaches_the_register() -> None:
    """G-13: a department's file may know the kind, the catalogue does not take it."""
    batch = store(penalty(1), penalty(2, CF_XDR_LB="自然人"), penalty(3, CF_XDR_LB="自然人", CF_XDR_SHXYM=""))
    assert (batch.state, batch.created, batch.rejected) == (State.STORED, 1, 2)
    assert not Subject.objects.filter(kind="natural_person").exists()
