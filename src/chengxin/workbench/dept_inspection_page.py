"""A plan of random inspection in steps and tables, and how its results go to the register (R-157 to R-166)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.words import people
from chengxin.collection import actions as collection
from chengxin.collection import jobs
from chengxin.collection.models import Batch, State
from chengxin.design.shapes import Card, Cell, Fact, Step, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.inspection import DefaultClass, Inspection, InspectionClass
from chengxin.policy.policies import Policies
from chengxin.supervision.inspection import photos
from chengxin.supervision.inspection.queries import result_rows
from chengxin.supervision.inspection.results import handed_over, taken_back
from chengxin.supervision.models import Inspector, Plan, Task
from chengxin.workbench import department as desk

LOST = (State.REFUSED, State.RETURNED, State.WITHDRAWN)
"""States of a batch whose rows never reached the register."""


def stage(plan: Plan, counts: dict[str, int]) -> Cell:
    """Where a plan stands, in a word."""
    if plan.drawn_at is None:
        return Cell(_("等待抽取"), tone="warn")
    if plan.published_at is None:
        return Cell(_("等待公布"), tone="warn")
    if counts.get("entered", 0) < counts.get("drawn", 0):
        return Cell(_("正在检查"), tone="info")
    return (
        Cell(_("已完成"), tone="good")
        if counts.get("sent") == counts.get("drawn")
        else Cell(_("等待结果入库"), tone="warn")
    )


def plans_table(packs: Policies, plans: Iterable[Plan], counts: dict[int, dict[str, int]], several: bool) -> Table:
    """The plans, the newest first."""
    return Table(
        _("抽查计划"),
        desk.columns(_("计划"), _("编号"), _("期间"), _("抽中"), _("已检查"), _("状态"), wide=(0,), number=(3, 4)),
        [
            [
                Cell(
                    p.title,
                    href=reverse("dept-inspection", args=[p.number]),
                    note=desk.agency(packs, p.department) if several else "",
                ),
                p.number,
                f"{p.starts_on} – {p.ends_on}",
                counts.get(p.pk, {}).get("drawn", 0),
                counts.get(p.pk, {}).get("entered", 0),
                stage(p, counts.get(p.pk, {})),
            ]
            for p in plans
        ],
        empty=_("还没有抽查计划。先制定一个：定下期间，系统按抽查办法固定名录库。"),
    )


def classes_table(policy: Inspection) -> Table:
    """The classes of a policy: who is drawn how often."""
    every: list[InspectionClass | DefaultClass] = [*policy.classes, policy.default]
    return Table(
        named(policy),
        desk.columns(_("类别"), _("抽取比例"), _("每年最少"), _("每年最多"), wide=(0,), number=(1, 2, 3)),
        [[named(c), share(c.ratio), c.at_least or "—", c.at_most or "—"] for c in every],
        show_caption=True,
    )


def share(ratio: Any) -> str:
    """A ratio as a percentage without needless digits."""
    return f"{(Decimal(str(ratio)) * 100).normalize():f}%"


def facts(packs: Policies, plan: Plan) -> list[Fact]:
    """What is fixed of a plan: the commitment first, the seed once it is drawn."""
    who = people([plan.made_by, plan.drawn_by, plan.published_by])
    found = [
        Fact(_("计划编号"), plan.number, code=True),
        Fact(_("部门"), desk.agency(packs, plan.department)),
        Fact(_("期间"), f"{plan.starts_on} – {plan.ends_on}"),
        Fact(_("制定人"), who[plan.made_by]),
        Fact(_("名录库"), _("%(n)s 户，制定后不再变动") % {"n": plan.pool_size}),
        Fact(_("种子的指纹（SHA-256）"), plan.seed_sha256, code=True),
        Fact(_("种子的指纹（SM3）"), plan.seed_sm3, code=True),
        Fact(_("名录库的指纹（SHA-256）"), plan.pool, code=True),
    ]
    if plan.drawn_at is not None:
        found += [
            Fact(_("抽取"), f"{who[plan.drawn_by]} · {timezone.localtime(plan.drawn_at):%Y-%m-%d %H:%M}"),
            Fact(_("种子"), plan.seed, code=True),
            Fact(_("公开数值"), plan.beacon or "—"),
        ]
    if plan.published_at is not None:
        found.append(
            Fact(_("公布"), f"{who[plan.published_by]} · {timezone.localtime(plan.published_at):%Y-%m-%d %H:%M}")
        )
    return found


def steps(plan: Plan, counts: dict[str, int], today: date) -> list[Step]:
    """The way of a plan; the present step is late when the period is over."""
    drawn, entered, sent = (counts.get(k, 0) for k in ("drawn", "entered", "sent"))
    done = [
        True,
        plan.drawn_at is not None,
        plan.published_at is not None,
        bool(drawn) and entered == drawn,
        bool(drawn) and sent == drawn,
    ]
    labels = (
        (_("制定计划"), _("名录库和种子的指纹已在门户公示")),
        (_("抽取"), _("抽出检查对象和检查人员，公开种子")),
        (_("公布"), _("由主持抽取以外的审核员公布")),
        (_("检查"), _("%(n)s 户中已检查 %(m)s 户") % {"n": drawn, "m": entered}),
        (_("结果入库"), _("已送交 %(m)s 户") % {"m": sent}),
    )
    first = done.index(False) if False in done else len(done)
    late = today > plan.ends_on
    return [
        Step(label, "done" if n < first else ("late" if late else "now") if n == first else "next", note)
        for n, (label, note) in enumerate(labels)
    ]


def strata_table(plan: Plan) -> Table:
    """Each class with ratio, size and how many are drawn."""
    return Table(
        _("各类抽多少"),
        desk.columns(_("类别"), _("比例"), _("户数"), _("应抽"), wide=(0,), number=(1, 2, 3)),
        [[s["label"], share(s["ratio"]), s["size"], s["k"]] for s in plan.strata],
    )


def tasks_table(plan: Plan, tasks: Iterable[Any], may_enter: bool) -> Table:
    """The drawn subjects with their inspectors, results and photos; tasks as `queries.with_photos` counts them. Who enters
    no results is led to the subject."""
    labels = {s["id"]: s["label"] for s in plan.strata}
    return Table(
        _("抽中的检查对象"),
        desk.columns(
            _("检查对象"), _("代码"), _("类别"), _("检查人员"), _("结果"), _("照片"), wide=(0, 2), number=(5,)
        ),
        [
            [
                Cell(
                    t.subject.name,
                    href=reverse("dept-inspection-task", args=[t.pk])
                    if may_enter
                    else reverse("dept-subject", args=[t.subject.code]),
                ),
                t.code,
                Cell(labels.get(t.stratum, t.stratum), note=_("补足每年最少次数") if t.obliged else ""),
                "、".join(t.inspectors),
                Cell(t.result, tone="good" if t.batch else "info", note=str(t.inspected_on or ""))
                if t.result
                else _("还没有"),
                Cell(t.pictured, href=reverse("dept-inspection-photos", args=[t.pk])) if t.pictured else "—",
            ]
            for t in tasks
        ],
        empty=_("这次没有抽中任何单位。"),
    )


@dataclass(frozen=True)
class Picture:
    """A photo that stands as evidence: its address, what it is in words, and its measures in pixels."""

    src: str
    words: str
    width: int
    height: int


def pictures_of(task: Task) -> dict[int, Picture]:
    """The photos of a task by their numbers, each with when and by whom it was added."""
    found = list(photos.photos_of(task))
    who = people(p.added_by for p in found)
    words = _("照片 %(n)s：%(at)s，%(who)s")
    return {
        p.pk: Picture(
            reverse("dept-inspection-photo", args=[task.pk, p.pk]),
            words % {"n": n, "at": f"{timezone.localtime(p.added_at):%Y-%m-%d %H:%M}", "who": who[p.added_by]},
            p.width,
            p.height,
        )
        for n, p in enumerate(found, 1)
    }


def inspectors_table(packs: Policies, rows: Sequence[Inspector], several: bool) -> Table:
    """The roll of inspectors."""
    return Table(
        _("执法检查人员名录库"),
        desk.columns(_("姓名"), _("执法证号"), _("登录名"), _("自动回避的单位"), _("状态")),
        [
            [
                Cell(
                    i.name,
                    href=reverse("dept-inspection-inspector", args=[i.pk]),
                    note=desk.agency(packs, i.department) if several else "",
                ),
                i.number,
                i.person or "—",
                "、".join(i.employers) or "—",
                Cell(_("在册"), tone="good") if i.active else Cell(_("已退出"), tone=""),
            ]
            for i in rows
        ],
        empty=_("名录库还是空的。先登记检查人员：抽取时一次至少要两名。"),
    )


def task_cards(tasks: Sequence[Task], today: date) -> list[Card]:
    """What an inspector has to do, each a large target for a thumb."""
    cards = []
    for t in tasks:
        late = today > t.plan.ends_on
        words = [
            t.subject.address or t.code,
            _("%(plan)s，%(day)s 前完成") % {"plan": t.plan.title, "day": t.plan.ends_on},
        ]
        if t.result:
            words.append(_("已录入：%(result)s，还可以改") % {"result": t.result})
        tone: Any = "good" if t.result else "bad" if late else ""
        cards.append(Card(t.subject.name, "　".join(words), reverse("dept-inspection-task", args=[t.pk]), tone=tone))
    return cards


# -- results to the register ------------------------------------------------------------------------------------------


def batches_of(plan: Plan) -> list[Batch]:
    """The batches by which results of the plan went to the register, the newest first."""
    return list(Batch.objects.filter(source_id=plan.department, file_name=f"{plan.number}.jsonl").order_by("-pk"))


def waiting(plan: Plan) -> int:
    """How many results are entered and not in a batch that is alive."""
    lost = [b.number for b in batches_of(plan) if b.state in LOST]
    rows = plan.tasks.exclude(result="")
    return rows.filter(batch__in=["", *lost]).count()


def send(actor: Actor, plan: Plan) -> Batch:
    """Hand the results over as a batch of the department, by the road of all data: checked now, released by another
    person. Results of a batch that came back go with them. Raises what the rooms raise."""
    taken_back(plan, [b.number for b in batches_of(plan) if b.state in LOST])
    item, codes, rows = result_rows(plan, timezone.localdate().isoformat())
    key = f"{plan.number}-{hashlib.sha256(rows).hexdigest()[:32]}-{len(batches_of(plan))}"
    submission = collection.Submission(item, plan.department, f"{plan.number}.jsonl", "page", key)
    batch = collection.submit(actor, submission, io.BytesIO(rows))
    handed_over(plan, codes, batch.number)
    return jobs.run_if_small(batch)
