"""The verbs of measures: begin and end with their cause, respond, confirm lifting, record a use (R-187 to R-191, R-201)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.registry.lock import writing
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies
from chengxin.supervision.measures.queries import check
from chengxin.supervision.models import Enforcement, Listing, MeasureUse
from chengxin.supervision.packs import Rule, Unknown, deadline, measures_on


class NotPossible(Refusal):
    """The measure cannot be handled so; the text says why."""


@dataclass(frozen=True)
class Checks:
    """The three judgements that every execution stores (合法、关联、比例; R-187, G-02)."""

    legal: bool
    associated: bool
    proportionate: bool

    @property
    def all(self) -> bool:
        return self.legal and self.associated and self.proportionate


def cause_of(listing_id: int) -> str:
    """The cause of an enforcement that rests on a listing."""
    return f"listing:{listing_id}"


def to_enforce(rule: Rule) -> bool:
    """Only adverse measures have to be answered for; what may favour is recorded when it is given."""
    return rule.answer.tone == "adverse"


def begin(listing: Listing, day: date) -> int:
    """Give every implementing body its measures because of a new listing; returns how many."""
    rules = [r for r in measures_on(day, policies()).by_list.get(listing.list, ()) if to_enforce(r)]
    if not Subject.objects.filter(pk=listing.subject_id).exclude(kind="natural_person").exists():
        return 0
    rows = [
        Enforcement(
            measure=rule.measure.id, version=rule.version, agency=agency, subject_id=listing.subject_id,
            cause=cause_of(listing.pk), since=day,
            respond_by=deadline(day, rule.measure.respond_within),
        )
        for rule in rules
        for agency in rule.measure.agencies
    ]  # fmt: skip
    Enforcement.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def end(listings: Iterable[int], day: date) -> int:
    """The cause is gone: every body has to lift what it applied, and to confirm it; returns how many measures end."""
    return end_all(
        Enforcement.objects.filter(cause__in=[cause_of(pk) for pk in listings], ended_on=None), "listing", day
    )


def end_all(rows: QuerySet[Enforcement], because: str, day: date) -> int:
    """End these enforcements, measure by measure, since each has its own time for lifting."""
    rules = measures_on(day, policies()).rules
    count = 0
    for measure in set(rows.values_list("measure", flat=True)):
        within = rules[measure].measure.lift_within if measure in rules else 0
        until = deadline(day, within)
        count += rows.filter(measure=measure).update(ended_on=day, ended_because=because, lift_by=until)
    return count


def respond(actor: Actor, enforcement: Enforcement, response: str, checks: Checks, note: str) -> Enforcement:
    """An implementing body answers: applied (with the three judgements), or not applicable (with the reason).

    Raises `Denied`, and `NotPossible` when it is ended, a judgement is missing, or nothing is said.
    """
    require(actor, "measure.respond", enforcement.agency)
    with writing():
        row = Enforcement.objects.select_for_update().get(pk=enforcement.pk)
        if row.ended_on is not None:
            raise NotPossible(_("这项措施已经终止，应当确认解除，不再执行。"))
        if response not in (Enforcement.Response.ACCEPTED, Enforcement.Response.NOT_APPLICABLE):
            raise NotPossible(_("答复应为 accepted（已执行）或者 not-applicable（不适用）。"))
        if response == Enforcement.Response.ACCEPTED and not checks.all:
            raise NotPossible(
                _("执行之前应当逐项确认合法、关联、比例；有一项不成立就不能执行，请答复不适用并写明理由。")
            )
        if not note.strip():
            raise NotPossible(_("请写明怎样执行，或者为什么不适用。"))
        row.response, row.note = response, note.strip()
        row.responded_on, row.responded_by = timezone.localdate(), actor.name
        row.legal, row.associated, row.proportionate = checks.legal, checks.associated, checks.proportionate
        row.save()
        trace(actor.name, "measure.respond", "enforcement", row.pk, measure=row.measure, response=response)
    return row


def lift(actor: Actor, enforcement: Enforcement) -> Enforcement:
    """An implementing body confirms that the measure is lifted; doing it again changes nothing."""
    require(actor, "measure.respond", enforcement.agency)
    with writing():
        row = Enforcement.objects.select_for_update().get(pk=enforcement.pk)
        if row.ended_on is None:
            raise NotPossible(_("这项措施仍然有效，不能解除。"))
        if row.lifted_on is None:
            row.lifted_on, row.lifted_by = timezone.localdate(), actor.name
            row.save()
            trace(actor.name, "measure.lift", "enforcement", row.pk, measure=row.measure)
    return row


def use(
    actor: Actor, measure: str, agency: str, code: str, matter: str, detail: str, *, on: date | None = None
) -> MeasureUse:
    """Record that a measure was used in a matter (奖惩成效): only one that the check of that day really answers with."""
    require(actor, "measure.respond", agency)
    day = on or timezone.localdate()
    rules = measures_on(day, policies()).rules
    if measure not in rules:
        raise Unknown(
            _("没有「%(measure)s」这项措施；现有：%(known)s。"), measure=measure, known="、".join(sorted(rules))
        )
    if agency not in rules[measure].measure.agencies:
        raise NotPossible(_("「%(agency)s」不是这项措施的实施单位。"), agency=agency)
    answer = check(code, matter, day=day)
    if measure not in {f.measure for f in answer.findings} or answer.subject is None:
        raise NotPossible(
            _("%(code)s 在事项「%(matter)s」上没有这项措施的依据，不能记为已执行。"), code=code, matter=matter
        )
    if not detail.strip():
        raise NotPossible(_("请写明具体事项。"))
    with writing():
        row = MeasureUse.objects.create(
            measure=measure, version=rules[measure].version, agency=agency, subject_id=answer.subject, matter=matter,
            detail=detail.strip(), actor=actor.name, on=day,
        )  # fmt: skip
        trace(actor.name, "measure.use", "enforcement", row.pk, measure=measure, matter=matter)
    return row
