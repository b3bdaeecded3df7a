"""Looks at what is not public: a basis or nothing, each recorded, and the subject sees them all (R-092 to R-094, G-09)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Authorisation, Organisation, Role
from chengxin.accounts.rules import Denied
from chengxin.audit.models import Event, Look
from chengxin.registry.authorising import Grant, NotGranted, grant, revoke
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import Ask, NoBasis, look, looks_at, purge
from chengxin.registry.models import Subject

from .staged import YUNLING, row, send

TODAY = timezone.localdate()
BOSS = Actor("boss", {"yunling": frozenset({Role.REPRESENTATIVE})})
CLERK = Actor("clerk", {"water": frozenset({Role.REPORTER})})
BANKER = Actor("banker", {"bank": frozenset({Role.BANK_OFFICER})})
DUTY = Ask(Audience.DUTY, "取水许可审查", "administrative-licence", "water")


@pytest.fixture
def subject(store: object) -> Subject:
    send(row(1, YUNLING, "苏州云岭精密机械有限公司", "苏环罚〔2026〕1号"))
    Organisation.objects.create(id="yunling", name="苏州云岭精密机械有限公司", code=YUNLING, kind="subject")
    Organisation.objects.create(id="bank", name="云岭银行", kind="bank")
    return Subject.objects.get()


def given(subject: Subject, **more: Any) -> Authorisation:
    asked = {"grantee": "bank", "purpose": "贷款审查", "since": TODAY, "until": TODAY, "proof": b"signed", **more}
    return grant(BOSS, subject, Grant(**asked))


def by_leave(number: str, **more: Any) -> Ask:
    return Ask(**{"audience": Audience.AUTHORISED, "purpose": "贷款审查", "basis": number, "unit": "bank", **more})


def test_by_duty_for_a_matter_of_the_packs_and_the_subject_sees_it(subject: Subject) -> None:
    assert [s.view.head.item for s in look(CLERK, subject, DUTY)] == ["penalty"]
    [seen] = looks_at(subject.code)
    assert (seen.actor, seen.for_whom, seen.basis, seen.records) == ("clerk", "water", "administrative-licence", 1)
    assert seen.fields == ["document_number"] and seen.purpose == "取水许可审查"
    event = Event.objects.get(action="look")
    assert subject.code not in f"{event.object}{event.detail}", "the trail does not say about whom"


@pytest.mark.parametrize(
    ("who", "change"),
    [(CLERK, {"basis": "curiosity"}), (CLERK, {"basis": ""}), (CLERK, {"purpose": " "}), (CLERK, {"unit": "centre"}),
     (BOSS, {}), (CLERK, {"audience": Audience.SHARING}), (CLERK, {"audience": Audience.SELF}),
     (CLERK, {"audience": Audience.AUTHORISED}), (CLERK, {"audience": Audience.PUBLIC})],
)  # fmt: skip
def test_without_a_basis_nothing_is_shown_and_the_attempt_is_on_record(
    subject: Subject, who: Actor, change: dict[str, Any]
) -> None:
    asked = Ask(**{**DUTY.__dict__, **change})
    with pytest.raises(NoBasis):
        look(who, subject, asked)
    [seen] = looks_at(subject.code)
    assert seen.refused and seen.records == 0
    assert Event.objects.filter(action="look.refused").count() == 1


def test_the_subject_itself_sees_everything(subject: Subject) -> None:
    assert len(look(BOSS, subject, Ask(Audience.SELF, ""))) == 1


def test_an_authorisation_holds_for_its_purpose_term_items_and_fields(subject: Subject) -> None:
    leave = given(subject, fields=("nothing-of-this-name",))
    assert look(BANKER, subject, by_leave(leave.number))[0].shown.fields == {}
    assert look(BANKER, subject, by_leave(given(subject, items=("licence",)).number)) == []
    for change in ({"purpose": "好奇"}, {"basis": "SQ0"}, {"unit": "water"}):
        with pytest.raises(NoBasis):
            look(BANKER, subject, by_leave(leave.number, **change))
    with pytest.raises(NoBasis):
        look(CLERK, subject, by_leave(leave.number))
    with pytest.raises(NoBasis, match="到期"):
        look(BANKER, subject, by_leave(leave.number), day=TODAY + timedelta(days=1))


def test_a_single_authorisation_is_used_up_and_a_revoked_one_is_gone_at_once(subject: Subject) -> None:
    once = given(subject, single=True)
    assert look(BANKER, subject, by_leave(once.number))
    with pytest.raises(NoBasis):
        look(BANKER, subject, by_leave(once.number))
    leave = given(subject)
    assert look(BANKER, subject, by_leave(leave.number))
    with pytest.raises(Denied):
        revoke(BANKER, leave.number)
    revoke(BOSS, leave.number)
    revoke(BOSS, leave.number)
    with pytest.raises(NoBasis, match="撤回"):
        look(BANKER, subject, by_leave(leave.number))
    assert Event.objects.filter(action="authorisation.revoke").count() == 1


@pytest.mark.parametrize(
    "change", [{"purpose": ""}, {"proof": b""}, {"until": TODAY - timedelta(days=1)}, {"grantee": "nobody"}]
)
def test_an_authorisation_that_says_too_little_is_refused(subject: Subject, change: dict[str, Any]) -> None:
    with pytest.raises(NotGranted):
        given(subject, **change)
    agent = Actor(
        "agent", {"yunling": frozenset({Role.AGENT})}, scopes={("yunling", "agent"): frozenset({"objection"})}
    )
    with pytest.raises(Denied):
        grant(agent, subject, Grant("bank", "贷款审查", TODAY, TODAY, proof=b"x"))


def test_looks_are_kept_for_the_time_that_policy_sets(subject: Subject) -> None:
    look(CLERK, subject, DUTY)
    look(BOSS, subject, Ask(Audience.SELF, ""))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_look SET at = %s WHERE actor = 'clerk'", [timezone.now() - timedelta(days=5 * 366)]
        )
    assert purge("operator", TODAY) == 1 and purge("operator", TODAY) == 0
    assert [seen.actor for seen in Look.objects.all()] == ["boss"]
