"""What is asked of lists: who is on them, who might be, what happened, how many and on which trend (R-174, R-178)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from chengxin.policy.steps import answers, next_step, waits_until
from chengxin.registry.models import Record, Subject
from chengxin.registry.packs import policies
from chengxin.registry.public import public_records
from chengxin.registry.sql import asked
from chengxin.supervision.lists.actions import criterion_of, done_of, done_so_far
from chengxin.supervision.matching import Compiler
from chengxin.supervision.models import Listing, ListingState, ListingStep
from chengxin.supervision.packs import ListVersion, list_on, lists_on
from chengxin.supervision.tables import opened


def in_force(day: date) -> QuerySet[Listing]:
    """The entries that have effects on that day."""
    rows = Listing.objects.filter(listed_on__lte=day).exclude(ended_on__lte=day)
    return rows.filter(Q(expires_on=None) | Q(expires_on__gte=day))


def public_entries(list_id: str, day: date) -> QuerySet[Listing]:
    """What the public may see of a list: nothing of a list that is not public, never a natural person (G-13, G-16).

    An entry that mirrors a record is shown as long as that record is.
    """
    found = lists_on(day).get(list_id)
    if found is None or not found.list.public:
        return Listing.objects.none()
    return _shown(day).filter(list=list_id)


def public_entries_of(subject: Subject, day: date) -> QuerySet[Listing]:
    """The entries of a subject that the public may see. Few subjects have any: most cost no more than to ask for that."""
    if not Listing.objects.filter(subject_id=subject.pk).exists():
        return Listing.objects.none()
    lists = [id for id, version in lists_on(day).items() if version.list.public]
    return _shown(day).filter(subject=subject, list__in=lists).order_by("pk")


LISTED = "EXISTS (SELECT 1 FROM supervision_listing l WHERE l.subject_id = h.id)"
"""Whether there is any entry of the subject `h` of a statement: of few subjects there is one."""


def told_to(subject: Subject) -> QuerySet[Listing]:
    """What the subject itself is told of its entries, the newest first: from the notice on, also what has ended (G-05)."""
    rows = Listing.objects.filter(subject=subject).exclude(state=ListingState.PROPOSED)
    return rows.select_related("subject").order_by("-pk")


def public_counts(day: date) -> dict[str, int]:
    """How many subjects the public sees on each of its lists; a subject with several entries counts once."""
    lists = [id for id, version in lists_on(day).items() if version.list.public]
    rows = _shown(day).filter(list__in=lists).order_by().values("list").annotate(n=Count("subject_id", distinct=True))
    return {r["list"]: r["n"] for r in rows}


def public_lists_of(subjects: Iterable[int], day: date) -> dict[int, list[str]]:
    """The public lists that each of these subjects is on, for a page of search results: one small query where there is
    no entry of any of them, else one more."""
    among = list(subjects)
    places = ", ".join(["%s"] * len(among))
    asking = f"SELECT DISTINCT subject_id FROM supervision_listing WHERE subject_id IN ({places})"
    listed = [subject for (subject,) in asked(asking, among)] if among else []
    if not listed:
        return {}
    lists = [id for id, version in lists_on(day).items() if version.list.public]
    entries = _shown(day).filter(subject_id__in=listed, list__in=lists).order_by("list")
    found: dict[int, list[str]] = {}
    for subject, name in entries.values_list("subject_id", "list").distinct():
        found.setdefault(subject, []).append(name)
    return found


def answers_of(listing: Listing) -> tuple[str, ...]:
    """What the subject may answer now: a statement, a waiver, the wish to be heard, an objection; nothing when it is over."""
    if listing.ended_on is not None or not rules_of(listing).list.decided_here:
        return ()
    return answers(rules_of(listing).list.steps, done_so_far(listing))


def rules_of(listing: Listing) -> ListVersion:
    """The list in the words it had when the entry was proposed, else in today's. Raises `Unknown`."""
    return lists_on(listing.proposed_on).get(listing.list) or list_on(listing.list, timezone.localdate())


def _shown(day: date) -> QuerySet[Listing]:
    shown = Record.objects.filter(public_records(day), pk=OuterRef("record"))
    rows = in_force(day).exclude(subject__kind="natural_person")
    return rows.filter(Q(published_on__lte=day) | Exists(shown)).select_related("subject")


def entries_of(units: Iterable[str]) -> QuerySet[Listing]:
    """The entries of the lists that these units decide, with subject and steps, the newest first."""
    rows = Listing.objects.filter(department__in=list(units)).select_related("subject")
    return rows.prefetch_related("steps").order_by("-pk")


def coming_of(listing: Listing) -> tuple[str, date | None]:
    """The step whose turn it is, and the last day of the term it waits for; empty where nothing is to be done."""
    rules = rules_of(listing).list
    if not rules.decided_here or listing.ended_on is not None or listing.listed_on is not None:
        return "", None
    done = done_of(sorted(listing.steps.all(), key=lambda s: s.pk))
    coming = next_step(rules.steps, done)
    return (coming.kind, waits_until(done)) if coming else ("", None)


def counted(units: Iterable[str], day: date) -> dict[str, dict[str, int]]:
    """List -> how many subjects are on it, and how many entries are under way, of these units."""
    rows = Listing.objects.filter(department__in=list(units)).order_by().values("list")
    held = Q(listed_on__lte=day, ended_on=None) & (Q(expires_on=None) | Q(expires_on__gte=day))
    counts = rows.annotate(held=Count("pk", filter=held), open=Count("pk", filter=Q(listed_on=None, ended_on=None)))
    return {row["list"]: {"held": int(row["held"]), "open": int(row["open"])} for row in counts}


def candidates(list_id: str, criterion: str, day: date, *, limit: int = 1000) -> list[dict[str, Any]]:
    """Subjects that meet a criterion and are neither on the list nor on their way: a person decides whether to propose.

    Nobody where the criterion has no conditions, so that only a person can tell. Raises `Unknown`, `NotPossible`.
    """
    found = list_on(list_id, day).list
    conditions = criterion_of(found, criterion).when
    if not conditions:
        return []
    packs = policies()
    compiler = Compiler(packs, day)
    test = compiler.all_of(conditions)
    with opened(compiler.needs, packs, day, kinds=found.subjects) as con:
        ids = [i for (i,) in con.sql(f"SELECT id FROM subjects WHERE {test} ORDER BY id LIMIT {int(limit)}").fetchall()]
    under_way = Listing.objects.filter(list=list_id, ended_on=None, subject_id__in=ids).values_list(
        "subject_id", flat=True
    )
    rows = Subject.objects.filter(pk__in=set(ids) - set(under_way)).order_by("code")
    return [{"code": s.code, "name": s.name, "region": s.region} for s in rows]


SERVED = ("notice", "hearing", "decision", "exit-decision", "exit")
"""Steps by which the authority tells the subject something in writing; without the number of a document there is none."""


def left_letter(step: ListingStep) -> bool:
    """Whether the authority served this step in writing (`letters`)."""
    return step.kind in SERVED and bool(step.document)


def described(listing: Listing, day: date) -> dict[str, Any]:
    """One entry as plain data: where it stands, every step, what comes next and from when on, what the subject can do."""
    rules = list_on(listing.list, listing.proposed_on).list
    done = done_so_far(listing)
    coming = next_step(rules.steps, done) if rules.decided_here and listing.ended_on is None else None
    until = waits_until(done) if coming else None
    criterion = next((c for c in rules.criteria if c.id == listing.criterion), None)
    return {
        "number": listing.number,
        "list": listing.list,
        "list_label": rules.label,
        "list_version": listing.list_version,
        "effect": listing.effect,
        "code": listing.subject.code,
        "name": listing.subject.name,
        "state": listing.state,
        "state_label": listing.get_state_display(),
        "in_force": listing.holds(day),
        "criterion": criterion.label if criterion else "",
        "criterion_en": criterion.label_en if criterion else "",
        "reason": listing.reason,
        "records": sorted(listing.grounds.values_list("record", flat=True)) or ([listing.record] if listing.record else []),
        "listed_on": listing.listed_on,
        "expires_on": listing.expires_on,
        "ended_on": listing.ended_on,
        "ending": listing.get_ending_display() if listing.ending else "",
        "published_on": listing.published_on,
        "basis": "；".join(b.text for b in rules.basis),
        "competence": rules.competence,
        "remedy": rules.remedy,
        "remedy_en": rules.remedy_en,
        "exit": rules.exit.text,
        "exit_en": rules.exit.text_en,
        "next": coming.kind if coming else "",
        "not_before": until,
        "steps": [
            {
                "kind": s.kind, "actor": s.actor, "on": s.on, "outcome": s.outcome, "until": s.until,
                "calendar": s.calendar, "document": s.document, "text": s.text,
                "letter": s.pk if left_letter(s) else None,
            }
            for s in listing.steps.order_by("pk")
        ],
    }  # fmt: skip


def counts(day: date) -> list[dict[str, Any]]:
    """Per list and region: how many subjects are on it, and their share of all subjects of that region (R-174)."""
    every = dict(
        Subject.objects.exclude(kind="natural_person")
        .values_list("region")
        .annotate(n=Count("pk"))
        .values_list("region", "n")
    )
    rows = in_force(day).values("list", "effect", "subject__region").annotate(n=Count("subject_id", distinct=True))
    return [
        {
            "list": r["list"], "effect": r["effect"], "region": r["subject__region"], "subjects": r["n"],
            "share": r["n"] / every[r["subject__region"]] if every.get(r["subject__region"]) else None,
        }
        for r in rows.order_by("list", "subject__region")
    ]  # fmt: skip
