"""From records to one row a subject: each record is marked once with the indicators it counts for, then folded.

A record belongs to one item, so that only that item's conditions are asked of it; the answer is one bit mask. What a
subject "has" is then an OR of masks and a count a sum over bits, instead of thirty filters over every record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from chengxin.engine.grading.days import first_within, period_of
from chengxin.engine.grading.plan import Filter, GradingPlan, Indicator, Span

VALUE = "DECIMAL(24, 6)"
"""Type of every number that is added: sums of decimals do not depend on the order of threads (trials.md 3)."""

_KEY_SHIFT = 40
"""`latest` compares (day, change) as one number; changes stay below 2^40."""


@dataclass
class Marks:
    """Which bit of the mask each filter has; several uses of one filter share a bit."""

    bits: dict[Filter, int] = field(default_factory=dict)

    def of(self, filter: Filter) -> int:
        """The bit's value, 1 << n."""
        return 1 << self.bits.setdefault(filter, len(self.bits))


def marks_of(plan: GradingPlan) -> Marks:
    """All filters of a plan in a fixed order: indicators, denominators, the scope."""
    marks = Marks()
    for indicator in plan.indicators:
        for wanted in (indicator.filter, indicator.of):
            if wanted is not None:
                marks.of(wanted)
    for wanted in plan.has:
        marks.of(wanted)
    return marks


def folded_sql(plan: GradingPlan, marks: Marks, today: date, records: str, *, evidence: bool, due: str | None) -> str:
    """`_subject`, `_seen` and the aggregates `_a<n>` of every indicator, one row a subject with any record that counts."""
    start, end = period_of(plan.period, today)
    first = f"DATE '{start}'" if start else "DATE '0001-01-01'"
    items = ", ".join(f"'{i}'" for i in plan.items)
    # Not `_mask <> 0`: DuckDB would compute the mask of every record twice, which costs more than folding the idle ones.
    first_day = None if due else _reach(marks, plan, today)
    keep = f" AND decided_on >= DATE '{first_day}'" if first_day else ""
    source = (
        f"SELECT *, DATE '{today}' AS today, {first} AS period_start, DATE '{end}' AS period_end"
        f" FROM {records} WHERE item IN ({items}){keep}"
    )
    dues = f", {due} AS _due" if due else ""
    marked = f"SELECT *, {mask_sql(plan, marks, today)} AS _mask FROM ({source})"
    values = "".join(f", {v} AS _v{n}" for n, v in _values(plan, marks, today))
    valued = f"SELECT subject_id AS _subject, change, _mask{values}{dues} FROM ({marked})"
    pairs, single = _paired(list(_counts(plan, marks)))
    wanted = ["bit_or(_mask) AS _seen", *single, *(p.sum for p in pairs), *_aggregates(plan, marks)]
    if evidence:
        wanted.append("list({'change': change, 'mask': _mask}) FILTER (_mask <> 0) AS _evidence")
    if due:
        wanted.append("min(_due) AS _due")
    folded = f"SELECT _subject, {', '.join(wanted)} FROM ({valued}) GROUP BY _subject"
    if not pairs:
        return folded
    parted = ", ".join(part for p in pairs for part in p.parts)
    return f"SELECT * EXCLUDE ({', '.join(p.name for p in pairs)}), {parted} FROM ({folded})"


@dataclass(frozen=True)
class _Pair:
    """Two counts that are added up as one number: half the aggregates, which are the dearest part of folding."""

    name: str
    sum: str
    parts: tuple[str, str]


_HALF = 31
"""Each count has so many bits: no subject has two thousand million records."""


def _paired(counts: list[tuple[str, int]]) -> tuple[list[_Pair], list[str]]:
    """`counts` (alias, bit of the mask) two by two; one may be left over."""
    pairs: list[_Pair] = []
    for (low, first), (high, second) in zip(counts[::2], counts[1::2], strict=False):
        name = f"_c{len(pairs)}"
        both = f"{_moved(first, 0)} + {_moved(second, _HALF)}"
        parts = (
            f"CAST({name} & {(1 << _HALF) - 1} AS BIGINT) AS {low}",
            f"CAST({name} >> {_HALF} AS BIGINT) AS {high}",
        )
        pairs.append(_Pair(name, f"sum({both}) AS {name}", parts))
    return pairs, [f"count(*) FILTER (_mask & {bit} <> 0) AS {alias}" for alias, bit in counts[2 * len(pairs) :]]


def _moved(bit: int, to: int) -> str:
    """1 at place `to` where the mask has this bit, else 0."""
    by = to - (bit.bit_length() - 1)
    inside = f"(_mask & {bit})"
    return inside if not by else f"({inside} << {by})" if by > 0 else f"({inside} >> {-by})"


def _counts(plan: GradingPlan, marks: Marks) -> Iterator[tuple[str, int]]:
    """The aggregates that only count records: alias, and the bit of the mask that they count."""
    for n, i in enumerate(plan.indicators):
        if i.filter is not None and (i.aggregate == "ratio" or (i.aggregate == "count" and not i.decay)):
            yield f"_a{n}", marks.of(i.filter)
        if i.of is not None and i.aggregate == "ratio":
            yield f"_b{n}", marks.of(i.of)


def _reach(marks: Marks, plan: GradingPlan, today: date) -> date | None:
    """The first day on which a record can have been decided that counts for anything; None where some filter has no end."""
    starts = [_start(wanted, plan, today) if wanted.by == "decided_on" else None for wanted in marks.bits]
    return min((s for s in starts if s), default=None) if None not in starts else None


def _start(wanted: Filter, plan: GradingPlan, today: date) -> date | None:
    start, end = period_of(plan.period, today)
    if wanted.within is not None:
        return first_within(end, wanted.within)
    return start if wanted.observed else None


def mask_sql(plan: GradingPlan, marks: Marks, today: date) -> str:
    """The bits of a record, asking only the conditions of its own item.

    A repaired record counts for no indicator, but whoever had it still belongs to the population: repair makes a grade
    better, it does not make it vanish.
    """
    every = _by_item(plan, marks, today, marks.bits)
    belongs = _by_item(plan, marks, today, plan.has) if plan.has else "0"
    _, end = period_of(plan.period, today)
    return (
        f"CAST(CASE WHEN decided_on > DATE '{end}' THEN 0 WHEN standing = 'repaired' THEN {belongs} ELSE {every} END"
        " AS BIGINT)"
    )


def _by_item(plan: GradingPlan, marks: Marks, today: date, wanted: Iterable[Filter]) -> str:
    arms = []
    for item in plan.items:
        terms = [
            f"CASE WHEN {condition_sql(f, plan, today)} THEN {marks.of(f)} ELSE 0 END"
            for f in wanted
            if item in f.items
        ]
        if terms:
            arms.append(f"WHEN '{item}' THEN {' + '.join(terms)}")
    return f"CASE item {' '.join(arms)} ELSE 0 END"


def condition_sql(wanted: Filter, plan: GradingPlan, today: date) -> str:
    """When a record meets a filter, apart from its item; that it was decided by the end of the period is known."""
    start, (_, end) = _start(wanted, plan, today), period_of(plan.period, today)
    parts = []
    if start is not None:
        parts.append(f"\"{wanted.by}\" >= DATE '{start}'")
        if wanted.by != "decided_on":
            parts.append(f"\"{wanted.by}\" <= DATE '{end}'")
    if not wanted.expired:
        parts.append(f"(expires_on IS NULL OR expires_on >= DATE '{end}')")
    if wanted.where is not None:
        parts.append(f"({wanted.where})")
    return " AND ".join(parts) or "TRUE"


def _values(plan: GradingPlan, marks: Marks, today: date) -> Iterator[tuple[str, str]]:
    """What has to be computed of single records before folding: numbers out of expressions, keys of the latest, shares.

    A plain number column is folded as it is; a cast of every record costs as much as the sum itself.
    """
    _, end = period_of(plan.period, today)
    for n, i in enumerate(plan.indicators):
        if i.filter is None:
            continue
        if i.aggregate == "sum" and i.decay:
            inside = f"_mask & {marks.of(i.filter)} <> 0"
            yield f"{n}", f"CASE WHEN {inside} THEN round(try_cast({i.value} AS {VALUE}) * {_share(i, end)}, 6) END"
        elif i.aggregate in ("sum", "max", "min"):
            inside = f"_mask & {marks.of(i.filter)} <> 0"  # an expression is not asked of records it was not made for
            cast = f"CASE WHEN {inside} THEN try_cast({i.value} AS {VALUE}) END"
            yield f"{n}", (i.value or "") if _is_number(plan, i.value) else cast
        elif i.aggregate == "count" and i.decay:
            yield f"{n}", _share(i, end)
        elif i.aggregate == "days_since":
            yield f"{n}", f'"{i.filter.by}"'
        elif i.aggregate == "latest":
            days = f"date_diff('day', DATE '1800-01-01', coalesce(\"{i.filter.by}\", DATE '1800-01-01'))"
            value = f"CAST({i.value} AS VARCHAR)" if i.textual else f"try_cast({i.value} AS {VALUE})"
            yield f"{n}", f"CASE WHEN _mask & {marks.of(i.filter)} <> 0 THEN {value} END"
            yield f"{n}_at", f"({days} << {_KEY_SHIFT}) + change"


def _is_number(plan: GradingPlan, value: str | None) -> bool:
    """Whether a value is a bare column of a number type."""
    kind = (plan.fields or {}).get((value or "").strip('"'), "")
    return value is not None and value.count('"') == 2 and kind.startswith(("DECIMAL", "BIGINT"))


def _share(indicator: Indicator, end: date) -> str:
    """The share for which a record counts at its age: the last step of the decay that it has reached."""
    assert indicator.filter is not None
    arms = [
        f"WHEN \"{indicator.filter.by}\" < DATE '{first_within(end, Span(months, 'months'))}' THEN {share}"
        for months, share in reversed(indicator.decay)
    ]
    return f"CAST(CASE {' '.join(arms)} ELSE 1 END AS DECIMAL(9, 4))"


def _aggregates(plan: GradingPlan, marks: Marks) -> Iterator[str]:
    """All that is more than a count."""
    for n, i in enumerate(plan.indicators):
        if i.filter is None:
            continue
        inside = f"FILTER (_mask & {marks.of(i.filter)} <> 0)"
        if (i.aggregate == "count" and i.decay) or i.aggregate == "sum":
            yield f"sum(_v{n}) {inside} AS _a{n}"
        elif i.aggregate in ("max", "days_since"):
            yield f"max(_v{n}) {inside} AS _a{n}"
        elif i.aggregate == "min":
            yield f"min(_v{n}) {inside} AS _a{n}"
        elif i.aggregate == "latest":
            yield f"arg_max(_v{n}, _v{n}_at) {inside} AS _a{n}"
