"""Data quality by month: my units against the goals and among the others, the province for a steward; what is missing,
and what was asked about it (R-044 to R-048, R-052, R-060, R-061, R-312)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.audit.models import Event
from chengxin.collection.models import Batch, Reminder
from chengxin.collection.quality import shifted

from . import desk

MONTH = f"{timezone.localdate():%Y-%m}"
BEFORE = shifted(MONTH, -1)


@pytest.fixture
def other(stored_batch: Batch) -> Batch:
    """Another unit's batch of the month, without a fault."""
    return Batch.objects.create(
        item="penalty", source_id=desk.EMERGENCY, channel="page", state="stored", submitted_by="x", month=MONTH,
        file_name="x.csv", file_sha256="1" * 64, file_size=1, received=10, created=10, checked_at=timezone.now(),
    )  # fmt: skip


def test_my_units_against_the_goals_and_my_place(people: dict[str, Client], other: Batch) -> None:
    html = desk.seen(people["reporter"], "/workbench/quality")
    for told in ("江苏省生态环境厅", "71.4%", "目标 95% · 没有达到", "第 2 名，共 2 个单位", "第一名 100.0%"):
        assert told in html, told
    assert "江苏省应急管理厅" not in html, "the others are not named"
    assert "第 1 名" in desk.seen(people["stranger"], "/workbench/quality")


@pytest.mark.parametrize(
    ("view", "told"),
    [("source", "江苏省应急管理厅"), ("item", "行政处罚"), ("line", "江苏省应急管理厅"), ("region", "")],
)
def test_a_steward_sees_the_province_cut_four_ways(
    people: dict[str, Client], other: Batch, view: str, told: str
) -> None:
    html = desk.seen(people["steward"], f"/workbench/quality?view={view}")
    table = html[html.index('class="tabs"') :]
    assert told in table
    assert "<th" in table
    if view == "region":
        assert "地区不明" in table, "subjects that no register knows have no region yet"


def test_filters_narrow_the_board(people: dict[str, Client], other: Batch) -> None:
    html = desk.seen(people["steward"], f"/workbench/quality?source={desk.EMERGENCY}&item=penalty")
    table = html[html.index('class="tabs"') :]
    assert "江苏省应急管理厅" in table and "江苏省生态环境厅" not in table
    assert "没有校验完成的批次" in desk.seen(people["steward"], "/workbench/quality?month=2024-03")


@pytest.mark.parametrize("page", ["quality", "quality/omissions"])
@pytest.mark.parametrize("month", ["2026-13", "x" * 500, "1999-01"])
def test_a_month_that_is_none_is_told_so(people: dict[str, Client], page: str, month: str) -> None:
    response = people["reporter"].get(f"/workbench/{page}", {"month": month})
    assert (response.status_code, 'href="#id_month"' in response.content.decode()) == (422, True)


def ask(client: Client, **form: object) -> object:
    """The steward ticks the first thing that looks wrong."""
    html = desk.seen(client, f"/workbench/quality/omissions?month={MONTH}")
    box = html.split('name="rows" value="')[1].split('"')[0]
    given = {"rows": [box], "level": "remind", "answer_by": timezone.localdate().isoformat(), "remark": "", **form}
    return client.post(f"/workbench/quality/omissions?month={MONTH}", given)


def test_what_looks_wrong_is_asked_answered_and_closed(people: dict[str, Client], stored_batch: Batch) -> None:
    """R-047, R-048, R-060: the centre asks, the unit answers, the centre is content or asks again."""
    html = desk.seen(people["reporter"], f"/workbench/quality/omissions?month={MONTH}")
    assert "入库率 71.4%，低于 95%" in html
    assert 'name="rows"' not in html, "a unit does not ask itself"
    wrong = ask(people["steward"], rows=[], answer_by="")
    assert wrong.status_code == 422  # type: ignore[attr-defined]
    assert "请至少勾选一处" in wrong.content.decode()  # type: ignore[attr-defined]
    past = ask(people["steward"], answer_by="2020-01-01")
    assert "答复期限已经过去" in past.content.decode()  # type: ignore[attr-defined]
    assert ask(people["steward"]).status_code == 302  # type: ignore[attr-defined]
    assert ask(people["steward"]).status_code == 302  # type: ignore[attr-defined]
    asked = Reminder.objects.get()
    assert (asked.source_id, asked.defect, asked.reason_en) == (desk.ECOLOGY, "intake", asked.reason_en)
    page = f"/workbench/quality/reminders/{asked.pk}"
    assert "有 1 件催报或督办等您的单位回复" in desk.seen(people["reporter"], "/workbench/quality")
    assert "等待回复" in desk.seen(people["reporter"], "/workbench/quality/reminders")
    assert people["reporter"].post(page, {"outcome": "sent", "words": ""}).status_code == 422
    people["reporter"].post(page, {"outcome": "sent", "words": "已改好补报"})
    again = people["steward"].post(page, {"verdict": "again", "remark": "", "answer_by": ""})
    assert again.status_code == 422
    assert "请写明为什么还不行" in again.content.decode()
    assert "已改好补报" in desk.seen(people["steward"], page)
    people["steward"].post(page, {"verdict": "close"})
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by, asked.closed_by) == ("closed", "reporter", "steward")
    told = Event.objects.filter(kind="reminder").order_by("pk").values_list("action", flat=True)
    assert list(told) == ["reminder.ask", "reminder.answered", "reminder.closed"]


@pytest.mark.parametrize(("who", "status"), [("nobody", 302), ("reporter", 403), ("stranger", 403), ("visitor", 403)])
def test_nobody_else_asks(people: dict[str, Client], stored_batch: Batch, who: str, status: int) -> None:
    given = {"rows": ["0:x:y:z"], "level": "remind", "answer_by": timezone.localdate().isoformat()}
    assert people[who].post(f"/workbench/quality/omissions?month={MONTH}", given).status_code == status
    assert not Reminder.objects.exists()


def test_a_reminder_of_another_unit_does_not_exist(people: dict[str, Client], stored_batch: Batch) -> None:
    ask(people["steward"])
    page = f"/workbench/quality/reminders/{Reminder.objects.get().pk}"
    desk.seen(people["stranger"], page, 404)
    assert people["stranger"].post(page, {"outcome": "sent", "words": "不是我们的"}).status_code == 404
    assert people["steward"].post(page, {"outcome": "sent", "words": "替别人答"}).status_code == 403


def test_the_board_asks_as_much_for_many_units_as_for_one(
    people: dict[str, Client], other: Batch, django_assert_max_num_queries: Callable[..., object]
) -> None:
    one = Batch.objects.get(pk=other.pk)
    for number in range(30):
        one.pk, one.item, one.month, one.file_sha256 = (
            None,
            f"item-{number}",
            MONTH if number % 2 else BEFORE,
            f"{number}",
        )
        one.save()
    for page, most in (("quality", 8), ("quality/omissions", 9)):
        with django_assert_max_num_queries(most):
            desk.seen(people["steward"], f"/workbench/{page}?month={MONTH}")
