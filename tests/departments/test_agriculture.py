"""农业: archives of farm producers, machine grading A to D, patrols by grade, red list and severe list (R-455 to R-461)."""

from __future__ import annotations

import pytest

from chengxin.supervision.lists.queries import public_entries

from .teller import Province

pytestmark = pytest.mark.once

FARMS = MODEL = "agriculture"


def test_the_farm_that_fails_samples_is_sampled_more_and_can_earn_its_way_back(province: Province) -> None:
    """002-农业 四（一）（三）（五）（六）（七）（八）: graded from checks and from what the producer adds; repair by quality."""
    p = province
    green = p.register("云岭草莓专业合作社", prefix="93", industry="A01")
    failing = p.register("泊禾生态农场有限公司", industry="A01")
    shop = p.register("清岚家庭农场", prefix="92", industry="A01")
    for code, kind in ((green, "农民专业合作社"), (failing, "农产品生产企业"), (shop, "家庭农场")):
        p.report(FARMS, "farm-producer", code, p.ago(years=4), producer=kind, committed="是")
    for kind in ("绿色食品认证", "标准化生产基地"):
        p.report(FARMS, "farm-credit", green, p.ago(months=10), credit=kind, verified="是", valid_until=p.ago(years=-2))
    bad = {"check_kind": "监测抽检", "result": "抽检不合格", "findings": "残留超过限量", "intentional": "否"}
    failed = [p.report(FARMS, "farm-check", failing, p.ago(months=n), **bad) for n in (2, 1)]

    assert p.grade(MODEL).grades == {"A": 1, "B": 1, "C": 0, "D": 1}, "R-457: A, B, C, D by rule"
    assert p.grade_of(green, MODEL) == ("A", 90) and p.grade_of(failing, MODEL) == ("D", 42)
    ratios = [p.class_of(c, MODEL).ratio for c in (green, shop, failing)]
    assert ratios == sorted(ratios) and ratios[-1] == 1, "四（五）: A fewer, D more"
    assert p.candidates("farm-models", "a-kept") == [green] and p.candidates("farm-severe", "d-again") == [failing]
    entry = p.put_on("farm-severe", failing, "d-again", failed)
    assert [e.subject.code for e in public_entries("farm-severe", p.today)] == [failing], "R-458"
    assert set(p.answers(failing, "farm-projects")) == {"farm-certification-limit", "farm-strict-examination"}, "R-459"
    assert p.answers(green, "farm-projects") == ["farm-priority"]
    p.follow()
    assert {"farm-sample-failed", "farm-grade-poor"} <= p.alerts(failing)

    p.repair(*failed)
    p.grade(MODEL)
    p.follow()
    entry.refresh_from_db()
    assert entry.ending == "repaired" and p.grade_of(failing, MODEL) == ("B", 82)
    assert p.ask(failing, "farm-projects").reason == "no-measure"
