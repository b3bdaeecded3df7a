"""卫健: a public level, points that end with their cycle, inspection by level, use in every matter (R-472 to R-476)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

HEALTH = MODEL = "health"


def test_points_and_anomalies_lower_the_level_of_a_clinic_until_the_cycle_ends(province: Province) -> None:
    """002-卫健 三（一）至（四）、（六）: levels, off-site monitoring, red and black lists, results in every matter of health."""
    p = province
    good, poor, past = (
        p.register(n, industry="Q84") for n in ("清岚医院有限公司", "泊禾门诊部有限公司", "望溪诊所有限公司")
    )
    for code in (good, poor, past):
        p.report(HEALTH, "licence", code, p.ago(years=1), valid_until=p.ago(years=-3))
    for n in range(3):
        p.report(HEALTH, "commitment", good, p.ago(months=5, days=n), state="已履行", due_on=p.ago(months=1))
    p.report("centre", "comprehensive-grade", good, p.ago(months=2), grade="优")
    p.report("centre", "declaration", good, p.ago(months=3))
    points = p.report(HEALTH, "practice-points", poor, p.ago(months=2), points="9", cycle_ends_on=p.ago(months=-4))
    p.report(HEALTH, "practice-points", past, p.ago(months=14), points="9", cycle_ends_on=p.ago(months=3))
    for n in (1, 2):
        p.report(HEALTH, "health-monitoring", poor, p.ago(days=20 * n), finding="异常", content="超时未清运")
    fine = p.penalty(HEALTH, poor, p.ago(months=3))
    p.grade(MODEL)
    assert [p.grade_of(c, MODEL) for c in (good, poor, past)] == [("A", 90), ("D", 44), ("B", 80)]

    assert [p.class_of(c, HEALTH).id for c in (good, poor, past)] == ["a", "d", "b"], "R-473: inspection by level"
    assert p.candidates("health-black", "twelve-points") == [poor]
    assert p.candidates("health-red", "a-and-clean") == [good]
    listing = p.put_on("health-black", poor, "twelve-points", [points])
    assert listing.state == "listed" and p.class_of(poor, HEALTH).ratio == 1
    p.follow()
    research = p.ask(poor, "medical-research")
    assert research.answer == "must-limit" and "三（四）" in research.findings[0].basis, "R-474"
    assert p.ask(poor, "institution-approval").answer == "must-examine"
    assert p.ask(poor, "family-planning").answer == "must-examine" and p.ask(poor, "bidding").answer == "remind"
    assert p.ask(good, "institution-approval").answer == "may-favour"
    assert {"health-anomalies", "health-grade-poor"} <= p.alerts(poor), "R-475: monitored, warned, urged to correct"
    assert not p.alerts(past)
    assert p.sheet("health-review", good, poor, past) == [
        ("pass", []), ("note", ["practice-points", "penalty"]), ("pass", [])
    ], "R-474: reviewed before a licence; points end with their cycle"  # fmt: skip

    p.repair(points, fine)
    p.grade(MODEL)
    p.follow()
    assert p.grade_of(poor, MODEL) == ("B", 72) and p.listed("health-black") == []
