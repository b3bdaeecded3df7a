"""Home, catalogue, signing in, languages, error pages; what every page has (anchors.md 5.1)."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Organisation, Role
from chengxin.audit.models import Event
from chengxin.collection.models import Batch, State
from chengxin.registry.packs import policies

from .conftest import CODE, Shelf

PUBLIC = [
    "/",
    "/search",
    "/search?q=云岭",
    f"/subjects/{CODE}",
    "/publicity/penalty",
    "/commitments",
    "/lists",
    "/inspections",
    "/statistics",
    "/open-data",
    "/site-map",
    "/catalogue",
    "/catalogue/penalty",
    "/sign-in",
    "/nowhere",
]
PASSWORD = "a-long-pass-phrase"

pytestmark = pytest.mark.once


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_whole_without_script_style_or_foreign_address(
    client: Client, filled: Shelf, path: str, language: str
) -> None:
    response = client.get(path, headers={"Accept-Language": language})
    html = response.content.decode()
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}">' in html
    assert html.count("<h1") == html.count("<main") == 1
    assert 'href="#main"' in html
    assert not re.findall(r"<script(?! src=\"/static/| [^>]*type=\"application/json\")", html)
    assert " style=" not in html
    assert "<style" not in html
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', html)
    assert "default-src 'self'" in response["Content-Security-Policy"]
    if language == "en" and path != "/catalogue/penalty":  # English rules quote Chinese code tables
        outside = re.sub(r'<(\w+)[^>]*lang="zh-Hans"[^>]*>.*?</\1>|云岭|苏州[^<]*', "", html, flags=re.S)
        assert not re.findall("[一-鿿]+", outside)


@pytest.mark.parametrize("path", [p for p in PUBLIC if p != "/sign-in"])
def test_public_pages_set_no_cookie(client: Client, filled: Shelf, path: str) -> None:
    assert not client.get(path).cookies


def test_home_begins_with_the_search_box_and_says_how_fresh_the_data_is(client: Client, store: object) -> None:
    html = client.get("/").content.decode()
    assert html.index('name="q"') < html.index("可以做什么") < html.index("数据截至何时")
    assert "登记库里还没有数据" in html
    at = timezone.now()
    source = Organisation.objects.get(pk="ecology-environment")
    for state in (State.STORED, State.CHECKED):
        Batch.objects.create(
            item="penalty", source=source, channel="page", state=state, submitted_by="x", month="2026-11",
            file_name="x", file_sha256="0" * 64, file_size=1, stored_at=at if state == State.STORED else None,
        )  # fmt: skip
    html = client.get("/").content.decode()
    assert "江苏省生态环境厅" in html
    assert timezone.localtime(at).strftime("%Y-%m-%d %H:%M") in html
    assert "江苏省应急管理厅" not in html


def test_home_budget(client: Client, store: object, django_assert_max_num_queries: Callable[..., object]) -> None:
    with django_assert_max_num_queries(9):  # counts, freshness, news, lists; two columns with their versions
        client.get("/")


def test_the_catalogue_lists_every_item_by_class(client: Client, store: object) -> None:
    html = client.get("/catalogue").content.decode()
    for item in ("registration", "licence", "penalty", "abnormal", "serious-list", "tax-grade", "declaration"):
        assert f"/catalogue/{item}" in html
    assert html.index("登记注册基本信息") < html.index("行政管理信息")


def test_an_item_tells_its_fields_rules_and_basis(client: Client, store: object) -> None:
    html = client.get("/catalogue/penalty").content.decode()
    for text in (
        "行政处罚决定书文号", "CF_WSH", "penalty.subject_code.subject_code", "不予入库", "存疑", "依法公示",
        "江苏省生态环境厅", "不要报送的栏目", "法定代表人证件号码", "全国公共信用信息基础目录",
    ):  # fmt: skip
        assert text in html


def test_on_a_phone_each_field_is_a_short_card_and_the_rules_are_folded(client: Client, store: object) -> None:
    """Every cell beside the heading says what it is or is the sentence itself; rules stand by what breaking them means."""
    html = client.get("/catalogue/penalty").content.decode()
    cells = re.findall(r'<td role="cell"([^>]*)>', html)
    assert cells and all("data-label=" in c or 'class="words"' in c for c in cells)
    levels = re.findall(r'<details id="rules-(\w+)">', html)
    assert levels == ["reject", "doubt", "warn"] and "<details open" not in html
    parts = re.split(r'<details id="rules-\w+">', html)[1:]
    told = {level: int(re.search(r"(\d+) 条规则", part)[1]) for level, part in zip(levels, parts, strict=True)}  # type: ignore[index]
    day = timezone.localdate()
    assert told == Counter(r.level for r in policies().rules("penalty", day))
    assert all(part.count('<th scope="row"') == n for part, n in zip(parts, told.values(), strict=True))


def test_an_unknown_item_is_not_found_with_a_sentence(client: Client, store: object) -> None:
    for path in ("/catalogue/nothing", "/catalogue/nothing/schema.json", "/catalogue/nothing/template.xlsx"):
        response = client.get(path)
        assert response.status_code == 404
        assert "归集目录里没有“nothing”这一项" in response.content.decode()


def test_downloads_for_those_who_prepare_data(client: Client, store: object) -> None:
    schema = json.loads(client.get("/catalogue/penalty/schema.json").content)
    assert "document_number" in [f["name"] for f in schema["fields"]]
    package = json.loads(client.get("/catalogue/datapackage.json").content)
    assert {"penalty", "licence"} <= {r["name"] for r in package["resources"]}
    book = client.get("/catalogue/penalty/template.xlsx")
    assert "attachment" in book["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert "行政处罚决定书文号*" in [c.value for c in sheet[1]]


@pytest.fixture
def person(store: object) -> str:
    make_user("lin", "林知夏", PASSWORD, [("ecology-environment", Role.REPORTER)])
    return "lin"


def test_signing_in_and_out(client: Client, person: str) -> None:
    response = client.post("/sign-in", {"username": person, "password": PASSWORD, "next": "/workbench/batches"})
    assert (response.status_code, response["Location"]) == (302, "/workbench/batches")
    assert Event.objects.filter(actor=person, action="account.sign-in").count() == 1
    assert client.get("/sign-in")["Location"] == "/workbench"
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out")["Location"] == "/"
    assert client.get("/workbench")["Location"].startswith("/sign-in?next=/workbench")


def test_a_wrong_password_is_told_in_a_summary_that_takes_the_focus(client: Client, person: str) -> None:
    html = client.post("/sign-in", {"username": person, "password": "wrong"}).content.decode()
    assert '<div class="errors" tabindex="-1" autofocus>' in html
    assert "用户名" in html
    assert "<title>出错：" in re.sub(r"\s+", "", html)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_and_choosing_a_language_lead_nowhere_else(client: Client, person: str, elsewhere: str) -> None:
    response = client.post("/sign-in", {"username": person, "password": PASSWORD, "next": elsewhere})
    assert response["Location"] == "/workbench"
    response = client.post("/language", {"language": "en", "next": elsewhere})
    assert response["Location"] in ("/", "/workbench")


def test_a_suspended_person_cannot_sign_in(client: Client, person: str) -> None:
    user = make_user("lin", "林知夏", None, [])
    user.is_active = False
    user.save()
    assert client.post("/sign-in", {"username": person, "password": PASSWORD}).status_code == 200
    assert client.get("/workbench").status_code == 302


def test_the_language_is_chosen_by_a_form_and_kept(client: Client, store: object) -> None:
    response = client.post("/language", {"language": "en", "next": "/catalogue"})
    assert response["Location"] == "/catalogue"
    assert "Catalogue" in client.get("/catalogue").content.decode()
    client.post("/language", {"language": "zh-hans", "next": "/"})
    assert "查询公共信用信息" in client.get("/").content.decode()


def test_error_pages_are_plain_and_keep_their_status(
    client: Client, store: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "这个网址没有对应的页面" in client.get("/nowhere").content.decode()
    assert client.get("/nowhere").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    forged = strict.post("/sign-in", {"username": "x", "password": "x"})
    assert (forged.status_code, "表单已失效" in forged.content.decode()) == (403, True)
    monkeypatch.setattr("chengxin.portal.home.freshness", lambda: 1 / 0)
    broken = Client(raise_request_exception=False).get("/")
    assert (broken.status_code, "系统出错了" in broken.content.decode()) == (500, True)
    assert "ZeroDivision" not in broken.content.decode()


def test_a_request_for_another_host_is_refused_plainly(client: Client, store: object) -> None:
    response = client.get("/", headers={"Host": "evil.example"})
    assert (response.status_code, "请求有误" in response.content.decode()) == (400, True)
