"""What the packs say about lists and measures, ready to be asked: by day, by id, by target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from chengxin.accounts.refusals import Refusal
from chengxin.policy.evaluation import models
from chengxin.policy.lists import CreditList, Lists
from chengxin.policy.measures import Answer, Matter, Measure, Measures, WayOut
from chengxin.policy.policies import Policies
from chengxin.policy.schema import basis_text
from chengxin.registry.packs import policies
from chengxin.standards.calendar import CalendarEnds


class Unknown(Refusal):
    """No list, measure, matter, policy of that name on that day; the text names what there is."""


@dataclass(frozen=True)
class ListVersion:
    """A list under the version of its file."""

    list: CreditList
    version: str


@dataclass(frozen=True)
class Rule:
    """A measure under the version of its file, with the answer it gives."""

    measure: Measure
    version: str
    answer: Answer
    basis: str
    by_grade: WayOut | None
    """The way out where it rests on a grade, as the file says that declares its answer."""


@dataclass(frozen=True)
class MeasureIndex:
    """The measures of one day, found by what they are for."""

    rules: Mapping[str, Rule]
    matters: Mapping[str, Matter]
    by_list: Mapping[str, tuple[Rule, ...]]
    by_grade: Mapping[tuple[str, str], tuple[Rule, ...]]
    labels: Mapping[str, str]
    """List id -> its label; `model grade` -> how people call it."""
    ways: Mapping[str, WayOut]
    """List id -> the way out that its rules name."""
    graded: Mapping[str, tuple[str, ...]]
    """Matter -> the models whose grades some measure for it goes by."""


def lists_on(day: date, packs: Policies | None = None) -> dict[str, ListVersion]:
    """The lists in force on that day, by id."""
    packs = packs or policies()
    known, found = _lists.get(day, (None, {}))
    if known is not packs:
        held = (p for p in packs.of(Lists) if p.effective.holds(day))
        found = {entry.id: ListVersion(entry, pack.version) for pack in held for entry in pack.lists}
        if len(_lists) >= _DAYS:
            _lists.clear()
        _lists[day] = (packs, found)
    return dict(found)


_lists: dict[date, tuple[Policies, dict[str, ListVersion]]] = {}
_DAYS = 64
"""So many days' lists are remembered, for the packs that were asked last: each public page asks several times."""


def list_on(id: str, day: date) -> ListVersion:
    """Raises `Unknown`."""
    known = lists_on(day)
    if id not in known:
        raise Unknown(_("没有「%(list)s」这个名单；现有：%(known)s。"), list=id, known="、".join(sorted(known)))
    return known[id]


def labels_on(day: date, packs: Policies | None = None) -> dict[str, str]:
    """List id -> label, model id -> label, `model grade` -> label, in the packs' own language."""
    packs = packs or policies()
    labels = {id: found.list.label for id, found in lists_on(day, packs).items()}
    for model in models(packs, day):
        labels[model.id] = model.label
        labels |= {f"{model.id} {g.id}": f"{model.label}：{g.label}" for g in model.grades}
    return labels


def measures_on(day: date, packs: Policies | None = None) -> MeasureIndex:
    """The measures in force on that day; built once per rule set and day."""
    packs = packs or policies()
    key = (packs.digest, day)
    if key not in _indexes:
        _indexes.clear()
        _indexes[key] = _index(packs, day)
    return _indexes[key]


def deadline(day: date, working_days: int, packs: Policies | None = None) -> date | None:
    """The last day of an internal term; None where next year's calendar is not loaded yet, rather than a guess."""
    try:
        return (packs or policies()).calendar.add_working_days(day, working_days)
    except CalendarEnds:
        return None


_indexes: dict[tuple[str, date], MeasureIndex] = {}


def _index(packs: Policies, day: date) -> MeasureIndex:
    files = [p for p in packs.of(Measures) if p.effective.holds(day)]
    answers = {a.id: (a, p.by_grade) for p in files for a in p.answers}
    rules = {
        m.id: Rule(m, p.version, answers[m.answer][0], basis_text(m.basis), answers[m.answer][1])
        for p in files
        for m in p.measures
    }
    by_list: dict[str, list[Rule]] = {}
    by_grade: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules.values():
        for target in rule.measure.targets:
            for name in target.lists or ():
                by_list.setdefault(name, []).append(rule)
            if target.grade:
                for grade in target.grade.grades:
                    by_grade.setdefault((target.grade.model, grade), []).append(rule)
    graded: dict[str, set[str]] = {}
    for (model, _grade), found in by_grade.items():
        for matter in {m for rule in found for m in rule.measure.matters}:
            graded.setdefault(matter, set()).add(model)
    return MeasureIndex(
        graded={matter: tuple(sorted(models)) for matter, models in graded.items()},
        rules=rules,
        matters={m.id: m for p in files for m in p.matters},
        by_list={k: tuple(v) for k, v in by_list.items()},
        by_grade={k: tuple(v) for k, v in by_grade.items()},
        labels=labels_on(day, packs),
        ways={id: _way_out(found.list) for id, found in lists_on(day, packs).items()},
    )


def _way_out(found: CreditList) -> WayOut:
    return WayOut(exit=found.exit.text, exit_en=found.exit.text_en, remedy=found.remedy, remedy_en=found.remedy_en)
