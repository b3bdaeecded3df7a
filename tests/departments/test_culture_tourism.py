"""文旅: at most two random inspections for the red list, veto in funds for the black, limits in star hotels (R-467 to R-471)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

CULTURE = MODEL = "culture-tourism"


def test_red_black_and_warning_lists_tell_apart_three_travel_agencies(province: Province) -> None:
    """002-文旅 二（一）至（六）: abnormal mark, commitments, veto, patrols by list, secret visits, judgment defaulters."""
    p = province
    model, broken, debtor, missing = (
        p.register(n, industry="L72")
        for n in ("清岚旅行社有限公司", "泊禾旅行社有限公司", "云岭酒店有限公司", "望溪网吧")
    )
    for code in (model, broken, debtor, missing):
        p.report(CULTURE, "licence", code, p.ago(years=1), valid_until=p.ago(years=-2))
    for n in range(3):
        p.report(CULTURE, "commitment", model, p.ago(months=4, days=n), state="履行中", due_on=p.ago(years=-1))
    for n in range(5):
        p.report(CULTURE, "tour-charter", model, p.ago(months=1, days=n), model_used="是", carrier_licensed="是")
    p.report(
        CULTURE, "honour", model, p.ago(months=8), honour_name="文明旅游示范单位", level="省级", document_number=None
    )
    revoked = p.penalty(
        CULTURE, broken, p.ago(months=6), penalty_kinds="责令停产停业", fine_amount=None, content="责令停业整顿"
    )
    p.report(CULTURE, "commitment", broken, p.ago(months=7), state="违反承诺", due_on=p.ago(months=6))
    p.report("court", "judgment-defaulter", debtor, p.ago(months=3), removed="否", removed_on=None)
    mark = p.report(CULTURE, "abnormal", missing, p.ago(months=2), list_kind="文化和旅游市场异常经营标记")
    p.report(CULTURE, "secret-visit", missing, p.ago(months=1), result="较差", problems="无人值守")
    p.grade(MODEL)
    assert [p.grade_of(c, MODEL) for c in (model, missing)] == [("A", 92), ("C", 62)]
    assert [p.grade_of(c, MODEL)[0] for c in (broken, debtor)] == ["D", "D"]

    assert p.candidates("culture-tourism-black", "revoked") == [broken]
    black_entry = p.put_on("culture-tourism-black", broken, "revoked", [revoked])
    assert p.recorded("serious-list", broken) == [(CULTURE, "active")], "decided here, it is on the register at once"
    p.put_on("culture-tourism-warning", missing, "abnormal", [mark])
    assert p.candidates("culture-tourism-red", "clean-three-years") == [model]
    p.put_on("culture-tourism-red", model, "clean-three-years", [])
    p.follow()
    assert p.listed("culture-tourism-defaulters") == [debtor], (
        "R-470: the court's list is mirrored, nobody decides it here"
    )

    red, black = p.class_of(model, CULTURE), p.class_of(broken, CULTURE)
    assert (red.id, red.at_most) == ("red", 2), "R-467: at most two random inspections a year"
    assert (black.id, black.ratio, black.at_least) == ("black", 1, 4)
    assert p.class_of(missing, CULTURE).id == "warning"

    veto = p.ask(broken, "culture-funds")
    assert veto.answer == "must-refuse" and "二（三）" in veto.findings[0].basis, "R-468: a veto in funds and titles"
    assert p.ask(broken, "hotel-stars").answer == "must-refuse"
    assert p.ask(debtor, "star-hotel-service").answer == "must-limit"
    assert p.ask(debtor, "culture-funds").answer == "must-limit", "a grade limits, only a serious list refuses"
    assert p.answers(model, "culture-funds") == ["culture-favour"]
    assert "culture-abnormal" in p.alerts(missing) and "culture-list-considered" not in p.alerts(model)

    assert p.sheet("culture-review", model, broken, debtor, missing) == [
        ("pass", []), ("fail", ["serious-list", "serious-penalty"]), ("fail", ["judgment-defaulter"]), ("note", ["abnormal"])
    ], "R-468: a veto in funds and titles"  # fmt: skip

    p.undo(black_entry)
    assert p.sheet("culture-review", broken) == [("fail", ["serious-penalty"])]
    assert p.recorded("serious-list", broken) == [(CULTURE, "withdrawn")], "R-201: a wrong listing is undone everywhere"
    p.repair(mark)
    p.grade(MODEL)
    p.follow()
    assert p.grade_of(missing, MODEL) == ("B", 77) and p.listed("culture-tourism-warning") == []
