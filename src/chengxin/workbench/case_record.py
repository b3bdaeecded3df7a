"""The record a case is about, as it is held: its fields, its standing, its versions. Seeing it is a look (R-092, G-10)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.cases.desk import unit_of
from chengxin.cases.forms import Entry
from chengxin.cases.models import Case
from chengxin.cases.people import acts_for_subject
from chengxin.design.shapes import Cell, Column, Fact, Table
from chengxin.design.templatetags.chengxin import named, told
from chengxin.policy.catalogue import Item
from chengxin.policy.queries import handling_matter
from chengxin.registry.action_words import action_label
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import Ask, NoBasis, look
from chengxin.registry.models import Record, RecordVersion, Standing
from chengxin.registry.packs import policies
from chengxin.registry.queries import history_of
from chengxin.workbench.labels import item_of

_TONES: dict[str, Any] = {
    Standing.ACTIVE: "info", Standing.DISPUTED: "warn", Standing.REPAIRED: "good", Standing.WITHDRAWN: "good",
}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What the register holds and this person may see; `why_not` says why nothing of the content is shown."""

    record: Record
    item: Any
    standing: Cell
    facts: list[Fact]
    labels: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    versions: Table | None = None
    why_not: str = ""


def held(actor: Actor, case: Case) -> Held | None:
    """The record of a case, or None where it is about none. Every call is a look that the subject can see."""
    if case.record is None:
        return None
    record = case.record
    ask = Ask(
        Audience.DUTY,
        case.number,
        handling_matter(policies(), timezone.localdate()),
        unit_of(actor, case),
        items=frozenset({record.item}),
        records=frozenset({record.pk}),
        case=case.number if case.pk else "",  # one that is only about to be opened has none
    )
    why_not, facts = "", []
    labels: dict[str, str] = {}
    values: dict[str, str] = {}
    try:
        # Its own people look by no duty: to try would only leave a refusal in their own book.
        seen = [] if acts_for_subject(actor, case) else look(actor, record.subject, ask)
    except NoBasis as refused:
        seen, why_not = [], str(refused)
    if seen:
        labels, values = _told(seen[0].item, seen[0].shown.fields)
        facts = [Fact(labels[name], values[name]) for name in values]
    elif acts_for_subject(actor, case):
        why_not = _("这是您代表的主体的信息，请在「我的信用」里看。")
    elif not why_not:
        why_not = _("这条信息现在是「%(standing)s」，内容不再展示。") % {"standing": record.get_standing_display()}
    standing = Cell(record.get_standing_display(), tone=_TONES.get(record.standing, ""))
    return Held(
        record, item_of(policies(), record.item), standing, facts, labels, values, _versions(record, labels), why_not
    )


def _told(item: Item, fields: Any) -> tuple[dict[str, str], dict[str, str]]:
    known = item.by_id
    values = {
        name: told(known[name].as_written(value) if known[name].type == "amount" else value)
        for name, value in fields.items()
        if name in known
    }
    return {f.id: named(f) for f in item.kept_fields}, values


def entries(record: Held | None) -> list[Entry]:
    """The fields that a correction may name, with what they say now."""
    if record is None:
        return []
    labels = {name: label for name, label in record.labels.items() if not record.item.by_id[name].sealed}
    return [Entry(name, label, record.values.get(name, "")) for name, label in labels.items()]


def _versions(record: Record, labels: dict[str, str]) -> Table:
    """Every state the record ever had, the latest first: who, why, and which fields changed."""
    columns = [
        Column(_("版本")), Column(_("日期")), Column(_("动作")), Column(_("变动的栏目"), wide=True), Column(_("来由"), wide=True),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    before: dict[str, Any] = {}
    for version in history_of(record):
        payload = json.loads(version.payload)
        changed = [labels[n] for n in labels if payload.get(n) != before.get(n)] if before else []
        before = payload
        rows.append(
            [
                str(version.number),
                version.recorded_at,
                action_label(version.action),
                "、".join(changed) or "—",
                _origin(version),
            ]
        )
    return Table(_("登记库中的版本"), columns, list(reversed(rows)))


def _origin(version: RecordVersion) -> Cell:
    if version.case:
        return Cell(version.case, reverse("case", args=[version.case]), note=version.reason)
    return Cell(version.reason or (_("批次 %(batch)s") % {"batch": version.batch} if version.batch else "—"))
