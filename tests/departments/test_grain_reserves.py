"""粮储: integrity grade A, key attention for those who wrong farmers, the list answered by itself (R-490 to R-495)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

GRAIN = MODEL = "grain-reserves"


def test_farmers_paid_late_cost_a_buyer_its_policy_grain(province: Province) -> None:
    """002-粮储 二3 至 二9、三（二）: archive, evaluation with the national one, hotline, attention list, grade A awards."""
    p = province
    honest, late = p.register("清岚粮油有限公司", industry="C13"), p.register("泊禾粮食收储有限公司", industry="C13")
    for code in (honest, late):
        p.report(GRAIN, "grain-business", code, p.ago(years=1), businesses="粮食收购、政策性粮食收购", committed="是")
    for n in range(2):
        p.report(GRAIN, "commitment", honest, p.ago(months=5, days=n), state="履行中", due_on=p.ago(years=-1))
        p.report(GRAIN, "contract", honest, p.ago(months=8, days=n), state="履行完毕")
    p.report("centre", "comprehensive-grade", honest, p.ago(months=2), grade="优")
    p.report("centre", "comprehensive-grade", late, p.ago(months=2), grade="中")
    cases = [
        p.report(
            GRAIN, "grain-complaint", late, p.ago(months=n), matter="拖欠售粮款", finding="属实", result="责令付清"
        )
        for n in (1, 2)
    ]
    p.report(GRAIN, "grain-complaint", honest, p.ago(months=1), matter="压级压价", finding="不属实")
    broken = p.report(GRAIN, "commitment", late, p.ago(months=6), state="违反承诺", due_on=p.ago(months=4))
    done = p.grade(MODEL)
    assert done.grades["A"] == 1 and done.waiting == {"county": 2} and p.grade_of(honest, MODEL)[0] == "", (
        "R-490: the county evaluates first, the bureau compares; until then there is no grade"
    )
    assert p.candidates("grain-a", "grade-a") == []
    p.verify(MODEL)
    assert p.grade_of(honest, MODEL) == ("A", 91), (
        "R-490, R-495: the national result is part of it; an untrue complaint is not"
    )
    assert p.grade_of(late, MODEL) == ("C", 59)
    assert [p.class_of(c, GRAIN).id for c in (honest, late)] == ["a", "c"]

    assert p.candidates("grain-a", "grade-a") == [honest]
    assert p.put_on("grain-a", honest, "grade-a", []).state == "listed", "R-495"
    assert p.candidates("grain-attention", "unpaid") == [late]
    assert p.put_on("grain-attention", late, "unpaid", cases).state == "listed"
    p.follow()
    policy = p.ask(late, "policy-grain")
    assert policy.answer == "must-examine" and "二6" in policy.findings[0].basis
    assert p.answers(late, "policy-grain") == ["grain-examine", "grain-subsidy-limit", "grain-remind"], (
        "R-491: by itself"
    )
    assert p.answers(honest, "policy-grain") == ["grain-favour"]
    assert p.class_of(late, GRAIN).ratio == 1
    assert {"grain-complaints", "grain-listed"} <= p.alerts(late) and "grain-complaints" not in p.alerts(honest)

    p.repair(broken, *cases)
    p.grade(MODEL)
    assert p.grade_of(late, MODEL) == ("C", 59), "the better grade waits for its steps as well"
    p.verify(MODEL)
    p.follow()
    assert p.grade_of(late, MODEL) == ("B", 80) and p.listed("grain-attention") == []
    assert p.listed("grain-a") == [honest]
