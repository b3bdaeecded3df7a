"""The desk: what waits for whom, until when, and what may not be done with the reason why (R-024, R-228, R-245)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chengxin.accounts import real_name
from chengxin.accounts.actions import make_user
from chengxin.accounts.actors import of_user
from chengxin.accounts.models import Membership, Role, User
from chengxin.accounts.rule import Reach, Rule
from chengxin.accounts.rules import Denied
from chengxin.cases import actions, desk, jobs, letters, queries
from chengxin.cases.models import Case, Letter, Notice, Series, Term
from chengxin.cases.packs import procedure_of
from chengxin.registry.packs import policies

from . import world as w
from .test_walks import CAST, FORMS, OPENERS

D2, D3 = date(2026, 6, 2), date(2026, 6, 3)
DONE = {"corrected": "是", "duties_done": "是", "truth": "是"}


def filed(**more: object) -> Case:
    files = (w.upload("commitment"), w.upload("fulfilment"))
    return w.opened("repair", w.BOSS, record=w.settle().pk, form=DONE, files=files, **more)  # type: ignore[arg-type]


def agree(case: Case) -> None:
    """What the queue says of a case is what the case itself says, for everybody."""
    case.refresh_from_db()
    for actor in CAST:
        listed = desk.to_act(actor).filter(pk=case.pk).exists()
        seen = queries.visible(actor).filter(pk=case.pk).exists()
        pack, may = procedure_of(case), queries.steps_for(actor, case) if seen else []
        alone = any(desk.is_turn(actor, case, pack.step(s)) for s in may)
        assert listed == alone, (actor.name, case.state)


@pytest.mark.parametrize("procedure", ["repair", "objection", "source-objection", "batch-query", "publication"])
def test_the_queue_and_the_case_agree_on_whose_turn_it_is(store, procedure: str) -> None:
    record = w.settle()
    opener = OPENERS.get(procedure, w.BOSS)
    pack = {"form": {k: v for k, v in FORMS[procedure].items() if k not in ("finding", "used_for")}}
    about = {"record": record.pk} if procedure in ("repair", "objection", "source-objection") else {}
    about |= {"source": w.SOURCE} if procedure == "batch-query" else {}
    files = {"repair": ("commitment", "fulfilment"), "batch-query": ("letter",), "source-objection": ("proof",)}
    uploads = tuple(w.upload(f) for f in files.get(procedure, ()))
    case = w.opened(procedure, opener, files=uploads, **about, **pack)
    agree(case)
    for _turn in range(3):
        turn = next(((a, s) for a in CAST for s in queries.steps_for(a, case)), None)
        if turn is None or case.closed_on:
            break
        step = procedure_of(case).step(turn[1])
        form = {a: FORMS[procedure][a] for a in step.needs.asks if a in FORMS[procedure]}
        try:
            case = actions.act(turn[0], case.number, step.id, reason="理由", form=form, on=D2)
        except actions.CaseRefused:
            break
        agree(case)


def test_due_and_late_and_urged(store) -> None:
    """The first due first; a clock that stands still is not late; urgings are counted."""
    case = filed()
    assert desk.on_desk(w.FIRST).get().due == Term.objects.get(case=case, clock="acceptance").due_on
    assert not desk.overdue(desk.to_act(w.FIRST), D2).exists()
    late = w.FILED + timedelta(days=20)
    jobs.run(late, "system")
    found = desk.overdue(desk.on_desk(w.FIRST), late).get()
    assert found.dunned == Notice.objects.filter(case=case, kind__in=("overdue", "escalation")).count() > 0
    actions.act(w.FIRST, case.number, "return", reason="请补交缴款凭证", on=late)
    returned = desk.waiting(w.FIRST).get()
    assert returned.due == Term.objects.get(case=case, clock="completion").due_on, "the handling term stands still"


def test_due_soon_is_when_the_procedure_reminds(store) -> None:
    """R-234: the working days before the end come from the clock of the pack, and what is late stays in."""
    case = filed()
    term = Term.objects.get(case=case, clock="acceptance")
    before = procedure_of(case).clock("acceptance").remind_before
    days = [term.due_on + timedelta(days=n) for n in range(-7, 8)]
    soon = [day for day in days if desk.due_soon(desk.on_desk(w.FIRST), day).exists()]
    assert before and soon == [d for d in days if policies().calendar.add_working_days(d, before) >= term.due_on]
    assert days[0] not in soon and days[-1] in soon
    actions.act(w.FIRST, case.number, "return", reason="请补交", on=D2)
    assert not desk.due_soon(desk.on_desk(w.FIRST), D2).exists(), "another clock runs, with a reminder of its own"


def test_what_may_not_be_done_says_why(store) -> None:
    case = filed()
    actions.act(w.BOTH, case.number, "accept", on=D2)
    case = actions.act(w.BOTH, case.number, "first-review", reason="齐全", on=D2)
    told = {o.step.id: o for o in desk.options(case, procedure_of(case), w.BOTH, D3)}
    assert not told["approve"].allowed and "另一位经办人" in told["approve"].why_not
    assert "初审员" not in told["approve"].why_not
    told = {o.step.id: o for o in desk.options(case, procedure_of(case), w.STRANGER, D3)}
    assert "复审员" in told["approve"].why_not
    assert {o.step.id: o for o in desk.options(case, procedure_of(case), w.SECOND, D3)}["approve"].ready


def test_a_letter_can_be_read_before_it_is_written(store) -> None:
    """The preview has the days that the letter will have, and leaves nothing behind: no number, no clock, no line."""
    case, pack = filed(), None
    pack = procedure_of(case)
    before = (
        Case.objects.values().get(),
        list(Term.objects.values()),
        case.events.count(),
        list(Series.objects.values()),
    )
    shown = letters.preview(
        case, pack, pack.step("return"), day=D2, actor="初审员", reason="请补交缴款凭证", answers={}
    )
    assert shown is not None and letters.DRAFT in shown.number and "请补交缴款凭证" in shown.text
    assert not Letter.objects.exists()
    after = (
        Case.objects.values().get(),
        list(Term.objects.values()),
        case.events.count(),
        list(Series.objects.values()),
    )
    assert after == before
    done = actions.act(w.FIRST, case.number, "return", reason="请补交缴款凭证", on=D2)
    assert done.letters.get().text == shown.text
    assert letters.preview(done, pack, pack.step("supplement"), day=D3, actor="x", reason="", answers={}) is None


def test_two_accounts_of_one_person_are_not_four_eyes(store) -> None:
    """R-024, R-228: what the real-name provider says is one person cannot review twice, nor release its own batch."""
    provider = real_name.provider()
    claim = real_name.Claim(w.YUNLING, w.NAME, "林知夏", provider.token(w.YUNLING, w.NAME, "林知夏"))  # type: ignore[attr-defined]
    case = filed()
    for name, role in (("one", Role.FIRST_REVIEWER), ("two", Role.SECOND_REVIEWER), ("three", Role.SECOND_REVIEWER)):
        user = make_user(name, name, None, [("centre", role)])
        if name != "three":
            real_name.enter(user, claim)
            Membership.objects.filter(user=user, role=Role.REPRESENTATIVE).delete()  # no longer speaks for the subject
    one, two, three = (of_user(User.objects.get(username=n)) for n in ("one", "two", "three"))
    actions.act(one, case.number, "accept", on=D2)
    case = actions.act(one, case.number, "first-review", reason="齐全", on=D2)
    assert not desk.to_act(two).exists() and desk.to_act(three).exists()
    with pytest.raises(Denied, match="另一位经办人"):
        actions.act(two, case.number, "approve", reason="同意", on=D3)
    assert Rule(Role.SECOND_REVIEWER, reach=Reach.ANYWHERE, apart="opened_by").same_person(two, Case(opened_by="one"))
