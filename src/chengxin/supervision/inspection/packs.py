"""What the packs say about inspection, by day."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_noop as _

from chengxin.policy.inspection import Inspection, InspectionRecord
from chengxin.registry.packs import policies
from chengxin.supervision.packs import Unknown


def policy_on(id: str, day: date) -> Inspection:
    """The inspection policy in force on that day. Raises `Unknown`."""
    known = {p.id: p for p in policies().of(Inspection) if p.effective.holds(day)}
    if id not in known:
        raise Unknown(_("没有「%(policy)s」这个抽查办法；现有：%(known)s。"), policy=id, known="、".join(sorted(known)))
    return known[id]


def record_on(day: date) -> InspectionRecord:
    """How results become records on that day. Raises `Unknown`."""
    found = next((p for p in policies().of(InspectionRecord) if p.effective.holds(day)), None)
    if found is None:
        raise Unknown(_('政策包没有写明检查结果怎样归集（kind = "inspection-record"）。'))
    return found


def result_labels(record: InspectionRecord) -> list[str]:
    """The results that may be entered: the labels of the code table of the item's result field."""
    packs = policies()
    field = packs.versions(record.item)[-1].field(record.result)
    return list(packs.codes(field.table).labels) if field.table else []
