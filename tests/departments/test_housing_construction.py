"""住建: conduct on sites counts for its term, reminders before supervision, repair by commitment (R-439 to R-443)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

HOUSING = MODEL = "housing-construction"


def test_a_builders_conduct_counts_for_its_term_and_can_be_repaired(province: Province) -> None:
    """002-住建 三（二）（三）（四）（五）: the grade, key supervision, measures in named matters, and the way back."""
    p = province
    careless, good = (
        p.register("云岭建设工程有限公司", industry="E47"),
        p.register("泊禾建筑集团有限公司", industry="E47"),
    )
    past = p.register("清岚装饰有限公司", industry="E50")
    for code in (careless, good, past):
        p.report(
            HOUSING, "licence", code, p.ago(years=2), document_title="建筑业企业资质证书", valid_until=p.ago(years=-3)
        )
    bad = p.report(
        HOUSING, "construction-conduct", careless, p.ago(months=3), degree="严重失信", until=p.ago(months=-9)
    )
    p.report(HOUSING, "construction-conduct", past, p.ago(months=30), degree="严重失信", until=p.ago(months=18))
    for n in range(1, 6):
        p.report(
            HOUSING, "construction-conduct", good, p.ago(months=n), conduct="守信行为", degree="守信", facts="文明工地"
        )
    p.report(HOUSING, "honour", good, p.ago(years=1), level="国家级", valid_until=None)

    p.grade(MODEL)
    assert p.grade_of(careless, MODEL) == ("C", 45) and p.grade_of(past, MODEL) == ("B", 70), (
        "an ended term counts no more"
    )
    assert p.grade_of(good, MODEL) == ("A", 86), "five times three, at most twelve, and four for the award"
    assert [p.class_of(c, MODEL).tier for c in (careless, past, good)] == ["increased", "regular", "reduced"]
    assert p.candidates("construction-attention", "serious-conduct") == [careless]
    entry = p.put_on("construction-attention", careless, "serious-conduct", [bad])
    assert p.class_of(careless, MODEL).id == "attention"
    assert p.ask(careless, "construction-qualification").answer == "must-examine"
    assert p.answers(careless, "construction-funds") == ["construction-fund-limit"]
    assert p.answers(careless, "construction-bidding") == ["construction-tender-reminder"], "R-443: shown, not barred"
    assert p.answers(good, "construction-qualification") == ["construction-green-channel"]
    assert p.candidates("construction-models", "a-and-clean") == [good], "R-441"

    p.repair(bad)
    p.grade(MODEL)
    p.follow()
    entry.refresh_from_db()
    assert entry.ending == "repaired" and p.grade_of(careless, MODEL) == ("B", 70)
    assert p.ask(careless, "construction-funds").reason == "no-measure"
