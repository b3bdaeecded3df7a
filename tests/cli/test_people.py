"""`chengxin user` and `chengxin key`: an operator lets people in, gives their programs keys, takes both back (R-024, G-20)."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from typer.testing import CliRunner, Result

from chengxin.accounts.actions import key_of
from chengxin.accounts.actors import of_user
from chengxin.accounts.administering import sessions_of
from chengxin.accounts.models import ApiKey, Organisation, Role, User
from chengxin.accounts.tree import above
from chengxin.audit.models import Event
from chengxin.cli.people import keys, org, people

pytestmark = pytest.mark.usefixtures("store")
GOOD = "三个字母的abc-2026"


def person(*words: str, typed: str = "") -> Result:
    done = CliRunner().invoke(keys if words[0] in ("make", "revoke") else people, list(words), input=typed)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def add(*roles: str, typed: str = f"{GOOD}\n", flag: str = "--password-stdin") -> Result:
    return person("add", "he", "--display", "何青", *(w for r in roles for w in ("--role", r)), flag, typed=typed)


def test_a_person_holds_exactly_the_roles_given_and_signs_in_with_the_password() -> None:
    assert add("water:reporter", "water:auditor").exit_code == 0
    user = User.objects.get(username="he")
    assert user.check_password(GOOD)
    assert of_user(user).roles == {"water": frozenset({Role.REPORTER, Role.AUDITOR})}
    assert add("centre:steward", flag="--no-password").exit_code == 0
    user.refresh_from_db()
    assert user.check_password(GOOD), "roles change, the password stays"
    assert of_user(user).roles == {"centre": frozenset({Role.STEWARD})}
    assert list(Event.objects.values_list("action", flat=True)) == ["person.set", "person.set"]


@pytest.mark.parametrize(
    ("role", "typed", "words"),
    [
        ("water:boss", GOOD, "reporter、auditor、steward、operator"),
        ("waters:reporter", GOOD, "没有登记「waters」这个单位"),
        ("water:reporter", "12345", "密码不合要求"),
    ],
)
def test_a_wrong_role_unit_or_password_is_refused_and_nobody_is_made(role: str, typed: str, words: str) -> None:
    refused = add(role, typed=f"{typed}\n")
    assert refused.exit_code == 2 and words in refused.output
    assert not User.objects.exists() and not Event.objects.exists()


def test_a_key_is_shown_once_and_stops_working_when_revoked_or_its_person_suspended() -> None:
    add("water:reporter")
    first, second = (person("make", "he", "--label", label).stdout.strip() for label in ("审批系统", "备用"))
    assert all((found := key_of(key)) is not None and found.user.username == "he" for key in (first, second))
    listed = person("list").output
    assert "审批系统" in listed and first.partition(".")[2] not in listed
    assert person("revoke", first.partition(".")[0]).exit_code == 0
    assert key_of(first) is None and key_of(second) is not None
    assert person("revoke", first.partition(".")[0]).exit_code == 2, "it does not work any more"
    assert person("suspend", "he").exit_code == 0
    assert key_of(second) is None and "停用" in person("list").output
    assert person("suspend", "he", "--resume").exit_code == 0
    assert key_of(second) is not None
    assert person("make", "nobody", "--label", "x").exit_code == 2


def test_people_and_keys_are_told_to_programs_without_any_secret() -> None:
    """R-024, G-20: an operator's program sees who holds what; a key that works no more stays in the list of keys."""
    add("water:reporter", "water:auditor")
    first, second = (person("make", "he", "--label", label).stdout.strip() for label in ("审批系统", "备用"))
    person("revoke", first.partition(".")[0])
    listed = person("list", "--json").stdout
    (he,) = json.loads(listed)["people"]
    assert (he["username"], he["name"], he["active"]) == ("he", "何青", True)
    assert he["roles"] == ["water:auditor", "water:reporter"]
    assert [(k["prefix"], k["label"], k["state"]) for k in he["keys"]] == [(second.partition(".")[0], "备用", "valid")]
    told = CliRunner().invoke(keys, ["list", "he", "--json"]).stdout
    assert [(k["username"], k["label"], k["state"]) for k in json.loads(told)["keys"]] == [
        ("he", "审批系统", "revoked"), ("he", "备用", "valid"),
    ]  # fmt: skip
    user = User.objects.get()
    for secret in (first, second, user.password, *ApiKey.objects.values_list("digest", flat=True)):
        assert secret not in told + listed
    assert "已吊销" in CliRunner().invoke(keys, ["list"]).output
    assert CliRunner().invoke(keys, ["list", "nobody"]).exit_code == 2


def test_who_is_suspended_is_signed_out_everywhere() -> None:
    add("water:reporter")
    user = User.objects.get(username="he")
    Client().force_login(user)
    assert len(sessions_of(user)) == 1
    assert person("suspend", "he").exit_code == 0 and not sessions_of(user)


def test_an_account_that_somebody_uses_gets_no_new_password() -> None:
    """Nobody is taken over by being registered again (三员, G-20); roles may change."""
    add("water:reporter")
    refused = add("water:reporter", typed="another-one-abc-2026\n")
    assert refused.exit_code == 2 and "安全管理员" in refused.output
    assert User.objects.get(username="he").check_password(GOOD) and Event.objects.count() == 1


def test_nobody_suspends_themselves_or_makes_their_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    add("water:reporter")
    monkeypatch.setattr("chengxin.cli.people.system_user", lambda: "he")
    for words in (["suspend", "he"], ["make", "he", "--label", "a"]):
        refused = person(*words)
        assert refused.exit_code == 2 and "另一位管理员" in refused.output, words
    assert User.objects.get(username="he").is_active and not ApiKey.objects.exists()


def test_what_is_not_said_of_a_unit_stays_and_none_stands_under_itself() -> None:
    def unit(*words: str) -> Result:
        return CliRunner().invoke(org, ["set", "bank-a", "--name", "甲银行", "--kind", "bank", *words])

    assert unit("--name-en", "Bank A", "--region", "320000", "--parent", "centre").exit_code == 0
    assert unit("--code", "91320505MA1YUNL16X").exit_code == 0
    told = Organisation.objects.get(pk="bank-a")
    assert (told.name_en, told.region, told.parent_id, told.code) == (
        "Bank A",
        "320000",
        "centre",
        "91320505MA1YUNL16X",
    )
    refused = unit("--parent", "bank-a")
    assert refused.exit_code == 2 and "上级" in refused.output
    assert unit("--parent", "").exit_code == 0 and Organisation.objects.get(pk="bank-a").parent_id is None


def test_a_key_is_limited_as_it_is_said_and_nonsense_is_refused() -> None:
    add("water:reporter")
    limits = ["--scope", "list_batches", "--item", "penalty", "--address", "10.0.0.0/8", "--signing", "HMAC-SM3"]
    assert person("make", "he", "--label", "a", *limits).exit_code == 0
    made = ApiKey.objects.get()
    assert (made.scopes, made.items, made.addresses) == (["list_batches"], ["penalty"], ["10.0.0.0/8"])
    for wrong in (["--address", "here"], ["--signing", "MD5"], ["--signing", "SM2-SM3"], ["--public", "%"]):
        assert person("make", "he", "--label", "b", *wrong).exit_code == 2, wrong
    assert ApiKey.objects.count() == 1


def test_an_administrator_of_two_kinds_is_refused_and_organisations_stand_under_each_other() -> None:
    refused = add("centre:operator", "centre:audit")
    assert refused.exit_code == 2 and "三个人" in refused.output and not User.objects.exists()
    made = CliRunner().invoke(
        org, ["set", "water-suzhou", "--name", "苏州市水务局", "--kind", "department", "--parent", "water"]
    )
    assert made.exit_code == 0, made.output
    assert above("water-suzhou") == ["water"] and Event.objects.get().action == "organisation.set"
    assert CliRunner().invoke(org, ["set", "x", "--name", "x", "--kind", "cloud"]).exit_code == 2
    assert CliRunner().invoke(org, ["set", "y", "--name", "y", "--kind", "bank", "--parent", "nobody"]).exit_code == 2
    assert "苏州市水务局" in CliRunner().invoke(org, ["list"]).output
