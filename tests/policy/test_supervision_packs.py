"""Lists, measures, inspection and alerts that lack a basis, a step or a name are refused with file, line and what is due.

R-169, R-187, G-02, G-03, G-13: each case changes one thing of a sound department's packs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chengxin.paths import repo_root
from chengxin.policy import PolicyError, load
from chengxin.policy.lists import Lists
from chengxin.policy.measures import Measures

ROOT = repo_root() or Path.cwd()
FOLDER = "departments/ecology-environment"
NATIONAL = ("codes", "forbidden.toml", "measures.toml", "inspection-record.toml")
ITEMS = ("penalty", "licence", "commitment", "inspection")
AGENCY = """kind = "agencies"
authority = "test"
version = "1"
effective = { from = 2026-01-01 }
basis = "test"
[[agency]]
id = "ecology-environment"
name = "江苏省生态环境厅"
name_en = "Ecology"
code = "11320000QX26G009XF"
region = "320000"
"""

SERVED = 'kind = "service"\n\n[[list.step]]\nkind = "publication"'
PERSON = 'subjects = ["natural_person"]\n'
MINIMUM = '[minimum]\nratio = 0.03\nbasis = "法"\n\n'
FALLING = '[[alert]]\nid = "environment-grade-falling"'
TERM = """[[alert]]
id = "environment-verification-due"
label = "核实期限将到"
label_en = "The term is about to end"
weight = "reminder"
verification = { models = ["ecology-environment"], within_days = 3 }
tell = ["department"]
department = "ecology-environment"
text = "{model}：{count} 个结果等「{step}」到 {date}，还有 {days} 天"
text_en = "{model}: {count} results wait for {step} until {date}, {days} days"
basis = "试验"

"""
WRONG = [
    # what a list may rest on, and what it must not skip
    ("lists", 'rank = "law"', 'rank = "ministry-rule"', "a serious list on ministry-rule", "law, administrative-regulation"),
    ("lists", 'kind = "notice"\nworking_days = 5', 'kind = "notice"', "working_days = None", "`working_days`"),
    ("lists", '[[list.step]]\nkind = "service"\n', "", "steps without service", "R-170, G-05"),
    ("lists", '[[list.step]]\nkind = "review"\nby = "省生态环境厅法规处"\n', "", "steps without review", "a serious list needs"),
    ("lists", SERVED, SERVED.replace("service", "x").replace("publication", "service").replace("x", "publication"),
     "publication before service", "service first"),
    ("lists", '[[list.step]]\nkind = "publication"\n', "", "publication", "publication"),
    ("lists", "public = false", PERSON + 'derived_from = "organisation"\npublic = false', "derived from", "[list.extension]"),
    ("lists", "public = false", PERSON + "public = true", "natural persons on a public list", "never public"),
    ("lists", 'effect = "attention"', 'effect = "favour"', "favour with tone adverse", "favourable"),
    ("lists", "term = { months = 12 }", "term = { open_ended = true }", "nobody ever leaves", "term in months"),
    ("lists", 'severity = "serious", months', 'severty = "serious", months', "`severty`", "`severity`, perhaps"),
    ("lists", "contains(authority_name", "contains(authority_nam", 'authority_nam', "a field of the item"),
    ("lists", "'违反承诺'", "'违约承诺'", "'违约承诺' for state", "违反承诺"),
    ("lists", 'items = "penalty"', 'items = "penalties"', "'penalties'", "items of the catalogue"),
    ("lists", 'department = "ecology-environment"', 'department = "ecology"', "'ecology'", "an agency"),
    ("lists", 'in = "green"', 'in = "pink"', "'pink'", "black, blue, green"),
    # what a measure must name
    ("measures", 'entry = "fiscal-limit"\n', "", "entry = None", "fiscal-limit"),
    ("measures", 'lists = "environmental-violators"', 'lists = "ecology-service-attention"', "must-refuse for", "nothing harder"),
    ("measures", 'association = "资金用于支持守法治污，环境违法直接违背资金设立的目的"\n', "", "nothing", "`association`"),
    ("measures", 'proportionality = "只在名单期内', 'note = "', "nothing", "`proportionality`"),
    ("measures", 'agencies = ["ecology-environment"]\n', "", "nothing", "`agencies`"),
    ("measures", 'matters = ["environment-funds"]', "matters = []", "", "at least one"),
    ("measures", 'matters = ["environment-funds"]', 'matters = ["gossip"]', "'gossip'", "[[matter]]"),
    ("measures", 'answer = "must-refuse"', 'answer = "must-shame"', "'must-shame'", "must-refuse"),
    ("measures", "respond_within = 5", 'subjects = ["natural_person"]\nrespond_within = 5', "natural persons", "organisations"),
    # how often whom to inspect
    ("inspection", "ratio = 0.5", "ratio = 1.5", "1.5", "1"),
    ("inspection", "at_most = 1", "at_most = 1\nat_least = 2", "at_least = 2", "at most at_most = 1"),
    ("inspection", "[inspectors]", MINIMUM + "[inspectors]", "ratio = 0.01", "statutory minimum 0.03"),
    ("inspection", 'id = "red"', 'id = "green"', "'green'", "each class once"),
    ("inspection", "together = 2", "together = 1", "1", "2"),
    # what an alert may say
    ("alerts", "还有 {days} 天，请", "还有 {dys} 天，请", "{dys}", "{days}"),
    ("alerts", 'date = "due_on"', 'date = "due"', "'due'", "due_on"),
    ("alerts", 'tell = ["subject"]', 'tell = ["subject"]\nsubjects = ["natural_person"]', "natural persons", "organisations"),
    ("alerts", FALLING, TERM.replace('["department"]', '["subject"]') + FALLING, "about no subject in particular to subject",
     'tell = ["department"]'),
    ("alerts", FALLING, TERM.replace("= 3", "= 3, late_days = 1") + FALLING, "both or none", "one of"),
    ("alerts", FALLING, TERM.replace("{model}：", "{name}：") + FALLING, "{name}", "{model}"),
    ("alerts", FALLING, TERM + FALLING, "no such term runs", "`working_days`"),
    ("alerts", FALLING, TERM.replace('["ecology-environment"]', '["ecology"]') + FALLING, "'ecology'", "a model of"),
]  # fmt: skip


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One department's packs, with what they refer to and no more: a folder that loads quickly."""
    folder, shipped = tmp_path_factory.mktemp("packs"), ROOT / "policies"
    shutil.copytree(ROOT / "tests" / "supervision" / "packs", folder / FOLDER)
    wanted = [shipped / "national" / name for name in NATIONAL] + list((shipped / "national").glob("disclosure-*.toml"))
    for source in [*wanted, *(shipped / "national" / "catalogue" / f"{item}.toml" for item in ITEMS)]:
        target = folder / source.relative_to(shipped)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    (folder / "agencies.toml").write_text(AGENCY, "utf-8")
    return folder


@contextmanager
def changed(file: Path, old: str, new: str) -> Iterator[None]:
    """The file with one text replaced, as long as the context lasts."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    try:
        yield
    finally:
        file.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "found", "expected"), WRONG, ids=[f"{w[0]} {w[2][:30]!r}" for w in WRONG]
)
def test_what_lacks_a_safeguard_does_not_load(
    packs: Path, file: str, old: str, new: str, found: str, expected: str
) -> None:
    with changed(packs / FOLDER / f"{file}.toml", old, new), pytest.raises(PolicyError) as refused:
        load(packs)
    problems = [p for p in refused.value.problems if p.file == f"{FOLDER}/{file}.toml" and p.line]
    told = "\n".join(map(str, refused.value.problems))
    assert any(found in p.found and expected in p.expected for p in problems), told


def test_one_broken_file_is_not_told_by_all_that_refer_to_it(packs: Path) -> None:
    with changed(packs / FOLDER / "lists.toml", 'rank = "law"', 'rank = "plan"'), pytest.raises(PolicyError) as refused:
        load(packs)
    assert {p.file for p in refused.value.problems} == {f"{FOLDER}/lists.toml"}


def test_an_extension_to_people_needs_a_law_of_its_own(packs: Path) -> None:
    """A serious list whose law extends it (wage regulations art. 48) may say so; a plan may not (design.md section 8)."""
    law = '[list.extension]\nto = ["法定代表人"]\nbasis = {{ document = "条例", rank = "{}" }}\n\n[list.exit]'
    path = packs / FOLDER / "lists.toml"
    with changed(path, "[list.exit]", law.format("administrative-regulation")):
        assert load(packs).of(Lists)[0].lists[0].extension
    with (
        changed(path, "[list.exit]", law.format("plan")),
        pytest.raises(PolicyError, match="an extension without a law"),
    ):
        load(packs)


def test_every_shipped_list_and_measure_can_say_why_and_how_to_leave() -> None:
    """G-02, G-03, G-07: over all departments' packs as they are."""
    shipped = load(ROOT / "policies")
    for pack in shipped.of(Lists):
        for entry in pack.lists:
            assert entry.remedy and entry.remedy_en and entry.exit.text and entry.competence
            assert entry.mirrors is not None or entry.steps[0].kind == "proposal"
    entries = {e.id for pack in shipped.of(Measures) for e in pack.entries}
    for pack in shipped.of(Measures):
        for measure in pack.measures:
            assert measure.basis and measure.association and measure.proportionality and measure.matters
            assert measure.entry is None or measure.entry in entries


def test_the_way_out_of_a_grade_stands_in_the_packs(packs: Path) -> None:
    """G-05, R-180: whoever declares answers that a grade may carry says how a subject gets out of it, in both languages."""
    file = packs / "national" / "measures.toml"
    (said,) = [p.by_grade for p in load(packs).of(Measures) if p.by_grade]
    assert "等级变好后" in said.exit and "复核" in said.remedy and said.exit_en and said.remedy_en
    text = file.read_text("utf-8")
    table = text[text.index("[by_grade]") : text.index("[[answer]]")]
    with changed(file, table, ""), pytest.raises(PolicyError, match="no way out of it") as refused:
        load(packs)
    assert {p.file for p in refused.value.problems} == {"national/measures.toml"}
