"""Choosing what a case is to be about: the records of a subject that the procedure takes. Showing them is a look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.cases.starting import Start
from chengxin.design.shapes import Cell, Column, Table
from chengxin.design.templatetags.chengxin import named, told
from chengxin.policy.queries import handling_matter
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import Ask, NoBasis, Seen, look
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.workbench.labels import agency_label


@dataclass(frozen=True)
class Choice:
    """What a case will be about; both empty where it is about neither."""

    record: Record | None = None
    subject: Subject | None = None


def choices_for(actor: Actor, start: Start, subject: Subject) -> dict[str, Any]:
    """The subject and those of its records that can be chosen."""
    items = frozenset(start.procedure.items)
    ask = Ask(
        Audience.DUTY, start.procedure.label, handling_matter(policies(), timezone.localdate()), start.units[0], items
    )
    try:
        seen = [s for s in look(actor, subject, ask) if start.takes(s.view.head)]
    except NoBasis as refused:
        return {"subject": subject, "why_not": str(refused), "records": Table(_("信用信息"), [], [])}
    begin = reverse("new-case-of", args=[start.procedure.id])
    return {
        "subject": subject,
        "records": _table(begin, seen),
        "whole": "" if start.wants_record else f"{begin}?whole={subject.code}",
    }


def _table(begin: str, seen: list[Seen]) -> Table:
    columns = [
        Column(_("选择")), Column(_("信息"), wide=True), Column(_("来源"), wide=True), Column(_("决定日期")), Column(_("现状")),
    ]  # fmt: skip
    rows = []
    for one in sorted(seen, key=lambda s: str(s.view.head.decided_on or ""), reverse=True):
        head = one.view.head
        title = told(one.shown.fields.get(one.item.record.title or "", head.key))
        rows.append(
            [
                Cell(_("选这一条 %(id)s") % {"id": head.pk}, f"{begin}?record={head.pk}"),
                Cell(title, note=named(one.item)),
                agency_label(policies(), head.source),
                head.decided_on or "—",
                head.get_standing_display(),
            ]
        )
    return Table(_("可以选择的信用信息"), columns, rows, show_caption=True)
