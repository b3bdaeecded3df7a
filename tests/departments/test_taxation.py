"""税务: A, B, M, C, D for the year, dynamic points for today, services by grade, repair in the term (R-496 to R-503)."""

from __future__ import annotations

from datetime import date

import pytest

from .teller import Province

pytestmark = pytest.mark.once

TAX, MODEL, DYNAMIC = "taxation", "taxation", "taxation-dynamic"


def test_the_grade_of_the_year_and_the_points_of_today(province: Province) -> None:
    """002-税务 三（一）（二）（三）: commitments, dynamic points, graded services, D list pushed, repair."""
    p = province
    last = p.today.year - 1
    names = ("清岚机械有限公司", "泊禾贸易有限公司", "望溪投资有限公司", "云岭科技有限公司", "澄泥建材有限公司")
    a, b, idle, fake, c = (p.register(n, industry="F51") for n in names)
    for code in (a, b, idle, fake, c):
        p.report(
            TAX, "taxpayer-year", code, date(last, 12, 31),
            year=last, income="否" if code == idle else "是", irregular="是",
        )  # fmt: skip
    slip = p.report(TAX, "tax-conduct", b, date(last, 9, 28), indicator="不履行税务信用承诺", points="11")
    p.report(TAX, "tax-conduct", c, date(last, 6, 28), indicator="税务稽查", points="45", correct_by=p.ago(days=3))
    this_year = max(p.ago(days=3), date(p.today.year, 1, 1))
    late = p.report(TAX, "tax-conduct", a, this_year, indicator="涉税申报", points="31", correct_by=p.ago(days=-5))
    p.report(
        TAX, "serious-list", fake, date(last, 5, 18),
        list_type="重大税收违法失信主体", ends_on=date(last + 3, 5, 17), removed_on=None,
    )  # fmt: skip
    p.report(TAX, "tax-grade", a, p.ago(months=7), year=last, grade="A级")
    p.report(TAX, "tax-grade", fake, p.ago(months=7), year=last, grade="D级")
    assert p.grade(MODEL).grades == {"A": 1, "B": 1, "M": 1, "C": 1, "D": 1}
    assert p.grade_of(a, MODEL) == ("A", 100), "this year's slip is no part of last year's grade"
    assert p.grade_of(b, MODEL) == ("B", 89), "R-499: an unkept commitment takes points"
    assert (p.grade_of(idle, MODEL)[0], p.grade_of(c, MODEL)) == ("M", ("C", 55))
    p.review(MODEL, c, "稽查认定的金额有误", "查明后改定", "B")
    assert p.grade_of(c, MODEL) == ("B", 55), "复评: on application, by another, with reasons"
    p.review(MODEL, c, "还是低了", "事实不变，维持原定", "C")
    p.grade(DYNAMIC)
    assert p.grade_of(a, DYNAMIC) == ("C", 69), "R-496: but it shows in the dynamic points at once"

    p.follow()
    assert (p.listed("tax-major"), p.listed("tax-d"), p.listed("tax-a")) == ([fake], [fake], [a]), "R-498"
    invoices = p.ask(fake, "tax-invoices")
    assert invoices.answer == "must-limit" and "三（二）2" in invoices.findings[0].basis, "R-497"
    assert p.ask(fake, "export-refund").answer == "must-examine" and p.ask(fake, "tax-tolerance").answer == "must-limit"
    assert p.ask(a, "tax-invoices").answer == "may-favour" and p.ask(b, "tax-invoices").reason == "no-measure"
    assert [p.class_of(x, TAX).id for x in (a, b, fake, c)] == ["a", "regular", "monitored", "low"]
    assert {"tax-dynamic-falling", "tax-conduct-found", "tax-correct-by"} <= p.alerts(a), "reminded in time"
    assert {"tax-grade-low", "tax-interview-due"} <= p.alerts(c), "R-502: not corrected in the term, so asked to come"
    assert p.candidates("tax-monitored", "external") == [fake]
    assert p.answers(a, "tax-financing") == ["tax-financing-favour"], "三（三）3: lending on tax credit"
    assert p.ask(fake, "tax-financing").answer == "remind", "and a bank decides by itself"

    p.repair(late, slip)
    p.grade(MODEL)
    p.grade(DYNAMIC)
    assert p.grade_of(a, DYNAMIC) == ("A", 100) and p.grade_of(b, MODEL) == ("A", 100), "R-502: corrected in the term"
