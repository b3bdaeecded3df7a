"""An evaluation model that is wrong does not load, and says where and why (R-144, R-145, G-13, G-17)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chengxin.paths import repo_root
from chengxin.policy import Policies, PolicyError, load
from chengxin.policy.check import Graded, check
from chengxin.policy.evaluation import Evaluation, model_of
from chengxin.policy.evaluation_check import compiled_model, read_model
from chengxin.policy.policies import UnknownPolicy

ROOT = (repo_root() or Path()) / "policies"
PACK = ROOT / "departments" / "ecology-environment" / "evaluation.toml"
TEXT = PACK.read_text("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The common catalogue and one model: what a department would start from."""
    folder = tmp_path_factory.mktemp("packs") / "policies"
    for part in ("national/catalogue", "national/codes"):
        shutil.copytree(ROOT / part, folder / part)
    for file in [*(ROOT / "national").glob("disclosure*.toml"), ROOT / "national" / "forbidden.toml"]:
        shutil.copy(file, folder / "national" / file.name)
    shutil.copy(PACK, folder / "evaluation.toml")
    return folder


@pytest.fixture(scope="module")
def packs(folder) -> Policies:
    return load(folder)


def line(text: str, wanted: str, nth: int = 1) -> int:
    rows = [n for n, row in enumerate(text.splitlines(), 1) if wanted in row]
    return rows[nth - 1]


FAULTS = [
    # what is written, instead of what, what is blamed, what is said to be expected
    ('aggregate = "counts"', 'aggregate = "count"', "'counts'", "'exists'"),
    ('items = ["inspections"]', 'items = ["inspection"]', "the item 'inspections'", "inspection"),
    ("severity = 'mild'", "severity = 'minor'", "'mild' for severity", "minor"),
    ("state in ('在履行'", "state in ('履行中'", "'在履行' for state", "履行中"),
    ("contains(handlung,", "contains(handling,", "the column handlung", "handling"),
    ('when = "crime > 0"', 'when = "crimes > 0"', "the column crime", "crimes"),
    ("at_least = 16", "at_least = 6", "at_least = 16", "at most 11"),
    ('group = "bad"', 'group = "good"', "the group 'bad'", "good"),
    ('grade = "brown"', 'grade = "black"', "the grade 'brown'", "green"),
    ("floor = 4\nceiling = 3", "floor = -3", "floor = 4", "at most ceiling"),
    ("points = -1\nsteps = [{ at_least = 1, points = -2 }]", "points = -1", "points and steps", "one of points"),
    ("steps = [{ at_least = 1, points = 1 }, { at_least = 0, points = 0 }]",
     "steps = [{ at_least = 0, points = 1 }, { at_least = 1, points = 0 }]", "out of order", "rising"),
    ('value = "fine_amount"\npoints = -1', "points = -1", "value with count", "sum"),
    ("within = { months = 12, days = 3 }", "within = { months = 12 }", "no length, or two", "exactly one"),
    ('by = "handling"\nwithin', "within", "by = 'handling'", "a date"),
    ('subjects = ["natural_person"]', 'subjects = ["organisation", "individual_business"]', "natural persons", "occupation"),
    ('nature = "risk"\nlabel', "label", "a risk class for public", "internal"),
    ('state = "在履行"', 'state = "履行中"', "'在履行' for state", "a label"),
    ("outside = true\ngrade = \"blue\"", "outside = true", "both", "outside"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "right", "found", "expected"), FAULTS, ids=[f[2] for f in FAULTS])
def test_a_wrong_model_is_named_by_line_found_and_expected(packs, tmp_path, wrong, right, found, expected) -> None:
    assert right in TEXT
    file = tmp_path / "model.toml"
    file.write_text(TEXT.replace(right, wrong, 1), "utf-8")
    with pytest.raises(PolicyError) as caught:
        read_model(file, packs)
    problem = caught.value.problems[0]
    assert problem.line > 1 and found in problem.found and expected in problem.expected


def test_the_line_is_that_of_the_fault(packs, tmp_path) -> None:
    text = TEXT.replace("severity = 'general'", "severity = 'broad'")
    file = tmp_path / "model.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(PolicyError) as caught:
        read_model(file, packs)
    assert caught.value.line == line(text, "severity = 'broad'")


def test_persons_only_by_an_occupation_and_never_in_public(packs, tmp_path) -> None:
    """No score of people, but for practising certificates with a legal basis (R-255 is out of scope, G-13)."""
    occupation = '[occupation]\nlabel = "环评工程师"\ncertificate = "职业资格证书"\nbasis = "环境影响评价法"\n\n'
    text = TEXT.replace('["organisation", "individual_business"]', '["natural_person"]').replace(
        "[publication]", f"{occupation}[publication]"
    )
    file = tmp_path / "model.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(PolicyError, match="public grades of persons"):
        read_model(file, packs)
    file.write_text(text.replace('audience = "public"', 'audience = "internal"'), "utf-8")
    assert read_model(file, packs).occupation is not None


def test_without_competence_it_is_a_draft(packs, tmp_path) -> None:
    start, end = TEXT.index("[competence]"), TEXT.index("[publication]")
    file = tmp_path / "model.toml"
    file.write_text(TEXT[:start] + TEXT[end:], "utf-8")
    assert read_model(file, packs).draft and not read_model(PACK, packs).draft


def test_two_versions_for_one_day_and_a_version_by_its_day(folder) -> None:
    second = folder / "newer.toml"
    newer = TEXT.replace('version = "2026.1"', 'version = "2027.1"')
    try:
        second.write_text(newer.replace("from = 2020-01-01", "from = 2027-01-01"), "utf-8")
        with pytest.raises(PolicyError, match="give the older one `to`"):
            load(folder)
        (folder / "evaluation.toml").write_text(
            TEXT.replace("{ from = 2020-01-01 }", "{ from = 2020-01-01, to = 2026-12-31 }"), "utf-8"
        )
        packs = load(folder)
        found = [model_of(packs, "ecology-environment", day).version for day in _days("2026-12-31", "2027-01-01")]
        assert found == ["2026.1", "2027.1"]
        with pytest.raises(UnknownPolicy, match="not in force"):
            model_of(packs, "ecology-environment", _days("2019-01-01")[0])
        with pytest.raises(UnknownPolicy, match="there are ecology-environment"):
            model_of(packs, "nothing", _days("2026-01-01")[0])
    finally:
        second.unlink(missing_ok=True)
        (folder / "evaluation.toml").write_text(TEXT, "utf-8")


def _days(*texts: str) -> list:
    from datetime import date

    return [date.fromisoformat(t) for t in texts]


def test_an_example_that_does_not_get_its_grade_is_a_fault_of_the_pack(folder) -> None:
    def kind(_packs: Policies, model: Evaluation) -> list[Graded | None]:
        return [Graded("blue", e.score or 0, {}) if e.grade else None for e in model.examples]

    faults = check(folder, grader=kind).faults
    assert {f.row["example"] for f in faults if "the grade" in f.expected} == {
        e.title for e in check(folder).policies.of(Evaluation)[0].examples if e.grade and e.grade != "blue"
    }


def test_what_is_assumed_is_listed(packs) -> None:
    """Whatever the papers leave open is marked, with where it comes from (issue 3, part 3)."""
    notes = [a for a in packs.assumptions if a.file == "evaluation.toml"]
    assert {"indicator penalties", "competence"} <= {a.where for a in notes} and all(a.note for a in notes)


def test_every_text_that_runs_is_written_anew(packs) -> None:
    compiled = compiled_model(model_of(packs, "ecology-environment", _days("2026-11-21")[0]), packs)
    assert (
        compiled.text("indicator", 0, "where") == "contains(\"authority_name\", '生态环境') AND \"severity\" = 'minor'"
    )
    assert compiled.days["commitment"] == ("signed_on", "due_on")
