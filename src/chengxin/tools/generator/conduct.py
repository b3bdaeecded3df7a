"""What subjects promise, perform, earn, declare and are inspected for: commitments, contracts, honours, declarations."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chengxin.tools.generator import stock
from chengxin.tools.generator.draws import Draws
from chengxin.tools.generator.headings import headed
from chengxin.tools.generator.rows import about, ago, amount, days_before, later, offices, sign_of_city, written
from chengxin.tools.generator.subjects import TODAY

_NONE = pl.lit(None, pl.String)


def commitments(
    subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY, *, style: str = "labels"
) -> pl.DataFrame:
    """Credit commitments of the last year and what became of them; a few were broken."""
    frame, d = _about(subjects, n, seed, "commitment", today, 360)
    age = (pl.lit(today) - pl.col("day")).dt.total_days()
    state = pl.when(age < 60).then(pl.lit("履行中")).otherwise(pl.lit(d.pick(("已履行", "违反承诺"), "state", [93, 7])))
    frame = frame.with_columns(state.alias("state"))
    judged = frame["state"] != "履行中"
    frame = frame.with_columns(
        _numbered("CN", frame, d).alias("commitment_number"),
        pl.col("type").alias("commitment_type"),
        pl.col("thing").alias("matter"),
        pl.col("text").alias("content"),
        written(frame["day"]).alias("signed_on"),
        written(later(frame["day"], 90)).alias("due_on"),
        pl.when(judged).then(pl.lit(written(later(frame["day"], 20 + d.below(35, "judged"))))).alias("judged_on"),
        pl.when(pl.col("state") == "违反承诺")
        .then(pl.lit("逾期未补齐承诺的材料，经书面催告仍未补齐。"))
        .alias("breach_facts"),
        pl.when(pl.col("state") == "违反承诺").then(pl.lit("一年内不适用告知承诺")).alias("consequence"),
    )
    return headed(frame, "commitment", style)


def contracts(subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY, *, style: str = "labels") -> pl.DataFrame:
    """Contracts with public buyers of the last two years; most are performed, a few were broken and a court said so."""
    frame, d = _about(subjects, n, seed, "contract", today, 700, ("企业",))
    age = (pl.lit(today) - pl.col("day")).dt.total_days()
    state = pl.when(age < 200).then(pl.lit("履行中")).otherwise(pl.lit(d.pick(("履行完毕", "违约"), "state", [95, 5])))
    frame = frame.with_columns(
        state.alias("state"), pl.Series("sum", (d.bent("sum", 8) * 8000 + 12).astype(np.int64) * 1000)
    )
    broken = pl.col("state") == "违约"
    case = pl.concat_str(pl.lit("（"), pl.col("day").dt.year(), pl.lit("）苏"), pl.col("region").str.slice(2),
                         pl.lit("民初"), 1000 + pl.int_range(pl.len()), pl.lit("号"))  # fmt: skip
    frame = frame.with_columns(
        _numbered("HT-", frame, d).alias("contract_number"),
        pl.concat_str("county", "thing").alias("contract_name"),
        pl.col("type").alias("contract_kind"),
        pl.col("authority_name").alias("buyer_name"),
        pl.col("authority_code").alias("buyer_code"),
        amount(frame["sum"]).alias("amount"),
        written(frame["day"]).alias("signed_on"),
        written(later(frame["day"], 10)).alias("starts_on"),
        written(later(frame["day"], 190)).alias("ends_on"),
        pl.when(pl.col("state") == "履行完毕")
        .then(pl.lit(written(later(frame["day"], 150 + d.below(45, "end")))))
        .alias("accepted_on"),
        pl.when(broken).then(pl.lit("逾期四十五日未交付，经两次书面催告仍未交付。")).alias("breach_facts"),
        pl.when(broken).then(case).alias("finding_document"),
    )
    return headed(frame, "contract", style)


def honours(subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY, *, style: str = "labels") -> pl.DataFrame:
    """Honours that authorities awarded in the last three years."""
    frame, _ = _about(subjects, n, seed, "honour", today, 1000, ("企业",))
    frame = frame.unique(["code", "thing"], keep="first", maintain_order=True)
    frame = frame.with_columns(
        pl.concat_str("city", pl.lit("市"), "thing").alias("honour_name"),
        pl.col("type").alias("level"),
        pl.col("text").alias("deeds"),
        pl.concat_str(sign_of_city(), pl.lit("表彰〔"), pl.col("day").dt.year(), pl.lit("〕"),
                      pl.col("day").dt.month(), pl.lit("号")).alias("document_number"),
        written(frame["day"]).alias("awarded_on"),
        written(later(frame["day"], 3 * 365)).alias("valid_until"),
    )  # fmt: skip
    return headed(frame, "honour", style)


def declarations(
    subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY, *, style: str = "labels"
) -> pl.DataFrame:
    """What subjects declare of their own accord, with their commitment that it is true."""
    frame, d = _about(subjects, n, seed, "declaration", today, 300, ("企业", "农民专业合作社"))
    verified = pl.Series(d.chance(0.4, "verified"))
    frame = frame.with_columns(
        _numbered("SB", frame, d).alias("declaration_number"),
        pl.col("type").alias("kind"),
        pl.col("thing").alias("title"),
        pl.col("text").alias("content"),
        written(later(frame["day"], -10 - d.below(80, "happened"))).alias("happened_on"),
        written(later(frame["day"], 3 * 365)).alias("valid_until"),
        written(frame["day"]).alias("declared_on"),
        pl.lit("是").alias("truth_commitment"),
        pl.lit(d.pick(("是", "否"), "publish", [3, 1])).alias("publish_consent"),
        pl.lit("证明材料扫描件.pdf").alias("proof"),
        pl.when(verified).then(pl.lit("是")).otherwise(pl.lit("否")).alias("verified"),
        pl.when(verified).then(pl.concat_str("city", pl.lit("市市场监督管理局"))).alias("verified_by"),
    )
    return headed(frame, "declaration", style)


def inspections(
    subjects: pl.DataFrame, n: int, seed: int, today: date = TODAY, *, style: str = "labels"
) -> pl.DataFrame:
    """Inspections of the last four weeks; most find nothing."""
    frame, d = _about(subjects, n, seed, "inspection", today, 24)
    result = d.pick(("未发现问题", "发现问题已责令改正", "通过登记的住所（经营场所）无法联系"), "result", [86, 11, 3])
    frame = frame.with_columns(result.alias("result"))
    ordered = pl.col("result") == "发现问题已责令改正"
    frame = frame.with_columns(
        _numbered("JC", frame, d).alias("inspection_number"),
        pl.col("type").alias("inspection_kind"),
        pl.concat_str(pl.col("day").dt.year(), pl.lit("年"), "thing").alias("plan"),
        pl.col("text").alias("matters"),
        written(frame["day"]).alias("inspected_on"),
        pl.when(ordered).then(pl.lit("部分产品未标注生产日期，进货查验记录不全。")).alias("findings"),
        pl.when(ordered).then(pl.lit("责令限期改正")).alias("handling"),
        pl.when(ordered).then(pl.lit(written(later(frame["day"], 15)))).alias("correct_by"),
        written(frame["day"]).alias("published_on"),
        pl.col("person").alias("inspectors"),
    )
    return headed(frame, "inspection", style)


def _about(
    subjects: pl.DataFrame,
    n: int,
    seed: int,
    item: str,
    today: date,
    span: int,
    kinds: tuple[str, ...] = ("企业", "个体工商户"),
) -> tuple[pl.DataFrame, Draws]:
    """Whom each row is about, on which day, with which office of the department that the matter belongs to."""
    d = Draws(seed, item, n)
    things = stock.of("conduct", item=item).rename({"name": "thing"}).drop("item")
    frame = about(subjects, n, d, kinds, before=ago(today, span + 60)).hstack(things[d.below(things.height, "thing")])
    titles = things["other"].drop_nulls().unique(maintain_order=True)
    where = pl.concat([offices(t).with_columns(pl.lit(t).alias("other")) for t in titles]) if len(titles) else None
    if where is not None:
        frame = frame.join(where, on=["city", "other"], maintain_order="left")
    return frame.with_columns(
        pl.col("name").alias("subject_name"),
        pl.col("code").alias("subject_code"),
        pl.col("person").alias("representative"),
        days_before(d, today, span).alias("day"),
        _NONE.alias("remark"),
    ), d


def _numbered(sign: str, frame: pl.DataFrame, d: Draws) -> pl.Series:
    """Numbers of cases: sign, county, day and a running number."""
    serial = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(4)
    return frame.select(pl.concat_str(pl.lit(sign), "region", pl.col("day").dt.strftime("%Y%m%d"), serial)).to_series()


__all__ = ["commitments", "contracts", "declarations", "honours", "inspections"]
