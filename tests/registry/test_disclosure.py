"""Who may see what of a record, on which day, and why not (R-092, R-107, G-09, G-13, domain.md 0.3, 0.5, 0.11)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.registry.disclosure import Audience, Facts, disclose, refusal

DAY = date(2026, 11, 21)
OPEN = Facts(
    subject_kind="organisation", standing="active", held=False, public=True, sharing="unconditional",
    public_until=DAY + timedelta(days=30), retain_until=DAY + timedelta(days=900),
)  # fmt: skip
ALL = list(Audience)
NOT_SELF = [a for a in ALL if a is not Audience.SELF]


@dataclass(frozen=True)
class FieldRule:
    id: str
    disclosure: str = "public"
    mask: str | None = None


FIELDS = [
    FieldRule("title"),
    FieldRule("remarks", "shared"),
    FieldRule("officer", "shared", "name"),
    FieldRule("phone", "subject"),
]
PAYLOAD = {"title": "1号", "remarks": "内部", "officer": "欧阳娜", "phone": "13800001111", "gone": "x"}


def why(facts: Facts, audience: Audience, purpose: str = "licence review") -> str:
    return refusal(facts, audience, purpose, DAY)


@pytest.mark.parametrize("audience", ALL)
def test_an_open_record_is_seen_by_all_who_say_why(audience: Audience) -> None:
    assert why(OPEN, audience) == ""


@pytest.mark.parametrize("audience", [Audience.SHARING, Audience.DUTY, Audience.AUTHORISED])
def test_nobody_but_the_public_and_the_subject_sees_anything_without_a_purpose(audience: Audience) -> None:
    assert why(OPEN, audience, purpose="") == "no-purpose"


@pytest.mark.parametrize("audience", NOT_SELF)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"held": True}, "in-doubt"),
        ({"standing": "repaired"}, "repaired"),
        ({"standing": "withdrawn"}, "withdrawn"),
        ({"standing": "archived"}, "archived"),
        ({"retain_until": DAY - timedelta(days=1)}, "retention-ended"),
    ],
)
def test_doubt_repair_withdrawal_and_the_end_of_keeping_stop_publication_and_sharing(
    audience: Audience, change: dict[str, object], reason: str
) -> None:
    assert why(replace(OPEN, **change), audience) == reason
    assert why(replace(OPEN, **change), Audience.SELF) == "", "the subject sees all of its own record"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"subject_kind": "natural_person"}, "natural-person"),
        ({"public": False}, "item-not-public"),
        ({"publishable": False}, "not-published"),
        ({"public_until": DAY - timedelta(days=1)}, "publicity-ended"),
    ],
)
def test_what_ends_publication_does_not_end_sharing(change: dict[str, object], reason: str) -> None:
    facts = replace(OPEN, **change)
    assert why(facts, Audience.PUBLIC) == reason
    assert why(facts, Audience.SHARING) == ""


def test_the_last_day_of_publicity_still_counts() -> None:
    assert why(replace(OPEN, public_until=DAY), Audience.PUBLIC) == ""


def test_an_item_that_is_not_shared_still_answers_duty_and_authorisation() -> None:
    facts = replace(OPEN, sharing="none")
    assert why(facts, Audience.SHARING) == "not-shared"
    assert why(facts, Audience.DUTY) == why(facts, Audience.AUTHORISED) == ""


def test_fields_are_shown_masked_or_refused_one_by_one() -> None:
    public = disclose(OPEN, PAYLOAD, FIELDS, audience=Audience.PUBLIC, purpose="", day=DAY)
    assert public.fields == {"title": "1号"}
    assert public.refused == dict.fromkeys(("remarks", "officer", "phone"), "field-not-for-audience")
    sharing = disclose(OPEN, PAYLOAD, FIELDS, audience=Audience.SHARING, purpose="x", day=DAY)
    assert sharing.fields["officer"] != "欧阳娜" and sharing.masked == {"officer"}
    own = disclose(OPEN, PAYLOAD, FIELDS, audience=Audience.SELF, purpose="", day=DAY)
    assert own.fields == {k: v for k, v in PAYLOAD.items() if k != "gone"}


STATES = st.builds(
    Facts,
    subject_kind=st.sampled_from(["organisation", "individual_business", "natural_person"]),
    standing=st.sampled_from(["active", "disputed", "repaired", "withdrawn", "archived"]),
    held=st.booleans(),
    public=st.booleans(),
    sharing=st.sampled_from(["unconditional", "conditional", "none"]),
    public_until=st.one_of(st.none(), st.dates(DAY - timedelta(9), DAY + timedelta(9))),
    retain_until=st.one_of(st.none(), st.dates(DAY - timedelta(9), DAY + timedelta(9))),
    publishable=st.booleans(),
)


@given(STATES, st.sampled_from(ALL), st.sampled_from(["", "duty"]))
def test_whatever_the_state_natural_persons_and_doubtful_records_are_never_public(
    facts: Facts, audience: Audience, purpose: str
) -> None:
    shown = disclose(facts, PAYLOAD, FIELDS, audience=audience, purpose=purpose, day=DAY)
    assert shown.visible or not shown.fields, "a refused record shows no field at all"
    if shown.visible and audience is Audience.PUBLIC:
        assert facts.subject_kind != "natural_person" and not facts.held
        assert facts.public and facts.publishable and facts.standing in ("active", "disputed")
    if shown.visible and audience is not Audience.SELF:
        assert "phone" not in shown.fields
