"""Grades of the test's own making, and a day on which nothing is in the future."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from .helpers import COMING, GRADES
from .small import HEAD, small_packs


@pytest.fixture
def graded(settings: object) -> list[tuple[int, str, str, int, date]]:
    """Append (subject id, model, grade, rank, since) to grade somebody."""
    GRADES.clear()
    COMING.clear()
    settings.CHENGXIN_GRADES = "tests.supervision.helpers.grades"  # type: ignore[attr-defined]
    settings.CHENGXIN_GRADE_FORECAST = ""  # type: ignore[attr-defined]
    return GRADES


@pytest.fixture(scope="session")
def environment_packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment's packs and nothing else."""
    return small_packs(tmp_path_factory.mktemp("policies"))


@pytest.fixture(autouse=True)
def _only_the_environment(environment_packs: Path, settings: object) -> None:
    settings.POLICIES = environment_packs  # type: ignore[attr-defined]


@pytest.fixture
def policy_copy(tmp_path: Path, settings: object) -> Path:
    """A copy to change, with one pack more: judgment defaulters as a list decided elsewhere, with a measure of their own."""
    folder = small_packs(tmp_path / "policies")
    (folder / "test-court.toml").write_text(COURT, "utf-8")
    (folder / "test-court-measures.toml").write_text(COURT_MEASURES, "utf-8")
    settings.POLICIES = folder  # type: ignore[attr-defined]
    return folder


COURT = f"""kind = "lists"
id = "test-court"{HEAD}
[[list]]
id = "test-defaulters"
label = "失信被执行人（测试）"
label_en = "Defaulters"
tone = "adverse"
effect = "serious"
department = "court"
competence = "法院"
competence_en = "Courts"
public = true
basis = [{{ document = "民事诉讼法", section = "第二百六十六条", rank = "law" }}]
mirrors = {{ items = "judgment-defaulter", where = "coalesce(removed, '否') <> '是'" }}
term = {{ open_ended = true }}
remedy = "向法院提出异议"
remedy_en = "Object to the court"
[[list.criterion]]
id = "court"
label = "法院决定"
label_en = "The court decided"
[list.exit]
text = "履行后由法院移出"
text_en = "Removed by the court"
"""
COURT_MEASURES = f"""kind = "measures"
id = "test-court-measures"
label = "测试"
label_en = "Test"{HEAD}
[[measure]]
id = "test-bidding-bar"
label = "限制投标"
label_en = "No tendering"
answer = "must-refuse"
entry = "bidding-bar"
matters = ["bidding"]
body = "招标投标行政监督部门"
agencies = ["court"]
basis = "招标投标法"
association = "履约能力"
association_en = "Ability to perform"
proportionality = "移出即止"
proportionality_en = "Ends with removal"
respond_within = 5
lift_within = 3
[[measure.target]]
lists = "test-defaulters"
"""
