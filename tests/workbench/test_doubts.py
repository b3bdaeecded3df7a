"""Doubts are shown to their unit and settled by an auditor with a reason, never by whoever submitted (R-051)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.audit.models import Event, Look
from chengxin.collection import doubts
from chengxin.collection.models import Batch
from chengxin.registry.models import Record, RecordVersion, Standing

from . import desk

pytestmark = pytest.mark.once
TODAY = timezone.localdate()


@pytest.fixture
def doubt(people: dict[str, Client], stored_batch: Batch) -> Record:
    return Record.objects.filter(held=True).order_by("pk").first()  # type: ignore[return-value]


def test_doubts_are_listed_with_what_is_doubtful(people: dict[str, Client], doubt: Record) -> None:
    html = desk.seen(people["reporter"], "/workbench/doubts")
    assert "共 2 条" in html
    assert "苏环罚〔2026〕6号" in html
    assert "内容却不一样" in html
    assert "苏环罚" not in desk.seen(people["stranger"], "/workbench/doubts")
    assert "江苏省生态环境厅" in desk.seen(people["steward"], "/workbench/doubts")


def test_one_doubt_in_full_shows_the_other_claim_and_the_look_is_kept(people: dict[str, Client], doubt: Record) -> None:
    html = desk.seen(people["reporter"], f"/workbench/doubts/{doubt.pk}")
    assert "同一事项的另外报送" in html
    sides = html[html.index("两边各说了什么") :].split("</table>")[0]
    assert "罚款人民币一万元" in sides and "另外的处罚内容" in sides, "both sides stand side by side"
    assert sides.index("处罚内容") < sides.index("处罚决定日期"), "what differs comes first"
    assert sides.count("不一致</span>") == 1
    assert "行政处罚决定书文号" in html
    assert "确认存疑信息需要您在这个信源单位担任审核员" in html
    assert Event.objects.filter(action="record.look", object=str(doubt.pk), actor="reporter").count() == 1


def test_an_auditor_settles_it_with_a_reason_and_it_takes_effect(people: dict[str, Client], doubt: Record) -> None:
    path = f"/workbench/doubts/{doubt.pk}"
    response = people["auditor"].post(path, {"reason": ""})
    assert (response.status_code, "请写明凭什么这样处理" in response.content.decode()) == (422, True)
    assert (
        "已确认，这一条现在生效" in people["auditor"].post(path, {"reason": "已核对原件"}, follow=True).content.decode()
    )
    doubt.refresh_from_db()
    assert not doubt.held
    newest = doubt.versions.order_by("-number").first()
    assert (newest.action, newest.actor, newest.reason) == ("settle", "auditor", "已核对原件")  # type: ignore[union-attr]
    assert desk.seen(people["nobody"], f"/subjects/{doubt.subject.code}").count("<article") == 1
    assert people["auditor"].post(path, {"reason": "再来一次"}).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("nobody", 302), ("reporter", 403), ("both", 403), ("steward", 403), ("stranger", 404)]
)
def test_nobody_else_settles_it(people: dict[str, Client], doubt: Record, who: str, status: int) -> None:
    before = Event.objects.count()
    response = people[who].post(f"/workbench/doubts/{doubt.pk}", {"reason": "没问题"})
    assert response.status_code == status
    assert Record.objects.get(pk=doubt.pk).held
    fresh = Event.objects.order_by("pk").values_list("action", "actor")[before:]
    assert list(fresh) == ([] if who == "nobody" else [("access.denied", who)])
    if who == "both":
        assert "报送人不能审核自己报送的批次" in response.content.decode()


def test_a_unit_learns_that_another_one_contradicts_it(people: dict[str, Client], doubt: Record) -> None:
    released = Record.objects.filter(held=False).order_by("pk").first()
    assert released is not None
    Record.objects.create(
        item="penalty", source="emergency", key=released.key, key_hash=released.key_hash, subject=released.subject,
        change=released.change, content_hash="other", held=True,
    )  # fmt: skip
    html = desk.seen(people["reporter"], "/workbench/doubts")
    assert "别的单位对同一事项另有报送" in html
    assert "江苏省应急管理厅" in html


def rival_of(doubt: Record, number: str = "9", **more: Any) -> Record:
    """What another unit has stated under the same natural key, in doubt as well."""
    made = Record.objects.create(**{
        "item": doubt.item, "source": "emergency", "key": doubt.key, "key_hash": doubt.key_hash, "subject": doubt.subject,
        "change": 0, "content_hash": f"other-{number}", "variant": number, "held": True, **more,
    })  # fmt: skip
    payload = {
        "document_number": doubt.key, "content": f"对方说的处罚内容{number}", "facts": f"对方写的违法事实{number}",
        "subject_representative": f"对方的负责人{number}",
    }  # fmt: skip
    version = RecordVersion.objects.create(
        record=made, number=1, action="created", standing=made.standing, held=made.held, item_version="2026.1", actor="them",
        payload=json.dumps(payload, ensure_ascii=False), content_hash=made.content_hash, recorded_at=timezone.now(),
        subject_id_then=made.subject_id,
    )  # fmt: skip
    Record.objects.filter(pk=made.pk).update(change=version.pk)
    return made


@pytest.mark.parametrize(
    "over",
    [{"standing": Standing.WITHDRAWN}, {"standing": Standing.REPAIRED}, {"standing": Standing.ARCHIVED},
     {"standing": Standing.SHIELDED}, {"retain_until": TODAY - timedelta(days=1)}],
    ids=lambda over: str(next(iter(over.values()))),
)  # fmt: skip
def test_a_claim_that_is_not_in_effect_any_more_is_shown_to_nobody(
    people: dict[str, Client], doubt: Record, over: dict[str, Any]
) -> None:
    """R-092, R-230: what was withdrawn, repaired or kept long enough does not come back by way of a doubt."""
    rival_of(doubt, **over)
    for who in ("reporter", "auditor", "steward"):
        html = desk.seen(people[who], f"/workbench/doubts/{doubt.pk}")
        assert "另外的处罚内容" in html and "对方" not in html, who
    assert "别的单位对同一事项另有报送" not in desk.seen(people["reporter"], "/workbench/doubts")


def test_what_another_unit_states_passes_disclosure(
    people: dict[str, Client], doubt: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-092: both sides see the doubt, but a field that is for the subject alone is shown to neither's rival."""
    rival_of(doubt)
    hidden = "facts"
    real = doubts.disclose

    def strict(facts: Any, payload: Any, fields: Any, **more: Any) -> Any:
        kept = [f.model_copy(update={"disclosure": "subject"}) if f.id == hidden else f for f in fields]
        return real(facts, payload, kept, **more)

    monkeypatch.setattr(doubts, "disclose", strict)
    html = desk.seen(people["reporter"], f"/workbench/doubts/{doubt.pk}")
    assert "对方说的处罚内容9" in html and "对方写的违法事实9" not in html
    look = Look.objects.get(subject=doubt.subject.code, actor="reporter", basis=f"doubt {doubt.pk}")
    assert look.purpose == doubts.PURPOSE and look.for_whom == desk.ECOLOGY and look.items == ["penalty"]
    assert "content" in look.fields and look.records == 3


def test_the_subjects_see_whose_doubts_were_opened_and_once_a_day(people: dict[str, Client], doubt: Record) -> None:
    """G-10: the list and the page leave a look each; leafing back and forth adds nothing."""
    rival = rival_of(doubt)
    for _again in range(2):
        desk.seen(people["reporter"], "/workbench/doubts")
        desk.seen(people["steward"], f"/workbench/doubts/{doubt.pk}")
    rows = Look.objects.filter(subject=doubt.subject.code).order_by("pk")
    assert [(r.actor, r.basis, r.for_whom) for r in rows] == [
        ("reporter", "doubts", desk.ECOLOGY), ("steward", f"doubt {doubt.pk}", "centre"),
    ]  # fmt: skip
    assert rows[0].fields == ["document_number"] and rows[0].records == 3, "two of ours, and the claim of another unit"
    assert rival.subject == doubt.subject


def test_doubts_can_be_narrowed(people: dict[str, Client], doubt: Record) -> None:
    assert "共 2 条" in desk.seen(people["steward"], "/workbench/doubts?item=penalty")
    assert "共 2 条" in desk.seen(people["steward"], "/workbench/doubts?item=nonsense")
    Record.objects.filter(pk=doubt.pk).update(item="licence")
    assert "共 1 条" in desk.seen(people["steward"], "/workbench/doubts?item=penalty")
