"""The public register in numbers, whole as files, and the maps of the portal (R-109, R-349)."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from django.test import Client

from chengxin.registry import open_data, tallies

from . import shelf
from .conftest import CODE, Shelf

DAY = shelf.TODAY


@pytest.fixture
def counted(filled: Shelf) -> Shelf:
    shelf.record(filled.firm, "许可1", item="licence", severity="", public_until=None, source="emergency")
    shelf.record(filled.firm, "苏环罚〔2026〕8号", standing="repaired")
    shelf.record(filled.firm, "苏环罚〔2026〕9号", public_until=DAY - timedelta(days=1))
    tallies.refresh(DAY)
    return filled


def test_only_what_is_public_today_is_counted(client: Client, counted: Shelf) -> None:
    told = client.get("/statistics.json").json()
    assert told["records"] == 2
    assert told["by_source"] == {"penalty": {shelf.ECOLOGY: 1}, "licence": {"emergency": 1}}
    assert told["by_region"] == {"penalty": {"320505": 1}, "licence": {"320505": 1}}
    assert told["subjects"] == {"organisation": 1}, "natural persons are not counted in public"
    html = client.get("/statistics").content.decode()
    for words in ("按目录项", "按决定月份", "按信源单位", "按单位所在地区", "苏州市", "江苏省应急管理厅"):
        assert words in html
    assert html.count("<table") == 4, "each chart has its table"


def test_counting_again_replaces_what_was_counted(client: Client, counted: Shelf) -> None:
    shelf.record(counted.firm, "苏环罚〔2026〕10号")
    assert tallies.follow() is True
    assert tallies.tallies().by_item["penalty"] == 2


def test_a_large_register_is_not_counted_after_every_merge(counted: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "_SMALL", 0)
    assert tallies.follow() is False
    monkeypatch.setattr(tallies, "_REST", timedelta(0))
    assert tallies.follow() is True


def test_nothing_counted_yet_says_so(client: Client, store: object) -> None:
    assert "还没有正在公示的信息" in client.get("/statistics").content.decode()


def test_home_tells_the_newest_and_how_much_there_is(client: Client, counted: Shelf) -> None:
    html = client.get("/").content.decode()
    assert "正在公示 1 条" in html and "苏环罚〔2026〕1号" in html and "苏环罚〔2026〕8号" not in html
    told = client.get("/home.json").json()
    assert (told["records"], told["subjects"], told["sources"]) == (2, 1, 2)


@pytest.mark.parametrize("path", ["/", "/statistics"])
def test_budgets(
    client: Client, counted: Shelf, django_assert_max_num_queries: Callable[..., object], path: str
) -> None:
    with django_assert_max_num_queries(9):
        client.get(path)


@pytest.fixture
def snapshot(counted: Shelf) -> dict[str, Any]:
    return open_data.make(DAY)


def test_a_snapshot_holds_what_is_public_and_nothing_else(
    client: Client, snapshot: dict[str, Any], counted: Shelf
) -> None:
    """G-09, G-13: no natural person, no repaired or expired record, no field that the public sees masked or not at all."""
    packed = b"".join(client.get("/open-data/penalty.csv.gz").streaming_content)  # type: ignore[attr-defined]
    text = gzip.decompress(packed).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["document_number"], r["subject_code"], r["penalty_kinds"]) for r in rows] == [
        ("苏环罚〔2026〕1号", CODE, "罚款")
    ]
    assert not [w for w in ("欧阳", "2号", "8号", "9号", "320000000001", "澄泥路") if w in text]
    whole = b"".join(client.get("/open-data/licence.parquet").streaming_content)  # type: ignore[attr-defined]
    assert pl.read_parquet(io.BytesIO(whole))["document_number"].to_list() == ["许可1"]


def test_a_snapshot_names_the_change_from_which_a_copy_goes_on(
    client: Client, snapshot: dict[str, Any], counted: Shelf
) -> None:
    html = client.get("/open-data").content.decode()
    assert f"/api/v1/changes?after={snapshot['change']}" in html
    later = shelf.record(counted.firm, "苏环罚〔2026〕11号")
    told = client.get(f"/api/v1/changes?after={snapshot['change']}").json()
    assert [c["record"] for c in told["changes"]] == [later.pk]
    package = json.loads(client.get("/open-data/datapackage.json").content)
    penalty = next(r for r in package["resources"] if r["name"] == "penalty")
    names = {f["name"] for f in penalty["schema"]["fields"]}
    assert "violation" in names and "representative" not in names
    assert package["change"] == snapshot["change"]


def test_a_new_snapshot_takes_the_place_of_the_old_one(client: Client, snapshot: object, counted: Shelf) -> None:
    shelf.record(counted.firm, "苏环罚〔2026〕12号")
    assert next(i["rows"] for i in open_data.make(DAY)["items"] if i["item"] == "penalty") == 2
    assert "open-data-old" not in [p.name for p in open_data.folder().parent.iterdir()]


@pytest.mark.parametrize("path", ["penalty.exe", "nothing.parquet", "snapshot.json", "datapackage.json"])
def test_only_the_files_of_the_snapshot_are_there(client: Client, counted: Shelf, path: str) -> None:
    assert client.get(f"/open-data/{path}").status_code == 404
    assert "还没有生成整份数据" in client.get("/open-data").content.decode()


def test_the_maps_lead_to_public_pages_only(client: Client, filled: Shelf) -> None:
    index = client.get("/sitemap.xml").content.decode()
    assert "/sitemap-subjects-0.xml" in index and "/sitemap-subjects-1.xml" not in index
    subjects = client.get("/sitemap-subjects-0.xml").content.decode()
    assert f"/subjects/{CODE}<" in subjects and filled.person.code not in subjects
    assert client.get("/sitemap-subjects-1.xml").status_code == 404
    for address in client.get("/sitemap-pages.xml").content.decode().split("<loc>")[1:]:
        path = address.split("<")[0].removeprefix("http://testserver")
        assert client.get(path).status_code == 200, path
    assert "Disallow: /search" in client.get("/robots.txt").content.decode()
    html = client.get("/site-map").content.decode()
    assert "/open-data" in html and "/guide" in html
