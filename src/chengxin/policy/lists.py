"""The schema of kind `lists`: every list (名单) with its criteria, steps, term and exit (F-13, R-168 to R-186, G-03)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Key

from chengxin.policy import conditions
from chengxin.policy.catalogue import Item
from chengxin.policy.conditions import Conditions, RecordsOf, Words
from chengxin.policy.errors import Mismatch, Problem
from chengxin.policy.gathered import Reading, Source
from chengxin.policy.reading import TomlPath
from chengxin.policy.schema import Bases, Basis, Header, Name, Noted, Slug, SubjectKind, Text
from chengxin.policy.steps import Step, steps_faults

Rank = Literal[
    "law", "administrative-regulation", "central-policy", "local-statute", "ministry-rule", "local-rule",
    "normative-document", "plan",
]  # fmt: skip
"""法律、行政法规、党中央国务院政策文件、地方性法规、部门规章、地方政府规章、规范性文件、工作方案."""

HIGH: tuple[Rank, ...] = ("law", "administrative-regulation", "central-policy")
"""What a list of serious dishonesty may rest on (R-169)."""

Effect = Literal["serious", "attention", "warning", "favour", "record"]


class RankedBasis(Basis):
    """A basis that says of which rank it is."""

    rank: Rank


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


RankedBases = Annotated[tuple[RankedBasis, ...], BeforeValidator(_as_list), Key(min_length=1)]


class Criterion(Noted):
    """One ground for listing (认定标准): words for the subject, and conditions that find candidates.

    Without `when` only a person can see it; nobody is ever listed by a condition alone.
    """

    id: Slug
    label: Text
    label_en: Text
    when: Conditions | None = None
    basis: Bases | None = None


class ListTerm(Noted):
    """How long an entry lasts; `open_ended` only where the pack says what ends it."""

    months: Annotated[int, Key(gt=0)] | None = None
    open_ended: bool = False
    basis: Bases | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.months is None) == (not self.open_ended):
            raise Mismatch("both or none of months and open_ended", "one of `months = …`, `open_ended = true`")
        return self


class EarlyExit(Noted):
    """Leaving before the term is over (提前移出): after so many months, when these conditions are shown to be met."""

    after_months: Annotated[int, Key(ge=0)]
    conditions: Words
    conditions_en: Words
    basis: Bases

    @model_validator(mode="after")
    def _both_languages(self) -> Self:
        if len(self.conditions) != len(self.conditions_en):
            raise Mismatch(
                f"{len(self.conditions)} conditions and {len(self.conditions_en)} in English", "each in both languages"
            )
        return self


class Exit(Noted):
    """The ways out, beside the end of the term, which needs nobody, and a wrong listing, which is always undone."""

    early: EarlyExit | None = None
    on_repair: bool = False
    text: Text
    text_en: Text


class Extension(Noted):
    """To whom beyond the subject an entry extends, and the law that says so; without this it extends to nobody (G-03)."""

    to: Words
    basis: RankedBases


GAPS = frozenset({
    "subject", "code", "list", "criterion", "reason", "basis", "document", "listed_on", "published_on", "expires_on",
    "department", "department_code", "ending", "ended_on", "exit_document",
})  # fmt: skip
"""What an entry of a list can tell a record."""


class Recorded(Noted):
    """The record of the register that an entry decided here becomes: each field's text with gaps in braces (G-01).

    `listed` is stated when the entry is complete, `left` beside it when the entry has ended; an entry that was wrong is
    withdrawn. A field whose text is empty on the day is not stated.
    """

    item: Slug
    listed: Mapping[Name, Text]
    left: Mapping[Name, Text]

    @model_validator(mode="after")
    def _known_gaps(self) -> Self:
        for key, fields in (("listed", self.listed), ("left", self.left)):
            for name, text in fields.items():
                gaps = {gap for _, gap, _, _ in Formatter().parse(text) if gap is not None}
                if unknown := sorted(gaps - GAPS):
                    raise Mismatch(f"the gap {unknown[0]!r}", "one of " + ", ".join(sorted(GAPS)), (key, name))
        return self


class CreditList(Noted):
    """One list."""

    id: Slug
    label: Text
    label_en: Text
    aliases: tuple[Text, ...] = ()
    tone: Literal["favourable", "adverse", "neutral"]
    effect: Effect
    department: Slug
    competence: Text
    competence_en: Text
    subjects: Annotated[tuple[SubjectKind, ...], Key(min_length=1)] = ("organisation", "individual_business")
    derived_from: Literal["organisation"] | None = None
    public: bool
    basis: RankedBases
    criteria: Annotated[tuple[Criterion, ...], Key(alias="criterion", min_length=1)]
    steps: tuple[Step, ...] = Key(default=(), alias="step")
    mirrors: RecordsOf | None = None
    recorded: Recorded | None = None
    term: ListTerm
    exit: Exit
    extension: Extension | None = None
    remedy: Text
    remedy_en: Text

    @property
    def serious(self) -> bool:
        return self.effect == "serious"

    @property
    def decided_here(self) -> bool:
        """Whether entries are made by steps on this platform, or only mirror records of a decision made elsewhere."""
        return self.mirrors is None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for fault in _list_faults(self):
            raise fault
        return self


class Lists(Header):
    """One file of lists."""

    kind: Literal["lists"]
    id: Slug
    lists: Annotated[tuple[CreditList, ...], Key(alias="list", min_length=1)]


def _list_faults(entry: CreditList) -> Iterator[Mismatch]:
    if entry.serious and not any(b.rank in HIGH for b in entry.basis):
        found = "a serious list on " + ", ".join(sorted({b.rank for b in entry.basis}))
        yield Mismatch(found, "a basis of rank " + ", ".join(HIGH) + " (R-169)", ("basis",))
    if (entry.effect == "favour") != (entry.tone == "favourable"):
        yield Mismatch(
            f"effect {entry.effect} with tone {entry.tone}", "favour with favourable, and only so", ("effect",)
        )
    if entry.effect in ("serious", "attention", "warning") and entry.tone != "adverse":
        yield Mismatch(f"effect {entry.effect} with tone {entry.tone}", 'tone = "adverse"', ("tone",))
    yield from _person_faults(entry)
    if entry.mirrors is not None and entry.steps:
        yield Mismatch(
            "both steps and mirrors", "steps for a list decided here, mirrors for one decided elsewhere", ("mirrors",)
        )
    if entry.mirrors is not None and entry.recorded is not None:
        yield Mismatch("both mirrors and recorded", "recorded for a list that is decided here", ("recorded",))
    if entry.mirrors is None:
        yield from steps_faults(entry.steps, adverse=entry.tone == "adverse", serious=entry.serious)
        kinds = [s.kind for s in entry.steps]
        if entry.public and "publication" not in kinds:
            yield Mismatch(
                "a public list without the step publication", "a step publication, or public = false", ("public",)
            )
        if not entry.public and "publication" in kinds:
            yield Mismatch(
                "a step publication of a list that is not public", "public = true, or no such step", ("public",)
            )
    if entry.tone == "adverse" and entry.exit.early is None and entry.term.months is None and entry.mirrors is None:
        yield Mismatch("an adverse list that nobody ever leaves", "a term in months, or [list.exit.early]", ("term",))


def _person_faults(entry: CreditList) -> Iterator[Mismatch]:
    """Nothing spreads from an organisation to the people behind it unless the listed basis says so (design.md 8)."""
    if entry.derived_from and entry.extension is None:
        yield Mismatch(
            "natural persons derived from an organisation",
            "[list.extension] with `to` and the law as `basis`",
            ("derived_from",),
        )
    if entry.derived_from and "natural_person" not in entry.subjects:
        yield Mismatch("derived_from without natural_person", "no derived_from", ("derived_from",))
    if entry.extension and not any(b.rank in HIGH for b in entry.extension.basis):
        yield Mismatch("an extension without a law", "a basis of rank " + ", ".join(HIGH), ("extension", "basis"))
    if "natural_person" in entry.subjects and entry.public:
        yield Mismatch(
            "natural persons on a public list", "public = false: natural persons are never public (G-13)", ("public",)
        )


def lists_problems(reading: Reading) -> Iterator[Problem]:
    """Names that lead nowhere, and a list twice for one day."""
    seen: list[tuple[Source, Lists, str]] = []
    for source, pack in reading.of(Lists):
        for number, entry in enumerate(pack.lists):
            path = ("list", number)
            for earlier, other, id in seen:
                if id == entry.id and other.effective.overlaps(pack.effective):
                    yield source.problem(
                        (*path, "id"), f"a second list {id!r} (the first is in {earlier.name})", "each list once"
                    )
            seen.append((source, pack, entry.id))
            yield from conditions.agency_problems(source, (*path, "department"), entry.department, reading)
            if entry.mirrors:
                yield from conditions.records_problems(source, (*path, "mirrors"), entry.mirrors, reading)
            if entry.recorded:
                yield from _recorded_problems(source, (*path, "recorded"), entry, reading)
            for place, criterion in enumerate(entry.criteria):
                where = (*path, "criterion", place, "when")
                yield from conditions.problems_of(source, where, criterion.when or (), reading)


def _recorded_problems(source: Source, path: TomlPath, entry: CreditList, reading: Reading) -> Iterator[Problem]:
    """An item that is not there or not for these subjects, fields it has not, a department that may not state it (G-01)."""
    assert entry.recorded is not None
    told = entry.recorded
    if ("catalogue", told.item) not in set(reading.declared):
        yield source.problem((*path, "item"), f"the item {told.item!r}", "an item of the catalogue")
    versions = [item for _, item in reading.of(Item) if item.id == told.item]
    if not versions:  # a file that was refused is told of once
        return
    item = max(versions, key=lambda i: i.effective.start)
    fields = {f.id for f in item.kept_fields}
    for key, texts in (("listed", told.listed), ("left", told.left)):
        for name in sorted(texts.keys() - fields):
            yield source.problem((*path, key, name), f"the field {name!r}", f"a field of {told.item}")
    if strange := sorted(set(entry.subjects) - set(item.subjects)):
        yield source.problem(
            (*path, "item"), f"{told.item}, which is not for {strange[0]}", "an item for all its subjects"
        )
    duties = {
        duty["id"]
        for pack, _ in reading.packs if pack.raw.get("kind") == "agencies"
        for agency in pack.raw["agency"] if agency.get("id") == entry.department
        for duty in agency.get("items", ())
    }  # fmt: skip
    if told.item not in duties and not conditions.broken(reading, "agencies"):
        found = f"{told.item}, which {entry.department} may not state"
        yield source.problem((*path, "item"), found, "an item of the deciding department's duties")
