"""The story of a listing: proposed on records, told, heard, decided by others, served, published, and out again (F-13)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.accounts.rules import Denied
from chengxin.registry.actions import Because, change_standing
from chengxin.registry.packs import policies
from chengxin.standards.uscc import make_uscc
from chengxin.supervision import jobs
from chengxin.supervision.lists.actions import propose, take
from chengxin.supervision.lists.keeping import Paper
from chengxin.supervision.lists.leaving import ask_exit, decide_exit, revoke
from chengxin.supervision.lists.letters import letters_of, render, sheet_of
from chengxin.supervision.lists.queries import candidates, counts, described, public_entries
from chengxin.supervision.lists.refusals import NotPossible
from chengxin.supervision.measures.queries import check
from chengxin.supervision.models import Enforcement, Listing, ListingStep

from .helpers import ANNA, BOHE, BORIS, CHEN, YUNLING, penalty, records, row, send

pytestmark = pytest.mark.usefixtures("store", "graded")
SERIOUS, ATTENTION = "environmental-violators", "ecology-service-attention"
TODAY = timezone.localdate()
LONG_AGO = TODAY - timedelta(days=40)


def paper(outcome: str = "", *, day: int = 0) -> Paper:
    return Paper("苏环告〔2026〕1号", "超标排放，经责令改正拒不改正", outcome, LONG_AGO + timedelta(days=day))


@pytest.fixture(autouse=True)
def register(store: object) -> None:
    recent = TODAY - timedelta(days=60)
    send(
        penalty(1, YUNLING, "苏州云岭精密机械有限公司", "1号", severity="serious", decided_on=recent, industry="7461"),
        penalty(2, YUNLING, "苏州云岭精密机械有限公司", "2号", severity="general", decided_on=recent),
        penalty(3, BOHE, "南京泊禾商贸有限公司", "3号", severity="general", decided_on=recent),
    )


def listed(name: str = SERIOUS) -> Listing:
    """云岭 on the list, by every step."""
    entry = propose(
        ANNA, name, YUNLING, {SERIOUS: "serious-penalty", ATTENTION: "two-penalties"}[name], records(YUNLING), paper()
    )
    take(ANNA, entry, "notice", paper())
    if name == SERIOUS:
        take(BORIS, entry, "review", paper("agree", day=20))
    take(CHEN, entry, "decision", paper("list", day=21))
    entry = take(ANNA, entry, "service", paper(day=22))
    return take(CHEN, entry, "publication", paper(day=23)) if name == SERIOUS else entry


def test_from_candidate_to_the_public_list_with_every_step_on_record() -> None:
    """R-170, R-171, R-181: each step with actor, day, document; the term by the working calendar; basis and remedy named."""
    assert [c["code"] for c in candidates(SERIOUS, "serious-penalty", TODAY)] == [YUNLING]
    assert candidates(SERIOUS, "repeated", TODAY) == candidates(SERIOUS, "refusal", TODAY) == []
    entry = listed()
    told = described(entry, TODAY)
    assert (told["state"], told["in_force"], told["next"]) == ("listed", True, "")
    assert [s["kind"] for s in told["steps"]] == ["proposal", "notice", "review", "decision", "service", "publication"]
    notice = told["steps"][1]
    assert notice["until"] == policies().calendar.add_working_days(LONG_AGO, 5) and notice["calendar"]
    assert "环境保护法" in told["basis"] and told["remedy"] and told["records"] == records(YUNLING)
    assert entry.expires_on == date(entry.listed_on.year + 3, entry.listed_on.month, entry.listed_on.day) - timedelta(
        days=1
    )
    assert [p.subject.code for p in public_entries(SERIOUS, TODAY)] == [YUNLING]
    assert candidates(SERIOUS, "serious-penalty", TODAY) == []
    assert [(c["list"], c["subjects"]) for c in counts(TODAY)] == [(SERIOUS, 1)]
    with pytest.raises(DatabaseError):
        ListingStep.objects.filter(listing=entry).update(actor="nobody")


def test_nothing_is_published_before_notice_answer_and_decision_by_others() -> None:
    """G-03, G-05: the term runs, four eyes, reasons and documents are needed; each refusal says what comes first."""
    entry = propose(ANNA, SERIOUS, YUNLING, "serious-penalty", records(YUNLING), paper())
    for step, who, what, words in [
        ("publication", CHEN, paper(), "应先做「事前告知」"),
        ("notice", ANNA, Paper(text="理由", on=LONG_AGO), "文号"),
        ("notice", ANNA, Paper(document="1号", on=LONG_AGO), "理由"),
        ("notice", ANNA, Paper("1号", "理由", on=TODAY + timedelta(days=1)), "还没有到"),
    ]:
        with pytest.raises(NotPossible, match=words):
            take(who, entry, step, what)
    take(ANNA, entry, "notice", paper())
    with pytest.raises(NotPossible, match="期限到"):
        take(BORIS, entry, "review", paper("agree", day=1))
    take(ANNA, entry, "answer", paper("hearing", day=1))
    with pytest.raises(NotPossible, match="应先做「听证」"):
        take(BORIS, entry, "review", paper("agree", day=20))
    take(ANNA, entry, "hearing", paper(day=10))
    with pytest.raises(NotPossible, match="anna 做过「提出」，不能再做「审核」"):
        take(ANNA, entry, "review", paper("agree", day=20))
    take(BORIS, entry, "review", paper("agree", day=20))
    entry = take(CHEN, entry, "decision", paper("refuse", day=21))
    assert (entry.state, entry.listed_on) == ("refused", None)
    assert not Enforcement.objects.exists() and not public_entries(SERIOUS, TODAY).exists()


def test_a_proposal_rests_on_the_subjects_own_sound_records() -> None:
    """R-181, R-250: not on another's, not on a doubtful or disputed one, not on none; not twice; not by a stranger."""
    change_standing(records(BOHE)[0], "dispute", Because("x", "异议"))
    for code, grounds, words in [
        (YUNLING, records(BOHE), "不是这个主体的有效记录"),
        (BOHE, records(BOHE), "不是这个主体的有效记录"),
        (YUNLING, [], "写明依据哪些记录"),
        ("91320000000000000X", [], "没有"),
    ]:
        with pytest.raises(NotPossible, match=words):
            propose(ANNA, SERIOUS, code, "serious-penalty", grounds, paper())
    with pytest.raises(NotPossible, match="没有「gossip」"):
        propose(ANNA, SERIOUS, YUNLING, "gossip", records(YUNLING), paper())
    with pytest.raises(Denied):
        propose(
            Actor("eve", {"water": frozenset({Role.REPORTER})}), SERIOUS, YUNLING, "serious-penalty", records(YUNLING), paper()
        )  # fmt: skip
    propose(ANNA, SERIOUS, YUNLING, "serious-penalty", records(YUNLING), paper())
    with pytest.raises(NotPossible, match="已经在这个名单中"):
        propose(ANNA, SERIOUS, YUNLING, "serious-penalty", records(YUNLING), paper())


def test_an_attention_list_is_shared_inside_only_and_ends_with_the_repair_of_its_records() -> None:
    """R-172 not public; G-07, G-08: repair of the last record ends it, its measures are to be lifted."""
    entry = listed(ATTENTION)
    assert entry.state == "listed" and not public_entries(ATTENTION, TODAY).exists()
    assert check(YUNLING, "discharge-permit").answer == "must-examine"
    first, second = records(YUNLING)
    change_standing(first, "repair", Because("x", "修复"))
    jobs.follow(TODAY)
    assert check(YUNLING, "discharge-permit").answer == "must-examine"
    change_standing(second, "repair", Because("x", "修复"))
    work = jobs.follow(TODAY)
    entry.refresh_from_db()
    assert (work.ended, entry.ending, entry.state) == (1, "repaired", "exited")
    assert check(YUNLING, "discharge-permit").reason == "no-measure"
    assert set(Enforcement.objects.values_list("ended_on", flat=True)) == {TODAY}
    assert jobs.follow(TODAY).changes == 0


def test_a_wrong_listing_is_undone_everywhere_and_the_history_says_so() -> None:
    """R-201, G-08: withdrawn records undo the listing by themselves, a person may at once; measures end, nothing is erased."""
    entry = listed()
    for record in records(YUNLING):
        change_standing(record, "withdraw", Because("x", "撤销处罚"))
    jobs.follow(TODAY)
    entry.refresh_from_db()
    assert (entry.state, entry.ending) == ("revoked", "wrong") and not public_entries(SERIOUS, TODAY).exists()
    assert not Enforcement.objects.filter(ended_on=None).exists()
    assert entry.steps.order_by("-pk").values_list("kind", "outcome").first() == ("exit", "wrong")


def test_a_person_may_revoke_and_only_with_reasons() -> None:
    entry = listed()
    with pytest.raises(NotPossible):
        revoke(CHEN, entry, Paper(document="1号"))
    entry = revoke(CHEN, entry, paper(day=30))
    assert entry.state == "revoked" and check(YUNLING, "environment-funds").answer == ""
    assert revoke(CHEN, entry, paper(day=31)).ended_on == entry.ended_on


def test_the_term_ends_by_itself_and_early_exit_needs_months_conditions_and_another_person() -> None:
    """R-184: out without anybody's act; early only after the pack's months with every condition shown, decided by another."""
    entry = listed()
    with pytest.raises(NotPossible, match="最早自"):
        ask_exit(ANNA, entry, [1, 2, 3, 4], paper(day=24))
    Listing.objects.filter(pk=entry.pk).update(listed_on=TODAY - timedelta(days=400))
    with pytest.raises(NotPossible, match="还缺：行政处罚已经履行完毕"):
        ask_exit(ANNA, entry, [1, 3, 4], Paper(text="申请"))
    ask_exit(ANNA, entry, [1, 2, 3, 4], Paper(text="申请"))
    with pytest.raises(NotPossible, match="请由另一位办理"):
        decide_exit(ANNA, entry, Paper("2号", "同意", "leave"))
    decide_exit(CHEN, entry, Paper("2号", "改正还不充分", "stay"))
    with pytest.raises(NotPossible, match="没有待决定"):
        decide_exit(CHEN, entry, Paper("2号", "同意", "leave"))
    Listing.objects.filter(pk=entry.pk).update(expires_on=TODAY - timedelta(days=1))
    assert check(YUNLING, "environment-funds").answer == "", "what is over has no effect even before the job has run"
    assert jobs.daily(TODAY).ended == 1
    entry.refresh_from_db()
    assert (entry.ending, entry.state) == ("expired", "exited")


def test_a_listing_follows_its_subject_when_two_turn_out_to_be_one() -> None:
    """R-071: known by an old number only, listed, then registered under a unified code: the listing holds under the code."""
    old = "320505000123455"
    grounds = penalty(
        8, old, "苏州旧号机械厂", "8号", severity="serious", scheme="registration_number", decided_on=LONG_AGO
    )
    send(grounds)
    listing = propose(ANNA, SERIOUS, old, "serious-penalty", records(old), paper())
    Listing.objects.filter(pk=listing.pk).update(listed_on=LONG_AGO, state="listed")
    code = make_uscc("9", "1", "320505", "MA1NEWNA")
    send(penalty(1, code, "苏州旧号机械厂", "9号", decided_on=LONG_AGO), batch=2)
    send(row(1, code, "苏州旧号机械厂", "登记1号", former_code=old, severity=""), item="registration", batch=3)
    assert check(code, "environment-funds").answer == ""
    jobs.daily(TODAY)
    assert check(code, "environment-funds").answer == check(old, "environment-funds").answer == "must-refuse"


@pytest.mark.once
def test_what_was_served_can_be_kept_as_a_paper_that_names_no_official() -> None:
    """R-170, R-171, G-05: notice and decision with number, ground, basis, term and remedy; nothing of the office's own."""
    entry = listed()
    found = letters_of(entry)
    assert [s.kind for s in found] == ["notice", "decision"], "no letter of what stays in the office"
    notice, decision = (_words(s) for s in found)
    until = policies().calendar.add_working_days(LONG_AGO, 5)
    rules = described(entry, TODAY)
    assert (
        until and until.isoformat() in notice and "陈述、申辩或者要求听证" in notice and rules["remedy"] not in notice
    )
    assert "决定列入名单" in decision and rules["remedy"] in decision and rules["exit"] in decision
    for text in (notice, decision):
        assert "苏环告〔2026〕1号" in text and "苏州云岭精密机械有限公司" in text and "超标排放" in text
        assert rules["criterion"] in text and "环境保护法" in text and "江苏省生态环境厅" in text
        assert not [a.name for a in (ANNA, BORIS, CHEN) if a.name in text]
    first = render(found[1])
    assert first.startswith(b"%PDF") and render(found[1]) == first, "the same letter is the same file"
    jobs.daily(TODAY, "test")
    revoke(CHEN, entry, paper())
    again = letters_of(Listing.objects.get(pk=entry.pk))
    assert [s.kind for s in again] == ["notice", "decision", "exit"] and render(again[1]) == first, (
        "whatever happens later"
    )
    assert "列入有误" in _words(again[2])
    assert sheet_of(found[1], "en").title != sheet_of(found[1]).title and render(found[1], "en") != first


def _words(step: ListingStep) -> str:
    sheet = sheet_of(step)
    return "\n".join((sheet.title, sheet.number, sheet.to, sheet.sender, *sheet.paragraphs, sheet.check))
