"""交通: six domains, highway contractors by their own rule, four lists, a monthly list of effects (R-444 to R-449)."""

from __future__ import annotations

import pytest

from chengxin.accounts.actors import operator
from chengxin.supervision.measures.actions import use
from chengxin.supervision.measures.queries import effects

from .teller import Province

pytestmark = pytest.mark.once

TRANSPORT = OPERATORS = "transport"
HIGHWAY = "highway-contractors"


def test_operators_by_points_and_contractors_by_the_rule_of_the_highway_market(province: Province) -> None:
    """002-交通 二（一）、四（四）（五）、五（二）; domain.md 6: one direct D elsewhere makes C, two make D."""
    p = province
    bus, clean = p.register("云岭客运有限公司", industry="G54"), p.register("泊禾物流有限公司", industry="G54")
    local, one, two, new = (p.register(f"清岚路桥{n}有限公司", industry="E48") for n in ("一", "二", "三", "四"))
    for code in (bus, clean):
        p.report(
            TRANSPORT, "licence", code, p.ago(years=2), document_title="道路运输经营许可证", valid_until=p.ago(years=-2)
        )
    off_route = p.report(
        TRANSPORT, "transport-conduct", bus, p.ago(months=5), degree="严重失信", until=p.ago(months=-7)
    )
    for code in (local, one):
        p.report(
            TRANSPORT, "transport-conduct", code, p.ago(months=4), domain="工程建设", degree="守信", project="沿江高速"
        )
    for code, province_ in ((one, "浙江省"), (two, "浙江省"), (two, "安徽省")):
        p.report(
            TRANSPORT, "highway-evaluation", code, p.ago(months=6),
            level="省级评价", province=province_, grade="D级", direct="是",
        )  # fmt: skip
    p.report(TRANSPORT, "highway-evaluation", new, p.ago(months=6), level="全国综合评价", grade="B级", direct="否")

    p.grade(OPERATORS)
    p.grade(HIGHWAY)
    assert p.grade_of(bus, OPERATORS) == ("C", 65) and p.grade_of(clean, OPERATORS) == ("A", 90)
    assert [p.grade_of(c, HIGHWAY)[0] for c in (local, one, two, new)] == ["A", "C", "D", "B"]
    assert p.class_of(bus, OPERATORS).tier == "increased" and p.class_of(clean, OPERATORS).tier == "regular"
    assert p.ask(two, "transport-bidding").answer == "must-examine"

    entry = p.put_on("transport-attention", bus, "serious-conduct", [off_route])
    assert p.answers(bus, "transport-subsidies") == ["transport-subsidy-limit"]
    use(operator("clerk"), "transport-subsidy-limit", TRANSPORT, bus, "transport-subsidies", "未安排今年的补贴")
    (effect,) = effects(p.today.isoformat()[:7])
    assert (effect["agency"], effect["matter"], effect["on"]) == (TRANSPORT, "transport-subsidies", p.today), (
        "R-191, 四（五）"
    )

    p.repair(off_route)
    p.grade(OPERATORS)
    p.follow()
    entry.refresh_from_db()
    assert entry.ending == "repaired" and p.grade_of(bus, OPERATORS) == ("A", 90)
    assert p.ask(bus, "transport-subsidies").reason == "no-measure"
