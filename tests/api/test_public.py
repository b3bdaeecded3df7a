"""What everybody may ask: subjects, the catalogue, code tables (R-005, R-080, R-102); never a natural person (G-09)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from frictionless import Schema

from chengxin.policy.publish import table_schema
from chengxin.registry import search
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies

from ..registry.staged import BOHE, YUNLING, row, send
from .client import Api
from .world import World

PERSON = "sm3:" + "5" * 60
NAME = "苏州云岭精密机械有限公司"


@pytest.fixture
def register(world: World) -> None:
    send(
        row(
            1,
            YUNLING,
            NAME,
            "苏环罚〔2026〕1号",
            content={"document_number": "苏环罚〔2026〕1号", "fine_amount": "10000"},
        ),
        row(2, BOHE, "南京云禾商贸有限公司", "苏环罚〔2026〕2号", held=1),
        row(3, PERSON, "云从周", "苏环罚〔2026〕3号", kind="natural_person", scheme="person"),
    )
    search.follow()


def test_search_finds_organisations_and_nobody_else(anybody: Api, register: None) -> None:
    assert Subject.objects.filter(kind="natural_person").exists()
    found = {
        q: [h["name"] for h in anybody.get("/subjects", q=q).json()["subjects"]] for q in ("云岭", "云从周", "云从")
    }
    assert found == {"云岭": [NAME], "云从周": [], "云从": []}
    assert anybody.get("/subjects", q=YUNLING).json()["subjects"][0]["url"] == f"/api/v1/subjects/{YUNLING}"
    assert anybody.get("/subjects", q=PERSON).json()["subjects"] == []


def test_search_comes_page_by_page(anybody: Api, world: World) -> None:
    send(*(row(n, f"X{n}", f"苏州澄砚{n}号商贸有限公司", f"{n}号", scheme="other") for n in range(1, 6)))
    search.follow()
    first = anybody.get("/subjects", q="澄砚", limit=3).json()
    second = anybody.get("/subjects", q="澄砚", limit=3, cursor=first["next"]).json()
    assert (len(first["subjects"]), len(second["subjects"]), second["next"]) == (3, 2, None)
    assert len({h["code"] for h in first["subjects"] + second["subjects"]}) == 5


def test_a_query_has_a_sensible_length(anybody: Api) -> None:
    assert [anybody.get("/subjects", q=q).status_code for q in ("", "云", "云" * 101)] == [422, 422, 422]


def test_odd_queries_find_nothing_and_break_nothing(anybody: Api, register: None) -> None:
    for q in ("%%", "__", "\x00\x00", "a\x00b", "';--", "\\\\", "𠮷𠮷", "١٢", "*)("):
        assert anybody.get("/subjects", q=q).json()["subjects"] == [], q


def test_a_profile_shows_what_everybody_may_see(anybody: Api, register: None) -> None:
    profile = anybody.get(f"/subjects/{YUNLING}").json()
    assert (profile["name"], profile["provisional"]) == (NAME, True)
    [record] = profile["records"]
    assert record["title"] and record["source"] == "ecology-environment" and record["basis"]
    hidden = anybody.get(f"/subjects/{BOHE}")
    assert hidden.status_code == 404, "known only from a record in doubt: not even the name is shown"
    for nobody in (PERSON, "91320500MA1NOBODY0", "x" * 500, "%00", "云岭"):
        assert anybody.get(f"/subjects/{nobody}").status_code == 404


def test_a_copy_is_asked_about_again_and_is_still_good_until_something_changes(anybody: Api, register: None) -> None:
    path = f"/subjects/{YUNLING}"
    first = anybody.get(path)
    etag = first.headers["ETag"]
    assert "no-cache" in first.headers["Cache-Control"] and "public" in first.headers["Cache-Control"]
    same = anybody.get(path, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (same.status_code, same.content) == (304, b"")
    Subject.objects.filter(code=YUNLING).update(provisional=False)  # registered: known also without any record
    change_standing(Record.objects.get(subject__code=YUNLING).pk, "repair", Because("reviewer", "已修复"))
    after = anybody.get(path, headers={"If-None-Match": etag})
    assert (after.status_code, after.json()["records"]) == (200, [])


def test_a_subject_known_by_one_record_alone_is_forgotten_when_that_is_repaired(anybody: Api, register: None) -> None:
    """W-18: nothing of a repaired record stays findable, the name it brought included."""
    change_standing(Record.objects.get(subject__code=YUNLING).pk, "repair", Because("reviewer", "已修复"))
    assert anybody.get(f"/subjects/{YUNLING}").status_code == 404


def test_head_answers_like_get_without_a_body(anybody: Api, register: None) -> None:
    head, get = (anybody.call(m, f"/subjects/{YUNLING}") for m in ("HEAD", "GET"))
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", get.headers["ETag"])


def test_the_catalogue_and_its_items(anybody: Api) -> None:
    packs = policies()
    listed = anybody.get("/catalogue").json()
    assert listed["digest"] == packs.digest
    assert {i["id"] for i in listed["items"]} == {i.id for i in packs.items(date.today())}
    for line in listed["items"]:
        item = anybody.get(line["url"].removeprefix("/api/v1")).json()
        assert item["table_schema"] == json.loads(json.dumps(table_schema(packs.item(line["id"], date.today()), packs)))
        assert Schema.from_descriptor(item["table_schema"]).fields
        assert item["rules"] and all(r["message_en"] and r["basis"] for r in item["rules"])
    assert "ecology-environment" in next(i for i in listed["items"] if i["id"] == "penalty")["sources"]
    assert anybody.get("/catalogue/no-such-item").status_code == 404


def test_code_tables(anybody: Api) -> None:
    table = anybody.get("/codes/penalty_kinds").json()
    assert "罚款" in [c["label"] for c in table["codes"]]
    for name in policies().tables:
        assert anybody.get(f"/codes/{name}").status_code == 200
    assert anybody.get("/codes/no_such_table").status_code == 404


def test_unknown_addresses_and_methods_answer_in_the_one_shape(anybody: Api, world: World) -> None:
    assert anybody.get("/no/such/address").json()["error"]["code"] == "not-found"
    assert anybody.get("/batches/").status_code == 404
    strict = Api(enforce_csrf_checks=True)  # type: ignore[arg-type]
    assert strict.post("/no/such/address").status_code == 404
    answer = anybody.call("DELETE", "/subjects")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert answer.json()["error"]["code"] == "method-not-allowed"
    assert world["auditor"].call("PUT", "/batches").headers["Allow"] == "GET, HEAD, POST"
    assert anybody.call("OPTIONS", "/batches").status_code == 405


def test_a_fault_of_ours_says_nothing_of_itself(anybody: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("chengxin.api.subjects.public_profile", broken)
    answer = anybody.client.get(f"/api/v1/subjects/{YUNLING}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "hunter2" not in answer.content.decode()


def test_both_languages_whatever_the_browser_prefers(world: World) -> None:
    answers = [
        world["stranger"].post("/batches/1/release", headers={"Accept-Language": x}).json() for x in ("en", "zh")
    ]
    assert answers[0] == answers[1]
    assert answers[0]["error"]["message_en"].isascii() and not answers[0]["error"]["message"].isascii()
