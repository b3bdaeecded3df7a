"""The kind `report`: one template of a credit report (信用报告), of which every issued report names the version (R-112).

The template says for whom it is, as which audience of the register it is disclosed, which chapters of which items it
has, what the subject may choose, how long it is valid, and every sentence that is printed. The room `chengxin.reports`
knows no template by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from chengxin.policy.catalogue import Item
from chengxin.policy.conditions import agency_problems
from chengxin.policy.errors import Mismatch, Problem
from chengxin.policy.gathered import Reading, Source
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.policy.reading import TomlPath
from chengxin.policy.schema import Bases, Header, Model, Name, Noted, Severity, Slug, SubjectKind, Text

Asker = Literal["subject", "counter", "duty", "grantee"]
"""Who may ask for it: the subject's own people; the centre's counter, with an authorisation on paper; a unit by its duty;
whom the subject has authorised on this platform, such as its bank (R-094, R-105)."""

Standing = Literal["active", "disputed", "repaired", "shielded"]


class Mark(Model):
    """How records of one standing are marked, for instance a repaired one."""

    standing: Standing
    label: Text
    label_en: Text
    basis: Bases | None = None


class Part(Model):
    """One item of a chapter. No `fields`: everything that disclosure shows, in the item's order."""

    item: Slug
    fields: tuple[Name, ...] = ()


class Chapter(Noted):
    """One chapter. `empty` is what the reader is told when there is nothing, and what that does not mean."""

    id: Slug
    label: Text
    label_en: Text
    parts: Annotated[tuple[Part, ...], Key(alias="part", min_length=1)]
    empty: Text
    empty_en: Text


class LawField(Noted):
    """A field of law (领域) that the subject may choose: the records of these units and of those below them."""

    id: Slug
    label: Text
    label_en: Text
    agencies: Annotated[tuple[Slug, ...], Key(min_length=1)]


class Choices(Noted):
    """What the subject chooses: a period of so many months back (`months` unless told), and fields of law."""

    months: Annotated[int, Key(gt=0)]
    max_months: Annotated[int, Key(gt=0)]
    fields: Annotated[tuple[LawField, ...], Key(alias="field")] = ()
    basis: Bases

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.months > self.max_months:
            raise Mismatch(f"months = {self.months}", f"at most max_months = {self.max_months}", ("months",))
        return self


class Criterion(Noted):
    """One ground of a credit review (信用审查): records that count against an applicant, and how the verdict is called."""

    id: Slug
    label: Text
    label_en: Text
    items: Annotated[tuple[Slug, ...], Key(min_length=1)]
    severities: tuple[Severity, ...] = ()
    months: Annotated[int, Key(gt=0)] | None = None
    """Only records decided in so many months before the day; without it all that are disclosed."""
    in_force: bool = False
    """Only records whose term has not ended on the day (`expires_on`): a sanction that is over is no ground (R-399)."""
    verdict: Literal["fail", "note"]
    basis: Bases


class Verdicts(Model):
    """The words for the three outcomes of a review."""

    good: Text = Key(alias="pass")
    good_en: Text = Key(alias="pass_en")
    note: Text
    note_en: Text
    fail: Text
    fail_en: Text
    unknown: Text
    """For a code that the register does not know: neither passed nor failed."""
    unknown_en: Text


class Statement(Model):
    """A paragraph of the notes (报告说明): what the report is, what it is not, and what its reader can do."""

    title: Text
    title_en: Text
    text: Text
    text_en: Text


class Report(Header):
    """One version of one template."""

    kind: Literal["report"]
    id: Slug
    label: Text
    label_en: Text
    word: Annotated[str, Key(pattern=r"^[A-Z]{2,4}$")]
    """Begins every number: word, year, seven digits; numbers run without gaps within word and year."""
    issuer: Text
    issuer_en: Text
    about: Literal["subject", "list"] = "subject"
    subjects: Annotated[tuple[SubjectKind, ...], Key(min_length=1)]
    askers: Annotated[tuple[Asker, ...], Key(alias="for", min_length=1)]
    audience: Literal["public", "self", "authorised", "duty"]
    standings: tuple[Standing, ...] = ("active", "disputed")
    marks: tuple[Mark, ...] = Key(default=(), alias="mark")
    mask_personal: bool = True
    """Masks of the item's fields are applied even where the audience would see the field in full: a report is passed on."""
    industries: tuple[Text, ...] = ()
    """Only subjects whose industry code begins with one of these; none: of any industry."""
    valid_days: Annotated[int, Key(gt=0)]
    at_most: Annotated[int, Key(gt=0)] = 1
    """So many applicants on one sheet."""
    identity: tuple[Name, ...] = ()
    """Fields of the registration that head the report."""
    choices: Choices | None = None
    chapters: tuple[Chapter, ...] = Key(default=(), alias="chapter")
    criteria: tuple[Criterion, ...] = Key(default=(), alias="criterion")
    verdicts: Verdicts | None = None
    statements: Annotated[tuple[Statement, ...], Key(alias="statement", min_length=1)]

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for wrong, found, expected, key in _faults(self):
            if wrong:
                raise Mismatch(found, expected, (key,))
        return self

    @property
    def items(self) -> tuple[str, ...]:
        """Every item of which the report may tell."""
        named = [p.item for c in self.chapters for p in c.parts] + [i for c in self.criteria for i in c.items]
        return tuple(dict.fromkeys(named))


def _faults(report: Report) -> list[tuple[bool, str, str, str]]:
    sheet, person = report.about == "list", "natural_person" in report.subjects
    marked = {m.standing for m in report.marks}
    beyond = [s for s in report.standings if s not in ("active", "disputed")]
    return [
        (sheet and not report.criteria, "a sheet without criteria", "[[criterion]]", "about"),
        (sheet and report.verdicts is None, "a sheet without words for its verdicts", "[verdicts]", "about"),
        (not sheet and not report.chapters, "no chapter", "[[chapter]]", "about"),
        (not sheet and bool(report.criteria), "criteria", 'about = "list", or no criteria', "criterion"),
        (
            person and not report.mask_personal,
            "natural persons in the open",
            "mask_personal = true: a report is kept, and passed on",
            "mask_personal",
        ),
        (person and len(report.subjects) > 1, "natural persons beside others", "a template of their own", "subjects"),
        (
            person and report.audience == "public",
            "natural persons with audience public",
            "another audience: natural persons are never public (G-13)",
            "audience",
        ),
        (
            person and "duty" in report.askers,
            "a natural person's report by duty",
            'for = ["subject"], or "counter" with an authorisation (R-119)',
            "for",
        ),
        (
            bool(beyond) and report.audience != "self",
            f"standing {', '.join(beyond)} for audience {report.audience}",
            'audience = "self": only the subject itself can hand such records on',
            "standings",
        ),
        (
            bool(set(beyond) - marked),
            f"standing {', '.join(sorted(set(beyond) - marked))} without a mark",
            "[[mark]] with the words that stand beside such a record",
            "standings",
        ),
    ]


def templates(packs: Policies, on: date) -> tuple[Report, ...]:
    """The templates in force on that day, in the order of their files."""
    return tuple(r for r in packs.of(Report) if r.effective.holds(on))


def template(packs: Policies, id: str, on: date) -> Report:
    """The version in force on that day. Raises `UnknownPolicy` with what there is."""
    found = next((r for r in templates(packs, on) if r.id == id), None)
    if found is None:
        raise UnknownPolicy(
            f"there is no report template {id!r}; there are {', '.join(r.id for r in templates(packs, on)) or 'none'}"
        )
    return found


def check_reports(reading: Reading) -> Iterator[Problem]:
    """Items, fields and units that nobody declares; a template twice for one day; two templates with one word."""
    seen: list[tuple[str, Report]] = []
    for source, report in reading.of(Report):
        for file, other in seen:
            if other.id == report.id and other.effective.overlaps(report.effective):
                yield source.problem(
                    ("id",), f"a second template {report.id!r} (the first: {file})", "one for each day"
                )
            if other.id != report.id and other.word == report.word:
                yield source.problem(("word",), f"the word {report.word} of {file}", "a word of its own")
        seen.append((source.name, report))
        yield from _names(source, report, reading)


def _names(source: Source, report: Report, reading: Reading) -> Iterator[Problem]:
    """Names of this template that lead nowhere."""
    items: dict[str, set[str]] = {}
    for _, item in reading.of(Item):
        items.setdefault(item.id, set()).update(f.id for f in item.kept_fields)
    broken = {id for kind, id in reading.declared if kind == "catalogue"} - items.keys()
    asked: list[tuple[TomlPath, str, tuple[str, ...]]] = []
    for n, chapter in enumerate(report.chapters):
        asked += [(("chapter", n, "part", m), part.item, part.fields) for m, part in enumerate(chapter.parts)]
    for n, criterion in enumerate(report.criteria):
        asked += [(("criterion", n), item, ()) for item in criterion.items]
    for path, id, fields in asked:
        if id not in items and id not in broken:
            yield source.problem(path, f"the item {id!r}", f"an item of the catalogue: {', '.join(sorted(items))}")
        elif unknown := [f for f in fields if f not in items.get(id, {f})]:
            yield source.problem((*path, "fields"), f"{', '.join(unknown)} of {id}", "kept fields of that item")
    for n, law in enumerate(report.choices.fields if report.choices else ()):
        for agency in law.agencies:
            yield from agency_problems(source, ("choices", "field", n, "agencies"), agency, reading)
