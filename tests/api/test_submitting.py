"""A department's program submits a file (F-02, G-20): once, whatever happens on the way."""

from __future__ import annotations

import hashlib
import io
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections, transaction

from chengxin.audit.models import Event
from chengxin.collection import uploads
from chengxin.collection.models import Batch

from ..collection.files import penalty, text
from .client import Api
from .world import World

GOOD = text([penalty(1), penalty(2)]).encode()
FAULTY = text([penalty(1), penalty(2, CF_JDRQ="2026-13-45"), penalty(3, CF_WSH="")]).encode()


def headers(
    key: str = "key-1", item: str = "penalty", source: str = "ecology-environment", **more: str
) -> dict[str, str]:
    return {"Idempotency-Key": key, "Chengxin-Item": item, "Chengxin-Source": source, **more}


def form(file: bytes = GOOD, name: str = "处罚.csv") -> dict[str, Any]:
    part = io.BytesIO(file)
    part.name = name
    return {"file": part, "item": "penalty", "source": "ecology-environment"}


@pytest.fixture
def reporter(world: World) -> Api:
    return world["reporter"]


def test_a_small_file_is_answered_at_once_with_counts_and_faults(reporter: Api) -> None:
    answer = reporter.send(FAULTY, headers(**{"Chengxin-File-Name": "%E5%A4%84%E7%BD%9A.csv"}))
    assert answer.status_code == 202
    batch = answer.json()
    assert answer.headers["Location"] == batch["url"] == f"/api/v1/batches/{batch['batch']}"
    assert (batch["state"], batch["received"], batch["rejected"], batch["stored"]) == ("checked", 3, 2, 0)
    assert batch["file"] == {
        "name": "处罚.csv", "sha256": hashlib.sha256(FAULTY).hexdigest(), "size": len(FAULTY), "format": "csv",
        "encoding": "utf-8",
    }  # fmt: skip
    assert {f["rule"] for f in batch["faults"]} >= {"penalty.document_number.required"}
    assert reporter.get(batch["url"].removeprefix("/api/v1")).json() == batch
    assert Event.objects.get(action="batch.submit").actor == "reporter"


def test_a_form_does_the_same(reporter: Api) -> None:
    answer = reporter.upload(form(), {"Idempotency-Key": "key-1"})
    assert (answer.status_code, answer.json()["received"]) == (202, 2)
    assert answer.json()["file"]["name"] == "处罚.csv"


def test_a_large_file_waits_for_the_worker(reporter: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengxin.collection.jobs.INLINE_BYTES", 10)
    answer = reporter.send(GOOD, headers())
    assert (answer.status_code, answer.json()["state"], answer.json()["receipt"]) == (202, "received", None)


def test_a_file_that_nobody_can_read_is_a_batch_that_says_why(reporter: Api) -> None:
    answer = reporter.send(b"%PDF-1.7 not a table at all", headers())
    assert (answer.status_code, answer.json()["state"]) == (202, "refused")
    assert answer.json()["reason"] and answer.json()["reason_en"]


def test_a_fault_of_ours_does_not_lose_the_batch(reporter: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of cheese")

    monkeypatch.setattr("chengxin.collection.persons.check_file", broken)
    answer = reporter.send(GOOD, headers())
    assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (202, "waiting", None)
    assert "cheese" not in answer.content.decode()
    assert "运行人员" in answer.json()["next_step"]


def test_the_same_key_and_file_is_the_same_batch(reporter: Api) -> None:
    first, again = reporter.send(GOOD, headers()), reporter.upload(form(), {"Idempotency-Key": "key-1"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["batch"] == again.json()["batch"]
    assert again.headers["Location"] == first.headers["Location"]
    assert Batch.objects.count() == 1


@pytest.mark.parametrize("other", [(FAULTY, headers()), (GOOD, headers(item="licence"))])
def test_the_same_key_with_another_file_or_item_is_refused(reporter: Api, other: tuple[bytes, dict[str, str]]) -> None:
    number = reporter.send(GOOD, headers()).json()["batch"]
    answer = reporter.send(*other)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "key-reused")
    assert number in answer.json()["error"]["message"]
    assert Batch.objects.count() == 1


def test_another_key_is_another_batch(reporter: Api) -> None:
    assert [reporter.send(GOOD, headers(k)).status_code for k in ("key-1", "key-2")] == [202, 202]
    assert Batch.objects.count() == 2


def test_two_at_once_with_one_key_make_one_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All have looked for an earlier batch and found none before the first one opens it."""
    monkeypatch.setattr("chengxin.collection.jobs.INLINE_BYTES", 10)
    together, answers = threading.Barrier(4, timeout=30), []

    def atomic() -> Any:
        together.wait()
        return transaction.atomic()

    def send() -> None:
        try:
            answers.append(world["reporter"].send(GOOD, headers()))
        finally:
            connections.close_all()

    monkeypatch.setattr("chengxin.collection.actions.transaction", SimpleNamespace(atomic=atomic))
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 202]
    assert len({a.json()["batch"] for a in answers}) == Batch.objects.count() == 1
    assert Event.objects.filter(action="batch.submit").count() == 1


def test_without_a_sound_key_nothing_is_taken_and_the_answer_explains(reporter: Api) -> None:
    for key in (None, "", "k" * 101, "two words", "键"):
        given = {k: v for k, v in headers().items() if k != "Idempotency-Key"}
        answer = reporter.send(GOOD, given if key is None else {**given, "Idempotency-Key": key})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "idempotency-key-missing"), key
    assert not Batch.objects.exists()


WRONG = [
    ({"item": "no-such-item"}, 422, "no-such-item"),
    ({"item": "registration"}, 422, "不报送"),
    ({"item": "DROP TABLE"}, 422, "header.Chengxin-Item"),
    ({"source": ""}, 422, "header.Chengxin-Source"),
    ({"source": "emergency"}, 403, "信息管理员"),
    ({"source": "no-such-unit"}, 403, "信息管理员"),
]


def test_what_and_whose_must_be_right(reporter: Api) -> None:
    for given, status, words in WRONG:
        answer = reporter.send(GOOD, headers(**given))
        assert (answer.status_code, words in answer.content.decode()) == (status, True), given
        assert answer.json()["error"]["message_en"] != answer.json()["error"]["message"]
        if words == "no-such-item":  # the sentence itself in English, with what it names
            assert words in answer.json()["error"]["message_en"]
    assert not Batch.objects.exists()


def test_a_form_must_be_complete(reporter: Api) -> None:
    for missing in ("file", "item", "source"):
        answer = reporter.upload({k: v for k, v in form().items() if k != missing}, {"Idempotency-Key": "key-1"})
        assert answer.status_code == 422
        assert answer.json()["error"]["details"][0]["field"] == f"form.{missing}"


def test_too_large_is_said_before_and_after_reading(reporter: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 100)
    for answer in (reporter.send(GOOD, headers()), reporter.upload(form(), {"Idempotency-Key": "key-1"})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")
    monkeypatch.setattr("chengxin.api.uploads._FORM_ROOM", -10_000)
    assert reporter.upload(form(), {"Idempotency-Key": "key-1"}).status_code == 413
    assert not Batch.objects.exists()


HALF = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf'
NOT_WHAT_THEY_SAY = [
    (b"", "application/octet-stream"),
    (b"not a form", "multipart/form-data; boundary=x"),
    (b"not a form", "multipart/form-data"),
    (HALF, "multipart/form-data; boundary=x"),
]


def test_a_body_that_is_not_what_it_says_is_the_clients_fault(reporter: Api) -> None:
    for body, kind in NOT_WHAT_THEY_SAY:
        answer = reporter.call("POST", "/batches", headers=headers(), data=body, content_type=kind)
        assert answer.status_code in (400, 422), (body, kind)
    assert not Batch.objects.exists()


def test_a_browsers_session_needs_its_token(world: World) -> None:
    client = Api(user=world.users["reporter"], enforce_csrf_checks=True)  # type: ignore[arg-type]
    assert client.get("/batches").status_code == 200
    answer = client.send(GOOD, headers())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
    assert not Batch.objects.exists()
    client.client.cookies["csrftoken"] = token = "a" * 32
    assert client.send(GOOD, headers(**{"X-CSRFToken": token})).status_code == 202
