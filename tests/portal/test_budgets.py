"""How many queries a page may cost: tests/query_budgets.toml says it for every page, and is kept here (issue 5, section 5).

A page that costs more fails, and so does a page without a budget; `CHENGXIN_BUDGETS=write ./dev test
tests/portal/test_budgets.py` measures anew, to be read like code. The world has several rows of everything that pages
list, so that a query a row shows; for each page it is the person who costs most that counts.
"""

from __future__ import annotations

import os
import tomllib
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengxin.collection.models import State
from chengxin.registry.models import Record

from ..api.world import batch as make_batch
from ..conftest import REPO
from ..matrix import cast
from ..registry.staged import BOHE, YUNLING, row, send
from ..test_routes import TABLE
from ..workbench.things import address

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
    """The cast of the matrix, and of everything a few."""
    settings.SECOND_FACTOR_EXEMPT = ["*"]
    people = cast.settle()
    made, *_others = (make_batch(State.CHECKED) for _ in range(3))
    numbers = range(1, 13)
    send(*(row(n, YUNLING, "云岭", f"{n}号") for n in numbers), batch=made.pk)
    send(*(row(n, BOHE, "泊禾", f"B{n}号", held=int(n > 9)) for n in numbers), batch=made.pk)
    shown = Record.objects.filter(held=False).order_by("pk")[0]
    doubt = Record.objects.filter(held=True).order_by("pk")[0]
    known = {
        "code": YUNLING, "item": "penalty", "number": made.number, "change": str(shown.change), "name": "regions",
        "model": "ecology-environment", "id": "ecology-environment", "procedure": "objection", "template": "full",
        "lists/<slug:name>#name": "environmental-violators", "lists/<slug:name>.json#name": "environmental-violators",
        "workbench/doubts/<int:pk>#pk": str(doubt.pk), "pk": str(made.pk), "record": str(shown.pk),
    }  # fmt: skip
    return {"people": people, "known": known}


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
    """The dearest reader of every page, and what the page costs for them."""
    found: dict[str, tuple[str, int]] = {}
    for route in pages():
        for who in READERS:
            cost = asked(world, who, route)
            if cost is not None and cost > found.get(route, ("", -1))[1]:
                found[route] = (who, asked(world, who, route) or cost)  # what is remembered by now does not count
    return found


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
