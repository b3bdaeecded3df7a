"""What is given to others: Table Schema, Data Package, the XLSX template, and the list of changes."""

from __future__ import annotations

import io
import json
from datetime import date

import frictionless
import openpyxl
import pytest

from chengxin.policy.diff import diff
from chengxin.policy.publish import data_package, table_schema
from chengxin.policy.template import DATA, GUIDE, LISTS, heading, xlsx_template

PENALTY = "national/catalogue/penalty.toml"


# -- Frictionless --------------------------------------------------------------------------------------------------


def test_table_schema_is_one(policies, today) -> None:
    for item in policies.items(today):
        schema = json.loads(json.dumps(table_schema(item, policies)))
        assert list(frictionless.Schema.metadata_validate(schema)) == []
        assert [f["name"] for f in schema["fields"]] == [f.id for f in item.kept_fields]


def test_table_schema_carries_the_constraints(policies, today) -> None:
    schema = table_schema(policies.item("penalty", today), policies)
    fields = {f["name"]: f for f in schema["fields"]}
    assert fields["document_number"]["constraints"] == {"required": True, "maxLength": 128}
    assert fields["subject_kind"]["constraints"]["enum"] == ["法人及非法人组织", "个体工商户", "自然人"]
    assert fields["fine"]["type"] == "number" and fields["fine"]["constraints"]["maximum"] == 1000000
    assert fields["decided_on"]["type"] == "date"
    assert fields["decided_on"]["title"] == "处罚决定日期" and "2026-03-01" in fields["decided_on"]["description"]
    assert schema["primaryKey"] == ["document_number", "authority_code"]
    assert [d["name"] for d in schema["chengxin:dropped"]] == ["representative_id"]
    registration = {f["name"]: f for f in table_schema(policies.item("registration", today), policies)["fields"]}
    assert registration["postcode"]["constraints"] == {"minLength": 6, "pattern": "[0-9]{6}"}
    assert registration["subject_code"]["constraints"] == {"required": True, "unique": True}
    assert registration["staff"]["constraints"] == {"minimum": 0, "maximum": 1000000}


def test_data_package_is_one(policies, today) -> None:
    package = json.loads(json.dumps(data_package(policies, today)))
    assert list(frictionless.Package.metadata_validate(package)) == []
    assert [r["name"] for r in package["resources"]] == ["penalty", "registration"]
    assert [r["name"] for r in data_package(policies, date(2021, 1, 1))["resources"]] == ["registration"]


def test_the_published_schema_accepts_a_good_row_and_refuses_a_bad_one(policies, today) -> None:
    item = policies.item("penalty", today)
    good = {f.id: f.example or "" for f in item.kept_fields}
    for row, valid in (
        (good, True),
        ({**good, "subject_kind": "路人"}, False),
        ({**good, "decided_on": "三月"}, False),
    ):
        schema = frictionless.Schema.from_descriptor(table_schema(item, policies))
        resource = frictionless.Resource(data=[list(row), list(row.values())], schema=schema)
        assert resource.validate().valid is valid


# -- template ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(policies, today) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx_template(policies.item("penalty", today), policies, today)))


def test_template_has_a_header_and_no_data(book, policies, today) -> None:
    item = policies.item("penalty", today)
    sheet = book[DATA]
    assert [c.value for c in sheet[1]] == [heading(f) for f in item.kept_fields]
    assert all(cell.value is None for row in sheet.iter_rows(min_row=2) for cell in row)
    assert "法定代表人证件号码" not in [c.value for c in sheet[1]]
    assert sheet.freeze_panes == "A2"


def test_template_explains_every_column_in_a_note(book, policies, today) -> None:
    for cell, field in zip(book[DATA][1], policies.item("penalty", today).kept_fields, strict=True):
        assert cell.comment is not None and f"示例：{field.example}" in cell.comment.text
        assert ("必填" in cell.comment.text) == (field.required or field.required_when is not None)
        assert (cell.fill.fgColor.rgb == "FFC00000") == field.required


def test_template_has_drop_downs_for_coded_columns(book, policies, today) -> None:
    item = policies.item("penalty", today)
    coded = [n for n, f in enumerate(item.kept_fields) if f.table]
    ranges = {str(v.sqref).split(":")[0].rstrip("0123456789"): v for v in book[DATA].data_validations.dataValidation}
    assert len(ranges) == len(coded) == 3
    letters = [openpyxl.utils.get_column_letter(n + 1) for n in coded]
    assert set(letters) == set(ranges)
    assert "法人及非法人组织" in ranges[letters[0]].formula1
    assert ranges[letters[0]].errorStyle in (None, "stop") and ranges[letters[1]].errorStyle == "information"


def test_template_keeps_leading_zeros_and_dates(book, policies, today) -> None:
    formats = {}
    for n, field in enumerate(policies.item("penalty", today).kept_fields, 1):
        dimension = book[DATA].column_dimensions[openpyxl.utils.get_column_letter(n)]
        formats[field.id] = dimension.number_format
    assert formats["authority_code"] == formats["document_number"] == "@"
    assert formats["decided_on"] == "yyyy-mm-dd"
    assert formats["fine"] == "0.######"


def test_template_tells_the_rules_on_a_second_sheet(book, policies, today) -> None:
    texts = {str(c.value) for row in book[GUIDE].iter_rows() for c in row if c.value}
    item = policies.item("penalty", today)
    assert {f.label for f in item.kept_fields} <= texts
    assert {f.example for f in item.kept_fields} <= texts
    assert {r.id for r in policies.rules("penalty", today)} <= texts
    assert any("不要报送的栏目" in t and "法定代表人证件号码" in t for t in texts)


def test_long_code_lists_stand_on_a_hidden_sheet(province, today) -> None:
    rows = "".join(f"33{n:04d},某某省某某市第{n}区,\n" for n in range(600))
    head = "code,label,aliases\n320000,江苏省,\n320505,苏州市虎丘区,虎丘区\n"
    province.write("national/codes/regions.csv", head + rows)
    policies = province.load()
    book = openpyxl.load_workbook(io.BytesIO(xlsx_template(policies.item("registration", today), policies, today)))
    assert book[LISTS].sheet_state == "hidden"
    assert book[LISTS]["A2"].value == "苏州市虎丘区"
    (validation,) = book[DATA].data_validations.dataValidation
    assert validation.formula1 == f"{LISTS}!$A$1:$A$602"


def test_old_codes_are_not_offered(province, today) -> None:
    province.write("national/codes/procedures.csv", "code,label,to\n1,简易程序,\n2,普通程序,\n3,一般程序,2021-07-14\n")
    policies = province.load()
    assert policies.codes("procedures").lookup["3"] == "一般程序"
    book = openpyxl.load_workbook(io.BytesIO(xlsx_template(policies.item("penalty", today), policies, today)))
    lists = [v.formula1 for v in book[DATA].data_validations.dataValidation]
    assert '"简易程序,普通程序"' in lists


# -- differences ---------------------------------------------------------------------------------------------------


def changes(a, b) -> list[str]:
    return [str(d) for d in diff(a, b)]


def test_no_difference(policies, province) -> None:
    assert changes(policies, province.load()) == []


def test_differences_are_told_field_by_field_and_rule_by_rule(policies, province) -> None:
    province.edit(PENALTY, "length = 128", "length = 64")
    province.edit(PENALTY, 'aliases = ["相对人名称", "企业名称"]', 'aliases = ["相对人名称"]')
    province.edit(PENALTY, "fine <= 3000", "fine <= 5000")
    province.edit(PENALTY, 'id = "procedure"', 'id = "procedure_kind"')
    for _ in range(4):
        province.edit(PENALTY, "procedure =", "procedure_kind =")
    for old in ('"procedure <> ', "test = \"procedure = '"):
        text = (province.folder / PENALTY).read_text("utf-8")
        if old in text:
            province.edit(PENALTY, old, old.replace("procedure", "procedure_kind"))
    province.edit("national/codes/procedures.csv", "普通程序", "一般程序")
    province.edit(PENALTY, 'example = "普通程序"', 'example = "一般程序"')
    province.edit("national/disclosure-2026.toml", "max_months = 12 }", "max_months = 18 }")
    province.edit("national/quality.toml", "intake = 0.95", "intake = 0.96")
    told = changes(policies, province.load())
    assert "item penalty 2026.1 field document_number length: 128 → 64" in told
    assert "item penalty 2026.1 field subject_name aliases: [相对人名称, 企业名称] → [相对人名称]" in told
    assert "item penalty 2026.1 field procedure_kind: added (处罚程序)" in told
    assert "item penalty 2026.1 field procedure: removed (处罚程序)" in told
    assert any(
        t.startswith("item penalty 2026.1 rule simplified-fine-limit test: ") and t.endswith("fine <= 5000")
        for t in told
    )
    assert "table procedures row 2 label: 普通程序 → 一般程序" in told
    assert any(t.startswith("publicity penalty 36 period") and "12" in t and "18" in t for t in told)
    assert "quality 2024 intake: 0.95 → 0.96" in told


def test_items_and_versions_that_come_and_go(policies, province) -> None:
    text = (province.folder / PENALTY).read_text("utf-8")
    newer = text.replace('version = "2026.1"', 'version = "2027.1"').replace("2026-02-01", "2027-01-01")
    province.write("national/catalogue/penalty-2027.toml", newer.replace("length = 128", "length = 64"))
    province.edit(PENALTY, "effective = { from = 2026-02-01 }", "effective = { from = 2026-02-01, to = 2026-12-31 }")
    (province.folder / "national/catalogue/registration.toml").unlink()
    province.edit("national/agencies.toml", '  { id = "registration", reason = "登记机关" },\n', "")
    told = changes(policies, province.load())
    assert "item registration: removed (登记注册基本信息)" in told
    assert "item penalty 2026.1 effective to: nothing → 2026-12-31" in told
    assert "item penalty 2027.1: added (in force 2027-01-01 – …; compared with 2026.1)" in told
    assert "item penalty 2027.1 field document_number length: 128 → 64" in told
    assert "agency market-regulation items registration: removed" in told
    assert "item registration: added (登记注册基本信息)" in changes(province.load(), policies)
