"""The three administrators by API: each their own, nobody for themselves, and every act is in the trail (R-024, G-20)."""

from __future__ import annotations

from chengxin.accounts.models import Membership
from chengxin.audit.models import Event

from .client import Api
from .world import World


def test_a_person_is_registered_by_one_and_given_rights_by_another(world: World) -> None:
    system, security, audit = world["system"], world["security"], world["audit"]
    assert system.post("/people", {"username": "lin", "name": "林知夏"}).json()["roles"] == []
    assert system.post("/people", {"username": "LIN", "name": "另一位"}).status_code == 422
    bank = system.put("/units/chain-bank", {"name": "（示例）链江银行", "kind": "bank"})
    assert bank.json()["kind"] == "bank"
    given = security.post("/people/lin/roles", {"unit": "chain-bank", "role": "bank_officer", "until": "2027-06-30"})
    assert [r["until"] for r in given.json()["roles"]] == ["2027-06-30"]
    assert security.post("/people/security/roles", {"unit": "centre", "role": "steward"}).status_code == 422
    assert not Membership.objects.filter(user__username="security", role="steward").exists()
    made = security.post("/keys", {"username": "lin", "label": "贷前系统", "scopes": ["look_at"]}).json()["key"]
    assert Api(made).get("/cases").status_code == 403, "the key is for one operation only"
    assert Api(made).post("/looks", {"code": "X1", "audience": "duty"}).status_code == 404
    prefix = made.partition(".")[0]
    assert prefix in {k["prefix"] for k in security.get("/keys").json()["keys"]}
    assert security.post(f"/keys/{prefix}/revoke").json()["revoked_at"]
    assert Api(made).get("/cases").status_code == 401
    assert (
        security.post("/people/lin/roles/revoke", {"unit": "chain-bank", "role": "bank_officer"}).json()["roles"] == []
    )
    seen = [e["action"] for e in audit.get("/events", limit=50).json()["events"]]
    wanted = {"person.add", "organisation.set", "role.grant", "role.revoke", "key.make", "key.revoke", "access.denied"}
    assert wanted <= set(seen)
    assert {e["action"] for e in audit.get("/events", action="role.").json()["events"]} == {"role.grant", "role.revoke"}


def test_nobody_makes_a_key_for_themselves(world: World) -> None:
    refused = world["security"].post("/keys", {"username": "security", "label": "mine"})
    assert refused.status_code == 422 and "另一位管理员" in refused.json()["error"]["message"]
    assert not Event.objects.filter(action="key.make").exists()


def test_what_is_not_sent_of_a_unit_stays(world: World) -> None:
    system = world["system"]
    sent = {
        "name": "链江银行",
        "kind": "bank",
        "name_en": "Chain Bank",
        "code": "91320505MA1YUNL16X",
        "parent": "centre",
    }
    assert system.put("/units/chain-bank", sent).json()["name_en"] == "Chain Bank"
    told = system.put("/units/chain-bank", {"name": "链江银行南京分行", "kind": "bank"}).json()
    assert told == {**sent, "id": "chain-bank", "name": "链江银行南京分行", "region": ""}
    assert system.put("/units/chain-bank", {"name": "x", "kind": "bank", "parent": None}).json()["parent"] is None
    assert system.put("/units/chain-bank", {"name": "x", "kind": "bank", "parent": "chain-bank"}).status_code == 422


def test_who_is_suspended_is_out_at_once(world: World) -> None:
    assert world["reporter"].get("/batches").status_code == 200
    assert world["system"].post("/people/reporter/suspend").json()["active"] is False
    assert world["reporter"].get("/batches").status_code == 401
    assert world["system"].post("/people/reporter/resume").json()["active"] is True
    assert world["reporter"].get("/batches").status_code == 200
    assert world["system"].post("/people/system/suspend").status_code == 422, "nobody does it to themselves"
    assert Event.objects.filter(action="person.suspend").count() == 1


def test_pages_of_events_go_on_where_the_one_before_ended(world: World) -> None:
    for _ in range(3):
        world["visitor"].get("/people")
    first = world["audit"].get("/events", limit=2).json()
    second = world["audit"].get("/events", limit=2, cursor=first["next"]).json()
    numbers = [e["id"] for e in (*first["events"], *second["events"])]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) == len(numbers)
