"""The subject's own profile as tables and days: what is held, what is public and until when, what will change by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chengxin.accounts.rules import Denied
from chengxin.design.shapes import Cell, Column, Count, Event, Table
from chengxin.own.pages import SEVERITY_TONES, STANDING_TONES, named, why_not_public
from chengxin.own.speaking import Place
from chengxin.policy.policies import Policies
from chengxin.registry.disclosure import NOT_PUBLIC_PERSON, Audience
from chengxin.registry.looks import Ask, NoBasis, look
from chengxin.registry.packs import policies
from chengxin.registry.profile import own_profile

COMING = 6
"""So many coming days are told on the profile."""
_CLASSES = "catalogue_kinds"
_UNITS, _PERSONS = gettext_noop("查看本单位的信用记录"), gettext_noop("查看本人的信用记录")
"""What a subject's own look was for."""


@dataclass
class Chapter:
    """A class of the catalogue with what is held of it."""

    id: str
    label: str
    records: list[Mapping[str, Any]] = field(default_factory=list)
    table: Table | None = None


def held(here: Place, day: date, item: str = "") -> dict[str, Any]:
    """What the register holds, looked at by the subject itself: the look is on record like every other (G-10)."""
    assert here.subject is not None
    items = frozenset({item} if item else ())
    try:
        seen = look(
            here.actor,
            here.subject,
            Ask(Audience.SELF, _PERSONS if here.natural else _UNITS, unit=here.unit, items=items),
            day=day,
        )
    except NoBasis as refused:  # the register knows the subject under another code than the mandate
        raise Denied(str(refused)) from refused
    found = own_profile(here.subject, seen, day=day)
    packs = policies()
    for line in found["records"]:
        line["item_label"] = named(packs.versions(line["item"])[-1])
    return found


def chapters(records: Iterable[Mapping[str, Any]], code: str, packs: Policies, day: date) -> list[Chapter]:
    """The classes of which something is held, in the catalogue's order, each as a table."""
    table = packs.tables.get(_CLASSES)
    known = {c.code: Chapter(c.code, named(c)) for c in table.current(day)} if table else {}
    for record in records:
        known.setdefault(record["category"], Chapter(record["category"], record["category"])).records.append(record)
    found = [c for c in known.values() if c.records]
    for chapter in found:
        chapter.table = table_of(chapter.records, code, caption=chapter.label)
    return found


def table_of(records: Iterable[Mapping[str, Any]], code: str, *, caption: str) -> Table:
    """Records as rows, each leading to its page."""
    columns = (
        Column(_("信息"), wide=True), Column(_("信源单位"), wide=True), Column(_("日期")), Column(_("状态")),
        Column(_("是否公开"), wide=True), Column(_("何时可以申请修复")),
    )  # fmt: skip
    return Table(caption, columns, [_row(r, code) for r in records])


def _row(record: Mapping[str, Any], code: str) -> list[Any]:
    href = reverse("own-record", args=[code, record["id"]])
    return [
        Cell(record["title"] or record["item_label"], href=href, note=record["item_label"] if record["title"] else ""),
        record["source_name"],
        record["decided_on"],
        standing(record),
        publicity(record),
        repair_day(record),
    ]


def standing(record: Mapping[str, Any]) -> Cell:
    """Where a record stands, and how grave it is where it is adverse."""
    note = record["severity_label"] if record["severity"] else ""
    if record["held"]:
        return Cell(_("存疑待核"), tone="warn", note=note)
    tone: Any = STANDING_TONES.get(record["standing"], "")
    if record["standing"] == "active" and record["severity"]:
        tone = SEVERITY_TONES.get(record["severity"], "")
    return Cell(record["standing_label"], tone=tone, note=note)


def publicity(record: Mapping[str, Any]) -> str:
    """Whether everybody sees a record, until when, and why not."""
    if not record["public"]:
        return _("不公开：%(why)s") % {"why": why_not_public(record["not_public_because"])}
    if record["public_until"]:
        return _("公开到 %(day)s") % {"day": record["public_until"].isoformat()}
    return _("公开")


def adverse(record: Mapping[str, Any]) -> bool:
    """Whether a record still counts against the subject."""
    return bool(record["severity"]) and record["standing"] in ("active", "disputed")


def repair_day(record: Mapping[str, Any]) -> str:
    """From which day on repair may be applied for, as the register has computed it."""
    if not adverse(record):
        return ""
    return str(record["repair_from"].isoformat()) if record["repair_from"] else _("无最短期限")


def counts(records: list[Mapping[str, Any]]) -> list[Count]:
    """What is held, in numbers."""
    bad = [r for r in records if adverse(r)]
    return [
        Count(_("登记的信息"), len(records)),
        Count(_("任何人都能看到"), sum(1 for r in records if r["public"])),
        Count(_("不利信息（未修复）"), len(bad), "warn" if bad else ""),
        Count(_("异议处理中"), sum(1 for r in records if r["standing"] == "disputed")),
    ]


def coming(records: Iterable[Mapping[str, Any]], code: str, day: date) -> list[Event]:
    """What will change by itself, the nearest day first."""
    events = []
    for record in records:
        href = reverse("own-record", args=[code, record["id"]])
        title = record["title"] or record["item_label"]
        personal = record["not_public_because"] == NOT_PUBLIC_PERSON
        for name, words in (
            ("public_until", _("公示期满，次日起不再公开")),
            ("repair_from", _("从这一天起可以申请修复")),
            ("expires_on", _("有效期满")),
            ("retain_until", _("保存期满，从登记库删除") if personal else _("保存期满，从登记库归档")),
        ):
            on = record[name]
            told = name != "repair_from" or adverse(record)
            told = told and (name != "public_until" or record["public"])
            told = told and (name != "expires_on" or on != record["public_until"])
            if on and on >= day and told:
                events.append(Event(on, title, words, href=href))
    return sorted(events, key=lambda e: (e.when, e.title))[:COMING]
