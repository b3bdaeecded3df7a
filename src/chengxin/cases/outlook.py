"""When the records of a subject can be repaired, told to everybody beside each record (R-239, R-242; anchors.md 5.1).

By the rules of repair of the packs alone; which conditions only the applicant can show is said, not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from chengxin.cases import guards
from chengxin.cases.errors import Unmet
from chengxin.cases.packs import repair_rules
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.repair import Condition
from chengxin.registry.models import Record, RecordVersion, Standing
from chengxin.registry.packs import policies


@dataclass(frozen=True)
class RepairOutlook:
    """`unmet` is what the register itself shows to be missing, `to_show` what the applicant has to state or attach;
    `earliest` is the end of the minimum publicity."""

    earliest: date | None
    unmet: tuple[Unmet, ...]
    to_show: tuple[Condition, ...]

    @property
    def open_now(self) -> bool:
        return not self.unmet


def repair_outlooks(records: Sequence[Record], day: date) -> Mapping[int, RepairOutlook]:
    """Of all records of a subject each adverse one in force that can be repaired at all, by id; at most one query.

    Items whose publicity no rules of repair go by are not in it: who lists decides how they end.
    """
    adverse = tuple(r for r in records if r.severity and r.standing in (Standing.ACTIVE, Standing.DISPUTED))
    if not adverse:
        return {}
    changed = [r.pk for r in records if r.number > 1]  # a repair is never a record's first version
    done = RecordVersion.objects.filter(record_id__in=changed, action="repair") if changed else None
    rows = done.values_list("record_id", "recorded_at") if done is not None else ()
    repairs = tuple((r, timezone.localdate(at)) for r, at in rows)
    known = guards.Known(adverse, repairs)
    found = {head.pk: _outlook(head, known, day) for head in adverse}
    return {pk: outlook for pk, outlook in found.items() if outlook is not None}


def _outlook(head: Record, known: guards.Known, day: date) -> RepairOutlook | None:
    items = policies().versions(head.item)
    try:
        rules = repair_rules(day, head)
    except UnknownPolicy:
        return None
    if not items or items[-1].publicity not in rules.publicities:
        return None
    stated = guards.stated_conditions(day, head)
    unmet = guards.unmet_for_repair(head, form={}, materials=set(), day=day, known=known)
    to_show = tuple(c for c in rules.conditions if c.id in stated)
    return RepairOutlook(head.repair_from, tuple(u for u in unmet if u.id not in stated), to_show)
