"""Lists and random inspections for everybody: basis, term, remedy; a draw that anybody can run again (R-157, R-170, G-13)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.registry.models import Subject
from chengxin.supervision.inspection.actions import draw, plan, publish, register_inspector

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
