"""Every wrong file is refused with file, line, what was found and what was expected (design.md section 5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengxin.policy import PolicyError, load

PENALTY = "national/catalogue/penalty.toml"
REGISTRATION = "national/catalogue/registration.toml"
AGENCIES = "national/agencies.toml"
PUBLICITY = "national/disclosure-2026.toml"

# file, text to change, its replacement, text on the line named, words of `found`, words of `expected`
WRONG = [
    (PENALTY, 'category = "administrative-management"', 'category = "gossip"', "gossip", "'gossip'", "registration"),
    (PENALTY, 'disclosure = "public"\nsharing', 'disclosur = "public"\nsharing', "disclosur =", "`disclosur`", "`disclosure`"),
    (PENALTY, 'label = "行政处罚"\n', "", "[item]", "nothing", "`label`"),
    (PENALTY, 'type = "code_set"', 'type = "codeset"', 'type = "codeset"', "'codeset'", "'code_set'"),
    (PENALTY, 'table = "penalty_kinds"', 'table = "penalty_kind"', 'table = "penalty_kind"', "penalty_kind", "penalty_kinds"),
    (PENALTY, 'table = "penalty_kinds"\n', "", 'type = "code_set"', "no table", "`table`"),
    (PENALTY, 'example = "罚款"', 'example = "罚钱"', "罚钱", "罚钱", "警告"),
    (PENALTY, 'example = "2026-03-02"', 'example = "2026-02-30"', "2026-02-30", "2026-02-30", "type date"),
    (PENALTY, 'example = "0.5"\n', "", 'id = "fine"', "no example", "`example`"),
    (PENALTY, 'publicity = "penalty"', 'publicity = "penalties"', 'publicity = "penalties"', "penalties", "penalty"),
    (PENALTY, 'publicity = "penalty"\n', "", "disclosure =", "without publicity", "`publicity`"),
    (PENALTY, 'subjects = ["organisation"', 'subjects = ["natural_person"', "subjects =", "natural persons", "not_public"),
    (PENALTY, 'title = "document_number"', 'title = "document_no"', "title =", "does not exist", "document_number"),
    (PENALTY, 'key = ["document_number"', 'key = ["representative_id"', "key =", "dropped field", "kept field"),
    (PENALTY, 'not_before = "decided_on"', 'not_before = "decided"', "not_before", "decided", "decided_on"),
    (PENALTY, "effective = { from = 2026-02-01 }", 'effective = { from = "soon" }', "effective", "'soon'", "2026-03-01"),
    (PENALTY, "from = 2026-02-01 }", "from = 2026-02-01, to = 2025-01-01 }", "effective", "to =", "after"),
    (PENALTY, ", assumed = true, note =", ", assumed = true, nota =", "retention", "`nota`", "`note`"),
    (PENALTY, ', note = "保存期限未读到原文"', "", "retention", "without a note", "`note`"),
    (PENALTY, "working_days = 7", "working_days = 0", "timeliness", "0", "greater than 0"),
    (PENALTY, "levels = { codes", "levels = { code", "levels =", "levels for code", "constraints that the field has"),
    (PENALTY, "fine <= 3000", "fines <= 3000", "fines <= 3000", "the column fines", "fine"),
    (PENALTY, "fine <= 3000", "fine <= (select 1)", "(select 1)", "", "rule dialect"),
    (PENALTY, "fine <= 3000", "fine <=", "fine <=", "no expression", "SQL"),
    (PENALTY, "list_contains(penalty_kinds, '罚款')", "sniff(fine)", "sniff", "sniff", "list_contains"),
    (PENALTY, "test = \"procedure = '简易程序' OR", "test = \"proc = '简易程序' OR", "proc =", "proc", "procedure"),
    (PENALTY, 'bad = [{ procedure = "简易程序", fine = "0.31" }]\n', "", "[[rule]]", "nothing", "`bad`"),
    (PENALTY, 'good = [{ procedure = "简易程序"', 'good = [{ proceeding = "简易程序"', "proceeding", "proceeding", "procedure"),
    (PENALTY, 'id = "simplified-fine-limit"', 'id = "suspended-certificate-named"', 'id = "susp', "a second rule", "once"),
    (PENALTY, 'message = "程序写的是', 'message = "格式错误。" # "', "格式错误", "格式错误", "a sentence"),
    (PENALTY, 'level = "general"', 'level = "general"\ntest = "TRUE"', 'test = "TRUE"', "a test", "no test"),
    (PUBLICITY, 'natural_persons = "never"', 'natural_persons = "never"\nat_maximum = "stop"', "at_maximum", "", ""),
    (PENALTY, 'kind = "catalogue"', 'kind = "catalog"', "kind =", "'catalog'", "catalogue"),
    (PENALTY, 'kind = "catalogue"', 'kind = "reports"', "kind =", "later version", "catalogue"),
    (PENALTY, "[item]", "cycle2 = 1\n[item]", "cycle2", "`cycle2`", "kind"),
    (PENALTY, 'version = "2026.1"', 'version = "2026.1', 'version = "2026.1', "no TOML", "TOML"),
    (PENALTY, 'aliases = ["相对人名称", "企业名称"]', 'aliases = ["处罚类别"]', 'label = "处罚类别"', "", ""),
    (PENALTY, '"自然人" = "natural_person"', '"人" = "natural_person"', "subject_kinds", "'人'", "自然人"),
    (PENALTY, "unit = ", "length = ", "length =", "'wan'", "a whole number"),
    (PENALTY, 'unit = "wan"\n', 'unit = "wan"\npattern = "[0-9]+"\n', "pattern =", "without bad", "`bad`"),
    (REGISTRATION, 'pattern = "[0-9]{6}"', 'pattern = "(?=[0-9]{6})"', "pattern =", "(?=", "RE2"),
    (REGISTRATION, 'pattern = "[0-9]{6}"', 'pattern = "[0-9{6}"', "pattern =", "broken", "RE2"),
    (PENALTY, 'nature = "adverse"', 'nature = "adverse"\ncommitments = true', "item", "without record.status", "`status`"),
    (REGISTRATION, 'mask = "phone"', 'mask = "fog"', "mask =", "'fog'", "'phone'"),
    (REGISTRATION, 'id = "capital"', 'id = "staff"', 'id = "staff"', "", "once"),
    (REGISTRATION, 'id = "capital"', 'id = "today"', 'id = "today"', "today", "other than"),
    (REGISTRATION, 'id = "capital"', 'id = "资金"', "资金", "资金", "small letters"),
    (REGISTRATION, "min = 0\n", 'min = "none"\n', "min =", "'none'", "a number"),
    (REGISTRATION, 'type = "date"', 'type = "text"', "not_future", "not_future", '"date"'),
    (REGISTRATION, 'label = "地区"', 'label = "注册资金"', 'label = "注册资金"', "heading", "one field"),
    (AGENCIES, 'region = "320000"', 'region = "999999"', "region =", "999999", "regions"),
    (AGENCIES, 'id = "penalty", reason', 'id = "penalties", reason', "penalties", "penalties", "penalty"),
    (AGENCIES, 'reason = "登记机关"', 'because = "登记机关"', "because", "because", "reason"),
    (PUBLICITY, "2026-04-01", "2026-03-01", "effective", "disclosure-2023", "overlap"),
    (PUBLICITY, 'severity = "minor"', 'severity = "tiny"', "tiny", "'tiny'", "'minor'"),
    (PUBLICITY, ', max_months = 12', "", "general", "without max_months", "max_months"),
    (PUBLICITY, 'natural_persons = "never"', 'natural_persons = "sometimes"', "natural_persons", "sometimes", "never"),
    (PUBLICITY, 'pick_by = "decided"', 'pick_by = "document"', "pick_by", "document", "decided"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "found", "expected"), WRONG, ids=[f"{w[2][:40]!r}" for w in WRONG]
)
def test_wrong_file_is_refused(province, file, old, new, at, found, expected) -> None:
    province.edit(file, old, new)
    problems = province.problems()
    rows = (province.folder / file).read_text("utf-8").splitlines()
    named = [p for p in problems if p.file == file and p.line and at in rows[p.line - 1]]
    assert named, "\n".join(map(str, problems))
    assert any(found in p.found and expected in p.expected for p in named), "\n".join(map(str, problems))


@pytest.mark.parametrize(
    "file", [PENALTY, AGENCIES, PUBLICITY, "national/codes/regions.toml", "national/forbidden.toml"]
)
def test_nothing_loads_without_a_basis(province, file) -> None:
    text = (province.folder / file).read_text("utf-8")
    at = text.index("\nbasis")
    end = text.index("\n]", at) + 2 if text[at : at + 12].rstrip().endswith("[") else text.index("\n", at + 1)
    province.write(file, text[:at] + text[end:])
    assert any(p.file == file and p.expected == "the key `basis`" for p in province.problems())


def test_a_list_of_bases_may_not_be_empty(province) -> None:
    province.edit(AGENCIES, 'basis = "test"', "basis = []")
    (problem,) = province.problems()
    assert problem.line == province.line(AGENCIES, "basis = []") and problem.expected == "at least one"


def test_all_faults_of_all_files_come_at_once(province) -> None:
    province.edit(PENALTY, 'category = "administrative-management"', 'category = "gossip"')
    province.edit(REGISTRATION, 'mask = "phone"', 'mask = "fog"')
    province.edit(AGENCIES, 'region = "320000"', 'region = "999999"')
    assert {p.file for p in province.problems()} == {PENALTY, REGISTRATION, AGENCIES}


def test_one_fault_is_told_once(province) -> None:
    """An item that does not load is not also missed by the agency that submits it."""
    province.edit(PENALTY, 'label_en = "Administrative penalty"\n', "")
    (problem,) = province.problems()
    assert (problem.file, problem.expected) == (PENALTY, "the key `label_en`")


def test_the_error_reads_as_a_sentence(province) -> None:
    province.edit(PENALTY, 'type = "code_set"', 'type = "codeset"')
    with pytest.raises(PolicyError) as caught:
        load(province.folder)
    error = caught.value
    assert str(error).startswith(f"{PENALTY}:{error.line}: field[10].type: found 'codeset'; expected one of 'text'")
    assert error.file == PENALTY and error.found == "'codeset'"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"label": "宗教信仰"}, "宗教"),
        ({"label": "宗 教 信 仰"}, "宗教"),
        ({"label": "宗·教"}, "宗教"),
        ({"id": "blood_type"}, "blood type"),
        ({"id": "gene_test"}, "gene"),
        ({"label_en": "Religious belief"}, "religious"),
        ({"aliases": "血 型"}, "血型"),
        ({"codes": "ZRR_DNA"}, "DNA"),
        ({"label": "基因检测"}, "基因"),
    ],
)
def test_forbidden_data_cannot_be_declared(province, change, words) -> None:
    field = {"id": "extra", "label": "补充", "label_en": "Extra", **change}
    rows = [f'{k} = ["{v}"]' if k in ("aliases", "codes") else f'{k} = "{v}"' for k, v in field.items()]
    text = (province.folder / REGISTRATION).read_text("utf-8")
    province.write(REGISTRATION, text + "\n[[field]]\n" + "\n".join(rows) + '\nexample = "x"\n')
    (problem,) = province.problems()
    assert words in problem.found and "forbidden.toml" in problem.expected
    assert problem.line == province.line(REGISTRATION, f'id = "{field["id"]}"')


def test_harmless_words_are_not_mistaken_for_forbidden_ones(province) -> None:
    text = (province.folder / REGISTRATION).read_text("utf-8")
    harmless = (
        '\n[[field]]\nid = "general_terms"\nlabel = "宗教活动场所登记证号"\nlabel_en = "General"\nexample = "x"\n'
    )
    province.write(REGISTRATION, text + harmless)
    assert province.load()


def test_the_list_of_forbidden_data_cannot_be_left_out(province) -> None:
    (province.folder / "national/forbidden.toml").unlink()
    (problem,) = province.problems()
    assert problem.found == "no list of forbidden data"


def test_an_overlap_of_two_versions_is_refused(province) -> None:
    text = (province.folder / PENALTY).read_text("utf-8")
    province.write("national/catalogue/penalty-2027.toml", text.replace("2026-02-01", "2027-01-01"))
    (problem,) = province.problems()
    assert "penalty" in problem.found and "overlap" in problem.expected


@pytest.mark.parametrize(
    ("csv", "line", "found"),
    [
        ("code,label\nA,甲\nB,甲\n", 3, "'甲'"),
        ("code,label,aliases\nA,甲,\nB,乙,甲|丙\n", 3, "'甲'"),
        ("code,label\nA,甲,丙\n", 2, "3 cells"),
        ("code,label,name\nA,甲,x\n", 1, "'name'"),
        ("code,label\n,甲\n", 2, "nothing"),
        ("code,label,parent\nA,甲,Z\n", 2, "'Z'"),
        ("code,label,from\nA,甲,昨天\n", 2, "'昨天'"),
        ("code,label,assumed\nA,甲,true\n", 2, "without a note"),
    ],
)
def test_a_code_table_is_unambiguous(province, csv, line, found) -> None:
    province.write("national/codes/things.csv", csv)
    head = (province.folder / "national/codes/procedures.toml").read_text("utf-8")
    province.write("national/codes/things.toml", head.replace('id = "procedures"', 'id = "things"'))
    problems = province.problems()
    assert [(p.file, p.line) for p in problems][:1] == [("national/codes/things.csv", line)]
    assert found in problems[0].found


def test_a_csv_without_a_head_and_a_head_without_a_csv(province) -> None:
    province.write("national/codes/lonely.csv", "code,label\n")
    (province.folder / "national/codes/procedures.csv").unlink()
    assert {(p.file, p.found) for p in province.problems()} >= {
        ("national/codes/lonely.csv", "a code table without a head"),
        ("national/codes/procedures.csv", "no such file"),
    }


def test_a_second_table_or_agency_of_one_name_is_refused(province) -> None:
    for suffix in ("toml", "csv"):
        shutil_copy(
            province.folder / f"national/codes/procedures.{suffix}", province.folder / f"other/procedures.{suffix}"
        )
    shutil_copy(province.folder / AGENCIES, province.folder / "other/agencies.toml")
    found = [p.found for p in province.problems()]
    assert any("second code table 'procedures'" in f for f in found)
    assert any("second agency 'market-regulation'" in f for f in found)


def shutil_copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())


def test_a_broken_holiday_table_is_refused(province) -> None:
    province.write("national/codes/holidays.csv", "date,kind\n2026-01-01,holiday\n")
    (problem,) = province.problems()
    assert problem.file == "national/codes/holidays.csv" and "holiday" in problem.found


def test_bytes_that_are_no_text_and_folders_that_are_not_there(province, tmp_path) -> None:
    (province.folder / AGENCIES).write_bytes("机构".encode("gb18030"))
    assert any(p.file == AGENCIES and "UTF-8" in p.expected for p in province.problems())
    with pytest.raises(PolicyError, match="no such folder"):
        load(tmp_path / "nowhere")
