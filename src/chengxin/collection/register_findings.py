"""What only the merge can see (a key of another source unit, a name that changed meanwhile) joins the receipt."""

from __future__ import annotations

import polars as pl

from chengxin.collection import evidence, receipts
from chengxin.collection.models import Batch
from chengxin.collection.plan import plan_for
from chengxin.collection.verdict import Verdict
from chengxin.engine.findings import Findings
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.policy.rules import Rule

_KINDS = {"name": "subject.name-contradicts", "rival": "key.other-source"}


def add_judged(batch: Batch, item: Item, packs: Policies) -> dict[str, object]:
    """Add the rows in `batch.judged` to the receipt, unless the check had said so already; returns changed counts."""
    if not batch.judged:
        return {}
    folder = evidence.folder_of(batch.pk)
    known = receipts.read(folder)
    plan = plan_for(item, packs, reported_on=batch.submitted_at.date(), today=batch.submitted_at.date())
    findings = Findings(plan, {})
    by_id = {r.id: r for r in plan.rules if isinstance(r, Rule)}
    names = {a.id: a.name for a in packs.agencies}
    judged = pl.DataFrame(batch.judged, schema=["row", "kind", "found", "expected"], orient="row").unique(
        maintain_order=True
    )
    frames = []
    for kind, rule_id in _KINDS.items():
        rule = by_id.get(f"{item.id}.{rule_id}")
        rows = judged.filter(pl.col("kind") == kind)
        if rule is None or not rows.height:
            continue
        said = known.filter(pl.col("rule") == rule.id)["row"]
        rows = rows.filter(~pl.col("row").is_in(said.implode())).with_columns(pl.col("expected").replace(names))
        if rows.height:
            frames.append(findings.frame(rule, rows["row"], rows["found"], rows["expected"]))
    if not frames:
        return {}
    receipts.replace(folder, [known, *frames])
    verdict = Verdict.load(folder / "verdict.parquet")
    doubtful = pl.concat([f["row"] for f in frames]).unique().to_numpy()
    fresh = [r for r in doubtful.tolist() if r not in set(verdict.doubtful.tolist())]
    warned = set(verdict.warned.tolist())
    faults = [
        *batch.faults,
        *({"rule": r, "field": f, "level": v, "count": n} for (r, f, v), n in findings.counts.items()),
    ]
    return {
        "doubtful": batch.doubtful + len(fresh),
        "warned": batch.warned - len([r for r in fresh if r in warned]),
        "faults": faults,
    }
