"""Whoever submits cannot decide; who does not belong to the unit does not even learn that there is a batch (R-024)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from chengxin.audit.models import Event
from chengxin.collection.models import Batch, State
from chengxin.registry.models import Record

from . import desk

pytestmark = pytest.mark.once

DECISIONS = {"release": {}, "return": {"reason": "不符"}, "withdraw": {}}


def denials(who: str) -> list[tuple[str, str]]:
    """What the trail says of somebody who was turned away; a stranger from outside is only asked to sign in."""
    return [] if who == "nobody" else [("access.denied", who)]


def decide(client: Client, batch: Batch, verb: str) -> int:
    return client.post(f"/workbench/batches/{batch.pk}/{verb}", DECISIONS[verb]).status_code


def test_an_auditor_releases_and_the_public_sees_it(people: dict[str, Client], batch: Batch) -> None:
    assert batch.number in desk.seen(people["auditor"], "/workbench")
    response = people["auditor"].post(f"/workbench/batches/{batch.pk}/release", follow=True)
    html = response.content.decode()
    assert "已放行并入库" in html
    assert '审核放行 <span class="soft">周一鸣' in html
    batch.refresh_from_db()
    assert (batch.state, batch.stored, batch.released_by) == (State.STORED, 5, "auditor")
    public = desk.seen(people["nobody"], f"/subjects/{desk.good(1)['CF_XDR_SHXYM']}")
    assert "苏环罚〔2026〕1号" in public
    unknown = f"/subjects/{desk.good(6)['CF_XDR_SHXYM']}"
    desk.seen(people["nobody"], unknown, 404)  # known only from a record in doubt: not even the name is shown


def test_whoever_submitted_is_told_why_not_and_who_could(people: dict[str, Client], batch: Batch) -> None:
    html = desk.seen(people["both"], f"/workbench/batches/{batch.pk}")
    assert "报送人不能审核自己报送的批次" in html
    assert "周一鸣" in html
    assert "/release" not in html
    assert "/withdraw" in html
    assert "等我放行的批次" in desk.seen(people["both"], "/workbench")
    response = people["both"].post(f"/workbench/batches/{batch.pk}/release")
    assert response.status_code == 403
    assert "报送人不能审核自己报送的批次" in response.content.decode()


@pytest.mark.parametrize(
    ("who", "verb", "status"),
    [
        ("nobody", "release", 302), ("nobody", "return", 302), ("nobody", "withdraw", 302),
        ("reporter", "release", 403), ("reporter", "return", 403),
        ("both", "release", 403), ("both", "return", 403),
        ("steward", "release", 403), ("steward", "return", 403), ("steward", "withdraw", 403),
        ("stranger", "release", 404), ("stranger", "return", 404), ("stranger", "withdraw", 404),
        ("visitor", "release", 404), ("visitor", "return", 404), ("visitor", "withdraw", 404),
    ],
)  # fmt: skip
def test_who_may_not_changes_nothing(people: dict[str, Client], batch: Batch, who: str, verb: str, status: int) -> None:
    events, before = Event.objects.count(), Batch.objects.values().get(pk=batch.pk)
    assert decide(people[who], batch, verb) == status
    assert Batch.objects.values().get(pk=batch.pk) == before
    assert list(Event.objects.order_by("pk").values_list("action", "actor")[events:]) == denials(who)
    assert not Record.objects.exists()


@pytest.mark.parametrize("path", ["", "/receipt.csv", "/receipt.xlsx"])
def test_a_batch_of_another_unit_does_not_exist(people: dict[str, Client], batch: Batch, path: str) -> None:
    for who in ("stranger", "visitor"):
        html = desk.seen(people[who], f"/workbench/batches/{batch.pk}{path}", 404)
        assert batch.number not in html
        assert html.count("没有找到") == desk.seen(people[who], f"/workbench/batches/999999{path}", 404).count(
            "没有找到"
        )
        assert batch.number not in desk.seen(people[who], "/workbench/batches")
        assert batch.number not in desk.seen(people[who], "/workbench")
    assert batch.number in desk.seen(people["steward"], "/workbench/batches")


@pytest.mark.parametrize("verb", list(DECISIONS))
def test_only_a_form_changes_anything(people: dict[str, Client], batch: Batch, verb: str) -> None:
    assert people["auditor"].get(f"/workbench/batches/{batch.pk}/{verb}").status_code == 405


def test_giving_back_needs_a_reason_that_the_reporter_reads(people: dict[str, Client], batch: Batch) -> None:
    response = people["auditor"].post(f"/workbench/batches/{batch.pk}/return", {"reason": "  "})
    html = response.content.decode()
    assert response.status_code == 422
    assert "请写明退回的原因" in html
    assert 'href="#id_reason"' in html
    assert "<details open>" in html
    people["auditor"].post(f"/workbench/batches/{batch.pk}/return", {"reason": "第 3 行与决定书原件不符"})
    html = desk.seen(people["reporter"], f"/workbench/batches/{batch.pk}")
    assert "审核员 周一鸣 把这一批退回了" in html
    assert "第 3 行与决定书原件不符" in html
    assert batch.number in desk.seen(people["reporter"], "/workbench").split("最近的批次")[0]


def test_an_auditor_sees_what_is_unusual_before_releasing(people: dict[str, Client], batch: Batch) -> None:
    """Compared with the unit's past and with the goals of the packs (R-060)."""
    for _ in range(3):
        earlier = desk.submitted(people["reporter"], [desk.good(1)])
        Batch.objects.filter(pk=earlier.pk).update(received=400, repeated=0)
    late = desk.submitted(people["both"], desk.faulty())
    html = desk.seen(people["auditor"], f"/workbench/batches/{late.pk}")
    assert "只有 71.4% 的行能入库，低于 95% 的目标" in html
    assert "收到 7 行，比此前每批平均 302 行少得多" in html
    assert "报送和审核不能是同一个人" in html
    assert "少得多" not in desk.seen(people["reporter"], f"/workbench/batches/{late.pk}")


def test_of_two_who_decide_at_once_the_second_learns_what_the_first_did(
    people: dict[str, Client], batch: Batch
) -> None:
    assert decide(people["auditor"], batch, "return") == 302
    html = people["both"].post(f"/workbench/batches/{batch.pk}/withdraw", follow=True).content.decode()
    assert "现在是「审核退回」，不能这样处理" in html
    late = people["auditor"].post(f"/workbench/batches/{batch.pk}/release", follow=True).content.decode()
    assert 'class="note bad" role="alert"' in late


def test_the_source_unit_takes_a_batch_back(people: dict[str, Client], batch: Batch) -> None:
    html = people["reporter"].post(f"/workbench/batches/{batch.pk}/withdraw", follow=True).content.decode()
    assert "已撤回，里面没有一行入库" in html
    assert Batch.objects.get(pk=batch.pk).state == State.WITHDRAWN


def test_batches_can_be_filtered(people: dict[str, Client], batch: Batch) -> None:
    other = desk.submitted(people["reporter"], "名字,代码\n甲,乙\n".encode())
    by_state = desk.seen(people["reporter"], "/workbench/batches?state=refused")
    assert other.number in by_state
    assert batch.number not in by_state
    assert batch.number in desk.seen(people["reporter"], f"/workbench/batches?item=penalty&month={batch.month}")
    assert "没有符合条件的批次" in desk.seen(people["reporter"], "/workbench/batches?month=2001-01")
    assert batch.number in desk.seen(people["reporter"], "/workbench/batches?state=nonsense&month=x&page=zz")


BUDGETS = {
    "/workbench": 40,
    "/workbench/submit": 5,
    "/workbench/batches": 8,
    "/workbench/doubts": 9,
    "/workbench/quality": 7,
}


@pytest.mark.parametrize("path", list(BUDGETS))
def test_budgets(
    people: dict[str, Client], batch: Batch, path: str, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(BUDGETS[path]):
        desk.seen(people["both"], path)


def test_budget_of_a_batch(
    people: dict[str, Client], batch: Batch, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(9):
        desk.seen(people["both"], f"/workbench/batches/{batch.pk}")
