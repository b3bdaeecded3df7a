"""人社: wages, insurance and harmony make the class of an employer; the wage list refuses by law (R-423 to R-431)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

LABOUR = MODEL = "human-resources"


def test_wages_unpaid_cost_the_class_and_the_wage_list_refuses_until_it_is_left(province: Province) -> None:
    """002-人社 二、三（二）（三）（四）: automatic classes, warnings before, red and black lists after."""
    p = province
    builder, fair = p.register("云岭建筑工程有限公司", industry="E47"), p.register("泊禾电子有限公司", industry="C39")
    late, grave = p.register("清岚服装有限公司", industry="C18"), p.register("澄泥玩具有限公司", industry="C24")
    for code in (builder, fair):
        p.report(LABOUR, "social-insurance", code, p.ago(months=9), state="足额缴纳")
    owed = p.report(LABOUR, "social-insurance", late, p.ago(months=9, days=10), state="欠缴", arrears="12.4")
    p.report(
        LABOUR, "honour", fair, p.ago(years=1), honour_name="江苏省劳动关系和谐企业", level="省级", valid_until=None
    )
    for n in (1, 3):
        p.report(
            LABOUR, "labour-case", builder, p.ago(months=n),
            violation="拖欠工资", workers=40, amount="60", outcome="给予处理处罚",
        )  # fmt: skip
    child = p.report(LABOUR, "labour-case", grave, p.ago(months=3), violation="使用童工", outcome="给予处理处罚")
    listed = p.report(
        LABOUR, "serious-list", builder, p.ago(months=2), list_type="拖欠农民工工资失信主体", reason="逾期未支付",
        listing_basis="《保障农民工工资支付条例》第四十八条", ends_on=p.ago(months=-34),
    )  # fmt: skip

    p.grade(MODEL)
    assert p.grade_of(builder, MODEL) == ("C", 40), "two cases, eighty workers, and a veto"
    assert p.grade_of(fair, MODEL) == ("A", 86) and p.grade_of(late, MODEL) == ("B", 60)
    assert p.candidates("labour-major", "major") == [grave]
    p.put_on("labour-major", grave, "major", [child])
    p.follow()
    assert p.listed("wage-arrears") == [builder] and p.listed("labour-major") == [grave], "R-427: all made public"
    assert p.answers(grave, "insurance-services") == ["labour-no-commitment"] and "labour-major-listed" in p.alerts(
        grave
    )
    assert p.ask(grave, "labour-subsidies").reason == "no-measure", (
        "no ministry's rule refuses: only the wage list's law does"
    )
    told = p.chapters("labour-query", builder)
    assert {n: len(told[n]) for n in ("insurance", "cases", "serious", "honours")} == {
        "insurance": 1, "cases": 2, "serious": 1, "honours": 0
    }, "R-423: the query report of the department"  # fmt: skip
    barred = p.ask(builder, "bidding")
    assert barred.answer == "must-refuse" and "保障农民工工资支付条例" in barred.findings[0].basis
    assert p.answers(fair, "labour-subsidies") == ["labour-incentives"]
    assert {"wage-warning", "wage-listed"} <= p.alerts(builder), "R-430: warned before, told after"
    assert p.candidates("harmonious-employers", "a-and-clean") == [fair], "R-426"
    assert [p.class_of(c, MODEL).id for c in (builder, fair, late)] == ["wage-list", "a", "b"]

    p.repair(listed, owed, child, on=p.today)
    p.grade(MODEL)
    p.follow()
    assert p.listed("labour-major") == [] and p.chapters("labour-query", grave)["cases"] == []
    assert p.listed("wage-arrears") == [] and p.ask(builder, "bidding").reason == "no-measure"
    assert p.grade_of(builder, MODEL) == ("C", 40), "the cases still count: only the list is over"
    assert p.grade_of(late, MODEL) == ("B", 80)
