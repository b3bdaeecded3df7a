"""Departments' own reports: issued in their name; a list is reviewed on the sheet of whoever hands it in (R-113, R-423)."""

from __future__ import annotations

import pytest

from chengxin.cases.models import Case
from chengxin.policy.reports import Report
from chengxin.registry.packs import policies
from chengxin.workbench.views.applicants import sheet_template

from .teller import Province

pytestmark = pytest.mark.once

SHEETS = {
    "science-technology": "science-integrity-review", "culture-tourism": "culture-review", "health": "health-review",
    "radio-television": "broadcast-review",
}  # fmt: skip


def test_a_list_is_reviewed_on_the_sheet_of_the_department_that_hands_it_in(province: Province) -> None:
    """R-113, R-394, R-468, R-474, R-487: its own criteria where it has some, and the centre's otherwise."""
    given = {s: sheet_template(Case(source=s, handler="centre")) for s in (*SHEETS, "water", "maritime")}
    assert {s: t.id for s, t in given.items() if t} == SHEETS | {"water": "credit-review", "maritime": "credit-review"}
    assert sheet_template(Case(source="", handler="water")) is None


def test_a_departments_report_is_issued_in_its_name(province: Province) -> None:
    """R-116, R-121, R-423, R-483, R-509: the plans' own reports, each by the department whose folder it lies in."""
    packs = policies()
    own = [(r, packs.file_of(r).split("/")) for r in packs.of(Report) if packs.file_of(r).startswith("departments/")]
    assert {where[1] for _, where in own} == set(SHEETS) | {
        "human-resources", "market-advertising", "maritime", "civil-affairs"
    }  # fmt: skip
    assert [(r.id, r.authority, r.issuer, r.issuer_en) for r, _ in own] == [
        (r.id, packs.agency(w[1]).name, packs.agency(w[1]).name, packs.agency(w[1]).name_en) for r, w in own
    ]
