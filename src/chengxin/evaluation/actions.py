"""The verbs of evaluation: grade everybody by a model, grade whom something has touched (R-144, R-148).

A model without competence is refused (R-145). Results for today become history and current grades, step by step, each
step one transaction; results for another day are computed and told, and nothing is stored: history is not rewritten.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as clock

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.engine.grading.plan import GradingPlan
from chengxin.engine.grading.run import grade_tables
from chengxin.evaluation import loading, spark
from chengxin.evaluation.models import Run
from chengxin.evaluation.plan import plan_for
from chengxin.evaluation.storing import Stored, stage_rows, store
from chengxin.evaluation.waiting import held_of, waits
from chengxin.policy.evaluation import Evaluation, model_of
from chengxin.policy.policies import Policies
from chengxin.registry.models import FeedConsumer, RecordVersion
from chengxin.registry.packs import policies


class NotEnacted(Refusal):
    """The model is a draft: nobody with the competence has set it up."""


@dataclass
class Evaluated:
    """What one evaluation did. `grades` counts subjects by grade, from best to worst; `stored` is False for other days;
    `waiting` counts results that are no grades before a step of the model's verification is done, by step."""

    model: str
    version: str
    day: date
    subjects: int = 0
    grades: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    stored: bool = True
    changed: int = 0
    moved: int = 0
    waiting: dict[str, int] = field(default_factory=dict)


def evaluate(model_id: str, actor: Actor, *, as_of: date | None = None, engine: str = "duckdb") -> Evaluated:
    """Grade every subject in the model's scope, as of today or of another day.

    A past day is answered from the register as it was at that day's end, with the model version of that day. Raises
    `UnknownPolicy`, `NotEnacted`, `Denied`, and `spark.NotStarted` where the cluster does not answer.
    """
    packs, today = policies(), timezone.localdate()
    day = as_of or today
    model = model_of(packs, model_id, day)
    require(actor, "evaluation.run", model)
    if model.draft:
        raise NotEnacted(_DRAFT, label=model.label, id=model.id)
    return full(model, packs, actor, day, engine=engine, past=day < today, keep=day == today)


_DRAFT = _("模型“%(label)s”（%(id)s）没有载明制定权限、程序和批准文件，还是草案：可以模拟，不能施行。")


def full(
    model: Evaluation,
    packs: Policies,
    actor: Actor,
    day: date,
    *,
    engine: str = "duckdb",
    past: bool = False,
    keep: bool = True,
) -> Evaluated:
    """One full run, slice by slice of the subjects; `keep` stores it, `past` goes back to the register of that day."""
    started, plan = time.perf_counter(), plan_for(model, packs)
    position = position_on(day) if past else newest_change()
    run = begin(model, packs, plan, actor, day, position, "full", engine)
    if keep:
        run.save()
    if past:
        loading.go_back(plan, packs, position)
    counted, done = Counter[str](), Stored()
    held = held_of(model, packs, day)
    road = spark.graded if engine == "spark" else _graded
    for result, select in road(plan, packs, day, past):
        counted.update(_count(result))
        if keep:
            loading.touch(select)
            done.add(store(stage_rows(result, model), run, held))
    seconds = time.perf_counter() - started
    if keep:
        finish(run, done, seconds, position)
    counts = {g.id: counted.get(g.id, 0) for g in model.grades}
    return Evaluated(
        model.id, model.version, day, sum(counts.values()), counts, seconds, keep, done.changed, done.moved,
        waits(model) if keep else {},
    )  # fmt: skip


def _graded(plan: GradingPlan, packs: Policies, day: date, past: bool) -> Iterator[tuple[pa.Table, str]]:
    """The grades of one slice of subjects after the other, each with the SELECT that gives its subjects."""
    for select in slices():
        loading.touch(select)
        loaded = loading.load(plan, packs, past=past)
        yield grade_tables(plan, day, loaded.subjects, loaded.records), select


def slices() -> Iterator[str]:
    """SELECTs of subject ids, each of at most `settings.EVALUATION_SLICE` subjects, together all of them."""
    first, size = 0, int(settings.EVALUATION_SLICE)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT min(id), max(id) FROM (SELECT id FROM registry_subject WHERE id >= %s ORDER BY id LIMIT %s) q",
                [first, size],
            )
            low, high = cursor.fetchone()
        if low is None:
            return
        yield f"SELECT id FROM registry_subject WHERE id BETWEEN {low} AND {high}"
        first = high + 1


def begin(
    model: Evaluation,
    packs: Policies,
    plan: GradingPlan,
    actor: Actor,
    day: date,
    position: int,
    kind: str,
    engine: str,
) -> Run:
    """A run that has not been saved yet."""
    return Run(
        model=model.id,
        version=model.version,
        plan=plan_digest(plan),
        policies=packs.digest,
        day=day,
        position=position,
        kind=kind,
        engine=engine,
        actor=actor.name,
        started_at=timezone.now(),
    )


def finish(run: Run, done: Stored, seconds: float, position: int) -> None:
    """Write down what a run did and how far in the change feed its model has come."""
    run.subjects, run.changed, run.seconds, run.finished = done.subjects, done.changed, seconds, True
    run.save()
    FeedConsumer.objects.update_or_create(name=consumer_of(run.model), defaults={"position": position})
    trace(
        run.actor, "evaluation.run", "evaluation", run.model, run=run.pk, version=run.version, day=run.day.isoformat(),
        extent=run.kind, subjects=done.subjects, changed=done.changed, moved=done.moved, policies=run.policies,
    )  # fmt: skip


def consumer_of(model: str) -> str:
    """The name under which a model follows the change feed."""
    name = f"evaluation:{model}"
    return name if len(name) <= 40 else "evaluation:" + hashlib.sha256(model.encode()).hexdigest()[:24]


def plan_digest(plan: GradingPlan) -> str:
    """Changes when anything in the model that could change a grade does; the macros are the platform's own."""
    from dataclasses import replace

    return hashlib.sha256(repr(replace(plan, macros=())).encode()).hexdigest()[:32]


def newest_change() -> int:
    return RecordVersion.objects.aggregate(newest=Max("pk"))["newest"] or 0


def position_on(day: date) -> int:
    """The number of the last change recorded on or before that day."""
    end = timezone.make_aware(datetime.combine(day, clock.max))
    return RecordVersion.objects.filter(recorded_at__lte=end).aggregate(newest=Max("pk"))["newest"] or 0


def _count(result: pa.Table) -> dict[str, int]:
    counts = pc.value_counts(result["grade"])
    return {str(c["values"]): int(c["counts"].as_py()) for c in counts}
