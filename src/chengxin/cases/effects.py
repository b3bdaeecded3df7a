"""What a step does: the words of `policy.procedures.Effect`, each one small function in the transaction of the step."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from chengxin.cases import clocks, gaps, results
from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Case, Publication
from chengxin.policy.procedures import Procedure, Step
from chengxin.registry.actions import Because, NotPossible, annotate, change_standing
from chengxin.registry.entering import NotTaken, cells_of, correct, end_publicity, enter, stage_one
from chengxin.registry.models import Record, RecordVersion, Standing
from chengxin.registry.packs import policies
from chengxin.registry.queries import RecordView, item_of

REASON = 500
"""Length of the reason that the register keeps; the letter has all of it."""


@dataclass(frozen=True)
class Doing:
    """A step while it is being taken."""

    case: Case
    procedure: Procedure
    step: Step
    actor: str
    day: date
    reason: str

    @property
    def because(self) -> Because:
        return Because(self.actor, (self.reason or self.step.label)[:REASON], self.case.number)


def run(doing: Doing) -> None:
    """All effects of the step, in their order. Raises `CaseRefused`; then nothing of the step has happened."""
    for word in doing.step.effects:
        try:
            EFFECTS[word](doing)
        except (NotPossible, NotTaken) as error:
            raise CaseRefused(_("登记库不能这样处理：%(why)s"), why=str(error)) from error


def _record(doing: Doing) -> Record:
    if doing.case.record_id is None:
        raise CaseRefused(_("这个办件没有指明是哪一条信用信息。"))
    return Record.objects.get(pk=doing.case.record_id)


def _verb(verb: str) -> Callable[[Doing], None]:
    def act(doing: Doing) -> None:
        change_standing(_record(doing).pk, verb, doing.because, on=doing.day)

    return act


def _dispute(doing: Doing) -> None:
    """Mark the record; one that another case has marked already stays marked for both."""
    if doing.case.record_id is None:
        return
    if _record(doing).standing != Standing.DISPUTED:
        change_standing(doing.case.record_id, "dispute", doing.because)
    doing.case.marked = True


def _uphold(doing: Doing) -> None:
    """Lift the mark that this case set, unless another open case still holds it."""
    case = doing.case
    if not case.marked:
        return
    case.marked = False
    others = Case.objects.filter(record=case.record, marked=True, closed_on=None).exclude(pk=case.pk)
    if not others.exists() and _record(doing).standing == Standing.DISPUTED:
        change_standing(_record(doing).pk, "uphold", doing.because)


def _correct(doing: Doing) -> None:
    """Only the named fields change; all others are stated again as they stand."""
    head = _record(doing)
    version = RecordVersion.objects.get(pk=head.change)
    view = RecordView(head, version, json.loads(version.payload))
    cells = cells_of(view, item_of(view, policies())) | doing.case.form.get("changes", {})
    correct(head.pk, stage_one(head.item, cells, head.source, doing.day), doing.because)


def _end_publicity(doing: Doing) -> None:
    end_publicity(_record(doing).pk, doing.day, doing.because)


def _annotate(doing: Doing) -> None:
    annotate(_record(doing).pk, doing.because)


def _enter(doing: Doing) -> None:
    """Write the step's entry; the unit in whose name it is written must be one that may state such items (G-01)."""
    assert doing.step.entry is not None
    entry = doing.procedure.entry(doing.step.entry)
    unit = {"handler": doing.case.handler, "source": doing.case.source, "assigned": doing.case.assigned}[entry.source]
    if not policies().agency(unit).may_submit(entry.item):
        raise CaseRefused(_("%(unit)s不能报送「%(item)s」。"), unit=policies().agency(unit).name, item=entry.item)
    told = gaps.values(doing.case, doing.procedure, day=doing.day, actor=doing.actor, reason=doing.reason)
    cells = {name: gaps.fill(text, told) for name, text in entry.fields.items()}
    cells = {name: text for name, text in cells.items() if text != gaps.NOTHING}
    record = enter(stage_one(entry.item, cells, unit, doing.day), doing.because)
    doing.case.entered = record


def _retract(doing: Doing) -> None:
    """Take back what this case entered; nothing else (R-138: consent is revocable at once)."""
    entered = doing.case.entered
    if entered is not None and Record.objects.get(pk=entered.pk).standing in (Standing.ACTIVE, Standing.DISPUTED):
        change_standing(entered.pk, "withdraw", doing.because)


def _extend(doing: Doing) -> None:
    clock = doing.procedure.clock(doing.step.clock or "")
    try:
        clocks.extend(doing.case, clock, doing.step.add_days or 0, doing.day, doing.actor)
    except LookupError as error:
        raise CaseRefused(_("「%(clock)s」没有在走，或者已经延长过一次。"), clock=clock.label) from error


def _assign(doing: Doing) -> None:
    """The case goes to the agency that the form names."""
    named = [doing.case.form.get(a.id) for a in doing.procedure.asks if a.type == "agency"]
    doing.case.assigned = next((n for n in named if n), doing.case.assigned)


def _publish(doing: Doing) -> None:
    form = doing.case.form
    Publication.objects.create(
        case=doing.case,
        column=form.get("column", ""),
        title=form["title"],
        body=form["body"],
        published_on=doing.day,
        until=form.get("until") or None,
    )


def _seal(doing: Doing) -> None:
    results.seal(doing.case, doing.actor, doing.day)


def _review(doing: Doing) -> None:
    results.review(doing.case, doing.actor, doing.day)


def _retract_content(doing: Doing) -> None:
    Publication.objects.filter(case=doing.case, retracted_on=None).update(retracted_on=doing.day)


EFFECTS: dict[str, Callable[[Doing], None]] = {
    "record.dispute": _dispute,
    "record.uphold": _uphold,
    "record.correct": _correct,
    "record.withdraw": _verb("withdraw"),
    "record.reinstate": _verb("reinstate"),
    "record.repair": _verb("repair"),
    "record.shield": _verb("shield"),
    "record.unshield": _verb("unshield"),
    "record.archive": _verb("archive"),
    "record.end-publicity": _end_publicity,
    "record.annotate": _annotate,
    "record.enter": _enter,
    "record.retract": _retract,
    "clock.extend": _extend,
    "case.assign": _assign,
    "export.seal": _seal,
    "review.report": _review,
    "content.publish": _publish,
    "content.retract": _retract_content,
}

CHANGES_RECORDS = tuple(word for word in EFFECTS if word.startswith("record."))
