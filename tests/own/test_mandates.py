"""A subject's representative says who acts for it, in what and until when; an agent does that and nothing else (R-094, R-236)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from chengxin.accounts.actions import make_api_key
from chengxin.accounts.models import Kind, Matter, Membership, Organisation, Role, User
from chengxin.accounts.rules import RULES
from chengxin.audit.models import Event
from chengxin.cases.mandates import matters
from chengxin.policy.alerts import Alerts
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.supervision.models import Alert, AlertCopy, ListingStep

from . import house as h
from .test_records import notified

pytestmark = pytest.mark.once
TODAY = timezone.localdate()


def api(name: str) -> Any:
    from ..api.client import Api

    return Api(make_api_key(User.objects.get(username=name), "test"))


def give(boss: Client, *chosen: str, name: str = "代办员", until: Any = None) -> Any:
    form = {"username": name, "name": name, "matters": list(chosen), "until": until or TODAY + timedelta(days=30)}
    return boss.post(h.my("mandates", "new"), form)


# -- one list of matters ----------------------------------------------------------------------------------------------


def test_every_matter_that_a_rule_asks_for_can_be_given(store: object) -> None:
    known = matters(TODAY)
    asked = {r.matter for r in RULES.values() if getattr(r, "matter", "")}
    assert asked == set(Matter.values)
    assert set(Matter.values) < set(known)
    assert "objection" in known and "list-determination" not in known


def test_the_form_of_the_administrators_offers_the_same_list(store: object) -> None:
    from chengxin.workbench.admin_forms import GrantForm

    unit = Organisation(id="firm", kind=Kind.SUBJECT)
    assert dict(GrantForm(unit=unit).fields["scope"].choices) == matters(TODAY)  # type: ignore[attr-defined]


# -- an agent does what the mandate covers ----------------------------------------------------------------------------


def test_an_agent_for_statements_answers_a_notice_and_sees_nothing_else(record: Record) -> None:
    entry = notified(record)
    agent = h.agent("statement")
    home = agent.get("/my")
    assert "决定以前可以陈述申辩" in home.text
    page = agent.get(h.my("lists", entry.pk))
    assert page.status_code == 200
    assert h.my("records") not in page.text
    where = h.my("lists", entry.pk, "answer")
    assert agent.post(where, {"outcome": "statement", "text": "已经改正。"}).status_code == 302
    assert entry.steps.latest("pk").actor == "代办员"
    for part in ("", "grades", "looks", "export", "reports", "authorisations", "mandates"):
        assert agent.get(h.my(part).rstrip("/")).status_code == 403, part


def test_an_agent_who_may_only_look_answers_nothing(record: Record) -> None:
    entry = notified(record)
    agent = h.agent("look")
    assert agent.get(h.my("lists", entry.pk)).status_code == 200
    where = h.my("lists", entry.pk, "answer")
    assert where not in agent.get(h.my("lists", entry.pk)).text
    assert agent.post(where, {"outcome": "statement", "text": "代办"}).status_code == 403
    assert not entry.steps.filter(actor="代办员").exists()


def test_by_api_an_agent_may_the_same(record: Record) -> None:
    entry = notified(record)
    h.agent("statement")
    found = api("代办员").get(f"/own/entries?subject={h.CODE}")
    assert [e["number"] for e in found.json()["entries"]] == [entry.number]
    assert "statement" in found.json()["entries"][0]["answers"]
    answered = api("代办员").post(f"/own/entries/{entry.number}/answer", {"outcome": "statement", "text": "已经改正。"})
    assert answered.status_code == 200
    assert entry.steps.latest("pk").text == "已经改正。"
    assert api("代办员").get(f"/looks?subject={h.CODE}").status_code == 404
    assert api("代办员").get(f"/authorisations?subject={h.CODE}").status_code == 404


def test_by_api_of_two_registrations_of_one_subject_the_one_with_the_matter_counts(record: Record) -> None:
    entry = notified(record)
    h.agent("statement")
    second = Organisation.objects.create(id="a-second", name="同一单位", code=h.CODE, kind="subject")
    agent = User.objects.get(username="代办员")
    Membership.objects.create(user=agent, organisation=second, role=Role.AGENT, scope=["look"])
    answered = api("代办员").post(f"/own/entries/{entry.number}/answer", {"outcome": "statement", "text": "已经改正。"})
    assert answered.status_code == 200, answered.json()


def test_by_api_the_letters_of_a_list_are_read_as_on_the_pages(record: Record) -> None:
    """R-170, G-05: whoever may read the notice may keep it; nobody else, and only what was served in writing."""
    entry = notified(record)
    made = {"listing": entry, "actor": "审核", "on": timezone.localdate()}
    served = ListingStep.objects.create(kind="decision", outcome="list", document="苏名决〔2026〕9号", **made)
    inside = ListingStep.objects.create(kind="review", outcome="agree", document="内审9号", **made)
    h.agent("statement")
    [told] = api("代办员").get(f"/own/entries?subject={h.CODE}").json()["entries"]
    assert [s["letter"] for s in told["steps"] if s["letter"]] == [served.pk]
    at = f"/own/entries/{entry.number}/letters"
    letter = api("代办员").get(f"{at}/{served.pk}/pdf")
    assert letter["Content-Type"] == "application/pdf" and letter.content.startswith(b"%PDF")
    assert letter.content == h.agent("statement").get(h.my("lists", entry.pk, "letters", served.pk)).content
    assert api("代办员").get(f"{at}/{served.pk}/pdf?english=true").content != letter.content
    assert api("代办员").get(f"{at}/{inside.pk}/pdf").status_code == 404
    h.agent("repair")
    assert api("代办员").get(f"{at}/{served.pk}/pdf").status_code == 404, "another matter"
    h.client("泊禾代表", ("bohe", Role.REPRESENTATIVE))
    assert api("泊禾代表").get(f"{at}/{served.pk}/pdf").status_code == 404


def test_by_api_a_look_and_an_answer_need_their_own_matter(record: Record) -> None:
    entry = notified(record)
    h.agent("look")
    assert api("代办员").get(f"/looks?subject={h.CODE}").status_code == 200
    assert api("代办员").get(f"/own/entries?subject={h.CODE}").status_code == 200
    refused = api("代办员").post(f"/own/entries/{entry.number}/answer", {"outcome": "statement", "text": "代办"})
    assert refused.status_code == 403
    h.client("泊禾代表", ("bohe", Role.REPRESENTATIVE))
    assert api("泊禾代表").get(f"/own/entries?subject={h.CODE}").status_code == 404
    told = api("泊禾代表").post(f"/own/entries/{entry.number}/answer", {"outcome": "statement", "text": "别人"})
    assert told.status_code == 404
    assert not entry.steps.filter(kind="answer").exists()


# -- given, seen, taken back ------------------------------------------------------------------------------------------


def test_a_mandate_is_given_seen_by_both_and_taken_back_at_once(record: Record) -> None:
    boss, agent = h.boss(), h.client("代办员")
    assert agent.get(h.my("reports")).status_code == 404
    assert give(boss, "report", "objection").status_code == 302
    held = Membership.objects.get(user__username="代办员")
    assert (held.role, held.scope, held.until) == (Role.AGENT, ["objection", "report"], TODAY + timedelta(days=30))
    event = Event.objects.get(action="mandate.give")
    assert (event.actor, event.detail["scope"]) == ("林知夏", ["objection", "report"])
    mine = boss.get(h.my("mandates")).text
    assert "代办员" in mine and "取用信用报告" in mine
    told = agent.get("/my").text
    assert "别人委托您办理" in told and "取用信用报告" in told and "生效中" in told
    assert agent.get(h.my("reports")).status_code == 200
    assert agent.get(h.my()).status_code == 403
    assert boss.post(h.my("mandates", held.pk, "recall")).status_code == 302
    assert agent.get(h.my("reports")).status_code == 404
    assert "已失效" in agent.get("/my").text
    assert "以前的代理人" in boss.get(h.my("mandates")).text
    assert Event.objects.filter(action="mandate.recall", actor="林知夏").count() == 1
    boss.post(h.my("mandates", held.pk, "recall"))
    assert Event.objects.filter(action="mandate.recall").count() == 1


def test_given_again_a_mandate_is_replaced(record: Record) -> None:
    boss = h.boss()
    h.client("代办员")
    give(boss, "report")
    give(boss, "look", until=TODAY)
    held = Membership.objects.get(user__username="代办员")
    assert (held.scope, held.until) == (["look"], TODAY)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"username": "没有这个人"}, "没有登录名和姓名都与此相同的人"),
        ({"name": "别的名字"}, "没有登录名和姓名都与此相同的人"),
        ({"matters": []}, "请至少选一个事项"),
        ({"matters": ["list.judge"]}, "list.judge"),
        ({"until": TODAY - timedelta(days=1)}, "截止日期已经过去"),
        ({"until": ""}, "请填写截止的日期"),
        ({"username": "林知夏", "name": "林知夏"}, "自己"),
    ],
)
def test_a_wrong_mandate_is_told_and_gives_nothing(record: Record, form: dict[str, Any], said: str) -> None:
    boss = h.boss()
    h.client("代办员")
    right = {"username": "代办员", "name": "代办员", "matters": ["report"], "until": TODAY}
    page = boss.post(h.my("mandates", "new"), right | form)
    assert page.status_code == 422
    assert said in page.text
    assert not Membership.objects.filter(role=Role.AGENT).exists()
    assert not Event.objects.filter(action="mandate.give").exists()


def test_only_the_representative_of_this_subject_gives_and_takes_back(record: Record) -> None:
    agent = h.agent()  # an agent for everything: what was entrusted is not passed on
    h.client("另一人")
    assert agent.get(h.my("mandates")).status_code == 403
    assert give(agent, "report", name="另一人").status_code == 403
    stranger = h.client("泊禾代表", ("bohe", Role.REPRESENTATIVE))
    held = Membership.objects.get(role=Role.AGENT)
    assert stranger.post(h.my("mandates", held.pk, "recall")).status_code == 404
    assert stranger.post(h.my("mandates", held.pk, "recall", code=h.OTHER)).status_code == 404
    held.refresh_from_db()
    assert held.until is None


def test_mandates_by_api(record: Record) -> None:
    h.boss()
    h.client("代办员")
    until = (TODAY + timedelta(days=9)).isoformat()
    body = {"subject": h.CODE, "username": "代办员", "name": "代办员", "matters": ["report"], "until": until}
    made = api("林知夏").post("/own/mandates", body)
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"], "subject": h.CODE, "subject_name": made.json()["subject_name"], "username": "代办员",
        "name": "代办员", "matters": ["report"], "since": None, "until": until, "in_force": True,
    }  # fmt: skip
    assert api("林知夏").get(f"/own/mandates?subject={h.CODE}").json()["mandates"] == [made.json()]
    assert api("代办员").get("/own/mandates").json()["mandates"] == [made.json()]
    assert api("代办员").get(f"/own/mandates?subject={h.CODE}").status_code == 404
    assert api("代办员").post("/own/mandates", body).status_code == 404
    assert api("代办员").post(f"/own/mandates/{made.json()['id']}/recall", {}).status_code == 404
    refused = api("林知夏").post("/own/mandates", {**body, "matters": ["everything"]})
    assert refused.status_code == 422
    gone = api("林知夏").post(f"/own/mandates/{made.json()['id']}/recall", {})
    assert (gone.status_code, gone.json()["in_force"]) == (200, False)
    assert api("代办员").get(f"/own/entries?subject={h.CODE}").status_code == 404


# -- what leaves in the archive ---------------------------------------------------------------------------------------


def test_an_agent_takes_away_only_what_the_mandate_covers(record: Record) -> None:
    agent = h.agent("look")
    page = agent.get(h.my("export"))
    assert "authorisations.json" not in page.text
    names = set(archive(agent))
    assert "profile" in names and not names & {"authorisations", "reports"}
    assert {"authorisations", "reports"} <= set(archive(h.boss()))


def test_the_archive_names_no_official_and_no_step_of_the_office(record: Record) -> None:
    boss = h.boss()
    entry = notified(record)
    ListingStep.objects.create(
        listing=entry, kind="proposal", actor="经办官员", on=TODAY, outcome="", text="内部拟办意见"
    )
    ListingStep.objects.create(listing=entry, kind="hearing", actor="听证官员", on=TODAY, outcome="", text="听证笔录")
    case = h.objected(boss, record)
    case.events.create(
        number=99, at=timezone.now(), day=TODAY, kind="step", step="accept", before="sent", after="open", actor="受理官员",
        detail={"organisation": "centre", "clerk": "受理官员"},
    )  # fmt: skip
    told = archive(boss)
    text = json.dumps(told, ensure_ascii=False)
    assert "听证笔录" in text and "林知夏" in json.dumps(told["cases"], ensure_ascii=False)
    for never in ("经办官员", "听证官员", "受理官员", "内部拟办意见"):
        assert never not in text, never
    assert [s["kind"] for s in told["listings"][0]["steps"]].count("proposal") == 0


def archive(who: Client) -> dict[str, Any]:
    answer = who.post(h.my("export", "data.zip"))
    assert answer.status_code == 200
    file = zipfile.ZipFile(io.BytesIO(answer.content))
    return {n.removesuffix(".json"): json.loads(file.read(n)) for n in file.namelist() if n.endswith(".json")}


# -- what is told names its basis -------------------------------------------------------------------------------------


def test_an_alert_to_the_subject_names_its_basis_and_so_does_the_archive(record: Record) -> None:
    pack = next(p for p in policies().of(Alerts) if any("subject" in r.tell for r in p.rules))
    rule = next(r for r in pack.rules if "subject" in r.tell)
    basis = rule.basis[0].text
    alert = Alert.objects.create(
        rule=rule.id, version=pack.version, subject=record.subject, whom=h.CODE, cause="test", text="快到期了",
        text_en="Due soon", found_on=TODAY,
    )  # fmt: skip
    AlertCopy.objects.create(alert=alert, receiver="subject", to=h.CODE)
    boss = h.boss()
    page = boss.get("/my").text
    assert "快到期了" in page and escape(basis) in page
    assert basis in archive(boss)["alerts"][0]["basis"]
