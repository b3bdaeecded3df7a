"""Permissions as a table: roles, units and their tree, mandates with term and scope, three separate administrators."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chengxin.accounts.actions import NotSeparate, make_user
from chengxin.accounts.actors import NOBODY, Actor, of_user, operator
from chengxin.accounts.models import ADMINISTRATORS, Membership, Organisation, Role
from chengxin.accounts.rule import Reach, Rule
from chengxin.accounts.rules import RULES, Denied, allow, require, restrict
from chengxin.accounts.tree import above, below
from chengxin.collection.models import Batch

pytestmark = pytest.mark.usefixtures("store")
PROVINCE, CITY, COUNTY = "ecology-environment", "ecology-suzhou", "ecology-wuzhong"


@pytest.fixture
def branch() -> None:
    Organisation.objects.create(id=CITY, name="市局", parent_id=PROVINCE)
    Organisation.objects.create(id=COUNTY, name="区局", parent_id=CITY)


def actor(role: Role, unit: str, name: str = "lin") -> Actor:
    return Actor(name, {unit: frozenset({role})})


def test_a_unit_knows_what_stands_under_and_over_it(branch: None) -> None:
    assert below([CITY]) == {CITY, COUNTY}
    assert above(COUNTY) == [CITY, PROVINCE] and above(PROVINCE) == []
    Organisation.objects.filter(pk=PROVINCE).update(parent_id=COUNTY)
    assert set(above(COUNTY)) == {CITY, PROVINCE}, "a circle ends"
    assert below([PROVINCE]) == {PROVINCE, CITY, COUNTY}


@pytest.mark.parametrize(
    ("reach", "unit", "expected"),
    [
        (Reach.OWN, CITY, {CITY}), (Reach.BRANCH, CITY, {CITY, COUNTY}), (Reach.BRANCH, PROVINCE, {PROVINCE, CITY, COUNTY}),
        (Reach.BRANCH, COUNTY, {COUNTY}), (Reach.ANYWHERE, "centre", {PROVINCE, CITY, COUNTY}),
    ],
)  # fmt: skip
def test_one_thing_and_a_set_are_judged_alike(branch: None, reach: Reach, unit: str, expected: set[str]) -> None:
    for source in (PROVINCE, CITY, COUNTY):
        Batch.objects.create(
            item="penalty", source_id=source, submitted_by="gu", channel="web", month="2026-11", file_size=1
        )
    rule = Rule(Role.INSPECTOR, at="source_id", reach=reach)
    who = actor(Role.INSPECTOR, unit)
    one_by_one = {b.source_id for b in Batch.objects.all() if rule(who, b)}
    as_a_set = set(rule.narrow(who, Batch.objects.all()).values_list("source_id", flat=True))
    assert one_by_one == as_a_set == expected
    assert not rule.narrow(actor(Role.REPORTER, unit), Batch.objects.all()).exists()


def test_nobody_may_anything_and_an_unknown_word_is_a_mistake_of_ours() -> None:
    thing = SimpleNamespace(source_id=CITY, submitted_by="gu", item="penalty")
    assert not any(allow(NOBODY, action, thing) for action in RULES)
    with pytest.raises(KeyError):
        allow(operator("root"), "no.such-thing", thing)
    assert not restrict(NOBODY, "batch.see", Batch.objects.all()).exists()


def test_whoever_submits_cannot_approve_not_even_the_operator() -> None:
    mine = SimpleNamespace(source_id=CITY, submitted_by="lin", item="penalty")
    for who in (actor(Role.AUDITOR, CITY), operator("lin")):
        with pytest.raises(Denied, match="报送人不能审核自己"):
            require(who, "batch.release", mine)
    assert allow(actor(Role.AUDITOR, CITY, "zhou"), "batch.release", mine)
    with pytest.raises(Denied, match="担任审核员"):
        require(actor(Role.REPORTER, CITY, "zhou"), "batch.release", mine)


def test_a_key_for_some_items_is_good_for_no_other() -> None:
    limited = Actor("lin", {CITY: frozenset({Role.REPORTER})}, items=frozenset({"licence"}))
    assert not allow(limited, "batch.see", SimpleNamespace(source_id=CITY, submitted_by="x", item="penalty"))
    assert allow(limited, "batch.see", SimpleNamespace(source_id=CITY, submitted_by="x", item="licence"))


def test_nobody_holds_two_of_the_three_administrators() -> None:
    """三员 (domain.md 8.1): the verb refuses it, and so does the database itself."""
    for pair in ((Role.OPERATOR, Role.SECURITY), (Role.SECURITY, Role.AUDIT), (Role.OPERATOR, Role.AUDIT)):
        with pytest.raises(NotSeparate):
            make_user("x", "x", None, [("centre", role) for role in pair])
    user = make_user("x", "x", None, [("centre", Role.OPERATOR)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=user, organisation_id="water", role=Role.AUDIT)
    told = {role: of_user(make_user(str(role), "", None, [("centre", role)])) for role in ADMINISTRATORS}
    for role, action in zip(ADMINISTRATORS, ("system.operate", "account.grant", "trail.read"), strict=True):
        assert [r for r, who in told.items() if allow(who, action, "")] == [role]


def test_a_mandate_counts_in_its_term_and_for_its_matters() -> None:
    today = timezone.localdate()
    user = make_user("agent", "代办", None, [("centre", Role.AGENT)])
    mandate = Membership.objects.get(user=user)

    def holds(matter: str = "") -> bool:
        return of_user(user).holds(Role.AGENT, "centre", matter)

    assert holds() and holds("objection")
    mandate.scope, mandate.until = ["objection"], today
    mandate.save()
    assert holds("objection") and not holds("repair") and not holds()
    mandate.until = today - timedelta(days=1)
    mandate.save()
    assert not holds("objection")
    mandate.since, mandate.until = today + timedelta(days=1), None
    mandate.save()
    assert not holds("objection")


BY_DUTY = ("measure.check", "evaluation.why", "report.issue-duty")


@pytest.mark.parametrize("action", BY_DUTY)
@pytest.mark.parametrize("role", [Role.REPORTER, Role.AUDITOR, Role.STEWARD, Role.INSPECTOR])
def test_what_is_done_by_duty_is_for_bodies_that_have_duties(action: str, role: Role) -> None:
    """R-092, R-094: a role in a bank or a firm carries no duty by law, whatever the role is called; in a body it does."""
    for kind in ("bank", "service", "subject"):
        Organisation.objects.create(id=f"a-{kind}", name=kind, kind=kind)
        assert not allow(actor(role, f"a-{kind}"), action, "")
        with pytest.raises(Denied, match="行政机关"):
            require(actor(role, f"a-{kind}"), action, "")
    for unit in (PROVINCE, "centre"):
        assert allow(actor(role, unit), action, "")
    both = Actor("both", {"a-bank": frozenset({role}), "water": frozenset({Role.PUBLISHER})})
    assert not allow(both, action, ""), "a duty of the body in another role is none"


def test_no_right_is_held_by_nobody() -> None:
    """A rule that lets no role in is a verb that nobody can use: each names one, in itself or in what is enough instead."""
    unheld = [name for name, rule in RULES.items() if isinstance(rule, Rule) and not _roles(rule)]
    assert not unheld


def _roles(rule: Rule) -> set[Role]:
    return set(rule.roles).union(*map(_roles, rule.either))
