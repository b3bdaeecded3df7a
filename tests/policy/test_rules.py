"""Every rule shows itself: its good examples pass, its bad ones fail, its words say what to do (R-049)."""

from __future__ import annotations

import re
from datetime import date

import pytest

from chengxin.paths import repo_root
from chengxin.policy import load, severity_sql
from chengxin.policy.check import check, examples_of
from chengxin.policy.messages import TEMPLATES

PENALTY = "national/catalogue/penalty.toml"
REGISTRATION = "national/catalogue/registration.toml"
BARE = ("格式错误", "数据错误", "校验失败")


def test_every_example_of_every_rule_holds(policies, runner) -> None:
    report = check(policies.folder, runner)
    assert report.ok, "\n".join(map(str, (*report.problems, *report.faults)))
    assert report.examples > 150


def test_every_rule_with_a_test_has_both_kinds_of_examples(policies) -> None:
    for compiled in policies.compiled:
        for rule in compiled.rules:
            assert bool(rule.test) == bool(rule.good and rule.bad), rule.id
            assert bool(rule.test) == (rule.stage in ("form", "meaning")), rule.id


def test_every_kind_of_rule_is_used_somewhere(policies) -> None:
    persons = load(repo_root() / "policies").rules("practitioner", date.today())  # the packs of the tests know none
    used = {rule.kind for compiled in policies.compiled for rule in compiled.rules} - {"written"}
    used |= {rule.kind for rule in persons if rule.kind == "subject.minor"}
    assert used == set(TEMPLATES)


def test_messages_say_what_was_found_and_what_to_do(policies) -> None:
    for compiled in policies.compiled:
        for rule in compiled.rules:
            for text in (rule.message, rule.message_en, rule.expected, rule.expected_en):
                assert text and not set(re.findall(r"\{(\w+)\}", text)) - {"found", "expected"}, rule.id
            assert len(rule.message) > 15 and "请" in rule.message, rule.id
            assert not any(bare in rule.message for bare in BARE), rule.id
            assert rule.basis, rule.id


def test_rule_ids_are_unique_and_stable(policies, today) -> None:
    ids = [rule.id for rule in policies.rules("penalty", today)]
    assert len(set(ids)) == len(ids)
    assert {
        "penalty.subject_name.required", "penalty.subject_name.length", "penalty.subject_code.subject_code",
        "penalty.authority_code.uscc", "penalty.authority_code.inner", "penalty.penalty_kinds.codes",
        "penalty.decided_on.date", "penalty.decided_on.not_future", "penalty.valid_until.not_before",
        "penalty.fine.amount", "penalty.fine.required_when", "penalty.suspended-certificate-named",
        "penalty.key.duplicate", "penalty.row.repeated", "penalty.subject.unknown", "penalty.subject.name-contradicts",
        "penalty.key.other-source", "penalty.subject.kind", "penalty.source.late", "penalty.column.unknown",
        "penalty.column.missing",
    } <= set(ids)  # fmt: skip


def test_a_rule_names_every_field_it_reads(policies) -> None:
    """The engine runs a rule of one field over that field's distinct values alone, so none may read another unseen."""
    for compiled in policies.compiled:
        ids = {f.id for f in compiled.item.kept_fields}
        for rule in compiled.rules:
            read = {name.removesuffix("_text") for name in re.findall(r'"(\w+)"', rule.test)}
            assert read & ids <= set(rule.fields), rule.id
            assert set(rule.fields) <= ids, rule.id


def test_levels(policies, today) -> None:
    levels = {rule.id: rule.level for rule in policies.rules("penalty", today)}
    assert levels["penalty.subject_code.legacy"] == "warn"
    assert levels["penalty.authority_code.inner"] == "doubt"
    assert levels["penalty.registration_number.registration_number"] == "doubt"
    assert levels["penalty.procedure.codes"] == "doubt"  # lowered by the field
    assert levels["penalty.penalty_kinds.codes"] == "reject"
    assert levels["penalty.source.late"] == "warn"


def test_dropped_columns_have_no_rules_and_cannot_be_read(policies, today, province) -> None:
    item = policies.item("penalty", today)
    assert not item.field("representative_id").kept
    assert not any("representative_id" in rule.fields for rule in policies.rules("penalty", today))
    province.edit(PENALTY, "fine <= 3000", "representative_id IS NULL")
    assert any("representative_id" in p.found for p in province.problems())


def ask(policies, run, rule: str, row: dict[str, str]) -> bool | None:
    item, on = rule.partition(".")[0], date(2026, 11, 21)
    found = next(r for r in policies.rules(item, on) if r.id == rule)
    (answer,) = run(policies.item(item, on), [(found, row)])
    assert not isinstance(answer, Exception), answer
    return answer


@pytest.mark.parametrize(
    ("rule", "row", "answer"),
    [
        # absence passes everything but `required` and its kin
        ("penalty.authority_code.uscc", {}, None),
        ("penalty.penalty_kinds.codes", {}, True),
        ("penalty.decided_on.required", {"decided_on": " \u3000"}, False),
        # a filler is no value where one is required, and nothing where none is
        ("penalty.authority_code.filler", {"authority_code": "00000000000000000X"}, False),
        ("penalty.organisation_code.organisation_code", {"organisation_code": "无"}, True),
        ("penalty.organisation_code.filler", {"organisation_code": "无"}, False),
        ("penalty.valid_until.date", {"valid_until": "/"}, True),
        ("penalty.valid_until.filler", {"valid_until": "/"}, False),
        ("penalty.fine.required_when", {"penalty_kinds": "罚款", "fine": "无"}, False),
        # amounts in 万元 keep the fen
        ("penalty.fine.precision", {"fine": "0.000001"}, True),
        ("penalty.fine.precision", {"fine": "0.0000015"}, False),
        ("penalty.fine.amount", {"fine": "1,234.5"}, True),
        ("penalty.fine.amount", {"fine": "-1"}, False),
        ("penalty.fine.max", {"fine": "1000000"}, True),
        # sets are read to the last value, by code, alias and label
        ("penalty.penalty_kinds.codes", {"penalty_kinds": "警告,罚款"}, True),
        ("penalty.penalty_kinds.codes", {"penalty_kinds": "0；F"}, True),
        ("penalty.penalty_kinds.codes", {"penalty_kinds": "警告、罚金"}, False),
        ("penalty.penalty_kinds.codes", {"penalty_kinds": "、"}, False),
        # subject codes
        ("penalty.subject_code.subject_code", {"subject_code": "320500000012344"}, True),
        ("penalty.subject_code.subject_code", {"subject_code": "3205000000123"}, True),
        ("penalty.subject_code.subject_code", {"subject_code": "320102NA000123X"}, True),
        ("penalty.subject_code.subject_code", {"subject_code": "320500"}, False),
        ("penalty.subject_code.subject_code", {"subject_code": " 91350100m000100y43 "}, True),
        ("penalty.subject_code.inner", {"subject_code": "320500000012344"}, True),
        ("penalty.registration_number.registration_number", {"registration_number": "91350100M000100Y43"}, True),
        # lateness counts working days only near the limit
        ("penalty.source.late", {"decided_on": "2016-03-01"}, False),
        ("penalty.source.late", {"decided_on": "2026-11-20"}, True),
        ("penalty.source.late", {"decided_on": "2998-01-01"}, None),
        ("penalty.source.late", {"decided_on": "2026-09-30", "reported_on": "2026-10-15"}, True),
        ("penalty.source.late", {"decided_on": "2026-09-30", "reported_on": "2026-10-20"}, False),
        ("penalty.subject_code.one-of-required", {"tax_number": "x"}, True),
        ("penalty.subject_code.one-of-required", {"tax_number": "/", "subject_code": "无"}, False),
        ("penalty.subject.kind", {"subject_kind": "自然人"}, False),
        ("penalty.subject.kind", {"subject_kind": "01"}, False),
        ("penalty.document_number.document_number", {"document_number": "苏环罚字第一号"}, True),
        ("registration.report_year.year", {"report_year": "25"}, False),
        ("registration.report_year.year", {"report_year": "二〇二五"}, False),
        ("registration.staff.integer", {"staff": "12.5"}, False),
        ("registration.phone.phone", {"phone": "0512-65123456"}, True),
        ("registration.phone.phone", {"phone": "13912345678"}, True),
        ("registration.region.codes", {"region": "320505"}, True),
    ],
)  # fmt: skip
def test_what_passes_and_what_fails(policies, run, rule, row, answer) -> None:
    given = ask(policies, run, rule, row)
    assert (given is not False) == (answer is not False), (rule, row, given)


def test_an_amount_without_a_unit_problem(policies, run) -> None:
    """万元 columns are compared in yuan."""
    assert ask(policies, run, "penalty.simplified-fine-limit", {"procedure": "简易程序", "fine": "0.3"}) is True
    assert ask(policies, run, "penalty.simplified-fine-limit", {"procedure": "简易程序", "fine": "0.300001"}) is False


def test_a_listed_exception_passes_with_its_wrong_check_character(province, runner) -> None:
    wrong = {"subject_code": "91350100M000100Y44"}
    rule = "registration.subject_code.subject_code"
    before = province.load()
    assert ask(before, runner(before), rule, wrong) is False
    province.write("national/codes/uscc_exceptions.csv", "code,label\n91350100M000100Y44,登记机关发放时即如此\n")
    after = province.load()
    assert ask(after, runner(after), rule, wrong) is True


def test_personal_numbers_are_not_quoted_whole(policies, today) -> None:
    rules = {rule.id: rule for rule in policies.rules("penalty", today)}
    assert "****" in rules["penalty.officer_id.citizen_id"].found


def test_severity_takes_the_first_step_that_holds(policies, today, run) -> None:
    assert severity_sql(policies.severities("penalty", today)).startswith("CASE WHEN")
    assert severity_sql(policies.severities("registration", today)) == "'none'"
    compiled = next(c for c in policies.compiled if c.item.id == "penalty")
    steps = [e for e in examples_of(compiled) if e[0].kind == "severity" and e[2]]
    assert len(steps) == 2
    assert run(compiled.item, [(rule, row) for rule, row, _ in steps]) == [True, True]


def test_an_example_that_proves_nothing_is_reported(province, runner) -> None:
    province.edit(
        PENALTY, 'bad = [{ procedure = "简易程序", fine = "0.31" }]', 'bad = [{ procedure = "简易程序", fine = "0.1" }]'
    )
    province.edit(PENALTY, 'examples = [{ penalty_kinds = "警告" }]', 'examples = [{ penalty_kinds = "罚款" }]')
    report = check(province.folder, runner)
    assert not report.ok
    assert [f.rule for f in report.faults] == ["penalty.simplified-fine-limit", "penalty.severity.minor"]
    assert "found a pass; expected a failure (bad example)" in str(report.faults[0])


def test_a_rule_that_cannot_run_is_reported_as_such(province, runner) -> None:
    province.edit(PENALTY, "fine <= 3000", "decided_on <= 3000")
    report = check(province.folder, runner)
    assert any(f.rule == "penalty.simplified-fine-limit" and "cannot be run" in f.found for f in report.faults)


def test_a_severity_step_that_cannot_run_is_found_without_examples(province, runner) -> None:
    province.edit(
        PENALTY, "list_has_any(penalty_kinds, ['吊销", "fine = decided_on OR list_has_any(penalty_kinds, ['吊销"
    )
    province.edit(PENALTY, 'examples = [{ penalty_kinds = "罚款、责令停产停业" }]', "")
    assert {f.rule for f in check(province.folder, runner).faults} >= {"penalty.severity.serious"}


def test_levels_of_an_items_own_checks(province) -> None:
    levels = '[item.levels]\nkey-duplicate = "reject"\nsource-late = "doubt"\nsubject-kind = "doubt"\n\n[record]'
    province.edit(PENALTY, "[record]", levels)
    found = {r.id: r.level for r in province.load().rules("penalty", date(2026, 11, 21))}
    assert found["penalty.key.duplicate"] == "reject"
    assert found["penalty.source.late"] == found["penalty.subject.kind"] == "doubt"
    assert found["penalty.row.repeated"] == "warn"


def test_a_field_level_required_when_may_bring_its_own_example(province, runner) -> None:
    province.edit(PENALTY, "list_contains(penalty_kinds, '罚款')\"", "list_contains(penalty_kinds, '警告')\"")
    assert any(f.rule == "penalty.fine.required_when" for f in check(province.folder, runner).faults)
    province.edit(PENALTY, "'警告')\"", '\'警告\')"\nwhen = { penalty_kinds = "警告、罚款" }')
    assert check(province.folder, runner).ok


def test_check_lists_what_is_assumed(policies) -> None:
    report = check(policies.folder)
    assert {(a.file.rpartition("/")[2], a.note) for a in report.assumptions} >= {
        ("penalty.toml", "保存期限未读到原文"),
        ("agencies.toml", "invented code of 江苏省市场监督管理局"),
    }
    assert report.counts()["items"] == 2 and report.counts()["assumptions"] == len(report.assumptions)
