"""The search page: by code and by name from two characters, never a natural person (S-11, R-102)."""

from __future__ import annotations

import re
from collections.abc import Callable

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
        assert filled.person.code not in re.sub(r'value="[^"]*"|“[^”]*”', "", html)
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
    assert "后面没有了" in page(client, "澄砚", page="9")


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "99999999999999999999", "٣"])
def test_a_nonsense_page_number_is_the_first_or_the_last(client: Client, filled: Shelf, number: str) -> None:
    page(client, "云岭", page=number)


def test_budget(client: Client, filled: Shelf, django_assert_max_num_queries: Callable[..., object]) -> None:
    with django_assert_max_num_queries(5):  # exact, containing, abbreviated, subjects; one to spare
        page(client, "云岭")
