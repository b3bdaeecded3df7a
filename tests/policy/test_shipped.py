"""The packs that are shipped: they load, every rule proves itself, nothing forbidden, nobody's person data in the open."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import frictionless
import openpyxl
import pytest

from chengxin.paths import repo_root
from chengxin.policy import Policies, digest_of, load
from chengxin.policy.check import Run, examples_of
from chengxin.policy.forbidden import squeezed
from chengxin.policy.publish import data_package
from chengxin.policy.queries import Queries
from chengxin.policy.template import xlsx_template

ON = date(2026, 11, 21)
FOLDER = (repo_root() or Path()) / "policies"
ITEMS = sorted({file.stem for file in FOLDER.glob("**/catalogue/*.toml")})
"""Every item that is shipped, by the name of its file, so that none is left out and each is a test of its own."""
ONE_OF_TWO = {"civil-grade": ("elderly_grade",)}
"""Fields that must be empty where another one is filled: each needs an example, and no row may have both."""
REAL_HEADINGS = {
    "registration": "企业名称,统一社会信用代码,注册日期,企业类型,注册资金,经营范围,所在省份,地区,注册地址",
    "tax-arrears": "纳税人名称,纳税人识别号,欠税税种,欠税余额,公告机关,期次",
    "penalty": "CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_XDR_GSZC,CF_XDR_ZZJG,CF_XDR_SWDJ,CF_XDR_SYDW,CF_XDR_SHZZ,CF_FRDB,CF_FDDB,"
    "CF_FR_ZJLX,CF_FR_SFZH,CF_FR_ZJHM,CF_XDR_ZJLX,CF_XDR_ZJHM,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,CF_NR_FK,CF_NR_WFFF,"
    "CF_NR_ZKDX,CF_JDRQ,CF_YXQ,CF_GSJZQ,CF_CFJG,CF_CFJGDM,CF_SJLY,CF_SJLYDM,BZ,CF_CFMC,CF_CFLB1,CF_XDR_ZDM,CF_XDR_GSDJ,CF_FR,"
    "CF_XZJG",
    "licence": "XK_XDR_MC,XK_XDR_LB,XK_XDR_SHXYM,XK_XDR_GSZC,XK_FRDB,XK_FDDB,XK_FR_SFZH,XK_XDR_ZJHM,XK_XKWS,XK_WSH,XK_XKLB,"
    "XK_XKZS,XK_XKBH,XK_NR,XK_JDRQ,XK_YXQZ,XK_YXQZI,XK_XKJG,XK_XKJGDM,XK_ZT,XK_LYDW,XK_LYDWDM,BZ,XK_XMMC,XK_XDR",
}  # fmt: skip
PERSONAL = ("CF_FR_ZJLX", "CF_FR_SFZH", "CF_FR_ZJHM", "CF_XDR_ZJLX", "CF_XDR_ZJHM", "XK_FR_SFZH", "XK_XDR_ZJHM")


@pytest.fixture(scope="module")
def shipped() -> Policies:
    return load(FOLDER)


@pytest.fixture(scope="module")
def run(shipped, runner) -> Run:
    """Runs rules of the shipped packs."""
    return runner(shipped)


def test_all_items_are_there(shipped) -> None:
    assert {i.id for i in shipped.items(ON)} == set(ITEMS) and len(ITEMS) > 50
    assert shipped.digest == digest_of(FOLDER)


@pytest.mark.parametrize("item", ITEMS)
def test_every_rule_proves_itself(shipped, run, item) -> None:
    for compiled in (c for c in shipped.compiled if c.item.id == item):
        examples = list(examples_of(compiled))
        answers = run(compiled.item, [(rule, row) for rule, row, _ in examples])
        for (rule, row, passes), answer in zip(examples, answers, strict=True):
            assert not isinstance(answer, Exception), (rule.id, answer)
            assert passes is None or (answer is not False) == passes, (rule.id, row)


@pytest.mark.parametrize("item", ITEMS)
def test_an_items_own_examples_make_a_row_without_fault(shipped, run, item) -> None:
    """Whoever copies the example row of the template is not sent away."""
    found = shipped.item(item, ON)
    row = {f.id: f.example or "" for f in found.kept_fields if f.id not in ONE_OF_TWO.get(item, ())}
    rules = [r for r in shipped.rules(item, ON) if r.test and r.kind != "source.late"]
    answers = run(found, [(rule, row) for rule in rules])
    assert [rule.id for rule, answer in zip(rules, answers, strict=True) if answer is False] == []


@pytest.mark.parametrize("item", sorted(REAL_HEADINGS))
def test_headings_met_in_real_files_are_known(shipped, item) -> None:
    found = shipped.item(item, ON)
    known = {squeezed(h) for f in found.fields for h in (f.id, *f.headings)}
    assert [h for h in REAL_HEADINGS[item].split(",") if squeezed(h) not in known] == []


def test_personal_columns_are_recognised_and_dropped(shipped) -> None:
    kept = {code for item in shipped.items(ON) for f in item.kept_fields for code in f.codes}
    assert kept.isdisjoint(PERSONAL)


def test_natural_persons_are_never_public(shipped) -> None:
    for item in shipped.items(ON):
        assert "natural_person" not in item.subjects or item.disclosure == "not_public", item.id
        for field in item.fields:
            assert field.type != "citizen_id" or field.disclosure != "public", (item.id, field.id)


def test_one_fen_survives_in_columns_of_ten_thousand_yuan(shipped) -> None:
    assert any(f.unit == "wan" for f in shipped.item("penalty", ON).fields)


def test_every_item_has_somebody_to_submit_it(shipped) -> None:
    submitted = {duty.id for agency in shipped.agencies for duty in agency.items}
    assert set(ITEMS) <= submitted


def test_publicity_has_two_versions(shipped) -> None:
    old, new = (shipped.publicity("penalty", "general", day) for day in (date(2026, 3, 31), date(2026, 4, 1)))
    assert (old.max_months, new.max_months) == (36, 12)
    assert not shipped.publicity("penalty", "minor", date(2026, 4, 1)).publish


def test_the_national_calendar_covers_this_year(shipped) -> None:
    assert shipped.calendar.last_year >= ON.year


def test_the_catalogue_can_be_published(shipped) -> None:
    assert list(frictionless.Package.metadata_validate(data_package(shipped, ON))) == []


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_has_a_template(shipped, item) -> None:
    found = shipped.item(item, ON)
    book = openpyxl.load_workbook(io.BytesIO(xlsx_template(found, shipped, ON)))
    assert len([c for c in book["数据"][1] if c.value]) == len(found.kept_fields)


def test_real_registrations_of_jiangsu_have_the_columns_they_need(shipped, shared_data) -> None:
    folder = shared_data / "jiangsu-enterprises"
    files = sorted(folder.glob("*_dev.csv"))
    assert files
    known = {squeezed(h): f for f in shipped.item("registration", ON).fields for h in (f.id, *f.headings)}
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            header = next(csv.reader(handle))
        matched = {known[squeezed(h)].id for h in header if squeezed(h) in known}
        required = {f.id for f in shipped.item("registration", ON).fields if f.required}
        assert required <= matched, (file.name, header)


def test_persons_are_taken_in_for_their_occupation_only_and_for_a_term(shipped: Policies) -> None:
    """G-13, S-17, R-256, R-257: two items, each with an occupation of the 23 groups, a legal basis and an end."""
    personal = {item.id: item for item in shipped.items(ON) if item.personal}
    assert personal.keys() == {"practitioner", "practice-ban"}
    assert len(shipped.codes("occupations").rows) == 23
    for item in personal.values():
        assert item.occupation is not None and item.occupation.basis and item.retention is not None
        assert item.field(item.occupation.group).table == "occupations" and not item.retention.permanent
        assert {f.id for f in item.kept_fields if f.personal} <= {f.id for f in item.sealed_fields}
        assert f"{item.id}.subject.minor" in {r.id for r in shipped.rules(item.id, ON)}
        senders = {a.id for a in shipped.agencies if a.may_submit(item.id)}
        assert senders == {"health", "agriculture", "housing-construction"}


def test_only_matters_that_name_them_open_items_about_persons(shipped: Policies) -> None:
    """A general matter is no ground to look at a person; the packs name the items for exactly one."""
    matters = {m.id for q in shipped.of(Queries) for m in q.matters if {"practitioner", "practice-ban"} & set(m.items)}
    assert matters == {"practice-supervision"}
