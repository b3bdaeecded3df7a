"""Carrying out a step under the case's row lock: what must be at hand, guards, effects, the new state and all that tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.audit.actions import record as trace
from chengxin.cases import clocks, effects, guards, letters, people, timeline
from chengxin.cases.attaching import Kept
from chengxin.cases.errors import CaseRefused, NotMet
from chengxin.cases.models import Attachment, Case
from chengxin.policy.procedures import Procedure, Step
from chengxin.registry.lock import writing


@contextmanager
def changing(step: Step) -> Iterator[None]:
    """The transaction of a step; with the register's write lock first where it changes records, so that nobody waits
    for us who holds what we wait for."""
    if any(effect in effects.CHANGES_RECORDS for effect in step.effects):
        with writing():
            yield
    else:
        with transaction.atomic():
            yield


def carry_out(
    case: Case,
    procedure: Procedure,
    step: Step,
    actor: Actor,
    standing: people.Standing,
    day: date,
    *,
    answered: set[str],
    reason: str = "",
    key: str = "",
) -> None:
    """The step itself, under the lock; `answered` are the questions of the form that were answered with it."""
    _require_complete(case, procedure, step, standing, reason, answered)
    if faults := guards.unmet(guards.Question(case, procedure, step, day)):
        raise NotMet(_("现在还不能办理这一环节：%(unmet)s"), faults)
    before, after = case.state, procedure.state(step.to)
    effects.run(effects.Doing(case, procedure, step, actor.name, day, reason))
    case.state, case.moves = after.id, case.moves + 1
    if after.end:
        case.outcome, case.closed_on = after.end, day
    case.save()
    timeline.add(
        case,
        "step",
        day=day,
        actor=actor.name,
        step=step.id,
        before=before if step.start else "",
        after=after.id,
        party=standing.party,
        reason=reason,
        key=key,
        detail={"role": standing.who.role, "organisation": standing.organisation, "effects": list(step.effects)},
    )
    clocks.after_step(case, procedure, step.id, day, actor.name)
    if step.letter:
        letters.write(case, procedure, step.letter, day=day, actor=actor.name, reason=reason)
    trace(
        actor.name,
        "case.step" if step.start else "case.open",
        "case",
        case.number,
        procedure=procedure.id,
        step=step.id,
        before=before if step.start else "",
        after=after.id,
        reason=reason,
    )


def _require_complete(
    case: Case, procedure: Procedure, step: Step, standing: people.Standing, reason: str, answered: set[str]
) -> None:
    """Reason, answers and materials that the step needs. Raises `CaseRefused` naming all that is missing."""
    missing = [_("理由")] if step.needs.reason and not reason else []
    asked = {a.id: a.label for a in procedure.asks}
    missing += [asked[n] for n in step.needs.asks if n not in answered]
    there = set(Attachment.objects.filter(case=case).values_list("material", flat=True))
    wanted = (*step.needs.materials, *standing.who.needs)
    missing += [m.label for m in procedure.materials if m.id in wanted and m.id not in there]
    if missing:
        raise CaseRefused(_("「%(step)s」还缺：%(missing)s。"), step=step.label, missing="、".join(missing))


def take_by_clock(case: Case, procedure: Procedure, step: Step, day: date) -> bool:
    """The step of a clock that has run out; False when the case has moved on meanwhile. The caller holds the row lock."""
    if case.state not in step.start:
        return False
    standing = people.require(people.CLOCK, case, procedure, step)
    carry_out(case, procedure, step, people.CLOCK, standing, day, answered=set(), reason=step.label)
    return True


def attach_kept(case: Case, kept: Kept, actor: str, day: date, *, party: bool) -> Attachment:
    made = Attachment.objects.create(
        case=case,
        material=kept.material,
        file_name=kept.file_name,
        media=kept.media,
        sha256=kept.sha256,
        size=kept.size,
        added_by=actor,
    )
    detail = {"material": kept.material, "sha256": kept.sha256, "media": kept.media, "size": kept.size}
    timeline.add(case, "attachment", day=day, actor=actor, party=party, detail=detail)
    trace(actor, "case.attach", "case", case.number, **detail)
    return made
