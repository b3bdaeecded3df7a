"""The first page after signing in, for every role: what is due, late, come back, and where to go (F-26)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role, User
from chengxin.cases import jobs
from chengxin.registry.models import Record

from . import case_desk as cd
from .test_cases import text
from .test_looking import authorised

pytestmark = pytest.mark.once
OTHERS = {
    "operator": [("centre", Role.OPERATOR)],
    "security": [("centre", Role.SECURITY)],
    "auditing": [("centre", Role.AUDIT)],
    "nobody-yet": [],
}


@pytest.fixture
def desk(scene: Any) -> tuple[dict[str, Client], Record]:
    return scene(_settle)  # type: ignore[no-any-return]


def _settle() -> tuple[dict[str, Client], Record]:
    people, record = cd.settle()
    for name, roles in OTHERS.items():
        user = make_user(name, name, None, roles)
        people[name] = Client()
        people[name].force_login(User.objects.get(pk=user.pk))
    return people, record


@pytest.mark.parametrize("who", [*cd.PEOPLE, *OTHERS])
def test_everybody_has_a_first_page_and_ways_that_lead_on(desk, who: str) -> None:
    """No entry of the navigation is refused to whom it is shown."""
    people, _record = desk
    html = text(people[who].get("/workbench"))
    assert "待办" in html
    side = html.split('class="side"')[1].split("</aside>")[0].split("<main")[0] if 'class="side"' in html else ""
    for href in {h.split('"')[0] for h in side.split('href="')[1:] if h.startswith("/workbench")}:
        assert people[who].get(href).status_code == 200, (who, href)


def test_late_cases_come_first_in_numbers_and_words(desk) -> None:
    people, record = desk
    case = cd.repair(record, on=cd.TODAY - timedelta(days=40))
    jobs.run(cd.TODAY, "system")
    html = text(people["first"].get("/workbench"))
    assert case.number in html and "已逾期" in html and "轮到我办的办件" in html
    assert case.number not in text(people["second"].get("/workbench"))
    assert "没有要办的事" in text(people["stranger"].get("/workbench"))


def test_a_bank_officer_sees_what_can_be_used(desk) -> None:
    people, _record = desk
    authorised()
    assert "可以使用的授权" in text(people["officer"].get("/workbench"))


def test_auditors_see_denials_and_newcomers_what_to_do(desk) -> None:
    people, _record = desk
    text(people["first"].get("/workbench/check"), 403)
    assert "今天被拒绝的访问" in text(people["auditing"].get("/workbench"))
    assert "您还没有任职" in text(people["nobody-yet"].get("/workbench"))
    assert "去我的信用" in text(people["boss"].get("/workbench"))


def test_the_questions_do_not_grow_with_the_work(desk, django_assert_max_num_queries: Callable[..., Any]) -> None:
    people, record = desk
    cd.objection(record)
    with django_assert_max_num_queries(60) as few:
        text(people["steward"].get("/workbench"))
    cd.opened("publication", "publisher", form={"column": "通知公告", "title": "x", "body": "x"})
    with django_assert_max_num_queries(len(few.captured_queries) + 3):
        text(people["steward"].get("/workbench"))
