"""Lists and random inspections for everybody: basis, term, remedy; a draw that anybody can run again (R-157, R-170, G-13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.supervision.inspection.actions import draw, plan, publish, register_inspector
from chengxin.supervision.models import Listing
from chengxin.supervision.packs import lists_on

from ..supervision.helpers import ANNA, BORIS, YUNLING, penalty, send
from ..supervision.small import small_packs
from ..supervision.test_lists import SERIOUS, listed

TODAY = timezone.localdate()


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_packs(tmp_path_factory.mktemp("policies"))


@pytest.fixture(autouse=True)
def _environment(store: object, packs: Path, settings: object) -> None:
    settings.POLICIES = packs  # type: ignore[attr-defined]
    send(
        *(
            penalty(n, YUNLING, "苏州云岭精密机械有限公司", f"{n}号", severity="serious", industry="7461")
            for n in (1, 2)
        )
    )


def page(client: Client, path: str) -> str:
    response = client.get(path, headers={"Accept-Language": "zh-hans"})
    assert response.status_code == 200, path
    return response.content.decode()


def test_a_list_says_who_decides_on_what_basis_and_how_an_entry_ends(client: Client) -> None:
    assert "环境保护法" in page(client, f"/lists/{SERIOUS}") and "现在没有单位在这个名单上" in page(
        client, f"/lists/{SERIOUS}"
    )
    entry = listed()
    html = page(client, f"/lists/{SERIOUS}")
    assert "苏州云岭精密机械有限公司" in html and f"{entry.expires_on:%Y-%m-%d}" in html and "不服怎么办" in html
    assert f"/lists/{SERIOUS}" in page(client, "/lists")
    subject = page(client, f"/subjects/{YUNLING}")
    assert "信用评价和名单" in subject and f"/lists/{SERIOUS}" in subject
    Subject.objects.filter(code=YUNLING).update(kind="natural_person")
    assert "苏州云岭精密机械有限公司" not in page(client, f"/lists/{SERIOUS}")
    assert client.get("/lists/no-such-list").status_code == 404


def test_a_draw_is_announced_and_then_shown(client: Client) -> None:
    for number in ("E01", "E02", "E03"):
        register_inspector(ANNA, "ecology-environment", number, f"检查员{number}")
    made = plan(ANNA, "ecology-environment", "四季度双随机抽查", TODAY, date(TODAY.year, 12, 31))
    assert "四季度双随机抽查" in page(client, "/inspections")
    draw(ANNA, made)
    before = page(client, f"/inspections/{made.number}")
    assert made.seed_sha256 in before and made.seed not in before and "还没有公布抽取结果" in before
    publish(BORIS, made)
    after = page(client, f"/inspections/{made.number}")
    assert made.seed in after and "检查员" not in after, "inspectors appear by number only"
    assert client.get(f"/inspections/{made.number}.json").json()["seed"] == made.seed
    assert client.get("/inspections/P999999").status_code == client.get("/inspections/x").status_code == 404


def test_a_subject_with_several_records_stands_on_a_list_once(client: Client) -> None:
    """With all that it is listed for; each basis leads to its record."""
    first = listed()
    heads = list(Record.objects.filter(subject__code=YUNLING).order_by("pk"))
    Listing.objects.filter(pk=first.pk).update(record=heads[0].pk)
    first.pk, first.record = None, heads[1].pk
    first.save()
    html = page(client, f"/lists/{SERIOUS}")
    assert html.count(f'href="/subjects/{YUNLING}"') == 1
    assert all(f"#r{h.pk}" in html for h in heads[:2])
    told = client.get(f"/lists/{SERIOUS}.json").json()
    assert [(s["code"], len(s["grounds"])) for s in told["subjects"]] == [(YUNLING, 2)]
    every = client.get("/lists.json").json()["lists"]
    assert next(entry["subjects"] for entry in every if entry["id"] == SERIOUS) == 1


def test_lists_with_entries_come_first_and_empty_ones_are_folded(client: Client) -> None:
    before = page(client, "/lists")
    assert f"/lists/{SERIOUS}" in before.split("现在没有单位在列")[1]
    listed()
    after = page(client, "/lists")
    assert f"/lists/{SERIOUS}" in after.split("现在没有单位在列")[0] and "在列 1 家" in after


def test_departments_have_their_english_names_on_an_english_page(client: Client) -> None:
    agencies = {a.name: a.name_en for a in policies().agencies}
    lists = [v.list for v in lists_on(timezone.localdate()).values() if v.list.public]
    wanted = {e for found in lists if (e := agencies.get(policies().agency_name(found.department)))}
    html = unescape(client.get("/lists", headers={"Accept-Language": "en"}).content.decode())
    assert wanted and not [name for name in wanted if name not in html]


def test_a_page_of_a_list_asks_the_same_however_many_are_on_it(
    client: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    listed()
    with django_assert_max_num_queries(8):
        page(client, f"/lists/{SERIOUS}")
