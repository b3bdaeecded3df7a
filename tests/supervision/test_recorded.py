"""A listing decided here is a record of the register, in and out with it, whatever dies on the way (G-01, G-08, R-201)."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from chengxin.paths import policies_dir
from chengxin.policy.errors import PolicyError
from chengxin.policy.loader import load
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.entering import NotTaken
from chengxin.registry.models import Record, RecordVersion
from chengxin.supervision import jobs
from chengxin.supervision.lists import recording
from chengxin.supervision.lists.actions import propose, take
from chengxin.supervision.lists.leaving import revoke
from chengxin.supervision.models import Listing

from .helpers import ANNA, BORIS, CHEN, DORA, YUNLING, penalty, records, send
from .test_lists import SERIOUS, paper

pytestmark = pytest.mark.usefixtures("store", "graded")
TODAY = timezone.localdate()
WORD = """
[list.recorded]
item = "serious-list"

[list.recorded.listed]
subject_name = "{subject}"
subject_code = "{code}"
list_type = "其他依法设列的严重失信主体"
reason = "{criterion}：{reason}"
listing_basis = "{basis}"
document_number = "{document}"
listed_on = "{listed_on}"
published_on = "{published_on}"
ends_on = "{expires_on}"
authority_name = "{department}"
authority_code = "{department_code}"
told_beforehand = "是"

[list.recorded.left]
removal_reason = "{ending}"
removal_document = "{exit_document}"
removal_authority = "{department}"
removed_on = "{ended_on}"
"""
DUTY = 'region = "320000"\nitems = [{ id = "serious-list", reason = "测试" }]\n'


@pytest.fixture
def folder(policy_copy: Path) -> Path:
    """The environment's packs, whose serious list becomes records of the national item."""
    shutil.copy(policies_dir() / "national" / "catalogue" / "serious-list.toml", policy_copy / "national" / "catalogue")
    change(policy_copy / "agencies.toml", 'region = "320000"\n', DUTY)
    change(
        policy_copy / "departments" / "ecology-environment" / "lists.toml", "\n[list.exit]\n", f"{WORD}\n[list.exit]\n"
    )
    return policy_copy


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def nearly(folder: Path, store: object) -> Listing:
    """An entry that lacks nothing but its publication."""
    send(
        penalty(
            1, YUNLING, "苏州云岭精密机械有限公司", "1号", severity="serious", decided_on=TODAY - timedelta(days=60)
        )
    )
    entry = propose(ANNA, SERIOUS, YUNLING, "serious-penalty", records(YUNLING), paper())
    for who, kind, outcome, day in (
        (ANNA, "notice", "", 0), (BORIS, "review", "agree", 20), (CHEN, "decision", "list", 21), (ANNA, "service", "", 22),
    ):  # fmt: skip
        take(who, entry, kind, paper(outcome, day=day))
    return Listing.objects.get(pk=entry.pk)


def publish(entry: Listing) -> Listing:
    return take(CHEN, entry, "publication", paper(day=23))


def entered() -> Record:
    return Record.objects.get(item="serious-list")


def payload() -> dict[str, Any]:
    return json.loads(RecordVersion.objects.get(pk=entered().change).payload)


def test_the_entry_is_a_record_once_it_is_complete(nearly: Listing) -> None:
    assert not Record.objects.filter(item="serious-list").exists() and nearly.entered is None
    entry = publish(nearly)
    own = entered()
    assert (entry.entered, entry.owed, own.standing, own.source) == (own.pk, False, "active", "ecology-environment")
    assert own.subject.code == YUNLING and own.publish and own.severity == "serious"
    told = payload()
    assert told["document_number"] == "苏环告〔2026〕1号" and told["ends_on"] == entry.expires_on.isoformat()
    assert "环境保护法" in told["listing_basis"] and told["told_beforehand"] == "是"
    before = RecordVersion.objects.count()
    jobs.daily(TODAY)
    assert RecordVersion.objects.count() == before, "nothing is stated twice"


def test_a_wrong_listing_is_withdrawn_and_one_that_ends_says_so(nearly: Listing) -> None:
    entry = publish(nearly)
    jobs.daily(entry.expires_on + timedelta(days=1))
    entry.refresh_from_db()
    own = entered()
    assert (entry.ending, entry.owed, own.standing) == ("expired", False, "active")
    assert payload()["removed_on"] == entry.ended_on.isoformat() and payload()["removal_reason"]
    assert not own.publish, "publicity ends with the listing"
    revoke(DORA, entry, paper())
    assert entered().standing == "withdrawn" and Listing.objects.get(pk=entry.pk).owed is False
    revoke(DORA, entry, paper())
    assert RecordVersion.objects.filter(record=own.pk, action="withdraw").count() == 1


@pytest.mark.parametrize("dies", ["before", "after"])
def test_whoever_dies_between_the_list_and_the_register_loses_nothing(
    dies: str, nearly: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = recording.enter

    def killed(*given: Any) -> Record:
        if dies == "after":
            real(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(recording, "enter", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(nearly)
    entry = Listing.objects.get(pk=nearly.pk)
    assert (entry.state, entry.owed, entry.entered) == ("listed", True, None)
    assert not Record.objects.filter(item="serious-list").exists(), "half of it is nothing"
    jobs.follow(TODAY)
    entry.refresh_from_db()
    assert (entry.entered, entry.owed) == (entered().pk, False)
    jobs.follow(TODAY)
    assert RecordVersion.objects.filter(record=entered().pk).count() == 1


def test_what_the_register_does_not_take_stays_owed_with_its_reason(
    nearly: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any) -> None:
        raise NotTaken(["名单类别不在代码表里"])

    with monkeypatch.context() as patch:
        patch.setattr(recording, "stage_one", refuses)
        entry = publish(nearly)
        assert entry.holds(TODAY) and entry.owed and entry.entered is None, "the listing has its effects all the same"
        assert jobs.follow(TODAY).owed == {entry.number: "名单类别不在代码表里"}
    assert jobs.follow(TODAY).owed == {} and entered().standing == "active"


@pytest.mark.parametrize(("verb", "ending"), [("repair", "repaired"), ("withdraw", "wrong")])
def test_what_a_case_does_to_the_record_ends_the_entry(verb: str, ending: str, nearly: Listing) -> None:
    entry = publish(nearly)
    Record.objects.filter(pk=entry.entered).update(repair_from=None)
    change_standing(entry.entered, verb, Because("office", "办结"))
    jobs.follow(TODAY)
    entry.refresh_from_db()
    assert (entry.ending, entry.owed) == (ending, False)
    assert entered().standing == {"repair": "repaired", "withdraw": "withdrawn"}[verb], (
        "and stays what the case made it"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('item = "serious-list"\n\n', 'item = "no-such"\n\n', "no-such"),
        ("told_beforehand =", "no_such_field =", "no_such_field"),
        ('"{document}"', '"{no_such_gap}"', "no_such_gap"),
    ],
)
def test_a_word_that_leads_nowhere_does_not_load(folder: Path, old: str, new: str, said: str) -> None:
    change(folder / "departments" / "ecology-environment" / "lists.toml", old, new)
    with pytest.raises(PolicyError, match=said):
        load(folder)


def test_a_department_without_the_duty_does_not_state_it(folder: Path) -> None:
    change(folder / "agencies.toml", DUTY, 'region = "320000"\n')
    with pytest.raises(PolicyError, match="may not state"):
        load(folder)
