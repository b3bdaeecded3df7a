"""Follows the change feed and the calendar: whoever something has touched is graded again, and nobody else (R-148).

Real-time and daily models: the subjects of every change since the last step, and those whose day has come. Models of a
fixed cycle: everybody when the cycle comes round; in between only whom a correction, a repair or a withdrawal concerns,
as of the day of the last cycle. Safe to run twice and after a crash: what is on file already is not written again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.engine.grading.plan import GradingPlan
from chengxin.engine.grading.run import grade_tables
from chengxin.evaluation import loading
from chengxin.evaluation.actions import begin, consumer_of, finish, full, newest_change, plan_digest
from chengxin.evaluation.models import Run
from chengxin.evaluation.plan import plan_for
from chengxin.evaluation.storing import Stored, stage_rows, store
from chengxin.evaluation.waiting import held_of
from chengxin.policy.evaluation import Evaluation, models
from chengxin.policy.evaluation_parts import Cycle
from chengxin.policy.policies import Policies
from chengxin.registry.models import FeedConsumer
from chengxin.registry.packs import policies


@dataclass(frozen=True)
class Followed:
    """What following did for one model: `kind` is full, changes or nothing."""

    model: str
    kind: str
    touched: int = 0
    changed: int = 0
    moved: int = 0
    seconds: float = 0.0


def follow(actor: Actor, *, day: date | None = None) -> list[Followed]:
    """Bring every enacted model in force up to date; a model that was never run, or has changed, is run in full."""
    packs, today = policies(), day or timezone.localdate()
    return [follow_model(m, packs, actor, today) for m in models(packs, today) if not m.draft]


def follow_model(model: Evaluation, packs: Policies, actor: Actor, today: date) -> Followed:
    """The same for one model."""
    plan = plan_for(model, packs)
    last = Run.objects.filter(model=model.id, finished=True).order_by("-pk").first()
    if (
        last is None
        or last.plan != plan_digest(plan)
        or last.version != model.version
        or _due(model.cycle, last, today)
    ):
        done = full(model, packs, actor, today)
        return Followed(model.id, "full", done.subjects, done.changed, done.moved, done.seconds)
    return _changes(model, packs, plan, actor, today if model.cycle.moves_daily else last.day)


def _changes(model: Evaluation, packs: Policies, plan: GradingPlan, actor: Actor, day: date) -> Followed:
    started, upto = time.perf_counter(), newest_change()
    consumer = FeedConsumer.objects.filter(name=consumer_of(model.id)).first()
    position = consumer.position if consumer else 0
    select = _touched(model, plan, packs, position, upto, day)
    run = begin(model, packs, plan, actor, day, upto, "changes", "duckdb")
    done, touched, after = Stored(), 0, 0
    held = held_of(model, packs, day)
    while count := loading.touch(f"{select.format(after=after)} ORDER BY subject_id LIMIT {_STEP}"):
        if run.pk is None:
            run.save()
        loaded = loading.load(plan, packs)
        result = grade_tables(plan, day, loaded.subjects, loaded.records)
        done.add(store(stage_rows(result, model), run, held))
        touched += count
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT max(subject_id) FROM {loading.TOUCHED}")
            after = int(cursor.fetchone()[0])
    if run.pk is not None:
        finish(run, done, time.perf_counter() - started, upto)
    elif upto > position:
        FeedConsumer.objects.update_or_create(name=consumer_of(model.id), defaults={"position": upto})
    kind = "changes" if touched else "nothing"
    return Followed(model.id, kind, touched, done.changed, done.moved, time.perf_counter() - started)


_STEP = 50_000
"""So many touched subjects are graded and stored at a time."""


def _touched(model: Evaluation, plan: GradingPlan, packs: Policies, position: int, upto: int, day: date) -> str:
    """A SELECT of the subjects behind `{after}`: owners of changed records, now and before, and those who are due."""
    items = ", ".join(f"'{i}'" for i in sorted({*plan.items, *loading.masters(packs)}))
    reported = "" if model.cycle.moves_daily else "AND v.action NOT IN ('created', 'updated')"
    changed = f"""
        SELECT {{owner}} AS subject_id FROM registry_recordversion v
        JOIN registry_record r ON r.id = v.record_id AND r.item IN ({items}) {{before}}
        WHERE v.id > {int(position)} AND v.id <= {int(upto)} {reported}"""
    before = "JOIN registry_recordversion b ON b.record_id = v.record_id AND b.number = v.number - 1"
    parts = [changed.format(owner="r.subject_id", before=""), changed.format(owner="b.subject_id_then", before=before)]
    if model.cycle.moves_daily:
        parts.append(
            f"SELECT subject_id FROM evaluation_currentgrade WHERE model = '{model.id}' AND due <= '{day.isoformat()}'"
        )
    union = " UNION ".join(parts)
    return f"SELECT subject_id FROM ({union}) q WHERE subject_id > {{after}} AND subject_id IN (SELECT id FROM registry_subject)"


def _due(cycle: Cycle, last: Run, today: date) -> bool:
    """Whether the last full day of a fixed cycle lies before the newest one that has come."""
    newest = last_day_of_cycle(cycle, today)
    return newest is not None and last.day < newest


def last_day_of_cycle(cycle: Cycle, today: date) -> date | None:
    """The newest day on which a model of a fixed cycle had to be run; None for other cycles."""
    day = cycle.day or 1
    if cycle.kind == "monthly":
        months = [
            (today.year, today.month),
            ((today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)),
        ]
    elif cycle.kind == "quarterly":
        quarter = (today.month - 1) // 3 * 3 + 1
        months = [(today.year, quarter), ((today.year, quarter - 3) if quarter > 1 else (today.year - 1, 10))]
    elif cycle.kind == "yearly":
        months = [(today.year, cycle.month or 1), (today.year - 1, cycle.month or 1)]
    else:
        return None
    return max(d for y, m in months if (d := date(y, m, day)) <= today)
