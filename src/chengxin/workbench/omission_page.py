"""Suspects and reminders as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.words import english, people
from chengxin.collection.models import Reminder
from chengxin.collection.omissions import Suspect
from chengxin.collection.reminders import OUTCOMES
from chengxin.design.shapes import Cell, Column, Event, Table, Tone
from chengxin.policy.policies import Policies
from chengxin.workbench.labels import agency_label, item_label
from chengxin.workbench.omission_forms import AskForm

TONES: dict[str, Tone] = {"open": "warn", "answered": "info", "closed": "good"}


@dataclass(frozen=True)
class Row:
    """A suspect, with its tick box and what was asked about it already."""

    source: str
    item: str
    kind: str
    reason: str
    box: Any
    asked: Reminder | None
    asked_href: str
    tone: Tone


def kinds() -> dict[str, str]:
    """The defects in a word each (R-048)."""
    return {
        "silent": _("没有报送"), "thin": _("报送骤减"), "gap": _("文号断号"), "late": _("迟报"), "intake": _("入库率低"),
    }  # fmt: skip


def choices(suspects: Sequence[Suspect]) -> list[tuple[str, str]]:
    """The tick boxes; their values name what they stand for, so that a list that changed meanwhile asks nobody else."""
    return [(f"{n}:{s.source}:{s.item}:{s.defect}", s.call) for n, s in enumerate(suspects)]


def rows(
    packs: Policies, suspects: Sequence[Suspect], known: Mapping[tuple[str, str, str], Reminder], ask: AskForm
) -> list[Row]:
    """The suspects with their tick boxes."""
    boxes, words = list(ask["rows"]), kinds()
    return [_row(packs, s, box, words, known) for s, box in zip(suspects, boxes, strict=True)]


def _row(
    packs: Policies, s: Suspect, box: Any, words: Mapping[str, str], known: Mapping[tuple[str, str, str], Reminder]
) -> Row:
    asked = known.get((s.source, s.item, s.defect))
    return Row(
        agency_label(packs, s.source), item_label(packs, s.item), words[s.defect], s.reason, box, asked,
        reverse("quality-reminder", args=[asked.pk]) if asked else "", TONES[asked.state] if asked else "",
    )  # fmt: skip


def reminder_table(packs: Policies, found: Iterable[Reminder]) -> Table:
    """The dunning list: the nearest day first."""
    today, words = timezone.localdate(), kinds()
    columns = [
        Column(_("目录项")), Column(_("信源单位")), Column(_("月份")), Column(_("问题")), Column(_("原因"), wide=True),
        Column(_("怎么催")), Column(_("状态")), Column(_("回复期限")),
    ]  # fmt: skip
    rows = [
        [
            Cell(item_label(packs, r.item), reverse("quality-reminder", args=[r.pk])),
            agency_label(packs, r.source_id),
            r.month,
            words.get(r.defect, r.defect),
            r.reason_en if english() and r.reason_en else r.reason,
            r.get_level_display(),
            Cell(r.get_state_display(), tone=TONES[r.state]),
            Cell(r.answer_by, note=_("已逾期") if r.state == "open" and r.answer_by < today else ""),
        ]
        for r in found
    ]
    return Table(_("催报和督办"), columns, rows)


def events(asked: Reminder) -> list[Event]:
    """What happened to a matter."""
    names = people((asked.asked_by, asked.answered_by, asked.closed_by))
    told = [Event(asked.asked_at, asked.get_level_display(), asked.reason, names.get(asked.asked_by, ""))]
    if asked.answered_at:
        said = f"{OUTCOMES.get(asked.outcome, '')}。{asked.answer}"
        told.append(Event(asked.answered_at, _("信源单位回复"), said, names.get(asked.answered_by, "")))
    if asked.closed_at:
        told.append(Event(asked.closed_at, _("办结"), "", names.get(asked.closed_by, ""), "good"))
    return told
