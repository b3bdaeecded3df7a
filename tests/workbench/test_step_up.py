"""Pages lead a browser that is no longer fresh to the password and back; nothing is decided meanwhile (issue 4, part 1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from chengxin.accounts.models import User
from chengxin.audit.models import Event
from chengxin.cases.models import CaseEvent
from chengxin.collection.models import Batch
from chengxin.registry.models import Record

from . import case_desk

pytestmark = pytest.mark.once
PASSWORD = "a-long-pass-phrase"


def stale(client: Client) -> Client:
    session = client.session
    session["confirmed"] = 0
    session.save()
    return client


def asked(response: Any) -> str:
    """Where the page that asks for the password leads back to."""
    assert response.status_code == 302, response.content.decode()[:500]
    parts = urlsplit(response["Location"])
    assert parts.path == "/account/confirm"
    return parse_qs(parts.query)["next"][0]


def confirmed(client: Client, name: str, response: Any) -> None:
    user = User.objects.get(username=name)
    user.set_password(PASSWORD)
    User.objects.filter(pk=user.pk).update(password=user.password)
    client.force_login(User.objects.get(pk=user.pk))
    back = stale(client).post(response["Location"], {"password": PASSWORD})
    assert (back.status_code, back["Location"]) == (302, asked(response))


def test_a_decision_on_a_case_is_asked_for_before_its_form_is_shown(store: object) -> None:
    people, record = case_desk.settle()
    case = case_desk.objection(record)
    page = reverse("case-step", args=[case.number, "accept"])
    steward = people["steward"]
    assert steward.get(page).status_code == 200, "who has just signed in is asked for nothing"
    told = stale(steward).get(page)
    assert asked(told) == page, "before anything is typed"
    assert asked(steward.post(page, {"stage": "confirm"}, headers={"Referer": f"http://testserver{page}"})) == page
    assert steward.get(reverse("case", args=[case.number])).status_code == 200, "reading is asked for nothing"
    api = steward.post(f"/api/v1/cases/{case.number}/steps/accept", {"reason": "受理"}, content_type="application/json")
    assert api.status_code == 403 and "重新输入密码" in api.json()["error"]["message"]
    assert not CaseEvent.objects.filter(case=case, step="accept").exists()
    confirmed(steward, "steward", told)
    assert steward.get(page).status_code == 200 and Event.objects.filter(action="account.step-up").count() == 1


def test_a_step_that_is_no_decision_is_not_asked_for(store: object) -> None:
    people, record = case_desk.settle()
    case = case_desk.objection(record)
    step = reverse("case-step", args=[case.number, "withdraw"])
    assert stale(people["boss"]).get(step).status_code == 200


def test_a_doubt_is_settled_only_with_the_password_given_lately(people: dict[str, Client], stored_batch: Batch) -> None:
    doubt = Record.objects.filter(held=True).order_by("pk").first()
    assert doubt is not None
    page = f"/workbench/doubts/{doubt.pk}"
    assert "确认" in stale(people["auditor"]).get(page).content.decode(), "the page is read, and offers the form"
    asked(people["auditor"].post(page, {"reason": "已核对原件"}))
    assert Record.objects.get(pk=doubt.pk).held
    assert people["reporter"].post(page, {"reason": "x"}).status_code == 403, "who may not is told so, fresh or not"
