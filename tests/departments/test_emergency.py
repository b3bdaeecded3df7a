"""应急: two lists instead of grades; a refused commitment means attention, a grave accident joint punishment (R-477 to R-481)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

SAFETY = MODEL = "emergency"


def test_two_lists_and_the_way_out_of_each(province: Province) -> None:
    """002-应急 三（一）（二）（三）、四（一）: ledgers, commitments, two lists, differentiated supervision, exit."""
    p = province
    safe, refuser, wrecked = (
        p.register("清岚化工有限公司"),
        p.register("泊禾粉体有限公司"),
        p.register("云岭烟花有限公司"),
    )
    p.report(SAFETY, "safety-ledger", safe, p.ago(months=3), industry="危险化学品", commitment="已承诺", refusal=None)
    ledger = p.report(
        SAFETY,
        "safety-ledger",
        refuser,
        p.ago(months=2),
        industry="粉尘涉爆",
        commitment="拒绝承诺",
        refusal="认为不适用",
    )
    accident = p.report(
        SAFETY, "safety-accident", wrecked, p.ago(months=5),
        industry="烟花爆竹", grade="较大事故", liability="主要责任", happened_on=p.ago(months=9),
    )  # fmt: skip
    p.report(
        SAFETY,
        "safety-accident",
        safe,
        p.ago(months=5),
        industry="危险化学品",
        liability="无责任",
        happened_on=p.ago(months=9),
    )
    assert p.grade(MODEL).grades == {"regular": 1, "attention": 1, "joint": 1}, "no liability, no effect"
    assert p.class_of(refuser, SAFETY).id == "suspected", "the classification warns; only the procedure lists"

    assert p.candidates("safety-attention", "refused") == [refuser], "R-478"
    assert p.candidates("safety-joint", "grave-accident") == [wrecked]
    assert p.candidates("safety-models", "clean") == [safe]
    p.put_on("safety-attention", refuser, "refused", [ledger])
    p.put_on("safety-joint", wrecked, "grave-accident", [accident])
    assert p.recorded("serious-list", wrecked) == [("emergency", "active")]
    p.follow()
    assert [p.class_of(c, SAFETY).id for c in (safe, refuser, wrecked)] == ["regular", "attention", "joint"], "R-477"
    assert p.class_of(wrecked, SAFETY).ratio == 1 and p.class_of(wrecked, SAFETY).at_least == 4

    barred = p.ask(wrecked, "safety-funds")
    assert barred.answer == "must-refuse" and "三（一）" in barred.findings[0].basis
    assert p.ask(refuser, "safety-funds").reason == "no-measure", "the lighter list takes no funds away"
    assert p.ask(refuser, "safety-licence").answer == "remind" and p.ask(wrecked, "bidding").answer == "must-examine"
    assert p.ask(safe, "safety-licence").reason == "no-measure"
    assert "safety-refused" in p.alerts(refuser)
    assert {"safety-accident", "safety-listed"} <= p.alerts(wrecked)

    p.report(SAFETY, "safety-ledger", refuser, p.today, industry="粉尘涉爆", commitment="已承诺", refusal=None)
    p.repair(ledger, accident)
    p.grade(MODEL)
    p.follow()
    assert p.grade_of(refuser, MODEL)[0] == "regular" and p.class_of(refuser, SAFETY).id == "regular"
    assert p.listed("safety-attention") == [], "out as soon as the commitment is given"
    assert p.listed("safety-joint") == [wrecked], "a serious listing runs its term; an early exit is asked for"
