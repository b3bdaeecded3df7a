"""Every condition of every department's packs runs: what is well written may still compare a date with a number."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from chengxin.paths import policies_dir
from chengxin.policy.inspection import Inspection
from chengxin.registry.packs import policies
from chengxin.supervision.alerts.finding import find, rules_on
from chengxin.supervision.inspection.pool import snapshot
from chengxin.supervision.lists.following import mirror
from chengxin.supervision.matching import Compiler
from chengxin.supervision.measures.matching import reconcile
from chengxin.supervision.packs import lists_on, measures_on
from chengxin.supervision.tables import opened

pytestmark = pytest.mark.usefixtures("store", "graded")
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def _shipped(settings: object, _only_the_environment: None) -> None:
    settings.POLICIES = policies_dir()  # type: ignore[attr-defined]


def test_every_shipped_alert_mirror_and_measure_runs() -> None:
    packs = policies()
    assert len(rules_on(TODAY, packs)) >= 9 and len(measures_on(TODAY, packs).rules) >= 6
    assert find(TODAY, "test").told == 0
    assert mirror("test", TODAY) == (0, 0) and reconcile(TODAY, "test").began == 0


def test_every_shipped_condition_runs() -> None:
    """Of criteria, classes, scopes and exemptions; in one session, since there are hundreds."""
    packs = policies()
    lists, inspections = lists_on(TODAY), [p for p in packs.of(Inspection) if p.effective.holds(TODAY)]
    asked = [c.when for found in lists.values() for c in found.list.criteria if c.when]
    for policy in inspections:
        asked += [c.when for c in (*policy.classes, *policy.exemptions)] + ([policy.scope] if policy.scope else [])
    assert len(asked) >= 8 and inspections
    compiler = Compiler(packs, TODAY)
    tests = [compiler.all_of(conditions) for conditions in asked]
    counted = [compiler.records(p.counted, "_subject") for p in inspections]
    with opened(compiler.needs, packs, TODAY, kinds=("organisation", "individual_business")) as con:
        for test in tests:
            assert con.execute(f"SELECT count(*) FROM subjects WHERE {test}").fetchall() == [(0,)]
        for rows in counted:
            assert con.execute(rows).fetchall() == []


def test_a_shipped_inspection_policy_makes_a_pool() -> None:
    packs = policies()
    policy = next(p for p in packs.of(Inspection) if p.effective.holds(TODAY))
    assert snapshot(policy, packs, TODAY, date(TODAY.year, 12, 31), TODAY).rows.height == 0
