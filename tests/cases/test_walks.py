"""Random walks through every procedure of the packs, held against a small model (issue 4, anchors.md 4.4).

No path decides without two different people, none takes a step the model forbids, no term runs without a start, whoever
comes to an end is told by letter, and the trail knows every step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import Denied
from chengxin.audit.models import Event
from chengxin.cases import actions, jobs
from chengxin.cases.actions import Opening
from chengxin.cases.errors import CaseRefused, Moved
from chengxin.cases.models import Case, CaseEvent, Term
from chengxin.cases.packs import in_force
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Procedure, Step
from chengxin.registry.packs import policies

from . import world as w

CAST = [
    w.BOSS, w.STEWARD, w.STEWARD2, w.FIRST, w.SECOND, w.BOTH, w.REPORTER, w.AUDITOR, w.EDITOR, w.PUBLISHER, w.STRANGER,
    w.person("市监报送", ("market-regulation", "reporter")), w.person("发布员乙", ("centre", "publisher")),
    w.person("全能", ("centre", "steward"), ("centre", "first_reviewer"), ("centre", "second_reviewer"),
             (w.SOURCE, "reporter"), (w.SOURCE, "auditor"), ("yunling", "representative")),
]  # fmt: skip
FORMS = {
    "objection": {"claim": "其他", "statement": "x", "finding": "应当更正", "changes": {"violation": "另一种违法行为"}},
    "source-objection": {"error": "x", "changes": {"violation": "另一种违法行为"}},
    "repair": {"corrected": "是", "duties_done": "是", "truth": "是"},
    "sector-repair": {"corrected": "是", "truth": "是", "statement": "x"},
    "bankruptcy-shielding": {"court": "某法院 1 号", "until": "2026-06-08"},
    "withdrawal": {"ground": "变更", "decided_on": "2026-05-29", "changes": {"violation": "另一种违法行为"}},
    "commitment": {"template": "approval", "authority": "market-regulation", "due_on": "2026-06-05", "truth": "是",
                   "consequence": "撤销"},
    "declaration": {"kind": "其他", "title": "x", "content": "x", "truth": "是", "authorised": "是", "valid_until": "2026-06-12"},
    "rectification": {"facts": "x", "demand": "x", "term": "2026-06-04", "interview": "提示性约谈",
                      "interview_on": "2026-06-01", "person": "总经理"},
    "batch-query": {"purpose": "x", "basis": "x", "subjects": [w.YUNLING], "used_for": "x"},
    "credit-review": {"purpose": "x", "basis": "x", "subjects": [w.YUNLING], "used_for": "x"},
    "publication": {"column": "通知公告", "title": "x", "body": "x", "until": "2026-06-09"},
    "complaint": {"body": "market-regulation", "matter": "x", "field": "其他", "statement": "x", "answer": "x"},
    "feedback": {"kind": "建议", "text": "x", "answer": "x"},
}  # fmt: skip
OPENERS = {"publication": w.EDITOR, "feedback": w.person("访客"), "complaint": w.person("市民"), "source-objection": w.REPORTER,
           "withdrawal": w.REPORTER, "rectification": w.REPORTER, "batch-query": w.REPORTER,
           "credit-review": w.REPORTER}  # fmt: skip


@dataclass
class Model:
    """What a procedure means, in as few words as possible: where the case stands, and who has done what."""

    procedure: Procedure
    opener: str
    state: str
    units: dict[str, str]
    parties: set[str] = field(default_factory=set)
    did: dict[str, set[str]] = field(default_factory=dict)

    def role_fits(self, actor: Actor, step: Step) -> str | None:
        for who in step.who:
            if who.role == "anyone" and actor.name == self.opener:
                return who.at
            if who.role in actor.roles.get(self.units.get(who.at, ""), frozenset()):
                return who.at
        return None

    def may(self, actor: Actor, step: Step) -> bool:
        if self.role_fits(actor, step) is None:
            return False
        speaks_for_subject = "representative" in actor.roles.get(self.units.get("subject", ""), frozenset())
        party = actor.name == self.opener or actor.name in self.parties or speaks_for_subject
        return not (step.decision and party) and all(actor.name not in self.did.get(s, ()) for s in step.apart_from)

    def take(self, actor: Actor, step: Step) -> None:
        if self.role_fits(actor, step) in ("applicant", "subject"):
            self.parties.add(actor.name)
        self.did.setdefault(step.id, set()).add(actor.name)
        self.state = step.to
        if "case.assign" in step.effects:
            self.units["assigned"] = "market-regulation"


def answers(procedure: Procedure, step: Step) -> dict[str, object]:
    """What this step puts, out of the procedure's story."""
    return {k: v for k, v in FORMS[procedure.id].items() if k in procedure.answerable(step)}


def opened(name: str, serial: int) -> tuple[Case, Model]:
    procedure = in_force(name, w.FILED)
    record = w.serviced() if procedure.items and "penalty" not in procedure.items else w.settle()
    type(record).objects.filter(pk=record.pk).update(key=f"walk {serial}", key_hash=f"{serial:032d}")
    opener = OPENERS.get(name, w.BOSS)
    about = {"record": record.pk} if procedure.about in ("record", "record-or-subject") else {}
    about |= {"subject": w.YUNLING} if procedure.about == "subject" else {}
    about |= {"source": w.SOURCE} if "record" not in about else {}
    files = tuple(w.upload(m.id) for m in procedure.materials)
    form = answers(procedure, procedure.opening)
    case = actions.open_case(opener, Opening(name, form=form, materials=files, **about), on=w.FILED)
    units = {"source": case.source, "handler": case.handler, "assigned": case.assigned, "applicant": case.applicant,
             "subject": "yunling" if case.subject_code else ""}  # fmt: skip
    model = Model(procedure, opener.name, case.state, {k: v for k, v in units.items() if v})
    model.did["open"] = {opener.name}
    return case, model


NAMES = sorted(FORMS)


def test_every_procedure_in_force_is_walked() -> None:
    assert {p.id for p in policies().of(Procedure) if p.effective.holds(w.FILED)} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_walk_leaves_the_model(store, name) -> None:
    serial = iter(range(1, 1000))

    @settings(max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def walk(data: st.DataObject) -> None:
        case, model = opened(name, next(serial))
        day = w.FILED
        for _ in range(8):
            if model.procedure.state(model.state).end:
                break
            day += timedelta(days=data.draw(st.integers(0, 2)))
            _time_passes(case, model, day)
            here = [s for s in model.procedure.steps_from(model.state) if s.who[0].role != "system"]
            fitting = [(a, s) for s in here for a in CAST if model.may(a, s)]
            for actor, step in [(a, s) for s in here for a in CAST if model.role_fits(a, s) and not model.may(a, s)]:
                _try(case, model, actor, step, day)  # has the role and is barred: every one of them is tried
            any_step = st.tuples(st.sampled_from(CAST), st.sampled_from(model.procedure.steps[1:]))
            likely = st.sampled_from(fitting) if fitting else any_step
            actor, step = data.draw(st.one_of(likely, likely, any_step))
            _try(case, model, actor, step, day)
        _sound(case, model)

    walk()


def _time_passes(case: Case, model: Model, day: date) -> None:
    jobs.run(day, "daily")
    for event in CaseEvent.objects.filter(case=case, kind="step", actor="system", before=model.state).order_by(
        "number"
    ):
        if event.before == model.state and event.number > getattr(model, "seen", 0):
            model.state = event.after
            model.seen = event.number  # type: ignore[attr-defined]


def _try(case: Case, model: Model, actor: Actor, step: Step, day: date) -> None:
    """One attempt: refused exactly where the model forbids it, and then nothing has changed."""
    form = answers(model.procedure, step)
    if step.who[0].role == "system":
        with pytest.raises(Denied):
            actions.act(actor, case.number, step.id, reason="试", form=form, on=day)
        return
    if not model.may(actor, step):
        with pytest.raises(Denied):
            actions.act(actor, case.number, step.id, reason="试", form=form, on=day)
    elif model.state not in step.start:
        with pytest.raises(Moved):
            actions.act(actor, case.number, step.id, reason="试", form=form, on=day)
    else:
        try:
            actions.act(actor, case.number, step.id, reason="试", form=form, on=day)
        except CaseRefused as refused:
            assert {"clock-over", "record-added", "clock.extend"} & {*step.guards, *step.effects}, (
                step.id,
                str(refused),
            )
            return
        model.take(actor, step)
    case.refresh_from_db()
    assert case.state == model.state


def _sound(case: Case, model: Model) -> None:
    case.refresh_from_db()
    assert case.state == model.state
    steps = list(CaseEvent.objects.filter(case=case, kind="step").order_by("number"))
    declared = {s.id: s for s in model.procedure.steps}
    for event in steps:
        if declared[event.step].decision:
            assert event.actor != model.opener and event.actor not in model.parties
            assert all(event.actor not in model.did.get(s, ()) for s in declared[event.step].apart_from)
    assert Event.objects.filter(kind="case", object=case.number, action__in=("case.open", "case.step")).count() == len(
        steps
    )
    assert case.moves == len(steps)
    numbers = list(CaseEvent.objects.filter(case=case).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    started = [
        e.detail["clock"] for e in CaseEvent.objects.filter(case=case, kind="term") if e.detail["change"] == "started"
    ]
    terms = Term.objects.filter(case=case)
    assert sorted(t.clock for t in terms) == sorted(started)
    assert all(t.due_on >= t.started_on for t in terms if t.due_on and t.working_days)
    end = model.procedure.state(case.state)
    if end.end:
        assert case.closed_on and case.outcome == end.end and not terms.filter(stopped_on=None).exists()
        assert not end.letter_due or case.letters.filter(letter=declared[steps[-1].step].letter).exists()


def test_a_procedure_that_is_not_in_force_opens_nothing(store) -> None:
    with pytest.raises(UnknownPolicy):
        in_force("repair", date(2020, 1, 1))
    with pytest.raises(CaseRefused, match="repair"):
        w.opened("repair", w.BOSS, record=1, on=date(2020, 1, 1))


@pytest.mark.parametrize("statement", ["UPDATE cases_caseevent SET actor = 'x'", "DELETE FROM cases_caseevent"])
def test_the_database_refuses_to_change_a_timeline(store, statement) -> None:
    opened("publication", 1)
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)
