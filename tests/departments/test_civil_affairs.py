"""民政: grades of organisations and elderly care, self-declaration, lists that stop a matter by themselves (R-414 to R-422)."""

from __future__ import annotations

import pytest

from chengxin.accounts.actors import operator
from chengxin.accounts.rules import Denied
from chengxin.registry.packs import policies

from .teller import Province

pytestmark = pytest.mark.once

CIVIL = MODEL = "civil-affairs"


def test_an_organisation_on_the_serious_list_is_stopped_where_it_asks(province: Province) -> None:
    """002-民政 三（二）（三）: evaluation of many sources; the list comes and goes with the authority's record."""
    p = province
    association = p.register("云岭行业协会", prefix="51", industry="S95")
    home = p.register("泊禾养老院", prefix="52", industry="Q85")
    shady = p.register("清岚促进会", prefix="51", industry="S95")
    p.report(CIVIL, "civil-grade", association, p.ago(years=1), domain="社会组织", organisation_grade="4A级", elderly_grade=None,
             association_rules="是", valid_until=p.ago(days=-80))  # fmt: skip
    p.report(CIVIL, "civil-annual-check", association, p.ago(months=5), result="合格")
    p.report(
        CIVIL, "civil-grade", home, p.ago(years=1), domain="养老服务", elderly_grade="三级", valid_until=p.ago(years=-4)
    )
    p.report(CIVIL, "civil-annual-check", shady, p.ago(months=5), result="未参加")
    p.report(
        CIVIL, "declaration", association, p.ago(months=2),
        kind="社会公益", truth_commitment="是", verified="是", valid_until=None,
    )  # fmt: skip
    listed = p.report(
        CIVIL, "serious-list", shady, p.ago(months=3), list_type="社会组织严重违法失信主体",
        reason="连续两年未参加年检", listing_basis="《社会组织信用信息管理办法》", ends_on=p.ago(months=-20),
    )  # fmt: skip

    p.grade(MODEL)
    assert p.grade_of(association, MODEL) == ("A", 91), "R-415: a verified declaration counts, R-416: rules of its own"
    assert p.grade_of(home, MODEL) == ("B", 78) and p.grade_of(shady, MODEL) == ("D", 50)
    p.follow()
    assert p.listed("social-organisation-serious") == [shady]
    stopped = p.ask(shady, "civil-services-purchase")
    assert stopped.answer == "must-refuse" and "三（三）3" in stopped.findings[0].basis
    assert p.ask(shady, "elderly-care-filing").answer == "must-examine", "R-419: no ban by the machine"
    assert p.answers(association, "civil-services-purchase") == ["civil-priority"]
    assert {"civil-annual-check-failed", "civil-serious-listed"} <= p.alerts(shady)
    assert "civil-grade-expiring" in p.alerts(association)

    told = p.chapters("social-organisation", association, operator("association"))
    assert [len(told[n]) for n in ("grades", "yearly", "volunteered", "serious")] == [1, 1, 1, 0], "R-116, R-118"
    with pytest.raises(Denied):
        p.chapters("social-organisation", association)

    p.repair(listed, on=p.today)
    p.grade(MODEL)
    p.follow()
    assert p.listed("social-organisation-serious") == [] and p.grade_of(shady, MODEL) == ("C", 50)
    assert p.ask(shady, "civil-services-purchase").reason == "no-measure"


def test_no_item_of_civil_affairs_is_about_a_person() -> None:
    """G-13: relief, marriage and adoption are in the plan, and not in the catalogue."""
    own = [c.item for c in policies().compiled if c.item.authority == "江苏省民政厅"]
    assert {i.id for i in own} == {"civil-grade", "civil-annual-check"}
    assert not any("natural_person" in i.subjects for i in own)
