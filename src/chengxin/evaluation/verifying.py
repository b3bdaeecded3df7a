"""Verification and review of grades (核实、复核、复评): a result becomes a grade when its steps are done, by other people.

Whoever ran the evaluation, entered a record that counts, took an earlier step of the same result or applied for the
review does not take the step (R-024). One decision is one transaction over all its rows, which are marked first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, require
from chengxin.audit.actions import record as trace
from chengxin.evaluation.models import CurrentGrade, Verification, Waiting
from chengxin.evaluation.waiting import due_of, following, step_of
from chengxin.policy.evaluation import Evaluation, unit_of
from chengxin.policy.policies import Policies
from chengxin.registry.lock import writing
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies
from chengxin.registry.sql import false

Outcome = Verification.Outcome


class NotWaiting(Refusal):
    """What was to be decided does not wait for this step, or not any more."""


class NotSaid(Refusal):
    """The decision lacks what it needs: its reasons, or a grade that may be given."""


@dataclass(frozen=True)
class Decision:
    """What somebody decides about results that wait for `step`: `grade` is given with `change` alone."""

    step: str
    outcome: str
    reason: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Decided:
    """How many results were decided, how many became grades, how many were left to others because they are one's own."""

    decided: int = 0
    in_effect: int = 0
    left: int = 0


def decide(
    actor: Actor, model: Evaluation, decision: Decision, subjects: Sequence[int] | None = None, *, found: str = ""
) -> Decided:
    """Take one step for these subjects, or for all whose result waits for it (`found`: only those found in this grade).

    Of all, what is the actor's own work is left to others; named subjects are refused instead. Raises `Denied`,
    `NotSaid`, `NotWaiting`.
    """
    packs, day = policies(), timezone.localdate()
    require(actor, "evaluation.verify", unit_of(model, packs))
    _said(model, decision)
    if subjects is not None and not subjects:
        raise NotWaiting(_("请先选出要核实的主体。"))
    with writing(), connection.cursor() as cursor:
        mark = uuid4().hex
        rows = Waiting.objects.filter(model=model.id, step=decision.step)
        rows = rows if subjects is None else rows.filter(subject_id__in=subjects)
        wanted = (rows.filter(grade=found) if found else rows).update(taken=mark)
        if not wanted or (subjects is not None and wanted < len(set(subjects))):
            raise NotWaiting(_("这个结果现在没有在等这一步，可能已经有人办过，或者等级又有了变动。请刷新后再看。"))
        left = _leave_own(cursor, mark, actor)
        if left and (subjects is not None or left == wanted):
            raise Denied(_("评定、录入依据、办理上一步或者提出申请的人不能核实同一个结果，请由另一位审核员办理。"))
        _log(cursor, mark, actor, decision, day)
        effect = _carry_out(cursor, mark, model, packs, decision, day)
        trace(
            actor.name, "evaluation.verify", "evaluation", model.id, step=decision.step, outcome=decision.outcome,
            grade=decision.grade, count=wanted - left, effect=effect, reason=decision.reason,
        )  # fmt: skip
    return Decided(wanted - left, effect, left)


def apply(actor: Actor, model: Evaluation, subject: Subject, reason: str) -> Waiting:
    """The subject asks that its grade in effect be reviewed; it stays in effect meanwhile. Raises `NotWaiting`, `NotSaid`.

    The face has made sure that `actor` speaks for the subject.
    """
    packs, day, step = policies(), timezone.localdate(), model.on_application
    if step is None:
        raise NotWaiting(_("这个评价办法没有规定复评；认为依据的信息有误，可以对那条信息提出异议。"))
    if not reason.strip():
        raise NotSaid(_("请写明申请复评的理由。"))
    with writing():
        current = CurrentGrade.objects.filter(subject=subject, model=model.id).exclude(grade="").first()
        if current is None:
            raise NotWaiting(_("现在没有等级可以复评。"))
        if Waiting.objects.filter(subject=subject, model=model.id).exists():
            raise NotWaiting(_("这个等级已经在复评或者核实之中，请等它办完。"))
        row = Waiting.objects.create(
            model=model.id, subject=subject, entry=current.entry, version=model.version, grade=current.grade,
            rank=current.rank, score=current.score, before=current.grade, step=step.id, since=day,
            due=due_of(step, packs, day), actor=actor.name, asked_by=actor.name, reason=reason.strip(),
        )  # fmt: skip
        Verification.objects.create(
            model=model.id, subject=subject, entry=current.entry, version=model.version, step=step.id,
            outcome=Outcome.ASK, found=current.grade, grade=current.grade, actor=actor.name, reason=reason.strip(),
            day=day, at=timezone.now(),
        )  # fmt: skip
        trace(actor.name, "evaluation.apply", "subject", subject.code or str(subject.pk), model=model.id, step=step.id)
    return row


def _said(model: Evaluation, decision: Decision) -> None:
    try:
        step = step_of(model, decision.step)
    except KeyError:
        raise NotWaiting(_("这个评价模型没有这一步。")) from None
    if decision.outcome not in (Outcome.CONFIRM, Outcome.RETURN, Outcome.CHANGE):
        raise NotSaid(_("结论只能是核实无误、不予采用或者改定等级。"))
    if decision.outcome != Outcome.CONFIRM and not decision.reason.strip():
        raise NotSaid(_("不予采用或者改定等级，要写明理由。"))
    if decision.outcome == Outcome.CHANGE and not step.may_change:
        raise NotSaid(_("这一步只能核实或者不予采用，不能改定等级：评价办法没有这样规定。"))
    if (decision.outcome == Outcome.CHANGE) != (decision.grade in {g.id for g in model.grades}):
        raise NotSaid(_("改定等级要写明改为哪一级，其他结论不写。"))


def _leave_own(cursor: CursorWrapper, mark: str, actor: Actor) -> int:
    """Take the mark off what this person has had a hand in; returns off how many."""
    names = sorted(actor.names)
    among = ", ".join(["%s"] * len(names))
    change = "(e.value ->> 0)::bigint" if connection.vendor == "postgresql" else "json_extract(e.value, '$[0]')"
    unnest = (
        "json_array_elements(g.evidence::json) e" if connection.vendor == "postgresql" else "json_each(g.evidence) e"
    )
    cursor.execute(
        f"""
        UPDATE evaluation_waiting AS w SET taken = '' WHERE w.taken = %s AND (
            w.actor IN ({among}) OR w.asked_by IN ({among})
            OR EXISTS (SELECT 1 FROM evaluation_verification v WHERE v.subject_id = w.subject_id AND v.model = w.model
                       AND v.entry = w.entry AND v.actor IN ({among}))
            OR EXISTS (SELECT 1 FROM evaluation_grade g CROSS JOIN {unnest} JOIN registry_recordversion r ON r.id = {change}
                       WHERE g.id = w.entry AND r.actor IN ({among})))""",
        [mark, *names * 4],
    )
    return int(cursor.rowcount)


def _log(cursor: CursorWrapper, mark: str, actor: Actor, decision: Decision, day: date) -> None:
    given = [decision.grade] if decision.outcome == Outcome.CHANGE else []
    grade = "%s" if given else "grade"
    cursor.execute(
        f"""
        INSERT INTO evaluation_verification (model, subject_id, entry, version, step, outcome, found, grade, actor, reason,
                                             day, at)
        SELECT model, subject_id, entry, version, step, %s, grade, {grade}, %s, %s, {_cast("date")}, {_cast("timestamptz")}
        FROM evaluation_waiting WHERE taken = %s""",
        [
            decision.outcome, *given, actor.name, decision.reason.strip(), _day(day),
            connection.ops.adapt_datetimefield_value(timezone.now()), mark,
        ],
    )  # fmt: skip


def _carry_out(
    cursor: CursorWrapper, mark: str, model: Evaluation, packs: Policies, decision: Decision, day: date
) -> int:
    """Returns how many grades took effect."""
    if decision.outcome == Outcome.CONFIRM:
        for lowered in (False, True):
            step = following(model, decision.step, lowered=lowered)
            if step is not None:
                Waiting.objects.filter(taken=mark, lowered=lowered).update(
                    step=step.id, since=day, due=due_of(step, packs, day), taken=""
                )
        Waiting.objects.filter(taken=mark).exclude(asked_by="").delete()
    effect = 0
    if decision.outcome != Outcome.RETURN:
        effect = _take_effect(cursor, mark, model, decision, day)
    Waiting.objects.filter(taken=mark).delete()
    return effect


def _take_effect(cursor: CursorWrapper, mark: str, model: Evaluation, decision: Decision, day: date) -> int:
    """The marked results become history and grades in effect; `digest` stays that of the newest result."""
    given = decision.grade if decision.outcome == Outcome.CHANGE else ""
    grade, rank, by = "w.grade", "w.rank", "g.decided_by"
    values: list[Any] = []
    if given:
        grade, rank, by, values = "%s", str(model.rank(given)), "%s", [given]
    cursor.execute(
        f"""
        INSERT INTO evaluation_grade (run_id, model, subject_id, version, day, grade, before, score, decided_by,
                                      contributions, evidence, digest, provisional)
        SELECT g.run_id, g.model, g.subject_id, g.version, {_cast("date")}, {grade}, c.grade, g.score, {by},
               g.contributions, g.evidence, g.digest, {false()}
        FROM evaluation_waiting w JOIN evaluation_grade g ON g.id = w.entry
        JOIN evaluation_currentgrade c ON c.subject_id = w.subject_id AND c.model = w.model
        WHERE w.taken = %s AND c.grade <> {grade}""",
        [_day(day), *values, *([decision.step] if given else []), mark, *values],
    )
    effect = int(cursor.rowcount)
    cursor.execute(
        f"""
        UPDATE evaluation_currentgrade AS c SET grade = {grade}, rank = {rank}, score = w.score,
            since = CASE WHEN c.grade = {grade} THEN c.since ELSE {_cast("date")} END,
            entry = (SELECT max(n.id) FROM evaluation_grade n WHERE n.subject_id = w.subject_id AND n.model = w.model
                     AND n.provisional = {false()})
        FROM evaluation_waiting w WHERE w.taken = %s AND c.subject_id = w.subject_id AND c.model = w.model""",
        [*values, *values, _day(day), mark],
    )
    return effect


def _cast(kind: str) -> str:
    return f"CAST(%s AS {kind})" if connection.vendor == "postgresql" else "%s"


def _day(day: date) -> Any:
    return connection.ops.adapt_datefield_value(day)
