"""Results of the drawn tasks: checked as a whole, entered in one statement (R-166)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack

import polars as pl
import pyarrow as pa
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.registry.lock import writing
from chengxin.registry.staging import staged
from chengxin.supervision.inspection.packs import policy_on, record_on, result_labels
from chengxin.supervision.inspection.refusals import NotPossible
from chengxin.supervision.models import Plan

_RESULTS = pa.schema(
    [
        ("position", pa.int64()), ("code", pa.string()), ("result", pa.string()), ("inspected_on", pa.date32()),
        ("findings", pa.string()), ("matters", pa.string()),
    ]
)  # fmt: skip


def enter_results(actor: Actor, plan: Plan, rows: pl.DataFrame) -> int:
    """Enter what was found: columns code, result (a label of the item's code table), inspected_on, findings, matters.

    All or nothing; returns how many. Raises `NotPossible` naming the first code, result or day that is not right.
    """
    require(actor, "inspection.enter", plan.department)
    if plan.drawn_at is None:
        raise NotPossible(_("计划 %(plan)s 还没有抽取。"), plan=plan.number)
    found = policy_on(plan.policy, plan.starts_on)
    labels = result_labels(record_on(plan.starts_on))
    known = {code: bool(batch) for code, batch in plan.tasks.values_list("code", "batch")}
    allowed = {m.label for m in found.matters}
    _check_rows(rows, plan, known, labels, allowed)
    ready = rows.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("position"), "code", "result", "inspected_on", "findings",
        pl.col("matters").list.join("；").alias("matters"),
    ).unique("code", keep="last")  # fmt: skip
    with ExitStack() as stack:
        stage = stack.enter_context(staged(ready.to_arrow().cast(_RESULTS)))
        stack.enter_context(writing())
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE supervision_task SET result = w.result, inspected_on = w.inspected_on, findings = w.findings,"
                f" matters = {_json('w.matters')}, entered_by = %s FROM {stage} w"
                " WHERE supervision_task.plan_id = %s AND supervision_task.code = w.code",
                [actor.name, plan.pk],
            )
        trace(actor.name, "inspection.enter", "plan", plan.pk, results=ready.height)
    return ready.height


def taken_back(plan: Plan, batches: Iterable[str]) -> int:
    """Free the results whose batch never reached the register (returned, withdrawn, refused), to be corrected and sent
    again; returns how many."""
    return plan.tasks.filter(batch__in=list(batches)).update(batch="")


def handed_over(plan: Plan, codes: Iterable[str], batch: str) -> int:
    """Note the batch by which results went to the register, so that they count from there; returns how many."""
    wanted = list(codes)
    return sum(
        plan.tasks.filter(code__in=wanted[n : n + 500], batch="").update(batch=batch)
        for n in range(0, len(wanted), 500)
    )


def _json(column: str) -> str:
    """A text as a JSON list of one text."""
    if connection.vendor == "postgresql":
        return f"CASE WHEN {column} = '' THEN '[]'::jsonb ELSE jsonb_build_array({column}) END"
    return f"CASE WHEN {column} = '' THEN '[]' ELSE json_array({column}) END"


def _check_rows(rows: pl.DataFrame, plan: Plan, known: dict[str, bool], labels: list[str], allowed: set[str]) -> None:
    """Refuse the first thing that is wrong, with what would be right."""
    sent = [code for code, is_sent in known.items() if is_sent]
    day, matters = pl.col("inspected_on"), pl.col("matters")
    outside = (day > timezone.localdate()) | (day < plan.starts_on) | day.is_null()
    checks: list[tuple[pl.Expr, str, str]] = [
        (~pl.col("code").is_in(list(known)), _("%(value)s 不在计划 %(plan)s 的抽取结果里。"), "code"),
        (pl.col("code").is_in(sent), _("%(value)s 的结果已经报送，要更正请走更正程序。"), "code"),
        (~pl.col("result").is_in(labels), _("结果「%(value)s」不在可选的结果里：%(labels)s。"), "result"),
        (outside, _("检查日期「%(value)s」应在计划开始之后、今天之前。"), "inspected_on"),
        (
            matters.list.eval(~pl.element().is_in(list(allowed))).list.any(),
            _("检查事项「%(value)s」不在计划的抽查事项里：%(matters)s。"),
            "matters",
        ),
    ]
    for wrong, text, column in checks:
        bad = rows.filter(wrong)
        if bad.height:
            value = bad[column][0]
            shown = "、".join(value) if isinstance(value, pl.Series) else value
            choices = {"labels": "、".join(labels), "matters": "、".join(sorted(allowed))}
            raise NotPossible(text, value=shown, plan=plan.number, **choices)
