"""All policies of a folder as one frozen value: what is asked of them, by date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from chengxin.policy.catalogue import Item, Retention
from chengxin.policy.packs import Agency, CodeTable, Disclosure, Period, Publicity, Quality, QualityGoals
from chengxin.policy.rules import Grading, Rule
from chengxin.policy.schema import Basis, Header, basis_text
from chengxin.standards.calendar import WorkCalendar


class UnknownPolicy(LookupError):
    """No item, table, agency or publicity of that name, or none in force on that day. The message names what there is."""


@dataclass(frozen=True)
class CompiledItem:
    """An item with its rules and severity steps ready to run."""

    item: Item
    rules: tuple[Rule, ...]
    severities: tuple[Grading, ...]
    file: str


@dataclass(frozen=True)
class Assumption:
    """Something a policy takes for granted until somebody has read the official text."""

    file: str
    where: str
    note: str


@dataclass(frozen=True)
class Loaded:
    """One policy file: its name inside the folder, and what it says."""

    file: str
    pack: Header


Pack = TypeVar("Pack", bound=Header)


@dataclass(frozen=True)
class PublicityRule:
    """How long a record of one severity is shown: resolved from one version of the disclosure pack.

    `clock_start` and `pick_by` name dates of the record; `basis` and `version` say where this comes from.
    """

    id: str
    severity: str
    publish: bool
    min_months: int | None
    max_months: int | None
    clock_start: str
    pick_by: str
    basis: str
    version: str


@dataclass(frozen=True)
class Policies:
    """What `load` gives. Everything in it stays as it is; a changed folder is a new value with a new `digest`."""

    folder: Path
    digest: str
    compiled: tuple[CompiledItem, ...]
    tables: Mapping[str, CodeTable]
    agencies: tuple[Agency, ...]
    disclosures: tuple[Disclosure, ...]
    retention_defaults: Mapping[str, Retention]
    assumptions: tuple[Assumption, ...]
    qualities: tuple[Quality, ...] = ()
    work_calendar: WorkCalendar | None = None
    loaded: tuple[Loaded, ...] = ()

    def of(self, kind: type[Pack]) -> tuple[Pack, ...]:
        """Every file of one kind, all versions, in the order of the file names."""
        if kind not in self._of:
            self._of[kind] = tuple(loaded.pack for loaded in self.loaded if isinstance(loaded.pack, kind))
        return self._of[kind]

    @cached_property
    def _of(self) -> dict[type, tuple[Any, ...]]:
        """What `of` has found: a page asks for lists and models many times, and there are hundreds of files."""
        return {}

    def file_of(self, pack: Header) -> str:
        """The file that a pack was read from. Raises `UnknownPolicy`."""
        found = next((loaded.file for loaded in self.loaded if loaded.pack is pack), None)
        if found is None:
            raise UnknownPolicy(f"{type(pack).__name__} was not read from {self.folder}")
        return found

    @property
    def calendar(self) -> WorkCalendar:
        """The working days of national/codes/holidays.csv. Raises `UnknownPolicy` when the folder has none."""
        if self.work_calendar is None:
            raise UnknownPolicy(f"{self.folder} has no national/codes/holidays.csv: working days cannot be counted")
        return self.work_calendar

    def items(self, on: date) -> tuple[Item, ...]:
        """The items in force on that day, by id."""
        return tuple(c.item for c in self.compiled if c.item.effective.holds(on))

    def item(self, id: str, on: date) -> Item:
        """The version of an item in force on that day. Raises `UnknownPolicy`."""
        return self._compiled(id, on).item

    def versions(self, id: str) -> tuple[Item, ...]:
        """All versions of an item, the oldest first."""
        return self._versions.get(id, ())

    @cached_property
    def _versions(self) -> Mapping[str, tuple[Item, ...]]:
        ids = dict.fromkeys(c.item.id for c in self.compiled)
        ordered = sorted((c.item for c in self.compiled), key=lambda i: i.effective.start)
        return {id: tuple(i for i in ordered if i.id == id) for id in ids}

    def rules(self, item: str, on: date) -> tuple[Rule, ...]:
        """The rules of an item in force on that day, of all stages. Raises `UnknownPolicy`."""
        return tuple(rule for rule in self._compiled(item, on).rules if rule.holds(on))

    def severities(self, item: str, on: date) -> tuple[Grading, ...]:
        """The severity steps of an item, in order; `rules.severity_sql` makes one expression of them."""
        return self._compiled(item, on).severities

    def agency(self, id: str) -> Agency:
        """Raises `UnknownPolicy`."""
        found = self._agencies.get(id)
        if found is None:
            raise UnknownPolicy(
                f"there is no agency {id!r}; there are {', '.join(a.id for a in self.agencies) or 'none'}"
            )
        return found

    def agency_name(self, id: str) -> str:
        """The name of an agency; the id of one that the packs do not know (any longer)."""
        found = self._agencies.get(id)
        return found.name if found else id

    @cached_property
    def _agencies(self) -> Mapping[str, Agency]:
        return {a.id: a for a in reversed(self.agencies)}

    def codes(self, name: str) -> CodeTable:
        """Raises `UnknownPolicy`."""
        if name not in self.tables:
            raise UnknownPolicy(
                f"there is no code table {name!r}; there are {', '.join(sorted(self.tables)) or 'none'}"
            )
        return self.tables[name]

    def publicity(self, id: str, severity: str, on: date) -> PublicityRule:
        """How long records of that severity are shown, by the version in force on `on`: the record's date that the entry's
        `pick_by` names (see `publicity_pick_by`). Raises `UnknownPolicy` (domain.md 4.2).
        """
        entry, version, basis = self._publicity(id, on)
        try:
            period = entry.period(severity)
        except KeyError as error:
            raise UnknownPolicy(str(error.args[0])) from error
        return _resolved(entry, period, version, basis)

    def publicity_pick_by(self, id: str) -> str:
        """Which date of a record decides about the version; the same in all versions. Raises `UnknownPolicy`."""
        for disclosure in self.disclosures:
            for entry in disclosure.publicities:
                if entry.id == id:
                    return entry.pick_by
        raise UnknownPolicy(f"there is no publicity {id!r}")

    def retention(self, item: str, on: date) -> Retention | None:
        """How long records of an item are kept: its own rule, or the default of its nature."""
        found = self.item(item, on)
        return found.retention or self.retention_defaults.get(found.nature)

    def quality(self, on: date) -> QualityGoals:
        """The goals of data quality in force on that day. Raises `UnknownPolicy`."""
        found = next((q.goals for q in self.qualities if q.effective.holds(on)), None)
        if found is None:
            raise UnknownPolicy(f"there are no quality goals in force on {on}: a file of kind quality is missing")
        return found

    def _compiled(self, id: str, on: date) -> CompiledItem:
        versions = [c for c in self.compiled if c.item.id == id]
        for compiled in versions:
            if compiled.item.effective.holds(on):
                return compiled
        if versions:
            when = "; ".join(str(c.item.effective) for c in versions)
            raise UnknownPolicy(f"item {id!r} is not in force on {on}: its versions hold {when}")
        raise UnknownPolicy(
            f"there is no item {id!r}; there are {', '.join(sorted({c.item.id for c in self.compiled}))}"
        )

    def _publicity(self, id: str, on: date) -> tuple[Publicity, str, tuple[Basis, ...]]:
        for disclosure in self.disclosures:
            if disclosure.effective.holds(on):
                for entry in disclosure.publicities:
                    if entry.id == id:
                        return entry, disclosure.version, disclosure.basis
        raise UnknownPolicy(f"there is no publicity {id!r} in force on {on}")


def _resolved(entry: Publicity, period: Period, version: str, basis: tuple[Basis, ...]) -> PublicityRule:
    return PublicityRule(
        id=entry.id,
        severity=period.severity,
        publish=period.publish,
        min_months=period.min_months,
        max_months=period.max_months,
        clock_start=entry.clock_start,
        pick_by=entry.pick_by,
        basis=basis_text(period.basis or basis),
        version=version,
    )
