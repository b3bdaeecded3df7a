"""The monthly bulletin: one snapshot, shown as page, PDF and workbook, let out by a second person (R-054, R-061, R-349)."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role, User
from chengxin.audit.models import Event
from chengxin.collection.models import Batch, Bulletin

from . import desk

pytestmark = pytest.mark.once

MONTH = f"{timezone.localdate():%Y-%m}"


@pytest.fixture
def second(people: dict[str, Client]) -> Client:
    """Another steward."""
    user = make_user("steward-2", "梁若水", None, [(desk.CENTRE, Role.STEWARD)])
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


@pytest.fixture
def draft(people: dict[str, Client], stored_batch: Batch) -> Bulletin:
    response = people["steward"].post("/workbench/bulletins", {"month": MONTH, "foreword": "请抓紧整改。"})
    assert response.status_code == 302, response.content.decode()
    return Bulletin.objects.get(month=MONTH)


def test_the_snapshot_says_it_all_and_has_its_hash(draft: Bulletin) -> None:
    said = json.loads(draft.snapshot)
    assert hashlib.sha256(draft.snapshot.encode()).hexdigest() == draft.sha256
    assert (said["total"]["reported"], said["total"]["stored"]) == (7, 5)
    assert [(r["place"], r["name"]) for r in said["sources"]] == [(1, "江苏省生态环境厅")]
    assert said["doubts"][0]["count"] == 2
    assert any(s["defect"] == "intake" for s in said["suspects"])
    assert "苏州泊禾" not in draft.snapshot, "no subject is named"


def test_page_pdf_and_workbook_say_the_same(people: dict[str, Client], draft: Bulletin) -> None:
    page = f"/workbench/bulletins/{MONTH}"
    html = desk.seen(people["steward"], page)
    for told in (
        "请抓紧整改。",
        "报送 7 行，入库 5 行，入库率 71.4%，没有达到 95% 的目标",
        draft.sha256,
        "江苏省生态环境厅",
    ):
        assert told in html, told
    book = openpyxl.load_workbook(io.BytesIO(people["steward"].get(f"{page}.xlsx").content))
    assert book["各信源单位排名"]["B5"].value == "江苏省生态环境厅"
    assert book["各信源单位排名"]["E5"].value == pytest.approx(5 / 7, abs=1e-4)
    first, again = (people["steward"].get(f"{page}.pdf") for _ in range(2))
    assert (first.status_code, first["Content-Type"]) == (200, "application/pdf")
    assert first.content.startswith(b"%PDF") and first.content == again.content


def test_four_eyes_let_it_out_and_then_it_stands(people: dict[str, Client], second: Client, draft: Bulletin) -> None:
    page = f"/workbench/bulletins/{MONTH}"
    desk.seen(people["reporter"], page, 404)
    assert "要由另一位数据管理员发布" in desk.seen(people["steward"], page)
    assert people["steward"].post(f"{page}/publish", {"sha256": draft.sha256}).status_code == 403
    second.post(f"{page}/publish", {"sha256": "0" * 64})
    assert Bulletin.objects.get().published_at is None, "only what was read is let out"
    second.post(f"{page}/publish", {"sha256": draft.sha256})
    out = Bulletin.objects.get()
    assert (out.published_by, out.sha256) == ("steward-2", draft.sha256)
    assert "江苏省生态环境厅" in desk.seen(people["stranger"], page), "every unit reads the ranking"
    late = people["steward"].post("/workbench/bulletins", {"month": MONTH})
    assert (late.status_code, "已经发布，不能再改" in late.content.decode()) == (422, True)
    assert Bulletin.objects.get().snapshot == draft.snapshot
    told = Event.objects.filter(kind="bulletin").order_by("pk").values_list("action", "actor")
    assert list(told) == [("bulletin.prepare", "steward"), ("bulletin.publish", "steward-2")]


def test_a_draft_can_be_drawn_up_anew(people: dict[str, Client], draft: Bulletin) -> None:
    people["steward"].post("/workbench/bulletins", {"month": MONTH, "foreword": "改了一句"})
    assert Bulletin.objects.get().foreword == "改了一句"


@pytest.mark.parametrize(("who", "status"), [("nobody", 302), ("reporter", 403), ("auditor", 403), ("visitor", 403)])
def test_nobody_else_draws_one_up(people: dict[str, Client], stored_batch: Batch, who: str, status: int) -> None:
    assert people[who].post("/workbench/bulletins", {"month": MONTH}).status_code == status
    assert not Bulletin.objects.exists()


@pytest.mark.parametrize("month", ["2026-13", "", "1999-01"])
def test_a_month_that_is_none_is_told_so(people: dict[str, Client], month: str) -> None:
    response = people["steward"].post("/workbench/bulletins", {"month": month})
    assert (response.status_code, 'href="#id_month"' in response.content.decode()) == (422, True)
    desk.seen(people["steward"], "/workbench/bulletins/nonsense", 404)


def test_budgets(
    people: dict[str, Client], draft: Bulletin, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for path, most in (("bulletins", 5), (f"bulletins/{MONTH}", 5), ("catalogue", 5), ("catalogue/penalty", 4)):
        with django_assert_max_num_queries(most):
            desk.seen(people["steward"], f"/workbench/{path}")


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("fields", "行政处罚决定书文号"),
        ("rules", "penalty.key.duplicate"),
        ("sources", "江苏省生态环境厅"),
        ("versions", "现行"),
    ],
)
def test_the_catalogue_can_be_read_part_by_part(people: dict[str, Client], part: str, told: str) -> None:
    assert told in desk.seen(people["reporter"], f"/workbench/catalogue/penalty?part={part}")


def test_the_catalogue_is_found_by_words_and_source(people: dict[str, Client]) -> None:
    html = desk.seen(people["steward"], f"/workbench/catalogue?q=处罚&source={desk.ECOLOGY}")
    assert "/workbench/catalogue/penalty" in html and "/workbench/catalogue/licence" not in html
    assert "没有符合条件的目录项" in desk.seen(people["steward"], "/workbench/catalogue?q=没有这样的")
    desk.seen(people["steward"], "/workbench/catalogue/nothing", 404)
