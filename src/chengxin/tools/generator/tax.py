"""Tax: yearly credit grades (纳税信用级别) and announcements of arrears (欠税公告)."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.headings import headed
from chengxin.tools.generator.rows import about, amount, each
from chengxin.tools.generator.subjects import TODAY

_KINDS = ("增值税", "企业所得税", "城镇土地使用税", "房产税", "城市维护建设税", "土地增值税")


def tax_grades(
    subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY, *, style: str = "labels"
) -> pl.DataFrame:
    """Grades of the last finished year with their score, by unified code."""
    year = today.year - 1
    chosen = each(subjects, n, Draws(seed, "grades", n), ("企业", "农民专业合作社"), before=date(year, 7, 1))
    d = Draws(seed, "grades", chosen.height)
    score = 100 - (d.bent("score", 9) * 75).astype(np.int64)
    young = chosen["established"].dt.year() >= year
    frame = chosen.with_columns(
        _named(), _office("authority_name"),
        pl.col("code").alias("subject_code"),
        pl.lit(None, pl.String).alias("tax_number"),
        pl.lit(str(year)).alias("year"),
        pl.Series(score).alias("points"),
        pl.lit(f"{today.year}-04-{20 if today.month > 4 else 1}").alias("graded_on"),
        pl.lit("否").alias("reviewed"),
        young.alias("young"),
    )  # fmt: skip
    points = pl.col("points")
    frame = frame.with_columns(
        pl.when(pl.col("young") & (points >= 70)).then(pl.lit("M"))
        .when(points >= 90).then(pl.lit("A")).when(points >= 70).then(pl.lit("B"))
        .when(points >= 40).then(pl.lit("C")).otherwise(pl.lit("D")).alias("grade"),
        points.cast(pl.String).alias("score"),
    )  # fmt: skip
    return headed(frame, "tax-grade", style)


def tax_arrears(
    subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY, *, style: str = "labels"
) -> pl.DataFrame:
    """Arrears of the last finished quarter, by the old tax number (region and organisation code) where there is one."""
    d = Draws(seed, "arrears", n)
    quarter = (today.month - 1) // 3 or 4
    year = today.year - (quarter == 4)
    frame = about(subjects, n, d, ("企业",), before=date(year, 1, 1)).with_columns(
        pl.Series("fen", d.below(30_000_000, "fen") + 900)
    )
    frame = frame.with_columns(pl.lit(d.pick(_KINDS, "tax", [6, 4, 2, 2, 1, 1])).alias("tax_kind"))
    frame = frame.unique(["code", "tax_kind"], keep="first", maintain_order=True)
    frame = frame.with_columns(
        _named(), _office("authority_name"),
        pl.coalesce("tax_number", "code").alias("tax_number"),
        _in_wan(frame["fen"]).alias("balance"),
        pl.lit("万元").alias("unit"),
        pl.lit(f"{year}年{quarter}季度").alias("period"),
        pl.lit(f"{year + (quarter == 4)}-{quarter % 4 * 3 + 1:02}-15").alias("announced_on"),
        pl.lit(None, pl.String).alias("remark"),
    )  # fmt: skip
    return headed(frame, "tax-arrears", style)


def _in_wan(fen: pl.Series) -> pl.Series:
    """Fen as a text in units of 10,000 yuan: six digits after the point."""
    return amount(fen, 1_000_000)


def _named() -> pl.Expr:
    return pl.col("name").alias("subject_name")


def _office(name: str) -> pl.Expr:
    return pl.concat_str(pl.lit("国家税务总局"), "city", pl.lit("市税务局")).alias(name)
