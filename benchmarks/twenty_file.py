"""The file for the twenty rules, with faults that each of them has to find."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.files import SEED
from benchmarks.twenty import RULES
from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.penalties import penalties
from chengxin.tools.generator.subjects import subjects

_SPOILT = {
    "name.required": ("CF_XDR_MC", None), "number.required": ("CF_WSH", None), "facts.required": ("CF_SY", None),
    "basis.required": ("CF_YJ", None), "code.pattern": ("CF_XDR_SHXYM", "9132050000000"),
    "office.pattern": ("CF_CFJGDM", "无"), "old.pattern": ("CF_XDR_GSZC", "3205工商"),
    "category.words": ("CF_XDR_LB", "外星人"), "kinds.words": ("CF_CFLB", "罚金"), "authority.words": ("CF_CFJG", "某局"),
    "name.length": ("CF_XDR_MC", "长" * 201), "fine.number": ("CF_NR_FK", "伍万元"), "decided.date": ("CF_JDRQ", "2026-02-30"),
    "until.date": ("CF_YXQ", "2027-13-01"), "published.date": ("CF_GSJZQ", "长期"),
    "decided.not-future": ("CF_JDRQ", "2027-01-04"),
    "until.not-before": ("CF_YXQ", "2019-01-31"), "fine.when": ("CF_NR_FK", None), "certificate.when": ("CF_NR_ZKDX", None),
    "number.unique": ("CF_WSH", "通市监处罚〔2026〕1号"),
}  # fmt: skip


def write(path: Path, rows: int, faults: str) -> None:
    """A file of `rows` penalties: `light` has one fault in 3 % of the rows, `heavy` up to three in every row.

    Beside it stand, as JSON, the penalty kinds and the authorities that it may hold.
    """
    frame = penalties(subjects(max(1000, rows // 5), SEED), rows, SEED, department="market-regulation")
    words = [frame[c].unique().sort().to_list() for c in ("CF_CFLB", "CF_CFJG")]
    path.with_suffix(".json").write_text(json.dumps(words), "utf-8")
    d = Draws(SEED, f"twenty {faults}", rows)
    turns = [np.where(d.chance(0.03, "light"), d.below(len(RULES), "rule 0"), -1)]
    if faults == "heavy":
        turns = [d.below(len(RULES), f"rule {i}") for i in range(3)]
    for turn in turns:
        for place, rule in enumerate(RULES):
            heading, value = _SPOILT[rule]
            frame = frame.with_columns(
                pl.when(pl.Series(turn == place))
                .then(pl.lit(value, pl.String))
                .otherwise(pl.col(heading))
                .alias(heading)
            )
    frame.write_csv(path)
