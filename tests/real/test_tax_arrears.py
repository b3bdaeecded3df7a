"""An announcement of 2015 knows its debtors by old tax numbers alone; the organisation code inside leads to the subject.

Requirements: R-071 (identifiers), F-05. The registrations are made by the test from the announcement's own numbers, with
codes of invented registrars: position 9 to 17 of a unified code is the organisation code.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from chengxin.registry.models import Identifier, Record, RecordVersion, Subject
from chengxin.registry.queries import find_subject, records_of
from chengxin.standards.tax_number import tax_number_organisation_code
from chengxin.standards.uscc import make_uscc

from .way import Row, counts, rows_of, rules, take_in, write

pytestmark = [pytest.mark.shared_data, pytest.mark.usefixtures("store")]
ARREARS = ("tax-arrears", "taxation")
REGISTER = ("registration", "market-regulation")


@pytest.fixture
def announcement(shared_data: Path) -> Path:
    return shared_data / "tax-arrears" / "tax_arrears_foshan_2015q2.csv"


def code_of(row: Row) -> str:
    """The unified code that the debtor would have been given, by its organisation code."""
    organisation = tax_number_organisation_code(row["纳税人识别号"]) or ""
    code = make_uscc("9", "1", "440605", organisation[:8])
    assert code[8:17] == organisation
    return code


def registrations(rows: list[Row], path: Path) -> Path:
    return write(path, [{"企业名称": row["纳税人名称"], "统一社会信用代码": code_of(row)} for row in rows])


def test_every_debtor_is_taken_in_under_its_old_tax_number(announcement: Path) -> None:
    batch = take_in(announcement, *ARREARS)
    assert counts(batch) == {"received": 104, "created": 104, "warned": 104}
    assert rules(batch) == {"warn subject.unknown": 104}
    subjects = Subject.objects.filter(scheme="tax_number", provisional=True)
    assert subjects.count() == Subject.objects.count() == len({row["纳税人识别号"] for row in rows_of(announcement)})


def test_amounts_in_ten_thousands_with_sixteen_decimals_arrive_to_the_fen(announcement: Path) -> None:
    """What looks like 0.25…96 万元 is the rounding of the office's spreadsheet and no thousandth of a fen."""
    take_in(announcement, *ARREARS)
    kept = sorted(Decimal(json.loads(p)["balance"]) for p in RecordVersion.objects.values_list("payload", flat=True))
    owed = sorted((Decimal(row["欠税余额"]) * 10_000).quantize(Decimal("0.01")) for row in rows_of(announcement))
    assert kept == owed and max(len(row["欠税余额"]) for row in rows_of(announcement)) > 17


def test_where_the_registration_is_known_the_old_tax_number_leads_to_it(announcement: Path, tmp_path: Path) -> None:
    rows = rows_of(announcement)
    codes = [code_of(row) for row in rows]
    half = set(codes[::2])
    registered = [row for row, code in zip(rows, codes, strict=True) if code in half]
    take_in(registrations(registered, tmp_path / "registrations.csv"), *REGISTER)
    batch = take_in(announcement, *ARREARS)
    unknown = sum(code not in half for code in codes)
    assert rules(batch) == {"warn subject.unknown": unknown} and 0 < unknown < 104
    owing = Record.objects.filter(item="tax-arrears")
    assert owing.filter(subject__code__in=half, subject__provisional=False).count() == 104 - unknown
    assert owing.filter(subject__scheme="tax_number", subject__provisional=True).count() == unknown


def test_a_registration_that_arrives_later_takes_over_what_stood_under_the_old_number(
    announcement: Path, tmp_path: Path
) -> None:
    rows = rows_of(announcement)
    take_in(announcement, *ARREARS)
    batch = take_in(registrations(rows, tmp_path / "registrations.csv"), *REGISTER)
    assert batch.rejected == batch.doubtful == 0
    assert not Subject.objects.exclude(scheme="uscc", provisional=False).exists()
    assert Subject.objects.count() == len({code_of(row) for row in rows})
    assert set(Identifier.objects.filter(scheme="tax_number").values_list("value", flat=True)) == {
        row["纳税人识别号"] for row in rows
    }
    for row in rows[::20]:
        subject = find_subject(row["纳税人识别号"])
        assert subject is not None and subject.code == code_of(row), "the old number still finds it"
        assert {view.head.item for view in records_of(subject)} == {"registration", "tax-arrears"}
