"""The schemas of the other kinds: code tables, agencies, publicity periods, retention defaults, forbidden data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Key

from chengxin.policy.catalogue import Retention
from chengxin.policy.errors import Mismatch
from chengxin.policy.schema import Bases, Header, Name, Noted, Severity, Slug, Text


class CodeTable(Header):
    """The head of a code table; its rows stand in a CSV file of the same name beside it."""

    kind: Literal["codes"]
    id: Name
    label: Text
    label_en: str = ""
    closed: bool = True
    rows: tuple[Code, ...] = ()

    @cached_property
    def lookup(self) -> Mapping[str, str]:
        """Every text a cell may hold (code, label, alias) -> the label that is stored."""
        known: dict[str, str] = {}
        for row in self.rows:
            for text in (row.label, row.code, *row.aliases):
                known.setdefault(text, row.label)
        return known

    @cached_property
    def by_code(self) -> Mapping[str, Code]:
        """The rows by their codes; of a code that was given twice the first one."""
        return {row.code: row for row in reversed(self.rows)}

    @cached_property
    def in_english(self) -> Mapping[str, str]:
        """Label -> its English, for those that have one: what is stored is the label."""
        return {row.label: row.label_en for row in self.rows if row.label_en}

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(row.label for row in self.rows)

    def current(self, on: date) -> tuple[Code, ...]:
        """The rows that may be used on that day; old ones stay readable but are not offered."""
        return tuple(r for r in self.rows if (not r.start or r.start <= on) and (not r.end or on <= r.end))


class Code(Noted):
    """One row of a code table. `aliases` are other codes and words for the same, such as those of an older standard."""

    code: Text
    label: Text
    label_en: str = ""
    aliases: tuple[Text, ...] = ()
    parent: str = ""
    start: date | None = Key(default=None, alias="from")
    end: date | None = Key(default=None, alias="to")
    line: int = 0


CODE_COLUMNS = ("code", "label", "label_en", "aliases", "parent", "from", "to", "note", "assumed")
"""Columns a code table's CSV may have; the first two are required, aliases are separated by `|`."""


class Duty(Noted):
    """An item an agency may submit, and why."""

    id: Slug
    reason: Text


class Agency(Noted):
    """A source unit: who it is, where it stands, what it may submit (R-007, R-023).

    `kind` is what it is to the platform, and with that which roles its people can have (`accounts.posts`): the credit
    information centre keeps the platform, all others report to it.
    """

    id: Slug
    kind: Literal["centre", "department", "source"] = "source"
    name: Text
    name_en: Text
    code: Text
    code_assumed: bool = False
    aliases: tuple[Text, ...] = ()
    region: Text
    parent: Slug | None = None
    items: tuple[Duty, ...] = ()
    basis: Bases | None = None

    def may_submit(self, item: str) -> bool:
        return any(duty.id == item for duty in self.items)


class Agencies(Header):
    """A list of source units."""

    kind: Literal["agencies"]
    agencies: Annotated[tuple[Agency, ...], Key(alias="agency", min_length=1)]


class Period(Noted):
    """What happens to records of one severity: shown or not, and for how long at least and at most."""

    severity: Severity
    publish: bool
    min_months: Annotated[int, Key(ge=0)] | None = None
    max_months: Annotated[int, Key(gt=0)] | None = None
    basis: Bases | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.publish and self.max_months is None:
            raise Mismatch(
                "publish = true without max_months", "`max_months`: nothing is shown for ever", ("max_months",)
            )
        if self.min_months is not None and self.max_months is not None and self.min_months > self.max_months:
            raise Mismatch(
                f"min_months = {self.min_months}", f"at most max_months = {self.max_months}", ("min_months",)
            )
        return self


class Publicity(Noted):
    """How long records are shown to the public, severity by severity (domain.md 4.2).

    `clock_start` is the record's date from which the months run, `pick_by` the date that decides which version of the
    file applies. Natural persons are never public, so `natural_persons` knows one word only. At the maximum every record
    stops being shown; a sector's own rule for duties that are still open is a publicity of its own, named by its item.
    """

    id: Slug
    clock_start: Literal["decided", "document", "published", "effective"]
    pick_by: Literal["decided", "document", "published", "effective", "today"]
    natural_persons: Literal["never"]
    periods: Annotated[tuple[Period, ...], Key(alias="period", min_length=1)]

    def period(self, severity: str) -> Period:
        """The period of that severity. Raises `KeyError`."""
        found = next((p for p in self.periods if p.severity == severity), None)
        if found is None:
            raise KeyError(f"publicity {self.id!r} says nothing about severity {severity!r}")
        return found

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        severities = [p.severity for p in self.periods]
        if len(set(severities)) != len(severities):
            raise Mismatch("a severity twice", "each severity once", ("period",))
        return self


class Disclosure(Header):
    """One version of the publicity rules."""

    kind: Literal["disclosure"]
    id: Slug
    publicities: Annotated[tuple[Publicity, ...], Key(alias="publicity", min_length=1)]


class RetentionDefault(Retention):
    """How long records of one nature are kept when their item does not say."""

    nature: Literal["identity", "neutral", "favourable", "adverse"]


class EvidenceTerm(Noted):
    """How long submitted files are kept as they came, in years from the day they came; then they are deleted."""

    years: Annotated[int, Key(gt=0)]
    basis: Bases


class RetentionDefaults(Header):
    """How long records are kept, and the files they came in; files are kept for ever where no term is named."""

    kind: Literal["retention"]
    defaults: Annotated[tuple[RetentionDefault, ...], Key(alias="retention", min_length=1)]
    evidence: EvidenceTerm | None = None


def _as_words(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class ForbiddenData(Noted):
    """One kind of data that is never collected, and the words that give it away.

    Words of ASCII letters are compared with whole words of ids, labels and codes; others with any part of a text.
    """

    id: Slug
    label: Text
    words: Annotated[tuple[Text, ...], Key(min_length=1)]
    allow: Annotated[tuple[Text, ...], BeforeValidator(_as_words)] = ()
    basis: Bases | None = None


class Forbidden(Header):
    kind: Literal["forbidden"]
    data: Annotated[tuple[ForbiddenData, ...], Key(alias="forbidden", min_length=1)]


Share = Annotated[float, Key(ge=0, le=1)]


class QualityGoals(Noted):
    """What data quality is measured against (R-044, R-047): shares of 1, months, and lengths of series."""

    intake: Share
    """Stored rows of reported rows; below it an alarm."""
    compliance: Share | None = None
    timeliness: Share | None = None
    history_months: Annotated[int, Key(gt=0)]
    """So many months back a source's usual volume is taken from."""
    history_needed: Annotated[int, Key(gt=0)]
    """So many of them must have been reported before a silence or a drop means anything."""
    volume_floor: Share
    """Below this share of the usual volume a month is suspiciously thin."""
    gap_series: Annotated[int, Key(gt=1)]
    """So many documents of one series must be known before a missing number means anything."""


class Quality(Header):
    """One version of the quality goals."""

    kind: Literal["quality"]
    id: Slug
    goals: QualityGoals
