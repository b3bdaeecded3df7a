"""How many queries a page may cost: tests/query_budgets.toml says it for every page, and is kept here (issue 5, section 5).

A page that costs more fails, and so does a page without a budget; `CHENGXIN_BUDGETS=write ./dev test
tests/portal/test_budgets.py` measures anew, to be read like code. The world is that of the matrix, with several rows of
what pages list, so that a query a row shows; for each page it is the person who costs most that counts.
"""

from __future__ import annotations

import os
import tomllib
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chengxin.collection.models import State
from chengxin.registry.models import Record
from chengxin.reports.models import Order, OrderLine
from chengxin.supervision.models import TaskPhoto

from ..api.world import batch as make_batch
from ..conftest import REPO
from ..matrix import cast
from ..registry.staged import row, send
from ..test_routes import TABLE
from ..workbench import bureau as b
from ..workbench.things import Everything, address

pytestmark = pytest.mark.once
FILE = REPO / "tests" / "query_budgets.toml"
CEILING = 75
"""No page may need more, whatever it shows; 40 is the aim, which the desk of a subject's people misses."""
READERS = (
    "nobody", "reporter", "auditor", "inspector", "steward", "first-reviewer", "publisher", "system-admin",
    "security-admin", "audit-admin", "representative", "bank-officer",
)  # fmt: skip
"""Who comes to pages: one of each kind of work."""
WRITE = os.environ.get("CHENGXIN_BUDGETS") == "write"
HEAD = """\
# How many queries a page costs at most: route = [who is asked for, queries]. Written by
# `CHENGXIN_BUDGETS=write ./dev test tests/portal/test_budgets.py` and kept by that test.
"""


def pages() -> list[str]:
    """Every route that somebody may read in a browser."""
    found = {where for where, method, guard in TABLE if method == "GET" and guard and not where.startswith("api/")}
    return sorted(found - {"sign-out", "language"})


@pytest.fixture
def world(store: object, settings: Any) -> dict[str, Any]:
    """The cast of the matrix and its things, and of what pages list a few."""
    settings.SECOND_FACTOR_EXEMPT = ["*"]
    b.polluters(*range(1, 10))
    b.polluters(10, 11, 12, severity="serious")
    b.grade()
    people = cast.settle(b.code(10), b.code(12))
    there = Everything({name: client for name, (client, _headers) in people.items()})
    made, *_others = (make_batch(State.CHECKED) for _ in range(3))
    numbers = range(1, 13)
    send(*(row(n, there.one, there.name, f"{n}号") for n in numbers), batch=made.pk)
    send(*(row(n, b.code(12), b.name(12), f"B{n}号", held=int(n > 9)) for n in numbers), batch=made.pk)
    _more(there)
    shown = Record.objects.filter(held=False, subject=there.subject).order_by("pk")[0]
    doubt = Record.objects.filter(held=True).order_by("pk")[0]
    known = there.places() | {
        "number": made.number, "pk": str(made.pk), "change": str(shown.change), "workbench/doubts/#pk": str(doubt.pk),
        "commitments/<slug:item>#item": "commitment", "open-data/<slug:item>.<str:format>#format": "csv",
        "sitemap-subjects-<int:number>.xml#number": "1", "name": "regions", "my/<code>/apply/#part": "questions",
    }  # fmt: skip
    return {"people": people, "known": known}


def _more(there: Everything) -> None:
    """A few more of what `Everything` has one of: a query for each row of a list shows."""
    made = [there.reported(f"XYBG{n}", asked_as="duty", issued_by="inspector") for n in range(10, 14)]
    order = Order.objects.get(pk=there.order)
    OrderLine.objects.bulk_create(
        [OrderLine(order=order, place=n, subject_code=there.one, report=r) for n, r in enumerate(made, 10)]
    )
    for n in range(4):
        Order.objects.create(template="full", ordered_by=f"person-{n}", ordered_at=timezone.now(), total=0)
        TaskPhoto.objects.create(
            task=there.task,
            sha256=TaskPhoto.objects.get(pk=there.photo).sha256,
            size=3,
            width=4,
            height=3,
            added_by=f"p{n}",
        )


def asked(world: dict[str, Any], who: str, route: str) -> int | None:
    """How many queries the page costs; None where this person does not get it."""
    client, headers = world["people"][who]
    connection.queries_log.clear()  # it holds so many, and what would be the next one then counts for nothing
    with CaptureQueriesContext(connection) as ran:
        response = client.get(address(route, world["known"]), headers=headers)
        if response.streaming:
            b"".join(response.streaming_content)
    return len(ran) if response.status_code == 200 else None


def measured(world: dict[str, Any]) -> dict[str, tuple[str, int]]:
    """The dearest reader of every page, and what the page costs for them once all pages have been asked for: what is
    remembered by then does not count, and the trail, which tells of more kinds of acts the more was done, counts in full."""
    dearest: dict[str, tuple[str, int]] = {}
    for route in pages():
        for who in READERS:
            cost = asked(world, who, route)
            if cost is not None and cost > dearest.get(route, ("", -1))[1]:
                dearest[route] = (who, cost)
    return {route: (who, asked(world, who, route) or cost) for route, (who, cost) in dearest.items()}


def test_no_page_costs_more_queries_than_its_budget(world: dict[str, Any]) -> None:
    if WRITE:
        found = measured(world)
        lines = [f'"{route}" = ["{who}", {cost}]' for route, (who, cost) in sorted(found.items())]
        lines += ["", "elsewhere = [", *(f'  "{r}",' for r in pages() if r not in found), "]"]
        head = "# `elsewhere` are pages of things that this world does not have; their own tests hold their queries."
        FILE.write_text("\n".join([HEAD + head, "", "[pages]", *lines]) + "\n", "utf-8")
    budgets = tomllib.loads(FILE.read_text("utf-8"))["pages"]
    elsewhere = set(budgets.pop("elsewhere"))
    assert set(budgets) | elsewhere == set(pages()), "pages without a budget, or budgets without a page: see the top"
    dear = {}
    for route, (who, at_most) in budgets.items():
        cost = asked(world, who, route)
        assert cost is not None, f"{who} no longer gets /{route}"
        cost = cost if cost <= at_most else asked(world, who, route) or cost
        if cost > at_most or cost > CEILING:
            dear[route] = (cost, at_most)
    assert not dear, f"more queries than the budget allows (found, allowed): {dear}"
