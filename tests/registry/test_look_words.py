"""Purposes of looks: stored in Chinese on the day, read in the reader's language (R-093, R-333)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import override

from chengxin.cases import looking as cases
from chengxin.collection import doubts
from chengxin.evaluation import looking as evaluation
from chengxin.policy.procedures import Procedure
from chengxin.registry import look_words
from chengxin.registry.packs import policies
from chengxin.reports import looking as reports
from chengxin.supervision import looking as supervision


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two messages that the catalogue has in English."""
    known = {"查看评价说明": "Reading why a grade was given", "：": ": "}
    monkeypatch.setattr(look_words, "_", lambda text: known.get(text, text))


@pytest.mark.usefixtures("messages")
def test_a_purpose_is_read_in_the_readers_language_and_what_a_person_wrote_stays() -> None:
    repair = next(p for p in policies().of(Procedure) if p.serves == "repair")
    paper = repair.materials[0]
    stored = {
        "查看评价说明": "Reading why a grade was given",
        f"{repair.label}：{paper.label}": f"{repair.label_en}: {paper.label_en}",
        "申请贷款：二期": "申请贷款：二期",
        "": "",
    }
    with override("en"):
        said = look_words.purposes()
        assert {purpose: said(purpose) for purpose in stored} == stored
    with override("zh-hans"):
        said = look_words.purposes()
        assert all(said(purpose) == purpose for purpose in stored)


def test_the_purposes_of_the_platform_are_marked_for_translation() -> None:
    """Each constant stands in a gettext_noop, or nobody would be asked for its English."""

    constants = {
        cases: ("REPAIR", "QUEUE"), doubts: ("PURPOSE",), reports: ("TAKEN",),
        evaluation: ("PURPOSE", "ROSTER", "EXPORT", "VERIFIED", "SIMULATED"),
        supervision: ("LISTINGS", "CANDIDATES", "MEASURES", "EFFECTS", "ALERTS", "INSPECTIONS"),
    }  # fmt: skip
    for module, names in constants.items():
        text = Path(str(module.__file__)).read_text("utf-8")
        for name in names:
            value = getattr(module, name)
            assert f'_noop("{value}")' in text or f'_("{value}")' in text, (module.__name__, name)
