"""What the tables of all departments share: whom a row is about, when it was decided, by whom, under which number."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from chengxin.tools.generator import codes, stock
from chengxin.tools.generator.draws import Draws, Numbers
from chengxin.tools.generator.subjects import day, number

MARKET = ("企业", "个体工商户", "农民专业合作社")
INDIVIDUAL = "个体工商户"


def about(
    subjects: pl.DataFrame, n: int, d: Draws, kinds: tuple[str, ...] = MARKET, *, before: date | None = None
) -> pl.DataFrame:
    """`n` rows of living subjects of these kinds, founded `before` a day; few come up often, many once or never."""
    living = _living(subjects, kinds, before)
    return living[_order(living, Draws(17, "order", living.height))[d.skewed(living.height, "who")]]


def each(
    subjects: pl.DataFrame, n: int, d: Draws, kinds: tuple[str, ...] = ("企业",), *, before: date | None = None
) -> pl.DataFrame:
    """At most `n` living subjects of these kinds, founded `before` a day, each once."""
    living = _living(subjects, kinds, before)
    return living[_order(living, Draws(23, f"each {n}", living.height))[: min(n, living.height)]]


def _order(living: pl.DataFrame, d: Draws) -> Numbers:
    """Any order, but whoever is marked as prominent first (a column that only stories have)."""
    prominent = living["prominent"].to_numpy() if "prominent" in living.columns else np.zeros(living.height, np.bool_)
    return np.lexsort((d.bits("rank"), ~prominent))


def _living(subjects: pl.DataFrame, kinds: tuple[str, ...], before: date | None) -> pl.DataFrame:
    living = subjects.filter(pl.col("kind").is_in(kinds) & (pl.col("status") == "存续"))
    return living if before is None else living.filter(pl.col("established") < before)


def days_before(d: Draws, today: date, span: int, what: str = "decided") -> pl.Series:
    """Working days mostly: dates in the `span` days up to the day before `today`, weekends moved to the Friday."""
    offset = number(today) - 1 - d.below(span, what)
    weekday = (offset + 3) % 7
    return day(offset - np.where(weekday > 4, weekday - 4, 0))


def ago(today: date, days: int) -> date:
    return today - timedelta(days=days)


def later(start: pl.Series, days: object) -> pl.Series:
    """The dates so many days after `start`."""
    return day(start.cast(pl.Int32).to_numpy() + np.asarray(days))


def written(dates: pl.Series, form: str = "%Y-%m-%d") -> pl.Series:
    return dates.dt.strftime(form)


def offices(title: str) -> pl.DataFrame:
    """The offices of a department, one a city: `city`, `authority_name`, `authority_code` (invented but valid)."""
    cities = stock.table("places").unique("city", keep="first", maintain_order=True).select("city", "city_code")
    n = cities.height
    inner = codes.organisation_codes(n, np.ones(n, np.bool_), sum(map(ord, title)))
    found = codes.unified_codes(pl.Series(["11"] * n), cities["city_code"], inner)
    return cities.select("city", (pl.col("city") + "市" + title).alias("authority_name"), found.alias("authority_code"))


def sign_of_city() -> pl.Expr:
    """The one character with which documents of the row's city begin: 苏, 锡, 通."""
    return pl.col("city").replace_strict(stock.words()["signs"])


def category(kind: str) -> pl.Expr:
    """The counterparty category (行政相对人类别) of the kind of organisation in column `kind`."""
    return pl.when(pl.col(kind) == INDIVIDUAL).then(pl.lit(INDIVIDUAL)).otherwise(pl.lit("法人及非法人组织"))


def numbered(frame: pl.DataFrame, sign: str, dates: str = "decided_on", series: str = "") -> pl.Series:
    """Document numbers as offices give them, 苏环罚〔2026〕15号: one series a city and year, without gaps, by date."""
    year = pl.col(dates).dt.year()
    order = pl.col(dates).rank("ordinal").over("city", year)
    return frame.select(
        pl.concat_str(sign_of_city(), pl.lit(sign + "〔"), year, pl.lit("〕" + series), order, pl.lit("号"))
    ).to_series()  # fmt: skip


def amount(values: object, unit: int = 10_000) -> pl.Series:
    """Whole numbers as texts in units of `unit` of them, without trailing zeros: 5000 (yuan) is 0.5 (万元)."""
    whole = np.asarray(values, np.int64)
    tail = pl.Series(whole % unit).cast(pl.String).str.zfill(len(str(unit)) - 1).str.strip_chars_end("0")
    frame = pl.DataFrame({"whole": pl.Series(whole // unit).cast(pl.String), "tail": tail})
    return frame.select(
        pl.when(pl.col("tail") == "").then("whole").otherwise(pl.concat_str("whole", pl.lit("."), "tail")).alias("amount")
    ).to_series()  # fmt: skip


def round_sums(low: object, high: object, d: Draws, what: str) -> object:
    """Sums between two bounds as authorities set them: in steps of 500 yuan."""
    low, high = np.asarray(low), np.asarray(high)
    raw = low + d.bent(what, 8) * (high - low)
    return (raw / 500).round().astype(np.int64) * 500
