"""广告: monitoring becomes a quarterly grade of the media; reported to the joint meeting, no list (R-482 to R-484)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chengxin.cases.packs import templates
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.lists import Lists
from chengxin.registry.packs import policies

from .teller import Province

pytestmark = pytest.mark.once

ADS = MODEL = "market-advertising"


def test_the_rate_of_violations_grades_the_media(province: Province) -> None:
    """002-广告 三（一）至（四）: monitoring of three media, evaluation of the last whole quarter, notification."""
    p = province
    today = p.today
    quarter_end = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) - timedelta(days=1)
    long_ago = quarter_end.replace(day=1, month=quarter_end.month - 2) - timedelta(days=1)
    station, portal, panel = (p.register(n) for n in ("云岭传媒有限公司", "泊禾网络有限公司", "望溪户外有限公司"))
    for code, medium, day, monitored, suspected, grave in (
        (station, "电视", quarter_end, 12000, 3, 0), (portal, "互联网", quarter_end, 1000, 12, 2),
        (portal, "互联网", long_ago, 1000, 0, 0), (panel, "户外", long_ago, 400, 4, 4),
    ):  # fmt: skip
        p.report(
            ADS, "advertising-monitoring", code, day,
            medium=medium, monitored=monitored, suspected=suspected, grave=grave,
        )  # fmt: skip
    told = {"violation": "发布虚假广告", "facts": "发布虚假广告", "legal_basis": "《中华人民共和国广告法》第五十五条"}
    fine = p.penalty(ADS, portal, p.ago(months=4), **told)
    own = {t.id: t for t in templates(today).values() if t.id.startswith("advertising-")}
    assert {t.type for t in own.values()} == {"行业自律型", "主动公示型"}, "R-124"
    pledge = own["advertising-self-discipline"].matter
    p.report(ADS, "commitment", panel, p.ago(months=5), matter=pledge, state="违反承诺", due_on=p.ago(months=1))
    assert p.grade(MODEL).waiting == {"analysis": 3}
    assert p.ask(portal, "advertising-awards").reason == "no-measure", "R-483: analysed, and told to the meeting, first"
    p.verify(MODEL)
    assert p.grade_of(station, MODEL) == ("A", 100)
    assert p.grade_of(portal, MODEL) == ("D", 41), "R-482: 120 in 10,000, two grave ones and a penalty"
    assert p.grade_of(panel, MODEL) == ("A", 90), "an earlier quarter's finds are past; a broken pledge is not"

    limit = p.ask(portal, "advertising-awards")
    assert limit.answer == "must-limit" and p.ask(portal, "public-advertising").answer == "must-examine"
    assert p.ask(station, "advertising-awards").answer == "may-favour"
    assert [p.class_of(c, ADS).id for c in (station, portal)] == ["a", "d"]
    model = next(m for m in policies().of(Evaluation) if m.id == MODEL)
    assert any("联席会议" in t.how for t in model.told), "R-483: the report goes to the joint meeting"
    assert not [e for pack in policies().of(Lists) for e in pack.lists if e.department == ADS], "the plan names no list"

    told = p.chapters("advertising-credit", portal)
    assert [len(told[n]) for n in ("monitoring", "penalties", "commitments")] == [2, 1, 0], (
        "R-483: for the joint meeting"
    )

    p.follow()
    assert "advertising-grade-poor" in p.alerts(portal) and not p.alerts(station)
    p.repair(fine)
    p.grade(MODEL)
    assert p.grade_of(portal, MODEL) == ("D", 51), "repair takes back the penalty; the rate stays for the quarter"
