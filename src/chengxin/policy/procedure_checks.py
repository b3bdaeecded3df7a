"""What shows only when a procedure is looked at as a whole: a way in, ways out, four eyes, letters, terms with a start."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Protocol

from chengxin.policy.catalogue import Item
from chengxin.policy.commitments import Commitments
from chengxin.policy.errors import Problem
from chengxin.policy.gathered import Reading, Source
from chengxin.policy.packs import Agencies
from chengxin.policy.procedures import NEEDS_DECISION, PARTIES, Procedure, Step
from chengxin.policy.reading import TomlPath
from chengxin.policy.repair import Repair

GAPS = (
    "case", "procedure", "applicant", "subject", "code", "record", "title", "item", "source", "handler", "assigned",
    "reason", "day", "opened", "deadline", "actor", "number", "standing", "earliest", "template.title",
    "template.content", "template.kind", "template.matter", "year",
)  # fmt: skip
"""What a letter or an entry may say of its case; `{form.<ask>}` and `{clock.<id>}` besides."""

Fault = tuple[TomlPath, str, str]


class HasId(Protocol):
    @property
    def id(self) -> str: ...


BOUND = ("representative", "agent", "anyone", "system")
"""Roles that never decide."""


def check_procedures(reading: Reading) -> Iterator[Problem]:
    """Every fault of every procedure, with the line it stands on."""
    packs = reading.of(Procedure)
    ids = {p.id for _, p in packs} | {id for kind, id in reading.declared if kind == "procedure"}
    for at, (source, pack) in enumerate(packs):
        checks = (_names, _graph, _four_eyes, _clocks, _ends, _internal, _gaps)
        for path, found, expected in chain.from_iterable(check(pack) for check in checks):
            yield source.problem(path, found, expected)
        yield from _outside(reading, source, pack, ids)
        for other_source, other in packs[:at]:
            if other.id == pack.id and other.effective.overlaps(pack.effective):
                found = f"{pack.id} for {pack.effective}, while {other_source.name} says {other.effective}"
                yield source.problem(("effective",), found, "versions that do not overlap: give the older one `to`")
            elif pack.serves and other.serves == pack.serves and other.effective.overlaps(pack.effective):
                found = f"serves = {pack.serves!r}, while {other_source.name} serves it too"
                yield source.problem(("serves",), found, "one procedure at a time to which the portal leads for it")


def _names(pack: Procedure) -> Iterator[Fault]:
    """Ids once each, and names that lead somewhere."""
    parts: Mapping[str, Sequence[HasId]] = {
        "state": pack.states, "step": pack.steps, "clock": pack.clocks, "letter": pack.letters, "ask": pack.asks,
        "material": pack.materials, "entry": pack.entries,
    }  # fmt: skip
    known = {word: [p.id for p in group] for word, group in parts.items()}
    for word, ids in known.items():
        for n, id in enumerate(ids):
            if id in ids[:n]:
                yield (word, n, "id"), f"a second {word} {id!r}", "each id once"
    for n, step in enumerate(pack.steps):
        uses: list[tuple[str, str, Sequence[str]]] = [
            ("from", "state", step.start), ("to", "state", (step.to,)), ("apart_from", "step", step.apart_from),
            ("letter", "letter", _one(step.letter)), ("entry", "entry", _one(step.entry)),
            ("clock", "clock", _one(step.clock)), ("takes", "ask", step.takes),
        ]  # fmt: skip
        for key, word, names in uses:
            yield from _missing(("step", n, key), names, word, known)
        for at, who in enumerate(step.who):
            yield from _missing(("step", n, "who", at, "needs"), who.needs, "material", known)
        for word, names in (("material", step.needs.materials), ("ask", step.needs.asks)):
            yield from _missing(("step", n, "needs", f"{word}s"), names, word, known)
    for n, clock in enumerate(pack.clocks):
        for key, word, names in (
            ("start", "step", clock.start), ("stop", "step", clock.stop), ("then", "step", _one(clock.then)),
            ("suspended_in", "state", clock.suspended_in), ("until", "ask", _one(clock.until)),
            ("starts_on", "ask", _one(clock.starts_on)),
        ):  # fmt: skip
            yield from _missing(("clock", n, key), names, word, known)


def _one(name: str | None) -> Sequence[str]:
    return (name,) if name else ()


def _missing(path: TomlPath, names: Sequence[str], word: str, known: dict[str, list[str]]) -> Iterator[Fault]:
    for name in names:
        if name not in known[word]:
            yield path, f"the {word} {name!r}, which does not exist", f"one of {', '.join(known[word]) or 'none'}"


def _graph(pack: Procedure) -> Iterator[Fault]:
    """One way in; every state can be reached and every case can end."""
    openings = [n for n, s in enumerate(pack.steps) if not s.start]
    if len(openings) != 1:
        path: TomlPath = ("step", openings[1], "from") if openings else ("step", 0)
        yield path, f"{len(openings)} steps without `from`", "exactly one: it opens the case"
        return
    reached = _closure({pack.opening.to}, [(s, step.to) for step in pack.steps for s in step.start])
    ends = {s.id for s in pack.states if s.end}
    ending = _closure(set(ends), [(step.to, s) for step in pack.steps for s in step.start])
    for n, state in enumerate(pack.states):
        if state.id not in reached:
            yield ("state", n, "id"), f"the state {state.id!r}, which no step leads to", "a step with it as `to`"
        if state.id not in ending:
            yield ("state", n, "id"), f"the state {state.id!r}, from which no way leads to an end", "a step out of it"
    for n, step in enumerate(pack.steps):
        if left := sorted(set(step.start) & ends):
            yield ("step", n, "from"), f"a step out of the end {left[0]!r}", "states that are no end"


def _closure(found: set[str], edges: list[tuple[str, str]]) -> set[str]:
    grown = True
    while grown:
        more = {b for a, b in edges if a in found} - found
        found, grown = found | more, bool(more)
    return found


def _four_eyes(pack: Procedure) -> Iterator[Fault]:
    """No decision by a party, none by a machine; no effect on a record without a decision (R-024, G-02)."""
    for n, step in enumerate(pack.steps):
        grave = sorted(NEEDS_DECISION & set(step.effects))
        if grave and not step.decision:
            yield ("step", n, "effects"), f"{grave[0]} without a decision", "`decision = true`: it needs four eyes"
        if not step.decision:
            continue
        if not step.start:
            yield ("step", n, "decision"), "a decision that opens the case", "a later step: whoever opens cannot decide"
        for at, who in enumerate(step.who):
            if who.at in PARTIES or who.role in BOUND:
                found = f"a decision that {who.role} of the {who.at} could take"
                yield ("step", n, "who", at), found, "somebody at source, handler or assigned"


def _clocks(pack: Procedure) -> Iterator[Fault]:
    steps = {s.id: s for s in pack.steps}
    for n, clock in enumerate(pack.clocks):
        for key, name in (("until", clock.until), ("starts_on", clock.starts_on)):
            if name and (ask := pack.ask(name)) and ask.type != "date":
                yield ("clock", n, key), f"the answer {name!r} of type {ask.type}", "an answer of type date"
        if clock.then and clock.then in steps and not _by_system(steps[clock.then]):
            yield ("clock", n, "then"), f"the step {clock.then!r}, which people take", 'a step with who.role = "system"'
    named = {c.then for c in pack.clocks}
    for n, step in enumerate(pack.steps):
        if _by_system(step) and step.id not in named:
            yield ("step", n, "who"), f"the system step {step.id!r}, which no clock takes", "a clock with it as `then`"
        if ("clock.extend" in step.effects) != (step.add_days is not None) or (
            {"clock.extend", "clock-over"} & {*step.effects, *step.guards} and step.clock is None
        ):
            yield ("step", n, "effects"), "an extension without its clock and days", "`clock` (and `add_days`)"
        if ("record.enter" in step.effects) != (step.entry is not None):
            yield ("step", n, "effects"), "record.enter and `entry` not together", "both or none of them"
        of_record = {e for e in step.effects if e.startswith("record.")} - {"record.enter", "record.retract"}
        if of_record and "record" not in pack.about:
            yield ("step", n, "effects"), f"{min(of_record)} in a procedure about {pack.about}", 'about = "record"'


def _by_system(step: Step) -> bool:
    return any(w.role == "system" for w in step.who)


def _ends(pack: Procedure) -> Iterator[Fault]:
    """Whoever comes to an end of a case is told by letter (G-05)."""
    states = {s.id: (n, s) for n, s in enumerate(pack.states)}
    for n, state in states.values():
        if state.end and not state.letter_due and not state.note:
            yield (
                ("state", n, "letter_due"),
                "letter_due = false without a note",
                "a `note` that says why nobody is told",
            )
    for n, step in enumerate(pack.steps):
        _, to = states.get(step.to, (0, None))
        if to and to.end and to.letter_due and step.letter is None:
            yield ("step", n), f"a step to the end {to.id!r} without a letter", "`letter`, or letter_due = false there"


def _internal(pack: Procedure) -> Iterator[Fault]:
    """What the subject does not see yet it can neither act on nor have been written to about (G-05)."""
    hidden = {s.id for s in pack.states if s.internal}
    for n, step in enumerate(pack.steps):
        parties = [w.role for w in step.who if w.at in PARTIES or w.role == "anyone"]
        if parties and hidden & {*step.start, step.to}:
            yield (
                ("step", n, "who"),
                f"{parties[0]!r} at a state that is internal",
                "nobody of the applicant or subject",
            )
        if step.letter and step.to in hidden:
            yield ("step", n, "letter"), f"a letter on the way to {step.to!r}, which is internal", "no letter"


def _gaps(pack: Procedure) -> Iterator[Fault]:
    allowed = {*GAPS, *(f"form.{a.id}" for a in pack.asks), *(f"clock.{c.id}" for c in pack.clocks)}
    texts: list[tuple[TomlPath, str]] = []
    for n, letter in enumerate(pack.letters):
        texts += [(("letter", n, key), getattr(letter, key)) for key in ("title", "title_en", "text", "text_en")]
    for n, entry in enumerate(pack.entries):
        texts += [(("entry", n, "fields", key), text) for key, text in entry.fields.items()]
    for path, text in texts:
        try:
            gaps = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        except ValueError as error:
            yield path, f"a text whose gaps cannot be read ({error})", "gaps such as {case}"
            continue
        for gap in gaps:
            if gap not in allowed:
                yield path, f"the gap {{{gap}}}", "one of " + ", ".join(sorted(allowed))


def _outside(reading: Reading, source: Source, pack: Procedure, procedures: set[str]) -> Iterator[Problem]:
    """Names of other files: agencies, items and their fields, code tables, procedures, rules of repair."""
    declared = {kind: {id for k, id in reading.declared if k == kind} for kind in ("catalogue", "codes")}
    agencies = {a.id: a for _, p in reading.of(Agencies) for a in p.agencies}
    if pack.handler not in agencies:
        yield source.problem(
            ("handler",), f"the agency {pack.handler!r}", f"one of {', '.join(agencies) or 'none yet'}"
        )
    for n, item in enumerate(pack.items):
        if item not in declared["catalogue"]:
            expected = f"items of the catalogue: {', '.join(sorted(declared['catalogue'])) or 'none yet'}"
            yield source.problem(("items", n), f"the item {item!r}", expected)
    for n, ask in enumerate(pack.asks):
        if ask.table and ask.table not in declared["codes"]:
            yield source.problem(("ask", n, "table"), f"the code table {ask.table!r}", "a table of the folder")
        if ask.templates and not reading.of(Commitments):
            yield source.problem(("ask", n, "templates"), "templates, but there are none", "a file of kind commitments")
        choosing = next((a for a in pack.asks if a.id == ask.term_of), None)
        if ask.term_of and (ask.type != "date" or choosing is None or not choosing.templates):
            expected = "a question of type date, with the id of a question with `templates`"
            yield source.problem(("ask", n, "term_of"), f"{ask.type} with term_of = {ask.term_of!r}", expected)
    for n, step in enumerate(pack.steps):
        if step.opens and step.opens not in procedures:
            yield source.problem(("step", n, "opens"), f"the procedure {step.opens!r}", f"one of {sorted(procedures)}")
        if "repair-conditions" in step.guards and not reading.of(Repair):
            yield source.problem(("step", n, "guards"), "repair-conditions, but no rules", "a file of kind repair")
    items = {i.id: i for _, i in reading.of(Item)}
    for n, entry in enumerate(pack.entries):
        if entry.item not in declared["catalogue"]:
            yield source.problem(("entry", n, "item"), f"the item {entry.item!r}", "an item of the catalogue")
        elif entry.item in items:
            kept = {f.id for f in items[entry.item].kept_fields}
            for name in entry.fields.keys() - kept:
                yield source.problem(
                    ("entry", n, "fields", name), f"the field {name!r}", "a kept field: " + ", ".join(sorted(kept))
                )
