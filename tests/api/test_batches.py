"""What becomes of a batch: lists, receipts, release, return, withdrawal (R-024, R-031, R-049)."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from chengxin.audit.models import Event
from chengxin.collection.models import Batch, State
from chengxin.registry.models import Record

from ..collection.files import penalty, text
from .client import Api
from .test_submitting import FAULTY, headers
from .world import EMERGENCY, World, batch


def pages(api: Api, path: str, part: str, **query: Any) -> list[list[Any]]:
    """Every page of a list."""
    found, cursor = [], None
    while True:
        answer = api.get(path, **query, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.content
        found.append(answer.json()[part])
        cursor = answer.json()["next"]
        if cursor is None:
            return found


def test_a_list_comes_page_by_page_and_each_batch_once(world: World) -> None:
    made = [batch() for _ in range(5)]
    batch(source=EMERGENCY)
    found = pages(world["auditor"], "/batches", "batches", limit=2)
    assert [len(p) for p in found] == [2, 2, 1]
    assert [b["batch"] for p in found for b in p] == [b.number for b in reversed(made)]


def test_a_batch_that_comes_meanwhile_does_not_shift_the_pages(world: World) -> None:
    made = [batch() for _ in range(4)]
    first = world["auditor"].get("/batches", limit=2).json()
    batch()
    second = world["auditor"].get("/batches", limit=2, cursor=first["next"]).json()
    assert [b["batch"] for b in second["batches"]] == [made[1].number, made[0].number]


FILTERS = [
    ({"state": "checked"}, 2), ({"state": "stored"}, 1), ({"item": "licence"}, 1), ({"source": "emergency"}, 1),
    ({"month": "2026-01"}, 1), ({"month": "2026-01", "state": "checked"}, 0), ({"item": "no-such-item"}, 0),
]  # fmt: skip


def test_filters(world: World) -> None:
    batch()
    batch(State.STORED, item="licence", month="2026-01")
    batch(source=EMERGENCY)
    for wanted, count in FILTERS:
        assert len(world["steward"].get("/batches", **wanted).json()["batches"]) == count, wanted


WRONG_FILTERS = [
    ({"state": "lost"}, "query.state"), ({"month": "2026-13"}, "query.month"), ({"month": "9999-12"}, "query.month"),
    ({"limit": "0"}, "query.limit"), ({"limit": "many"}, "query.limit"), ({"item": "\x00"}, "query.item"),
    ({"source": "x' OR 1=1"}, "query.source"),
]  # fmt: skip


def test_a_wrong_filter_is_named_and_not_repeated(world: World) -> None:
    for query, field in WRONG_FILTERS:
        answer = world["auditor"].get("/batches", **query)
        assert answer.status_code == 422
        [detail] = answer.json()["error"]["details"]
        assert detail["field"] == field
        assert detail["message"] and detail["message_en"].isascii()
        assert "OR 1=1" not in answer.content.decode()


def test_a_cursor_must_be_ours(world: World) -> None:
    for path in ("/batches", f"/batches/{batch().number}/findings"):
        for cursor in ("x", "AAAAAAAAAA", "AAAAAAAAAAAA", "//////////8", "__________8", "_" * 11, "é"):
            answer = world["auditor"].get(path, cursor=cursor)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-cursor"), cursor


def test_a_number_must_be_a_batchs(world: World) -> None:
    batch()
    for number in ("1", "202611-1", "202611-000001x", "999912-000001", "202611-" + "9" * 18, "%00"):
        assert world["auditor"].get(f"/batches/{number}").status_code == 404, number


def test_findings_page_by_page_and_by_rule(world: World) -> None:
    path = f"/batches/{batch().number}/findings"
    found = pages(world["reporter"], path, "findings", limit=4)
    assert [len(p) for p in found] == [4, 2]
    assert found[0][0] == {
        "row": 1, "rule": "penalty.document_number.required", "level": "reject", "field": "文号", "found": "",
        "expected": "文号", "message": "第1行没有文号",
    }  # fmt: skip
    assert [f["row"] for p in pages(world["reporter"], path, "findings", rule="penalty.key.duplicate") for f in p] == [
        2
    ]
    assert pages(world["reporter"], path, "findings", rule="no.such.rule") == [[]]


def test_who_takes_findings_away_is_kept(world: World) -> None:
    made = batch()
    world["reporter"].get(f"/batches/{made.number}/findings")
    world["auditor"].get(f"/batches/{made.number}/receipt")
    events = Event.objects.filter(action="batch.download", object=str(made.pk)).order_by("pk")
    assert [(e.actor, e.detail["file"]) for e in events] == [("reporter", "findings"), ("auditor", "receipt.csv")]


def test_there_is_no_receipt_before_the_check(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengxin.collection.jobs.INLINE_BYTES", 10)
    number = world["reporter"].send(FAULTY, headers()).json()["batch"]
    for path in ("receipt", "receipt.xlsx", "findings"):
        assert world["reporter"].get(f"/batches/{number}/{path}").status_code == 404


def test_from_a_file_to_the_public_profile(world: World) -> None:
    sent = world["reporter"].send(FAULTY, headers()).json()
    path = sent["url"].removeprefix("/api/v1")
    csv = b"".join(world["reporter"].get(f"{path}/receipt").streaming_content).decode("utf-8-sig")
    assert csv.splitlines()[0] == "row,rule,level,field,found,expected,message"
    book = world["reporter"].get(f"{path}/receipt.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).worksheets
    released = world["auditor"].post(f"{path}/release").json()
    assert (released["state"], released["stored"], released["released_by"]) == ("stored", 1, "auditor")
    assert Record.objects.count() == 1
    late = world["auditor"].post(f"{path}/release")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "wrong-state")
    assert "已入库" in late.json()["error"]["message"]
    assert "已入库" not in late.json()["error"]["message_en"]


def test_returned_with_a_reason_that_the_reporter_reads(world: World) -> None:
    path = f"/batches/{batch().number}"
    answer = world["auditor"].post(f"{path}/return", {"reason": " 文号不全，请补 "})
    assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (200, "returned", "文号不全，请补")
    assert world["auditor"].post(f"{path}/return", {"reason": "再退一次"}).status_code == 409


UNREADABLE = [
    None, {}, {"reason": ""}, {"reason": "  "}, {"reason": 1}, [], {"reason": "a\x00b"}, {"reason": "\ud800"},
    {"reason": "好" * 1001}, {"reason": "好", "state": "stored"},
]  # fmt: skip


def test_a_return_needs_a_readable_reason(world: World) -> None:
    made = batch()
    for body in UNREADABLE:
        assert world["auditor"].post(f"/batches/{made.number}/return", body).status_code == 422, body
        assert world["steward"].post(f"/batches/{made.number}/return", body).status_code == 403, (
            body
        )  # that comes first
    assert Batch.objects.get().state == State.CHECKED


def test_broken_json_and_a_giant_body(world: World) -> None:
    path = f"/batches/{batch().number}/return"
    broken = world["auditor"].call("POST", path, data=b"{reason:", content_type="application/json")
    assert (broken.status_code, broken.json()["error"]["code"]) == (400, "malformed")
    giant = world["auditor"].call("POST", path, data=b" " * (6 * 2**20), content_type="application/json")
    assert (giant.status_code, giant.json()["error"]["code"]) == (413, "too-large")


def test_withdrawn_batches_cannot_be_released(world: World) -> None:
    path = f"/batches/{batch().number}"
    assert world["reporter"].post(f"{path}/withdraw").json()["state"] == "withdrawn"
    assert world["auditor"].post(f"{path}/release").status_code == 409


def test_a_quiet_file_has_an_empty_receipt(world: World) -> None:
    sent = world["reporter"].send(text([penalty(7)]).encode(), headers()).json()
    assert (sent["rejected"], sent["doubtful"]) == (0, 0)
