"""Administrative licences (行政许可) as departments report them."""

from __future__ import annotations

from datetime import date

import polars as pl

from chengxin.tools.generator import stock
from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.headings import headed
from chengxin.tools.generator.rows import about, category, days_before, later, numbered, offices, written
from chengxin.tools.generator.subjects import TODAY


def licences(
    subjects: pl.DataFrame,
    n: int,
    seed: int,
    today: date = TODAY,
    *,
    department: str = "market-regulation",
    style: str = "2018",
    span: int = 8,
    series: str = "",
) -> pl.DataFrame:
    """`n` licences of a department's city offices, decided in the last `span` days; all of them stand up to the rules.

    `series` stands before the running number, so that two frames of one year do not share numbers.
    """
    title, _ = stock.of("offices", department=department).row(0)[1:]
    kinds = stock.of("licences", department=department)
    d = Draws(seed, f"licence {department}", n)
    frame = (
        about(subjects, n, d)
        .rename({"kind": "sort"})
        .hstack(kinds[d.weighted([1 / (1 + i) for i in range(kinds.height)], "permit")])
    )
    frame = frame.with_columns(days_before(d, today, span).alias("decided_on"))
    frame = frame.join(offices(title), on="city", maintain_order="left")
    serial = pl.Series(10**6 + d.below(9 * 10**6, "certificate")).cast(pl.String)
    frame = frame.with_columns(
        numbered(frame, f"{title[:2]}许准字", series=series).alias("document_number"),
        later(frame["decided_on"], 365 * (1 + d.below(5, "years")) - 1).alias("until"),
    )
    frame = frame.with_columns(
        pl.col("name").alias("subject_name"),
        category("sort").alias("subject_kind"),
        pl.col("code").alias("subject_code"),
        pl.concat_str(pl.lit("准予"), "permit", pl.lit("决定书")).alias("document_title"),
        pl.col("kind").alias("permit_kind"),
        pl.col("certificate").alias("certificate_name"),
        pl.concat_str("sign", "region", pl.lit(serial)).alias("certificate_number"),
        written(frame["decided_on"]).alias("decided_on"),
        written(frame["decided_on"]).alias("valid_from"),
        written(frame["until"]).alias("valid_until"),
        pl.lit("有效" if style == "labels" else "1").alias("status"),
        pl.col("authority_name").alias("source_name"),
        pl.col("authority_code").alias("source_code"),
        pl.lit(None, pl.String).alias("remark"),
    )
    return headed(frame, "licence", style)
