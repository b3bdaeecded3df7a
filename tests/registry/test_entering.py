"""One record written or corrected by a case is what a batch would have made of it (R-134, R-249, G-01)."""

from __future__ import annotations

import json
from datetime import date

import pytest

from chengxin.registry.actions import Because, NotPossible
from chengxin.registry.entering import NotTaken, cells_of, correct, end_publicity, enter, stage_one
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.registry.queries import RecordView, item_of

from ..cases import world as w

WHY = Because("centre", "测试", "异议〔2026〕1号")
DAY = date(2026, 6, 1)


def texts_of(record: Record) -> dict[str, str]:
    version = record.versions.get(pk=record.change)
    view = RecordView(record, version, json.loads(version.payload))
    return cells_of(view, item_of(view, policies()))


def test_what_a_record_says_reads_back_to_the_same_content(store) -> None:
    """Amounts in 万元, sets of codes, dates: stated again as they stand, nothing changes."""
    record = w.settle(
        penalty_kinds="罚款、没收违法所得", confiscated_amount="0.35", content="罚款 12 万元，没收 3500 元"
    )
    again = stage_one("penalty", texts_of(record), w.SOURCE, date(2026, 2, 12))
    assert again.row["content_hash"] == record.content_hash and again.row["key_hash"] == record.key_hash
    assert enter(again, WHY).pk == record.pk and record.versions.count() == 1
    with pytest.raises(NotPossible, match="changes nothing"):
        correct(record.pk, again, WHY)


def test_a_correction_moves_everything_that_follows_from_the_content(store) -> None:
    record = w.settle()
    changes = {"penalty_kinds": "警告", "content": "警告", "fine_amount": "", "decided_on": "2026-04-10"}
    cells = {k: v for k, v in (texts_of(record) | changes).items() if v}
    number = correct(record.pk, stage_one("penalty", cells, w.SOURCE, DAY), WHY)
    record.refresh_from_db()
    assert (record.change, record.severity, record.publish) == (number, "minor", False)
    assert record.versions.get(pk=number).case == WHY.case


def test_a_correction_makes_it_nobody_elses_record_and_no_second_one(store) -> None:
    record, other = w.settle(), w.settle(document_number="苏环罚〔2026〕2号")
    same_key = texts_of(record) | {"document_number": "苏环罚〔2026〕2号", "violation": "另一种违法行为"}
    with pytest.raises(NotPossible, match="another record"):
        correct(record.pk, stage_one("penalty", same_key, w.SOURCE, DAY), WHY)
    elsewhere = texts_of(record) | {"subject_code": "91320505QX26A002XK", "subject_name": "苏州薄荷贸易有限公司"}
    try:
        staged = stage_one("penalty", elsewhere, w.SOURCE, DAY)
    except NotTaken as refused:
        pytest.fail(str(refused))
    with pytest.raises(NotPossible, match="cannot move"):
        correct(record.pk, staged, WHY)
    assert Record.objects.count() == 2 and other.versions.count() == 1


def test_the_items_rules_hold_for_a_single_row_too(store) -> None:
    for cells, said in [
        (w.PENALTY | {"colour": "red"}, "没有栏目 colour"),
        ({k: v for k, v in w.PENALTY.items() if k != "decided_on"}, "缺少必填栏目：处罚决定日期"),
        (w.PENALTY | {"penalty_kinds": "罚钱"}, "罚钱"),
    ]:
        with pytest.raises(NotTaken, match=said):
            stage_one("penalty", cells, w.SOURCE, DAY)


def test_an_unknown_subject_becomes_a_provisional_one_and_is_found_by_name(store) -> None:
    record = w.settle()
    subject = Subject.objects.get(pk=record.subject_id)
    assert subject.provisional and [n.name for n in subject.names.all()] == [w.NAME]


def test_publicity_ends_once(store) -> None:
    record = w.settle()
    end_publicity(record.pk, DAY, WHY)
    with pytest.raises(NotPossible, match="not published"):
        end_publicity(record.pk, DAY, WHY)
