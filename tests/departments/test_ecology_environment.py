"""生态环境: nine points, a penalty, yellow, denser inspection, measures matched; repaired, blue again (R-432 to R-438)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

ECOLOGY = POLLUTERS = "ecology-environment"
SERVICES = "ecology-services"


def test_a_penalty_colours_a_polluter_yellow_until_it_is_repaired(province: Province) -> None:
    """002-生态环境 四（一）（五）（六）: graded supervision and measures with their basis, and all of it gone with the repair."""
    p = province
    dirty, clean = p.register("云岭化工有限公司"), p.register("泊禾环保材料有限公司")
    lab = p.register("清岚检测技术有限公司", industry="M7461")
    for code in (dirty, clean):
        p.report(ECOLOGY, "licence", code, p.ago(years=1), document_title="排污许可证", valid_until=p.ago(years=-2))
    p.report(ECOLOGY, "commitment", clean, p.ago(months=6), state="履行中", due_on=p.ago(years=-1))
    fine = p.penalty(ECOLOGY, dirty, p.ago(months=4))
    p.report(ECOLOGY, "environment-service", lab, p.ago(months=1), conduct="出具虚假报告", deducted=12)

    p.grade(POLLUTERS)
    assert p.grade_of(dirty, POLLUTERS) == ("yellow", 5), "R-432: nine points less four"
    assert p.grade_of(clean, POLLUTERS) == ("green", 11)
    assert p.class_of(dirty, POLLUTERS).tier == "increased" and p.class_of(clean, POLLUTERS).tier == "reduced"
    assert p.drawn(POLLUTERS)[dirty] == "yellow", "R-433: of the yellow every fifth, at least one, is drawn"
    strict = p.ask(dirty, "discharge-permit")
    assert strict.answer == "must-examine" and "四（四）" in strict.findings[0].basis
    assert p.answers(clean, "discharge-permit") == ["environment-green-channel"]
    assert p.answers(dirty, "government-procurement") == ["environment-procurement-reference"]
    assert p.ask(dirty, "water-electricity-price").reason == "no-measure", "R-434: only for red and black"

    p.grade(SERVICES)
    assert p.grade_of(lab, SERVICES) == ("black", 0), "R-436: fraud costs all points and is a veto"
    assert p.answers(lab, "routine-supervision") == ["environment-service-supervision"]

    p.repair(fine)
    p.grade(POLLUTERS)
    assert p.grade_of(dirty, POLLUTERS) == ("blue", 9)
    assert p.class_of(dirty, POLLUTERS).tier == "regular"
    assert p.ask(dirty, "discharge-permit").reason == "no-measure", "domain.md 0.5: repair fans out"
