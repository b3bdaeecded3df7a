"""Work of bench (e): a register of subjects with grades and listings, then checks, a reconciliation and a draw."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from benchmarks.measure import set_up, timed
from benchmarks.work_looking import STEP, _subjects, _timings

MODEL = POLICY = DEPARTMENT = "ecology-environment"
MATTER = "discharge-permit"
DAY = date(2026, 11, 20)


def load(subjects: str) -> dict[str, Any]:
    """Everybody graded (one in ten below blue), one in fifty on the list of violators."""
    set_up()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    n = int(subjects)
    _subjects(n)
    for first in range(1, n + 1, STEP):
        last = min(first + STEP, n + 1) - 1
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO evaluation_currentgrade (model, subject_id, entry, grade, rank, score, since, digest)"
                " SELECT %s, id, 0, CASE WHEN id %% 40 = 0 THEN 'black' WHEN id %% 20 = 0 THEN 'red' WHEN id %% 10 = 0"
                "  THEN 'yellow' WHEN id %% 7 = 0 THEN 'green' ELSE 'blue' END, 0, 9, '2026-05-01', ''"
                " FROM registry_subject WHERE id BETWEEN %s AND %s",
                [MODEL, first, last],
            )
            cursor.execute(
                "INSERT INTO supervision_listing (list, list_version, effect, department, subject_id, state, criterion,"
                " reason, proposed_on, listed_on, ending) SELECT 'environmental-violators', '2026.1', 'serious', %s, id,"
                " 'listed', '', '', '2026-05-01', '2026-06-01', '' FROM registry_subject"
                " WHERE id %% 50 = 0 AND id BETWEEN %s AND %s",
                [DEPARTMENT, first, last],
            )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return {"seconds": time.perf_counter() - started, "listed": n // 50, "graded": n}


def check(asked: str) -> dict[str, Any]:
    """Checks of random subjects against the same subject found by one bare indexed lookup over the same connection."""
    set_up()
    from django.db import connection

    from chengxin.supervision.measures.queries import check as ours

    codes = _codes(int(asked))

    def bare(code: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, name, code, region, status FROM registry_subject WHERE code = %s", [code])
            return cursor.fetchone()

    return {"seconds": 0.0, "floor": _timings(bare, codes), "ours": _timings(lambda c: ours(c, MATTER, day=DAY), codes)}


def batch(size: str) -> dict[str, Any]:
    """Ten thousand subjects in one call."""
    set_up()
    from chengxin.supervision.measures.queries import check_all

    codes = _codes(int(size))
    list(check_all(codes[:10], MATTER, day=DAY))
    seconds, answers = timed(lambda: list(check_all(codes, MATTER, day=DAY)))
    return {"seconds": seconds, "found": sum(bool(a.answer) for a in answers)}


def draw() -> dict[str, Any]:
    """What is to be enforced, found for everybody; then a plan over all subjects, and its draw."""
    set_up()
    from chengxin.accounts.actors import operator
    from chengxin.policy.inspection import Inspection
    from chengxin.registry.packs import policies
    from chengxin.supervision.inspection import actions
    from chengxin.supervision.measures.matching import reconcile

    matching, matched = timed(lambda: reconcile(DAY, "bench"))
    actor = operator("bench")
    for n in range(40):
        actions.register_inspector(actor, DEPARTMENT, f"E{n:03d}", f"检查员{n}")
    # Everybody is in the pool: the policy's scope asks for records, which this register has none of.
    policy = next(p for p in policies().of(Inspection) if p.id == POLICY)
    object.__setattr__(policy, "scope", None)
    planning, plan = timed(lambda: actions.plan(actor, POLICY, "bench", DAY - timedelta(days=1), date(2026, 12, 31)))
    drawing, drawn = timed(lambda: actions.draw(actor, plan))
    return {
        "seconds": planning + drawing, "plan": planning, "draw": drawing, "drawn": drawn, "began": matched.began,
        "reconcile": matching,
    }  # fmt: skip


def _codes(asked: int) -> list[str]:
    import numpy as np
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM registry_subject")
        ids = np.random.default_rng(11).integers(1, cursor.fetchone()[0], asked).tolist()
        found: list[str] = []
        for n in range(0, len(ids), 500):
            some = ", ".join(map(str, ids[n : n + 500]))
            cursor.execute(f"SELECT code FROM registry_subject WHERE id IN ({some})")
            found += [code for (code,) in cursor.fetchall()]
        return found
