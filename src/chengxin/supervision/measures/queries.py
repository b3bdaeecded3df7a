"""The embedded check (内嵌核查): may this subject have this matter handled? And what implementing bodies owe (R-187, R-188).

It reads listings and grades as they stand, so that what ended yesterday has no effect today even where no job has run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from chengxin.policy.measures import WayOut
from chengxin.registry.models import Identifier, Subject
from chengxin.registry.sql import asked
from chengxin.standards.text import clean_code
from chengxin.supervision.grades import Grade, current_grades, grades_select
from chengxin.supervision.models import Enforcement, MeasureUse
from chengxin.supervision.packs import MeasureIndex, Rule, measures_on

_AT_ONCE = 500


@dataclass(frozen=True)
class Finding:
    """One measure that applies: what it says, because of what, until when, on which basis, and the way out of it."""

    measure: str
    label: str
    label_en: str
    answer: str
    rank: int
    cause: str
    cause_label: str
    since: date | None
    until: date | None
    basis: str
    body: str
    association: str
    association_en: str
    proportionality: str
    proportionality_en: str
    version: str
    exit: str
    exit_en: str
    remedy: str
    remedy_en: str


@dataclass(frozen=True)
class Checked:
    """The answer to one check. `answer` is the strongest finding's, or empty; then `reason` says why there is none.

    Reasons: `no-measure`, `unknown-subject`, `unknown-matter`, `natural-person`.
    """

    code: str
    matter: str
    day: date
    subject: int | None
    answer: str
    reason: str
    findings: tuple[Finding, ...] = ()


@dataclass
class _Standing:
    """What the register and the evaluations say of one subject."""

    id: int
    kind: str
    listings: dict[int, tuple[str, date | None, date | None]] = field(default_factory=dict)
    grades: dict[str, Grade] = field(default_factory=dict)


def check(code: str, matter: str, *, day: date | None = None) -> Checked:
    """What a department's business system has to know before it handles `matter` for the subject with this code."""
    return next(check_all([code], matter, day=day))


def check_all(codes: Sequence[str], matter: str, *, day: date | None = None) -> Iterator[Checked]:
    """The same for many subjects at once, in their order; ten thousand take a second or two."""
    day = day or timezone.localdate()
    index = measures_on(day)
    wanted = [clean_code(c) or "" for c in codes]
    if matter not in index.matters:
        yield from (Checked(c, matter, day, None, "", "unknown-matter") for c in codes)
        return
    models = index.graded.get(matter, ())
    known = _standings(wanted, day, models)
    if models and not grades_select():
        by_id = {s.id: s for s in known.values()}
        for row in current_grades(list(by_id), models):
            by_id[row.subject_id].grades[row.model] = row
    for given, code in zip(codes, wanted, strict=True):
        yield _answer(given, matter, day, known.get(code), index)


def _answer(code: str, matter: str, day: date, standing: _Standing | None, index: MeasureIndex) -> Checked:
    if standing is None:
        return Checked(code, matter, day, None, "", "unknown-subject")
    if standing.kind == "natural_person":
        return Checked(code, matter, day, standing.id, "", "natural-person")
    findings = sorted(_findings(standing, matter, index), key=lambda f: (f.rank, f.measure))
    answer = findings[0].answer if findings else ""
    return Checked(code, matter, day, standing.id, answer, "" if findings else "no-measure", tuple(findings))


def _findings(standing: _Standing, matter: str, index: MeasureIndex) -> Iterator[Finding]:
    seen: set[str] = set()
    for listing, (name, since, until) in standing.listings.items():
        for rule in index.by_list.get(name, ()):
            if _applies(rule, matter, standing, seen):
                way = index.ways.get(name)
                yield _finding(rule, f"listing:{listing}", index.labels.get(name, name), since, until, way)
    for grade in standing.grades.values():
        for rule in index.by_grade.get((grade.model, grade.grade), ()):
            if _applies(rule, matter, standing, seen):
                label = index.labels.get(f"{grade.model} {grade.grade}", grade.grade)
                yield _finding(rule, f"grade:{grade.model}", label, grade.since, None, rule.by_grade)


def _applies(rule: Rule, matter: str, standing: _Standing, seen: set[str]) -> bool:
    """Each measure is told once, for its first cause."""
    if matter not in rule.measure.matters or standing.kind not in rule.measure.subjects or rule.measure.id in seen:
        return False
    seen.add(rule.measure.id)
    return True


def _finding(rule: Rule, cause: str, label: str, since: date | None, until: date | None, way: WayOut | None) -> Finding:
    m = rule.measure
    return Finding(
        measure=m.id, label=m.label, label_en=m.label_en, answer=rule.answer.id, rank=rule.answer.rank, cause=cause,
        cause_label=label, since=since, until=until, basis=rule.basis, body=m.body, association=m.association,
        association_en=m.association_en, proportionality=m.proportionality, proportionality_en=m.proportionality_en,
        version=rule.version,
        exit=way.exit if way else "", exit_en=way.exit_en if way else "", remedy=way.remedy if way else "",
        remedy_en=way.remedy_en if way else "",
    )  # fmt: skip


def _standings(codes: Sequence[str], day: date, models: Sequence[str]) -> dict[str, _Standing]:
    """Code -> its subject, also by a former identifier, with the listings that hold on that day and its grades."""
    found = _stand(codes, day, models)
    missing = [c for c in codes if c and c not in found]
    former: dict[str, str] = {}
    for chunk in _chunks(missing):
        former |= dict(Identifier.objects.filter(value__in=chunk).values_list("value", "subject__code"))
    if former:
        now = _stand([new for new in former.values() if new not in found], day, models) | found
        found |= {old: now[new] for old, new in former.items() if new in now}
    return found


def _stand(codes: Sequence[str], day: date, models: Sequence[str]) -> dict[str, _Standing]:
    """One statement: every listing of a subject comes once beside each of its grades, of which there are few."""
    found: dict[str, _Standing] = {}
    select = grades_select() if models else ""
    for chunk in _chunks(codes):
        values = [day.isoformat(), day.isoformat(), *(models if select else ()), *chunk]
        for code, id, kind, listing, name, since, until, *graded in asked(
            _standing_sql(select, len(models), len(chunk)), values
        ):
            standing = found.get(code) or found.setdefault(code, _Standing(id, kind))
            if listing is not None:
                standing.listings[listing] = (name, since, until)
            if select and graded[0] is not None:
                standing.grades[graded[0]] = Grade(id, *graded)
    return found


@lru_cache(maxsize=64)
def _standing_sql(select: str, models: int, codes: int) -> str:
    columns = join = ""
    if select:
        columns = ", g.model, g.grade, g.rank, g.since"
        join = f" LEFT JOIN ({select}) g ON g.subject_id = s.id AND g.model IN ({_marks(models)})"
    return (
        f"SELECT s.code, s.id, s.kind, l.id, l.list, l.listed_on, l.expires_on{columns} FROM registry_subject s"
        " LEFT JOIN supervision_listing l ON l.subject_id = s.id AND l.ended_on IS NULL AND l.listed_on <= %s"
        f"  AND (l.expires_on IS NULL OR l.expires_on >= %s){join} WHERE s.code IN ({_marks(codes)})"
    )


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)


def _chunks(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    return (codes[n : n + _AT_ONCE] for n in range(0, len(codes), _AT_ONCE))


# -- what implementing bodies owe, and what they did --------------------------------------------------------------------


def overdue(day: date, agency: str = "") -> QuerySet[Enforcement]:
    """The laggards: measures not answered for, or not confirmed as lifted, though their time is over (R-189)."""
    late = Q(ended_on=None, response="", respond_by__lt=day) | Q(
        lifted_on=None, ended_on__isnull=False, lift_by__lt=day
    )
    rows = Enforcement.objects.filter(late).exclude(response=Enforcement.Response.NOT_APPLICABLE)
    return (rows.filter(agency=agency) if agency else rows).select_related("subject").order_by("agency", "pk")


def to_do(agency: str = "") -> QuerySet[Enforcement]:
    """What waits for a response, or for the confirmation that it is lifted; the first due first."""
    rows = waiting(Enforcement.objects.all())
    rows = rows.filter(agency=agency) if agency else rows
    return rows.select_related("subject").order_by("agency", "respond_by", "pk")


def waiting(rows: QuerySet[Enforcement]) -> QuerySet[Enforcement]:
    """Those of `rows` that wait for a response, or for the confirmation that they are lifted."""
    rows = rows.filter(Q(ended_on=None, response="") | Q(lifted_on=None, ended_on__isnull=False))
    return rows.exclude(response=Enforcement.Response.NOT_APPLICABLE)


def to_lift(day: date) -> list[dict[str, Any]]:
    """Agency by agency: how many measures have ended, how many of them are confirmed as lifted, how many are late."""
    ended = Enforcement.objects.filter(ended_on__isnull=False).exclude(response=Enforcement.Response.NOT_APPLICABLE)
    rows = ended.values("agency").annotate(
        ended=Count("pk"), lifted=Count("lifted_on"), late=Count("pk", filter=Q(lifted_on=None, lift_by__lt=day))
    )
    return [dict(row) for row in rows.order_by("agency")]


def effects(month: str, agencies: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """The effect list of a month (成效清单, R-191): subject, measure, department, day, matter; `month` is YYYY-MM.

    Of these implementing bodies, or of all.
    """
    year, number = map(int, month.split("-"))
    uses = MeasureUse.objects.filter(on__year=year, on__month=number).select_related("subject").order_by("on", "pk")
    responses = Enforcement.objects.filter(
        responded_on__year=year, responded_on__month=number, response=Enforcement.Response.ACCEPTED
    ).select_related("subject")
    if agencies is not None:
        bodies = list(agencies)
        uses, responses = uses.filter(agency__in=bodies), responses.filter(agency__in=bodies)
    rows = [_effect(u.subject, u, u.on, u.matter, u.detail) for u in uses]
    rows += [_effect(e.subject, e, e.responded_on, "", e.note) for e in responses]
    return sorted(rows, key=lambda r: (str(r["on"]), str(r["code"])))


def _effect(
    subject: Subject, row: MeasureUse | Enforcement, on: date | None, matter: str, detail: str
) -> dict[str, Any]:
    return {
        "subject": subject.name, "code": subject.code, "measure": row.measure, "agency": row.agency, "on": on,
        "matter": matter, "detail": detail,
    }  # fmt: skip
