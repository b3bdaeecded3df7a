"""Every route for everybody: docs/authorisation-matrix.csv says what each gets, and is made good here (anchors.md 4.3).

A route that has no row fails; `CHENGXIN_MATRIX=write ./dev test tests/matrix` writes the rows anew, to be read like code.
What is denied changes nothing, sends nothing, and is one event of the trail.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import connection, transaction

from chengxin.accounts.guards import MAY, PUBLIC
from chengxin.collection.models import State
from chengxin.registry.models import Record

from ..api.world import batch as make_batch
from ..conftest import REPO
from ..registry.staged import row, send
from ..test_routes import TABLE
from ..workbench import bureau as b
from ..workbench.things import Everything, address
from . import cast

pytestmark = pytest.mark.once
FILE = REPO / "docs" / "authorisation-matrix.csv"
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|COPY|TRUNCATE)\b[^A-Za-z]*(?:INTO|FROM)?\s*\"?(\w+)", re.IGNORECASE)
BESIDE = ("django_session", "accounts_rate_window", "accounts_usednonce")
"""Tables that say nothing of the platform's affairs: an ended session is deleted, requests are counted."""
EXPLAINED = (
    "api/v1/subjects/<code>/grades/<model>",
    "my/<code>/grades/<slug:model>",
    "workbench/subjects/<str:code>/why/<str:model>",
)
"""A grade is explained over a second connection, which this file's open transaction shuts out: asked of a model by which the
subject has no grade. Whoever gets it is tested in tests/api/test_judging.py, tests/own and tests/workbench/test_department.py."""
Rows = dict[tuple[str, str], dict[str, str]]


def routes() -> list[tuple[str, str, Any]]:
    """(route, method, guard) of everything in the URL table, the document's operations among them."""
    return sorted({(w, m, g) for w, m, g in TABLE if g and w != "api/v1/^.*$"}, key=lambda r: r[:2])


@pytest.fixture
def world(store: object, settings: Any) -> dict[str, Any]:
    """The cast, a checked batch of one department, a published and a doubtful record, and something of every kind."""
    settings.API_RATES = {"key": "0/60", "address": "0/60"}
    settings.SECOND_FACTOR_EXEMPT = [*cast.exempt(), "drafter", "writer"]
    b.polluters(*range(1, 10))
    b.polluters(10, 11, 12, severity="serious")
    b.grade()
    people = cast.settle(b.code(10), b.code(12))
    there = Everything({name: client for name, (client, _headers) in people.items()})
    made = make_batch(State.CHECKED)
    send(row(1, there.one, there.name, "1号", held=1), batch=made.pk)
    known = there.places() | {
        "number": made.number, "pk": made.pk, "change": Record.objects.get(pk=there.record).change,
        **dict.fromkeys((f"{route}#model" for route in EXPLAINED), "taxation"),
        "workbench/doubts/#pk": Record.objects.get(held=True).pk, "api/v1/doubts/#id": Record.objects.get(held=True).pk,
    }  # fmt: skip
    return {"people": people, "known": known}


class Probe:
    """Asks once, undoes whatever it did, and remembers what was written."""

    def __init__(self, world: dict[str, Any]) -> None:
        self.people, self.known = world["people"], world["known"]
        self.written: list[str] = []

    def ask(self, name: str, route: str, method: str) -> str:
        client, headers = self.people[name]
        self.written, kept = [], SimpleCookie(client.cookies)
        with transaction.atomic(), connection.execute_wrapper(self._note):
            response = client.generic(method, address(route, self.known), headers=headers)
            transaction.set_rollback(True)
        client.cookies = kept  # signing out is undone as well
        if response.status_code == 302:
            target = response["Location"].split("?")[0]
            return {"/sign-in": "sign-in", "/account/factor": "factor"}.get(target, "302")
        return str(response.status_code)

    def _note(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = WRITES.match(sql)
        if found and found[2].lower() not in BESIDE:
            self.written.append(found[2].lower())
        return execute(sql, params, many, context)


def read() -> Rows:
    with FILE.open(encoding="utf-8", newline="") as file:
        return {(line["route"], line["method"]): line for line in csv.DictReader(file)}


def write(rows: Rows) -> None:
    with FILE.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ["route", "method", "guard", *cast.NAMES], lineterminator="\n")
        out.writeheader()
        out.writerows(rows.values())


WRITING = os.environ.get("CHENGXIN_MATRIX") == "write"
PARTS = 1 if WRITING else 4
"""The routes are asked in so many parts, each with a world of its own, so that all cores take part."""


@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_gets_what_the_matrix_says(world: dict[str, Any], part: int) -> None:
    assert len(cast.NAMES) >= 25
    probe, rows, noisy = Probe(world), {}, []
    for route, method, guard in routes()[part::PARTS]:
        told = {"route": route, "method": method, "guard": f"{guard.kind} {guard.action}".strip()}
        for name in cast.NAMES:
            told[name] = probe.ask(name, route, method)
            if _denied(guard, told[name]) and not _quiet(guard, name, told[name], probe.written):
                noisy.append((route, method, name, told[name], probe.written))
        rows[route, method] = told
    assert not noisy, "a denial writes one event and nothing else"
    if WRITING:
        write(rows)
    wanted = read()
    everything = {(route, method) for route, method, _guard in routes()}
    assert everything == set(wanted), "routes without a row, or rows without a route; see the top of this file"
    wrong = [
        (*key, n, rows[key][n], wanted[key][n]) for key in rows for n in cast.NAMES if rows[key][n] != wanted[key][n]
    ]
    assert not wrong


def _denied(guard: Any, status: str) -> bool:
    return guard.kind != PUBLIC and status in ("sign-in", "factor", "401", "403", "404")


def _quiet(guard: Any, name: str, status: str, written: list[str]) -> bool:
    """One event for somebody known and for a key that is none; none for who is only asked to sign in."""
    events = ["audit_event"] if status in ("403", "404") or (status == "401" and name in cast.BAD_KEYS) else []
    if name == "session-expired":  # that the session ended is an event of its own
        written = [w for w in written if w != "audit_event"]
    return written == events or (status == "404" and guard.kind != MAY and written in ([], ["audit_event"]))


NOBODY_HERE = {
    **dict.fromkeys(EXPLAINED[:2], "see EXPLAINED"),
    "workbench/audit/<int:pk>/proof.json": "the trail of this world is not sealed; tests/workbench/test_auditing.py seals one",
    "workbench/cases/<str:number>/materials/<int:attachment>.csv": "no batch query was sealed; tests/cases/test_procedures.py",
    "workbench/cases/<str:number>/materials/<int:attachment>.xlsx": "the same",
    "workbench/cases/<str:number>/sheet": "a sheet is of an applicant without an account (tests/workbench/test_cases.py)",
    "api/v1/plans/<number>/tasks/<code>/photos": "nothing is sent, which is no photo (tests/workbench/test_photos.py)",
    "api/v1/batches": "nothing is sent, which is no batch whoever asks (tests/api/test_access.py)",
}
"""Guarded routes that let nobody in here, because what they need is not in this world; each with where it is."""


def test_every_guarded_route_lets_somebody_in() -> None:
    """A row of denials alone proves nothing: each has somebody for whom the thing is there and open."""
    closed = {
        route
        for route, method, told in rules()
        if not told["guard"].startswith("public") and not any(_let_in(told[n]) for n in cast.NAMES)
    }
    assert closed == set(NOBODY_HERE)


def _let_in(status: str) -> bool:
    """What the guard let pass: done, led on, or told what is wrong with it; a wrong method is no thing of the guard."""
    return status[0] == "2" or status in ("302", "303", "304", "405", "409", "422")


def rules() -> Iterator[tuple[str, str, dict[str, str]]]:
    for (route, method), told in read().items():
        yield route, method, told


def test_the_matrix_itself_keeps_the_house_rules() -> None:
    """What no regenerated file may ever say, whatever the code does."""
    for route, method, told in rules():
        where = f"{method} /{route}"
        guarded = not told["guard"].startswith("public")
        api = route.startswith("api/v1/")
        if guarded:
            for name in cast.OUTSIDE:
                closed = {"401", "405"} if api else {"sign-in", "factor"}
                assert told[name] in closed or route == "account/factor", (where, name)
        if api:
            for name in cast.BAD_KEYS:
                assert told[name] in ("401", "405"), (where, name)
        assert not any(status.startswith("5") for name, status in told.items() if name in cast.NAMES), where
        if "batch" in route and "<" in route:
            for name in ("other-reporter", "other-auditor", "parent-auditor", "child-auditor", "representative", "bank-officer",
                         "security-admin", "system-admin", "no-role", "agent-expired"):  # fmt: skip
                assert told[name] in ("404", "405"), (where, name)
        if route.endswith("/release") and method == "POST":
            assert told["submitter"] == "403", "whoever submitted cannot release"
