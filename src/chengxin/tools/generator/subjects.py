"""Invented organisations of an invented province with natural names and valid codes (see `stock.py` and `codes.py`).

Real are the places and the words for trades; trade words come from a stock of our own. All columns are made at once by
numpy and Polars, so that a million organisations take a few seconds.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chengxin.tools.generator import codes, stock
from chengxin.tools.generator.draws import Draws, scattered

TODAY = date(2026, 11, 20)
"""The day on which the invented province stands still, unless a caller names another."""
KINDS = (
    # code prefix, kind, weight
    ("91", "企业", 60),
    ("92", "个体工商户", 26),
    ("93", "农民专业合作社", 4),
    ("12", "事业单位", 3),
    ("51", "社会团体", 2),
    ("52", "民办非企业单位", 3),
    ("31", "律师事务所", 1),
    ("N2", "农村集体经济组织", 1),
)
_TRADE = ("work", "industry", "scope")
UNIFIED_SINCE = date(2015, 10, 1)
_EPOCH = date(1970, 1, 1)


def subjects(n: int, seed: int, today: date = TODAY) -> pl.DataFrame:
    """`n` invented organisations, all different; the same `n`, `seed` and `today` give the same frame."""
    d = Draws(seed, "subjects", n)
    where = stock.table("places")
    frame = where.select("code", "county", "city", "city_code")[d.weighted(where["weight"].to_list(), "place")]
    kind = d.weighted([k[2] for k in KINDS], "kind")
    frame = frame.rename({"code": "region"}).with_columns(
        pl.Series("prefix", [k[0] for k in KINDS])[kind],
        pl.Series("kind", [k[1] for k in KINDS])[kind],
        trade_word(d).alias("trade"),
        _established(d, today).alias("established"),
    )
    frame = _trades(frame, d)
    frame = frame.with_columns(_named(frame, d, "name").alias("name"))
    frame = _told_apart(frame, d)
    return _completed(frame, d, seed)


def trade_word(d: Draws) -> pl.Series:
    """Words of two characters, one in twelve of three, the famous ones a little commoner."""
    words = stock.words()
    first, second = d.pick(words["first"], "first"), d.pick(words["second"], "second")
    middle = d.pick(("", *words["middle"]), "middle", [110, *[1] * len(words["middle"])])
    famous = d.pick(("", *words["famous"]), "famous", [97, *[1] * len(words["famous"])])
    frame = pl.DataFrame({"word": first + middle + second, "famous": famous})
    return frame.select(pl.when(pl.col("famous") == "").then("word").otherwise("famous").alias("trade")).to_series()


def day(offset: object) -> pl.Series:
    """Days since 1970 as a column of dates."""
    return pl.Series("day", np.asarray(offset, np.int32)).cast(pl.Date)


def person(d: Draws) -> pl.Series:
    """Invented people's names."""
    words = stock.words()
    return (
        d.pick(words["surnames"], "surname")
        + d.pick(words["first"], "given")
        + d.pick(("", *words["second"]), "given 2")
    )


def number(value: date) -> int:
    return (value - _EPOCH).days


def _established(d: Draws, today: date) -> pl.Series:
    """More young ones than old ones; the youngest is a month old."""
    return day(number(today) - 30 - (d.bent("age", 7) * 36 * 365).astype(np.int64))


def _trades(frame: pl.DataFrame, d: Draws) -> pl.DataFrame:
    """What each does: the word for it in the name, its industry and its scope, by the kind of organisation."""
    for kind, trades in stock.table("trades").group_by("kind", maintain_order=True):
        chosen = trades[d.weighted(trades["weight"].to_list(), f"trade of {kind[0]}")]
        other = [pl.lit(None, pl.String) if c not in frame.columns else pl.col(c) for c in _TRADE]
        frame = frame.with_columns(
            pl.when(pl.col("kind") == kind[0]).then(chosen[c]).otherwise(o).alias(c)
            for c, o in zip(_TRADE, other, strict=True)
        )
    return frame


def _named(frame: pl.DataFrame, d: Draws, what: str) -> pl.Series:
    """The whole name: place, trade word, work and legal form, in the orders that are usual."""
    style = pl.Series(d.weighted([42, 20, 17, 9, 8, 4], what + " style"))
    county, city = pl.col("county"), pl.col("city")
    bare = pl.when(county.str.ends_with("市")).then(county.str.head(-1)).otherwise(city)
    place = (
        pl.when(style == 0).then(bare)
        .when(style == 1).then(pl.when(county.str.ends_with("市")).then(county).otherwise(city + "市"))
        .when(style == 2).then(pl.lit(stock.PROVINCE[1]))
        .when(style == 3).then(city + "市" + pl.when(county.str.ends_with("市")).then(pl.lit("")).otherwise(county))
        .otherwise(bare)
    )  # fmt: skip
    form = d.pick(("有限公司", "有限责任公司", "股份有限公司"), what + " form", [93, 4, 3])
    word, work = pl.col("trade"), pl.col("work")
    firm = (
        pl.when(style == 4).then(pl.concat_str(word, work, pl.lit("（"), city, pl.lit("）"), pl.lit(form)))
        .when(style == 5).then(pl.concat_str(bare, word, work, pl.lit(form), pl.lit("第一分公司")))
        .otherwise(pl.concat_str(place, word, work, pl.lit(form)))
    )  # fmt: skip
    local = pl.when(county.str.ends_with("市")).then(county).otherwise(city + "市" + county)
    return frame.select(
        pl.when(pl.col("kind") == "企业").then(firm)
        .when(pl.col("kind") == "律师事务所").then(pl.concat_str(pl.lit(stock.PROVINCE[1]), word, work))
        .otherwise(pl.concat_str(local, word, work)).alias(what)
    ).to_series()  # fmt: skip


def _told_apart(frame: pl.DataFrame, d: Draws) -> pl.DataFrame:
    """Whoever has a name that is taken gets a longer trade word, until all names differ."""
    name, words = frame["name"], stock.words()
    for attempt in range(20):
        taken = (~name.is_first_distinct()).arg_true()
        if not taken.len():
            break
        again = Draws(int(d.bits("again")[0] >> np.uint64(40)) + attempt, "again", taken.len())
        rows = frame[taken]
        extra = again.pick(words["first" if attempt % 2 else "middle"], "extra")
        longer = again.pick(words["first"], "head") + extra + rows["trade"].str.slice(1)
        name = name.scatter(taken, _named(rows.with_columns(longer.alias("trade")), again, "name"))
    return frame.with_columns(name)


def _completed(frame: pl.DataFrame, d: Draws, seed: int) -> pl.DataFrame:
    """Codes, numbers of the time before the unified code, status, capital, address and a person who signs."""
    n = frame.height
    old = (frame["established"] < UNIFIED_SINCE).to_numpy()
    inner = codes.organisation_codes(n, old, seed)
    level = pl.Series(d.weighted([62, 35, 3], "division"))
    divisions = frame.select(
        pl.when(level == 0).then("region").when(level == 1).then("city_code").otherwise(pl.lit(stock.PROVINCE[0]))
    ).to_series()
    registered = pl.Series(old) & frame["kind"].is_in(["企业", "个体工商户"])
    numbers = codes.registration_numbers(divisions, scattered(n, 10**8, seed + 1))
    frame = frame.with_columns(
        codes.unified_codes(frame["prefix"], divisions, inner).alias("code"),
        inner.alias("organisation_code"),
        pl.when(registered).then(numbers).alias("registration_number"),
        pl.when(pl.Series(old)).then(divisions + inner).alias("tax_number"),
        d.pick(("存续", "注销", "吊销，未注销", "迁出"), "status", [91, 6, 2.2, 0.8]).alias("status"),
        d.pick(("10", "50", "100", "200", "300", "500", "600", "800", "1000", "2000", "3000", "5000", "10000"),
               "capital", [6, 12, 18, 16, 7, 15, 3, 4, 9, 4, 2, 3, 1]).alias("capital"),
        _addresses(frame, d).alias("address"),
        person(d).alias("person"),
    )  # fmt: skip
    renamed = pl.when(pl.Series(d.chance(0.04, "renamed"))).then(_named(_with_other_word(frame, d), d, "former"))
    frame = frame.with_columns(renamed.alias("former_name"))
    return frame.drop("prefix", "trade", "work", "city_code")


def _with_other_word(frame: pl.DataFrame, d: Draws) -> pl.DataFrame:
    return frame.with_columns(
        (d.pick(stock.words()["first"], "former 1") + d.pick(stock.words()["second"], "former 2")).alias("trade")
    )


def _addresses(frame: pl.DataFrame, d: Draws) -> pl.Series:
    words = stock.words()
    road = d.pick(words["first"], "road 1") + d.pick(words["second"], "road 2") + d.pick(words["roads"], "road 3")
    house = pl.Series(d.below(399, "house") + 1).cast(pl.String)
    room = pl.Series(d.below(30, "floor") * 100 + d.below(12, "room") + 101).cast(pl.String)
    tail = pl.when(pl.Series(d.chance(0.55, "has room"))).then(pl.lit(room) + pl.lit("室")).otherwise(pl.lit(""))
    return frame.select(
        pl.concat_str(pl.lit("江苏省"), pl.col("city"), pl.lit("市"), "county", pl.lit(road), pl.lit(house), pl.lit("号"), tail)
    ).to_series()  # fmt: skip
