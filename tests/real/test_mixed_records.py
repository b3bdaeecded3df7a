"""Tables that other people drew up from many departments' pages: each item takes the rows that are its own.

Rows that name nobody by a code are never taken in by name alone (domain.md 9). Requirements: R-001, R-049, F-02.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chengxin.collection.models import State
from chengxin.registry.models import Record
from chengxin.standards.uscc import make_uscc, uscc_problem

from ..collection.files import penalty
from ..collection.files import write as write_penalties
from .way import blamed, counts, rows_of, rules, submit, take_in, write

pytestmark = [pytest.mark.shared_data, pytest.mark.usefixtures("store")]

REFUSED = [
    # folder, file, item, source unit, required columns that it lacks
    ("mixed-credit-records", "administrative_penalties", "penalty", "market-regulation", "违法事实、处罚依据、处罚类别"),
    ("mixed-credit-records", "market_and_culture_penalties_beijing", "penalty", "culture-tourism", "行政相对人名称"),
    ("mixed-credit-records", "tax_major_violations", "serious-list", "taxation", "企业名称"),
    ("mixed-credit-records", "construction_certificates", "licence", "housing-construction", None),
    ("mixed-credit-records", "discharge_permits", "licence", "ecology-environment", None),
    ("mixed-credit-records", "mining_rights", "licence", "market-regulation", None),
    ("banking-penalties", "banking_regulator_penalties_2016", "penalty", "market-regulation", "行政处罚决定书文号、处罚内容"),
    ("env-penalties", "env_exceedance_penalties_2017", "penalty", "ecology-environment", None),
    ("credit-blacklists", "drug_sampling_failures_2017", "inspection", "health", None),
]  # fmt: skip


@pytest.mark.parametrize(("folder", "name", "item", "source", "lacks"), REFUSED, ids=lambda v: str(v)[:40])
def test_a_table_without_required_columns_is_refused_whole_and_told_which(
    shared_data: Path, folder: str, name: str, item: str, source: str, lacks: str | None
) -> None:
    batch = submit(shared_data / folder / f"{name}.csv", item, source)
    assert (batch.state, batch.received, Record.objects.count()) == (State.REFUSED, 0, 0)
    missing, unknown = batch.reason.removeprefix("表头缺少必填栏目：").split("。文件里")
    assert missing == lacks if lacks else "、" in missing
    assert "模板" in unknown and "required columns" in batch.reason_en


def test_a_headings_nearest_column_is_named_when_a_table_is_refused(shared_data: Path) -> None:
    file = shared_data / "banking-penalties" / "banking_regulator_penalties_2016.csv"
    assert "“罚没金额（元）”（相近：罚款金额（万元））" in submit(file, "penalty", "market-regulation").reason


def test_a_table_of_wage_arrears_and_debtors_gives_each_item_its_own_rows(mixed: Path) -> None:
    """Twelve rows of three kinds: one wage list, debtors with a case number, and publicity that is no list at all."""
    file = mixed / "wage_arrears_and_debtors_2024.csv"
    wages = take_in(file, "serious-list", "human-resources")
    assert counts(wages) == {"received": 12, "created": 1, "rejected": 11, "doubtful": 1}
    assert rules(wages) == {
        "reject list_type.codes": 9,  # debtors of courts, and 重大劳动保障违法, which is publicity and no list
        "reject subject_code.one-of-required": 2,  # nobody is taken in by name alone
        "doubt listed-on-given": 12,
        "doubt listing-basis-given": 12,
        "doubt reason-given": 2,
        "warn column.unknown": 2,  # case number and amount belong to the other item
        "warn subject.unknown": 1,
    }
    debtors = take_in(file, "judgment-defaulter", "court")
    assert counts(debtors) == {"received": 12, "created": 6, "rejected": 6, "warned": 6}
    assert rules(debtors) == {
        "reject case_number.required": 6,
        "reject subject_code.one-of-required": 2,
        "warn column.unknown": 1,
        "warn subject.unknown": 6,
    }
    stored = [row for row in rows_of(file) if row["执行案号"]]
    assert Record.objects.filter(item="judgment-defaulter", held=False).count() == len(stored) == 6


def test_debtors_under_a_number_that_is_no_code_are_rejected(mixed: Path) -> None:
    batch = take_in(mixed / "judgment_debtors.csv", "judgment-defaulter", "court")
    assert counts(batch) == {"received": 5, "rejected": 5} and rules(batch) == {"reject subject_code.subject_code": 5}


def test_two_lists_in_one_table_are_told_apart_once_their_subjects_have_codes(mixed: Path, tmp_path: Path) -> None:
    """As published nobody has a code, and all are rejected; with codes made up by this test each list takes its rows."""
    file = mixed / "abnormal_and_serious_lists.csv"
    for item in ("abnormal", "serious-list"):
        bare = submit(file, item, "market-regulation")
        assert counts(bare) == {"received": 15, "rejected": 15}
        assert rules(bare)["reject subject_code.one-of-required"] == 15
    rows = rows_of(file)
    for number, row in enumerate(rows):
        row["统一社会信用代码"] = make_uscc("9", "1", "320500", f"QX28{number:04d}")
    coded = write(tmp_path / "coded.csv", rows)
    abnormal = take_in(coded, "abnormal", "market-regulation")
    assert counts(abnormal) == {"received": 15, "created": 7, "rejected": 8, "warned": 7}
    assert rules(abnormal) == {"reject list_kind.codes": 8, "warn subject.unknown": 7}
    serious = take_in(coded, "serious-list", "market-regulation")
    assert counts(serious) == {"received": 15, "created": 8, "rejected": 7, "doubtful": 8}
    assert rules(serious) == {
        "reject list_type.codes": 7,
        "doubt listing-basis-given": 15,
        "warn source.late": 15,
        "warn subject.unknown": 8,
    }
    rejected = blamed(abnormal, "list_kind.codes"), blamed(serious, "list_type.codes")
    assert sorted([*rejected[0], *rejected[1]]) == list(range(1, 16)), "no row is lost between the two"


def test_discharge_permits_pass_as_licences_of_the_older_standard_but_for_a_code_with_a_letter_i(
    mixed: Path, tmp_path: Path
) -> None:
    """A permit's number begins with the holder's unified code; what the page says once is added by this test."""
    rows = rows_of(mixed / "discharge_permits.csv")
    for row in rows:
        row["统一社会信用代码"] = row["排污许可证编号"][:18]
        row["行政许可决定文书号"] = row["排污许可证编号"]
        row |= {
            "行政许可决定文书名称": "排污许可证",
            "许可类别": "普通",
            "许可内容": "排放污染物",
            "许可机关": "主管部门",
        }
        row["地方编码"] = "320000"
    batch = take_in(write(tmp_path / "permits.csv", rows), "licence", "ecology-environment")
    assert counts(batch) == {"received": 8, "created": 7, "rejected": 1, "warned": 7}
    (wrong,) = blamed(batch, "subject_code.subject_code")
    assert uscc_problem(rows[wrong - 1]["统一社会信用代码"]) == "alphabet"
    assert rules(batch)["warn column.unknown"] == 2


def test_document_numbers_in_all_their_spellings_are_taken_and_kept_apart(shared_data: Path, tmp_path: Path) -> None:
    numbers = [row["document_number"] for row in rows_of(shared_data / "document-numbers" / "document_numbers_dev.csv")]
    file = write_penalties(tmp_path / "penalties.csv", [penalty(n, CF_WSH=text) for n, text in enumerate(numbers)])
    batch = take_in(file, "penalty", "ecology-environment")
    assert counts(batch) == {"received": 13, "created": 13, "warned": 13}
    assert rules(batch) == {"warn subject.unknown": 13}
