"""The generator: valid codes, natural names of nobody, the same seed the same bytes, and faults that are all found."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chengxin.paths import policies_dir
from chengxin.policy import Policies, load
from chengxin.standards.organisation_code import organisation_code_problem
from chengxin.standards.registration_number import registration_number_problem
from chengxin.standards.tax_number import tax_number_problem
from chengxin.standards.text import name_key
from chengxin.standards.uscc import uscc_inner_ok, uscc_problem
from chengxin.tools.generator import FAULTS, HARMLESS, TABLES, TODAY, penalties, subjects, with_faults
from chengxin.tools.generator.draws import Draws, scattered
from chengxin.tools.generator.stock import headings, table

SEED = 7


@pytest.fixture(scope="module")
def everybody() -> pl.DataFrame:
    return subjects(4000, SEED)


@pytest.fixture(scope="module")
def packs() -> Policies:
    return load(policies_dir())


def check(frame: pl.DataFrame, item: str, packs: Policies, folder: Path) -> tuple[object, pl.DataFrame]:
    """What our own check finds in the frame, sent as a CSV on the day on which the province stands still."""
    from chengxin.collection.checking import check_file

    path = folder / "sent.csv"
    frame.write_csv(path)
    checked = check_file(
        path, packs.item(item, TODAY), packs, reported_on=TODAY, today=TODAY, folder=folder, ask_register=False
    )
    with (folder / "receipt.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [(int(r["row"]), r["rule"], r["level"]) for r in csv.DictReader(file)]
    return checked, pl.DataFrame(rows, schema={"row": pl.Int64, "rule": pl.String, "level": pl.String}, orient="row")


def test_all_identifiers_are_valid_and_nobody_shares_one(everybody: pl.DataFrame) -> None:
    assert all(uscc_problem(c) is None and uscc_inner_ok(c) for c in everybody["code"])
    assert all(organisation_code_problem(c) is None for c in everybody["organisation_code"])
    assert all(registration_number_problem(c) is None for c in everybody["registration_number"].drop_nulls())
    assert all(tax_number_problem(c) is None for c in everybody["tax_number"].drop_nulls())
    for column in ("code", "organisation_code", "name"):
        assert everybody[column].is_unique().all(), column
    assert everybody["registration_number"].drop_nulls().is_unique().all()


def test_names_stay_apart_when_there_are_many() -> None:
    many = subjects(150_000, SEED)
    assert many["name"].map_elements(name_key, return_dtype=pl.String).is_unique().all()
    assert many["code"].is_unique().all()


def test_names_are_natural(everybody: pl.DataFrame) -> None:
    """Place, trade word, trade and form: of the usual lengths, with the forms of each kind."""
    lengths = everybody["name"].str.len_chars()
    assert lengths.min() >= 6 and lengths.max() <= 30 and 9 <= lengths.median() <= 16  # type: ignore[operator]
    firms = everybody.filter(kind="企业")["name"]
    assert firms.str.contains("公司").all()
    assert 0.002 < firms.str.contains("云岭").mean() < 0.05  # type: ignore[operator]
    shops = everybody.filter(kind="个体工商户")
    assert shops["code"].str.starts_with("92").all() and not shops["name"].str.contains("公司").any()


def test_the_codes_have_the_prefix_of_their_kind(everybody: pl.DataFrame) -> None:
    pairs = dict(everybody.select(pl.col("kind"), pl.col("code").str.head(2)).unique().iter_rows())
    assert pairs["事业单位"] == "12" and pairs["社会团体"] == "51" and pairs["农村集体经济组织"] == "N2"
    assert everybody["code"].str.slice(2, 2).eq("32").all()


@pytest.mark.shared_data
def test_nobody_real_is_hit(shared_data: Path) -> None:
    """Neither a name nor a code of the real registrations we have comes out, among a hundred thousand invented ones."""
    invented = subjects(100_000, SEED)
    real = pl.read_csv(shared_data / "jiangsu-enterprises" / "jiangsu_enterprises_dev.csv", infer_schema=False)
    assert not set(real["企业名称"]) & set(invented["name"])
    assert not set(real["统一社会信用代码"]) & set(invented["code"])


def test_places_are_those_of_the_code_table(packs: Policies) -> None:
    known = packs.codes("regions").lookup
    assert all(code in known for code in table("places")["code"])


def test_the_same_seed_gives_the_same_frame(everybody: pl.DataFrame) -> None:
    assert subjects(4000, SEED).equals(everybody)
    assert not subjects(4000, SEED + 1)["name"].equals(everybody["name"])
    for make in TABLES.values():
        assert make(everybody, 50, 1).equals(make(everybody, 50, 1))


def test_draws_do_not_depend_on_their_order_or_number() -> None:
    few, many = Draws(3, "x", 10), Draws(3, "x", 1000)
    many.unit("something else")
    assert (few.unit("a") == many.unit("a")[:10]).all()
    assert abs(many.unit("a").mean() - 0.5) < 0.05
    assert len(set(scattered(999, 1000, 5).tolist())) == 999
    with pytest.raises(ValueError, match="1001 different numbers"):
        scattered(1001, 1000, 5)


def test_draws_are_the_same_for_ever() -> None:
    """Written down once: neither numpy nor Polars may change what examples and benchmarks are made of."""
    assert Draws(20261120, "subjects", 3).bits("place").tolist() == EXPECTED_BITS


EXPECTED_BITS = [16307158794569960563, 13976109959097326320, 11361522902335872222]


def test_every_heading_means_a_field_of_the_catalogue(packs: Policies) -> None:
    from chengxin.collection.plan import plan_for
    from chengxin.engine.headers import match_headings

    for item, styles in headings().items():
        plan = plan_for(packs.item(item, TODAY), packs, reported_on=TODAY, today=TODAY)
        for names in styles.values():
            match = match_headings(list(names), plan.columns)
            assert {h.text for h in match.unknown} <= {"序号"}
            fields = {list(names)[place]: field for field, place in match.position.items()}
            assert {
                h: f for h, f in names.items() if h not in ("序号", "检查人员", "法定代表人")
            }.items() <= fields.items()


@pytest.mark.parametrize("item", TABLES)
def test_what_the_generator_makes_stands_up_to_all_rules(
    item: str, everybody: pl.DataFrame, packs: Policies, tmp_path: Path
) -> None:
    """Nothing is rejected or doubtful; lists are loaded late, and superfluous columns are named."""
    _, found = check(TABLES[item](everybody, 400, SEED), item, packs, tmp_path)
    assert set(found.filter(pl.col("row") > 0)["rule"]) <= {f"{item}.source.late"}
    assert not found["level"].is_in(["reject", "doubt"]).any()


@pytest.mark.parametrize(
    ("item", "options"),
    [
        ("penalty", {}),
        ("penalty", {"department": "market-regulation"}),
        ("penalty", {"department": "emergency", "style": "labels"}),
        ("licence", {}),
        ("registration", {}),
    ],
)
def test_every_planted_fault_is_found(
    item: str, options: dict[str, str], everybody: pl.DataFrame, packs: Policies, tmp_path: Path
) -> None:
    frame = TABLES[item](everybody, 1500, SEED, **options)
    sent, planted = with_faults(frame, 0.5, SEED, item=item)
    _, found = check(sent, item, packs, tmp_path)
    wanted = planted.filter(~pl.col("fault").is_in(["other-name", *(["copied-number"] if item == "licence" else [])]))
    missed = wanted.join(found, on=["row", "rule"], how="anti")
    assert missed.is_empty(), missed
    clean = found.filter((pl.col("row") > 0) & ~pl.col("row").is_in(planted["row"].implode()))
    assert set(clean["rule"]) <= {f"{item}.key.duplicate"}  # the row that a number was copied from


def test_harmless_spellings_are_taken(everybody: pl.DataFrame, packs: Policies, tmp_path: Path) -> None:
    sent, planted = with_faults(penalties(everybody, 600, SEED), 0.5, SEED, kinds=list(HARMLESS))
    _, found = check(sent, "penalty", packs, tmp_path)
    assert set(planted["fault"]) == set(HARMLESS) and found.is_empty()


def test_all_faults_can_be_planted(everybody: pl.DataFrame) -> None:
    planted: set[str] = set()
    for item, options in (("penalty", {"department": "market-regulation"}), ("licence", {}), ("registration", {})):
        frame = TABLES[item](everybody, 1500, SEED, **options)
        planted |= set(with_faults(frame, 0.7, SEED, item=item)[1]["fault"])
    assert planted == set(FAULTS)


def test_dates_are_plausible(everybody: pl.DataFrame) -> None:
    assert everybody["established"].max() < TODAY  # type: ignore[operator]
    decided = penalties(everybody, 500, SEED, date(2025, 3, 10))["CF_JDRQ"].str.to_date()
    assert decided.max() < date(2025, 3, 10) and decided.dt.weekday().max() <= 5  # type: ignore[operator]
