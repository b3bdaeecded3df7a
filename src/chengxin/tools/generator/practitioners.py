"""Practitioners (从业人员): invented people with right identity numbers of a place that does not exist, and what was decided on
them (F-19)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from chengxin.policy.policies import Policies
from chengxin.standards.citizen_id import CITIZEN_ID_CHECKS, CITIZEN_ID_WEIGHTS
from chengxin.tools.generator.codes import letters, text
from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.rows import days_before, written
from chengxin.tools.generator.subjects import day, number, person

_NOWHERE = "990101"
"""A division that was never given to any place."""
_BORN_FIRST, _BORN_LAST = date(1958, 1, 1), date(2000, 12, 31)


def citizen_ids(n: int, seed: int) -> pl.Series:
    """`n` identity numbers of grown-ups with right check characters, which nobody has (GB 11643)."""
    d = Draws(seed, "citizen ids", n)
    first = number(_BORN_FIRST)
    born = day(first + d.below(number(_BORN_LAST) - first, "born"))
    serial = pl.Series(np.arange(n) % 1000).cast(pl.String).str.zfill(3)
    body = letters(_NOWHERE + born.dt.strftime("%Y%m%d") + serial, 17)
    check = np.frombuffer(CITIZEN_ID_CHECKS.encode(), np.uint8)[
        (body.astype(np.int64) - 48) @ np.array(CITIZEN_ID_WEIGHTS) % 11
    ]
    return text(np.column_stack([body, check]))


def conduct(n: int, seed: int, today: date, packs: Policies, *, occupation: str, authority: str) -> pl.DataFrame:
    """`n` rows of the item `practitioner` about people of one occupation, decided before `today` by one authority."""
    d = Draws(seed, "practitioners", n)
    item = packs.item("practitioner", today)
    decided = days_before(d, today - timedelta(days=1), 300)
    serial = pl.Series(np.arange(1, n + 1)).cast(pl.String)
    same = {
        "occupation": occupation,
        "authority_name": authority,
        "legal_basis": str(item.field("legal_basis").example),
    }
    cells = {
        "person_name": person(d),
        "id_number": citizen_ids(n, seed),
        "certificate_number": "9901" + serial.str.zfill(9),
        "conduct": d.pick(packs.codes("practice_conduct").labels, "conduct", [8, 5, 3, 2, 1]),
        "document_number": pl.select(pl.format("苏执罚〔2026〕{}号", serial)).to_series(),
        "decided_on": written(decided),
        **{name: pl.Series([value]).new_from_index(0, n) for name, value in same.items()},
    }
    return pl.DataFrame({item.field(name).label: column for name, column in cells.items()})
