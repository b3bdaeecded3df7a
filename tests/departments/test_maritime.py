"""海事: red, yellow and black lists; the statutory minimum, more, and most inspections; three privileges (R-504 to R-510)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

SEA = MODEL = "maritime"


def test_three_lists_of_shipping_companies(province: Province) -> None:
    """002-海事 三（一）（四）（六）（七）（八）: the branch proposes, the bureau decides; yellow is the branch's own."""
    p = province
    red, yellow, black = (
        p.register(n, industry="G55") for n in ("清岚航运有限公司", "泊禾船务有限公司", "云岭海运有限公司")
    )
    for n in range(2):
        p.report(SEA, "commitment", red, p.ago(months=3, days=n), state="履行中", due_on=p.ago(years=-1))
    p.report(
        SEA,
        "maritime-undertaking",
        red,
        p.ago(months=3),
        kind="安全协议",
        state="履行良好",
        valid_until=p.ago(months=-9),
    )
    cargo = {"field": "危险化学品运输", "degree": "较重失信", "ship_name": "澄泥 18"}
    conduct = p.report(SEA, "maritime-conduct", yellow, p.ago(months=2), **cargo)
    oil = {"field": "防治船舶污染", "degree": "严重失信", "ship_name": "澄泥 19"}
    spill = p.report(SEA, "maritime-conduct", black, p.ago(months=2), **oil)
    assert p.grade(MODEL).grades == {"red": 1, "regular": 0, "yellow": 1, "black": 1}

    assert p.candidates("maritime-red", "class-red") == [red] and p.candidates("maritime-black", "serious") == [black]
    assert p.candidates("maritime-yellow", "class-yellow") == [yellow]
    p.put_on("maritime-red", red, "class-red", [])
    p.put_on("maritime-yellow", yellow, "class-yellow", [conduct])
    p.put_on("maritime-black", black, "serious", [spill])
    p.follow()
    ratios = [p.class_of(c, SEA) for c in (red, yellow, black)]
    assert [c.id for c in ratios] == ["red", "yellow", "black"]
    assert float(ratios[0].ratio) == 0.02 and ratios[0].ratio < ratios[1].ratio < ratios[2].ratio, "R-504"

    drawn = p.drawn(SEA)
    assert drawn[black] == "black", "everybody on the black list is in the drawn plan"

    assert p.answers(red, "direct-berthing") == ["maritime-favour"], "R-507: green channel, tolerance, direct berthing"
    limit = p.ask(black, "direct-berthing")
    assert limit.answer == "must-limit" and "三（八）" in limit.findings[0].basis
    assert p.answers(yellow, "ship-port") == ["maritime-examine", "maritime-remind"]
    assert p.ask(yellow, "direct-berthing").reason == "no-measure"
    assert "maritime-grade-poor" in p.alerts(black) and "maritime-listed" in p.alerts(yellow)

    assert p.answers(black, "ship-selection") == ["maritime-selection"], "三（三）: told when a ship is chosen"
    assert p.answers(red, "ship-selection") == ["maritime-favour"]
    assert p.chapters("maritime-review", black)["conduct"] == ["防治船舶污染"], "R-509: the bureau's own review report"
    assert p.chapters("maritime-review", red)["undertakings"] == ["安全协议"]

    p.repair(conduct, spill)
    p.grade(MODEL)
    p.follow()
    assert p.listed("maritime-yellow") == p.listed("maritime-black") == [] and p.listed("maritime-red") == [red]
    assert p.chapters("maritime-review", black)["conduct"] == []
