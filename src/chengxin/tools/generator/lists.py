"""Lists: abnormal operation (经营异常名录), serious dishonesty (严重失信主体名单), judgment defaulters (失信被执行人)."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chengxin.tools.generator import stock
from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.headings import headed
from chengxin.tools.generator.rows import INDIVIDUAL, about, ago, days_before, each, later, numbered, offices, written
from chengxin.tools.generator.subjects import TODAY, number

_NONE = pl.lit(None, pl.String)


def abnormal(subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY, *, style: str = "labels") -> pl.DataFrame:
    """Entries of the list of abnormal operation of the last three years; every third has been taken off again."""
    d = Draws(seed, "abnormal", n)
    frame = _because(
        about(subjects, n, d, before=ago(today, 960)).unique("code", keep="first", maintain_order=True),
        "abnormal",
        seed,
    )
    d = Draws(seed, "abnormal", frame.height)
    frame = frame.with_columns(days_before(d, today, 900).alias("listed"))
    frame = _removed(frame, d, today, 0.33).join(offices("市场监督管理局"), on="city", maintain_order="left")
    frame = frame.with_columns(numbered(frame, "市监列", "listed").alias("document_number"))
    kinds = {INDIVIDUAL: "个体工商户经营异常状态", "农民专业合作社": "农民专业合作社经营异常名录"}
    frame = frame.with_columns(
        pl.col("kind").replace_strict(kinds, default="企业经营异常名录").alias("list_kind"),
        pl.when("gone").then("authority_name").alias("removal_authority"),
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("place"),
    )
    return headed(frame, "abnormal", style)


def serious_list(
    subjects: pl.DataFrame,
    n: int,
    seed: int,
    today: date = TODAY,
    *,
    kind: str = "市场监督管理严重违法失信主体",
    title: str = "市场监督管理局",
    sign: str = "市监严列",
    style: str = "labels",
) -> pl.DataFrame:
    """Entries of one list of serious dishonesty, three years each; some have been taken off before their time."""
    d = Draws(seed, f"serious {kind}", n)
    frame = each(subjects, n, d, before=ago(today, 960))
    d = Draws(seed, f"serious {kind}", frame.height)
    frame = _because(frame, "serious-list", seed, kind).with_columns(days_before(d, today, 800).alias("listed"))
    frame = _removed(frame, d, today, 0.4, 370).join(offices(title), on="city", maintain_order="left")
    frame = frame.with_columns(numbered(frame, sign, "listed").alias("document_number"))
    frame = frame.with_columns(
        pl.lit(kind).alias("list_type"),
        pl.col("basis").alias("listing_basis"),
        written(later(frame["listed"], 1)).alias("published_on"),
        pl.col("listed").dt.offset_by("3y").dt.offset_by("-1d").dt.strftime("%Y-%m-%d").alias("ends_on"),
        pl.lit("是").alias("told_beforehand"),
        pl.when("gone").then(pl.lit("列入满一年，已改正违法行为并公开承诺")).alias("removal_reason"),
        pl.when("gone").then("authority_name").alias("removal_authority"),
    )
    return headed(frame, "serious-list", style)


def judgment_defaulters(
    subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY, *, style: str = "labels"
) -> pl.DataFrame:
    """Organisations on the courts' list of judgment defaulters; few of them in many cases."""
    d = Draws(seed, "court", n)
    frame = _because(about(subjects, n, d, ("企业",), before=ago(today, 1400)), "judgment-defaulter", seed)
    frame = frame.with_columns(days_before(d, today, 1000).alias("listed"))
    frame = _removed(frame, d, today, 0.25)
    local = (
        pl.when(pl.col("county").str.ends_with("市")).then("county").otherwise(pl.col("city") + "市" + pl.col("county"))
    )
    year, serial = pl.col("listed").dt.year(), pl.Series(100 + d.below(8000, "case"))
    money = pl.Series(3000 + (d.bent("amount", 12) * 9_000_000).astype(np.int64))
    frame = frame.with_row_index("place").with_columns(
        pl.concat_str(pl.lit("（"), year, pl.lit("）苏"), pl.col("region").str.slice(2), pl.lit("执"),
                      pl.lit(serial) + 10_000 * (pl.col("place") // 9000), pl.lit("号")).alias("case_number"),
        pl.concat_str(pl.lit("（"), year - 1, pl.lit("）苏"), pl.col("region").str.slice(2), pl.lit("民初"),
                      pl.lit(serial + 311), pl.lit("号")).alias("enforcement_basis"),
        pl.concat_str(local, pl.lit("人民法院")).alias("court_name"),
        pl.concat_str(pl.col("reason"), pl.lit("共计"), pl.lit(money), pl.lit("元")).alias("obligation"),
        pl.lit(money).cast(pl.String).alias("amount"),
        pl.col("list_kind").alias("grounds"),
        pl.when("gone").then(pl.lit("全部已履行"))
        .otherwise(pl.lit(d.pick(("全部未履行", "部分未履行"), "performance", [4, 1]))).alias("performance"),
        pl.when("gone").then(pl.lit("是")).otherwise(pl.lit("否")).alias("removed"),
        written(later(frame["listed"], -30 - d.below(120, "filed"))).alias("filed_on"),
        pl.col("listed_on").alias("published_on"),
        pl.lit("江苏省").alias("province"),
    )  # fmt: skip
    frame = frame.with_columns(pl.col("court_name").alias("enforcement_basis_by"))
    return headed(frame, "judgment-defaulter", style)


def _because(frame: pl.DataFrame, item: str, seed: int, kind: str = "") -> pl.DataFrame:
    """Why each is on the list, and the columns that identify it."""
    reasons = stock.of("reasons", item=item)
    if kind:
        reasons = reasons.filter(kind=kind)
    d = Draws(seed, f"reasons {item}", frame.height)
    chosen = reasons.rename({"kind": "list_kind"}).drop("item")[
        d.weighted([1 / (1 + i) for i in range(reasons.height)], "reason")
    ]
    named = frame.with_columns(
        pl.col("name").alias("subject_name"),
        pl.col("code").alias("subject_code"),
        pl.col("person").alias("representative"),
    )
    return named.hstack(chosen).with_columns(_NONE.alias("remark"))


def _removed(frame: pl.DataFrame, d: Draws, today: date, share: float, least: int = 40) -> pl.DataFrame:
    """When each was put on the list, and when and why some were taken off, `least` days later."""
    left = np.maximum(number(today) - frame["listed"].cast(pl.Int32).to_numpy() - 1, 1)
    off = later(frame["listed"], least + (d.unit("off") * (left - least)).astype(np.int64))
    gone = pl.Series("gone", d.chance(share, "gone") & (left > least))
    return frame.with_columns(
        gone,
        written(frame["listed"]).alias("listed_on"),
        pl.when(gone).then(pl.lit(written(off))).alias("removed_on"),
        pl.when(gone).then("exit").alias("removal_reason"),
    )
