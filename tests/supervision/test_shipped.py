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
from chengxin.supervision.lists.queries import candidates
from chengxin.supervision.measures.matching import reconcile
from chengxin.supervision.packs import lists_on, measures_on

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


def test_every_shipped_criterion_finds_nobody_in_an_empty_register() -> None:
    found = lists_on(TODAY)
    asked = [(f.list.id, c.id) for f in found.values() for c in f.list.criteria if c.when]
    assert len(asked) >= 4
    assert [candidates(name, criterion, TODAY) for name, criterion in asked] == [[]] * len(asked)


def test_every_shipped_inspection_policy_makes_a_pool() -> None:
    packs = policies()
    shipped = [p for p in packs.of(Inspection) if p.effective.holds(TODAY)]
    assert shipped
    for policy in shipped:
        assert snapshot(policy, packs, TODAY, date(TODAY.year, 12, 31), TODAY).rows.height == 0
