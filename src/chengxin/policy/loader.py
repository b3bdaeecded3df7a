"""Reads a folder of policy packs into one frozen `Policies`, or says everything that is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chengxin.policy import crosscheck
from chengxin.policy.assumptions import assumptions_of
from chengxin.policy.catalogue import Item
from chengxin.policy.code_files import read_codes
from chengxin.policy.consistency import item_faults
from chengxin.policy.errors import Mismatch, PolicyError, Problem
from chengxin.policy.explain import explain
from chengxin.policy.gathered import Reading, Source
from chengxin.policy.kinds import ACROSS, KINDS
from chengxin.policy.packs import Agencies, CodeTable, Disclosure, Forbidden, Quality, RetentionDefaults
from chengxin.policy.policies import CompiledItem, Loaded, Policies
from chengxin.policy.reading import TomlPath, read_toml
from chengxin.policy.rules import rules_for, severity_for
from chengxin.policy.schema import Header
from chengxin.standards.calendar import WorkCalendar

HOLIDAYS = "national/codes/holidays.csv"
FORBIDDEN = "national/forbidden.toml"
LATER = ("evaluation", "lists", "measures", "inspection", "reports")
"""Kinds of design.md section 5 that later issues bring."""

HEAD = (
    "kind",
    "authority",
    "version",
    "effective",
    "basis",
    "assumed",
    "note",
    "item",
    "occupation",
    "record",
    "field",
    "rule",
    "severity",
)
"""Keys at the top of a catalogue file; everything else about the item stands in [item]."""


def load(folder: Path) -> Policies:
    """Read every TOML and CSV file below `folder`.

    Raises `PolicyError` with all faults of all files: no TOML, unknown keys or kinds, no basis, forbidden data, texts that
    are not of the rule dialect, names that lead nowhere, two versions for one day (R-001, R-006, R-049, G-01).
    """
    reading = Reading(folder)
    if not folder.is_dir():
        raise PolicyError([Problem(str(folder), 0, "", "no such folder", "a folder of policy packs")])
    for file in sorted(folder.rglob("*.toml")):
        _read_pack(reading, file)
    _add_tables(reading)
    _check_across(reading)
    compiled = [c for source, item in reading.of(Item) if (c := _compile(reading, source, item)) is not None]
    calendar = _read_calendar(reading)
    if reading.problems:
        raise PolicyError(reading.problems)
    return Policies(
        folder=folder,
        digest=digest_of(folder),
        compiled=tuple(sorted(compiled, key=lambda c: (c.item.id, c.item.effective.start))),
        tables=reading.tables,
        agencies=tuple(a for _, pack in reading.of(Agencies) for a in pack.agencies),
        disclosures=tuple(pack for _, pack in reading.of(Disclosure)),
        retention_defaults={d.nature: d for _, pack in reading.of(RetentionDefaults) for d in pack.defaults},
        assumptions=tuple(a for source, pack in reading.packs for a in assumptions_of(source.name, pack)),
        qualities=tuple(pack for _, pack in reading.of(Quality)),
        work_calendar=calendar,
        loaded=tuple(Loaded(source.name, pack) for source, pack in reading.packs),
    )


def digest_of(folder: Path) -> str:
    """SHA-256 over names and contents of all policy files, so that a result can name the rule set it comes from (R-049)."""
    total = hashlib.sha256()
    files = (p for p in folder.rglob("*") if p.suffix in (".toml", ".csv") and p.is_file())
    for file in sorted(files, key=lambda p: p.relative_to(folder).as_posix()):
        data = file.read_bytes()
        total.update(f"{file.relative_to(folder).as_posix()}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def _read_pack(reading: Reading, file: Path) -> None:
    name = file.relative_to(reading.folder).as_posix()
    try:
        raw, lines = read_toml(file, name)
    except PolicyError as error:
        reading.problems += error.problems
        return
    source = Source(name, raw, lines)
    kind = raw.get("kind")
    if kind == "catalogue":
        _validate(reading, source, Item, _flat(reading, source))
    elif isinstance(kind, str) and kind in KINDS:
        _validate(reading, source, KINDS[kind], raw)
    else:
        known = ", ".join(sorted(["catalogue", *KINDS]))
        later = " (a kind of a later version)" if kind in LATER else ""
        found = f"kind = {kind!r}{later}" if kind is not None else "no kind"
        reading.problems.append(source.problem(("kind",), found, f"one of the kinds {known}"))


def _flat(reading: Reading, source: Source) -> dict[str, Any]:
    """The keys of the head and of [item] side by side, as the model has them."""
    head = {k: v for k, v in source.raw.items() if k in HEAD and k != "item"}
    item = source.raw.get("item")
    for key in source.raw.keys() - set(HEAD):
        expected = "it in [item]" if key in Item.model_fields else "one of the keys " + ", ".join(HEAD)
        reading.problems.append(source.problem((key,), f"the key `{key}` at the top of the file", expected))
    if not isinstance(item, dict):
        return head
    for key in item.keys() & (set(HEAD) - {"note", "assumed"}):
        reading.problems.append(
            source.problem(("item", key), f"the key `{key}` in [item]", "it at the top of the file")
        )
    return {**item, **head}


def _place(source: Source, path: TomlPath) -> TomlPath:
    """Where a path of the flat model stands in the file."""
    return ("item", *path) if source.raw.get("kind") == "catalogue" and path and path[0] not in HEAD else path


def _validate(reading: Reading, source: Source, model: type[Header], raw: dict[str, Any]) -> None:
    reading.declared.add((str(raw.get("kind")), str(raw.get("id"))))
    try:
        pack = model.model_validate(raw)
    except ValidationError as error:
        reading.problems += [source.problem(_place(source, p), f, e) for p, f, e in explain(error, model)]
        return
    faults = list(item_faults(pack)) if isinstance(pack, Item) else []
    reading.problems += [source.problem(_place(source, f.path), f.found, f.expected) for f in faults]
    if not faults:
        reading.packs.append((source, pack))


def _add_tables(reading: Reading) -> None:
    """Give every code table its rows; say which CSV files have no head."""
    used = {reading.folder / HOLIDAYS}
    for at, (source, pack) in enumerate(reading.packs):
        if isinstance(pack, CodeTable):
            file = (reading.folder / source.name).with_suffix(".csv")
            used.add(file)
            table, problems = read_codes(pack, file, file.relative_to(reading.folder).as_posix())
            reading.problems += problems
            reading.packs[at] = (source, table)
            reading.tables.setdefault(table.id, table)
    for file in sorted(set(reading.folder.rglob("*.csv")) - used):
        name = file.relative_to(reading.folder).as_posix()
        reading.problems.append(
            Problem(name, 0, "", "a code table without a head", f"{file.stem}.toml beside it, with a basis")
        )


def _check_across(reading: Reading) -> None:
    items, disclosures = reading.of(Item), reading.of(Disclosure)
    publicities: dict[str, set[str]] = {}
    for _, pack in disclosures:
        for entry in pack.publicities:
            publicities.setdefault(entry.id, set()).update(p.severity for p in entry.periods)
    forbidden = [data for _, pack in reading.of(Forbidden) for data in pack.data]
    problems: list[Iterable[Problem]] = [_no_forbidden(reading)] if not forbidden else []
    broken = {id for kind, id in reading.declared if kind == "codes"} - reading.tables.keys()
    for source, item in items:
        problems.append(crosscheck.of_item(source, item, reading.tables, publicities, broken))
        problems.append(crosscheck.of_forbidden(source, item, forbidden))
    ids = {id for kind, id in reading.declared if kind == "catalogue"}
    agencies = reading.of(Agencies)
    problems += [crosscheck.of_agencies(s, pack, ids, reading.tables) for s, pack in agencies]
    problems.append(crosscheck.of_versions([*items, *disclosures, *reading.of(Quality)]))
    problems.append(crosscheck.of_pick_by(disclosures))
    problems.append(crosscheck.of_ids([(s, t.id, ("id",)) for s, t in reading.of(CodeTable)], "code table"))
    units = [(s, a.id, ("agency", n, "id")) for s, pack in agencies for n, a in enumerate(pack.agencies)]
    problems.append(crosscheck.of_ids(units, "agency"))
    problems += [check(reading) for check in ACROSS]
    reading.problems += [problem for group in problems for problem in group]


def _no_forbidden(reading: Reading) -> Iterator[Problem]:
    """Without the list nothing would hold forbidden data back, so its absence is a fault and not a choice."""
    if not any(p.file == FORBIDDEN for p in reading.problems):
        yield Problem(FORBIDDEN, 0, "", "no list of forbidden data", 'a file of kind "forbidden"')


def _compile(reading: Reading, source: Source, item: Item) -> CompiledItem | None:
    try:
        return CompiledItem(item, rules_for(item, reading.tables), severity_for(item), source.name)
    except Mismatch as fault:
        reading.problems.append(source.problem(_place(source, fault.path), fault.found, fault.expected))
        return None


def _read_calendar(reading: Reading) -> WorkCalendar | None:
    file = reading.folder / HOLIDAYS
    if not file.exists():
        return None
    try:
        return WorkCalendar.from_csv(file)
    except (ValueError, KeyError) as error:
        reading.problems.append(Problem(HOLIDAYS, 0, "", str(error), "a holiday table with the columns date and kind"))
        return None
