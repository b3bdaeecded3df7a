"""An item takes natural persons only for an occupation, sealed, with a term and never public (G-13, S-17, R-256, R-264)."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.engine.session import open_session
from chengxin.policy import PolicyError, load
from chengxin.policy.constraints import of_item
from chengxin.policy.policies import Policies
from chengxin.standards.citizen_id import citizen_id_check_character, is_minor

from ..conftest import REPO

FILE = "jiangsu/catalogue/practitioner.toml"

# text to change, its replacement, text on the line named, words of `found`, words of `expected`
WRONG = [
    ('disclosure = "not_public"', 'disclosure = "public"', "", "sealed with disclosure public", "shared"),
    ('sharing = "none"', 'sharing = "conditional"', "sharing", "of persons", "none"),
    ('subjects = ["natural_person"]', 'subjects = ["natural_person", "organisation"]', "subjects", "beside", "of their own"),
    ('subjects = ["natural_person"]', 'subjects = ["organisation"]', "", "[occupation] without", "natural_person"),
    ('group = "occupation"', 'group = "legal_basis"', "group", "legal_basis", "type code"),
    ("minimum_age = 18", "minimum_age = 8", "minimum_age", "8", "14"),
    ("minimum_age = 18\n", "", "", "nothing", "`minimum_age`"),
    ('years = 5, from = "decided_on", then = "delete"', 'permanent = true, then = "delete"', "retention", "no end", "ends"),
    ('then = "delete"', 'then = "archive"', "retention", "no end", "delete"),
    ('from = "decided_on", then', 'from = "entered", then', "retention", "entered", "type date"),
    ('type = "citizen_id"\nrequired = true\nsealed = true', 'type = "citizen_id"\nrequired = true', "", "in the open", "sealed"),
    ('sealed = true\nmask = "name"', 'sealed = true', "sealed", "without mask", "`mask`"),
    ('length = 60\nsealed = true\nmask = "id"', 'length = 60\nmask = "id"', "", "in the open", "sealed"),
    ('title = "conduct"', 'title = "certificate_number"', "title", "sealed", "open field"),
    ('identifiers = { citizen_id = "id_number" }', 'subject_code = "organisation_code"', "", "another way", "citizen_id"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(REPO / "policies", tmp_path / "policies")
    return tmp_path / "policies"


@pytest.mark.parametrize(("old", "new", "at", "found", "expected"), WRONG, ids=[f"{w[1][:40]!r}" for w in WRONG])
def test_what_would_expose_a_person_does_not_load(folder, old, new, at, found, expected) -> None:
    file = folder / FILE
    text = file.read_text("utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(PolicyError) as refused:
        load(folder)
    rows = file.read_text("utf-8").splitlines()
    named = [p for p in refused.value.problems if p.file == FILE and p.line and at in rows[p.line - 1]]
    assert any(found in p.found and expected in p.expected for p in named), "\n".join(map(str, refused.value.problems))


def test_persons_without_an_occupation_do_not_load(folder: Path) -> None:
    file = folder / FILE
    head, _, rest = file.read_text("utf-8").partition("[occupation]")
    file.write_text(head + rest[rest.index("[record]") :], "utf-8")
    with pytest.raises(PolicyError, match=r"only with \[occupation\]"):
        load(folder)


@pytest.fixture(scope="module")
def minor_test() -> str:
    packs: Policies = load(REPO / "policies")
    item = packs.item("practitioner", date(2026, 11, 21))
    return next(d.test for d in of_item(item, packs.tables) if d.id == "subject.minor")


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.dates(date(2005, 1, 1), date(2049, 12, 31)))
def test_the_rule_about_minors_is_that_of_the_standards(minor_test: str, born: date, day: date) -> None:
    """R-264: one reading of the birthday, also of one born on 29 February, in the rule's SQL and in `standards`."""
    body = f"990101{born:%Y%m%d}123"
    number = body + citizen_id_check_character(body)
    with open_session() as con:
        asked = f"SELECT {minor_test} FROM (SELECT '{number}' AS id_number_text, DATE '{day}' AS reported_on)"
        (passes,) = con.execute(asked).fetchone()  # type: ignore[misc]
    assert passes is not is_minor(number, day)
