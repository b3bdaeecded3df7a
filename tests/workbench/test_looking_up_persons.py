"""A person is looked up by name and number together, on a basis that names the items, and learns of it (R-069, R-092, G-10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role
from chengxin.accounts.persons import person_code
from chengxin.audit.models import Event, Look
from chengxin.registry.models import Subject

from ..collection.people import conduct, name_of, number_of, store
from .test_cases import text

pytestmark = [pytest.mark.usefixtures("store"), pytest.mark.once]
MATTER = "practice-supervision"


@pytest.fixture
def clerk() -> Client:
    store(conduct(1))
    return signed_in("clerk", ("health", Role.AUDITOR))


def signed_in(name: str, *roles: tuple[str, Role]) -> Client:
    client = Client()
    client.force_login(make_user(name, name, None, roles))
    return client


def ask(client: Client, n: int, status: int = 200, basis: str = MATTER, **more: str) -> str:
    form = {
        "name": name_of(n), "id_type": "01", "id_number": number_of(n), "basis": basis, "purpose": "医师注册审查",
        "unit": "health", **more,
    }  # fmt: skip
    return text(client.post("/workbench/query?mode=duty&who=person", form), status)


def looks(n: int) -> list[Any]:
    return list(Look.objects.filter(subject=person_code(name_of(n), number_of(n))).order_by("pk"))


def test_by_name_and_number_on_a_basis_that_names_the_items(clerk: Client) -> None:
    html = ask(clerk, 1)
    assert "责令暂停执业" in html and name_of(1)[0] + "***" in html
    assert name_of(1) not in html and number_of(1) not in html and "1103200000" not in html
    [row] = looks(1)
    assert (row.actor, row.for_whom, row.basis, row.records, row.items) == (
        "clerk",
        "health",
        MATTER,
        1,
        ["practitioner"],
    )


def test_what_was_typed_is_kept_nowhere(clerk: Client) -> None:
    ask(clerk, 1)
    told = json.dumps(
        [list(Look.objects.values_list("purpose", "basis", "subject")), list(Event.objects.values("detail"))]
    )
    assert number_of(1) not in told and name_of(1) not in told


def test_a_refusal_is_the_same_for_a_person_who_is_known_and_one_who_is_not(clerk: Client) -> None:
    """Who has no basis does not learn whether there is anything."""
    known = ask(clerk, 1, 422, "administrative-licence")
    unknown = ask(clerk, 2, 422, "administrative-licence")
    assert "列明了目录项" in known
    same = {name_of(1): name_of(2), number_of(1): number_of(2)}
    for mine, other in same.items():
        known = known.replace(mine, other)
    assert _body(known) == _body(unknown)
    assert looks(1)[-1].refused and looks(2)[-1].refused


def _body(html: str) -> str:
    """The page without what is drawn anew each time."""
    import re

    return re.sub(r'(nonce|value)="[^"]*"', "", html)


def test_an_unknown_person_has_an_empty_answer_and_a_trace(clerk: Client) -> None:
    assert "没有关于这个主体的信息" in ask(clerk, 2)
    [row] = looks(2)
    assert row.records == 0 and not row.refused
    assert Subject.objects.filter(kind="natural_person").count() == 1


@pytest.mark.parametrize("change", [{"name": name_of(2)}, {"id_number": number_of(2)}])
def test_neither_name_nor_number_alone_finds_anybody(clerk: Client, change: dict[str, str]) -> None:
    assert "没有关于这个主体的信息" in ask(clerk, 1, 200, MATTER, **change)


def test_other_departments_and_other_doors_find_nobody(clerk: Client) -> None:
    """The matter is of three departments; no search, page or code list knows a person."""
    water = signed_in("water", ("water", Role.AUDITOR))
    assert "责令暂停执业" not in ask(water, 1, 422, unit="water")
    code = person_code(name_of(1), number_of(1))
    public = Client()
    assert public.get(f"/subjects/{code}").status_code == 404
    for words in (name_of(1), name_of(1)[0] + "***", code, number_of(1)):
        assert "没有查到" in public.get("/search", {"q": words}).text
    assert "natural_person" not in public.get("/api/v1/changes").text
    assert public.get("/api/v1/changes").json()["changes"] == []


def test_the_page_asks_for_name_and_number_and_says_what_becomes_of_them(clerk: Client) -> None:
    page = text(clerk.get("/workbench/query?mode=duty&who=person"))
    assert "填写的姓名和号码不保存" in page and 'name="id_number"' in page and 'name="code"' not in page
    assert "改为查询自然人" in text(clerk.get("/workbench/query?mode=duty"))
