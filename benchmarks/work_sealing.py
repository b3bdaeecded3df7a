"""Work of bench (sealing): a trail of many events, sealed, signed and verified; a request with and without its event."""

from __future__ import annotations

import time
from typing import Any
from unittest import mock

from benchmarks.measure import set_up, timed


def seal(events: str) -> dict[str, Any]:
    """Fill the trail, seal and sign it, prove a leaf, verify everything; the floor is hashing the same bytes bare."""
    set_up()
    from django.core.management import call_command

    from chengxin.audit import keys, sealing
    from chengxin.audit.proving import prove_inclusion
    from chengxin.audit.verifying import verify

    call_command("migrate", verbosity=0)
    keys.open_log("bench")
    _fill(int(events))
    floor, _ = timed(lambda: _bare(int(events)))
    sealing_took, done = timed(sealing.seal)
    proving_took, _ = timed(
        lambda: [prove_inclusion(n, done.size) for n in range(0, done.size, max(1, done.size // 50))]
    )
    verifying_took, report = timed(verify)
    assert report.sound and report.size == int(events) + 1, report.faults[:3]
    return {
        "seconds": sealing_took + verifying_took, "seal": sealing_took, "verify": verifying_took, "floor": floor,
        "prove": proving_took / 50 * 1000,
    }  # fmt: skip


def request(asked: str) -> dict[str, Any]:
    """An act by API with its event in the same transaction, against the same act with the event left out."""
    set_up()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from chengxin.accounts.actions import make_api_key, make_user
    from chengxin.accounts.models import Organisation, Role
    from chengxin.collection import actions
    from chengxin.collection.models import Batch, State

    call_command("migrate", verbosity=0)
    settings.API_RATES = {"key": "0/60", "address": "0/60"}
    settings.ALLOWED_HOSTS = ["testserver"]
    Organisation.objects.create(id="water", name="water")
    user = make_user("lin", "lin", None, [("water", Role.REPORTER)])
    headers = {"Authorization": f"Bearer {make_api_key(user, 'bench')}"}
    client = Client()

    def ask() -> float:
        batch = Batch.objects.create(
            item="penalty", source_id="water", submitted_by="gu", channel="api", month="2026-11", state=State.CHECKED,
            file_size=1,
        )  # fmt: skip
        start = time.perf_counter()
        assert client.post(f"/api/v1/batches/{batch.number}/withdraw", headers=headers).status_code == 200
        return (time.perf_counter() - start) * 1000

    def without() -> float:
        with mock.patch.object(actions, "trace"):
            return ask()

    [ask() for _ in range(20)]
    taken = [(ask(), without()) for _ in range(int(asked))]
    on, off = (sorted(t[i] for t in taken)[len(taken) // 2] for i in (0, 1))
    return {"seconds": sum(map(sum, taken)) / 1000, "on": on, "off": off}


def _fill(events: int) -> None:
    """As the trail would be: rows of the size that the acts of a batch leave."""
    from django.db import connection

    series = "generate_series(1, %s) AS s(n)"
    if connection.vendor == "sqlite":
        series = "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s) SELECT n FROM s) AS s"
    detail = '{"item": "penalty", "source": "ecology-environment", "sha256": "' + "ab" * 32 + '"}'
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (at, actor, action, kind, object, detail) SELECT '2026-11-20 08:00:00+00:00',"
            f" 'reporter-of-ecology', 'batch.submit', 'batch', CAST(s.n AS text), %s FROM {series}", [detail, events],
        )  # fmt: skip


def _bare(events: int) -> None:
    """Four hashes an event: two parts of the commitment, the leaf, and one inner node a leaf."""
    from chengxin.standards.merkle import SUITES

    digest = SUITES["sm3"].digest
    body, node = b"x" * 220, b"n" * 65
    for _ in range(events):
        digest(body), digest(body), digest(node), digest(node)
