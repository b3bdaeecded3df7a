"""What publishes, decides, withdraws or hands out rights wants the password once more, whatever the face (issue 4, part 1).

The rule says so, `accounts.rules.require` asks it, and the documents list it; pages have their own tests in tests/workbench.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.test import Client

from chengxin.accounts.actions import make_user
from chengxin.accounts.actors import Actor, operator
from chengxin.accounts.models import Role
from chengxin.accounts.rules import RULES, Denied, StepUp, require, wants_fresh

from ..conftest import REPO

UNIT = "ecology-environment"
BY_PACK = {"case.act"}
"""Whether these want it stands with the thing: a step that a procedure calls a decision."""


def fresh_actions() -> set[str]:
    return {action for action, rule in RULES.items() if getattr(rule, "fresh", False)}


def test_what_counts_wants_it() -> None:
    wanted = {
        "account.grant", "batch.release", "batch.withdraw", "bulletin.publish", "case.act", "doubt.settle",
        "inspection.publish", "key.keep", "list.judge", "own.authorise", "person.keep",
    }  # fmt: skip
    assert wanted <= fresh_actions()


@pytest.mark.parametrize("name", ["operators.md", "operators.zh.md"])
def test_operators_read_the_whole_list(name: str) -> None:
    text = (REPO / "docs" / name).read_text("utf-8")
    section = re.search(r"<!-- step-up -->(.*?)<!-- /step-up -->", text, re.DOTALL)
    assert section and set(re.findall(r"`([a-z]+\.[a-z-]+)`", section[1])) == fresh_actions()


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ("doubt.settle", SimpleNamespace(source_id=UNIT, submitted_by="gu", item="penalty")),
        ("list.judge", UNIT), ("inspection.publish", UNIT),
        ("batch.release", SimpleNamespace(source_id=UNIT, submitted_by="gu", item="penalty")),
    ],
)  # fmt: skip
def test_a_stale_browser_is_asked_a_fresh_one_and_a_key_are_not_and_who_may_not_is_denied(
    store: object, action: str, target: object
) -> None:
    auditor = Actor("lin", {UNIT: frozenset({Role.AUDITOR})})
    require(auditor, action, target)
    require(operator("root"), action, target)
    stale = replace(auditor, fresh=False)
    with pytest.raises(StepUp):
        require(stale, action, target)
    require(stale.looking(), action, target)
    with pytest.raises(Denied):
        require(replace(stale, roles={}), action, target)


def test_a_step_of_a_case_wants_it_when_its_pack_calls_it_a_decision() -> None:
    for decision in (True, False):
        assert wants_fresh("case.act", SimpleNamespace(step=SimpleNamespace(decision=decision))) is decision


def test_a_step_up_is_asked_for_by_the_api_and_no_key_has_to(store: object) -> None:
    make_user("sec", "安全", None, [("centre", Role.SECURITY)])
    user = make_user("he", "何青", None, [])
    browser = Client()
    browser.force_login(make_user("sec", "安全", None, [("centre", Role.SECURITY)]))
    session = browser.session
    session["confirmed"] = 0
    session.save()
    form = {"unit": "water", "role": "auditor"}
    refused = browser.post("/api/v1/people/he/roles", form, content_type="application/json")
    assert refused.status_code == 403 and "重新输入密码" in refused.json()["error"]["message"]
    assert not user.memberships.exists()
    assert browser.get("/api/v1/people").status_code == 200, "reading is asked for nothing"
