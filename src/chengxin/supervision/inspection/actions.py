"""The verbs of random inspection: register inspectors, plan, draw, publish (R-157, R-158, R-164); results: `results`."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.engine.session import open_session
from chengxin.registry.lock import writing
from chengxin.registry.packs import policies
from chengxin.registry.staging import staged
from chengxin.standards.text import clean_code
from chengxin.supervision.inspection import drawing
from chengxin.supervision.inspection.packs import policy_on
from chengxin.supervision.inspection.pool import keep, snapshot
from chengxin.supervision.inspection.refusals import NotPossible
from chengxin.supervision.inspection.running import run_draw
from chengxin.supervision.models import Inspector, Plan, Recusal

_TASKS = pa.schema(
    [
        ("position", pa.int64()), ("subject_id", pa.int64()), ("code", pa.string()), ("stratum", pa.string()),
        ("obliged", pa.bool_()), ("inspectors", pa.string()),
    ]
)  # fmt: skip


def register_inspector(
    actor: Actor, department: str, number: str, name: str, employers: Iterable[str] = (), *, person: str = ""
) -> Inspector:
    """Add or update an inspector (执法检查人员名录库); `employers` are codes of organisations they belong or belonged to,
    `person` is the name under which they sign in."""
    require(actor, "inspection.prepare", department)
    codes = sorted({c for e in employers if (c := clean_code(e))})
    values = {"name": name, "employers": codes, "active": True, "person": person.strip()}
    with writing():
        row, _made = Inspector.objects.update_or_create(department=department, number=number.strip(), defaults=values)
        trace(actor.name, "inspector.register", "inspector", row.pk, department=department)
    return row


def dismiss(actor: Actor, inspector: Inspector) -> Inspector:
    """Take an inspector off the roll (不再检查): no later draw names them; what they did stays theirs."""
    require(actor, "inspection.prepare", inspector.department)
    with writing():
        Inspector.objects.filter(pk=inspector.pk).update(active=False)
        trace(actor.name, "inspector.dismiss", "inspector", inspector.pk, department=inspector.department)
    inspector.refresh_from_db()
    return inspector


def recuse(actor: Actor, inspector: Inspector, code: str, reason: str) -> Recusal:
    """Note that an inspector must not inspect a subject (回避); the reason is kept and never published."""
    require(actor, "inspection.prepare", inspector.department)
    if not reason.strip():
        raise NotPossible(_("请写明回避的理由。"))
    with writing():
        row, _made = Recusal.objects.update_or_create(
            inspector=inspector, code=clean_code(code) or "", defaults={"reason": reason.strip()}
        )
        trace(actor.name, "inspector.recuse", "inspector", inspector.pk)
    return row


def plan(actor: Actor, policy_id: str, title: str, starts: date, ends: date) -> Plan:
    """Fix the pool of a period by the policy in force, and commit to a seed; both can no longer be changed.

    Raises `Unknown`, `Denied`, and `NotPossible` for a period over the turn of a year or an empty pool.
    """
    today = timezone.localdate()
    found = policy_on(policy_id, starts)
    require(actor, "inspection.prepare", found.department)
    if ends < starts or starts.year != ends.year:
        raise NotPossible(_("一次抽查的起止日期应在同一年内，且先后有序。"))
    packs = policies()
    pool = snapshot(found, packs, starts, ends, today)
    if not pool.rows.height:
        raise NotPossible(_("「%(policy)s」的检查对象名录库是空的。"), policy=found.label)
    keep(pool)
    seed, sha256, sm3 = drawing.new_seed()
    with writing():
        made = Plan.objects.create(
            policy=found.id, policy_version=found.version, digest=packs.digest, department=found.department, title=title,
            starts_on=starts, ends_on=ends, made_by=actor.name, seed=seed, seed_sha256=sha256, seed_sm3=sm3,
            pool=pool.digest, pool_size=pool.rows.height, strata=pool.strata,
        )  # fmt: skip
        trace(actor.name, "inspection.plan", "plan", made.pk, pool=pool.digest, seed_sha256=sha256, seed_sm3=sm3)
    return made


def draw(actor: Actor, plan: Plan, beacon: str = "") -> int:
    """Draw subjects and inspectors, and reveal the seed; returns how many are drawn. A second draw is refused.

    `beacon` is a value that nobody could know when the plan was made (the day's lottery numbers, say): with it not even
    whoever made the seed could steer the draw. Raises `NotPossible`, also where too few inspectors may go.
    """
    require(actor, "inspection.prepare", plan.department)
    if plan.drawn_at is not None:
        raise NotPossible(_("计划 %(plan)s 已经抽取过，结果不能再抽。"), plan=plan.number)
    together = policy_on(plan.policy, plan.starts_on).inspectors.together
    with open_session() as con:
        facts = run_draw(con, plan, beacon, together)
        short = con.sql("SELECT code FROM tasks WHERE inspectors IS NULL ORDER BY code").fetchall()
        if short:
            codes = "、".join(code for (code,) in short[:5])
            raise NotPossible(_("回避之后检查人员不足，无法检查：%(codes)s。请补充检查人员名录库。"), codes=codes)
        columns = "subject_id, code, stratum, obliged, to_json(inspectors)::VARCHAR AS inspectors"
        rows = con.sql(f"SELECT row_number() OVER () AS position, {columns} FROM tasks").pl()
    _store(actor, plan, beacon, facts, rows)
    return rows.height


def publish(actor: Actor, plan: Plan) -> Plan:
    """Publish the plan's draw with its seed (一公开); another person than the one who drew (G-16)."""
    require(actor, "inspection.publish", plan.department)
    with writing():
        row = Plan.objects.select_for_update().get(pk=plan.pk)
        if row.drawn_at is None:
            raise NotPossible(_("计划 %(plan)s 还没有抽取。"), plan=plan.number)
        if row.drawn_by == actor.name:
            raise NotPossible(_("%(actor)s 主持了抽取，请由另一位审核员公布。"), actor=actor.name)
        if row.published_at is None:
            row.published_by, row.published_at = actor.name, timezone.now()
            row.save(update_fields=["published_by", "published_at"])
            trace(actor.name, "inspection.publish", "plan", row.pk)
    return row


def _store(actor: Actor, plan: Plan, beacon: str, facts: dict[str, Any], rows: pl.DataFrame) -> None:
    with ExitStack() as stack:
        stage = stack.enter_context(staged(rows.to_arrow().cast(_TASKS)))
        stack.enter_context(writing())
        row = Plan.objects.select_for_update().get(pk=plan.pk)
        if row.drawn_at is not None:
            raise NotPossible(_("计划 %(plan)s 已经抽取过，结果不能再抽。"), plan=plan.number)
        with connection.cursor() as cursor:
            cast = "::jsonb" if connection.vendor == "postgresql" else ""
            cursor.execute(
                "INSERT INTO supervision_task (plan_id, subject_id, code, stratum, obliged, inspectors, result, findings,"
                f" matters, entered_by, batch) SELECT %s, w.subject_id, w.code, w.stratum, w.obliged, w.inspectors{cast},"
                f" '', '', '[]'{cast}, '', '' FROM {stage} w",
                [plan.pk],
            )
        row.beacon, row.facts, row.drawn_by, row.drawn_at = beacon, facts, actor.name, timezone.now()
        row.save(update_fields=["beacon", "facts", "drawn_by", "drawn_at"])
        plan.refresh_from_db()
        trace(actor.name, "inspection.draw", "plan", plan.pk, drawn=rows.height, beacon=beacon)
