"""What is asked of random inspection: the document anybody can verify, and the rows that go to the register."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import reduce
from typing import Any

import polars as pl
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop as _

from chengxin.engine.session import open_session
from chengxin.policy.schema import basis_text
from chengxin.registry.packs import policies
from chengxin.supervision.inspection.drawing import ALGORITHM
from chengxin.supervision.inspection.packs import policy_on, record_on
from chengxin.supervision.inspection.pool import place
from chengxin.supervision.inspection.refusals import NotPossible
from chengxin.supervision.inspection.running import run_draw
from chengxin.supervision.models import Inspector, Plan, Task


def document(plan: Plan, *, whole: bool = False) -> dict[str, Any]:
    """The published document of a plan: before the draw what it commits to, after it everything needed to run it again.

    The pool stands in it where the policy lets it be public, or `whole` for those who supervise. Inspectors appear by
    number; reasons of recusal never do.
    """
    policy = policy_on(plan.policy, plan.starts_on)
    drawn = plan.drawn_at is not None
    answer: dict[str, Any] = {
        "plan": plan.number,
        "title": plan.title,
        "department": plan.department,
        "policy": {"id": plan.policy, "version": plan.policy_version, "rules": plan.digest},
        "period": [plan.starts_on.isoformat(), plan.ends_on.isoformat()],
        "algorithm": ALGORITHM,
        "commitment": {
            "seed_sha256": plan.seed_sha256, "seed_sm3": plan.seed_sm3, "pool_sha256": plan.pool,
            "pool_size": plan.pool_size, "made_at": plan.made_at.isoformat(),
        },
        "strata": plan.strata if policy.pool_public or whole else [],
    }  # fmt: skip
    if policy.pool_public or whole:
        answer["pool"] = _pool(plan)
    if drawn:
        together = policy.inspectors.together
        answer |= {"seed": plan.seed, "beacon": plan.beacon, "drawn_at": plan.drawn_at.isoformat()}  # type: ignore[union-attr]
        answer["inspectors"] = {"together": together, **plan.facts}
        answer["drawn"] = _drawn(plan, labelled=policy.pool_public or whole)
    return answer


def tasks_of(units: Iterable[str], person: str) -> QuerySet[Task]:
    """What is still to be inspected, or can still be corrected, in the drawn plans of these units: what names the inspector
    who signs in as `person`, or everything where no inspector does. The plan that ends first comes first."""
    units = list(units)
    numbers = list(Inspector.objects.filter(department__in=units, person=person).values_list("number", flat=True))
    rows = Task.objects.filter(plan__department__in=units, plan__drawn_at__isnull=False, batch="")
    if numbers:
        rows = rows.annotate(names=Cast("inspectors", TextField()))
        rows = rows.filter(reduce(Q.__or__, (Q(names__contains=json.dumps(n, ensure_ascii=False)) for n in numbers)))
    return rows.select_related("plan", "subject").order_by("plan__ends_on", "pk")


def with_photos(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """The tasks, each with how many photos it has as `pictured`."""
    return tasks.annotate(pictured=Count("photos", filter=Q(photos__removed_at=None)))


def progress_of(plans: Iterable[Plan]) -> dict[int, dict[str, int]]:
    """Plan -> how many subjects are drawn, inspected, and handed to the register; one query for all."""
    rows = Task.objects.filter(plan__in=list(plans)).order_by().values("plan")
    counted = rows.annotate(
        drawn=Count("pk"), entered=Count("pk", filter=~Q(result="")), sent=Count("pk", filter=~Q(batch=""))
    )
    return {row["plan"]: {k: row[k] for k in ("drawn", "entered", "sent")} for row in counted}


def find_plan(number: str) -> Plan | None:
    """The plan that people call by this number."""
    return Plan.objects.filter(pk=int(number[1:])).first() if re.fullmatch(r"P[0-9]{6,12}", number) else None


def public_document(plan: Plan) -> dict[str, Any]:
    """What the world sees: of a draw that is not published yet the commitment only (R-157)."""
    if plan.published_at is None:
        plan.drawn_at = None
    return document(plan)


def verify(plan: Plan) -> list[str]:
    """Draw again from what is kept and compare: the codes that differ, nothing when all is as it was drawn."""
    if plan.drawn_at is None:
        return []
    together = policy_on(plan.policy, plan.starts_on).inspectors.together
    with open_session() as con:
        run_draw(con, plan, plan.beacon, together)
        again = {code: list(who) for code, who in con.sql("SELECT code, inspectors FROM tasks").fetchall() if who}
    kept = dict(plan.tasks.values_list("code", "inspectors"))
    return sorted(code for code in again.keys() | kept.keys() if again.get(code) != kept.get(code))


def result_rows(plan: Plan, published: str) -> tuple[str, list[str], bytes]:
    """The results that have not gone to the register yet: item, codes, and a file of JSON lines for collection.

    Headings are the item's own labels, so that the file is checked like everybody else's. Raises `NotPossible` when
    there is none.
    """
    record, policy, packs = record_on(plan.starts_on), policy_on(plan.policy, plan.starts_on), policies()
    item = packs.item(record.item, plan.starts_on)
    agency = packs.agency(plan.department)
    matters = {m.label: basis_text(m.basis) for m in policy.matters}
    lines, codes = [], []
    for task in plan.tasks.exclude(result="").filter(batch="").select_related("subject").order_by("code"):
        inspected = task.matters[0].split("；") if task.matters else list(matters)
        places = {
            "number": f"{plan.number}-{task.pk}", "title": plan.title, "kind": policy.label, "matters": "；".join(inspected),
            "basis": "；".join(matters[m] for m in inspected if m in matters), "date": task.inspected_on,
            "result": task.result, "findings": task.findings, "name": task.subject.name, "code": task.code,
            "authority": agency.name, "authority_code": agency.code, "published": published,
        }  # fmt: skip
        cells = {item.field(name).label: text.format_map(places) for name, text in record.fields.items()}
        lines.append(json.dumps({k: v for k, v in cells.items() if v}, ensure_ascii=False))
        codes.append(task.code)
    if not lines:
        raise NotPossible(_("计划 %(plan)s 没有待报送的检查结果。"), plan=plan.number)
    return record.item, codes, ("\n".join(lines) + "\n").encode()


def _pool(plan: Plan) -> list[list[Any]]:
    rows = pl.read_parquet(place(plan.pool)).sort("code").select("code", "stratum", "obliged", "capped")
    return [[code, stratum, int(obliged), int(capped)] for code, stratum, obliged, capped in rows.iter_rows()]


def _drawn(plan: Plan, *, labelled: bool) -> list[dict[str, Any]]:
    rows = plan.tasks.order_by("code").values_list("code", "stratum", "inspectors")
    return [{"code": c, "inspectors": i, **({"stratum": s} if labelled else {})} for c, s, i in rows]
