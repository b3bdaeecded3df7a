"""工信: five key industries, phases of their archives, fraud of funds is a veto and leads to key supervision (R-403 to R-408)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

INDUSTRY = MODEL = "industry-it"


def test_who_forges_papers_for_funds_is_supervised_and_limited_but_never_barred_without_a_law(
    province: Province,
) -> None:
    """002-工信 三（二）（三）: archive, grade, list, measures; repair ends the listing and its limits."""
    p = province
    forger, model = p.register("云岭化工有限公司"), p.register("泊禾船舶重工有限公司", industry="C37")
    p.report(INDUSTRY, "industry-archive", forger, p.ago(years=5), industry="化工")
    p.report(INDUSTRY, "industry-archive", model, p.ago(years=5), industry="船舶")
    forged = p.report(
        INDUSTRY, "industry-falsehood", forger, p.ago(months=6),
        occasion="专项资金申领", falsified="环评文件、贷款合同", funds_obtained="50",
    )  # fmt: skip
    for n in range(3):
        p.report(INDUSTRY, "commitment", model, p.ago(months=8, days=n), state="已履行", due_on=p.ago(months=1))
    p.report(INDUSTRY, "honour", model, p.ago(years=1), level="省级", honour_name="省级绿色工厂", valid_until=None)

    p.grade(MODEL)
    assert p.grade_of(forger, MODEL) == ("D", 50) and p.grade_of(model, MODEL) == ("A", 90)
    assert p.candidates("industry-attention", "fraud") == [forger]
    entry = p.put_on("industry-attention", forger, "fraud", [forged])
    assert entry.state == "listed" and entry.effect == "attention", "no law sets up a serious list here"
    limited = p.ask(forger, "industry-funds")
    assert [f.measure for f in limited.findings] == ["industry-strict-recognition", "industry-project-limit"]
    assert "三（三）3" in {f.measure: f.basis for f in limited.findings}["industry-project-limit"]
    assert p.answers(model, "industry-funds") == ["industry-priority"]
    assert (p.class_of(forger, MODEL).id, p.class_of(model, MODEL).id) == ("attention", "a")
    assert p.candidates("industry-models", "a-and-clean") == [model]

    p.repair(forged)
    p.grade(MODEL)
    p.follow()
    entry.refresh_from_db()
    assert entry.ending == "repaired" and p.grade_of(forger, MODEL) == ("B", 80)
    assert p.ask(forger, "industry-funds").reason == "no-measure"
