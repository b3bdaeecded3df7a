"""广电: public, industry and market evaluation together; malign conduct only for the joint list; prompts (R-485 to R-489)."""

from __future__ import annotations

import pytest

from chengxin.reports.errors import ReportRefused

from .teller import Province

pytestmark = pytest.mark.once

RADIO = MODEL = "radio-television"
MALIGN = "主观故意明显、性质恶劣、造成严重损害后果"


def test_three_evaluations_make_one_grade_and_malign_conduct_one_list(province: Province) -> None:
    """002-广电 四（二）（四）（五）（七）: six kinds of units, three evaluations, key attention and the joint list."""
    p = province
    best, careless, malign = (
        p.register(n, industry="R87") for n in ("清岚电视传媒有限公司", "泊禾网络视听有限公司", "云岭购物频道有限公司")
    )
    for code, kind in ((best, "广播电视播出机构"), (careless, "网络视听服务单位"), (malign, "广播电视传输机构")):
        p.report(RADIO, "broadcast-unit", code, p.ago(years=1), kind=kind, licence_number="（苏）字第00001号")
    p.report("centre", "comprehensive-grade", best, p.ago(months=2), grade="优")
    p.report(RADIO, "third-party-rating", best, p.ago(months=2), grade="AAA级", valid_until=p.ago(months=-10))
    slips = [
        p.report(RADIO, "broadcast-finding", careless, p.ago(months=n), category="广告播出违规", degree="一般")
        for n in (1, 2, 3)
    ]
    p.report(RADIO, "commitment", careless, p.ago(months=2), state="违反承诺", due_on=p.ago(months=1))
    act = p.report(
        RADIO, "broadcast-finding", malign, p.ago(months=2),
        category="电视购物违规", degree=MALIGN, facts="三次警告后仍播出虚假药品购物节目，造成多人受骗",
    )  # fmt: skip
    p.grade(MODEL)
    assert [p.grade_of(c, MODEL) for c in (best, careless, malign)] == [("A", 90), ("C", 53), ("D", 45)]
    assert [p.class_of(c, RADIO).id for c in (best, careless, malign)] == ["a", "poor", "poor"]

    assert p.candidates("broadcast-black", "malign") == [malign], "R-488: intentional, malign, gravely harmful only"
    assert p.candidates("broadcast-attention", "findings") == [careless]
    p.put_on("broadcast-black", malign, "malign", [act])
    p.put_on("broadcast-attention", careless, "findings", slips)
    p.follow()
    assert [p.class_of(c, RADIO).id for c in (careless, malign)] == ["attention", "black"]
    assert p.answers(careless, "broadcast-licence") == ["broadcast-examine", "broadcast-remind"], (
        "R-488: compared, prompted"
    )
    funds = p.ask(malign, "broadcast-funds")
    assert funds.answer == "must-limit" and "四（七）" in funds.findings[0].basis
    assert p.ask(careless, "broadcast-funds").reason == "no-measure", "measures fit the degree"
    assert p.answers(best, "broadcast-licence") == ["broadcast-favour"]
    assert "broadcast-advertising-findings" in p.alerts(careless) and "broadcast-listed" in p.alerts(malign)

    assert p.sheet("broadcast-review", best, careless, malign) == [
        ("pass", []), ("note", ["findings"] * 3), ("note", ["malign"])
    ], "R-487: reviewed in the field of advertising"  # fmt: skip
    public = p.chapters("broadcast-public", careless)
    assert "findings" not in public and public["commitments"], (
        "R-121: for everybody of the industry, public things only"
    )
    with pytest.raises(ReportRefused, match="行业"):
        p.chapters("broadcast-public", p.register("望溪纺织有限公司", industry="C17"))

    p.repair(*slips)
    p.grade(MODEL)
    p.follow()
    assert p.grade_of(careless, MODEL) == ("C", 65) and p.listed("broadcast-attention") == []
