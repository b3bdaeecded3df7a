"""商务: nine sectors; every department's penalty counts, a model warns, key attention limits support (R-462 to R-466)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

COMMERCE = MODEL = "commerce"


def test_prepaid_cards_with_missing_deposits_are_warned_of_and_watched(province: Province) -> None:
    """002-商务 三（二）: penalties joined by the unified code, a warning model, graded supervision, rewards and limits."""
    p = province
    honest, gap = p.register("清岚家政服务有限公司", industry="O80"), p.register("泊禾美容连锁有限公司", industry="O80")
    for code in (honest, gap):
        p.report(COMMERCE, "commerce-filing", code, p.ago(years=1), sector="家政服务", prepaid_balance=None)
    p.report(
        COMMERCE, "commerce-filing", gap, p.ago(months=4),
        sector="单用途商业预付卡", prepaid_balance="120", deposited="10",
    )  # fmt: skip
    for n in range(3):
        p.report(COMMERCE, "commitment", honest, p.ago(months=6, days=n), state="履行中", due_on=p.ago(years=-1))
    p.report(COMMERCE, "third-party-rating", honest, p.ago(months=2), grade="AA级", valid_until=p.ago(months=-10))
    broken = p.report(COMMERCE, "commitment", gap, p.ago(months=5), state="违反承诺", due_on=p.ago(months=3))
    fine = p.penalty(COMMERCE, gap, p.ago(months=5))
    p.penalty("market-regulation", gap, p.ago(months=2))

    p.grade(MODEL)
    assert p.grade_of(honest, MODEL) == ("A", 90), "R-464: the rating is fed back into the grade"
    assert p.grade_of(gap, MODEL) == ("C", 51), (
        "R-463: the penalty of market regulation counts too, by the unified code"
    )
    p.grade("commerce-warning")
    assert p.grade_of(gap, "commerce-warning")[0] == "alarm" and p.grade_of(honest, "commerce-warning")[0] == "normal"
    assert (p.class_of(gap, COMMERCE).id, p.class_of(honest, COMMERCE).id) == ("alarm", "red")

    assert p.candidates("commerce-black", "broken-commitment") == [gap]
    listing = p.put_on("commerce-black", gap, "broken-commitment", [broken])
    assert listing.state == "listed"
    assert p.class_of(gap, COMMERCE).ratio == 1
    support = p.ask(gap, "commerce-support")
    assert support.answer == "must-limit" and "三（二）" in support.findings[0].basis
    assert p.ask(gap, "commerce-licence").answer == "must-examine", (
        "no law sets up the 2020 black list: nothing is refused"
    )
    assert p.ask(honest, "commerce-support").answer == "may-favour"

    p.repair(broken, fine)
    p.grade(MODEL)
    p.follow()
    assert p.listed("commerce-black") == [] and p.grade_of(gap, MODEL) == ("B", 76)
    assert "commerce-list-considered" not in p.alerts(honest) and "commerce-alarm" in p.alerts(gap)
