"""Report templates as packs: what is not safe does not load (F-08, G-13, design.md section 4)."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from chengxin.paths import repo_root
from chengxin.policy import Policies, PolicyError, load
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.reports import Report, template, templates

PACKS = Path(__file__).parent / "packs"
ON = date(2026, 11, 21)
FOLDER = (repo_root() or Path()) / "policies"

GOOD = """
kind = "report"
id = "short"
authority = "江苏省公共信用信息中心"
version = "1"
effective = { from = 2026-02-01 }
basis = { document = "试验" }
label = "短报告"
label_en = "Short report"
word = "DB"
issuer = "中心"
issuer_en = "Centre"
subjects = ["organisation"]
for = ["subject"]
audience = "authorised"
standings = ["active"]
valid_days = 30

[[chapter]]
id = "penalties"
label = "行政处罚信息"
label_en = "Penalties"
empty = "没有"
empty_en = "none"

[[chapter.part]]
item = "penalty"
fields = ["document_number"]

[[statement]]
title = "说明"
title_en = "Note"
text = "文字"
text_en = "Text"
"""

WRONG = [
    ('audience = "authorised"', 'audience = "everybody"', "everybody"),
    ('standings = ["active"]', 'standings = ["active", "repaired"]', 'audience = "self"'),
    ('audience = "authorised"\nstandings = ["active"]', 'audience = "self"\nstandings = ["repaired"]', "[[mark]]"),
    ('subjects = ["organisation"]', 'subjects = ["organisation", "natural_person"]', "a template of their own"),
    ('subjects = ["organisation"]\nfor = ["subject"]\naudience = "authorised"',
     'subjects = ["natural_person"]\nfor = ["subject"]\naudience = "public"', "natural persons are never public"),
    ('subjects = ["organisation"]\nfor = ["subject"]', 'subjects = ["natural_person"]\nfor = ["duty"]', "authorisation"),
    ('subjects = ["organisation"]\nfor = ["subject"]',
     'mask_personal = false\nsubjects = ["natural_person"]\nfor = ["subject"]', "mask_personal = true"),
    ('item = "penalty"', 'item = "gossip"', "an item of the catalogue"),
    ('fields = ["document_number"]', 'fields = ["representative_id"]', "kept fields"),
    ('word = "DB"', 'word = "短"', "word"),
    ("valid_days = 30", "valid_days = 0", "greater than 0"),
    ('basis = { document = "试验" }\n', "", "basis"),
    ('[[statement]]\ntitle = "说明"\ntitle_en = "Note"\ntext = "文字"\ntext_en = "Text"\n', "", "statement"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Policies:
    return load(FOLDER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(PACKS, tmp_path / "packs")


def loaded(folder: Path, text: str, *more: str) -> Policies:
    for n, content in enumerate((text, *more)):
        (folder / "national" / f"report-{n}.toml").write_text(content, "utf-8")
    return load(folder)


def test_every_version_that_was_asked_for_is_shipped(shipped) -> None:
    """Issue 5, section 3: full, concise, certificate, natural person, industry and occupation, review sheet."""
    found = {t.id: t for t in templates(shipped, ON)}
    assert set(found) >= {
        "full", "concise", "certificate", "natural-person", "industry", "occupation", "credit-review"
    }  # fmt: skip
    assert found["certificate"].choices and found["certificate"].choices.max_months == 60
    assert {m.standing for m in found["certificate"].marks} >= {"repaired"}
    people = [t for t in found.values() if "natural_person" in t.subjects]
    assert people and all(t.subjects == ("natural_person",) and "duty" not in t.askers for t in people)
    assert all(not c.empty.isspace() and c.empty_en for t in found.values() for c in t.chapters)
    told = {a.file for a in shipped.assumptions}
    assert {shipped.file_of(t) for t in found.values()} <= told, "what was not read in the papers says so"


def test_a_template_is_taken_by_its_day(folder: Path) -> None:
    old = GOOD.replace("from = 2026-02-01", "from = 2025-01-01, to = 2026-01-31").replace(
        'version = "1"', 'version = "0"'
    )
    packs = loaded(folder, GOOD, old)
    assert [template(packs, "short", d).version for d in (date(2026, 1, 31), date(2026, 2, 1))] == ["0", "1"]
    with pytest.raises(UnknownPolicy, match="short"):
        template(packs, "long", ON)


@pytest.mark.parametrize(("before", "after", "said"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_what_is_not_safe_does_not_load(folder: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(PolicyError) as refused:
        loaded(folder, GOOD.replace(before, after))
    assert any("report-0.toml" in p.file and said in str(p) for p in refused.value.problems), refused.value


def test_two_templates_for_one_day_or_with_one_word_do_not_load(folder: Path) -> None:
    with pytest.raises(PolicyError, match="a second template 'short'"):
        loaded(folder, GOOD, GOOD)
    with pytest.raises(PolicyError, match="a word of its own"):
        loaded(folder, GOOD, GOOD.replace('id = "short"', 'id = "other"'))


def test_items_of_a_template_are_named_once(folder: Path) -> None:
    (found,) = loaded(folder, GOOD).of(Report)
    assert found.items == ("penalty",)
