"""公安: two sectors with a rating of their own, red and attention lists on the portal, repair (R-409 to R-413)."""

from __future__ import annotations

import pytest

from chengxin.supervision.lists.queries import public_entries

from .teller import Province

pytestmark = pytest.mark.once

POLICE = "public-security"
GUARDS, PRECURSORS = "security-services", "precursor-chemicals"


def test_each_sector_has_its_own_rating_and_the_same_safeguards(province: Province) -> None:
    """002-公安 三（一）（二）（三）: rating, graded supervision, a public list only after notice, exit with repair."""
    p = province
    guard, careless = (
        p.register("云岭保安服务有限公司", industry="L7271"),
        p.register("泊禾保安服务有限公司", industry="L7271"),
    )
    trader = p.register("清岚化学品贸易有限公司", industry="F5169")
    for code, title in (
        (guard, "保安服务许可证"),
        (careless, "保安服务许可证"),
        (trader, "第一类易制毒化学品购买许可"),
    ):
        p.report(POLICE, "licence", code, p.ago(years=2), document_title=title, valid_until=p.ago(years=-3))
    for n in range(1, 6):
        p.report(
            POLICE, "police-matter", guard, p.ago(months=n), sector="保安服务", degree="表现良好", facts="岗位到位"
        )
    p.report(POLICE, "police-matter", careless, p.ago(months=2), sector="保安服务", degree="一般问题")
    fine = p.penalty(POLICE, careless, p.ago(months=5))
    p.report(
        POLICE, "police-matter", trader, p.ago(months=1),
        sector="易制毒化学品", matter="购销台账和流向登记", degree="严重问题", facts="台账与库存不符",
    )  # fmt: skip

    assert p.grade(GUARDS).grades == {"A": 1, "B": 0, "C": 1, "D": 0}, "R-409: the trader is no security service"
    assert p.grade(PRECURSORS).grades == {"A": 0, "B": 0, "C": 1, "D": 0}
    assert p.grade_of(careless, GUARDS) == ("C", 59) and p.grade_of(trader, PRECURSORS) == ("C", 60)
    assert p.class_of(careless, GUARDS).tier == p.class_of(trader, PRECURSORS).tier == "increased"
    assert p.class_of(guard, GUARDS).at_most == 1
    assert p.answers(guard, "police-licence") == ["police-priority"]

    second = p.penalty(POLICE, careless, p.ago(months=4))
    assert p.candidates("police-attention", "repeated") == [careless]
    entry = p.put_on("police-attention", careless, "repeated", [fine, second])
    assert [e.subject.code for e in public_entries("police-attention", p.today)] == [careless], "R-410: on the portal"
    assert p.answers(careless, "government-procurement") == ["police-procurement-reminder"], "a reminder, no bar"
    p.follow()
    assert "police-precursor-anomaly" in p.alerts(trader), "R-412: warned of, for people to judge"

    p.repair(fine, second)
    p.follow()
    entry.refresh_from_db()
    assert entry.ending == "repaired" and not public_entries("police-attention", p.today).exists()
