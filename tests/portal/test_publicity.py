"""Columns of what is published: double publicity and commitments, paged, narrowed, taken along, followed (R-339, R-344)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from chengxin.registry.tallies import refresh

from . import shelf
from .conftest import CODE, Shelf

DAY = shelf.TODAY
COLUMN = "/publicity/penalty"


def entries(html: str) -> list[str]:
    return re.findall(r"〔2026〕(\w+)号", "".join(re.findall(r'<li id="r\d+">(.*?)</li>', html, re.S)))


def page(client: Client, path: str = COLUMN, **asked: Any) -> str:
    response = client.get(path, asked)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def shelves(store: object) -> Shelf:
    """Two firms in two cities, forty penalties of forty days."""
    one = shelf.subject("苏州云岭精密机械有限公司", CODE)
    other = shelf.subject("南京泊禾食品有限公司", "91320105QX26A00B9N", region="320105")
    for n in range(40):
        source = "emergency" if n % 4 == 0 else shelf.ECOLOGY
        shelf.record(
            other if n % 10 == 0 else one, f"苏环罚〔2026〕{n}号", source=source, decided_on=DAY - timedelta(days=n)
        )
    refresh(DAY)
    return Shelf(one, other)


def test_the_newest_come_first_page_by_page_there_and_back(client: Client, shelves: Shelf) -> None:
    first = page(client)
    assert entries(first) == [str(n) for n in range(20)]
    assert 'rel="prev"' not in first
    older = re.search(r'href="([^"]+)" rel="next"', first)[1].replace("&amp;", "&")  # type: ignore[index]
    second = client.get(older).content.decode()
    assert entries(second) == [str(n) for n in range(20, 40)]
    assert 'rel="next"' not in second
    newer = re.search(r'href="([^"]+)" rel="prev"', second)[1].replace("&amp;", "&")  # type: ignore[index]
    assert entries(client.get(newer).content.decode()) == [str(n) for n in range(20)]


def test_many_of_one_day_are_not_lost_between_pages(client: Client, store: object) -> None:
    firm = shelf.subject("苏州云岭精密机械有限公司", CODE)
    for n in range(45):
        shelf.record(firm, f"苏环罚〔2026〕{n}号", decided_on=DAY)
    seen, address = [], COLUMN
    while address:
        html = client.get(address).content.decode()
        seen += entries(html)
        following = re.search(r'href="([^"]+)" rel="next"', html)
        address = following[1].replace("&amp;", "&") if following else ""
    assert sorted(map(int, seen)) == list(range(45))


def test_what_disclosure_refuses_is_in_no_form_of_the_column(client: Client, filled: Shelf) -> None:
    """G-09, G-13: the page, its twin, the table and the feeds all ask the same function."""
    hidden: dict[str, dict[str, Any]] = {
        "901": {"held": True}, "902": {"publish": False}, "903": {"public_until": DAY - timedelta(days=1)},
        "904": {"standing": "repaired"}, "905": {"standing": "withdrawn"}, "906": {"standing": "shielded"},
        "907": {"retain_until": DAY - timedelta(days=1)},
    }  # fmt: skip
    for number, how in hidden.items():
        shelf.record(filled.firm, f"苏环罚〔2026〕{number}号", **how)
    for path in ("", ".json", ".csv", "/feed.xml", "/feed.json"):
        text = client.get(COLUMN + path).content.decode()
        assert "1号" in text, path
        assert not [n for n in (*hidden, "欧阳") if n in text], path
        assert "2号" not in text, "the natural person's"


def test_a_column_is_narrowed_by_name_source_region_and_days(client: Client, shelves: Shelf) -> None:
    assert entries(page(client, name="泊禾")) == ["0", "10", "20", "30"]
    assert entries(page(client, name=CODE, until=(DAY - timedelta(days=37)).isoformat())) == ["37", "38", "39"]
    assert entries(page(client, region="320100")) == ["0", "10", "20", "30"]
    assert entries(page(client, source="emergency", since=(DAY - timedelta(days=9)).isoformat())) == ["0", "4", "8"]
    html = page(client, name="没有这家")
    assert "没有符合这些条件的公示信息" in html and entries(html) == []
    html = page(client, source="emergency", region="320100")
    assert "信源单位：江苏省应急管理厅" in html and "单位所在地区：南京市" in html, "what is set can be taken off"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "2026-13-40"}, "日期从"),
        ({"since": "2026-05-01", "until": "2026-04-01"}, "结束日期早于开始日期"),
        ({"name": "x" * 101}, "单位名称或代码"),
    ],
)
def test_a_wrong_filter_is_told_and_shows_nothing(
    client: Client, shelves: Shelf, asked: dict[str, str], said: str
) -> None:
    response = client.get(COLUMN, asked)
    html = response.content.decode()
    assert response.status_code == 422
    assert 'class="errors"' in html and said in html
    assert entries(html) == []
    assert client.get(f"{COLUMN}.json", asked).status_code == 422


@pytest.mark.parametrize("place", ["x", "2026-99-99.1", "2026-01-01", "2026-01-01.99999999999999999999", "\x00"])
def test_a_nonsense_place_is_the_beginning(client: Client, shelves: Shelf, place: str) -> None:
    assert entries(page(client, older=place))[0] == "0"


def test_the_table_holds_what_the_filter_gives_and_no_formula(client: Client, shelves: Shelf) -> None:
    shelf.record(shelves.firm, "=HYPERLINK(1)", decided_on=DAY)
    response = client.get(f"{COLUMN}.csv", {"name": "云岭"})
    assert "attachment" in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 37
    numbers = [r["行政处罚决定书文号"] for r in rows]
    assert "'=HYPERLINK(1)" in numbers and "苏环罚〔2026〕1号" in numbers
    assert {r["信源单位"] for r in rows} == {"江苏省生态环境厅", "江苏省应急管理厅"}
    assert not [n for n in rows[0] if "法定代表人" in n], "no column for what the public does not see"


def test_the_twin_goes_on_by_itself(client: Client, shelves: Shelf) -> None:
    told = client.get(f"{COLUMN}.json", {"name": "云岭"}).json()
    assert len(told["records"]) == 20 and told["records"][0]["subject_code"] == CODE
    rest = client.get(told["older"]).json()
    assert len(rest["records"]) == 16 and rest["older"] is None


def test_feeds_bring_the_newest(client: Client, shelves: Shelf) -> None:
    tree = ElementTree.fromstring(client.get(f"{COLUMN}/feed.xml").content)
    titles = [t.text or "" for t in tree.iter("{http://www.w3.org/2005/Atom}title")]
    assert "苏州云岭精密机械有限公司：苏环罚〔2026〕1号" in titles
    feed = client.get(f"{COLUMN}/feed.json").json()
    assert feed["items"][0]["url"].endswith(f"#r{feed['items'][0]['id'].split('-')[0]}")
    assert feed["items"][0]["date_published"].startswith(f"{DAY}")


def test_who_has_the_page_already_is_not_sent_it_again(client: Client, shelves: Shelf) -> None:
    tag = client.get(COLUMN)["ETag"]
    assert client.get(COLUMN, headers={"If-None-Match": tag}).status_code == 304
    shelf.record(shelves.firm, "苏环罚〔2026〕99号", decided_on=DAY)
    assert client.get(COLUMN, headers={"If-None-Match": tag}).status_code == 200


def test_commitments_say_how_many_were_kept(client: Client, store: object) -> None:
    firm = shelf.subject("苏州云岭精密机械有限公司", CODE)
    for n, state in enumerate(["已履行", "已履行", "违反承诺"]):
        given = {"matter": "诚信经营承诺", "state": state, "commitment_type": "主动公示型"}
        shelf.record(firm, f"承诺{n}", item="commitment", severity="", public_until=None, payload=given)
    refresh(DAY)
    html = page(client, "/commitments")
    assert "已履行 2 条、违反承诺 1 条" in html
    assert html.count('<li id="r') == 3


def test_there_are_no_other_columns(client: Client, store: object) -> None:
    for path in ("/publicity/registration", "/publicity/contract", "/publicity/nothing.csv", "/commitments/penalty"):
        assert client.get(path).status_code == 404, path
    assert client.get("/publicity").status_code == 200


def test_budget(client: Client, shelves: Shelf, django_assert_max_num_queries: Callable[..., object]) -> None:
    with django_assert_max_num_queries(4):  # counts, records, versions; on PostgreSQL the count of requests
        page(client)


def test_the_index_answers_whatever_is_asked(store: object) -> None:
    """Paging walks the index made for it: no sort over a column of millions (registry.Record, record_published)."""
    from django.db import connection

    from chengxin.registry.published import Asked, _beyond, _candidates

    rows = _beyond(_candidates(Asked("penalty"), DAY), (date(2026, 1, 1), 5), forward=False)
    plan = rows.order_by("-decided_on", "-pk")[:21].explain()
    if connection.vendor == "sqlite":
        assert "record_published" in plan and "TEMP B-TREE" not in plan
