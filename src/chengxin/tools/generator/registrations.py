"""Registrations (登记注册基本信息): the master data that confirms subjects, as registrars report them."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.headings import headed
from chengxin.tools.generator.rows import later, written
from chengxin.tools.generator.subjects import TODAY, number

MARKET = ("企业", "个体工商户", "农民专业合作社")
SOCIAL = ("社会团体", "民办非企业单位")


def registrations(
    subjects: pl.DataFrame,
    n: int,
    seed: int,
    today: date = TODAY,
    *,
    kinds: tuple[str, ...] = MARKET,
    style: str = "labels",
) -> pl.DataFrame:
    """The first `n` subjects of these kinds, each once, in the order in which they were registered."""
    frame = subjects.filter(pl.col("kind").is_in(kinds)).head(n).sort("established", maintain_order=True)
    d = Draws(seed, "registration", frame.height)
    age = np.maximum(number(today) - frame["established"].cast(pl.Int32).to_numpy() - 1, 0)
    approved = later(frame["established"], (d.unit("approved") * age).astype(np.int64))
    ended = frame["status"].is_in(["注销", "吊销，未注销"])
    frame = frame.with_columns(
        pl.col("name").alias("subject_name"),
        pl.col("code").alias("subject_code"),
        pl.col("kind").alias("subject_nature"),
        _form(d).alias("kind"),
        written(frame["established"]).alias("registered_on"),
        written(approved).alias("approved_on"),
        pl.when(ended).then(pl.lit(written(approved))).alias("ended_on"),
        pl.concat_str("capital", pl.lit("万元人民币")).alias("capital"),
        pl.concat_str("scope", pl.lit("。（依法须经批准的项目，经相关部门批准后方可开展经营活动）")).alias("scope"),
        pl.lit("江苏省").alias("province"),
        pl.col("person").alias("representative"),
        _registrar(kinds).alias("authority_name"),
        pl.lit(None, pl.String).alias("remark"),
    )
    return headed(frame, "registration", style)


def _form(d: Draws) -> pl.Expr:
    owner = d.pick(("自然人投资或控股", "自然人独资", "法人独资", "国有控股", "外商投资"), "owner", [60, 22, 12, 3, 3])
    return (
        pl.when(pl.col("kind") != "企业").then("kind")
        .when(pl.col("name").str.contains("股份有限公司")).then(pl.lit("股份有限公司（非上市）"))
        .when(pl.col("name").str.contains("分公司")).then(pl.lit("有限责任公司分公司"))
        .otherwise(pl.concat_str(pl.lit("有限责任公司（"), pl.lit(owner), pl.lit("）")))
    )  # fmt: skip


def _registrar(kinds: tuple[str, ...]) -> pl.Expr:
    title = "民政局" if kinds == SOCIAL else "市场监督管理局"
    county = pl.col("county")
    return pl.concat_str(
        pl.when(county.str.ends_with("市")).then(county).otherwise(pl.col("city") + "市" + county), pl.lit(title)
    )
