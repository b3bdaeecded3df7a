"""The verbs of lists: propose, take a step, leave. Each is one transaction and one event of the trail.

Which step may be taken when, and by whom, is decided by `policy.steps`; what the step needs (reasons, a document) stands
here. When the last step is taken the entry has its effects: measures are matched in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Organisation
from chengxin.accounts.rules import require
from chengxin.policy.lists import CreditList, Criterion
from chengxin.policy.steps import TERMED, Done, StepRefused, check, closed, complete
from chengxin.registry.lock import writing
from chengxin.registry.models import Record, Standing
from chengxin.registry.queries import find_subject
from chengxin.standards.months import add_months
from chengxin.supervision.lists.keeping import Paper, add, close, locked, need
from chengxin.supervision.lists.recording import settled
from chengxin.supervision.lists.refusals import NotPossible, spoken
from chengxin.supervision.measures.actions import begin
from chengxin.supervision.models import Ending, Listing, ListingGround, ListingState, ListingStep
from chengxin.supervision.packs import ListVersion, list_on

STATES = {
    "proposal": ListingState.PROPOSED,
    "notice": ListingState.NOTIFIED,
    "hearing": ListingState.HEARD,
    "publicity": ListingState.ANNOUNCED,
    "verification": ListingState.VERIFIED,
    "review": ListingState.REVIEWED,
    "decision": ListingState.DECIDED,
    "service": ListingState.SERVED,
}
"""Where a step takes an entry that is not complete with it; an answer leaves it where it is."""

JUDGING = ("review", "decision", "publication")
"""Steps that take an auditor of the department; the others take whoever prepares."""


def propose(actor: Actor, list_id: str, code: str, criterion: str, grounds: Iterable[int], paper: Paper) -> Listing:
    """Propose a subject for a list (提出), on records of the register that show the criterion (R-171, R-181).

    Raises `Denied`, `Unknown` for another list, `NotPossible` for an unknown subject or criterion, a subject of a kind the
    list is not for, records that are not this subject's or have no effect, or an entry that is already under way.
    """
    day = paper.on or timezone.localdate()
    found = list_on(list_id, day)
    require(actor, "list.prepare", found.list.department)
    need(paper, "proposal")
    subject = find_subject(code)
    if subject is None:
        raise NotPossible(_("登记库里没有 %(code)s 这个主体。"), code=code)
    _fits(found, subject.kind, criterion)
    with writing():
        if Listing.objects.filter(list=list_id, subject_id=subject.pk, ended_on=None, record=None).exists():
            raise NotPossible(_("%(name)s 已经在这个名单中，或者正在认定。"), name=subject.name)
        records = _grounds(found, subject.pk, criterion, grounds)
        listing = Listing.objects.create(
            list=list_id, list_version=found.version, effect=found.list.effect, department=found.list.department,
            subject_id=subject.pk, criterion=criterion, reason=paper.text.strip(), proposed_on=day,
        )  # fmt: skip
        ListingGround.objects.bulk_create(ListingGround(listing=listing, record=r) for r in records)
        add(listing, "proposal", actor, paper, day)
    return listing


def take(actor: Actor, listing: Listing, kind: str, paper: Paper) -> Listing:
    """Take the next step, or put down an answer of the subject (`kind` "answer").

    Raises `Denied` and `NotPossible`, which says what comes first, which term still runs, or who may not.
    """
    require(actor, "list.judge" if kind in JUDGING else "list.prepare", listing.department)
    return _take(actor, listing, kind, paper)


def answer(actor: Actor, listing: Listing, unit: str, paper: Paper) -> Listing:
    """The subject answers itself, without going by the department: states its case, asks to be heard, objects or waives.

    `unit` is the subject's organisation, for which the actor speaks (R-170, G-05). Raises `Denied` and `NotPossible`.
    """
    ours = Organisation.objects.filter(pk=unit, code=listing.subject.code).exists()
    require(actor, "list.answer", unit if ours else "")
    return _take(actor, listing, "answer", paper)


def _take(actor: Actor, listing: Listing, kind: str, paper: Paper) -> Listing:
    day = paper.on or timezone.localdate()
    if day > timezone.localdate():
        raise NotPossible(_("日期 %(day)s 还没有到。"), day=day)
    with writing():
        entry = locked(listing.pk)
        rules = list_on(entry.list, entry.proposed_on).list
        done = done_so_far(entry)
        try:
            check(rules.steps, done, kind, actor.name, day, paper.outcome)
        except StepRefused as refused:
            raise spoken(refused, kind) from refused
        need(paper, kind)
        step = add(entry, kind, actor, paper, day, working_days=_term(entry, kind))
        done.append(Done(kind, actor.name, day, paper.outcome, step.until))
        if closed(done):
            close(entry, Ending.REFUSED, day)
        elif complete(rules.steps, done):
            _list(entry, kind, day)
        elif kind in STATES:
            entry.state = STATES[kind]
        entry.save()
    return settled(entry, actor.name)


def done_so_far(entry: Listing) -> list[Done]:
    """The steps taken, as the state machine sees them."""
    return done_of(entry.steps.order_by("pk"))


def done_of(steps: Iterable[ListingStep]) -> list[Done]:
    """The same of steps that have been read, the first one first; ways out are no steps of the procedure."""
    return [Done(s.kind, s.actor, s.on, s.outcome, s.until) for s in steps if not s.kind.startswith("exit")]


def criterion_of(found: CreditList, id: str) -> Criterion:
    """The criterion of a list by its id. Raises `NotPossible` that names what there is."""
    criterion = next((c for c in found.criteria if c.id == id), None)
    if criterion is None:
        known = "、".join(c.id for c in found.criteria)
        said = _("「%(list)s」没有「%(criterion)s」这条标准；有：%(known)s。")
        raise NotPossible(said, list=found.label, criterion=id, known=known)
    return criterion


def _fits(found: ListVersion, kind: str, criterion: str) -> None:
    if kind not in found.list.subjects:
        raise NotPossible(_("「%(list)s」不适用于这一类主体（%(kind)s）。"), list=found.list.label, kind=kind)
    if not found.list.decided_here:
        raise NotPossible(_("「%(list)s」由其他机关认定，随其信息进出，不在这里提出。"), list=found.list.label)
    criterion_of(found.list, criterion)


def _grounds(found: ListVersion, subject: int, criterion: str, grounds: Iterable[int]) -> list[int]:
    """The records, if all are the subject's own, active and beyond doubt; a criterion over records needs some."""
    wanted = sorted(set(grounds))
    good = Record.objects.filter(pk__in=wanted, subject_id=subject, standing=Standing.ACTIVE, held=False)
    if lacking := set(wanted) - set(good.values_list("pk", flat=True)):
        raise NotPossible(
            _("记录 %(records)s 不是这个主体的有效记录，不能作为列入的依据。"),
            records="、".join(map(str, sorted(lacking))),
        )
    conditions = next(c.when for c in found.list.criteria if c.id == criterion) or ()
    if not wanted and any(c.records and not c.negate for c in conditions):
        raise NotPossible(_("这条标准以信用信息为依据，请写明依据哪些记录。"))
    return wanted


def _term(entry: Listing, kind: str) -> int | None:
    steps = list_on(entry.list, entry.proposed_on).list.steps
    return next((s.working_days for s in steps if s.kind == kind and kind in TERMED), None)


def _list(entry: Listing, last: str, day: date) -> None:
    """The last step is taken: from today on the entry has its effects."""
    rules = list_on(entry.list, entry.proposed_on).list
    term, entry.owed = rules.term, rules.recorded is not None
    entry.state = ListingState.LISTED
    entry.listed_on = day
    entry.expires_on = add_months(day, term.months) - timedelta(days=1) if term.months else None
    if last == "publication":
        entry.published_on = day
    entry.save()
    begin(entry, day)
