"""What an auditor reads: the trail, denials, sign-ins, looks, and the log that proves it (G-10, R-082, R-361, R-363)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role
from chengxin.audit import reading, sealing, witnesses
from chengxin.audit.actions import record as trace
from chengxin.audit.actions import record_all
from chengxin.audit.keys import open_log
from chengxin.audit.models import Event, Look
from chengxin.audit.recent import verify_newest

pytestmark = pytest.mark.once
TODAY = timezone.localdate()


@pytest.fixture
def auditor(store: object) -> Client:
    client = Client()
    client.force_login(make_user("shen", "沈立", None, [("centre", Role.AUDIT)]))
    return client


@pytest.fixture
def sealed(store: object) -> list[Event]:
    """Three events in a sealed log, and one that came later."""
    open_log("init")
    events = [trace("lin", "case.open", "case", f"修复〔2026〕{n}号") for n in range(3)]
    sealing.seal()
    return [*events, trace("lin", "case.step", "case", "修复〔2026〕1号", step="accept")]


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return str(response.content.decode())


def test_the_trail_is_narrowed_by_who_what_which_and_when(auditor: Client) -> None:
    trace("lin", "batch.submit", "batch", 7, item="penalty")
    trace("zhou", "key.make", "person", 3, label="水利系统")
    every = text(auditor.get("/workbench/audit"))
    assert "报送文件" in every and "发放接口密钥" in every
    for query, there in (
        ({"actor": "lin"}, True), ({"actor": "zhou"}, False), ({"action": "batch."}, True), ({"action": "key.make"}, False),
        ({"kind": "batch", "object": "7"}, True), ({"object": "8"}, False), ({"since": TODAY.isoformat()}, True),
        ({"until": (TODAY - timedelta(days=1)).isoformat()}, False), ({"since": (TODAY + timedelta(days=1)).isoformat()}, False),
    ):  # fmt: skip
        rows = text(auditor.get("/workbench/audit", query)).partition("<tbody")[2]
        assert ("batch.submit" in rows) is there, query


def test_a_wrong_period_is_told(auditor: Client) -> None:
    assert "请写成日期" in text(auditor.get("/workbench/audit", {"since": "昨天"}), 422)
    assert "请对调" in text(auditor.get("/workbench/audit", {"since": "2026-02-02", "until": "2026-02-01"}), 422)


def test_pages_go_on_by_number_there_and_back(auditor: Client, django_assert_max_num_queries: Any) -> None:
    record_all("lin", "look", "look", ((n, {}) for n in range(70)))
    asked = reading.Question(actor="lin")
    first = reading.page(asked, 30)
    second = reading.page(asked, 30, before=first.older)
    third = reading.page(asked, 30, before=second.older)
    assert [len(p.events) for p in (first, second, third)] == [30, 30, 10] and third.older is None
    back = reading.page(asked, 30, after=second.newer)
    assert [e.pk for e in back.events] == [e.pk for e in first.events] and back.newer is None
    with django_assert_max_num_queries(20):
        text(auditor.get("/workbench/audit", {"actor": "lin"}))


def test_a_period_becomes_a_range_of_numbers(store: object) -> None:
    record_all("lin", "look", "look", ((n, {}) for n in range(9)))
    newest = Event.objects.latest("pk").pk
    assert reading.first_since(timezone.now() - timedelta(hours=1)) <= 1
    assert reading.first_since(timezone.now() + timedelta(hours=1)) == newest + 1


def test_denials_and_sign_ins_have_their_own_pages(auditor: Client) -> None:
    Client().post("/sign-in", {"username": "shen", "password": "wrong"})
    auditor.get("/workbench/keys")
    trace("lin", "batch.submit", "batch", 7)
    denied = text(auditor.get("/workbench/audit", {"view": "denied"})).partition("<tbody")[2]
    assert "越权访问被拒绝" in denied and "登录失败" in denied and "报送文件" not in denied
    signing = text(auditor.get("/workbench/audit", {"view": "signing"})).partition("<tbody")[2]
    assert "登录失败" in signing and "越权访问被拒绝" not in signing


def test_reading_of_looks_leaves_a_trace_itself(auditor: Client) -> None:
    Look.objects.create(actor="lin", subject="91320000TEST", audience="duty", basis="licence", purpose="许可审查")
    told = text(auditor.get("/workbench/audit/looks"))
    assert "许可审查" in told and "91320000TEST" in told
    assert Event.objects.filter(actor="shen", action="trail.read").count() == 1
    assert "没有符合条件" in text(auditor.get("/workbench/audit/looks", {"refused": "on"}))


def test_an_event_comes_with_its_proof(auditor: Client, sealed: list[Event]) -> None:
    told = text(auditor.get(f"/workbench/audit/{sealed[0].pk}"))
    assert "提出办件" in told and "修复〔2026〕0号" in told and "检查点里" in told
    proof = json.loads(text(auditor.get(f"/workbench/audit/{sealed[0].pk}/proof.json")))
    assert proof["kind"] == "event" and proof["ref"] == sealed[0].pk and proof["proof"]
    late = f"/workbench/audit/{sealed[-1].pk}"
    assert "还没有" in text(auditor.get(late))
    assert auditor.get(f"{late}/proof.json").status_code == 404


def test_the_log_says_how_it_stands_and_checks_its_newest_part(
    auditor: Client, sealed: list[Event], settings: Any, tmp_path: Any
) -> None:
    assert "没有见证方" in text(auditor.get("/workbench/audit/log"))
    (tmp_path / "witness").mkdir()
    settings.WITNESSES = [str(tmp_path / "witness"), str(tmp_path / "gone")]
    witnesses.push()
    told = text(auditor.get("/workbench/audit/log"))
    assert "已知道最新检查点" in told and "联系不上" in told and "chengxin/log" in told
    assert "最新部分完好" in text(auditor.post("/workbench/audit/log"))
    assert Event.objects.get(action="log.verify").detail["result"] == "sound"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_event SET actor = 'nobody' WHERE id = %s", "changed"),
        ("DELETE FROM audit_event WHERE id = %s", "missing"),
        ("UPDATE audit_checkpoint SET root = x'00' WHERE %s > 0", "root"),
    ],
)
def test_what_was_altered_in_the_newest_part_is_found(sealed: list[Event], statement: str, fault: str) -> None:
    assert verify_newest().sound  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # whoever alters a trail takes its guards away first
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%audit%'"
            for (name,) in cursor.execute(names).fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute(statement, [sealed[1].pk])
    found = verify_newest()
    assert found is not None and not found.sound and any(fault in f for f in found.faults)


def test_without_a_log_the_page_says_what_to_do(auditor: Client) -> None:
    assert "chengxin audit checkpoint" in text(auditor.get("/workbench/audit/log"))
    assert verify_newest() is None
