"""How subjects are judged, by API: public grades and lists, why, the embedded check, draws anybody can run again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from chengxin.audit.models import Event
from chengxin.registry.models import Subject
from chengxin.supervision.inspection.actions import draw, plan, publish, register_inspector

from ..evaluation import world as province
from ..supervision.helpers import ANNA, BOHE, BORIS, YUNLING, penalty, send
from ..supervision.small import small_packs
from ..supervision.test_inspection import verifier
from ..supervision.test_lists import SERIOUS, listed
from .client import Api
from .world import World

TODAY = timezone.localdate()
MATTER = "environment-funds"


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_packs(tmp_path_factory.mktemp("policies"))


@pytest.fixture(autouse=True)
def _environment(world: World, packs: Path, settings: object) -> None:
    settings.POLICIES = packs  # type: ignore[attr-defined]


def test_everybody_sees_public_grades_and_lists_with_their_basis(anybody: Api) -> None:
    send(
        penalty(1, YUNLING, "苏州云岭精密机械有限公司", "1号", severity="serious", industry="7461"),
        penalty(2, YUNLING, "苏州云岭精密机械有限公司", "2号"),
        penalty(3, BOHE, "南京泊禾商贸有限公司", "3号"),
    )
    listed()
    standing = anybody.get(f"/subjects/{YUNLING}/standing").json()
    [entry] = standing["listings"]
    assert (entry["list"], entry["code"]) == (SERIOUS, YUNLING) and "环境保护法" in entry["basis"] and entry["remedy"]
    assert anybody.get(f"/subjects/{BOHE}/standing").json()["listings"] == []
    shown = {kind["id"]: kind for kind in anybody.get("/lists").json()["lists"]}
    assert shown[SERIOUS]["entries"] == 1
    page = anybody.get(f"/lists/{SERIOUS}", limit=1).json()
    assert [e["code"] for e in page["entries"]] == [YUNLING] and page["next"] is None
    assert anybody.get("/lists/no-such-list").status_code == 404
    Subject.objects.filter(code=YUNLING).update(kind="natural_person")
    assert anybody.get(f"/subjects/{YUNLING}/standing").status_code == 404
    assert anybody.get(f"/lists/{SERIOUS}").json()["entries"] == []


def test_a_department_learns_why_and_the_look_is_on_record(world: World) -> None:
    """R-154: each indicator with its records, what lapses when, what repair would do."""
    province.register(1)
    province.penalty(1, "苏环罚〔2026〕7号", "2026-08-03")
    province.follow()
    path = f"/subjects/{province.code(1)}/grades/{province.MODEL}"
    assert world["visitor"].get(path).status_code == 403
    told = world["reporter"].get(path).json()
    assert told["grade"] and told["basis"] and told["outlook"]["records"][0]["if_repaired"]
    assert any(r["title"] == "苏环罚〔2026〕7号" for i in told["indicators"] for r in i["records"])
    assert world["reporter"].get(f"/subjects/{province.code(1)}/grades/no-model").status_code == 404
    [look] = Event.objects.filter(action="evaluation.look")
    assert (look.actor, look.object, look.detail["channel"]) == ("reporter", province.code(1), "api")


def test_the_check_is_one_call_with_a_basis_or_a_reason_and_leaves_a_trace(world: World) -> None:
    """R-187: must refuse, must examine, may favour, or nothing; a matter without a basis says so."""
    send(penalty(1, YUNLING, "苏州云岭精密机械有限公司", "1号"))
    assert world["visitor"].post("/checks", {"code": YUNLING, "matter": MATTER}).status_code == 403
    one = world["reporter"].post("/checks", {"code": YUNLING, "matter": "gossip"}).json()
    assert (one["answer"], one["reason"], one["findings"]) == ("", "unknown-matter", [])
    many = world["reporter"].post("/checks/batch", {"codes": [YUNLING, BOHE], "matter": MATTER}).json()["answers"]
    assert [(a["code"], a["reason"]) for a in many] == [(YUNLING, "no-measure"), (BOHE, "unknown-subject")]
    assert Event.objects.filter(action="measure.check", actor="reporter").count() == 3
    too_many = {"codes": ["X"] * 10_001, "matter": MATTER}
    assert world["reporter"].post("/checks/batch", too_many).status_code == 422


def test_a_draw_is_announced_before_and_can_be_run_again_after(anybody: Api) -> None:
    """R-157: the commitment is public at once, the seed only with the published draw."""
    old = date(2024, 1, 5)
    send(*(penalty(n, province.code(n), f"单位{n}", f"{n}号", decided_on=old) for n in range(12)))
    for number in ("E01", "E02", "E03"):
        register_inspector(ANNA, "ecology-environment", number, f"检查员{number}")
    made = plan(ANNA, "ecology-environment", "双随机抽查", TODAY, date(TODAY.year, 12, 31))
    before = anybody.get(f"/inspections/{made.number}").json()
    assert before["commitment"]["seed_sha256"] and "seed" not in before
    draw(ANNA, made)
    assert "seed" not in anybody.get(f"/inspections/{made.number}").json(), "drawn, and not yet published"
    publish(BORIS, made)
    [line] = anybody.get("/inspections").json()["plans"]
    assert line["drawn"] and line["plan"] == made.number
    after = anybody.get(f"/inspections/{made.number}").json()
    assert after["commitment"] == before["commitment"] and verifier().faults(after) == []
    assert anybody.get("/inspections/P999999").status_code == anybody.get("/inspections/x").status_code == 404
