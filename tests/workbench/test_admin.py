"""The three administrators (三员): people and units, rights, keys, policies, running state (R-024, R-077, R-359, G-20)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from typer.testing import CliRunner

from chengxin.accounts import administering, factors
from chengxin.accounts.actions import key_of, make_api_key, make_user
from chengxin.accounts.models import ApiKey, KeyState, Membership, Organisation, Role, Telephone, User
from chengxin.accounts.telephones import sealed
from chengxin.audit import keys, sealing
from chengxin.audit.erasing import erase_events
from chengxin.audit.models import Checkpoint, Event
from chengxin.cli.app import app
from chengxin.cli.following import Follower
from chengxin.collection.running import Beat, workers
from chengxin.registry.packs import policies

pytestmark = pytest.mark.once
TODAY = timezone.localdate()


@pytest.fixture
def desk(store: object) -> dict[str, Client]:
    """The administrators, and a reporter whom they look after."""
    people = {"operator": Role.OPERATOR, "security": Role.SECURITY, "audit": Role.AUDIT}
    clients = {}
    for name, role in people.items():
        clients[name] = Client()
        clients[name].force_login(make_user(name, f"{name}员", None, [("centre", role)]))
    clients["reporter"] = Client()
    clients["reporter"].force_login(make_user("reporter", "林知夏", None, [("water", Role.REPORTER)]))
    return clients


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, (response.status_code, response.content.decode()[:2000])
    return str(response.content.decode())


def done(response: Any) -> str:
    assert response.status_code == 302, response.content.decode()[:3000]
    return str(response["Location"])


def person(name: str = "reporter") -> User:
    return User.objects.get(username=name)


def last(action: str) -> Event:
    return Event.objects.filter(action=action).latest("pk")


# -- three duties, three people -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("/workbench/people", {"operator", "security"}),
        ("/workbench/people/new", {"operator"}),
        ("/workbench/people/{pk}/suspend", {"operator"}),
        ("/workbench/people/{pk}/factor", {"security"}),
        ("/workbench/people/{pk}/invite", {"operator"}),
        ("/workbench/people/{pk}/grant", {"security"}),
        ("/workbench/people/{pk}/sessions", {"security"}),
        ("/workbench/people/{pk}/key", {"security"}),
        ("/workbench/keys", {"security"}),
        ("/workbench/units", {"operator", "security"}),
        ("/workbench/units/water/edit", {"operator"}),
        ("/workbench/running", {"operator"}),
        ("/workbench/audit", {"audit"}),
        ("/workbench/policies", {"operator", "security", "audit", "reporter"}),
    ],
)
def test_each_administrator_has_their_own_duty(desk: dict[str, Client], address: str, who: set[str]) -> None:
    path = address.format(pk=person().pk)
    assert {name for name, client in desk.items() if client.get(path).status_code == 200} == who
    assert {client.get(path).status_code for name, client in desk.items() if name not in who} <= {403}


@pytest.mark.parametrize(
    ("who", "verb"),
    [("operator", "suspend"), ("operator", "invite"), ("security", "factor"), ("security", "sessions")],
)
def test_nobody_manages_their_own_account(desk: dict[str, Client], who: str, verb: str) -> None:
    mine = person(who).pk
    done(desk[who].post(f"/workbench/people/{mine}/{verb}"))
    assert "由另一位管理员办理" in text(desk[who].get(f"/workbench/people/{mine}"))
    assert person(who).is_active and not Event.objects.exists()


def test_nobody_hands_a_key_to_themselves(desk: dict[str, Client]) -> None:
    """A key asks for no password and no second factor: whoever could make their own would be rid of both (三员, G-20)."""
    mine = person("security").pk
    done(desk["security"].post(f"/workbench/people/{mine}/key", {"label": "我的", "days": "30"}))
    told = text(desk["security"].get(f"/workbench/people/{mine}"))
    assert "由另一位管理员办理" in told and f"/workbench/people/{mine}/key" not in told
    assert not ApiKey.objects.exists() and not Event.objects.filter(action="key.make").exists()


@pytest.mark.parametrize("has", ["password", "telephone"])
def test_whoever_can_sign_in_is_not_invited_so_that_nobody_is_taken_over(desk: dict[str, Client], has: str) -> None:
    """The system's administrator alone gets into no account that somebody uses (三员, R-024, G-20)."""
    user = person()
    if has == "password":
        user.set_password("a-long-pass-phrase")
        user.save()
    else:
        Telephone.objects.create(user=user, name="totp", confirmed=True, key=sealed(b"k" * 20, user.pk))
    here = f"/workbench/people/{user.pk}"
    assert "invite" not in text(desk["operator"].get(here))
    done(desk["operator"].post(f"{here}/invite"))
    assert "请先由安全管理员重置登录方式" in text(desk["operator"].get(here))
    assert not Event.objects.filter(action="person.invite").exists()
    assert desk["operator"].post(f"{here}/factor").status_code == 403
    assert person().has_usable_password() == (has == "password") and factors.enrolled(user) == (has == "telephone")


def test_who_forgot_the_password_gets_in_again_by_two_administrators(desk: dict[str, Client]) -> None:
    user = person()
    user.set_password("a-long-pass-phrase")
    user.save()
    Telephone.objects.create(user=user, name="totp", confirmed=True, key=sealed(b"k" * 20, user.pk))
    here = f"/workbench/people/{user.pk}"
    assert "重置登录方式" in text(desk["security"].get(here))
    done(desk["security"].post(f"{here}/factor"))
    assert last("factor.reset").actor == "security"
    assert not person().has_usable_password() and not factors.enrolled(user)
    assert "/sign-in" in done(desk["reporter"].get("/workbench")), "every session has ended"
    assert desk["security"].post(f"{here}/invite").status_code == 403, "security resets, the system's invites"
    address = re.search(r"/account/invitation/[^<\s]+", text(desk["operator"].post(f"{here}/invite")))
    assert address
    again = {"new_password1": "a-long-pass-phrase", "new_password2": "a-long-pass-phrase"}
    assert "用过的密码" in text(Client().post(address[0], again), 422)
    new = {"new_password1": "another-pass-phrase", "new_password2": "another-pass-phrase"}
    assert done(Client().post(address[0], new)) == "/sign-in"


def test_nobody_gives_themselves_a_role(desk: dict[str, Client]) -> None:
    form = {"organisation": "water", "role": "auditor"}
    told = text(desk["security"].post(f"/workbench/people/{person('security').pk}/grant", form), 422)
    assert "不能管理自己的账号和权限" in told and person("security").memberships.count() == 1


def test_nobody_holds_two_of_the_three(desk: dict[str, Client]) -> None:
    form = {"organisation": "centre", "role": "audit"}
    told = text(desk["security"].post(f"/workbench/people/{person('operator').pk}/grant", form), 422)
    assert "须由三个人担任" in told


def test_what_gives_rights_wants_the_password_again_after_a_while(desk: dict[str, Client]) -> None:
    session = desk["security"].session
    session["confirmed"] = 0
    session.save()
    form = {"organisation": "water", "role": "auditor"}
    assert "/account/confirm" in done(desk["security"].post(f"/workbench/people/{person().pk}/grant", form))
    assert person().memberships.count() == 1


# -- people -------------------------------------------------------------------------------------------------------


def test_from_registration_to_the_first_password(desk: dict[str, Client]) -> None:
    """The operator never learns a password: the person sets it by an address that works once."""
    here = done(desk["operator"].post("/workbench/people/new", {"username": "zhou", "display_name": "周一鸣"}))
    told = text(desk["operator"].post(f"{here}/invite"))
    address = re.search(r"/account/invitation/[^<\s]+", told)
    assert address and last("person.invite").detail == {}
    visitor = Client()
    assert "设置密码" in text(visitor.get(address[0]))
    short = visitor.post(address[0], {"new_password1": "short", "new_password2": "short"})
    assert "10" in text(short, 422)
    words = {"new_password1": "a-long-pass-phrase", "new_password2": "a-long-pass-phrase"}
    assert done(visitor.post(address[0], words)) == "/sign-in"
    assert person("zhou").check_password("a-long-pass-phrase")
    assert Client().get(address[0]).status_code == 404, "it works once"


def test_a_name_is_taken_once_whatever_its_case(desk: dict[str, Client]) -> None:
    told = text(desk["operator"].post("/workbench/people/new", {"username": "Reporter", "display_name": "又一个"}), 422)
    assert "已经有人使用" in told


def test_a_suspended_person_is_out_at_once_and_can_come_back(desk: dict[str, Client]) -> None:
    here = f"/workbench/people/{person().pk}"
    assert "停用" in text(desk["operator"].get(f"{here}/suspend"))
    done(desk["operator"].post(f"{here}/suspend"))
    assert "/sign-in" in done(desk["reporter"].get("/workbench"))
    assert last("person.suspend").actor == "operator"
    done(desk["operator"].post(f"{here}/resume"))
    assert person().is_active


def test_ending_sessions_signs_out_everywhere(desk: dict[str, Client]) -> None:
    assert len(administering.sessions_of(person())) == 1
    done(desk["security"].post(f"/workbench/people/{person().pk}/sessions"))
    assert not administering.sessions_of(person()) and last("session.end").detail == {"count": 1}


def test_people_are_found_by_name_role_and_state(desk: dict[str, Client], django_assert_max_num_queries: Any) -> None:
    for n in range(5):
        make_user(f"more{n}", f"另{n}", None, [("water", Role.AUDITOR)])
    with django_assert_max_num_queries(9):
        text(desk["operator"].get("/workbench/people"))
    found = text(desk["operator"].get("/workbench/people", {"q": "知夏"}))
    assert "林知夏" in found and "另1" not in found
    assert "林知夏" not in text(desk["operator"].get("/workbench/people", {"role": "auditor"}))
    assert "没有符合条件的人员" in text(desk["operator"].get("/workbench/people", {"state": "suspended"}))


# -- rights -------------------------------------------------------------------------------------------------------


def test_a_role_is_given_for_a_term_and_taken_back(desk: dict[str, Client]) -> None:
    here = f"/workbench/people/{person().pk}"
    until = (TODAY + timedelta(days=30)).isoformat()
    done(desk["security"].post(f"{here}/grant", {"organisation": "water", "role": "auditor", "until": until}))
    assert until in text(desk["security"].get(here))
    assert last("role.grant").detail["until"] == until
    held = Membership.objects.get(user=person(), role="auditor")
    assert "收回" in text(desk["security"].get(f"{here}/roles/{held.pk}/revoke"))
    done(desk["security"].post(f"{here}/roles/{held.pk}/revoke"))
    assert not Membership.objects.filter(pk=held.pk).exists() and last("role.revoke").detail["role"] == "auditor"


@pytest.mark.parametrize(
    ("kind", "offered", "why"),
    [
        (
            "department",
            {"reporter", "auditor", "inspector", "first_reviewer", "second_reviewer", "publisher"},
            "依职权",
        ),
        ("bank", {"bank_officer"}, "凭主体的授权"),
        ("subject", set(), "没有职责"),
        ("centre", {r.value for r in Role} - {"bank_officer", "representative", "agent"}, "三个人"),
    ],
)
def test_only_roles_that_fit_the_kind_of_unit_are_offered_and_why(
    desk: dict[str, Client], kind: str, offered: set[str], why: str
) -> None:
    """R-024, R-094: the unit first, then what people of such a unit can be; no script is needed for it."""
    here = f"/workbench/people/{person().pk}/grant"
    first = text(desk["security"].get(here))
    assert 'name="organisation"' in first and 'name="role"' not in first and 'method="get"' in first
    Organisation.objects.create(id="fits", name="某单位", kind=kind)
    told = text(desk["security"].get(f"{here}?organisation=fits"))
    assert set(re.findall(r'name="role" value="(\w+)"', told)) == offered | {"representative", "agent"}
    assert why in told
    unfit = "steward" if kind != "centre" else "bank_officer"
    told = text(desk["security"].post(here, {"organisation": "fits", "role": unfit}), 422)
    assert "没有" in told and "这个角色；可以授予的有：" in told
    assert person().memberships.count() == 1


def test_an_agent_may_be_limited_to_matters_and_nobody_else(desk: dict[str, Client]) -> None:
    here = f"/workbench/people/{person().pk}/grant"
    form = {"organisation": "water", "scope": ["report"]}
    assert "只有受托代理人" in text(desk["security"].post(here, {**form, "role": "auditor"}), 422)
    done(desk["security"].post(here, {**form, "role": "agent"}))
    assert Membership.objects.get(user=person(), role="agent").scope == ["report"]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"organisation": "nowhere", "role": "auditor"}, "没有登记“nowhere”这个单位"),
        ({"organisation": "water", "role": "king"}, "king"),
        ({"organisation": "water", "role": "auditor", "until": "2020-01-01"}, "不能早于"),
        ({"organisation": "water", "role": "auditor", "since": "昨天"}, "2026-03-01"),
    ],
)
def test_a_wrong_grant_is_told_and_gives_nothing(desk: dict[str, Client], form: dict[str, str], sentence: str) -> None:
    assert sentence in text(desk["security"].post(f"/workbench/people/{person().pk}/grant", form), 422)
    assert person().memberships.count() == 1


# -- keys ---------------------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_limited_and_revoked(desk: dict[str, Client]) -> None:
    form = {
        "label": "水利系统",
        "days": "30",
        "scopes": "submit_batch",
        "items": "penalty",
        "addresses": "192.0.2.0/24",
    }
    told = text(desk["security"].post(f"/workbench/people/{person().pk}/key", form))
    shown = re.search(r"<code>([0-9a-f]{12}\.[\w-]+)</code>", told)
    assert shown and key_of(shown[1]) is not None
    key = ApiKey.objects.get()
    assert (key.scopes, key.items, key.addresses) == (["submit_batch"], ["penalty"], ["192.0.2.0/24"])
    assert shown[1] not in text(desk["security"].get(f"/workbench/keys/{key.pk}"))
    assert shown[1].partition(".")[2] not in str(last("key.make").detail)
    assert "水利系统" in text(desk["security"].get("/workbench/keys", {"state": "valid"}))
    done(desk["security"].post(f"/workbench/keys/{key.pk}/revoke"))
    assert key_of(shown[1]) is None and last("key.revoke").detail["prefix"] == key.prefix


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"addresses": "here"}, "不是地址或网段"),
        ({"items": "no-such-item"}, "归集目录里没有"),
        ({"scopes": "DROP TABLE"}, "不是 operationId"),
        ({"days": "0"}, "1"),
        ({"label": ""}, "请写明用在哪个系统"),
        ({"signing": "SM2-SM3"}, "要填对方的公钥"),
    ],
)
def test_a_wrong_limit_makes_no_key(desk: dict[str, Client], wrong: dict[str, str], sentence: str) -> None:
    form = {"label": "水利系统", "days": "30", **wrong}
    assert sentence in text(desk["security"].post(f"/workbench/people/{person().pk}/key", form), 422)
    assert not ApiKey.objects.exists()


def test_whether_a_key_works_is_said_alike_of_one_and_of_many(desk: dict[str, Client]) -> None:
    now, user = timezone.now(), person()
    made = {name: ApiKey.objects.get(prefix=make_api_key(user, name).partition(".")[0]) for name in "abcd"}
    ApiKey.objects.filter(label__in="bd").update(expires_at=now)
    ApiKey.objects.filter(label__in="cd").update(revoked_at=now)
    wanted = {"a": KeyState.VALID, "b": KeyState.EXPIRED, "c": KeyState.REVOKED, "d": KeyState.REVOKED}
    for active in (True, False):
        User.objects.filter(pk=user.pk).update(is_active=active)
        told = {**wanted, "a": KeyState.VALID if active else KeyState.SUSPENDED}
        assert {k.label: k.state(now) for k in ApiKey.objects.all()} == told
        many = {k.label: state for state in KeyState for k in ApiKey.objects.all().in_state(state, now)}
        assert many == told
        shown = text(desk["security"].get("/workbench/keys", {"state": told["a"].value}))
        assert made["a"].prefix in shown and made["b"].prefix not in shown and made["c"].prefix not in shown
    assert "吊销" in text(desk["security"].get(f"/workbench/keys/{made['a'].pk}")), (
        "it would work again with its person"
    )


# -- units --------------------------------------------------------------------------------------------------------


def test_a_bank_is_registered_and_changed(desk: dict[str, Client]) -> None:
    form = {"id": "bank-a", "name": "甲银行", "kind": "bank"}
    assert done(desk["operator"].post("/workbench/units/new", form)) == "/workbench/units/bank-a"
    assert "已经登记了单位" in text(desk["operator"].post("/workbench/units/new", form), 422)
    done(desk["operator"].post("/workbench/units/bank-a/edit", {**form, "name": "甲银行南京分行", "parent": "centre"}))
    assert "甲银行南京分行" in text(desk["operator"].get("/workbench/units"))
    assert last("organisation.set").detail == {"category": "bank", "parent": "centre", "region": ""}


def test_a_unit_cannot_stand_under_itself(desk: dict[str, Client]) -> None:
    Organisation.objects.create(id="below", name="下级", parent_id="water")
    form = {"name": "水利厅", "kind": "source", "parent": "below"}
    assert "下级" in text(desk["operator"].post("/workbench/units/water/edit", form), 422)


# -- policies and running state -----------------------------------------------------------------------------------


def test_a_policy_is_readable_with_its_basis_and_what_is_assumed(desk: dict[str, Client]) -> None:
    told = text(desk["audit"].get("/workbench/policies/national/disclosure-2026.toml"))
    assert "国家发展改革委令第36号" in told and "暂定之处" in told and "与它比较" in told
    assert desk["audit"].get("/workbench/policies/../pyproject.toml").status_code == 404
    assert "有暂定" in text(desk["audit"].get("/workbench/policies", {"kind": "disclosure"}))
    assert "没有符合条件" in text(desk["audit"].get("/workbench/policies", {"q": "zzz"}))
    first = policies().assumptions[0]
    assert f"/workbench/policies/{first.file}" in text(desk["audit"].get("/workbench/policies/assumptions"))


def test_two_versions_are_compared_with_the_days_on_which_they_hold(desk: dict[str, Client]) -> None:
    both = {"a": "national/repair-2023.toml", "b": "national/repair-2026.toml"}
    told = text(desk["audit"].get("/workbench/policies/compare", both))
    assert "2023-05-01 – 2026-03-31" in told and "2026-04-01" in told
    assert told.count("修改") + told.count("新增") + told.count("删去") > 2
    other = {"a": "national/repair-2023.toml", "b": "national/forbidden.toml"}
    assert desk["audit"].get("/workbench/policies/compare", other).status_code == 404


def test_running_state_says_whether_a_worker_lives(desk: dict[str, Client]) -> None:
    assert "没有后台进程" in text(desk["operator"].get("/workbench/running"))
    beat = Beat()
    beat()
    assert [w.alive for w in workers()] == [True]
    assert "没有后台进程" not in text(desk["operator"].get("/workbench/running"))
    beat.end()
    assert not workers()


def state_of(client: Client, words: str) -> str:
    """What the row of the daily work that begins with these words ends with."""
    page = text(client.get("/workbench/running"))
    row = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*?{words}.*?</tr>", page, re.S)
    assert row, page
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row[0], re.S)
    return re.sub(r"<[^>]+>|\s", "", cells[-1])


def test_a_quiet_day_is_a_day_on_which_the_work_was_done(desk: dict[str, Client], monkeypatch: Any) -> None:
    """R-359: nothing was due, and the page says so of all but the piece that failed; two days later all of it is late."""
    assert state_of(desk["operator"], "公示期满和保存期满") == "还没有"
    monkeypatch.setattr("chengxin.cases.jobs.run", lambda day, actor: 1 / 0)
    Follower("worker").day(TODAY)
    assert not Event.objects.filter(action__in=("register.due", "case.due", "measure.match", "look.purge"))
    run = last("system.daily").detail
    assert "cases" not in run["done"] and {"register", "drafts", "witnesses"} <= {*run["done"]} and run["of"] == 12
    for words in ("公示期满和保存期满", "信用评价", "名单、措施和预警", "修复结果送达", "查询记录清理", "开放数据"):
        assert state_of(desk["operator"], words) == "正常", words
    assert state_of(desk["operator"], "办件期限") == "还没有"
    later = timezone.now() + timedelta(days=3)
    monkeypatch.setattr("chengxin.workbench.views.running.timezone.now", lambda: later)
    page = desk["operator"].get("/workbench/running")
    if page.status_code == 302:  # signed out meanwhile, as everybody is after days
        desk["operator"].force_login(person("operator"))
    assert state_of(desk["operator"], "公示期满和保存期满") == "较久没有"


def test_the_daily_command_counts_as_daily_work(desk: dict[str, Client]) -> None:
    assert CliRunner().invoke(app, ["due"], catch_exceptions=False).exit_code == 0
    assert state_of(desk["operator"], "办件期限") == "正常"
    assert state_of(desk["operator"], "开放数据") == "还没有", "that is another command's"
    keys.open_log("operator")
    sealing.seal()
    erase_events("keeper", Event.objects.filter(action="system.daily").values_list("pk", flat=True), "保存期满")
    assert state_of(desk["operator"], "办件期限") == "还没有"


@pytest.mark.parametrize(("age", "told"), [(timedelta(hours=1), "正常"), (timedelta(days=3), "较久没有")])
def test_a_seal_of_long_ago_is_not_well(desk: dict[str, Client], age: timedelta, told: str) -> None:
    """G-10: a checkpoint that is days old says that nobody seals any more."""
    assert state_of(desk["operator"], "日志封存") == "还没有"
    Checkpoint.objects.create(id=900_001, size=900_001, root=b"", at=timezone.now() - age, note="")
    assert state_of(desk["operator"], "日志封存") == told


# -- one's own account --------------------------------------------------------------------------------------------


def test_everybody_sees_their_own_account_and_signs_out_elsewhere(desk: dict[str, Client]) -> None:
    second = Client()
    second.force_login(person())
    told = text(desk["reporter"].get("/account"))
    assert "信息管理员（报送）" in told and "让其他浏览器都退出" in told
    done(desk["reporter"].post("/account/sessions"))
    assert "/sign-in" in done(second.get("/account"))
    assert "让其他浏览器都退出" not in text(desk["reporter"].get("/account"))
