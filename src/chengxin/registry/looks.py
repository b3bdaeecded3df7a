"""Looks at what is not public: each names its audience and its basis, is refused without, and is recorded (R-092, G-09).

Four bases: a matter by duty and a sharing agreement stand in the packs (kind `queries`), an authorisation is the
subject's own word, and the subject itself needs none. The subject sees every look (G-10, anchors.md 2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS, Authorisation, Organisation
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import allow
from chengxin.audit.actions import record as trace
from chengxin.audit.models import Look
from chengxin.policy.catalogue import Item
from chengxin.policy.queries import Queries, handling_matter
from chengxin.registry import authorising
from chengxin.registry.disclosure import Audience, Shown
from chengxin.registry.models import Subject, SubjectKind
from chengxin.registry.packs import policies
from chengxin.registry.queries import RecordView, disclosed, records_of
from chengxin.standards.months import add_months

_BATCH = 500
"""So many rows are asked for and written at once."""


class NoBasis(Refusal):
    """A look without a basis; the text says what would be needed."""


@dataclass(frozen=True)
class Ask:
    """What somebody wants to see: `basis` is the id of a matter or agreement, or the number of an authorisation; `unit` is
    for whom they ask. Empty `items` and `records` are all."""

    audience: Audience
    purpose: str
    basis: str = ""
    unit: str = ""
    items: frozenset[str] = frozenset()
    records: frozenset[int] = frozenset()
    case: str = ""
    """The number of the case that it is done for, if any."""


@dataclass(frozen=True)
class Seen:
    """A record as it was shown."""

    view: RecordView
    item: Item
    shown: Shown


@dataclass(frozen=True)
class _Leave:
    """What a basis allows: empty sets are everything."""

    items: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


def look(actor: Actor, subject: Subject, ask: Ask, *, day: date | None = None) -> list[Seen]:
    """The records of `subject` as this audience may see them. Raises `NoBasis`, and the refusal is recorded too.

    Call it outside of a transaction that is rolled back on errors, or the refusal leaves no trace.
    """
    day = day or timezone.localdate()
    try:
        with transaction.atomic():
            leave = _leave(actor, subject, ask, day)
            _of_person(subject, ask, leave, day)
            seen = list(_seen(subject, ask, leave, day))
            _note(actor, subject, ask, seen)
    except NoBasis as refusal:
        _note_refusal(actor, subject, ask, refusal)
        raise
    return seen


def note(actor: str, code: str, ask: Ask, *, fields: Iterable[str] = (), records: int = 0, once: bool = False) -> None:
    """Write down a look that another room's own answer was: a grade explained, a check at a counter, a case opened.

    Whether it may be asked at all was that room's to decide; the subject sees it here like every other look (G-10). The
    looks of a code that nobody has are kept too: who tries codes can be seen.
    """
    note_all(actor, [Looked(code, records)], ask, fields=fields, once=once)


def note_shown(actor: Actor, shown: Iterable[tuple[str, str]], purpose: str, basis: str, fields: Iterable[str]) -> None:
    """Whom a list or page of somebody's own work showed: pairs of the unit whose work it is and a subject's code. One row a
    day; for whoever does not work in that unit it is for their own first one."""
    units, told = units_for(actor, Audience.DUTY), sorted(fields)
    found: dict[str, dict[str, Looked]] = {}
    for unit, code in shown:
        if code:
            found.setdefault(unit if unit in units else next(iter(units), ""), {})[code] = Looked(code)
    for unit, looked in found.items():
        note_all(actor.name, looked.values(), Ask(Audience.DUTY, purpose, basis, unit), fields=told, once=True)


MACHINE = "machine"
"""The basis of a look from the machine's own command line; `own.lookbook` has the words."""


def note_operator(actor: str, code: str, purpose: str, items: Collection[str]) -> None:
    """Whoever operates the machine has looked at everything that is held on a subject: one item a record (G-10)."""
    ask = Ask(Audience.DUTY, purpose, MACHINE, items=frozenset(items))
    note(actor, code, ask, records=len(items), fields=() if items else ("subject",))


class Looked(NamedTuple):
    """Whom a list or a file told of: how many of its records, and what of them where that differs from one to the other.

    `case` is the number of the case that a line was about; it is the basis of the look where the list has none of its own.
    """

    code: str
    records: int = 0
    items: Iterable[str] = ()
    fields: Iterable[str] = ()
    case: str = ""


def note_all(actor: str, looked: Iterable[Looked], ask: Ask, *, fields: Iterable[str] = (), once: bool = False) -> None:
    """The same for many subjects at once; `fields` and the items of `ask` hold for all of them.

    `once` is for lists that somebody leafs through: what the same person has been told today for the same unit, basis and
    purpose is one row however often the page is opened, for the subject learns no more from the second. Whatever says
    more than that row (a further field, item or record) is a row again, and the next day everything is.
    """
    seen, items = set(fields), set(ask.items)
    rows = [
        Look(
            actor=actor, for_whom=ask.unit, subject=one.code[:64], audience=ask.audience,
            basis=(ask.basis or one.case)[:100], purpose=ask.purpose[:200], items=sorted(items | set(one.items)),
            fields=sorted(seen | set(one.fields)), records=one.records, case=ask.case or one.case,
        )
        for one in looked
    ]  # fmt: skip
    with transaction.atomic():  # one commit, however many subjects an export names
        for part in (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)):
            Look.objects.bulk_create(_unknown_today(part) if once else part)


def gathered(looked: Iterable[Looked]) -> list[Looked]:
    """One for each subject, with all that was told of it."""
    found: dict[str, Looked] = {}
    for one in looked:
        old = found.get(one.code, Looked(one.code))
        found[one.code] = Looked(
            one.code, old.records + one.records, {*old.items, *one.items}, {*old.fields, *one.fields}
        )
    return list(found.values())


def _unknown_today(rows: list[Look]) -> list[Look]:
    """Those of these rows, alike in all but their subjects and bases, that say more than the rows of today."""
    first, morning = rows[0], timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    alike = Look.objects.filter(
        actor=first.actor, for_whom=first.for_whom, audience=first.audience, purpose=first.purpose, at__gte=morning,
        refused="", basis__in={row.basis for row in rows}, subject__in={row.subject for row in rows},
    )  # fmt: skip
    known: dict[tuple[str, str], list[tuple[int, list[str], list[str]]]] = {}
    for subject, basis, *told in alike.values_list("subject", "basis", "records", "items", "fields"):
        known.setdefault((subject, basis), []).append(tuple(told))
    return [row for row in rows if not any(_covers(old, row) for old in known.get((row.subject, row.basis), ()))]


def _covers(old: tuple[int, list[str], list[str]], new: Look) -> bool:
    records, items, fields = old
    return records >= new.records and {*items} >= {*new.items} and {*fields} >= {*new.fields}


def looks_at(subject: str, *, drafts: Collection[str], day: date | None = None) -> QuerySet[Look]:
    """Every look at a subject, refused ones as well, the newest first: for the subject's own space.

    `drafts` are the numbers of the cases that are open and that it is not told of yet (`cases.looking.looks_at`). Looks for
    those are kept back until the case is shown or over, and no longer than the packs allow (`[withholding]`, in days);
    packs that say nothing keep nothing back.
    """
    rows, day = Look.objects.filter(subject=subject).order_by("-at", "-pk"), day or timezone.localdate()
    withholding = next((q.withholding for q in _packs(day) if q.withholding), None)
    if withholding is None or not drafts:
        return rows
    return rows.exclude(case__in=drafts, at__date__gt=day - timedelta(days=withholding.days))


def purge(actor: str, day: date) -> int:
    """Delete the records of looks that are older than policy keeps them; returns how many. Safe to run again."""
    keeping = next((q.keeping for q in _packs(day) if q.keeping), None)
    if keeping is None:
        return 0
    before = add_months(day, -12 * keeping.years)
    with transaction.atomic():
        count, _kinds = Look.objects.filter(at__date__lt=before).delete()
        if count:
            trace(actor, "look.purge", "look", before.isoformat(), before=before.isoformat(), count=count)
    return count


def _leave(actor: Actor, subject: Subject, ask: Ask, day: date) -> _Leave:
    if ask.audience is Audience.PUBLIC:
        raise NoBasis(_("公开信息不用这样查询。"))
    if ask.audience is Audience.SELF:
        return _own(actor, subject)
    if not ask.purpose.strip():
        raise NoBasis(_("请写明查询的目的。"))
    if ask.audience is Audience.AUTHORISED:
        return _authorised(actor, subject, ask, day)
    if not allow(actor, f"look.{ask.audience}", ask.unit):
        raise NoBasis(_REFUSED[ask.audience])
    return _by_duty(ask, day) if ask.audience is Audience.DUTY else _shared(ask, day)


_REFUSED = {
    Audience.DUTY: _("依职权查询要由在这个单位承担相应职责的人员办理；金融机构等其他单位请凭信用主体的授权查询。"),
    Audience.SHARING: _("按协议共享要由协议单位承担相应职责的人员办理；金融机构等其他单位请凭信用主体的授权查询。"),
}


def units_for(actor: Actor, audience: Audience) -> list[str]:
    """The units for which this person may look on that basis, by id (accounts/rules.py: `look.duty` and its like)."""
    return [unit for unit in sorted(actor.roles) if allow(actor, f"look.{audience}", unit)]


def _of_person(subject: Subject, ask: Ask, leave: _Leave, day: date) -> None:
    """A general basis is none for a person: the matter or agreement names the items, or the person's own case is handled, or
    the person has allowed it (G-13, PIPL 13 and 34). Raises `NoBasis`."""
    if (
        subject.kind != SubjectKind.NATURAL_PERSON
        or leave.items
        or ask.audience in (Audience.SELF, Audience.AUTHORISED)
    ):
        return
    handled = ask.records and ask.basis == handling_matter(policies(), day)
    if not handled:
        raise NoBasis(_("自然人的信息只能凭政策包中列明了目录项的事项或者协议查询，或者由本人授权。"))


def _own(actor: Actor, subject: Subject) -> _Leave:
    units = Organisation.objects.filter(code=subject.code).values_list("pk", flat=True)
    if not any(actor.holds(role, unit, "look") for unit in units for role in CITIZENS):
        raise NoBasis(_("只有通过实名认证的代表或受托代理人才能查看本单位的全部记录。"))
    return _Leave()


def _by_duty(ask: Ask, day: date) -> _Leave:
    for matter in (m for q in _packs(day) for m in q.matters if m.id == ask.basis):
        if not matter.departments or ask.unit in matter.departments:
            return _Leave(frozenset(matter.items))
    raise NoBasis(_("依职权查询要写明政策包中列明的办理事项；「%(basis)s」不是本单位的事项。"), basis=ask.basis)


def _shared(ask: Ask, day: date) -> _Leave:
    for agreement in (a for q in _packs(day) for a in q.agreements if a.id == ask.basis):
        if agreement.grantee == ask.unit:
            return _Leave(frozenset(agreement.items))
    raise NoBasis(_("没有本单位的共享协议「%(basis)s」。"), basis=ask.basis)


def _authorised(actor: Actor, subject: Subject, ask: Ask, day: date) -> _Leave:
    """What the subject's own word allows; the caller's transaction gives back what a refusal had used up."""
    found = Authorisation.objects.filter(number=ask.basis, subject=subject.code).first()
    if found is None or found.grantee_id != ask.unit or found.purpose != ask.purpose:
        raise NoBasis(_("没有信用主体给本单位、为这个目的的授权。"))
    if not authorising.spend(found, day):
        raise NoBasis(_("授权已撤回、已到期、已用完，或者还没有生效。"))
    if not allow(actor, "look.authorised", ask.unit):
        raise NoBasis(_("只有被授权单位的工作人员才能使用授权。"))
    return _Leave(frozenset(found.items), frozenset(found.fields))


def _seen(subject: Subject, ask: Ask, leave: _Leave, day: date) -> Iterable[Seen]:
    packs = policies()
    for view in records_of(subject):
        if (ask.items and view.head.item not in ask.items) or (leave.items and view.head.item not in leave.items):
            continue
        if ask.records and view.head.pk not in ask.records:
            continue
        item, shown = disclosed(view, subject, packs, audience=ask.audience, purpose=ask.purpose or "self", day=day)
        if shown.visible:
            fields = {f: v for f, v in shown.fields.items() if not leave.fields or f in leave.fields}
            yield Seen(view, item, Shown("", fields, shown.masked & fields.keys(), shown.refused))


def _note(actor: Actor, subject: Subject, ask: Ask, seen: list[Seen]) -> None:
    items = sorted({s.item.id for s in seen})
    row = Look.objects.create(
        actor=actor.name, for_whom=ask.unit, subject=subject.code, audience=ask.audience, basis=ask.basis,
        purpose=ask.purpose, items=items, fields=sorted({f for s in seen for f in s.shown.fields}), records=len(seen),
        case=ask.case,
    )  # fmt: skip
    trace(actor.name, "look", "look", row.pk, basis=str(ask.audience), items=items, result=len(seen))


def _note_refusal(actor: Actor, subject: Subject, ask: Ask, refusal: NoBasis) -> None:
    row = Look.objects.create(
        actor=actor.name, for_whom=ask.unit, subject=subject.code, audience=ask.audience, basis=ask.basis[:100],
        purpose=ask.purpose[:200], items=sorted(ask.items), refused=refusal.said_in("zh-hans")[:200], case=ask.case,
    )  # fmt: skip
    trace(actor.name, "look.refused", "look", row.pk, basis=str(ask.audience), items=sorted(ask.items))


def _packs(day: date) -> list[Queries]:
    return [q for q in policies().of(Queries) if q.effective.holds(day)]
