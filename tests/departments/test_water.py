"""水利: a class-B testing licence on a commitment, checked afterwards; yellow list, then key attention (R-450 to R-454)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

WATER = MODEL = "water"


def test_a_testing_commitment_not_met_is_a_yellow_card_and_unlawful_testing_a_black_one(province: Province) -> None:
    """002-水利 三（二）（四）（五）（六）: commitment before, checks after, lists with reminder, correction and exit."""
    p = province
    lab, worse = p.register("云岭水利检测有限公司", industry="M74"), p.register("泊禾工程检测有限公司", industry="M74")
    builder = p.register("清岚水利建设有限公司", industry="E48")
    for code in (lab, worse):
        p.report(
            WATER,
            "licence",
            code,
            p.ago(years=1),
            document_title="水利工程质量检测乙级资质",
            valid_until=p.ago(years=-2),
        )
        p.report(
            WATER, "commitment", code, p.ago(years=1), matter="乙级资质告知承诺", state="履行中", due_on=p.ago(years=-2)
        )
    unmet = p.report(WATER, "water-testing", lab, p.ago(months=3), finding="承诺事项不符", facts="承诺的设备未到位")
    unlawful = p.report(
        WATER, "water-testing", worse, p.ago(months=2), finding="检测违法违规", facts="未做试验即出报告"
    )
    p.penalty(WATER, worse, p.ago(months=1))
    for n in range(1, 4):
        p.report(WATER, "water-performance", builder, p.ago(months=n), grade="优秀", score=92, shortcomings=None)
    p.report(WATER, "contract", builder, p.ago(years=1), state="履行完毕", breach_facts=None, finding_document=None)

    p.grade(MODEL)
    assert [p.grade_of(c, MODEL) for c in (lab, worse, builder)] == [("A", 70), ("C", 50), ("AAA", 95)]
    assert p.candidates("water-yellow", "unmet") == [lab] and p.candidates("water-black", "unlawful-testing") == [worse]
    yellow = p.put_on("water-yellow", lab, "unmet", [unmet])
    p.put_on("water-black", worse, "unlawful-testing", [unlawful])
    assert p.ask(lab, "water-testing-qualification").answer == "must-examine", "R-452: no more on a commitment alone"
    assert p.ask(lab, "water-funds").reason == "no-measure" and p.ask(worse, "water-funds").answer == "must-limit"
    assert [p.class_of(c, MODEL).id for c in (lab, worse, builder)] == ["yellow", "black", "aaa"]
    assert p.answers(builder, "water-licence") == ["water-priority"]
    p.follow()
    assert "water-testing-unmet" in p.alerts(lab), "R-450: reminder"

    p.repair(unmet)
    p.grade(MODEL)
    p.follow()
    yellow.refresh_from_db()
    assert yellow.ending == "repaired" and p.grade_of(lab, MODEL) == ("A", 80)
    assert p.ask(lab, "water-testing-qualification").reason == "no-measure", "R-454: corrected, repaired, out"
