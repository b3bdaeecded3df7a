"""A whole invented province as its departments report it: month after month, up to today (issue 5, section 5).

Everything is dated relative to `today` and drawn from one seed. The registers come first, then what happened in the last
year: penalties and licences a few days after they were decided, as double publicity wants it (one department is slow),
all else when its month is over. Each department makes its own share of mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from chengxin.policy.policies import Policies
from chengxin.tools.generator import stock
from chengxin.tools.generator.conduct import commitments, contracts, declarations, honours, inspections
from chengxin.tools.generator.faults import with_faults
from chengxin.tools.generator.licences import licences
from chengxin.tools.generator.lists import abnormal, judgment_defaulters, serious_list
from chengxin.tools.generator.own_items import rows_of
from chengxin.tools.generator.penalties import penalties
from chengxin.tools.generator.registrations import SOCIAL, registrations
from chengxin.tools.generator.subjects import subjects
from chengxin.tools.generator.tax import tax_arrears, tax_grades

MONTHS = 9
_FIRST = 30 * MONTHS + 20
"""Days before today on which the registers came in."""
_MANY = 30
"""Departments with fewer decisions a month report once a quarter."""
_OFTEN, _SELDOM = (8, 6, 4, 3, 2, 1, 0), (7, 3, 0)
"""How many months ago each reports: the further back, the more in one file."""
_SLOW = "housing-construction"
_FAULTY = {"emergency": 0.05, "housing-construction": 0.06, "water": 0.08, "ecology-environment": 0.02}
_FAULTS = {
    "penalty": ["wrong-check", "other-name", "unknown-word", "missing-amount", "missing-basis", "blanks"],
    "licence": ["wrong-check", "missing-number", "unknown-permit", "full-width"],
}


@dataclass(frozen=True)
class Sent:
    """One file: of which item, by which source unit, on which day, and what is in it."""

    name: str
    item: str
    source: str
    day: date
    frame: pl.DataFrame


def province(n: int, seed: int, today: date, packs: Policies, story: pl.DataFrame | None = None) -> list[Sent]:
    """Everything that the departments of a province of `n` subjects sent, in the order of the days.

    `story` is one more subject, of whom something is told in most chapters.
    """
    everybody = subjects(n, seed, today)
    if story is not None:
        everybody = pl.concat([everybody, story.select(everybody.columns)])
    parts = (_registers, _decisions, _lists, _tax, _conduct)
    sent = [s for part in parts for s in part(everybody, n, seed, today)]
    if story is not None:
        sent += _told(story, seed, today)
    sent += _own(everybody, n, seed, today, packs)
    return sorted(sent, key=lambda s: (s.day, s.source, s.item, s.name))


def _registers(everybody: pl.DataFrame, n: int, seed: int, today: date) -> Iterator[Sent]:
    """Whoever was there when the platform began, and quarter by quarter the newly founded."""
    start = today - timedelta(days=_FIRST)
    for source, kinds in (("market-regulation", None), ("civil-affairs", SOCIAL)):
        before = everybody.filter(pl.col("established") <= start - timedelta(days=5))
        frame = registrations(before, n, seed, start, kinds=kinds) if kinds else registrations(before, n, seed, start)
        yield Sent("registration", "registration", source, start, frame)
    edges = [today - timedelta(days=days) for days in (_FIRST + 5, 270, 180, 90, 25)]
    for low, high in pairwise(edges):
        young = everybody.filter(pl.col("established").is_between(low, high, closed="right"))
        day = high + timedelta(days=5)
        yield Sent(
            f"registration-{day:%m}", "registration", "market-regulation", day, registrations(young, n, seed, day)
        )


def _decisions(everybody: pl.DataFrame, n: int, seed: int, today: date) -> Iterator[Sent]:
    """Penalties and licences: once a month from each department that the stock knows offences or licences of."""
    old = everybody.filter(pl.col("established") < today - timedelta(days=_FIRST + 30))
    for item, make, share in (("penalty", penalties, 0.14), ("licence", licences, 0.45)):
        departments = _departments("offences" if item == "penalty" else "licences")
        total = sum(departments.values())
        for place, (department, weight) in enumerate(departments.items()):
            each_month = n * share * weight / total / (MONTHS + 1)
            for month in _OFTEN if each_month > _MANY else _SELDOM:
                day = today - timedelta(days=30 * month + (place * 7) % 29 + (1 if item == "licence" else 2))
                rows = max(4, round(each_month if each_month > _MANY else 3 * each_month))
                span = 24 if department == _SLOW else 8
                frame = make(old, rows, seed + 100 * month + place, day, department=department, style="labels",
                             span=span, series=f"{day:%m}")  # fmt: skip
                frame = _with_mistakes(frame, item, department, seed + month, day)
                yield Sent(f"{item}-{day:%m%d}", item, department, day, frame)


def _departments(table: str) -> dict[str, int]:
    """The departments of a stock table, in its order, by how many rows they have: who has many decides often."""
    counted = stock.table(table).group_by("department", maintain_order=True).len()
    known = set(stock.table("offices")["department"])
    return {d: n * n for d, n in counted.iter_rows() if d in known}


def _with_mistakes(frame: pl.DataFrame, item: str, department: str, seed: int, day: date) -> pl.DataFrame:
    spoilt, _planted = with_faults(
        frame, _FAULTY.get(department, 0.01), seed, item=item, kinds=_FAULTS[item], today=day
    )
    return spoilt


def _lists(everybody: pl.DataFrame, n: int, seed: int, today: date) -> Iterator[Sent]:
    """Abnormal operation, serious dishonesty, judgment defaulters: the stock of years, reported a month ago."""
    old = everybody.filter(pl.col("established") < today - timedelta(days=_FIRST + 30))
    day = today - timedelta(days=40)
    few = max(8, n // 700)
    yield Sent("abnormal", "abnormal", "market-regulation", day, abnormal(old, max(20, n // 20), seed, day))
    yield Sent("serious", "serious-list", "market-regulation", day, serious_list(old, few, seed, day))
    wages = {"kind": "拖欠农民工工资失信主体", "title": "人力资源和社会保障局", "sign": "人社列"}
    yield Sent("wages", "serious-list", "human-resources", day, serious_list(old, few, seed + 1, day, **wages))
    court = judgment_defaulters(old, max(20, n // 80), seed, day)
    yield Sent("defaulters", "judgment-defaulter", "court", day, court)


def _tax(everybody: pl.DataFrame, n: int, seed: int, today: date) -> Iterator[Sent]:
    day = today - timedelta(days=75)
    yield Sent("tax-grade", "tax-grade", "taxation", day, tax_grades(everybody, n * 45 // 100, seed, day))
    yield Sent("tax-arrears", "tax-arrears", "taxation", day, tax_arrears(everybody, max(10, n // 100), seed, day))


def _conduct(everybody: pl.DataFrame, n: int, seed: int, today: date) -> Iterator[Sent]:
    """Commitments, contracts, honours, declarations, inspections: what the sender's office has gathered so far."""
    for item, source, make, share, before in (
        ("commitment", "market-regulation", commitments, 0.3, 33),
        ("contract", "centre", contracts, 0.08, 31),
        ("honour", "market-regulation", honours, 0.02, 30),
        ("declaration", "centre", declarations, 0.03, 12),
        ("inspection", "market-regulation", inspections, 0.15, 45),
        ("inspection", "market-regulation", inspections, 0.15, 6),
    ):
        day = today - timedelta(days=before)
        frame = make(everybody, max(10, round(n * share)), seed + before, day)
        yield Sent(f"{item}-{day:%m}", item, source, day, frame)


def _told(story: pl.DataFrame, seed: int, today: date) -> Iterator[Sent]:
    """A long life with authorities: some penalties, permits and promises, none of them grave."""
    for place, (department, before) in enumerate(_PENALISED):
        day = today - timedelta(days=before)
        frame = penalties(story, 1, seed + 7 * place, day, department=department, style="labels", series=f"{day:%m}9")
        yield Sent(f"story-penalty-{department}", "penalty", department, day, frame)
    for department, before in (("market-regulation", 265), ("transport", 180), ("ecology-environment", 95)):
        day = today - timedelta(days=before)
        frame = licences(story, 2, seed, day, department=department, style="labels", series=f"{day:%m}9")
        yield Sent(f"story-licence-{department}", "licence", department, day, frame)
    for item, source, make, rows in (
        ("commitment", "market-regulation", commitments, 2), ("contract", "centre", contracts, 3),
        ("honour", "market-regulation", honours, 2), ("inspection", "market-regulation", inspections, 2),
    ):  # fmt: skip
        day = today - timedelta(days=34)
        yield Sent(f"story-{item}", item, source, day, make(story, rows, seed + 9, day))


_PENALISED = (
    ("emergency", 215), ("ecology-environment", 160), ("housing-construction", 140), ("transport", 110),
    ("market-regulation", 60),
)  # fmt: skip


def _own(everybody: pl.DataFrame, n: int, seed: int, today: date, packs: Policies) -> Iterator[Sent]:
    """What only one department collects, made from the schema of its pack."""
    old = everybody.filter(pl.col("established") < today - timedelta(days=_FIRST + 30))
    day = today - timedelta(days=50)
    shared = {i.id for i in packs.items(day) if len([a for a in packs.agencies if a.may_submit(i.id)]) != 1}
    for place, item in enumerate(packs.items(day)):
        if item.id in shared or item.id in _MADE | _UNFIT or "file" not in item.channel:
            continue
        source = next(a.id for a in packs.agencies if a.may_submit(item.id))
        frame = rows_of(item, packs, old, max(40, n // 100), seed + place, day)
        yield Sent(item.id, item.id, source, day, frame)


_MADE = {"judgment-defaulter", "tax-grade", "tax-arrears"}
"""Items of one source unit that have a table of their own in the generator."""
_UNFIT = {"advertising-monitoring", "taxpayer-year", "science-review", "water-testing"}
"""Items whose fields depend so much on each other that rows from the schema alone would be refused."""
