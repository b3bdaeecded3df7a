"""Writes `examples/`: small files of an invented province as its departments send them, faults included.

`python -m chengxin.tools.generator.examples [folder]` writes them anew, byte for byte the same; a test compares.
`examples/README.md` says what each is and what the platform answers, `examples/manifest.toml` who sends it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from chengxin.tools.generator import (
    abnormal,
    commitments,
    contracts,
    declarations,
    honours,
    inspections,
    judgment_defaulters,
    licences,
    penalties,
    registrations,
    serious_list,
    subjects,
    tax_arrears,
    tax_grades,
    with_faults,
)  # fmt: skip
from chengxin.tools.generator.files import write_csv, write_jsonl, write_parquet, write_xlsx
from chengxin.tools.generator.registrations import SOCIAL

SEED = 20261120
STORY = {
    "name": "苏州云岭精密机械有限公司", "former_name": "苏州云岭五金厂", "industry": "制造业",
    "scope": "精密机械、切割设备的研发、制造、销售",
}  # fmt: skip
FOLDER = Path(__file__).resolve().parents[4] / "examples"


def write(folder: Path) -> list[Path]:
    """Write all data files into `folder`; returns them in the order in which the departments send them."""
    folder.mkdir(parents=True, exist_ok=True)
    everybody = _with_story(subjects(760, SEED))
    for step in (_registrations, _penalties, _licences, _lists, _tax, _conduct):
        step(everybody, folder)
    return sorted(p for p in folder.iterdir() if p.suffix in (".csv", ".xlsx", ".jsonl", ".parquet"))


def story() -> pl.DataFrame:
    """The firm that documentation talks about, as a frame of one row."""
    return _with_story(subjects(760, SEED)).filter("prominent")


def _with_story(everybody: pl.DataFrame) -> pl.DataFrame:
    """One old firm of Suzhou becomes the one that documentation talks about, and turns up in most files."""
    old = (
        (pl.col("kind") == "企业")
        & (pl.col("status") == "存续")
        & (pl.col("city") == "苏州")
        & (pl.col("established").dt.year() < 2012)
    )
    place = everybody.with_row_index("n").filter(old)["n"][0]
    story = pl.int_range(pl.len()) == place
    return everybody.with_columns(
        pl.when(story).then(pl.lit(value)).otherwise(column).alias(column) for column, value in STORY.items()
    ).with_columns(story.alias("prominent"))


def _registrations(everybody: pl.DataFrame, folder: Path) -> None:
    """The newest two dozen firms are not registered yet when others report on them."""
    known = everybody.sort("established", maintain_order=True).head(736)
    market = registrations(known, 600, SEED)
    kinds = [
        "wrong-check",
        "short-code",
        "impossible-registration",
        "unknown-status",
        "full-width",
        "blanks",
        "formula",
    ]
    market, _ = with_faults(market, 0.03, SEED + 2, item="registration", kinds=kinds)
    write_csv(market, folder / "01-registration-market-regulation.csv")
    write_csv(
        registrations(known, 100, SEED, kinds=SOCIAL), folder / "02-registration-civil-affairs.csv", encoding="gb18030"
    )


def _penalties(everybody: pl.DataFrame, folder: Path) -> None:
    ecology = penalties(everybody, 120, SEED)
    kinds = ["wrong-check", "other-name", "wrong-category", "impossible-date", "copied-number", "missing-amount", "unknown-word",
             "full-width", "formula", "natural-person"]  # fmt: skip
    sent, planted = with_faults(ecology, 0.16, SEED + 20, kinds=kinds)
    write_csv(sent, folder / "03-penalty-ecology-environment.csv", encoding="gb18030")
    wrong = planted.filter(~pl.col("fault").is_in(["full-width", "formula"]))["row"] - 1
    write_csv(_corrected(ecology, wrong), folder / "04-penalty-ecology-environment-corrected.csv", encoding="gb18030")

    emergency = penalties(everybody, 60, SEED, department="emergency", style="labels", span=11)
    emergency, _ = with_faults(
        emergency,
        0.2,
        SEED,
        kinds=["wrong-check", "future-date", "amount-in-yuan", "missing-basis", "blanks", "other-name"],
    )
    write_xlsx(
        emergency, folder / "05-penalty-emergency.xlsx", title="江苏省应急管理系统行政处罚信息汇总表（2026年11月）",
        dates=("处罚决定日期", "处罚有效期"), numbers=("罚款金额（万元）", "没收违法所得、没收非法财物的金额（万元）"),
    )  # fmt: skip
    market = penalties(everybody, 70, SEED, department="market-regulation")
    write_csv(pl.concat([market, _claimed(ecology)]), folder / "06-penalty-market-regulation.csv")
    housing = penalties(
        everybody, 25, SEED, department="housing-construction", style="2015", date_form="%Y/%m/%d", span=400
    )
    write_csv(housing, folder / "07-penalty-housing-construction-2015.csv", encoding="gb18030")
    incomplete = penalties(everybody, 12, SEED + 5, department="housing-construction", style="labels")
    write_csv(incomplete.drop("行政处罚决定书文号", "处罚决定日期"), folder / "08-penalty-water-incomplete.csv")


def _corrected(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """The faulty rows put right, and a remark added to two that had been taken before."""
    untouched = frame.with_row_index("n").filter(~pl.col("n").is_in(rows.implode())).drop("n").head(2)
    return pl.concat([frame[rows.sort()], untouched.with_columns(pl.lit("当事人已缴清罚款。").alias("BZ"))])


def _claimed(ecology: pl.DataFrame) -> pl.DataFrame:
    """Two decisions of the environment authorities that another source unit reports as well, one with another content."""
    last = ecology.tail(2)
    return last.with_columns(
        pl.when(pl.int_range(pl.len()) == 1).then(pl.lit("警告，并责令改正")).otherwise("CF_NR").alias("CF_NR")
    )


def _licences(everybody: pl.DataFrame, folder: Path) -> None:
    market = licences(everybody, 160, SEED)
    market, _ = with_faults(
        market, 0.08, SEED, item="licence", kinds=["wrong-check", "missing-number", "full-width", "unknown-permit"]
    )
    write_jsonl(market, folder / "09-licence-market-regulation.jsonl")
    housing = licences(everybody, 80, SEED, department="housing-construction", style="labels")
    housing, _ = with_faults(housing, 0.2, SEED, item="licence", kinds=["late", "wrong-category"])
    write_csv(housing, folder / "10-licence-housing-construction.csv", encoding="utf-8-sig", separator=";")


def _lists(everybody: pl.DataFrame, folder: Path) -> None:
    others = everybody.filter(~pl.col("prominent"))
    write_xlsx(
        abnormal(everybody, 50, SEED), folder / "11-abnormal-market-regulation.xlsx", title="经营异常名录列入移出信息表",
        dates=("列入日期", "移出日期"), numbers=("序号",),
    )  # fmt: skip
    write_csv(serious_list(others, 8, SEED), folder / "12-serious-list-market-regulation.csv")
    wages = serious_list(others, 6, SEED, kind="拖欠农民工工资失信主体", title="人力资源和社会保障局", sign="人社列")
    write_csv(wages, folder / "13-serious-list-human-resources.csv", encoding="gb18030")
    court = judgment_defaulters(others, 45, SEED)
    court = court.with_columns(
        pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("江苏省某某公司")).otherwise("企业名称").alias("企业名称")
    )
    write_csv(court, folder / "14-judgment-defaulter-court.csv")


def _tax(everybody: pl.DataFrame, folder: Path) -> None:
    write_parquet(tax_grades(everybody, 260, SEED), folder / "15-tax-grade-taxation.parquet")
    write_csv(tax_arrears(everybody, 24, SEED), folder / "16-tax-arrears-taxation.csv", encoding="gb18030")


def _conduct(everybody: pl.DataFrame, folder: Path) -> None:
    write_csv(commitments(everybody, 80, SEED), folder / "17-commitment-market-regulation.csv")
    write_csv(contracts(everybody, 40, SEED), folder / "18-contract-centre.csv", separator="\t")
    write_jsonl(declarations(everybody, 25, SEED), folder / "19-declaration-centre.jsonl")
    write_csv(inspections(everybody, 90, SEED), folder / "20-inspection-market-regulation.csv")
    write_csv(honours(everybody, 40, SEED), folder / "21-honour-industry-it.csv")


if __name__ == "__main__":
    for written in write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        print(f"{written.stat().st_size:>8,} {written.name}")
