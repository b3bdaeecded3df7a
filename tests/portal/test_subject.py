"""The public profile: everything with its source and its dates, nothing that is not for the public (R-080, G-09)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Record

from . import shelf
from .conftest import CODE, Shelf

pytestmark = pytest.mark.once


def page(client: Client, code: str = CODE) -> str:
    response = client.get(f"/subjects/{code}")
    assert response.status_code == 200
    return response.content.decode()


def test_identity_names_and_numbers(client: Client, filled: Shelf) -> None:
    html = page(client)
    for text in (
        "苏州云岭精密机械有限公司",
        CODE,
        "法人和非法人组织",
        "苏州市虎丘区",
        "苏州云岭五金厂",
        "320505000123455",
    ):
        assert text in html
    assert '<html lang="zh-Hans">' in html


def test_a_record_has_its_source_dates_degree_number_and_basis(client: Client, filled: Shelf) -> None:
    html = page(client)
    record = Record.objects.get(key="苏环罚〔2026〕1号")
    for text in (
        "苏环罚〔2026〕1号", "江苏省生态环境厅", f"{record.decided_on}", f"{record.public_until}", "失信程度：一般",
        f"{record.pk}-1", "罚款人民币五千元", "全国公共信用信息基础目录",
    ):  # fmt: skip
        assert text in html


def test_amounts_are_in_the_unit_of_their_label(client: Client, filled: Shelf) -> None:
    html = page(client)
    at = html.index("罚款金额（万元）")
    assert '<dd lang="zh-Hans">0.5</dd>' in html[at : at + 120]


def test_every_chapter_is_there_and_empty_ones_say_so(client: Client, filled: Shelf) -> None:
    html = page(client)
    for label in ("登记注册基本信息", "行政管理信息", "严重失信主体名单信息", "诚实守信相关荣誉信息"):
        assert label in html
    empty = html.split("没有查到这一类可以公示的信息：")[1].split("</li>")[0]
    assert "诚实守信相关荣誉信息" in empty and "行政管理信息" not in empty
    assert "没有查到，是什么意思" in html
    assert "不能据此证明这个单位没有违法失信行为" in html


@pytest.mark.parametrize(
    ("why", "how"),
    [
        ("in doubt", {"held": True}),
        ("never to be published", {"publish": False, "severity": "minor"}),
        ("past its time", {"public_until": timezone.localdate() - timedelta(days=1)}),
        ("repaired", {"standing": "repaired"}),
        ("withdrawn", {"standing": "withdrawn"}),
        ("archived", {"standing": "archived"}),
        ("kept too long", {"retain_until": timezone.localdate() - timedelta(days=1)}),
    ],
)
def test_what_is_not_public_is_in_neither_form(client: Client, filled: Shelf, why: str, how: dict[str, object]) -> None:
    shelf.record(filled.firm, "苏环罚〔2026〕77号", **how)
    assert "77号" not in page(client), why
    assert "77号" not in client.get(f"/subjects/{CODE}.json").content.decode(), why


def test_the_last_day_of_publicity_still_counts(client: Client, filled: Shelf) -> None:
    shelf.record(filled.firm, "苏环罚〔2026〕78号", public_until=timezone.localdate())
    assert "78号" in page(client)


def test_fields_for_others_and_masked_parts_never_reach_the_page(client: Client, filled: Shelf) -> None:
    shelf.record(filled.firm, CODE, item="registration", source="market-regulation", public_until=None)
    for body in (page(client), client.get(f"/subjects/{CODE}.json").content.decode()):
        assert "欧阳知夏" not in body
        assert "澄泥路" not in body
        assert "320000000001" not in body
        assert "南京市玄武区****" in body


def test_a_disputed_record_says_so(client: Client, filled: Shelf) -> None:
    change_standing(Record.objects.get(key="苏环罚〔2026〕1号").pk, "dispute", Because("test", "异议受理"))
    assert "异议处理中" in page(client)


def test_a_provisional_subject_says_so(client: Client, store: object) -> None:
    shelf.record(shelf.subject("扬州泊禾食品有限公司", "91321000QX26A0013M", provisional=True), 1)
    assert "尚未经登记信息确认" in page(client, "91321000QX26A0013M")


def test_natural_persons_do_not_exist_here(client: Client, filled: Shelf) -> None:
    nobody = client.get("/subjects/91320505QX26A0099X")
    for suffix in ("", ".json"):
        person = client.get(f"/subjects/{filled.person.code}{suffix}")
        assert person.status_code == nobody.status_code == 404
        assert "欧阳云岭" not in person.content.decode()
        assert "2号" not in person.content.decode()


def test_nobody_found_helps_on(client: Client, filled: Shelf) -> None:
    html = client.get("/subjects/91320505QX26A00110").content.decode()
    assert "没有查到代码为“91320505QX26A00110”的单位" in html
    assert "校验位对不上" in html
    assert 'role="search"' in html


@pytest.mark.parametrize("code", ["320505000123455", CODE.lower()])
def test_a_former_or_differently_written_code_leads_to_the_current_one(
    client: Client, filled: Shelf, code: str
) -> None:
    for suffix in ("", ".json"):
        response = client.get(f"/subjects/{code}{suffix}")
        assert (response.status_code, response["Location"]) == (302, f"/subjects/{CODE}{suffix}")


def test_the_twin_says_the_same_to_programs(client: Client, filled: Shelf) -> None:
    response = client.get(f"/subjects/{CODE}.json")
    assert response["Content-Type"] == "application/json"
    told = json.loads(response.content)
    assert (told["code"], told["name"]) == (CODE, "苏州云岭精密机械有限公司")
    assert [r["title"] for r in told["records"]] == ["苏环罚〔2026〕1号"]
    fine = next(f for f in told["records"][0]["fields"] if f["id"] == "fine_amount")
    assert (fine["value"], fine["label"]) == ("0.5", "罚款金额（万元）")


def test_who_has_it_already_is_not_sent_it_again_until_it_changes(client: Client, filled: Shelf) -> None:
    first = client.get(f"/subjects/{CODE}")
    tag = first["ETag"]
    again = client.get(f"/subjects/{CODE}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    since = client.get(f"/subjects/{CODE}", headers={"If-Modified-Since": first["Last-Modified"]})
    assert since.status_code == 304
    english = client.get(f"/subjects/{CODE}", headers={"If-None-Match": tag, "Accept-Language": "en"})
    assert english.status_code == 200
    change_standing(Record.objects.get(key="苏环罚〔2026〕1号").pk, "repair", Because("test", "修复"))
    fresh = client.get(f"/subjects/{CODE}", headers={"If-None-Match": tag})
    assert fresh.status_code == 200
    assert "1号" not in fresh.content.decode()


def test_the_page_of_one_day_is_not_the_page_of_the_next(
    client: Client, filled: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = client.get(f"/subjects/{CODE}")["ETag"]
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_a, **_k: tomorrow)
    assert client.get(f"/subjects/{CODE}", headers={"If-None-Match": tag}).status_code == 200


def test_budget(client: Client, filled: Shelf, django_assert_max_num_queries: Callable[..., object]) -> None:
    for n in range(40):
        shelf.record(filled.firm, f"苏环罚〔2026〕{100 + n}号")
    with django_assert_max_num_queries(7):  # the same for one record and for a thousand
        assert page(client).count("<article") == 41


def test_what_is_long_is_folded_and_nothing_is_left_out(client: Client, filled: Shelf) -> None:
    for n in range(6):
        shelf.record(filled.firm, f"苏环罚〔2026〕{100 + n}号", decided_on=timezone.localdate() - timedelta(days=n))
    html = page(client)
    first, rest = html.split('<details class="more">')
    assert first.count("<article") == 3 and rest.count("<article") == 4
    assert "另外 4 条" in rest
    days = re.findall(r'日期：<span class="day">([\d-]+)', html)
    assert days == sorted(days, reverse=True)


def test_each_record_says_when_and_how_it_can_be_repaired(client: Client, filled: Shelf) -> None:
    """R-239: by the rules of repair; what only the applicant can show is named, not guessed."""
    later = timezone.localdate() + timedelta(days=30)
    shelf.record(filled.firm, "苏环罚〔2026〕50号", repair_from=later)
    html = page(client)
    assert f"怎样修复：{later} 起可以申请" in html
    assert f"最早可以申请的日期是{later}" in html
    assert "怎样修复：现在可以申请" in html, "the other one has no minimum"
    assert "失信行为已经纠正" in html
    record = Record.objects.get(key="苏环罚〔2026〕50号")
    assert f"/my/{CODE}/records/{record.pk}" in html, "objecting begins in one's own space, at this record"
    assert "/guide/objection" in html and "/guide/repair" in html


def test_a_record_leads_to_where_it_came_from_and_to_its_proof(client: Client, filled: Shelf) -> None:
    change = Record.objects.get(key="苏环罚〔2026〕1号").change
    assert f"/api/v1/log/records/{change}" in page(client)


def test_the_course_of_the_last_years_is_told_by_quarter(client: Client, filled: Shelf) -> None:
    html = page(client)
    assert "近三年各季度的信息" in html and "处罚和失信 1 条" in html


def test_readers_of_english_are_told_codes_in_english(client: Client, filled: Shelf) -> None:
    """R-349: what comes from a code table is told in the table's words; programs get what is stored, in every language."""
    english = {"Accept-Language": "en"}
    page = client.get(f"/subjects/{CODE}", headers=english).content.decode()
    assert '<dd lang="en">Fine</dd>' in page and ">罚款</dd>" not in page
    assert "Active" in page and "存续" not in page
    assert "违反大气污染防治管理规定" in page, "what was written freely stays as it was written"
    chinese = client.get(f"/subjects/{CODE}").content.decode()
    assert '<dd lang="zh-Hans">罚款</dd>' in chinese and "存续" in chinese
    told = client.get(reverse("subject-json", args=[CODE]), headers=english).json()
    assert ["罚款"] in [f["value"] for r in told["records"] for f in r["fields"]] and told["status"] == "存续"
