"""Reminders and bulletins by API: the same verbs and rights as the pages, step by step (R-047, R-048, R-054, R-060)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from chengxin.accounts.actions import make_api_key, make_user
from chengxin.accounts.models import Role
from chengxin.audit.models import Event
from chengxin.collection.models import Batch, Bulletin, Reminder, State

from .client import Api
from .world import CENTRE, ECOLOGY, EMERGENCY, World, batch

MONTH = f"{timezone.localdate():%Y-%m}"
SOON = (timezone.localdate() + timedelta(days=5)).isoformat()


@pytest.fixture
def second(world: World) -> Api:
    """Another steward."""
    return Api(make_api_key(make_user("steward-2", "梁若水", None, [(CENTRE, Role.STEWARD)]), "test"))


@pytest.fixture
def thin(world: World) -> Batch:
    """Seven rows of the ecology bureau, of which five are in the register: below the goal of intake."""
    return batch(State.STORED, received=7, created=5, rejected=2, checked_at=timezone.now())


def suspects(api: Api) -> list[dict[str, Any]]:
    return list(api.get(f"/suspects?month={MONTH}").json()["suspects"])


def asked(api: Api, **changes: object) -> Any:
    [first, *_more] = suspects(api)
    about = [{k: first[k] for k in ("source", "item", "defect")}]
    return api.post("/reminders", {"month": MONTH, "about": about, "answer_by": SOON, **changes})


def test_what_looks_wrong_is_told_to_the_unit_and_the_steward_only(world: World, thin: Batch) -> None:
    for name in ("reporter", "auditor", "steward"):
        [found] = [s for s in suspects(world[name]) if s["defect"] == "intake"]
        assert (found["source"], found["item"]) == (ECOLOGY, "penalty")
        assert "71.4%" in found["reason"] and found["reason_en"].isascii()
    assert suspects(world["stranger"]) == []
    unknown = world["steward"].get("/suspects?month=2001-01")
    assert (unknown.status_code, unknown.json()["error"]["details"][0]["code"]) == (422, "no_policy")


def test_a_reminder_is_asked_answered_asked_again_and_closed(world: World, thin: Batch) -> None:
    made = asked(world["steward"], remark="请补报")
    assert made.status_code == 201
    [told] = made.json()["reminders"]
    assert (told["source"], told["level"], told["state"], told["asked_by"]) == (ECOLOGY, "remind", "open", "steward")
    assert asked(world["steward"]).json()["reminders"] == [], "what was asked is not asked again"
    at = f"/reminders/{told['id']}"
    assert world["reporter"].get("/reminders").json()["reminders"][0]["remark"] == "请补报"
    assert world["stranger"].get(at).status_code == 404
    assert world["stranger"].get("/reminders").json()["reminders"] == []
    done = {"outcome": "sent", "words": "已补报"}
    assert world["steward"].post(f"{at}/answer", done).status_code == 403, "nobody answers for the unit"
    assert world["steward"].post(f"{at}/close").status_code == 409
    assert world["reporter"].post(f"{at}/answer", {"outcome": "maybe", "words": "x"}).status_code == 422
    assert world["reporter"].post(f"{at}/answer", done).json()["state"] == "answered"
    assert world["reporter"].post(f"{at}/close").status_code == 403, "nor is the unit content with itself"
    again = {"remark": "缺第 3 号", "answer_by": SOON}
    past = world["steward"].post(f"{at}/reopen", {**again, "answer_by": "2020-01-01"})
    assert past.status_code == 422 and "答复期限已经过去" in past.json()["error"]["message"]
    assert world["steward"].post(f"{at}/reopen", again).json()["state"] == "open"
    world["auditor"].post(f"{at}/answer", done)
    closed = world["steward"].post(f"{at}/close").json()
    assert (closed["state"], closed["answered_by"], closed["closed_by"]) == ("closed", "auditor", "steward")
    words = Event.objects.filter(kind="reminder").order_by("pk").values_list("action", flat=True)
    assert list(words) == ["reminder.ask", "reminder.answered", "reminder.open", "reminder.answered", "reminder.closed"]


def test_only_what_looks_wrong_is_asked_about_and_all_or_nothing(world: World, thin: Batch) -> None:
    [first, *_more] = suspects(world["steward"])
    good = {k: first[k] for k in ("source", "item", "defect")}
    refused = asked(world["steward"], about=[good, {**good, "source": EMERGENCY}])
    assert refused.status_code == 422 and EMERGENCY in refused.json()["error"]["message"]
    assert asked(world["steward"], level="shout").status_code == 422
    assert asked(world["steward"], answer_by="2020-01-01").status_code == 422
    assert not Reminder.objects.exists()


def test_the_list_is_narrowed_and_paged(world: World, thin: Batch) -> None:
    asked(world["steward"])
    asked(world["steward"], level="supervise")
    page = world["steward"].get("/reminders?limit=1").json()
    assert [r["level"] for r in page["reminders"]] == ["supervise"]
    rest = world["steward"].get(f"/reminders?limit=1&cursor={page['next']}").json()
    assert ([r["level"] for r in rest["reminders"]], rest["next"]) == (["remind"], None)
    narrowed = world["steward"].get(f"/reminders?level=remind&state=open&source={ECOLOGY}&month={MONTH}").json()
    assert len(narrowed["reminders"]) == 1
    assert world["steward"].get(f"/reminders?source={EMERGENCY}").json()["reminders"] == []


def test_a_bulletin_is_drawn_up_by_one_steward_and_let_out_by_another(world: World, second: Api, thin: Batch) -> None:
    """R-054: four eyes, and only what was read goes out."""
    made = world["steward"].post("/bulletins", {"month": MONTH, "foreword": "请抓紧整改。"})
    assert made.status_code == 201
    draft = made.json()
    assert (draft["foreword"], draft["snapshot"]["total"]["reported"], draft["published_at"]) == (
        "请抓紧整改。",
        7,
        None,
    )
    at, seen = f"/bulletins/{MONTH}", {"sha256": draft["sha256"]}
    assert world["reporter"].get(at).status_code == 404, "a draft is the stewards'"
    assert world["steward"].post(f"{at}/publish", seen).status_code == 403
    assert second.post(f"{at}/publish", {"sha256": "0" * 64}).status_code == 422
    assert second.post(f"{at}/publish", seen).json()["published_by"] == "steward-2"
    assert second.post(f"{at}/publish", seen).status_code == 409
    assert world["steward"].post("/bulletins", {"month": MONTH}).status_code == 409
    assert world["reporter"].get(at).json()["sha256"] == draft["sha256"]
    assert [b["month"] for b in world["stranger"].get("/bulletins").json()["bulletins"]] == [MONTH]
    assert Bulletin.objects.get().published_by == "steward-2"
    assert world["steward"].post("/bulletins", {"month": "2001-01"}).status_code == 422


def test_a_bulletin_as_pdf_and_workbook(world: World, thin: Batch) -> None:
    world["steward"].post("/bulletins", {"month": MONTH})
    book = world["steward"].get(f"/bulletins/{MONTH}/file.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content))["各信源单位排名"]
    assert sheet["B5"].value == "江苏省生态环境厅"
    assert world["steward"].get(f"/bulletins/{MONTH}/file.pdf").content.startswith(b"%PDF")
    assert world["steward"].get(f"/bulletins/{MONTH}/file.doc").status_code == 422
    assert world["reporter"].get(f"/bulletins/{MONTH}/file.pdf").status_code == 404
