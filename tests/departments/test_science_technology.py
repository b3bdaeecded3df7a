"""科技: commitment and review before, grades within, list and veto after; out when the sanction ends (R-392 to R-402)."""

from __future__ import annotations

import pytest

from .teller import Province

pytestmark = pytest.mark.once

SCIENCE = MODEL = "science-technology"


def test_integrity_is_the_condition_of_every_application(province: Province) -> None:
    """002-科技 四（一）（四）（五）: a forged application costs the eligibility, as long as the sanction runs and no longer."""
    p = province
    honest, forger, slack = (
        p.register("云岭精密机械有限公司"),
        p.register("泊禾新材料有限公司"),
        p.register("清岚软件有限公司"),
    )
    past = p.register("望溪仪器有限公司")
    for code in (honest, forger, slack, past):
        p.report(SCIENCE, "science-review", code, p.ago(years=1), result="通过")
    for n in range(3):
        p.report(SCIENCE, "commitment", honest, p.ago(years=1, days=n), state="已履行", due_on=p.ago(months=1))
    for n in range(2):
        p.report(SCIENCE, "science-project", honest, p.ago(months=3 + n), state="通过验收")
    p.report(SCIENCE, "science-project", slack, p.ago(months=4), state="强行中止", reason="整改仍达不到要求")
    p.report(
        SCIENCE, "research-misconduct", forger, p.ago(months=2),
        sanctions="一定期限取消申请资格、收回资助资金", ends_on=p.ago(years=-3),
    )  # fmt: skip
    p.report(
        SCIENCE, "research-misconduct", past, p.ago(years=4),
        sanctions="一定期限取消申请资格", ends_on=p.ago(years=1),
    )  # fmt: skip

    counts = p.grade(MODEL).grades
    assert counts == {"A": 1, "B": 1, "C": 1, "D": 1}
    assert [p.grade_of(c, MODEL) for c in (honest, slack)] == [("A", 90), ("C", 50)]
    assert p.grade_of(forger, MODEL)[0] == "D", "R-394: a severe breach is a veto, whatever the score"
    assert p.grade_of(past, MODEL) == ("B", 80), "R-399: a sanction that has ended has no effect"

    assert p.sheet("science-integrity-review", honest, forger, past) == [
        ("pass", []), ("fail", ["severe-misconduct"]), ("pass", [])
    ], "R-394, R-399: a veto as long as the sanction runs"  # fmt: skip
    p.follow()
    assert p.listed("research-dishonesty") == [forger]
    barred = p.ask(forger, "science-project-application")
    assert barred.answer == "must-refuse" and "四（一）三" in barred.findings[0].basis
    assert p.ask(forger, "science-award").answer == "must-refuse"
    assert p.ask(slack, "science-project-application").answer == "must-examine", "a grade alone never refuses"
    assert p.answers(honest, "science-project-application") == ["science-priority"]
    assert p.ask(past, "science-project-application").reason == "no-measure"
    assert p.candidates("science-models", "a-and-clean") == [honest]
    assert {"science-grade-poor", "science-listed"} <= p.alerts(forger)
