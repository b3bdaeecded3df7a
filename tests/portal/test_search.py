"""The search page: by code and by name from two characters, never a natural person (S-11, R-102)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from . import shelf
from .conftest import CODE, Shelf


def page(client: Client, query: str, **more: str) -> str:
    response = client.get("/search", {"q": query, **more})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("query", ["云岭", "苏州云岭精密", CODE, CODE.lower(), f" {CODE} ", "五金", "320505000123455"])
def test_found_by_part_of_a_name_by_code_by_former_name_and_by_old_number(
    client: Client, filled: Shelf, query: str
) -> None:
    html = page(client, query)
    assert f"/subjects/{CODE}" in html
    assert "苏州云岭精密机械有限公司" in html
    assert "存续" in html


def test_natural_persons_are_never_listed(client: Client, filled: Shelf) -> None:
    for query in ("欧阳云岭", "云岭", filled.person.code):
        html = page(client, query)
        assert filled.person.code not in re.sub(r'value="[^"]*"|“[^”]*”|\?q=[^"]*"', "", html)
        assert "欧阳云岭" not in re.sub(r'value="[^"]*"|“[^”]*”|<title>.*?</title>', "", html)


@pytest.mark.parametrize("query", ["云", "9", " 云 "])
def test_too_short_a_query_is_told_so(client: Client, filled: Shelf, query: str) -> None:
    html = page(client, query)
    assert "请至少输入两个字" in html
    assert CODE not in html


def test_no_query_explains_what_can_be_searched(client: Client, filled: Shelf) -> None:
    assert "自然人的信息不公开" in page(client, "")


def test_nothing_found_says_what_to_try_and_that_it_proves_nothing(client: Client, filled: Shelf) -> None:
    html = page(client, "没有这家")
    assert "没有查到与“没有这家”相符的单位" in html
    assert "不说明这个单位不存在或者没有问题" in html


def test_a_miscopied_code_is_named_as_such(client: Client, filled: Shelf) -> None:
    assert "校验位对不上" in page(client, CODE[:-1] + "0")
    assert "校验位对不上" not in page(client, "91320505QX26A002XK")


def test_what_was_typed_is_text(client: Client, filled: Shelf) -> None:
    html = page(client, '<script>alert(1)</script>"')
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_many_hits_come_page_by_page(client: Client, store: object) -> None:
    for n in range(45):
        shelf.subject(f"苏州澄砚{n:02d}食品有限公司", f"T{n:017d}", found=n == 44)
    seen: set[str] = set()
    for number in ("1", "2", "3"):
        html = page(client, "澄砚", page=number)
        seen |= set(re.findall(r"/subjects/(T\d+)", html))
        assert ('rel="next"' in html) is (number != "3")
        assert ('rel="prev"' in html) is (number != "1")
    assert len(seen) == 45
    assert "第 3 页，共 3 页" in page(client, "澄砚", page="9"), "a page that is not there is the last one"


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "99999999999999999999", "٣"])
def test_a_nonsense_page_number_is_the_first_or_the_last(client: Client, filled: Shelf, number: str) -> None:
    page(client, "云岭", page=number)


def test_budget(client: Client, filled: Shelf, django_assert_max_num_queries: Callable[..., object]) -> None:
    for n in range(30):
        shelf.subject(f"苏州云岭{n:02d}食品有限公司", f"T{n:017d}", found=n == 29)
    # exact, containing, records, lists; on PostgreSQL the count of requests
    with django_assert_max_num_queries(5):
        page(client, "云岭")


@pytest.mark.parametrize(
    ("typed", "how"),
    [("szyl", "initials of the first characters"), ("YLJMJX", "initials from the middle"), ("ylwjc", "a former name")],
)
def test_initials_in_pinyin_find_a_name(client: Client, filled: Shelf, typed: str, how: str) -> None:
    assert f"/subjects/{CODE}" in page(client, typed), how


def test_initials_that_stand_apart_are_not_a_name(client: Client, filled: Shelf) -> None:
    assert CODE not in page(client, "szyjm")


@pytest.mark.parametrize(
    ("typed", "what"),
    [("苏州云玲精密", "a wrong character"), ("云岭精密机戒", "the last one wrong"), ("苏州云岭岭精密", "one too many")],
)
def test_a_misspelt_name_offers_the_nearest(client: Client, filled: Shelf, typed: str, what: str) -> None:
    html = page(client, typed)
    assert f"/subjects/{CODE}" in html, what
    assert "没有完全相符的单位" in html
    assert "欧阳云岭" not in html


def test_two_wrong_characters_are_another_name(client: Client, filled: Shelf) -> None:
    assert CODE not in page(client, "苏州雨玲精密")


def test_hits_are_narrowed_by_region_kind_and_status_with_counts_and_taken_off_again(
    client: Client, store: object
) -> None:
    shelf.subject("苏州澄砚食品有限公司", "T1", region="320505", found=False)
    shelf.subject("苏州澄砚物流有限公司", "T2", region="320508", status="注销", found=False)
    shelf.subject("南京澄砚小吃店", "T3", region="320105", kind="individual_business")
    html = page(client, "澄砚")
    assert "查到 3 个单位" in html
    assert re.search(r'region=3205"[^>]*><span[^>]*>苏州市</span> 2<', html)
    assert re.search(r'kind=individual_business"[^>]*><span[^>]*>个体工商户</span> 1<', html)
    html = page(client, "澄砚", region="3205", status="注销")
    assert "/subjects/T2" in html and "/subjects/T1" not in html and "/subjects/T3" not in html
    assert re.findall(r'<li><a class="tag" href="([^"]+)"><span lang="zh-Hans">[^<]+</span><span', html) == [
        "?q=%E6%BE%84%E7%A0%9A&amp;status=%E6%B3%A8%E9%94%80", "?q=%E6%BE%84%E7%A0%9A&amp;region=3205",
    ]  # fmt: skip
    assert "没有查到" in page(client, "澄砚", region="3201", status="注销")
    assert "/subjects/T1" in page(client, "澄砚", region="x'; --", kind="nonsense"), "nonsense narrows nothing"


def test_a_hit_tells_how_many_public_records_there_are(client: Client, filled: Shelf) -> None:
    shelf.record(filled.firm, "苏环罚〔2026〕3号", standing="repaired")
    shelf.record(filled.firm, "苏环罚〔2026〕4号", held=True)
    assert "公示信息 1 条" in page(client, "云岭")


def test_the_twin_says_the_same_to_programs(client: Client, filled: Shelf) -> None:
    told = client.get("/search.json", {"q": "云岭"}).json()
    assert [(s["code"], s["records"], s["lists"]) for s in told["subjects"]] == [(CODE, 1, [])]
    assert client.get("/search.json", {"q": "云"}).status_code == 422


def test_who_asks_too_often_is_told_when_to_come_again(client: Client, filled: Shelf, settings: Any) -> None:
    settings.PAGE_RATE = "2/60"
    assert [client.get("/search", {"q": "云岭"}).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get("/search", {"q": "云岭"})
    assert 0 < int(refused["Retry-After"]) <= 60
    assert "请稍等再试" in refused.content.decode()


def test_whoever_has_a_page_of_names_that_say_it_is_not_shown_those_that_nearly_do(
    client: Client, store: object
) -> None:
    for n in range(21):
        shelf.subject(f"苏州云岭{n:02d}食品有限公司", f"T{n:017d}", found=False)
    shelf.subject("苏州云帆岭南食品有限公司", "T9")
    assert "查到 21 个单位" in page(client, "云岭")
    assert "/subjects/T9" in page(client, "云岭南"), "nobody says it: characters with others between do"
