"""A folder of packs as one value: versions by date, look-ups, digest, speed; a new item is a file and nothing else."""

from __future__ import annotations

import time
from datetime import date

import pytest
from pydantic import ValidationError

from chengxin.policy import UnknownPolicy, digest_of, load
from chengxin.policy.check import check
from chengxin.policy.publish import table_schema
from chengxin.policy.template import xlsx_template

PENALTY = "national/catalogue/penalty.toml"

NEW_ITEM = """
kind = "catalogue"
authority = "江苏省水利厅"
version = "1"
effective = { from = 2026-01-01 }
basis = { document = "江苏省水库管理条例", section = "第十条", assumed = true, note = "仅供测试" }

[item]
id = "water-permit"
label = "取水许可"
label_en = "Water permit"
category = "administrative-management"
subjects = ["organisation"]
nature = "neutral"
channel = ["file"]
cycle = "monthly"
disclosure = "public"
sharing = "unconditional"

[record]
subject_code = "code"
subject_name = "name"
key = ["number"]
title = "number"

[[field]]
id = "name"
label = "单位名称"
type = "name"
required = true
example = "江苏某水务有限公司"

[[field]]
id = "code"
label = "统一社会信用代码"
type = "uscc"
required = true
example = "91350100M000100Y43"

[[field]]
id = "number"
label = "许可证号"
type = "document_number"
required = true
example = "苏水许可〔2026〕1号"

[[field]]
id = "volume"
label = "年取水量（立方米）"
type = "integer"
min = 0
example = "1000"
"""


def test_a_new_item_is_a_toml_file_and_nothing_else(province, runner) -> None:
    province.write("jiangsu/water-permit.toml", NEW_ITEM)
    policies = province.load()
    on = date(2026, 11, 21)
    item = policies.item("water-permit", on)
    assert [f.label for f in item.fields] == ["单位名称", "统一社会信用代码", "许可证号", "年取水量（立方米）"]
    assert {r.id for r in policies.rules("water-permit", on)} >= {"water-permit.volume.min", "water-permit.code.uscc"}
    assert table_schema(item, policies)["primaryKey"] == ["number"]
    assert xlsx_template(item, policies, on).startswith(b"PK")
    assert check(province.folder, runner).ok


def test_two_versions_are_picked_by_date(province) -> None:
    text = (province.folder / PENALTY).read_text("utf-8")
    newer = text.replace('version = "2026.1"', 'version = "2027.1"').replace("2026-02-01", "2027-01-01")
    province.write("national/catalogue/penalty-2027.toml", newer.replace("length = 128", "length = 64"))
    province.edit(PENALTY, "effective = { from = 2026-02-01 }", "effective = { from = 2026-02-01, to = 2026-12-31 }")
    policies = province.load()
    assert [i.version for i in policies.versions("penalty")] == ["2026.1", "2027.1"]
    assert policies.item("penalty", date(2026, 12, 31)).field("document_number").length == 128
    assert policies.item("penalty", date(2027, 1, 1)).field("document_number").length == 64
    for on, limit in ((date(2026, 12, 31), "128"), (date(2027, 1, 1), "64")):
        rule = next(r for r in policies.rules("penalty", on) if r.id == "penalty.document_number.length")
        assert limit in rule.message
    with pytest.raises(UnknownPolicy, match=r"not in force on 2026-01-31: its versions hold 2026-02-01 – 2026-12-31"):
        policies.item("penalty", date(2026, 1, 31))


def test_a_rule_of_its_own_time(province) -> None:
    province.edit(
        PENALTY, 'id = "simplified-fine-limit"\n', 'id = "simplified-fine-limit"\nfrom = 2026-07-15\nto = 2026-12-31\n'
    )
    policies = province.load()
    days = (date(2026, 7, 14), date(2026, 7, 15), date(2026, 12, 31), date(2027, 1, 1))
    ids = [{r.id for r in policies.rules("penalty", day)} for day in days]
    assert ["penalty.simplified-fine-limit" in i for i in ids] == [False, True, True, False]


def test_publicity_is_picked_by_the_date_of_the_record(policies) -> None:
    old = policies.publicity("penalty", "general", date(2026, 3, 31))
    new = policies.publicity("penalty", "general", date(2026, 4, 1))
    assert (old.min_months, old.max_months, old.clock_start, old.version) == (3, 36, "decided", "58")
    assert (new.min_months, new.max_months, new.clock_start, new.version) == (3, 12, "document", "36")
    assert not policies.publicity("penalty", "minor", date(2026, 4, 1)).publish
    assert policies.publicity_pick_by("penalty") == "decided"
    for args in (
        ("penalty", "none", date(2026, 4, 1)),
        ("penalty", "minor", date(2020, 1, 1)),
        ("x", "minor", date(2026, 4, 1)),
    ):
        with pytest.raises(UnknownPolicy):
            policies.publicity(*args)


def test_look_ups(policies, today) -> None:
    assert [i.id for i in policies.items(today)] == ["penalty", "registration"]
    assert [i.id for i in policies.items(date(2020, 6, 1))] == ["registration"]
    assert policies.agency("market-regulation").may_submit("penalty")
    assert not policies.agency("market-regulation").may_submit("tax-arrears")
    assert policies.codes("penalty_kinds").lookup["1"] == "罚款"
    assert policies.codes("penalty_kinds").lookup["F"] == policies.codes("penalty_kinds").lookup["罚款"] == "罚款"
    assert policies.calendar.working_days_between(date(2026, 9, 30), date(2026, 10, 9)) == 2
    assert policies.quality(today).intake == 0.95
    assert policies.item("penalty", today).field("fine").scale == 10_000
    assert "CF_WSH" in policies.item("penalty", today).field("document_number").headings
    for ask in (
        lambda: policies.agency("nobody"),
        lambda: policies.codes("nothing"),
        lambda: policies.item("nothing", today),
        lambda: policies.rules("nothing", today),
        lambda: policies.quality(date(2000, 1, 1)),
    ):
        with pytest.raises(UnknownPolicy, match=r"nobody|nothing|no quality"):
            ask()
    with pytest.raises(KeyError, match="no field"):
        policies.item("penalty", today).field("nothing")


def test_retention_is_the_items_own_or_the_default_of_its_nature(province, today) -> None:
    head = 'kind = "retention"\nauthority = "x"\nversion = "1"\neffective = { from = 2020-01-01 }\nbasis = "x"\n'
    rows = '[[retention]]\nnature = "identity"\npermanent = true\nbasis = "x"\n'
    assert province.load().retention("registration", today) is None
    province.write("jiangsu/retention.toml", head + rows)
    policies = province.load()
    assert policies.retention("registration", today).permanent
    assert policies.retention("penalty", today).years == 5
    province.write("jiangsu/retention.toml", head + rows.replace("permanent = true", "permanent = true\nyears = 5"))
    assert "years and permanent" in province.problems()[0].found


def test_policies_cannot_be_changed(policies, today) -> None:
    with pytest.raises(ValidationError):
        policies.item("penalty", today).label = "x"
    with pytest.raises(AttributeError):
        policies.digest = "x"


def test_the_digest_names_the_rule_set(province) -> None:
    before = province.load().digest
    assert before == digest_of(province.folder) == load(province.folder).digest and len(before) == 64
    province.write("national/notes.md", "not a policy")
    assert digest_of(province.folder) == before
    province.edit("national/codes/procedures.csv", "普通程序", "普通程序 ")
    assert digest_of(province.folder) != before


def test_loading_is_fast(province) -> None:
    text = (province.folder / PENALTY).read_text("utf-8")
    for number in range(12):
        province.write(
            f"national/catalogue/copy-{number}.toml", text.replace('id = "penalty"', f'id = "copy-{number}"', 1)
        )
    province.load()
    start = time.process_time()
    policies = province.load()
    assert len(policies.compiled) == 14
    assert time.process_time() - start < 0.5
