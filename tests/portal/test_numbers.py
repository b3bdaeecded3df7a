"""The public register in numbers, whole as files, and the maps of the portal (R-109, R-349)."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client

from chengxin.cli.following import Follower
from chengxin.registry import due, open_data, tallies
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.public_feed import public_changes

from ..supervision.small import small_packs
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
    html = client.get("/statistics", headers={"Accept-Language": "en"}).content.decode()
    assert "Suzhou" in html and "苏州" not in html, "a reader of English reads the name of the place, too"


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


@pytest.fixture(scope="module")
def one_department(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_packs(tmp_path_factory.mktemp("policies"))


@pytest.fixture
def worker(one_department: Path, settings: Any) -> Follower:
    """Who follows the changes, under one department's packs: how many models there are to grade by is no matter here."""
    settings.POLICIES = one_department
    return Follower("worker")


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


def _taken(client: Client, path: str = "/open-data/penalty.csv.gz") -> list[str]:
    """The document numbers in the download; what is asked of it is asked of the answer of the server."""
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    if path.endswith("parquet"):
        return list(pl.read_parquet(io.BytesIO(data))["document_number"])
    return [r["document_number"] for r in csv.DictReader(io.StringIO(gzip.decompress(data).decode()))]


@pytest.mark.parametrize("verb", ["repair", "withdraw", "shield", "dispute", "archive"])
def test_what_has_left_publicity_leaves_the_download_at_once(
    client: Client, snapshot: dict[str, Any], counted: Shelf, verb: str, worker: Follower
) -> None:
    """R-237, G-09: refused from the moment of the change, made anew when the worker ran, and the cursor tells copies."""
    second = shelf.record(counted.firm, "苏环罚〔2026〕20号", item="penalty")
    open_data.make(DAY)
    before = open_data.newest()
    assert before and _taken(client) == ["苏环罚〔2026〕1号", "苏环罚〔2026〕20号"]
    change_standing(second.pk, verb, Because("test", "试"))
    refused = client.get("/open-data/penalty.csv.gz")
    assert refused.status_code == 503 and refused["Retry-After"] and "正在重新生成" in refused.content.decode()
    assert client.get("/open-data/penalty.parquet").status_code == 503, "no worker has run yet"
    assert _taken(client, "/open-data/licence.parquet") == ["许可1"], "other items are not touched"

    worker.changes()
    left = ["苏环罚〔2026〕1号"] + (["苏环罚〔2026〕20号"] if verb == "dispute" else [])
    assert _taken(client) == _taken(client, "/open-data/penalty.parquet") == left
    told = client.get(f"/api/v1/changes?after={before['change']}").json()["changes"]
    assert [(c["record"], c["action"]) for c in told] == [(second.pk, verb if verb == "dispute" else "hidden")]
    if verb == "dispute":
        assert told[0]["standing"] == "disputed"
    rows = {i["item"]: (i["rows"], i["change"]) for i in (open_data.newest() or {})["items"]}
    assert rows["penalty"] == (len(left), told[0]["number"]) and rows["licence"][1] == before["change"]


def test_the_end_of_publicity_ends_the_download(client: Client, counted: Shelf) -> None:
    """The file knows its last day; nobody has to have run for it to be refused on the day after."""
    ending = shelf.record(counted.firm, "苏环罚〔2026〕21号", public_until=DAY, due_on=DAY)
    made = open_data.make(DAY)
    assert _taken(client) == ["苏环罚〔2026〕1号", "苏环罚〔2026〕21号"]
    tomorrow = DAY + timedelta(days=1)
    assert open_data.given_out("licence", tomorrow) and not open_data.given_out("penalty", tomorrow)
    due.run(tomorrow, "test")
    assert open_data.retract(tomorrow) == 1 and open_data.renew(tomorrow) == 1
    assert _taken(client) == ["苏环罚〔2026〕1号"]
    told = public_changes(made["change"], day=tomorrow).changes
    assert [(c.record, c.action) for c in told] == [(ending.pk, "hidden")]


def test_a_snapshot_older_than_a_day_is_refused_and_made_anew(client: Client, counted: Shelf, worker: Follower) -> None:
    open_data.make(DAY - timedelta(days=2))
    assert client.get("/open-data/penalty.csv.gz").status_code == 503
    html = client.get("/open-data").content.decode()
    assert "正在重新生成" in html and "/open-data/penalty.csv.gz" not in html
    assert client.get("/open-data/datapackage.json").json()["resources"] == []
    worker.changes()
    assert (
        _taken(client) == ["苏环罚〔2026〕1号"]
        and "/open-data/penalty.csv.gz" in client.get("/open-data").content.decode()
    )


def test_a_large_file_rests_between_two_makings_but_is_not_given_out(
    client: Client, snapshot: object, counted: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_data, "_AT_ONCE", 0)
    change_standing(counted.firm.records.get(key="苏环罚〔2026〕1号").pk, "dispute", Because("test", "试"))
    assert open_data.retract(DAY) == 1 and open_data.renew(DAY) == 0
    assert open_data.retract(DAY) == 0, "it is taken back once"
    assert client.get("/open-data/penalty.csv.gz").status_code == 503
    assert not (open_data.folder() / "penalty.csv.gz").exists()
    monkeypatch.setattr(open_data, "_REST", timedelta(0))
    assert open_data.renew(DAY) == 1 and _taken(client) == ["苏环罚〔2026〕1号"]


def test_a_worker_that_retracts_does_not_overwrite_a_snapshot_made_meanwhile(
    client: Client, snapshot: object, counted: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the worker's look and its turn `chengxin open-data` puts a new snapshot in place: the new one is told of."""
    change_standing(counted.firm.records.get(key="苏环罚〔2026〕1号").pk, "dispute", Because("test", "试"))
    real, made = open_data.telling, list[dict[str, Any]]()

    @contextmanager
    def late() -> Iterator[None]:
        monkeypatch.setattr(open_data, "telling", real)
        made.append(open_data.make(DAY))
        with real():
            yield

    monkeypatch.setattr(open_data, "telling", late)
    assert open_data.retract(DAY) == 0, "the new files hold what has changed"
    assert open_data.newest() == made[0] and _taken(client) == ["苏环罚〔2026〕1号"]


def test_an_item_of_which_nothing_is_public_any_more_is_gone(
    client: Client, snapshot: object, counted: Shelf, worker: Follower
) -> None:
    change_standing(counted.firm.records.get(key="苏环罚〔2026〕1号").pk, "withdraw", Because("test", "试"))
    worker.changes()
    assert client.get("/open-data/penalty.csv.gz").status_code == 404
    assert [i["item"] for i in (open_data.newest() or {})["items"]] == ["licence"]


def test_new_records_wait_for_the_next_day(client: Client, snapshot: object, counted: Shelf, worker: Follower) -> None:
    shelf.record(counted.firm, "苏环罚〔2026〕22号")
    worker.changes()
    assert _taken(client) == ["苏环罚〔2026〕1号"]


def test_the_table_runs_nothing_in_a_spreadsheet_and_the_parquet_file_keeps_every_character(
    client: Client, counted: Shelf
) -> None:
    shelf.record(counted.firm, "＝HYPERLINK(1)", payload={"content": "@SUM(1)", "fine_amount": "-5"})
    open_data.make(DAY)
    packed = b"".join(client.get("/open-data/penalty.csv.gz").streaming_content)  # type: ignore[attr-defined]
    row = list(csv.DictReader(io.StringIO(gzip.decompress(packed).decode())))[-1]
    assert (row["document_number"], row["content"], row["fine_amount"]) == ("'＝HYPERLINK(1)", "'@SUM(1)", "-5")
    assert _taken(client, "/open-data/penalty.parquet")[-1] == "＝HYPERLINK(1)"
