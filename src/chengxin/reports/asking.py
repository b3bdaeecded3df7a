"""What is asked for, and whether it may be issued: who asks, for whom, to which end (R-112, F-08)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Authorisation, Organisation
from chengxin.accounts.rules import allow, require
from chengxin.audit.canonical import canonical
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.policy.reports import Asker, LawField, Report, template, templates
from chengxin.registry import authorising
from chengxin.registry.models import Subject
from chengxin.registry.queries import find_subject
from chengxin.reports.errors import ReportRefused
from chengxin.standards.months import add_months

PURPOSE_LENGTH = 200


@dataclass(frozen=True)
class Request:
    """One report asked for. `codes` is one subject, or the applicants of a sheet; `start` and `end` bound the days of
    decision, and `fields` the fields of law, where the template leaves that to the subject."""

    template: str
    codes: tuple[str, ...]
    purpose: str = ""
    authorisation: str = ""
    start: date | None = None
    end: date | None = None
    fields: tuple[str, ...] = ()
    language: str = "zh"


@dataclass(frozen=True)
class Granted:
    """A request that may be met: its template, its subject (None for a sheet), as whom it was asked, and the choices."""

    request: Request
    template: Report
    subject: Subject | None
    asked_as: Asker
    start: date | None
    end: date | None
    fields: tuple[LawField, ...]
    day: date
    unit: str = ""
    """For whom a grantee asks: the organisation that the subject has authorised."""

    @property
    def same(self) -> str:
        """The same for two reports of which the newer replaces the older: template, subject, period's length, fields."""
        asked = {
            "template": self.template.id,
            "codes": list(self.request.codes) if self.subject is None else [self.subject.code],
            "fields": [f.id for f in self.fields],
            "start": str(self.request.start),
            "end": str(self.request.end),
            "language": self.request.language,
        }
        return hashlib.sha256(canonical(asked)).hexdigest()


def granted(request: Request, actor: Actor, packs: Policies, day: date) -> Granted:
    """Raises `Denied` (not for this actor) and `ReportRefused` (not at all, or not so), each with what would be needed."""
    try:
        found = template(packs, request.template, day)
    except UnknownPolicy as unknown:
        known = "、".join(t.id for t in templates(packs, day)) or "（无）"
        raise ReportRefused(
            _("没有报告模板「%(id)s」；可用的有：%(known)s。"), id=request.template[:60], known=known
        ) from unknown
    _well_formed(request, found)
    subject = None if found.about == "list" else _subject(request.codes[0], found)
    asked_as = _asked_as(actor, found, subject, request, day)
    start, end = _period(request, found, day)
    unit = _grantee(request, subject) if asked_as == "grantee" else ""
    return Granted(request, found, subject, asked_as, start, end, _law_fields(request, found), day, unit)


def own_units(code: str) -> list[str]:
    """The organisations on this platform that are the subject with that code."""
    return list(Organisation.objects.filter(code=code).order_by("pk").values_list("pk", flat=True)) if code else []


def _well_formed(request: Request, found: Report) -> None:
    if not request.codes:
        raise ReportRefused(_("没有写明是哪一个主体的报告。"))
    if len(request.codes) > found.at_most:
        raise ReportRefused(
            _("「%(label)s」一次最多 %(most)s 个主体，这次有 %(count)s 个。"),
            label=found.label, most=found.at_most, count=len(request.codes),
        )  # fmt: skip
    if request.language not in ("zh", "en"):
        raise ReportRefused(_("语言只能是 zh 或者 en，写的是「%(found)s」。"), found=request.language)
    for text in (request.purpose, request.authorisation):
        if len(text) > PURPOSE_LENGTH or "\x00" in text:
            raise ReportRefused(_("用途和授权书编号各不超过 %(most)s 字。"), most=PURPOSE_LENGTH)


def _subject(code: str, found: Report) -> Subject:
    """Raises `ReportRefused` for nobody, and for somebody the template is not made for."""
    subject = find_subject(code)
    if subject is None and "natural_person" in found.subjects:
        raise ReportRefused(
            _("登记库没有归集这位自然人的信息，不能出具「%(label)s」：没有信息的报告会被误当作证明。"),
            label=found.label,
        )
    if subject is None:
        raise ReportRefused(_("登记库里没有代码为「%(code)s」的主体。"), code=code[:64])
    if subject.kind not in found.subjects:
        raise ReportRefused(
            _("「%(label)s」不适用于%(kind)s。"), label=found.label, kind=str(subject.get_kind_display())
        )
    if found.industries and not subject.industry.startswith(tuple(found.industries)):
        raise ReportRefused(
            _("「%(label)s」只适用于行业代码以 %(wanted)s 开头的主体，这个主体的行业代码是「%(found)s」。"),
            label=found.label, wanted="、".join(found.industries), found=subject.industry,
        )  # fmt: skip
    return subject


def _asked_as(actor: Actor, found: Report, subject: Subject | None, request: Request, day: date) -> Asker:
    """As whom the actor asks: the first of the template's askers that the actor is. Raises `Denied`, `ReportRefused`."""
    units = own_units(subject.code) if subject else []
    may = {
        "subject": actor.operator or any(allow(actor, "report.issue-own", unit) for unit in units),
        "duty": allow(actor, "report.issue-duty", None),
        "counter": allow(actor, "report.issue-counter", None),
        "grantee": bool(unit := _grantee(request, subject)) and allow(actor, "look.authorised", unit),
    }
    if "subject" in found.askers and may["subject"]:
        return "subject"
    if "grantee" in found.askers and may["grantee"]:
        if not request.purpose:
            raise ReportRefused(_("凭授权取用报告要写明用途，与授权书写的一样。"))
        _authorisation_holds(request, subject, day)
        return "grantee"
    if "duty" in found.askers and may["duty"]:
        if not request.purpose:
            raise ReportRefused(_("依职权取用报告要写明用途。"))
        _authorisation_holds(request, subject, day)
        return "duty"
    if "counter" in found.askers and may["counter"]:
        if not request.authorisation and found.audience != "public":
            raise ReportRefused(_("窗口代为出具这种报告，要写明主体授权书的编号。"))
        _authorisation_holds(request, subject, day)
        return "counter"
    if found.askers == ("subject",):
        require(actor, "report.issue-own", units[0] if units else "")
    require(actor, "report.issue-duty" if "duty" in found.askers else "report.issue-counter", None)
    raise AssertionError("one of the two has refused")


def _grantee(request: Request, subject: Subject | None) -> str:
    """The organisation to which the subject has given this authorisation on the platform; empty for any other number."""
    if subject is None or not request.authorisation.startswith(authorising.WORD):
        return ""
    found = Authorisation.objects.filter(number=request.authorisation, subject=subject.code).first()
    return found.grantee_id if found else ""


def _authorisation_holds(request: Request, subject: Subject | None, day: date) -> None:
    """An authorisation given on this platform must be this subject's, in force, and for this purpose; a paper one has a
    number of its own and lies at the counter. Raises `ReportRefused`."""
    if not request.authorisation.startswith(authorising.WORD):
        return
    found = Authorisation.objects.filter(number=request.authorisation, subject=subject.code if subject else "").first()
    if found is None or not found.in_force(day):
        raise _no_longer(request)
    if found.items or found.fields:
        raise ReportRefused(
            _("授权书「%(number)s」只及于部分信息，不能据此出具整份报告；请按授权逐项查询。"), number=found.number
        )
    if request.purpose and found.purpose != request.purpose:
        raise ReportRefused(
            _("授权书「%(number)s」的目的是「%(purpose)s」，与这次的用途不同。"),
            number=request.authorisation, purpose=found.purpose,
        )  # fmt: skip


def spend_authorisation(asked: Granted) -> None:
    """Use the authorisation the report rests on, in the transaction that issues it: one that is good for a single query
    is good for one report. Raises `ReportRefused` when somebody else was quicker."""
    number = asked.request.authorisation
    found = Authorisation.objects.filter(number=number).first() if number.startswith(authorising.WORD) else None
    if found is not None and not authorising.spend(found, asked.day):
        raise _no_longer(asked.request)


def _no_longer(request: Request) -> ReportRefused:
    return ReportRefused(
        _("授权书「%(number)s」不是这个主体给的，或者已撤回、已到期、已用完。"), number=request.authorisation
    )


def _period(request: Request, found: Report, day: date) -> tuple[date | None, date | None]:
    """From which to which day decisions count. Raises `ReportRefused` outside of what the template allows."""
    choices = found.choices
    if choices is None:
        if request.start or request.end:
            raise ReportRefused(_("「%(label)s」不能选期限。"), label=found.label)
        return None, None
    end = request.end or day
    earliest = add_months(day, -choices.max_months)
    start = request.start or (add_months(end, -choices.months) if end >= earliest else earliest)
    if not earliest <= start <= end <= day:
        raise ReportRefused(
            _("期限从 %(start)s 到 %(end)s 不行：最早从 %(earliest)s 起，最晚到 %(day)s，并且先后有序。"),
            start=start, end=end, earliest=earliest, day=day,
        )  # fmt: skip
    return start, end


def _law_fields(request: Request, found: Report) -> tuple[LawField, ...]:
    known = {f.id: f for f in found.choices.fields} if found.choices else {}
    unknown = [f for f in request.fields if f not in known]
    if unknown:
        raise ReportRefused(
            _("没有领域「%(unknown)s」；可以选的有：%(known)s。"),
            unknown="、".join(unknown), known="、".join(f"{k}（{f.label}）" for k, f in known.items()) or "（无）",
        )  # fmt: skip
    return tuple(known[f] for f in dict.fromkeys(request.fields))
