"""Administrative penalties (行政处罚) as departments report them."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chengxin.tools.generator import stock
from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.headings import headed
from chengxin.tools.generator.rows import (
    about,
    amount,
    category,
    days_before,
    later,
    numbered,
    offices,
    round_sums,
    written,
)  # fmt: skip
from chengxin.tools.generator.subjects import TODAY


def penalties(
    subjects: pl.DataFrame,
    n: int,
    seed: int,
    today: date = TODAY,
    *,
    department: str = "ecology-environment",
    style: str = "2018",
    span: int = 8,
    date_form: str = "%Y-%m-%d",
    series: str = "",
) -> pl.DataFrame:
    """`n` decisions of a department's city offices in the last `span` days; all of them stand up to the rules.

    `series` stands before the running number, so that two frames of one year do not share numbers.
    """
    title, sign = stock.of("offices", department=department).row(0)[1:]
    offences = stock.of("offences", department=department)
    d = Draws(seed, f"penalty {department}", n)
    which = d.weighted([1 / (1 + i) for i in range(offences.height)], "offence")
    frame = (
        about(subjects, n, d)
        .hstack(offences.drop("department")[which])
        .with_columns(days_before(d, today, span).alias("decided_on"))
    )
    frame = frame.join(offices(title), on="city", maintain_order="left")
    fine = np.asarray(round_sums(frame["low"], frame["high"], d, "fine"))
    frame = frame.with_columns(
        pl.Series("yuan", fine),
        numbered(frame, sign, series=series).alias("document_number"),
        pl.Series("gains", 100 * (1 + d.below(180, "gains"))),
        later(frame["decided_on"], 365).alias("valid_until"),
        later(frame["decided_on"], d.below(4, "seen") * 7 - 60).alias("seen_on"),
    )
    return headed(_worded(frame, date_form), "penalty", style)


def _worded(frame: pl.DataFrame, date_form: str) -> pl.DataFrame:
    """The texts of the decision and what identifies the one it is about."""
    kinds = pl.col("penalty_kinds")
    fined, taken = kinds.str.contains("罚款"), kinds.str.contains("没收违法所得")
    frame = frame.with_columns(amount(frame["yuan"]).alias("fine"), amount(frame["gains"]).alias("confiscated"))
    revoked, stopped = kinds.str.contains("吊销"), kinds.str.contains("停产停业")
    sentence = pl.concat_str(
        pl.when(kinds.str.contains("警告")).then(pl.lit("警告；")).otherwise(pl.lit("")),
        pl.when(fined).then(pl.concat_str(pl.lit("罚款人民币"), "yuan", pl.lit("元；"))).otherwise(pl.lit("")),
        pl.when(taken).then(pl.concat_str(pl.lit("没收违法所得"), "gains", pl.lit("元；"))).otherwise(pl.lit("")),
        pl.when(kinds.str.contains("非法财物")).then(pl.lit("没收涉案物品；")).otherwise(pl.lit("")),
        pl.when(revoked).then(pl.lit("吊销食品经营许可证；")).otherwise(pl.lit("")),
        pl.when(stopped).then(pl.lit("责令停产停业整顿；")).otherwise(pl.lit("")),
    ).str.head(-1)
    seen = written(frame["seen_on"], "%Y年%m月%d日")
    return frame.with_columns(
        pl.col("name").alias("subject_name"),
        category("kind").alias("subject_kind"),
        pl.col("code").alias("subject_code"),
        pl.lit(None, pl.String).alias("institution_number"),
        pl.lit(None, pl.String).alias("social_number"),
        pl.concat_str(
            pl.lit("经查，当事人"), "name", pl.lit("位于"), "address", pl.lit("，"), pl.lit(seen),
            pl.lit("执法人员现场检查时发现："), "facts", pl.lit("。以上事实有现场检查笔录、询问笔录、现场照片等证据证实。"),
        ).alias("facts"),
        pl.when(fined).then("fine").alias("fine_amount"),
        pl.when(taken).then("confiscated").alias("confiscated_amount"),
        pl.when(revoked).then(pl.concat_str(pl.lit("食品经营许可证 JY13205"), pl.col("yuan"))).alias("suspended_certificate"),
        sentence.alias("content"),
        pl.concat_str("name", "violation", pl.lit("案")).alias("case_name"),
        pl.col("decided_on").dt.strftime(date_form),
        pl.when(stopped | revoked | (pl.col("yuan") % 5 == 0)).then(pl.col("valid_until").dt.strftime(date_form)),
        pl.lit(None, pl.String).alias("publicity_until"),
        pl.concat_str("region", pl.lit("000000")).alias("local_code"),
        pl.col("decided_on").dt.strftime("%Y-%m-%d 17:30:00").alias("collected_on"),
        pl.col("authority_name").alias("source_name"),
        pl.col("authority_code").alias("source_code"),
        pl.lit(None, pl.String).alias("remark"),
    )  # fmt: skip
