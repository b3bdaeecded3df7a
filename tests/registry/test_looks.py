"""Looks at what is not public: a basis or nothing, each recorded, and the subject sees them all (R-092 to R-094, G-09)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import ADMINISTRATORS, Authorisation, Organisation, Role
from chengxin.accounts.rules import Denied
from chengxin.audit.models import Event, Look
from chengxin.registry.authorising import Grant, NotGranted, grant, revoke
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import Ask, Looked, NoBasis, look, looks_at, note_all, purge, units_for
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
    [seen] = looks_at(subject.code, drafts=())
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
    [seen] = looks_at(subject.code, drafts=())
    assert seen.refused and seen.records == 0
    assert Event.objects.filter(action="look.refused").count() == 1


@pytest.mark.parametrize(
    "who",
    [
        BANKER,
        Actor("bank-reporter", {"bank": frozenset({Role.REPORTER, Role.AUDITOR, Role.STEWARD})}),
        *(Actor(f"admin-{r}", {"water": frozenset({r}), "centre": frozenset({r})}) for r in ADMINISTRATORS),
        Actor("publisher", {"water": frozenset({Role.PUBLISHER})}),
        Actor("machine", operator=True),
    ],
    ids=lambda who: who.name,
)
@pytest.mark.parametrize("audience", [Audience.DUTY, Audience.SHARING])
def test_nobody_but_those_with_duties_by_law_looks_by_duty_or_sharing(
    subject: Subject, who: Actor, audience: Audience
) -> None:
    """R-092, R-094: banks look by authorisation only; whoever runs the platform has no duty that needs records."""
    for unit in ("bank", "water", "centre"):
        with pytest.raises(NoBasis, match="请凭信用主体的授权查询"):
            look(who, subject, Ask(audience, "取水许可审查", "administrative-licence", unit))
    assert units_for(who, audience) == []
    assert [seen.records for seen in looks_at(subject.code, drafts=())] == [0, 0, 0], (
        "the subject sees that it was tried"
    )


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_an_administrator_uses_no_authorisation(subject: Subject, role: Role) -> None:
    """G-20: whoever runs, secures or audits the platform of a grantee handles none of its business."""
    leave = given(subject)
    with pytest.raises(NoBasis):
        look(Actor("admin", {"bank": frozenset({role})}), subject, by_leave(leave.number))
    assert look(BANKER, subject, by_leave(leave.number))


def test_for_every_role_there_is_a_decision(subject: Subject) -> None:
    """A new role looks on no basis until somebody has said so here."""
    at = {Audience.DUTY: "water", Audience.SHARING: "water", Audience.AUTHORISED: "bank"}
    may = {a: {r for r in Role if units_for(Actor("x", {u: frozenset({r})}), a)} for a, u in at.items()}
    handles = {Role.REPORTER, Role.AUDITOR, Role.STEWARD, Role.INSPECTOR, Role.FIRST_REVIEWER, Role.SECOND_REVIEWER}
    assert may == {
        Audience.DUTY: handles,
        Audience.SHARING: handles,
        Audience.AUTHORISED: handles | {Role.PUBLISHER, Role.BANK_OFFICER},
    }


def told_of(fields: set[str], records: int = 0, **more: Any) -> int:
    """Note a leaf of a list of two; how many rows there are then."""
    ask = Ask(**{"audience": Audience.DUTY, "purpose": "名册", "basis": "evaluation m", "unit": "water", **more})
    note_all("clerk", [Looked(YUNLING, records), Looked("other", records)], ask, fields=fields, once=True)
    return Look.objects.filter(subject=YUNLING).count()


def test_a_list_that_is_opened_again_is_one_row_a_day_until_it_says_more(subject: Subject) -> None:
    assert told_of({"grade"}) == told_of({"grade"}) == 1
    assert told_of({"grade", "score"}) == 2 and told_of({"score"}) == 2
    assert told_of({"grade"}, purpose="导出") == 3 and told_of({"grade"}, unit="centre") == 4
    assert told_of({"grade"}, records=1) == 5 and told_of({"grade"}, items=frozenset({"penalty"})) == 6
    assert Look.objects.filter(subject="other").count() == 6
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_look SET at = %s", [timezone.now() - timedelta(days=1)])
    assert told_of({"grade"}) == 7, "the next day it is a look again"


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
