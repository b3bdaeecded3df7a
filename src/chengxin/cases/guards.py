"""The words that a step's `guards` may use; each answers with what does not hold, and what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from chengxin.cases import content
from chengxin.cases.errors import Unmet
from chengxin.cases.models import Attachment, Case, Term
from chengxin.cases.packs import repair_rules
from chengxin.policy.procedures import Procedure, Step
from chengxin.policy.repair import Condition
from chengxin.registry.models import Record, RecordVersion, Standing, Subject
from chengxin.standards.months import add_months


@dataclass(frozen=True)
class Question:
    """A step that is about to be taken."""

    case: Case
    procedure: Procedure
    step: Step
    day: date


def unmet(question: Question) -> tuple[Unmet, ...]:
    """Everything that keeps the step from being taken, in the order of the guards."""
    return tuple(fault for word in question.step.guards for fault in GUARDS[word](question))


def unmet_for_repair(
    record: Record, *, form: dict[str, object], materials: set[str], day: date, known: Known | None = None
) -> tuple[Unmet, ...]:
    """Which conditions of repair do not hold for a record, by the rules in force on the day of the application (R-242)."""
    rules = repair_rules(day, record)
    asked = _Repair(record, form, materials, day, known=known)
    return tuple(_told(c, record) for c in rules.conditions if not _TESTS[c.test](asked, c))


def stated_conditions(day: date, record: Record | None = None) -> set[str]:
    """Conditions of repair that a form or a material answers, and not the record itself."""
    return {c.id for c in repair_rules(day, record).conditions if c.test in ("stated", "attached")}


def _repair_conditions(q: Question) -> Iterator[Unmet]:
    """By the rules of the day of the application, with the dates as they are today."""
    assert q.case.record is not None
    attached = set(Attachment.objects.filter(case=q.case).values_list("material", flat=True)) if q.case.pk else set()
    rules = repair_rules(q.case.opened_on, q.case.record)
    asked = _Repair(q.case.record, q.case.form, attached, q.day, except_case=q.case.number)
    for condition in rules.conditions:
        if not _TESTS[condition.test](asked, condition):
            yield _told(condition, q.case.record)


def _told(condition: Condition, record: Record) -> Unmet:
    earliest = record.repair_from.isoformat() if record.repair_from else "—"
    return Unmet(
        condition.id,
        condition.label,
        condition.label_en,
        condition.remedy.replace("{earliest}", earliest),
        condition.remedy_en.replace("{earliest}", earliest),
    )


@dataclass(frozen=True)
class Known:
    """What a page about one subject has read at once: its adverse records in force, and (record, day) of its repairs."""

    adverse: tuple[Record, ...]
    repairs: tuple[tuple[int, date], ...]


@dataclass(frozen=True)
class _Repair:
    record: Record
    form: dict[str, object]
    materials: set[str]
    day: date
    except_case: str = ""
    known: Known | None = None


def _no_newer(q: _Repair, _c: Condition) -> bool:
    """No further adverse record of the same item and subject was decided since."""
    if q.record.decided_on is None:
        return True
    if q.known is not None:
        others = (o for o in q.known.adverse if o.item == q.record.item and o.decided_on is not None)
        return not any(o.decided_on > q.record.decided_on for o in others if o.decided_on)
    alike = Record.objects.filter(
        item=q.record.item, subject_id=q.record.subject_id, decided_on__gt=q.record.decided_on
    )
    return not alike.exclude(severity="").filter(standing__in=(Standing.ACTIVE, Standing.DISPUTED)).exists()


def _not_repaired_within(q: _Repair, c: Condition) -> bool:
    since = add_months(q.day, -(c.months or 0))
    if q.known is not None:
        return not any(day >= since for record, day in q.known.repairs if record != q.record.pk)
    repaired = RecordVersion.objects.filter(
        record__subject_id=q.record.subject_id, action="repair", recorded_at__date__gte=since
    )
    return not repaired.exclude(record_id=q.record.pk).exists()


def _said(record: Record, field: str) -> str:
    """What the record says in a field, as it stands."""
    return str(json.loads(RecordVersion.objects.get(pk=record.change).payload).get(field) or "")


_TESTS: dict[str, Callable[[_Repair, Condition], bool]] = {
    "minimum-reached": lambda q, _c: q.record.repair_from is None or q.day >= q.record.repair_from,
    "stated": lambda q, c: q.form.get(c.ask or "") == "是",
    "attached": lambda q, c: (c.material or "") in q.materials,
    "no-newer": _no_newer,
    "not-repaired-within": _not_repaired_within,
    "severity-in": lambda q, c: (q.record.severity or "none") in c.severities,
    "item-in": lambda q, c: q.record.item in c.items,
    "field-in": lambda q, c: _said(q.record, c.field or "") in c.values,
}

VERBS: dict[str, tuple[str, ...]] = {
    "record.withdraw": (Standing.ACTIVE, Standing.DISPUTED, Standing.REPAIRED, Standing.SHIELDED),
    "record.repair": (Standing.ACTIVE, Standing.DISPUTED, Standing.SHIELDED),
    "record.shield": (Standing.ACTIVE, Standing.DISPUTED),
    "record.end-publicity": (Standing.ACTIVE, Standing.DISPUTED),
}
"""Where a record must stand for an effect; the register's verbs check it once more."""


def _record_standing(q: Question) -> Iterator[Unmet]:
    record = q.case.record
    for effect in q.step.effects:
        if effect in VERBS and (record is None or record.standing not in VERBS[effect]):
            now = record.get_standing_display() if record else "—"
            yield Unmet(
                "record-standing", f"这条信息现在是「{now}」", f"The record is {record.standing if record else 'missing'}",
                "请核对办件所涉的信用信息", "Please check which record the case is about",
            )  # fmt: skip


def _clock_over(q: Question) -> Iterator[Unmet]:
    over = Term.objects.filter(case=q.case, clock=q.step.clock, due_on__lt=q.day).exists()
    if not over:
        clock = q.procedure.clock(q.step.clock or "")
        yield Unmet(
            "clock-over", f"「{clock.label}」尚未届满", f"{clock.label_en} is not over yet",
            "请等待期限届满", "Please wait until it is over",
        )  # fmt: skip


def _form_differs(q: Question) -> Iterator[Unmet]:
    if not q.case.form.get("changes") or q.case.record is None:
        yield Unmet(
            "form-differs", "没有写明更正哪些栏目", "No field to be corrected was named",
            "请填写「应当更正的栏目」", "Please fill in the fields to be corrected",
        )  # fmt: skip


def _has_subjects(q: Question) -> Iterator[Unmet]:
    listed = q.case.form.get("subjects") or []
    known = set(Subject.objects.filter(code__in=listed).values_list("code", flat=True))
    if missing := [code for code in listed if code not in known]:
        yield Unmet(
            "has-subjects", f"名单中 {len(missing)} 个代码在登记库里没有：{'、'.join(missing[:5])}",
            f"{len(missing)} codes of the list are not in the register: {', '.join(missing[:5])}",
            "请核对统一社会信用代码后重新提交", "Please check the codes and submit again",
        )  # fmt: skip


def _record_added(q: Question) -> Iterator[Unmet]:
    """The record named in the form is one of this subject that came after the case was opened."""
    said = str(q.case.form.get("added_record") or "")
    added = Record.objects.filter(pk=int(said)).select_related("subject").first() if said.isdigit() else None
    first = RecordVersion.objects.filter(record=added, number=1).first() if added else None
    fits = added and added.subject.code == q.case.subject_code and first
    if not fits or first.recorded_at.date() < q.case.opened_on:  # type: ignore[union-attr]
        yield Unmet(
            "record-added", "没有找到为本主体新补充的信用信息", "No record was added for this subject since",
            "请信源单位先报送遗漏的信息，再填写它的编号", "The source unit reports the missing record first; give its number",
        )  # fmt: skip


def _content_clean(q: Question) -> Iterator[Unmet]:
    """R-340: what automatic checks find is mended before a second person lets a text through."""
    said = q.case.form
    for remark in content.remarks(str(said.get("title", "")), str(said.get("body", ""))):
        if remark.stops:
            yield Unmet(
                "content-clean", remark.sentence, remark.sentence,
                "请退回修改", "Please return the text to be mended",
            )  # fmt: skip


GUARDS: dict[str, Callable[[Question], Iterator[Unmet]]] = {
    "repair-conditions": _repair_conditions,
    "record-standing": _record_standing,
    "clock-over": _clock_over,
    "form-differs": _form_differs,
    "has-subjects": _has_subjects,
    "record-added": _record_added,
    "content-clean": _content_clean,
}
