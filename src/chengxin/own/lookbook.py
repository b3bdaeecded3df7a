"""Looks in words: who, for whom, on which basis, why and what; as lines of a page and as a file (R-093, G-10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.words import people
from chengxin.audit.models import Look
from chengxin.own.pages import named, unit_names
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.lists import Lists
from chengxin.policy.measures import Measures
from chengxin.policy.queries import Queries
from chengxin.registry.look_words import purposes
from chengxin.registry.looks import MACHINE
from chengxin.registry.packs import policies
from chengxin.standards.cells import csv_lines


def bases(*, natural: bool = False) -> dict[str, str]:
    """The bases of a look in the words of its subject: a person (`natural`) is no unit."""
    return {
        "duty": _("依职权查询"),
        "sharing": _("按协议共享"),
        "authorised": _("经本人授权") if natural else _("经本单位授权"),
        "self": _("本人") if natural else _("本单位自己"),
    }


def aspects() -> dict[str, str]:
    """What a look may have shown beside records' fields, in words."""
    return {
        "grade": _("信用等级"),
        "score": _("得分"),
        "cause": _("原因"),
        "list": _("名单"),
        "measure": _("奖惩措施"),
        "inspection": _("监督检查"),
        "inspection-photo": _("监督检查的照片"),
        "case": _("办件的内容"),
        "queue": _("有这个办件，办到哪一步"),
        "alert": _("预警提示"),
        "repair": _("信用修复的条件"),
        "report": _("信用报告"),
        "subject": _("登记的基本情况"),
    }


def lines(rows: Iterable[Look], *, natural: bool = False) -> list[dict[str, Any]]:
    """Looks in words; names of people and units are asked for once."""
    found = list(rows)
    units = unit_names({r.for_whom for r in found})
    names = people(r.actor for r in found)
    words, packs, matters, purpose = bases(natural=natural), policies(), _matters(), purposes()
    known = {i: packs.versions(i)[-1] for r in found for i in r.items if packs.versions(i)}
    items = {i: named(item) for i, item in known.items()}
    labels = aspects() | {f.id: named(f) for item in known.values() for f in item.kept_fields}
    return [
        {
            "at": timezone.localtime(r.at).replace(microsecond=0, tzinfo=None),
            "who": _("、").join(w for w in (units.get(r.for_whom, r.for_whom), names.get(r.actor, r.actor)) if w),
            "basis": words.get(r.audience, r.audience),
            "number": matters.get(r.basis, r.basis.rpartition(" ")[2]),
            "purpose": purpose(r.purpose),
            "what": _("%(n)d 条：%(items)s") % {"n": r.records, "items": _("、").join(items.get(i, i) for i in r.items)}
            if r.records else _("信用记录以外的情况") if r.fields else _("没有可看的信息"),
            "fields": [labels.get(f, f) for f in r.fields],
            "refused": _("已拒绝：%(why)s") % {"why": r.refused} if r.refused else "",
        }
        for r in found
    ]  # fmt: skip


def _matters() -> dict[str, str]:
    """What a look rests on, in words: matters, agreements, models and lists of the packs by the basis that is kept."""
    packs = policies().of(Queries)
    matters = {
        "doubts": _("存疑信息"), "affairs": _("部门的监管职责"), "listings": _("名单认定"), "measures": _("奖惩措施"),
        "effects": _("奖惩成效"), "alerts": _("预警提示"), "inspections": _("监督检查"), "repair": _("信用修复"),
        MACHINE: _("平台的运行维护"),
    }  # fmt: skip
    matters |= {m.id: named(m) for q in packs for m in q.matters}
    matters |= {a.id: named(a) for q in packs for a in q.agreements}
    matters |= {f"{word} {m.id}": named(m) for m in policies().of(Evaluation) for word in ("evaluation", "simulation")}
    matters |= {f"candidates {entry.id}": named(entry) for pack in policies().of(Lists) for entry in pack.lists}
    return matters | {f"check {m.id}": named(m) for pack in policies().of(Measures) for m in pack.matters}


def as_csv(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Rows for Excel and for programs; a cell that would be a formula is written as text."""
    heads = [_("时间"), _("谁"), _("依据"), _("编号"), _("目的"), _("看了什么"), _("栏目"), _("拒绝的原因")]
    rows = (
        [line["at"].isoformat(" "), line["who"], line["basis"], line["number"], line["purpose"], line["what"],
         _("、").join(line["fields"]), line["refused"]]
        for line in found
    )  # fmt: skip
    return csv_lines(heads, rows)
