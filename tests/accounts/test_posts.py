"""A role is given only where the kind of organisation has it: by page, API, command line and `make_user` (R-024, R-094)."""

from __future__ import annotations

import json
from itertools import product

import pytest
from django.test import Client
from typer.testing import CliRunner

from chengxin.accounts import administering
from chengxin.accounts.actions import make_api_key, make_user, take_over_agencies
from chengxin.accounts.actors import operator
from chengxin.accounts.models import ADMINISTRATORS, CITIZENS, Kind, Membership, Organisation, Role, User
from chengxin.accounts.posts import POSTS, Unfit, fits
from chengxin.cli.app import app
from chengxin.cli.demo.people import posts
from chengxin.registry.packs import policies

BY = operator("root")


@pytest.fixture
def units(store: object) -> dict[Kind, Organisation]:
    """One organisation of every kind."""
    return {k: Organisation.objects.create(id=f"a-{k}", name=f"某{k.label}", kind=k) for k in Kind}


def test_every_kind_has_its_row_and_what_matters_most_is_as_it_should_be() -> None:
    assert set(POSTS) == set(Kind)
    only_centre = {Role.STEWARD, *ADMINISTRATORS}
    for kind in set(Kind) - {Kind.CENTRE}:
        assert not POSTS[kind] & only_centre, kind
    assert POSTS[Kind.BANK] == POSTS[Kind.SERVICE] == {Role.BANK_OFFICER}
    assert not POSTS[Kind.SUBJECT] and not any(fits(k, Role.BANK_OFFICER) for k in (Kind.CENTRE, Kind.SOURCE))
    assert {r for row in POSTS.values() for r in row} | set(CITIZENS) == set(Role), "no role that nobody can have"


def test_every_pair_is_given_or_refused_as_the_table_says(units: dict[Kind, Organisation]) -> None:
    """By the administrator's verb and by `make_user` alike; what is refused leaves nothing behind."""
    for n, (kind, role) in enumerate(product(Kind, Role)):
        may = role in POSTS[kind] or role in CITIZENS
        user = User.objects.create(username=f"u{n}")
        for give in (
            lambda u=user, k=kind, r=role: administering.grant(BY, u, units[k], r),
            lambda n=n, k=kind, r=role: make_user(f"m{n}", "某人", None, [(units[k].pk, r)]),
        ):
            if may:
                give()
            else:
                with pytest.raises(Unfit, match=str(role.label)):
                    give()
        assert Membership.objects.filter(user__username__in=(f"u{n}", f"m{n}")).count() == (2 if may else 0)
        assert User.objects.filter(username=f"m{n}").exists() == may


def test_what_an_older_store_gave_stays_and_can_be_taken_back(units: dict[Kind, Organisation]) -> None:
    user = make_user("lin", "林知夏", None, [])
    bank = units[Kind.BANK]
    held = Membership.objects.create(user=user, organisation=bank, role=Role.REPORTER)
    make_user("lin", "林知夏", None, [(bank.pk, Role.REPORTER), (bank.pk, Role.BANK_OFFICER)])
    assert set(user.memberships.values_list("role", flat=True)) == {"reporter", "bank_officer"}
    with pytest.raises(Unfit):
        administering.grant(BY, user, bank, Role.REPORTER)
    administering.set_organisation(bank.pk, name="改名银行", kind="bank")
    administering.revoke(BY, held)
    assert not user.memberships.filter(role="reporter").exists()


def test_a_kind_is_not_changed_under_the_roles_that_people_hold(units: dict[Kind, Organisation]) -> None:
    """Else a source unit's reporter would be a bank's by the way round."""
    make_user("lin", "林知夏", None, [(units[Kind.SOURCE].pk, Role.REPORTER)])
    with pytest.raises(Unfit, match="请先收回"):
        administering.set_organisation(units[Kind.SOURCE].pk, kind="bank")
    assert Organisation.objects.get(pk=units[Kind.SOURCE].pk).kind == "source"
    administering.set_organisation(units[Kind.SOURCE].pk, kind="department")


def test_the_packs_say_who_is_the_centre(store: object) -> None:
    """An older store, in which every organisation of the packs was a source unit, is put right when packs are taken over."""
    Organisation.objects.filter(pk="centre").update(kind="source")
    take_over_agencies(policies().agencies)
    assert list(Organisation.objects.filter(kind="centre").values_list("pk", flat=True)) == ["centre"]


def test_page_api_and_command_line_say_what_can_be_given(units: dict[Kind, Organisation]) -> None:
    security = make_user("security", "安管", None, [("centre", Role.SECURITY)])
    lin, bank = make_user("lin", "林知夏", None, []), units[Kind.BANK]
    page = Client()
    page.force_login(security)
    answer = page.post(f"/workbench/people/{lin.pk}/grant", {"organisation": bank.pk, "role": "reporter"})
    sentence = "某金融机构”是金融机构，没有信息管理员（报送）这个角色；可以授予的有："
    assert answer.status_code == 422 and sentence in answer.content.decode()
    headers = {"Authorization": f"Bearer {make_api_key(security, 'test')}"}
    given = json.dumps({"unit": bank.pk, "role": "reporter"})
    answer = Client().post("/api/v1/people/lin/roles", given, content_type="application/json", headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "refused") and sentence in error["message"]
    assert "金融机构经办人" in error["message"]
    done = CliRunner().invoke(app, ["user", "add", "lin", "--role", f"{bank.pk}:reporter", "--no-password"])
    assert done.exit_code == 2 and "没有信息管理员" in done.stderr.replace("\n", "")
    assert not lin.memberships.exists()


def test_the_demo_fills_only_posts_that_there_are(store: object) -> None:
    kinds = dict(Organisation.objects.values_list("pk", "kind")) | {"demo-bank": "bank"}
    agencies = [pk for pk in kinds if pk != "demo-bank"]
    assert [p for p in posts(agencies) if not fits(kinds[p.unit], p.role)] == []
